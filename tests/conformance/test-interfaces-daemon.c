/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conformance/rig.h"

/* libvirt's own networks: a daemon that has them, in a network of its own, and a guest that is plugged into each */

#define GUEST_PATIENCE 60
#define KILLS 6
#define MONITOR_TRIES 20
#define LONGEST_DELAY (80 * G_TIME_SPAN_MILLISECOND)
#define DHCP "udhcpc -n -q -t 20 -T 1 -i "

static const LabMachine machine = {
  .name = "vmi-networks", .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .bare = TRUE, .boots = TRUE, .agent = TRUE
};

static const char *program;
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

  g_assert_true (hotplug_vmi_remove_interface (vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
}

/* What the guest calls it; it is up then */
static char *
guest_name (HotplugInterfaceStatus *status)
{
  char *name = lab_guest_interface (guest, hotplug_interface_status_get_mac (status));

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

/* Without the number that libvirt gives the port of a network, which is a new one with each change since libvirt 11 */
static char *
dup_interface_xml (void)
{
  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  g_autofree char *live = lab_live_xml (domain);
  const char *begin = strstr (live, "<interface");
  const char *end = strstr (live, "</interface>");

  g_assert_nonnull (end);
  g_autofree char *xml = g_strndup (begin, (gsize)(end - begin));
  char *port = strstr (xml, " portid='");
  if (port != NULL)
    {
      const char *rest = strchr (port + strlen (" portid='"), '\'') + 1;
      memmove (port, rest, strlen (rest) + 1);
    }
  return g_steal_pointer (&xml);
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

/* One of a network that is a bridge of the host stays that network's when its link is set, though libvirt writes it as
 * the bridge's; and it moves to another network. */
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
  g_free (
      lab_guest_run (guest, NULL, "ip addr add 198.18.1.2/24 dev %s; ip addr add 198.18.2.2/24 dev %s", name, name));
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

static char *
ask_qemu (const char *command)
{
  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  char *reply = NULL;
  int done = virDomainQemuMonitorCommand (domain, command, &reply, 0);

  /* a daemon that was killed just now may still be at something with its machines */
  for (guint i = 0; done != 0 && i < MONITOR_TRIES; i++)
    {
      g_test_message ("monitor: %s", virGetLastErrorMessage ());
      g_usleep (G_TIME_SPAN_SECOND / 2);
      done = virDomainQemuMonitorCommand (domain, command, &reply, 0);
    }
  g_assert_cmpint (done, ==, 0);
  g_assert_null (strstr (reply, "\"error\""));
  return reply;
}

/* Devices of ours and their hosts' sides, each of the latter with its tap */
static gboolean
qemu_has (const char *what)
{
  g_autofree char *networks
      = ask_qemu ("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"info network\"}}");
  g_autofree char *devices
      = ask_qemu ("{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}");

  return strstr (networks, what) != NULL || strstr (devices, what) != NULL;
}

/* In a thread of its own, since it moves into the daemon's network */
static gpointer
open_tap (gpointer name)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/ns/net", (int)lab_daemon_namespace (daemon_));
  int network = open (path, O_RDONLY | O_CLOEXEC);
  struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

  g_assert_cmpint (setns (network, CLONE_NEWNET), ==, 0);
  close (network);
  int tap = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  g_assert_cmpint (ioctl (tap, TUNSETIFF, &request), ==, 0);
  return GINT_TO_POINTER (tap);
}

/* Hands QEMU the tap of an interface-to-be, as libvirt does just before it makes the host's side */
static void
hand_tap (const char *name)
{
  g_autofree char *whole = g_strconcat (hotplug_vmi_get_uuid (vmi), "/", name, NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);
  g_autofree char *tap = g_strdup_printf ("tap%.11s", sum);
  g_autofree char *command
      = g_strdup_printf ("{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"tapfd-ua-hpi-%s0\"}}", name);
  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  int file = GPOINTER_TO_INT (g_thread_join (g_thread_new ("tap", open_tap, tap)));
  char *reply = NULL;

  g_assert_cmpint (virDomainQemuMonitorCommandWithFiles (domain, command, 1, &file, NULL, NULL, &reply, 0), ==, 0);
  g_assert_null (strstr (reply, "\"error\""));
  free (reply);
  close (file);
}

/* What a libvirt that was killed has begun: half an interface, whose other half now comes, a whole one, and one of
 * which there is but the tap */
static void
test_leftovers (void)
{
  make_network ("left", "<network><name>left</name><bridge name='br-left' stp='off'/></network>");
  g_free (ask_qemu ("{\"execute\":\"netdev_add\",\"arguments\":{\"type\":\"user\",\"id\":\"hostua-hpi-half\"}}"));
  g_free (ask_qemu ("{\"execute\":\"netdev_add\",\"arguments\":{\"type\":\"user\",\"id\":\"hostua-hpi-whole\"}}"));
  g_free (ask_qemu ("{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"virtio-net-pci\",\"id\":\"ua-hpi-whole\","
                    "\"netdev\":\"hostua-hpi-whole\",\"mac\":\"02:00:00:00:00:77\",\"bus\":\"pci.4\"}}"));
  g_assert_true (lab_guest_wait_for (guest, "grep -qx 02:00:00:00:00:77 /sys/class/net/*/address", GUEST_PATIENCE));

  g_autoptr (HotplugInterfaceStatus) status = add ("half", "br-left", "left");
  g_free (guest_name (status));
  g_assert_true (qemu_has ("hostua-hpi-half"));
  g_assert_false (qemu_has ("ua-hpi-whole"));
  remove_interface ("half");
  g_assert_false (qemu_has ("ua-hpi-"));

  hand_tap ("held");
  g_autoptr (HotplugInterfaceStatus) held = add ("held", "br-left", "left");
  g_free (guest_name (held));
  remove_interface ("held");
}

typedef struct
{
  gint64 delay;
  gint begun;
} Killer;

static gpointer
run_killer (gpointer data)
{
  Killer *killer = data;

  while (!g_atomic_int_get (&killer->begun))
    g_thread_yield ();
  g_usleep ((gulong)killer->delay);
  lab_daemon_kill (daemon_);
  lab_daemon_start (daemon_);
  return NULL;
}

static gboolean
try_to_add (HotplugVmi *to, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("left", "br-left", NULL);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new ("killed", attachment, NULL);
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (to, interface, HOTPLUG_PLUG_PERSIST, NULL, error);

  return status != NULL;
}

/* libvirtd is killed while it adds, or removes: the next calls find their way, and nothing is left in QEMU. */
static void
kill_once (gint64 delay, gboolean removes)
{
  Killer killer = { .delay = delay };
  g_autoptr (GError) error = NULL;

  g_assert_true (!removes || try_to_add (vmi, &error));
  virConnectClose (connect_);
  GThread *thread = g_thread_new ("killer", run_killer, &killer);
  g_atomic_int_set (&killer.begun, 1);
  if (!(removes ? hotplug_vmi_remove_interface (vmi, "killed", HOTPLUG_PLUG_PERSIST, -1, NULL, &error)
                : try_to_add (vmi, &error)))
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_clear_error (&error);
  g_thread_join (thread);
  connect_ = lab_connect (lab_daemon_uri (daemon_));

  if (!removes && !try_to_add (vmi, &error))
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);
  if (!hotplug_vmi_remove_interface (vmi, "killed", HOTPLUG_PLUG_PERSIST, -1, NULL, &error))
    {
      g_assert_true (removes);
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
    }
  g_assert_false (qemu_has ("ua-hpi-"));
}

/* As a process of its own: PROGRAM --client URI add|remove */
static int
be_client (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (argv[2], NULL, &error);
  g_autoptr (HotplugVmi) own = host != NULL ? hotplug_host_get_vmi (host, machine.name, NULL, &error) : NULL;

  puts ("ready");
  fflush (stdout);
  if (own != NULL && strcmp (argv[3], "add") == 0)
    return try_to_add (own, &error) ? EXIT_SUCCESS : EXIT_FAILURE;
  gboolean removed = own != NULL
                     && hotplug_vmi_remove_interface (own, "killed", HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  return removed ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void
run_and_kill_client (gint64 delay, gboolean removes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) client = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--client",
                                                     lab_daemon_uri (daemon_), removes ? "remove" : "add", NULL);
  char ready[8];
  gsize got;

  g_assert_no_error (error);
  g_assert_true (
      g_input_stream_read_all (g_subprocess_get_stdout_pipe (client), ready, strlen ("ready\n"), &got, NULL, NULL));
  g_assert_cmpuint (got, ==, strlen ("ready\n"));
  g_usleep ((gulong)delay);
  g_subprocess_force_exit (client);
  g_subprocess_wait (client, NULL, NULL);
}

/* How it stands when the guest has answered: in the template, with its name, as it is in the guest */
static gboolean
is_there (HotplugVmi *of)
{
  for (guint i = 0; i < GUEST_PATIENCE * 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVmiStatus) all = hotplug_vmi_query_status (of, NULL, &error);
      g_assert_no_error (error);
      HotplugInterfaceStatus *status = hotplug_vmi_status_get_interface (all, "killed");
      if (status == NULL)
        return FALSE;
      if (hotplug_interface_status_get_phase (status) == HOTPLUG_INTERFACE_PHASE_READY)
        {
          g_assert_true (hotplug_interface_status_is_persisted (status));
          g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "left");
          return TRUE;
        }
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
  g_error ("the interface is neither there nor gone");
}

