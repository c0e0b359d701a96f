/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "model/hotplug-interface-status-private.h"
#include "model/hotplug-vmi-status-private.h"

static const char *const both[] = { "fe80::1", "10.0.0.2", "10.0.0.3", NULL };
static const char *const six[] = { "fe80::2", "fd00::2", NULL };

static void
test_fields (void)
{
  char name[] = "blue";
  HotplugInterfaceStatusFields fields = {
    .name = name,
    .mac = "02:11:22:33:44:55",
    .ip_address = "10.0.0.2",
    .ip_addresses = both,
    .interface_name = "eth1",
    .network = "infra/net",
    .model = "virtio",
    .address = "0000:01:00.0",
    .tap = "tap0123456789a",
    .reason = "MigrationRequired",
    .message = "not here",
    .queue_count = 4,
    .mtu = 1300,
    .boot_order = 2,
    .link_state = HOTPLUG_INTERFACE_STATE_DOWN,
    .phase = HOTPLUG_INTERFACE_PHASE_DETACHING,
    .primary = TRUE,
    .hotplugged = TRUE,
    .persisted = TRUE,
  };
  g_autoptr (HotplugInterfaceStatus) status = _hotplug_interface_status_new (&fields);
  g_autoptr (HotplugInterfaceStatus) more = hotplug_interface_status_ref (status);

  /* what it was made of may change: it does not */
  name[0] = '!';
  g_assert_true (more == status);
  g_assert_cmpstr (hotplug_interface_status_get_name (status), ==, "blue");
  g_assert_cmpstr (hotplug_interface_status_get_mac (status), ==, "02:11:22:33:44:55");
  g_assert_cmpstr (hotplug_interface_status_get_ip_address (status), ==, "10.0.0.2");
  g_assert_cmpstrv (hotplug_interface_status_get_ip_addresses (status), both);
  g_assert_true (hotplug_interface_status_get_ip_addresses (status) != both);
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (status), ==, "eth1");
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "infra/net");
  g_assert_cmpstr (hotplug_interface_status_get_model (status), ==, "virtio");
  g_assert_cmpstr (hotplug_interface_status_get_address (status), ==, "0000:01:00.0");
  g_assert_cmpstr (hotplug_interface_status_get_tap (status), ==, "tap0123456789a");
  g_assert_cmpstr (hotplug_interface_status_get_reason (status), ==, "MigrationRequired");
  g_assert_cmpstr (hotplug_interface_status_get_message (status), ==, "not here");
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (status), ==, 4);
  g_assert_cmpuint (hotplug_interface_status_get_mtu (status), ==, 1300);
  g_assert_cmpuint (hotplug_interface_status_get_boot_order (status), ==, 2);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_DETACHING);
  g_assert_true (hotplug_interface_status_is_primary (status));
  g_assert_true (hotplug_interface_status_is_hotplugged (status));
  g_assert_true (hotplug_interface_status_is_persisted (status));
}

static void
test_nothing (void)
{
  const HotplugInterfaceStatusFields fields = { .name = NULL };
  g_autoptr (HotplugInterfaceStatus) status = _hotplug_interface_status_new (&fields);

  g_assert_null (hotplug_interface_status_get_name (status));
  g_assert_null (hotplug_interface_status_get_ip_addresses (status)[0]);
  g_assert_null (hotplug_interface_status_get_info_source (status));
  /* KubeVirt: DefaultInterfaceQueueCount, pkg/network/setup/netstat.go */
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (status), ==, 1);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, HOTPLUG_INTERFACE_STATE_UP);
  g_assert_false (hotplug_interface_status_is_hotplugged (status));
}

/* What is known of the machine, and what the guest tells, each as NAME=MAC=ADDRESS,ADDRESS with blanks between.
 * Expected: NAME/MAC/GUEST'S NAME/ADDRESS/NUMBER OF ADDRESSES/SOURCES. The rules are those of KubeVirt's
 * pkg/network/setup/netstat.go. */
#define PRIMARY "52:54:00:00:00:01"
#define BLUE "02:00:00:00:00:0a"
#define RED "02:00:00:00:00:0b"

