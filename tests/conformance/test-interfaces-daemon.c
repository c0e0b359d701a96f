/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* libvirt's own networks: a daemon that has them, in a network of its own, and a guest that is plugged into each */

#define GUEST_PATIENCE 60
#define DHCP "udhcpc -n -q -t 20 -T 1 -i "

static const LabMachine machine = {
  .name = "vmi-networks", .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .bare = TRUE, .boots = TRUE, .agent = TRUE
};

static LabDaemon *daemon_;
static LabConnect *connect_;
static HotplugVmi *vmi;
static LabGuest *guest;

/* Of the addresses that nobody has (RFC 5737, RFC 2544); the bridges don't wait for a spanning tree */
static void
make_network (const char *name, const char *xml)
{
  virNetworkPtr network = virNetworkDefineXML (connect_, xml);

  g_assert_nonnull (network);
  g_assert_cmpint (virNetworkCreate (network), ==, 0);
  g_assert_cmpstr (virNetworkGetName (network), ==, name);
  virNetworkFree (network);
}

/* From the outside the daemon's bridges can't be seen, so that it is the network which counts */
static HotplugInterfaceStatus *
add (const char *name, const char *bridge, const char *network)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge (name, bridge, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new (name, attachment, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_add_interface (vmi, interface, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_READY);

  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  g_autofree char *live = lab_live_xml (domain);
  g_autofree char *source = g_strdup_printf ("<source network='%s'", network);
  g_assert_nonnull (strstr (live, source));
  return status;
}

static void
remove_interface (const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_interface (vmi, name, HOTPLUG_PLUG_NONE, -1, NULL, &error));
  g_assert_no_error (error);
}

/* What the guest calls it, once its udev has named it; it is up then */
static char *
guest_name (HotplugInterfaceStatus *status)
{
  g_autofree char *named = g_strdup_printf (
      "test -e /run/udev/data/n$(cat $(grep -lx %s /sys/class/net/*/address | sed s/address$/ifindex/))",
      hotplug_interface_status_get_mac (status));

  g_assert_true (lab_guest_wait_for (guest, named, GUEST_PATIENCE));
  char *name = g_strstrip (lab_guest_run (guest, NULL, "grep -lx %s /sys/class/net/*/address | cut -d/ -f5",
                                          hotplug_interface_status_get_mac (status)));
  g_free (lab_guest_run (guest, NULL, "ip link set %s up", name));
  return name;
}

/* Until that is where the status has it from */
static HotplugInterfaceStatus *
wait_for_address (const char *name, const char *source)
{
  for (guint i = 0; i < GUEST_PATIENCE * 5; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, &error);
      g_assert_no_error (error);
      HotplugInterfaceStatus *found = hotplug_vmi_status_get_interface (status, name);
      if (hotplug_interface_status_get_ip_address (found) != NULL
          && g_strcmp0 (hotplug_interface_status_get_info_source (found), source) == 0)
        return hotplug_interface_status_ref (found);
      g_usleep (G_USEC_PER_SEC / 5);
    }
  g_error ("interface %s has no address from %s", name, source);
}

/* The one that the guest has, and no other: IPv4 comes first */
static void
assert_address (HotplugInterfaceStatus *status, const char *name)
{
  g_autofree char *address = g_strstrip (lab_guest_run (
      guest, NULL, "ip -4 addr show dev %s | sed -n 's,^ *inet \\([0-9.]*\\)/.*,\\1,p'", name));

  g_assert_cmpstr (hotplug_interface_status_get_ip_address (status), ==, address);
}

