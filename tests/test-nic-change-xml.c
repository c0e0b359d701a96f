/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "xml/hotplug-nic-change-xml-private.h"

/* As libvirt 9.0.0 writes a running machine's interfaces: ours on a bridge, one of a NAT network, one of a network that
 * is a bridge of the host, one on Open vSwitch, and a machine's own */
#define OURS_HEAD "<interface type='bridge'><mac address='02:00:00:00:00:0a'/>"
#define OURS_TAIL                                                                                                      \
  "<target dev='tap0123456789a'/><model type='virtio'/><mtu size='1300'/><alias name='ua-hpi-blue'/>"                  \
  "<rom enabled='no'/><address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/></interface>"
#define OURS OURS_HEAD "<source bridge='br0'/>" OURS_TAIL
#define NAT                                                                                                            \
  "<interface type='network'><mac address='02:00:00:00:00:0b'/>"                                                       \
  "<source network='default' portid='6b1e3d2e-7f54-4d0d-9a38-1a0a2c0b3d4e' bridge='virbr0'/><target dev='vnet1'/>"     \
  "<link state='down'/><alias name='ua-hpi-nat'/></interface>"
#define BRIDGED                                                                                                        \
  "<interface type='bridge'><mac address='02:00:00:00:00:0c'/>"                                                        \
  "<source network='lan' portid='7b1e3d2e-7f54-4d0d-9a38-1a0a2c0b3d4e' bridge='br-lan'/>"                              \
  "<filterref filter='no-mac-spoofing'/><alias name='ua-hpi-bridged'/></interface>"
#define OVS                                                                                                            \
  "<interface type='bridge'><mac address='02:00:00:00:00:0d'/><source bridge='ovs0'/><vlan><tag id='7'/></vlan>"       \
  "<virtualport type='openvswitch'><parameters interfaceid='8b1e3d2e-7f54-4d0d-9a38-1a0a2c0b3d4e'/></virtualport>"     \
  "<alias name='ua-hpi-ovs'/></interface>"
#define OWN                                                                                                            \
  "<interface type='user'><mac address='52:54:00:AA:00:01'/><link state='up'/><alias name='net0'/></interface>"

static const char machine[] = "<domain type='qemu' id='1'><name>web</name><devices>"
                              "<disk type='file'><target dev='sda'/>"
                              "<alias name='ua-hpi-blue'/></disk>" OURS NAT BRIDGED OVS OWN "</devices></domain>";

/* Without the lines that it is printed in, and with one kind of quotes */
static char *
flat (const char *xml)
{
  g_autoptr (GRegex) lines = g_regex_new ("\n *", 0, 0, NULL);
  char *text = g_regex_replace_literal (lines, xml, -1, 0, "", 0, NULL);

  return g_strdelimit (text, "\"", '\'');
}

#define TO(...) (&(const HotplugNetworkConnection){ __VA_ARGS__ })
#define ADDRESS "<address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>"
#define REST                                                                                                           \
  "<target dev='tap0123456789a'/><model type='virtio'/><mtu size='1300'/><alias name='ua-hpi-blue'/>"                  \
  "<rom enabled='no'/>" ADDRESS

