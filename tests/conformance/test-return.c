/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "conformance/rig.h"

/* What is not persisted comes back to a machine whose template others have changed meanwhile, on each way that there
 * is: what they have taken moves, is told to have moved, and nothing else does. */

#define MACHINE "returns"
#define BRIDGE "lab-br0"
#define WAIT_SECONDS 60

/* An order keeps libvirt from booting by kind. */
static const char *const devices[]
    = { "<disk type='file' device='cdrom'><target dev='sdz' bus='sata'/><readonly/><boot order='9'/></disk>", NULL };

static LabDaemon *daemon_;
static char *images;
static const char *hotplugctl;

typedef struct
{
  virConnectPtr connect;
  virDomainPtr domain;
  HotplugHost *host;
  HotplugVmi *vmi;
} Fixture;

static void
add_volume (Fixture *fixture, const char *name, HotplugBus bus, guint boot_order)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = lab_image_new (images, name, 1 << 20);
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", image,
                                                     "bus", bus, "boot-order", boot_order, NULL);
  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (fixture->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
}

static void
add_interface (Fixture *fixture, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge (name, BRIDGE, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new (name, attachment, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (fixture->vmi, interface, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
}

static HotplugVmiStatus *
query (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  HotplugVmiStatus *status = hotplug_vmi_query_status (fixture->vmi, NULL, &error);

  g_assert_no_error (error);
  return status;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const LabMachine machine = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 8, .scsi = TRUE,
                               .bare = TRUE, .devices = devices };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GError) error = NULL;

  images = lab_dir_new ();
  fixture->host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_define (fixture->connect, xml);
  lab_create (fixture->domain, FALSE);
  fixture->vmi = hotplug_host_get_vmi (fixture->host, MACHINE, NULL, &error);
  g_assert_no_error (error);
  add_volume (fixture, "one", HOTPLUG_BUS_SCSI, 0);
  add_volume (fixture, "two", HOTPLUG_BUS_SCSI, 0);
  add_volume (fixture, "port", HOTPLUG_BUS_VIRTIO, 0);
  add_volume (fixture, "first", HOTPLUG_BUS_SCSI, 1);
  add_volume (fixture, "second", HOTPLUG_BUS_SCSI, 2);
  add_volume (fixture, "third", HOTPLUG_BUS_SCSI, 3);
  add_interface (fixture, "nic");
  add_interface (fixture, "other-nic");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->vmi);
  g_clear_object (&fixture->host);
  if (lab_is_active (fixture->domain))
    lab_destroy (fixture->domain);
  lab_undefine (fixture->domain);
  virDomainFree (fixture->domain);
  virConnectClose (fixture->connect);
  g_clear_pointer (&images, g_free);
}

/* A disk with the target, the unit and the boot order of two of ours, and an interface with the port of a third and the
 * boot order of a fourth */
static char *
take_places (Fixture *fixture, HotplugVmiStatus *before)
{
  const char *port = hotplug_interface_status_get_address (hotplug_vmi_status_get_interface (before, "nic"));
  guint bus = 0;
  g_assert_cmpint (sscanf (port, "0000:%x:00.0", &bus), ==, 1);
  g_autofree char *image = lab_image_new (images, "theirs", 1 << 20);
  g_autofree char *disk = g_strdup_printf ("<disk type='file' device='disk'><source file='%s'/>"
                                           "<target dev='sda' bus='scsi'/><boot order='1'/>"
                                           "<address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>",
                                           image);
  g_autofree char *nic = g_strdup_printf ("<interface type='user'><mac address='52:54:00:00:00:77'/>"
                                          "<model type='virtio'/><boot order='3'/><address type='pci' domain='0' "
                                          "bus='%u' slot='0' function='0'/></interface>",
                                          bus);

  lab_attach (fixture->domain, disk, VIR_DOMAIN_AFFECT_CONFIG);
  lab_attach (fixture->domain, nic, VIR_DOMAIN_AFFECT_CONFIG);
  return g_strdup (port);
}

static void
come_back_by_restart (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_restart (fixture->vmi, 0, NULL, &error);
  g_assert_no_error (error);
}

static void
come_back_by_start (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  lab_destroy (fixture->domain);
  hotplug_vmi_start (fixture->vmi, NULL, &error);
  g_assert_no_error (error);
}

/* As hotplugctl watch does when others have started it */
static void
bring_back (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  lab_destroy (fixture->domain);
  lab_create (fixture->domain, FALSE);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (fixture->vmi, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < statuses->len; i++)
    g_assert_cmpint (hotplug_volume_status_get_phase (g_ptr_array_index (statuses, i)), ==, HOTPLUG_VOLUME_PHASE_READY);
}

/* A client that starts it is killed as soon as it is there. */
static void
recover (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  gint64 until = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;

  lab_destroy (fixture->domain);
  g_autoptr (GSubprocess) client = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, hotplugctl, "-c",
                                                     lab_daemon_uri (daemon_), "start", MACHINE, NULL);
  g_assert_no_error (error);
  while (virDomainIsActive (fixture->domain) != 1)
    g_assert_cmpint (g_get_monotonic_time (), <, until);
  g_subprocess_force_exit (client);
  g_subprocess_wait (client, NULL, NULL);
  g_test_message ("%s", g_subprocess_get_if_signaled (client) ? "killed" : "it was faster");

  g_clear_object (&fixture->vmi);
  fixture->vmi = hotplug_host_get_vmi (fixture->host, MACHINE, NULL, &error);
  g_assert_no_error (error);
}