/* By the agent; when that is gone, by who else knows: libvirt's lease */
static void
test_agent (void)
{
  if (lab_missing_agent () != NULL)
    {
      g_test_skip (lab_missing_agent ());
      return;
    }

  make_network ("told", "<network><name>told</name><bridge name='br-told' stp='off'/>"
                        "<ip address='198.18.0.1' netmask='255.255.255.0'>"
                        "<dhcp><range start='198.18.0.100' end='198.18.0.200'/></dhcp></ip></network>");
  g_autoptr (HotplugInterfaceStatus) added = add ("dyniface1", "br-told", "told");
  g_autofree char *name = guest_name (added);
  g_free (lab_guest_run (guest, NULL, DHCP "%s 2>&1", name));

  g_autoptr (HotplugInterfaceStatus) told = wait_for_address ("dyniface1", "domain, guest-agent");
  g_assert_cmpstr (hotplug_interface_status_get_interface_name (told), ==, name);
  assert_address (told, name);

  g_free (lab_guest_run (guest, NULL, "kill $(cat /run/qemu-ga.pid)"));
  g_autoptr (HotplugInterfaceStatus) leased = wait_for_address ("dyniface1", "domain");
  g_assert_null (hotplug_interface_status_get_interface_name (leased));
  assert_address (leased, name);
  remove_interface ("dyniface1");
}

/* An address by DHCP, which the status has by the lease, and the host on the other end of the bridge */
static void
assert_leased (HotplugInterfaceStatus *status, const char *prefix, const char *gateway)
{
  g_autofree char *name = guest_name (status);
  g_free (lab_guest_run (guest, NULL, DHCP "%s 2>&1", name));
  g_autofree char *addresses = lab_guest_run (guest, NULL, "ip -4 addr show dev %s", name);
  g_autofree char *ping = g_strdup_printf ("ping -c 1 -w 2 %s", gateway);

  g_assert_nonnull (strstr (addresses, prefix));
  g_assert_true (lab_guest_wait_for (guest, ping, GUEST_PATIENCE));
  g_autoptr (HotplugInterfaceStatus)
      leased = wait_for_address (hotplug_interface_status_get_name (status), "domain");
  assert_address (leased, name);
}

static void
test_nat (void)
{
  make_network ("nat", "<network><name>nat</name><forward mode='nat'/><bridge name='br-nat' stp='off'/>"
                       "<ip address='192.0.2.1' netmask='255.255.255.0'>"
                       "<dhcp><range start='192.0.2.100' end='192.0.2.200'/></dhcp></ip></network>");
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "br-nat", "nat");

  assert_leased (status, " 192.0.2.1", "192.0.2.1");
  remove_interface ("dyniface1");
}

static void
test_isolated (void)
{
  make_network ("isolated", "<network><name>isolated</name><bridge name='br-isolated' stp='off'/>"
                            "<ip address='198.51.100.1' netmask='255.255.255.0'>"
                            "<dhcp><range start='198.51.100.100' end='198.51.100.200'/></dhcp></ip></network>");
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "br-isolated", "isolated");

  assert_leased (status, " 198.51.100.1", "198.51.100.1");
  remove_interface ("dyniface1");
}

/* A bridge that was there before libvirt's network */
static void
test_bridged (void)
{
  g_free (lab_daemon_run (daemon_, NULL,
                          "ip link add br-plain type bridge forward_delay 0; ip link set br-plain up; "
                          "ip addr add 203.0.113.1/24 dev br-plain"));
  make_network ("bridged", "<network><name>bridged</name><forward mode='bridge'/><bridge name='br-plain'/></network>");
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "br-plain", "bridged");
  g_autofree char *name = guest_name (status);

  g_free (lab_guest_run (guest, NULL, "ip addr add 203.0.113.2/24 dev %s", name));
  g_assert_true (lab_guest_wait_for (guest, "ping -c 1 -w 2 203.0.113.1", GUEST_PATIENCE));
  remove_interface ("dyniface1");
}

static char *
dup_interface_xml (void)
{
  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  g_autofree char *live = lab_live_xml (domain);
  const char *begin = strstr (live, "<interface");
  const char *end = strstr (live, "</interface>");

  g_assert_nonnull (end);
  return g_strndup (begin, (gsize)(end - begin));
}

