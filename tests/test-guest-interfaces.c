/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "fake/fake-rig.h"
#include "manifest/hotplug-manifest-guest-private.h"
#include "model/hotplug-interface-status-private.h"
#include "storage/hotplug-neighbours-private.h"

/* What guests, leases and neighbours tell of interfaces, from the agent's words to the status */

#define MAC "52:54:00:00:00:01"
#define OTHER_MAC "52:54:00:00:00:02"

#define NIC(name, mac, addresses)                                                                                      \
  "{\"name\":\"" name "\",\"hardware-address\":\"" mac "\",\"ip-addresses\":[" addresses "]}"
#define IPV4(address) "{\"ip-address-type\":\"ipv4\",\"ip-address\":\"" address "\",\"prefix\":24}"
#define IPV6(address) "{\"ip-address-type\":\"ipv6\",\"ip-address\":\"" address "\",\"prefix\":64}"
#define ANSWER(nics) "{\"return\":[" nics "]}"

/* NAME/MAC/ADDRESS,ADDRESS with blanks between; NULL: refused. As qemu-ga 7.2 says it, and as it might. */
static const struct
{
  const char *row;
  const char *answer;
  const char *expected;
} answers[] = {
  { "none", ANSWER (""), "" },
  { "one", ANSWER (NIC ("eth0", MAC, IPV4 ("10.0.0.2") "," IPV6 ("fe80::1"))), "eth0/" MAC "/10.0.0.2,fe80::1" },
  { "no-address", "{\"return\":[{\"name\":\"eth0\",\"hardware-address\":\"" MAC "\"}]}", "eth0/" MAC "/" },
  /* sit0, tun0 */
  { "no-mac", "{\"return\":[{\"name\":\"tun0\",\"ip-addresses\":[" IPV4 ("10.8.0.1") "]}]}", "tun0//10.8.0.1" },
  { "statistics",
    "{\"return\":[{\"name\":\"eth0\",\"hardware-address\":\"" MAC "\",\"statistics\":{\"tx-packets\":1}}]}",
    "eth0/" MAC "/" },
  /* an address with a label is one more of the interface */
  { "label", ANSWER (NIC ("eth0", MAC, IPV4 ("10.0.0.2")) "," NIC ("eth0:1", MAC, IPV4 ("10.0.0.3"))),
    "eth0/" MAC "/10.0.0.2,10.0.0.3" },
  { "windows", ANSWER (NIC ("Ethernet 2", "52-54-00-AB-CD-EF", IPV4 ("10.0.0.2"))),
    "Ethernet 2/52-54-00-AB-CD-EF/10.0.0.2" },
  { "garbage-address",
    ANSWER (NIC ("eth0", MAC,
                 IPV4 ("1.2.3.4\\n") "," IPV4 ("256.1.1.1") "," IPV4 ("") "," IPV6 ("fe80::1%eth0") ","
                 IPV4 ("10.0.0.2%4") "," IPV4 ("10.0.0.2/24") ",7,null,[],{}," IPV6 ("::1"))),
    "eth0/" MAC "/fe80::1,::1" },
  { "garbage-name", ANSWER (NIC ("\\u001b[31meth0", MAC, "")), "?[31meth0/" MAC "/" },
  { "long-name", ANSWER (NIC ("0123456789012345678901234567890123456789012345678901234567890123456789", MAC, "")),
    "0123456789012345678901234567890123456789012345678901234567890123…/" MAC "/" },
  { "garbage-kinds",
    "{\"return\":[7,null,[],\"eth0\",{\"name\":7,\"hardware-address\":[],\"ip-addresses\":\"10.0.0.1\"},{}]}",
    "// //" },
  { "no-list", "{\"return\":{}}", NULL },
  { "error", "{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"no\"}}", NULL },
  { "no-object", "[]", NULL },
  { "no-json", "return", NULL },
  { "empty", "", NULL },
};

static char *
print (const GArray *nics)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < nics->len; i++)
    {
      const HotplugGuestNic *nic = &g_array_index (nics, HotplugGuestNic, i);
      g_autofree char *addresses = g_strjoinv (",", nic->addresses);
      g_string_append_printf (out, "%s%s/%s/%s", i > 0 ? " " : "", nic->name != NULL ? nic->name : "",
                              nic->mac != NULL ? nic->mac : "", addresses);
    }
  return g_string_free (out, FALSE);
}

