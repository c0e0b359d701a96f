/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

#define MAC "52:54:00:ab:cd:ef"

#define PLACE .address = { .kind = HOTPLUG_ADDRESS_PCI, .bus = 2 }

#define BRIDGE                                                                                                         \
  .alias = (char *)"ua-hpi-blue", .type = (char *)"bridge", .source = (char *)"br0", .mac = (char *)MAC,               \
  .model = (char *)"virtio"

#define HEAD "<interface type=\"bridge\"><mac address=\"" MAC "\"/><source bridge=\"br0\"/>"
#define ADDRESS "<address type=\"pci\" domain=\"0x0000\" bus=\"0x02\" slot=\"0x00\" function=\"0x0\"/></interface>"
#define TAIL "<alias name=\"ua-hpi-blue\"/><rom enabled=\"no\"/>" ADDRESS
#define MODEL "<model type=\"virtio\"/>"

/* Written, and read back from a machine's definition. The elements are libvirt's: docs/formatdomain.rst 9.0.0, "Network
 * interfaces"; without a boot order there is no ROM, as in KubeVirt (pkg/network/launcher/nichotplug.go). */
static const struct
{
  const char *row;
  HotplugNic nic;
  const char *xml;
} rows[] = {
  { "bridge", { BRIDGE, PLACE }, HEAD MODEL TAIL },
  { "tap", { BRIDGE, .tap = (char *)"tap0123456789a", PLACE }, HEAD "<target dev=\"tap0123456789a\"/>" MODEL TAIL },
  { "mtu", { BRIDGE, .mtu = 1300, PLACE }, HEAD MODEL "<mtu size=\"1300\"/>" TAIL },
  { "link", { BRIDGE, .link_down = TRUE, PLACE }, HEAD MODEL "<link state=\"down\"/>" TAIL },
  { "queues", { BRIDGE, .queues = 4, PLACE }, HEAD MODEL "<driver queues=\"4\"/>" TAIL },
  { "filter",
    { BRIDGE, .filter = (char *)"no-mac-spoofing", PLACE },
    HEAD MODEL "<filterref filter=\"no-mac-spoofing\"/>" TAIL },
  { "boot", { BRIDGE, .boot_order = 2, PLACE }, HEAD MODEL "<boot order=\"2\"/><alias name=\"ua-hpi-blue\"/>" ADDRESS },
  { "ovs",
    { BRIDGE, .vlan = 42, .virtualport = (char *)"openvswitch", PLACE },
    HEAD "<vlan><tag id=\"42\"/></vlan><virtualport type=\"openvswitch\"/>" MODEL TAIL },
  { "network",
    { .alias = (char *)"ua-hpi-blue", .type = (char *)"network", .source = (char *)"default", PLACE },
    "<interface type=\"network\"><source network=\"default\"/>" TAIL },
  { "nowhere", { BRIDGE }, HEAD MODEL "<alias name=\"ua-hpi-blue\"/><rom enabled=\"no\"/></interface>" },
  { "odd",
    { .alias = (char *)"ua-hpi-blue", .type = (char *)"bridge", .source = (char *)"<&>\"'", PLACE },
    "<interface type=\"bridge\"><source bridge=\"&lt;&amp;&gt;&quot;'\"/>" TAIL },
  { "all",
    { BRIDGE, .vlan = 4094, .virtualport = (char *)"openvswitch", .tap = (char *)"t", .queues = 256, .mtu = 65535,
      .filter = (char *)"f", .boot_order = 1, .link_down = TRUE, PLACE },
    HEAD
    "<vlan><tag id=\"4094\"/></vlan><virtualport type=\"openvswitch\"/><target dev=\"t\"/>" MODEL
    "<driver queues=\"256\"/><filterref filter=\"f\"/><link state=\"down\"/><mtu size=\"65535\"/><boot order=\"1\"/>"
    "<alias name=\"ua-hpi-blue\"/>" ADDRESS },
};

static void
assert_same (const HotplugNic *nic, const HotplugNic *expected)
{
  g_assert_cmpstr (nic->alias, ==, expected->alias);
  g_assert_cmpstr (nic->type, ==, expected->type);
  g_assert_cmpstr (nic->source, ==, expected->source);
  g_assert_cmpstr (nic->bridge, ==, expected->bridge);
  g_assert_cmpstr (nic->network, ==, expected->network);
  g_assert_cmpstr (nic->virtualport, ==, expected->virtualport);
  g_assert_cmpstr (nic->mac, ==, expected->mac);
  g_assert_cmpstr (nic->model, ==, expected->model);
  g_assert_cmpstr (nic->tap, ==, expected->tap);
  g_assert_cmpstr (nic->filter, ==, expected->filter);
  g_assert_cmpstr (nic->attachment, ==, expected->attachment);
  g_assert_cmpuint (nic->vlan, ==, expected->vlan);
  g_assert_cmpuint (nic->mtu, ==, expected->mtu);
  g_assert_cmpuint (nic->queues, ==, expected->queues);
  g_assert_cmpuint (nic->boot_order, ==, expected->boot_order);
  g_assert_true (nic->link_down == expected->link_down);
  g_assert_true (nic->address.kind == expected->address.kind);
  g_assert_true (nic->address.kind == HOTPLUG_ADDRESS_NONE
                 || _hotplug_address_equal (&nic->address, &expected->address));
}

