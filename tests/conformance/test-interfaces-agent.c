/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* What a guest agent tells of interfaces, and what is known without it, under the embedded driver */

#define GUEST_PATIENCE 60
#define BRIDGE "br-agent"
#define PRIMARY_MAC "52:54:00:00:00:01"
#define DUMMY_MAC "02:00:00:00:be:ef"
#define AGENT "$(cat /run/qemu-ga.pid)"

/* Of a status while its agent hangs; the library waits 2.5 */
#define SECONDS_MAX 5

static const char *const devices[] = { "<interface type='user'><mac address='" PRIMARY_MAC
                                       "'/><model type='virtio'/></interface>",
                                       NULL };

static const LabMachine machine = {
  .name = "vmi-agent", .root_ports = 6, .bare = TRUE, .boots = TRUE, .agent = TRUE, .devices = devices
};

static Rig *rig;

static HotplugVmiStatus *
query (void)
{
  g_autoptr (GError) error = NULL;
  HotplugVmiStatus *vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return vmi;
}

/* By its MAC address */
static HotplugInterfaceStatus *
find (HotplugVmiStatus *vmi, const char *mac)
{
  g_autoptr (GPtrArray) interfaces = hotplug_vmi_status_list_interfaces (vmi);

  for (guint i = 0; i < interfaces->len; i++)
    {
      if (g_str_equal (hotplug_interface_status_get_mac (g_ptr_array_index (interfaces, i)), mac))
        return hotplug_interface_status_ref (g_ptr_array_index (interfaces, i));
    }
  return NULL;
}

/* Until that interface has this for a source, and as many addresses at least: the guest may be slow to tell */
static HotplugInterfaceStatus *
wait_for (const char *mac, const char *source, guint n_addresses)
{
  for (guint i = 0; i < GUEST_PATIENCE * 5; i++)
    {
      g_autoptr (HotplugVmiStatus) vmi = query ();
      g_autoptr (HotplugInterfaceStatus) status = find (vmi, mac);
      if (status != NULL && g_strcmp0 (hotplug_interface_status_get_info_source (status), source) == 0
          && g_strv_length ((char **)hotplug_interface_status_get_ip_addresses (status)) >= n_addresses)
        return g_steal_pointer (&status);
      g_usleep (G_USEC_PER_SEC / 5);
    }
  g_error ("interface %s is not told of by %s", mac, source);
}

static HotplugInterfaceStatus *
add (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("lab", BRIDGE, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new (name, attachment, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_add_interface (rig->vmi, interface, HOTPLUG_PLUG_NONE, NULL, &error);

  g_assert_no_error (error);
  return status;
}

static void
assert_addresses (HotplugInterfaceStatus *status, const char *first, const char *other)
{
  const char *const *addresses = hotplug_interface_status_get_ip_addresses (status);

  g_assert_cmpstr (hotplug_interface_status_get_ip_address (status), ==, first);
  g_assert_true (g_strv_contains (addresses, first));
  g_assert_true (other == NULL || g_strv_contains (addresses, other));
}

/* How long a status takes, seconds; and who tells of that interface */
static double
measure (const char *mac, const char *source)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (HotplugVmiStatus) vmi = query ();
  double seconds = (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC;
  g_autoptr (HotplugInterfaceStatus) status = find (vmi, mac);

  g_test_message ("a status takes %.3f s", seconds);
  g_assert_cmpstr (hotplug_interface_status_get_info_source (status), ==, source);
  return seconds;
}

/* Added to a guest, which gives it addresses */
static HotplugInterfaceStatus *
add_with_addresses (const char *name)
{
  g_autoptr (HotplugInterfaceStatus) added = add (name);
  const char *mac = hotplug_interface_status_get_mac (added);
  g_autofree char *called = lab_guest_interface (rig->guest, mac);

  g_free (lab_guest_run (rig->guest, NULL,
                         "ip link set %s up; ip addr add 192.0.2.7/24 dev %s; ip addr add 192.0.2.8/24 dev %s; "
                         "ip -6 addr add 2001:db8::7/64 dev %s",
                         called, called, called, called));
  return g_steal_pointer (&added);
}

static void
remove_interface (const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
}

static void
test_agent (void)
{
  g_autoptr (HotplugInterfaceStatus) added = add_with_addresses ("dyniface1");
  const char *mac = hotplug_interface_status_get_mac (added);
  g_autofree char *name = lab_guest_interface (rig->guest, mac);
  g_autoptr (HotplugInterfaceStatus) status = wait_for (mac, "domain, guest-agent", 3);
  g_autoptr (HotplugInterfaceStatus) primary = wait_for (PRIMARY_MAC, "domain, guest-agent", 0);

  g_assert_cmpstr (hotplug_interface_status_get_name (status), ==, "dyniface1");
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (status), ==, name);
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (status), ==, 1);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, HOTPLUG_INTERFACE_STATE_UP);
  assert_addresses (status, "192.0.2.7", "192.0.2.8");
  assert_addresses (status, "192.0.2.7", "2001:db8::7");
  g_assert_true (hotplug_interface_status_is_primary (primary));
  g_autofree char *manifest = hotplug_interface_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_nonnull (strstr (manifest, "infoSource: domain, guest-agent\n"));
  g_assert_nonnull (strstr (manifest, "ipAddress: \"192.0.2.7\"\n"));
  g_assert_cmpfloat (measure (mac, "domain, guest-agent"), <, SECONDS_MAX);
  remove_interface ("dyniface1");
  g_autoptr (HotplugVmiStatus) after = query ();
  g_assert_null (find (after, mac));
}

