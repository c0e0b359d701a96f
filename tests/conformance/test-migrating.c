/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* A machine on its way from one host to another, by whoever's command */

#define MACHINE "wanders"
#define BOOT_SECONDS 60
#define MIB_A_SECOND 1
/* libvirt would let a change wait for 30 s */
#define AT_ONCE (5 * G_TIME_SPAN_SECOND)

typedef struct
{
  virDomainPtr domain;
  virConnectPtr to;
} Journey;

/* virsh migrate --live --unsafe --bandwidth 1; %NULL if it did not arrive */
static gpointer
travel (gpointer data)
{
  Journey *journey = data;

  return virDomainMigrate3 (journey->domain, journey->to, NULL, 0, VIR_MIGRATE_LIVE | VIR_MIGRATE_UNSAFE);
}

static void
set_out (virDomainPtr domain)
{
  virDomainJobInfo info = { .type = VIR_DOMAIN_JOB_NONE };

  while (virDomainGetJobInfo (domain, &info) == 0 && info.dataProcessed == 0)
    g_usleep (10 * 1000);
  g_assert_cmpint (info.type, ==, VIR_DOMAIN_JOB_UNBOUNDED);
}

static void
assert_busy (GError **error, gint64 begun, const char *says)
{
  g_assert_error (*error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr ((*error)->message, says));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, AT_ONCE);
  g_clear_error (error);
}

static void
refuse_changes (HotplugVmi *vmi, HotplugVolume *another, const char *says)
{
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();

  g_assert_null (hotplug_vmi_add_volume (vmi, another, HOTPLUG_PLUG_NONE, NULL, &error));
  assert_busy (&error, begun, says);
  begun = g_get_monotonic_time ();
  g_assert_false (hotplug_vmi_remove_volume (vmi, "carried", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  assert_busy (&error, begun, says);
  begun = g_get_monotonic_time ();
  g_assert_false (hotplug_vmi_stop (vmi, 0, NULL, &error));
  assert_busy (&error, begun, says);

  begun = g_get_monotonic_time ();
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, AT_ONCE);
}

static HotplugVmi *
open_vmi (LabDaemon *daemon, HotplugHost **host)
{
  g_autoptr (GError) error = NULL;

  *host = hotplug_host_open (lab_daemon_uri (daemon), NULL, &error);
  g_assert_no_error (error);
  HotplugVmi *vmi = hotplug_host_get_vmi (*host, MACHINE, NULL, &error);
  g_assert_no_error (error);
  return vmi;
}

static void
wait_until_booted (LabDaemon *daemon)
{
  g_autofree char *socket = lab_daemon_socket (daemon, MACHINE);
  g_autoptr (GError) error = NULL;
  g_autoptr (LabGuest) guest = lab_guest_open (socket, BOOT_SECONDS, &error);

  g_assert_no_error (error);
}

static void
test_refused (void)
{
  const LabMachine machine = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 2, .scsi = TRUE,
                               .bare = TRUE, .boots = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autofree char *images = lab_dir_new ();
  g_autofree char *path = lab_image_new (images, "carried", 1 << 20);
  g_autofree char *another_path = lab_image_new (images, "another", 1 << 20);
  g_autoptr (HotplugVolume) volume = rig_volume ("carried", path, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolume) another = rig_volume ("another", another_path, HOTPLUG_BUS_SCSI);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) source = NULL;
  g_autoptr (HotplugHost) destination = NULL;
  LabDaemon *daemons[2];

  lab_daemon_new_pair (&daemons[0], &daemons[1]);
  Journey journey = { .to = lab_connect (lab_daemon_uri (daemons[1])) };
  virConnectPtr from = lab_connect (lab_daemon_uri (daemons[0]));
  journey.domain = lab_define (from, xml);
  lab_create (journey.domain, FALSE);
  wait_until_booted (daemons[0]);
  g_autoptr (HotplugVmi) vmi = open_vmi (daemons[0], &source);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);

  g_assert_cmpint (virDomainMigrateSetMaxSpeed (journey.domain, MIB_A_SECOND, 0), ==, 0);
  GThread *thread = g_thread_new ("travel", travel, &journey);
  set_out (journey.domain);
  refuse_changes (vmi, another, "is being migrated");
  g_autoptr (HotplugVmi) arriving = open_vmi (daemons[1], &destination);
  refuse_changes (arriving, another, "is just arriving");

  g_assert_cmpint (virDomainAbortJob (journey.domain), ==, 0);
  g_assert_null (g_thread_join (thread));
  g_autoptr (HotplugVolumeStatus) added = hotplug_vmi_add_volume (vmi, another, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (virDomainLookupByName (journey.to, MACHINE));

  g_clear_object (&vmi);
  g_clear_object (&arriving);
  lab_destroy (journey.domain);
  virDomainFree (journey.domain);
  virConnectClose (from);
  virConnectClose (journey.to);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (lab_missing_guest () != NULL || lab_missing_daemon () != NULL || lab_missing_network () != NULL)
    {
      lab_skip (lab_missing_guest () != NULL    ? lab_missing_guest ()
                                   : lab_missing_daemon () != NULL ? lab_missing_daemon ()
                                                                   : lab_missing_network ());
      return 0;
    }
  g_test_add_func ("/conformance/M03/libvirt", test_refused);
  return g_test_run ();
}