static const struct
{
  const char *row;
  const char *interface;
  HotplugNicEdit edit;
  const char *xml;
} changes[] = {
  { "as-it-is", "ua-hpi-blue", { NULL }, OURS },
  { "down",
    "ua-hpi-blue",
    { .link = HOTPLUG_LINK_DOWN },
    OURS_HEAD "<source bridge='br0'/>" REST "<link state='down'/></interface>" },
  /* up is no element: pkg/network/launcher/nichotplug.go */
  { "up",
    "ua-hpi-nat",
    { .link = HOTPLUG_LINK_UP },
    ("<interface type='network'><mac address='02:00:00:00:00:0b'/><source network='default'/><target dev='vnet1'/>"
     "<alias name='ua-hpi-nat'/></interface>") },
  { "own-down",
    "52:54:00:aa:00:01",
    { .link = HOTPLUG_LINK_DOWN },
    ("<interface type='user'><mac address='52:54:00:AA:00:01'/><alias name='net0'/><link state='down'/></interface>") },
  /* the running machine keeps its MTU */
  { "to-a-bridge",
    "ua-hpi-blue",
    { .connection = TO (.source = (char *)"br1", .mtu = 1400) },
    OURS_HEAD REST "<source bridge='br1'/></interface>" },
  { "template-to-a-bridge",
    "ua-hpi-blue",
    { .connection = TO (.source = (char *)"br1", .mtu = 1400), .takes_mtu = TRUE },
    (OURS_HEAD
     "<target dev='tap0123456789a'/><model type='virtio'/><alias name='ua-hpi-blue'/><rom enabled='no'/>" ADDRESS
     "<source bridge='br1'/><mtu size='1400'/></interface>") },
  { "template-without-mtu",
    "ua-hpi-blue",
    { .connection = TO (.source = (char *)"br1"), .takes_mtu = TRUE },
    (OURS_HEAD
     "<target dev='tap0123456789a'/><model type='virtio'/><alias name='ua-hpi-blue'/><rom enabled='no'/>" ADDRESS
     "<source bridge='br1'/></interface>") },
  { "to-a-network",
    "ua-hpi-blue",
    { .connection = TO (.network = TRUE, .source = (char *)"lan", .filter = (char *)"no-mac-spoofing") },
    ("<interface type='network'><mac address='02:00:00:00:00:0a'/>" REST "<source network='lan'/>"
     "<filterref filter='no-mac-spoofing'/></interface>") },
  { "filter-first",
    "ua-hpi-blue",
    { .filter = "no-mac-spoofing" },
    OURS_HEAD "<source bridge='br0'/>" REST "<filterref filter='no-mac-spoofing'/></interface>" },
  { "network-to-a-bridge",
    "ua-hpi-bridged",
    { .connection = TO (.source = (char *)"br1") },
    ("<interface type='bridge'><mac address='02:00:00:00:00:0c'/><alias name='ua-hpi-bridged'/><source bridge='br1'/>"
     "</interface>") },
  { "keeps-filter",
    "ua-hpi-bridged",
    { .connection = TO (.source = (char *)"br1"), .filter = "no-mac-spoofing" },
    ("<interface type='bridge'><mac address='02:00:00:00:00:0c'/><alias name='ua-hpi-bridged'/><source bridge='br1'/>"
     "<filterref filter='no-mac-spoofing'/></interface>") },
  /* told as it is written, it would be the network's no more: src/conf/domain_conf.c:23575 */
  { "bridged-network",
    "ua-hpi-bridged",
    { NULL },
    ("<interface type='network'><mac address='02:00:00:00:00:0c'/><source network='lan'/>"
     "<filterref filter='no-mac-spoofing'/><alias name='ua-hpi-bridged'/></interface>") },
  /* a port keeps its id, else libvirt would have to connect anew: src/qemu/qemu_hotplug.c:3820 */
  { "vlan-of-a-port",
    "ua-hpi-ovs",
    { .connection = TO (.source = (char *)"ovs0", .ovs = TRUE, .ovs_port = TRUE, .vlan = 8) },
    ("<interface type='bridge'><mac address='02:00:00:00:00:0d'/><virtualport type='openvswitch'>"
     "<parameters interfaceid='8b1e3d2e-7f54-4d0d-9a38-1a0a2c0b3d4e'/></virtualport><alias name='ua-hpi-ovs'/>"
     "<source bridge='ovs0'/><vlan><tag id='8'/></vlan></interface>") },
  { "port-to-a-bridge",
    "ua-hpi-ovs",
    { .connection = TO (.source = (char *)"br1") },
    ("<interface type='bridge'><mac address='02:00:00:00:00:0d'/><alias name='ua-hpi-ovs'/><source bridge='br1'/>"
     "</interface>") },
  { "bridge-to-a-port",
    "ua-hpi-bridged",
    { .connection = TO (.source = (char *)"ovs0", .ovs = TRUE, .ovs_port = TRUE) },
    ("<interface type='bridge'><mac address='02:00:00:00:00:0c'/><alias name='ua-hpi-bridged'/><source bridge='ovs0'/>"
     "<virtualport type='openvswitch'/></interface>") },
};