#define TOLD "others have taken its place"

static void
assert_kept (HotplugVmiStatus *before, HotplugVmiStatus *after, const char *name)
{
  HotplugVolumeStatus *was = hotplug_vmi_status_get_volume (before, name);
  HotplugVolumeStatus *is = hotplug_vmi_status_get_volume (after, name);

  g_assert_cmpint (hotplug_volume_status_get_phase (is), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_cmpstr (hotplug_volume_status_get_target (is), ==, hotplug_volume_status_get_target (was));
  g_assert_cmpstr (hotplug_volume_status_get_address (is), ==, hotplug_volume_status_get_address (was));
  g_assert_cmpuint (hotplug_volume_status_get_boot_order (is), ==, hotplug_volume_status_get_boot_order (was));
  g_assert_cmpstr (hotplug_volume_status_get_message (is), ==, hotplug_volume_status_get_message (was));
}

/* Ours have sda to sde and their units, and the next free ones are behind them. */
static void
assert_moved (HotplugVmiStatus *after, const char *name, const char *target, const char *address, guint boot_order)
{
  HotplugVolumeStatus *is = hotplug_vmi_status_get_volume (after, name);

  g_assert_cmpint (hotplug_volume_status_get_phase (is), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_cmpstr (hotplug_volume_status_get_target (is), ==, target);
  g_assert_cmpstr (hotplug_volume_status_get_address (is), ==, address);
  g_assert_cmpuint (hotplug_volume_status_get_boot_order (is), ==, boot_order);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (is), TOLD));
}

static void
assert_only_these_moved (HotplugVmiStatus *before, HotplugVmiStatus *after, const char *port)
{
  static const char *const kept[] = { "two", "port", "second" };
  HotplugInterfaceStatus *nic = hotplug_vmi_status_get_interface (after, "nic");
  HotplugInterfaceStatus *other = hotplug_vmi_status_get_interface (after, "other-nic");

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++)
    assert_kept (before, after, kept[i]);
  assert_moved (after, "one", "sdf", "0:0:0:5", 0);
  assert_moved (after, "first", "sdc", "0:0:0:2", 4);
  assert_moved (after, "third", "sde", "0:0:0:4", 5);

  g_assert_cmpint (hotplug_interface_status_get_phase (nic), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_address (nic), !=, port);
  g_assert_nonnull (strstr (hotplug_interface_status_get_message (nic), TOLD));
  g_assert_cmpint (hotplug_interface_status_get_phase (other), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (
      hotplug_interface_status_get_address (other), ==,
      hotplug_interface_status_get_address (hotplug_vmi_status_get_interface (before, "other-nic")));
  g_assert_null (hotplug_interface_status_get_message (other));
}

/* In the next run it has had its new place before. */
static void
assert_stays (Fixture *fixture, HotplugVmiStatus *moved)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_restart (fixture->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVmiStatus) again = query (fixture);
  HotplugVolumeStatus *one = hotplug_vmi_status_get_volume (again, "one");
  HotplugInterfaceStatus *nic = hotplug_vmi_status_get_interface (again, "nic");

  g_assert_cmpstr (hotplug_volume_status_get_target (one), ==, "sdf");
  g_assert_cmpstr (hotplug_volume_status_get_address (one), ==, "0:0:0:5");
  g_assert_null (strstr (hotplug_volume_status_get_message (one), TOLD));
  g_assert_cmpstr (hotplug_interface_status_get_address (nic), ==,
                   hotplug_interface_status_get_address (hotplug_vmi_status_get_interface (moved, "nic")));
  g_assert_null (hotplug_interface_status_get_message (nic));
}

static const struct
{
  const char *path;
  void (*come_back) (Fixture *fixture);
} ways[] = {
  { "/conformance/FS01/return-restart", come_back_by_restart },
  { "/conformance/FS01/return-start", come_back_by_start },
  { "/conformance/FS01/return-started-by-others", bring_back },
  { "/conformance/FS01/return-client-killed", recover },
};

static void
test_way (Fixture *fixture, gconstpointer data)
{
  gsize way = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugVmiStatus) before = query (fixture);
  g_autofree char *port = take_places (fixture, before);

  ways[way].come_back (fixture);
  g_autoptr (HotplugVmiStatus) after = query (fixture);
  g_assert_cmpint (hotplug_vmi_status_get_state (after), ==, HOTPLUG_VMI_STATE_RUNNING);
  assert_only_these_moved (before, after, port);
  assert_stays (fixture, after);
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_daemon () != NULL ? lab_missing_daemon () : lab_missing_network ();

  if (missing == NULL)
    {
      lab_network_enter ();
      lab_bridge_new (BRIDGE);
      /* libvirtd looks for an address that is not of the loopback, before it listens there */
      lab_network_run ("address add 198.18.9.1/24 dev " BRIDGE);
    }
  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  hotplugctl = g_getenv ("HOTPLUGCTL") != NULL ? g_getenv ("HOTPLUGCTL") : "tools/hotplugctl";
  daemon_ = lab_daemon_new ("returns", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    g_test_add (ways[i].path, Fixture, GSIZE_TO_POINTER (i), set_up, test_way, tear_down);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