/* A client is killed while it adds, or removes: the next one finds all of it or nothing. */
static void
kill_client_once (gint64 delay, gboolean removes)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (!removes || try_to_add (vmi, &error));
  run_and_kill_client (delay, removes);

  g_autoptr (HotplugVmi) next = hotplug_host_get_vmi (hotplug_vmi_get_host (vmi), machine.name, NULL, &error);
  g_assert_no_error (error);
  gboolean there = is_there (next);
  g_assert_true (there == qemu_has ("hostua-hpi-killed"));
  if (there)
    g_assert_true (hotplug_vmi_remove_interface (next, "killed", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (qemu_has ("ua-hpi-"));

  g_autoptr (LabDomain) domain = lab_lookup (connect_, machine.name);
  g_autofree char *template = lab_inactive_xml (domain);
  g_assert_null (strstr (template, "killed"));
}

static void
test_kills (gconstpointer data)
{
  void (*kill_one) (gint64 delay, gboolean removes) = data != NULL ? kill_client_once : kill_once;
  const char *wanted = g_getenv ("HOTPLUG_TEST_INTERFACE_KILLS");
  int kills = MIN (wanted != NULL ? atoi (wanted) : KILLS, 100);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (int i = 0; i < kills; i++)
    {
      gint64 delay = g_rand_int_range (random, 0, LONGEST_DELAY);
      g_test_message ("kill %d, after %" G_GINT64_FORMAT " us", i, delay);
      kill_one (delay, i % 2);
    }
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_daemon_network ();
  g_autoptr (GError) error = NULL;

  program = argv[0];
  if (argc == 4 && strcmp (argv[1], "--client") == 0)
    return be_client (argv);
  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
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
  g_test_add_func ("/conformance/N04/leftovers", test_leftovers);
  g_test_add_data_func ("/conformance/N04/client-killed", program, test_kills);
  g_test_add_data_func ("/conformance/N04/daemon-killed", NULL, test_kills);
  int result = g_test_run ();
  lab_guest_free (guest);
  g_object_unref (vmi);
  virConnectClose (connect_);
  lab_daemon_free (daemon_);
  return result;
}