static const struct
{
  const char *row;
  const char *guest;
  HotplugGuestNicSource source;
  const char *expected;
} merges[] = {
  { "no-agent", "", HOTPLUG_GUEST_NIC_AGENT,
    "default/" PRIMARY "///0/domain blue/" BLUE "///0/domain red/" RED "/kept/192.0.2.1/1/domain" },
  { "agent", "eth0=" PRIMARY "=10.0.0.2 eth1=" BLUE "=", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "/eth0/10.0.0.2/1/domain, guest-agent blue/" BLUE "/eth1//0/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  { "upper-case", "eth1=02-00-00-00-00-0A=10.0.0.3", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "/eth1/10.0.0.3/1/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  /* what is known is not overwritten */
  { "filled", "eth9=" RED "=10.0.0.9", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "///0/domain "
     "red/" RED "/kept/192.0.2.1/1/domain, guest-agent") },
  { "ipv4-first", "eth1=" BLUE "=fe80::1,10.0.0.2,10.0.0.3", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "/eth1/10.0.0.2/3/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  { "only-ipv6", "eth1=" BLUE "=fe80::2,fd00::2", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "/eth1/fe80::2/2/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  { "bridge-over-it", "eth1=" BLUE "= br0=" BLUE "=10.0.0.2", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "/eth1/10.0.0.2/1/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  { "guest-only", "docker0=02:42:00:00:00:01=172.17.0.1", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "///0/domain red/" RED "/kept/192.0.2.1/1/domain "
     "/02:42:00:00:00:01/docker0/172.17.0.1/1/guest-agent") },
  { "guest-only-twice", "a=02:42:00:00:00:01= b=02:42:00:00:00:01=172.17.0.1", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "///0/domain red/" RED "/kept/192.0.2.1/1/domain "
     "/02:42:00:00:00:01/a/172.17.0.1/1/guest-agent") },
  { "loopback", "lo=00:00:00:00:00:00=127.0.0.1 lo=02:42:00:00:00:01=127.0.0.1 sit0== tun0=no-mac=10.8.0.1",
    HOTPLUG_GUEST_NIC_AGENT,
    "default/" PRIMARY "///0/domain blue/" BLUE "///0/domain red/" RED "/kept/192.0.2.1/1/domain" },
  /* a lease names no interface, and its guest agent is none */
  { "lease", "vnet1=" BLUE "=10.0.0.2 vnet9=02:42:00:00:00:01=10.0.0.9", HOTPLUG_GUEST_NIC_OBSERVED,
    ("default/" PRIMARY "///0/domain blue/" BLUE "//10.0.0.2/1/domain "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  /* what the agent says of addresses counts, also where it has none; an observer is heard where the agent is silent */
  { "agent-then-lease", "eth0=" PRIMARY "= leases =" PRIMARY "=10.0.0.8 =" BLUE "=10.0.0.9", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "/eth0//0/domain, guest-agent blue/" BLUE "//10.0.0.9/1/domain "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  /* leases come before the host's neighbours */
  { "lease-then-neighbour", "=" BLUE "=10.0.0.8 =" BLUE "=10.0.0.9", HOTPLUG_GUEST_NIC_OBSERVED,
    ("default/" PRIMARY "///0/domain blue/" BLUE "//10.0.0.8/1/domain "
     "red/" RED "/kept/192.0.2.1/1/domain") },
  /* a bond and what it is over have one address, of the first one, and the first one's name */
  { "bond", "eth0=" BLUE "= eth1=" BLUE "= bond0=" BLUE "=10.0.0.7,fe80::7", HOTPLUG_GUEST_NIC_AGENT,
    ("default/" PRIMARY "///0/domain blue/" BLUE "/eth0/10.0.0.7/2/domain, guest-agent "
     "red/" RED "/kept/192.0.2.1/1/domain") },
};

/* The primary one stands second, as in a machine whose definition others have edited. */
static const char *const kept[] = { "192.0.2.1", NULL };
static const HotplugInterfaceStatusFields known[] = {
  { .name = "blue", .mac = BLUE, .in_domain = TRUE, .hotplugged = TRUE },
  { .name = "default", .mac = PRIMARY, .in_domain = TRUE, .primary = TRUE },
  { .name = "red",
    .mac = RED,
    .in_domain = TRUE,
    .interface_name = "kept",
    .ip_address = "192.0.2.1",
    .ip_addresses = kept },
};

/* The words after "leases" are those of an observer. */
static GArray *
parse_guest (const char *text, HotplugGuestNicSource source)
{
  GArray *guest = _hotplug_guest_nics_new ();
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], "=", 3);
      if (g_str_equal (words[i], "leases"))
        source = HOTPLUG_GUEST_NIC_OBSERVED;
      if (g_strv_length (parts) < 3)
        continue;
      const HotplugGuestNic nic = { .name = g_strdup (parts[0]),
                                    .mac = *parts[1] != '\0' ? g_strdup (parts[1]) : NULL,
                                    .addresses = g_strsplit (parts[2], ",", -1),
                                    .source = source };
      g_array_append_val (guest, nic);
    }
  return guest;
}