/* @bridge: (nullable): where it is moved to */
static void
change (HotplugInterfaceState state, const char *bridge)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment)
      to = bridge != NULL ? hotplug_network_attachment_new_for_bridge ("there", bridge, &error) : NULL;
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_update_interface (vmi, "dyniface1", state, to, HOTPLUG_PLUG_NONE, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (status);
}

/* One of a network that is a bridge of the host stays that network's when its link is set, though libvirt writes it as the
 * bridge's; and it moves to another network. */
static void
test_changed (void)
{
  g_free (lab_daemon_run (daemon_, NULL,
                          "ip link add br-here type bridge forward_delay 0; ip link set br-here up; "
                          "ip addr add 198.18.1.1/24 dev br-here"));
  make_network ("here", "<network><name>here</name><forward mode='bridge'/><bridge name='br-here'/></network>");
  make_network ("there", "<network><name>there</name><bridge name='br-there' stp='off'/>"
                         "<ip address='198.18.2.1' netmask='255.255.255.0'/></network>");
  g_autoptr (HotplugInterfaceStatus) status = add ("dyniface1", "br-here", "here");
  g_autofree char *name = guest_name (status);
  g_autofree char *down = g_strdup_printf ("test $(cat /sys/class/net/%s/carrier) = 0", name);
  g_free (lab_guest_run (guest, NULL, "ip addr add 198.18.1.2/24 dev %s; ip addr add 198.18.2.2/24 dev %s", name, name));
  g_autofree char *before = dup_interface_xml ();

  change (HOTPLUG_INTERFACE_STATE_DOWN, NULL);
  g_assert_true (lab_guest_wait_for (guest, down, GUEST_PATIENCE));
  change (HOTPLUG_INTERFACE_STATE_UP, NULL);
  g_autofree char *after = dup_interface_xml ();
  g_assert_cmpstr (after, ==, before);
  g_assert_true (lab_guest_wait_for (guest, "ping -c 1 -w 2 198.18.1.1", GUEST_PATIENCE));

  change (HOTPLUG_INTERFACE_STATE_UNCHANGED, "br-there");
  g_autofree char *moved = dup_interface_xml ();
  g_assert_nonnull (strstr (moved, "<source network='there'"));
  g_assert_true (lab_guest_wait_for (guest, "ping -c 1 -w 2 198.18.2.1", GUEST_PATIENCE));
  g_assert_true (lab_guest_wait_for (guest, "! ping -c 1 -w 1 198.18.1.1", 2));
  change (HOTPLUG_INTERFACE_STATE_UNCHANGED, "br-here");
  g_assert_true (lab_guest_wait_for (guest, "ping -c 1 -w 2 198.18.1.1", GUEST_PATIENCE));
  remove_interface ("dyniface1");
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_daemon_network ();
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      g_print ("1..0 # SKIP %s\n", missing);
      return 0;
    }

  daemon_ = lab_daemon_new ("networks", FALSE);
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autofree char *socket = lab_daemon_socket (daemon_, machine.name);
  g_autoptr (HotplugHost) host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  connect_ = lab_connect (lab_daemon_uri (daemon_));
  g_autoptr (LabDomain) domain = lab_define (connect_, xml);
  lab_create (domain, FALSE);
  vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_assert_no_error (error);
  guest = lab_guest_wait (socket);

  /* the first: it ends the agent */
  g_test_add_func ("/conformance/N01/daemon-agent", test_agent);
  g_test_add_func ("/conformance/N01/N02/libvirt-nat", test_nat);
  g_test_add_func ("/conformance/N01/N02/libvirt-isolated", test_isolated);
  g_test_add_func ("/conformance/N01/N02/libvirt-bridged", test_bridged);
  g_test_add_func ("/conformance/N05/N10/libvirt-networks", test_changed);
  int result = g_test_run ();
  lab_guest_free (guest);
  g_object_unref (vmi);
  virConnectClose (connect_);
  lab_daemon_free (daemon_);
  return result;
}