static void
test_change (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = _hotplug_nic_xml_change (machine, changes[row].interface, &changes[row].edit, &error);

  g_assert_no_error (error);
  g_autofree char *found = flat (xml);
  g_assert_cmpstr (found, ==, changes[row].xml);
}

/* What is told of one is so where it is told of, and nowhere else. */
static void
test_stands (void)
{
  for (gsize row = 0; row < G_N_ELEMENTS (changes); row++)
    {
      const HotplugNicEdit *edit = &changes[row].edit;
      const char *interface = changes[row].interface;
      g_autofree char *before = _hotplug_nic_xml_change (machine, interface, NULL, NULL);
      g_autofree char *after = _hotplug_nic_xml_change (machine, interface, edit, NULL);
      g_autofree char *changed = g_strconcat ("<domain><devices>", after, "</devices></domain>", NULL);
      gboolean changes_something = edit->connection != NULL || edit->filter != NULL
                                   || edit->link != HOTPLUG_LINK_AS_IT_IS;
      gboolean stays = edit->connection == NULL || strcmp (edit->connection->source, "ovs0") == 0;

      g_test_message ("%s", changes[row].row);
      g_assert_true (_hotplug_nic_xml_stands (machine, interface, before));
      g_assert_true (_hotplug_nic_xml_stands (changed, interface, after));
      g_assert_true (_hotplug_nic_xml_stands (machine, interface, after) == !changes_something);
      g_assert_true (_hotplug_nic_xml_stands (changed, interface, before) == !changes_something);
      g_assert_true (_hotplug_nic_xml_is_at (changed, interface, after));
      if (strcmp (interface, "ua-hpi-bridged") != 0)
        g_assert_true (_hotplug_nic_xml_is_at (machine, interface, after) == stays);
    }
}

/* A link that is said to be up is up. */
static void
test_up (void)
{
  const HotplugNicEdit up = { .link = HOTPLUG_LINK_UP };
  g_autofree char *after = _hotplug_nic_xml_change (machine, "52:54:00:aa:00:01", &up, NULL);

  g_assert_null (strstr (after, "<link"));
  g_assert_true (_hotplug_nic_xml_stands (machine, "52:54:00:aa:00:01", after));
}

static void
test_unknown (void)
{
  static const char *const interfaces[] = { "ua-hpi-red", "sda", "net1", "", "52:54:00:aa:00:02" };

  for (gsize i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (_hotplug_nic_xml_change (machine, interfaces[i], NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
      g_assert_false (_hotplug_nic_xml_stands (machine, interfaces[i], "<interface/>"));
    }
  g_assert_null (_hotplug_nic_xml_change ("<domain", "ua-hpi-blue", NULL, NULL));
  g_assert_false (_hotplug_nic_xml_stands (NULL, "ua-hpi-blue", OURS));
  g_assert_false (_hotplug_nic_xml_stands (machine, "ua-hpi-blue", "<interface"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (changes); row++)
    {
      g_autofree char *path = g_strdup_printf ("/nic-change-xml/change/%s", changes[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_change);
    }
  g_test_add_func ("/nic-change-xml/stands", test_stands);
  g_test_add_func ("/nic-change-xml/up", test_up);
  g_test_add_func ("/nic-change-xml/unknown", test_unknown);

  return g_test_run ();
}