static const char *
word (const char *text)
{
  return text != NULL ? text : "";
}

static char *
print (GPtrArray *statuses)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugInterfaceStatus *status = g_ptr_array_index (statuses, i);
      g_string_append_printf (out, "%s%s/%s/%s/%s/%u/%s", i > 0 ? " " : "",
                              word (hotplug_interface_status_get_name (status)),
                              word (hotplug_interface_status_get_mac (status)),
                              word (hotplug_interface_status_get_interface_name (status)),
                              word (hotplug_interface_status_get_ip_address (status)),
                              g_strv_length ((char **)hotplug_interface_status_get_ip_addresses (status)),
                              word (hotplug_interface_status_get_info_source (status)));
    }
  return g_string_free (out, FALSE);
}

static void
test_merge (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GArray) guest = parse_guest (merges[row].guest, merges[row].source);
  g_autoptr (GPtrArray) statuses
      = _hotplug_interface_statuses_merge (known, G_N_ELEMENTS (known), guest);
  g_autofree char *printed = print (statuses);

  g_assert_cmpstr (printed, ==, merges[row].expected);
}

/* KubeVirt lists 10 at most; the machine's own are no part of these, wherever the guest has them in its list. */
static void
test_many (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 30; i++)
    g_string_append_printf (text, "veth%u=02:42:00:00:00:%02x= ", i, i);
  g_string_append (text, "eth0=" PRIMARY "=10.0.0.2");

  g_autoptr (GArray) guest = parse_guest (text->str, HOTPLUG_GUEST_NIC_AGENT);
  g_autoptr (GPtrArray) statuses
      = _hotplug_interface_statuses_merge (known, G_N_ELEMENTS (known), guest);

  g_assert_cmpuint (statuses->len, ==, G_N_ELEMENTS (known) + 10);
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (g_ptr_array_index (statuses, 0)), ==, "eth0");
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (g_ptr_array_index (statuses, 12)), ==, "veth9");
}

static void
test_vmi (void)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_autoptr (GPtrArray) statuses
      = _hotplug_interface_statuses_merge (known, G_N_ELEMENTS (known), NULL);
  const HotplugVmiStatusFields fields = { .name = "vmi", .uuid = "u", .interfaces = statuses };
  const HotplugVmiStatusFields none = { .name = "vmi", .uuid = "u" };
  g_autoptr (HotplugVmiStatus) vmi = _hotplug_vmi_status_new (&fields, volumes);
  g_autoptr (HotplugVmiStatus) bare = _hotplug_vmi_status_new (&none, volumes);
  g_autoptr (GPtrArray) listed = hotplug_vmi_status_list_interfaces (vmi);
  g_autoptr (GPtrArray) empty = hotplug_vmi_status_list_interfaces (bare);

  g_assert_cmpuint (listed->len, ==, 3);
  g_assert_cmpuint (empty->len, ==, 0);
  g_assert_true (hotplug_vmi_status_get_interface (vmi, "blue") == g_ptr_array_index (listed, 1));
  g_assert_null (hotplug_vmi_status_get_interface (vmi, "green"));
}

static const HotplugInterfaceStatusFields written[] = {
  { .name = "52:54:00:00:00:01",
    .mac = PRIMARY,
    .model = "e1000",
    .in_domain = TRUE,
    .primary = TRUE,
    .persisted = TRUE },
  { .name = "blue",
    .mac = BLUE,
    .ip_address = "10.0.0.2",
    .ip_addresses = both,
    .interface_name = "eth1",
    .network = "new-fancy-net",
    .model = "virtio",
    .address = "0000:01:00.0",
    .tap = "tap0123456789a",
    .reason = "InterfaceReady",
    .message = "well",
    .mtu = 1300,
    .boot_order = 2,
    .link_state = HOTPLUG_INTERFACE_STATE_DOWN,
    .phase = HOTPLUG_INTERFACE_PHASE_READY,
    .in_domain = TRUE,
    .in_guest = TRUE,
    .hotplugged = TRUE },
  { .name = "refused", .phase = HOTPLUG_INTERFACE_PHASE_FAILED, .message = "no", .hotplugged = TRUE },
  { .mac = RED, .ip_address = "fe80::2", .ip_addresses = six, .interface_name = "docker0", .in_guest = TRUE },
};