static void
test_answer (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) nics = _hotplug_manifest_read_guest_nics (answers[row].answer, &error);

  if (answers[row].expected == NULL)
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
      g_assert_null (nics);
      return;
    }
  g_assert_no_error (error);
  g_autofree char *printed = print (nics);
  g_assert_cmpstr (printed, ==, answers[row].expected);
}

/* Whoever is in a guest can send as much as libvirt lets through */
static void
test_flood (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) deep = g_string_new ("{\"return\":");
  g_autoptr (GString) wide = g_string_new ("{\"return\":[");

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (_hotplug_manifest_read_guest_nics (deep->str, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_clear_error (&error);

  while (wide->len < 2 * 1024 * 1024)
    g_string_append (wide, "{\"name\":\"veth\"},");
  g_string_append (wide, "{}]}");
  g_assert_null (_hotplug_manifest_read_guest_nics (wide->str, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
}

/* As Linux writes it */
static void
test_neighbours (void)
{
  static const char table[] = ("IP address       HW type     Flags       HW address            Mask     Device\n"
                               "192.0.2.7        0x1         0x2         52:54:00:00:00:01     *        br0\n"
                               "192.0.2.8        0x1         0x0         52:54:00:00:00:01     *        br0\n"
                               "192.0.2.9        0x1         0x2         02:fc:00:00:00:05     *        eth0\n"
                               "198.51.100.255   0x1         0x6         52:54:00:00:00:01     *        a-long-name-15\n"
                               "192.0.2.10       0x1         0x2\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) nics = _hotplug_guest_nics_new ();
  g_autoptr (GHashTable) macs = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *path = NULL;

  g_hash_table_add (macs, (gpointer)MAC);
  close (g_file_open_tmp ("hotplug-XXXXXX", &path, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, table, -1, &error));
  g_assert_true (_hotplug_neighbours_read (path, macs, nics, &error));
  g_assert_no_error (error);
  g_autofree char *printed = print (nics);
  g_assert_cmpstr (printed, ==, "/" MAC "/192.0.2.7,198.51.100.255");

  g_unlink (path);
  g_assert_false (_hotplug_neighbours_read (path, macs, nics, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Of the fake host */

#define CHANNEL "<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='%s'/></channel>"

/* A machine with a network's interface and a bridge's. @channel: (nullable): the state of its agent's channel */
static Rig *
make_rig (const char *channel, HotplugVmiState state)
{
  Rig *rig = rig_new (RIG_STOPPED);
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autofree char *bare = rig_machine_xml (RIG_UUID, RIG_VMI, RIG_RUNNING);

  g_string_append (xml, bare);
  g_string_truncate (xml, xml->len - strlen ("</devices></domain>"));
  g_string_append (xml, "<interface type='network'><source network='fake'/><mac address='" MAC "'/>"
                        "<address type='pci' domain='0x0000' bus='0x02' slot='0x00' function='0x0'/></interface>"
                        "<interface type='bridge'><source bridge='br-fake'/><mac address='" OTHER_MAC "'/>"
                        "<driver name='vhost' queues='4'/><link state='down'/>"
                        "<address type='pci' domain='0x0000' bus='0x03' slot='0x00' function='0x0'/></interface>");
  if (channel != NULL)
    g_string_append_printf (xml, CHANNEL, channel);
  g_string_append (xml, "</devices></domain>");
  fake_machine_define (rig->fake, RIG_UUID, xml->str);
  if (state != HOTPLUG_VMI_STATE_STOPPED)
    fake_machine_run (rig->fake, RIG_UUID, xml->str, state);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  return rig;
}

/* NAME/GUEST'S NAME/ADDRESS/ADDRESS,ADDRESS/SOURCES, with "; " between */
static char *
look (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_status_list_interfaces (vmi);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugInterfaceStatus *status = g_ptr_array_index (statuses, i);
      const char *name = hotplug_interface_status_get_name (status);
      const char *words[] = { hotplug_interface_status_get_interface_name (status),
                              hotplug_interface_status_get_ip_address (status),
                              hotplug_interface_status_get_info_source (status) };
      g_autofree char *addresses = g_strjoinv (",", (char **)hotplug_interface_status_get_ip_addresses (status));
      g_string_append_printf (out, "%s%s/%s/%s/%s/%s", i > 0 ? "; " : "",
                              name != NULL ? name + strlen ("52:54:00:00:00:") : "", words[0] != NULL ? words[0] : "",
                              words[1] != NULL ? words[1] : "", addresses, words[2] != NULL ? words[2] : "");
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

#define KNOWS_NOTHING "01////domain; 02////domain"

/* The machine, what the agent, leases and neighbours tell (NULL: nothing), and how often each is asked */
static const struct
{
  const char *row;
  const char *channel;
  HotplugVmiState state;
  const char *agent;
  const char *leases;
  const char *neighbours;
  const char *expected;
  guint agent_calls;
  guint address_calls;
} looks[] = {
  { "nobody", NULL, HOTPLUG_VMI_STATE_RUNNING, NULL, NULL, NULL, KNOWS_NOTHING, 0, 2 },
  { "stopped", NULL, HOTPLUG_VMI_STATE_STOPPED, NULL, NULL, NULL, "01////; 02////", 0, 0 },
  /* libvirt's word for a channel that nobody has opened */
  { "disconnected", "disconnected", HOTPLUG_VMI_STATE_RUNNING, ANSWER (NIC ("eth0", MAC, "")), NULL, NULL,
    KNOWS_NOTHING, 0, 2 },
  { "paused", "connected", HOTPLUG_VMI_STATE_PAUSED, ANSWER (NIC ("eth0", MAC, "")), MAC "=10.0.0.2", NULL,
    "01//10.0.0.2/10.0.0.2/domain; 02////domain", 0, 2 },
  /* nobody else is asked where the agent tells of all */
  { "agent", "connected", HOTPLUG_VMI_STATE_RUNNING,
    ANSWER (NIC ("lo", "00:00:00:00:00:00", IPV4 ("127.0.0.1")) "," NIC (
        "eth0", MAC, IPV6 ("fe80::1") "," IPV4 ("10.0.0.2")) "," NIC ("eth1", OTHER_MAC,
                                                                      "") "," NIC ("br0", "02:00:00:00:00:01",
                                                                                   IPV4 ("192.0.2.1"))),
    MAC "=10.9.9.9", OTHER_MAC "=10.9.9.9",
    ("01/eth0/10.0.0.2/fe80::1,10.0.0.2/domain, guest-agent; 02/eth1///domain, guest-agent; "
     "/br0/192.0.2.1/192.0.2.1/guest-agent"),
    1, 0 },
  { "upper-case", "connected", HOTPLUG_VMI_STATE_RUNNING,
    ANSWER (NIC ("e0", "52-54-00-00-00-01", "") "," NIC ("e1", "52:54:0:0:0:2", "")), NULL, NULL,
    "01/e0///domain, guest-agent; 02/e1///domain, guest-agent", 1, 0 },
  { "agent-of-one", "connected", HOTPLUG_VMI_STATE_RUNNING, ANSWER (NIC ("eth0", MAC, IPV4 ("10.0.0.2"))), NULL,
    OTHER_MAC "=10.0.0.3", "01/eth0/10.0.0.2/10.0.0.2/domain, guest-agent; 02//10.0.0.3/10.0.0.3/domain", 1, 1 },
  { "silent-agent", "connected", HOTPLUG_VMI_STATE_RUNNING, NULL, MAC "=10.0.0.2 " MAC "=fd00::2",
    OTHER_MAC "=10.0.0.3 " MAC "=10.0.0.4", "01//10.0.0.2/10.0.0.2,fd00::2/domain; 02//10.0.0.3/10.0.0.3/domain", 1,
    2 },
  { "garbage-agent", "connected", HOTPLUG_VMI_STATE_RUNNING, "{\"return\":", NULL, MAC "=10.0.0.4",
    "01//10.0.0.4/10.0.0.4/domain; 02////domain", 1, 2 },
  { "leases-of-all", NULL, HOTPLUG_VMI_STATE_RUNNING, NULL, MAC "=10.0.0.2 " OTHER_MAC "=10.0.0.3", NULL,
    "01//10.0.0.2/10.0.0.2/domain; 02//10.0.0.3/10.0.0.3/domain", 0, 1 },
};

static void
test_look (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = make_rig (looks[row].channel, looks[row].state);

  fake_connection_set_agent (rig->fake, looks[row].agent);
  fake_connection_set_addresses (rig->fake, HOTPLUG_ADDRESS_SOURCE_LEASES, looks[row].leases);
  fake_connection_set_addresses (rig->fake, HOTPLUG_ADDRESS_SOURCE_ARP, looks[row].neighbours);
  g_autofree char *seen = look (rig);
  g_assert_cmpstr (seen, ==, looks[row].expected);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_READ_GUEST), ==, looks[row].agent_calls);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_LIST_ADDRESSES), ==, looks[row].address_calls);
}

/* A call that fails takes nothing from the status but what it would have told. */
static void
test_faults (void)
{
  static const struct
  {
    FakeCall call;
    guint nth;
    const char *expected;
  } faults[] = {
    { FAKE_READ_GUEST, 1, "01//10.0.0.3/10.0.0.3/domain; 02//10.0.0.4/10.0.0.4/domain" },
    { FAKE_LIST_ADDRESSES, 1, "01/eth0///domain, guest-agent; 02//10.0.0.4/10.0.0.4/domain" },
  };
  static const FakeFault kinds[] = { FAKE_REFUSES, FAKE_BREAKS_BEFORE, FAKE_BREAKS_AFTER };
  g_autoptr (Rig) rig = make_rig ("connected", HOTPLUG_VMI_STATE_RUNNING);

  fake_connection_set_addresses (rig->fake, HOTPLUG_ADDRESS_SOURCE_LEASES, MAC "=10.0.0.3");
  fake_connection_set_addresses (rig->fake, HOTPLUG_ADDRESS_SOURCE_ARP, OTHER_MAC "=10.0.0.4");
  for (gsize i = 0; i < G_N_ELEMENTS (faults) * G_N_ELEMENTS (kinds); i++)
    {
      gsize row = i / G_N_ELEMENTS (kinds);

      fake_connection_set_agent (rig->fake, ANSWER (NIC ("eth0", MAC, "")));
      fake_connection_fail (rig->fake, faults[row].call, faults[row].nth, kinds[i % G_N_ELEMENTS (kinds)]);
      g_autofree char *seen = look (rig);
      if (faults[row].call == FAKE_READ_GUEST)
        g_assert_cmpstr (seen, ==, faults[row].expected);
      else
        g_assert_true (g_str_has_prefix (seen, "01/eth0///domain, guest-agent; 02/"));
    }
}

/* Who wants volumes waits for no guest, nor who plugs in and removes. */
static void
test_not_asked (void)
{
  g_autoptr (Rig) rig = make_rig ("connected", HOTPLUG_VMI_STATE_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) volumes = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (volumes->len, ==, 1);
  g_assert_true (rig_add (rig, "disk", HOTPLUG_PLUG_NONE, &error));
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "disk", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_READ_GUEST), ==, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_LIST_ADDRESSES), ==, 0);
}

/* KubeVirt's queueCount and linkState: of the domain */
static void
test_domain (void)
{
  g_autoptr (Rig) rig = make_rig (NULL, HOTPLUG_VMI_STATE_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *first = hotplug_vmi_status_get_interface (vmi, MAC);
  HotplugInterfaceStatus *second = hotplug_vmi_status_get_interface (vmi, OTHER_MAC);

  g_assert_true (hotplug_interface_status_is_primary (first));
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (first), ==, 1);
  g_assert_cmpint (hotplug_interface_status_get_link_state (first), ==, HOTPLUG_INTERFACE_STATE_UP);
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (second), ==, 4);
  g_assert_cmpint (hotplug_interface_status_get_link_state (second), ==, HOTPLUG_INTERFACE_STATE_DOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (answers); row++)
    {
      g_autofree char *path = g_strdup_printf ("/guest-interfaces/answer/%s", answers[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_answer);
    }
  g_test_add_func ("/guest-interfaces/flood", test_flood);
  g_test_add_func ("/guest-interfaces/neighbours", test_neighbours);
  for (gsize row = 0; row < G_N_ELEMENTS (looks); row++)
    {
      g_autofree char *path = g_strdup_printf ("/guest-interfaces/look/%s", looks[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_look);
    }
  g_test_add_func ("/guest-interfaces/faults", test_faults);
  g_test_add_func ("/guest-interfaces/not-asked", test_not_asked);
  g_test_add_func ("/guest-interfaces/domain", test_domain);
  return g_test_run ();
}