/* It has no name and is no device of the machine; the loopback is not listed. */
static void
test_guest_only (void)
{
  g_free (
      lab_guest_run (rig->guest, NULL,
                     "modprobe dummy numdummies=0; ip link add guest0 type dummy; ip link set guest0 address " DUMMY_MAC
                     " up; ip addr add 198.51.100.5/24 dev guest0"));
  g_autoptr (HotplugInterfaceStatus) status = wait_for (DUMMY_MAC, "guest-agent", 1);

  g_assert_null (hotplug_interface_status_get_name (status));
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (status), ==, "guest0");
  assert_addresses (status, "198.51.100.5", NULL);
  g_assert_false (hotplug_interface_status_is_hotplugged (status));

  g_autoptr (HotplugVmiStatus) vmi = query ();
  g_autoptr (GPtrArray) interfaces = hotplug_vmi_status_list_interfaces (vmi);
  g_assert_cmpuint (interfaces->len, ==, 2);
  g_assert_true (hotplug_interface_status_is_primary (g_ptr_array_index (interfaces, 0)));
  g_free (lab_guest_run (rig->guest, NULL, "ip link del guest0"));
}

static gpointer
query_in_thread (gpointer nothing)
{
  return query ();
}

/* At once, from threads that know nothing of each other: they share one question, and none waits longer */
static void
assert_parallel (void)
{
  GThread *threads[4];
  gint64 begun = g_get_monotonic_time ();

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("query", query_in_thread, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    hotplug_vmi_status_unref (g_thread_join (threads[i]));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, SECONDS_MAX * G_USEC_PER_SEC);
}

/* The agent stops in the middle of its work: its channel stays connected. What the host has in its ARP table is
 * told. */
static void
test_hung (void)
{
  g_autoptr (HotplugInterfaceStatus) added = add_with_addresses ("dyniface1");
  const char *mac = hotplug_interface_status_get_mac (added);
  hotplug_interface_status_unref (wait_for (mac, "domain, guest-agent", 3));
  g_assert_true (lab_guest_wait_for (rig->guest, "ping -c 1 -w 2 192.0.2.1", GUEST_PATIENCE));

  g_free (lab_guest_run (rig->guest, NULL, "kill -STOP " AGENT));
  assert_parallel ();
  /* and now that is known */
  g_assert_cmpfloat (measure (mac, "domain"), <, 2);
  g_autoptr (HotplugInterfaceStatus) seen = wait_for (mac, "domain", 1);
  g_assert_null (hotplug_interface_status_get_interface_name (seen));
  assert_addresses (seen, "192.0.2.7", NULL);

  /* who plugs in and removes does not need it */
  g_autoptr (HotplugInterfaceStatus) other = add ("dyniface2");
  g_assert_cmpstr (hotplug_interface_status_get_info_source (other), ==, "domain");
  g_free (lab_guest_interface (rig->guest, hotplug_interface_status_get_mac (other)));
  remove_interface ("dyniface2");

  g_free (lab_guest_run (rig->guest, NULL, "kill -CONT " AGENT));
  g_autoptr (HotplugInterfaceStatus) again = wait_for (mac, "domain, guest-agent", 3);
  assert_addresses (again, "192.0.2.7", "2001:db8::7");
  remove_interface ("dyniface1");
}

/* It is gone, and its channel with it: nobody waits. The last row, since it does not come back. */
static void
test_gone (void)
{
  g_free (lab_guest_run (rig->guest, NULL, "kill " AGENT));
  g_autoptr (HotplugInterfaceStatus) status = wait_for (PRIMARY_MAC, "domain", 0);

  g_assert_null (hotplug_interface_status_get_interface_name (status));
  g_assert_cmpfloat (measure (PRIMARY_MAC, "domain"), <, 2);
}

static const RigRow rows[] = {
  { "/conformance/N01/agent", test_agent },
  { "/conformance/N01/agent-guest-only", test_guest_only },
  { "/conformance/N01/agent-hung", test_hung },
  { "/conformance/N01/agent-gone", test_gone },
};

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_agent () != NULL ? lab_missing_agent () : lab_missing_network ();

  if (missing == NULL)
    {
      lab_network_enter ();
      lab_bridge_new (BRIDGE);
      lab_network_run ("addr add 192.0.2.1/24 dev " BRIDGE);
    }
  return rig_main (argc, argv, &machine, missing, &rig, rows, G_N_ELEMENTS (rows));
}