/* KubeVirt's Interface, Network and VirtualMachineInstanceNetworkInterface: api/core/v1/schema.go, types.go */
static const struct
{
  const char *path;
  const char *json;
} members[] = {
  { "$.spec.domain.devices.interfaces",
    ("[{\"name\":\"52:54:00:00:00:01\",\"macAddress\":\"" PRIMARY "\",\"model\":\"e1000\"},"
     "{\"name\":\"blue\",\"macAddress\":\"" BLUE
     "\",\"model\":\"virtio\",\"bridge\":{},\"bootOrder\":2,\"state\":\"down\"}]") },
  { "$.spec.networks", ("[{\"name\":\"52:54:00:00:00:01\",\"pod\":{}},"
                        "{\"name\":\"blue\",\"multus\":{\"networkName\":\"new-fancy-net\"}}]") },
  { "$.status.interfaces",
    ("[{\"name\":\"52:54:00:00:00:01\",\"mac\":\"" PRIMARY "\",\"infoSource\":\"domain\",\"queueCount\":1,"
     "\"linkState\":\"up\",\"libhotplug\":{\"persisted\":true}},"
     "{\"name\":\"blue\",\"mac\":\"" BLUE "\",\"ipAddress\":\"10.0.0.2\","
     "\"ipAddresses\":[\"fe80::1\",\"10.0.0.2\",\"10.0.0.3\"],\"interfaceName\":\"eth1\","
     "\"infoSource\":\"domain, guest-agent\",\"queueCount\":1,\"linkState\":\"down\",\"libhotplug\":{\"phase\":\"Ready\","
     "\"reason\":\"InterfaceReady\",\"message\":\"well\",\"network\":\"new-fancy-net\",\"address\":\"0000:01:00.0\","
     "\"target\":\"tap0123456789a\",\"mtu\":1300,\"persisted\":false}},"
     "{\"name\":\"refused\",\"queueCount\":1,\"linkState\":\"up\","
     "\"libhotplug\":{\"phase\":\"Failed\",\"message\":\"no\",\"persisted\":false}},"
     "{\"mac\":\"" RED "\",\"ipAddress\":\"fe80::2\",\"ipAddresses\":[\"fe80::2\",\"fd00::2\"],"
     "\"interfaceName\":\"docker0\",\"infoSource\":\"guest-agent\"}]") },
};

static void
test_manifest (void)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_autoptr (GPtrArray) statuses
      = _hotplug_interface_statuses_merge (written, G_N_ELEMENTS (written), NULL);
  const HotplugVmiStatusFields fields = { .name = "vmi", .uuid = "u", .interfaces = statuses };
  g_autoptr (HotplugVmiStatus) vmi = _hotplug_vmi_status_new (&fields, volumes);
  g_autofree char *text = hotplug_vmi_status_to_manifest (vmi, HOTPLUG_MANIFEST_FORMAT_JSON);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = json_from_string (text, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autoptr (JsonNode) found = json_path_query (members[i].path, root, &error);
      g_assert_no_error (error);
      g_autofree char *json = json_to_string (json_array_get_element (json_node_get_array (found), 0), FALSE);
      g_assert_cmpstr (json, ==, members[i].json);
    }

  g_autofree char *alone = hotplug_interface_status_to_manifest (g_ptr_array_index (statuses, 3),
                                                                 HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_nonnull (strstr (alone, "interfaceName: docker0\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/interface-status/fields", test_fields);
  g_test_add_func ("/interface-status/nothing", test_nothing);
  for (gsize row = 0; row < G_N_ELEMENTS (merges); row++)
    {
      g_autofree char *path = g_strdup_printf ("/interface-status/merge/%s", merges[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_merge);
    }
  g_test_add_func ("/interface-status/many", test_many);
  g_test_add_func ("/interface-status/vmi", test_vmi);
  g_test_add_func ("/interface-status/manifest", test_manifest);

  return g_test_run ();
}
