/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* A VLAN on a bridge of the kernel's, of a daemon that takes it or does not */

#define GUEST_PATIENCE 60
#define TAKES_VLANS 11000000 /* libvirt */

static const LabMachine machine
    = { .name = "vmi-vlan", .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .bare = TRUE, .boots = TRUE };

static LabDaemon *daemon_;
static LabConnect *connect_;
static HotplugVmi *vmi;
static LabGuest *guest;

/* From the outside the daemon's bridges can't be seen, so that it is the network which counts */
static void
make_network (void)
{
  virNetworkPtr network = virNetworkDefineXML (
      connect_, "<network><name>vlan</name><forward mode='bridge'/><bridge name='br-vlan'/></network>");

  g_assert_nonnull (network);
  g_assert_cmpint (virNetworkCreate (network), ==, 0);
  virNetworkFree (network);
}

static HotplugInterface *
new_tagged (guint vlan)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment)
      attachment = g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "tagged", "bridge", "br-vlan",
                                   "vlan", vlan, NULL);
  g_assert_no_error (error);
  HotplugInterface *interface = hotplug_interface_new ("dyniface1", attachment, &error);
  g_assert_no_error (error);
  return interface;
}

/* Refused, by whomever: on both sides the machine is what it was */
static char *
refuse_tagged (HotplugError code)
{
  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  g_autoptr (HotplugInterface) interface = new_tagged (7);
  g_autofree char *live = lab_live_xml (domain);
  g_autofree char *template = lab_inactive_xml (domain);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_vmi_add_interface (vmi, interface, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_autofree char *live_after = lab_live_xml (domain);
  g_autofree char *template_after = lab_inactive_xml (domain);
  g_assert_cmpstr (live_after, ==, live);
  g_assert_cmpstr (template_after, ==, template);
  return g_strdup (error->message);
}

/* What the guest calls it; it is up then */
static char *
guest_name (const char *mac)
{
  char *name = lab_guest_interface (guest, mac);

  g_free (lab_guest_run (guest, NULL, "ip link set %s up", name));
  return name;
}

/* The guest is in the VLAN, and not on the bridge itself: its frames have the tag there, which they have not in it. */
static void
use_tagged (void)
{
  g_autoptr (HotplugInterface) interface = new_tagged (7);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (vmi, interface, HOTPLUG_PLUG_NONE, NULL, &error);
  int tagged = 0;

  g_assert_no_error (error);
  g_autofree char *show
      = g_strdup_printf ("bridge vlan show dev %s", hotplug_interface_status_get_tap (status));
  g_autofree char *vlans = lab_daemon_run (daemon_, NULL, show);
  g_assert_nonnull (strstr (vlans, "7 PVID Egress Untagged"));
  g_assert_null (strstr (vlans, "1 PVID"));

  g_free (lab_daemon_run (daemon_, NULL, "ip addr add 198.18.3.1/24 dev br-vlan"));
  g_free (lab_daemon_run (daemon_, &tagged,
                          "bridge vlan add dev br-vlan vid 7 self && ip link add link br-vlan name vlan7 type vlan id 7 "
                          "&& ip link set vlan7 up && ip addr add 198.18.4.1/24 dev vlan7"));
  g_autofree char *name = guest_name (hotplug_interface_status_get_mac (status));
  g_free (
      lab_guest_run (guest, NULL, "ip addr add 198.18.3.2/24 dev %s; ip addr add 198.18.4.2/24 dev %s", name, name));
  if (tagged == 0)
    g_assert_true (lab_guest_wait_for (guest, "ping -c 1 -w 2 198.18.4.1", GUEST_PATIENCE));
  g_assert_true (lab_guest_wait_for (guest, "! ping -c 1 -w 2 198.18.3.1", 4));
  g_assert_true (hotplug_vmi_remove_interface (vmi, "dyniface1", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
}

/* A VLAN on a bridge of the kernel's: libvirt takes it since 11.0, if the bridge filters. */
static void
test_vlan (void)
{
  unsigned long version = 0;
  int filters = 0;

  g_assert_cmpint (virConnectGetLibVersion (connect_, &version), ==, 0);
  g_free (lab_daemon_run (daemon_, NULL, "ip link add br-vlan type bridge forward_delay 0; ip link set br-vlan up"));
  make_network ();
  g_free (lab_daemon_run (daemon_, &filters, "ip link set br-vlan type bridge vlan_filtering 1"));
  if (version < TAKES_VLANS)
    {
      g_autofree char *said = refuse_tagged (HOTPLUG_ERROR_NETWORK_UNSUPPORTED);
      g_assert_nonnull (strstr (said, "a VLAN (7) on the Linux bridge br-vlan needs libvirt 11.0.0"));
    }
  else if (filters == 0)
    use_tagged ();
  else
    {
      g_autofree char *said = refuse_tagged (HOTPLUG_ERROR_HYPERVISOR);
      g_test_message ("%s", said);
      g_test_skip ("bridges of this kernel filter no VLANs");
    }
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_daemon_network ();
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  daemon_ = lab_daemon_new ("vlan", FALSE);
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

  g_test_add_func ("/conformance/N01/vlan", test_vlan);
  int result = g_test_run ();
  lab_guest_free (guest);
  g_object_unref (vmi);
  virConnectClose (connect_);
  lab_daemon_free (daemon_);
  return result;
}