static HotplugDomain *
read_domain (const char *devices, const char *metadata)
{
  g_autofree char *xml = g_strdup_printf (
      "<domain type='qemu' id='1'><name>vmi</name><metadata>%s</metadata><devices>%s"
      "</devices></domain>",
      metadata, devices);
  g_autoptr (GError) error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

/* Without the lines that it is printed in */
static char *
flat (char *xml)
{
  g_auto (GStrv) lines = g_strsplit (xml, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    g_strchug (lines[i]);
  g_free (xml);
  return g_strjoinv ("", lines);
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *xml = flat (_hotplug_nic_to_xml (&rows[row].nic));

  g_assert_cmpstr (xml, ==, rows[row].xml);

  g_autoptr (HotplugDomain) domain = read_domain (xml, "");
  g_assert_cmpuint (domain->nics->len, ==, 1);
  assert_same (g_ptr_array_index (domain->nics, 0), &rows[row].nic);

  g_autoptr (HotplugNic) copy = _hotplug_nic_copy (g_ptr_array_index (domain->nics, 0));
  assert_same (copy, &rows[row].nic);
  g_autofree char *again = flat (_hotplug_nic_to_xml (copy));
  g_assert_cmpstr (again, ==, xml);
}

/* Interfaces that others made, and libvirt's own words for live ones. One queue is libvirt's default, and it writes
 * none. */
static const struct
{
  const char *row;
  const char *xml;
  HotplugNic nic;
} foreign[] = {
  { "empty", "<interface/>", { .type = NULL } },
  { "user",
    "<interface type='user'><mac address='52:54:00:AB:CD:EF'/></interface>",
    { .type = (char *)"user", .mac = (char *)MAC } },
  { "live-network",
    "<interface type='network'><source network='default' portid='3' bridge='virbr0'/><target dev='vnet0'/></interface>",
    { .type = (char *)"network", .source = (char *)"default", .bridge = (char *)"virbr0", .tap = (char *)"vnet0" } },
  { "live-bridged-network",
    "<interface type='bridge'><source network='lan' portid='3' bridge='br1'/></interface>",
    { .type = (char *)"bridge", .source = (char *)"br1", .network = (char *)"lan" } },
  { "direct", "<interface type='direct'><source dev='eth0' mode='bridge'/></interface>", { .type = (char *)"direct" } },
  { "trunk",
    "<interface type='bridge'><vlan trunk='yes'><tag id='1'/><tag id='2'/><tag id='3'/></vlan></interface>",
    { .type = (char *)"bridge" } },
  { "link-up", "<interface type='user'><link state='up'/></interface>", { .type = (char *)"user" } },
  { "boot", "<interface type='user'><boot order='7'/></interface>", { .type = (char *)"user", .boot_order = 7 } },
};

static void
test_foreign (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) domain = read_domain (foreign[row].xml, "");

  g_assert_cmpuint (domain->nics->len, ==, 1);
  assert_same (g_ptr_array_index (domain->nics, 0), &foreign[row].nic);
}

/* What libvirt refuses: 9.0.0 src/conf/domain_conf.c:9524, src/conf/netdev_vlan_conf.c:73 */
static const struct
{
  const char *row;
  const char *xml;
} bad[] = {
  { "mac", "<interface type='user'><mac address='52:54:00'/></interface>" },
  { "vlan", "<interface type='bridge'><vlan><tag id='4096'/></vlan></interface>" },
  { "mtu", "<interface type='bridge'><mtu size='many'/></interface>" },
  { "queues", "<interface type='bridge'><driver queues='-1'/></interface>" },
};

static void
test_bad (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *xml = g_strdup_printf ("<domain><devices>%s</devices></domain>", bad[row].xml);
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_domain_from_xml (xml, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

static void
test_find (void)
{
  g_autoptr (HotplugDomain) domain = read_domain ("<interface type='user'><mac address='" MAC "'/></interface>"
                                                  "<interface type='bridge'><alias name='ua-hpi-blue'/></interface>",
                                                  "");
  HotplugNic *first = g_ptr_array_index (domain->nics, 0);
  HotplugNic *second = g_ptr_array_index (domain->nics, 1);

  g_assert_true (_hotplug_domain_find_nic_by_mac (domain, MAC) == first);
  g_assert_null (_hotplug_domain_find_nic_by_mac (domain, "52:54:00:ab:cd:ee"));
  g_assert_null (_hotplug_domain_find_nic_by_mac (NULL, MAC));
  g_assert_true (_hotplug_domain_find_nic (domain, "ua-hpi-blue") == second);
  g_assert_null (_hotplug_domain_find_nic (domain, "ua-hpv-blue"));
  g_assert_null (_hotplug_domain_find_nic (NULL, "ua-hpi-blue"));
  g_assert_true (_hotplug_domain_has_alias (domain, "ua-hpi-blue"));
}

/* One that is planned is found as one that is there. */
static void
test_plan (void)
{
  const HotplugNic nic = { BRIDGE, .boot_order = 3 };
  const HotplugAddress address = _hotplug_address_pci (0, 5, 0, 0);
  g_autoptr (HotplugDomain) domain = read_domain ("", "");

  _hotplug_domain_plan_nic (NULL, &nic, &address);
  _hotplug_domain_plan_nic (domain, &nic, &address);
  g_assert_true (_hotplug_address_equal (&_hotplug_domain_find_nic (domain, "ua-hpi-blue")->address, &address));
  g_assert_true (_hotplug_domain_has_pci (domain, &address));
  g_assert_cmpuint (g_array_index (domain->devices, HotplugDevice, 0).boot_order, ==, 3);
}

static void
test_records (void)
{
  const HotplugRecordState states[] = { HOTPLUG_RECORD_ATTACHED, HOTPLUG_RECORD_REMOVING, HOTPLUG_RECORD_PENDING };
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);
  HotplugNic nic = rows[G_N_ELEMENTS (rows) - 1].nic;

  nic.attachment = (char *)"infra/blue";
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    g_ptr_array_add (records, _hotplug_record_new_for_nic (states[i], &nic));
  g_autofree char *xml = _hotplug_records_to_xml (records, NULL, NULL);
  g_autoptr (GString) metadata = g_string_new ("<hotplug xmlns='" HOTPLUG_METADATA_URI "'");
  g_string_append (metadata, xml + strlen ("<hotplug"));
  g_autoptr (HotplugDomain) domain = read_domain ("", metadata->str);

  g_assert_cmpuint (domain->records->len, ==, G_N_ELEMENTS (states));
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      g_assert_true (record->state == states[i]);
      g_assert_null (record->disk);
      assert_same (record->nic, &nic);
      g_assert_cmpstr (_hotplug_record_alias (record), ==, "ua-hpi-blue");
      g_assert_cmpuint (_hotplug_record_boot_order (record), ==, 1);
      g_assert_true (_hotplug_address_equal (_hotplug_record_address (record), &nic.address));
    }
  g_assert_true (_hotplug_domain_find_record (domain, "ua-hpi-blue") == g_ptr_array_index (domain->records, 0));
  g_autofree char *again = _hotplug_records_to_xml (domain->records, NULL, NULL);
  g_assert_cmpstr (again, ==, xml);
}

/* The metadata is anybody's to write: what could not be ours is passed over. */
static const struct
{
  const char *row;
  const char *element;
  guint records;
} strange[] = {
  { "good", "<interface name='a' type='bridge' source='br0' mac='" MAC "'/>", 1 },
  { "good-pending", "<interface name='a' state='pending' type='bridge' network='blue' mac='" MAC "'/>", 1 },
  { "bad-number", "<interface name='a' type='bridge' source='br0' mac='" MAC "' vlan='x' mtu='-1'/>", 1 },
  { "empty", "<interface/>", 0 },
  { "bad-name", "<interface name='../a' type='bridge' source='br0' mac='" MAC "'/>", 0 },
  { "no-type", "<interface name='a' source='br0' mac='" MAC "'/>", 0 },
  { "no-source", "<interface name='a' type='bridge' mac='" MAC "'/>", 0 },
  { "no-mac", "<interface name='a' type='bridge' source='br0'/>", 0 },
  { "bad-mac", "<interface name='a' type='bridge' source='br0' mac='blue'/>", 0 },
};

static void
test_strange (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *metadata
      = g_strdup_printf ("<hotplug xmlns='" HOTPLUG_METADATA_URI "'>%s</hotplug>", strange[row].element);
  g_autoptr (HotplugDomain) domain = read_domain ("", metadata);

  g_assert_cmpuint (domain->records->len, ==, strange[row].records);
}

static void
add_row (const char *what, const char *row, gsize i, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/nic-xml/%s/%s", what, row);

  g_test_add_data_func (path, GSIZE_TO_POINTER (i), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    add_row ("ours", rows[i].row, i, test_row);
  for (gsize i = 0; i < G_N_ELEMENTS (foreign); i++)
    add_row ("foreign", foreign[i].row, i, test_foreign);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    add_row ("bad", bad[i].row, i, test_bad);
  for (gsize i = 0; i < G_N_ELEMENTS (strange); i++)
    add_row ("strange-records", strange[i].row, i, test_strange);
  g_test_add_func ("/nic-xml/find", test_find);
  g_test_add_func ("/nic-xml/plan", test_plan);
  g_test_add_func ("/nic-xml/records", test_records);

  return g_test_run ();
}
