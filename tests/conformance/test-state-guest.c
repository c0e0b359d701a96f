/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/mount.h>

#include "conformance/rig.h"

/* A booted machine that others have saved, that stands still for a full file system, that was copied, and whose old
 * definition comes back. */

#define SEEN_SECONDS 30
#define PAUSED_SECONDS 60
#define MARK "in-memory-only"
#define CLONE "vmi-clone"
#define CLONE_UUID "2a6b1c0e-8d1f-4b0c-9d55-6f0f4c6c2b11"

static const LabMachine machine = { .name = "vmi-state", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };
static const LabMachine copied = { .name = CLONE, .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;

static void
assert_message (HotplugVmi *vmi, const char *reason, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_vmi_status_get_reason (status), ==, reason);
  const char *message = hotplug_vmi_status_get_message (status);
  g_test_message ("%s", message != NULL ? message : "(nothing)");
  g_assert_true (mentions == NULL ? message == NULL : message != NULL && strstr (message, mentions) != NULL);
}

static void
assert_says (const char *name, const char *mentions)
{
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, name);

  g_assert_nonnull (status);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (status), mentions));
}

static void
start (HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_start (vmi, NULL, &error);
  g_assert_no_error (error);
}

static void
restart (void)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
}

static HotplugPlan *
plan_add (HotplugVolume *volume)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();

  g_ptr_array_add (volumes, volume);
  HotplugPlan *plan = hotplug_vmi_plan_add_volumes (rig->vmi, volumes, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  return plan;
}

static void
add_to_stopped (const char *name)
{
  g_autofree char *image = rig_image (rig, name, 8);
  g_autoptr (HotplugVolume) volume = rig_volume (name, image, HOTPLUG_BUS_SCSI);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPlan) plan = plan_add (volume);

  g_assert_nonnull (strstr (hotplug_plan_get_message (plan), "goes on from its saved state"));
  g_autoptr (HotplugVolumeStatus) added
      = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (added), "is not in the saved state"));
}

/* libvirt starts from what was saved: with the guest's memory, and with the devices of then. */
static void
test_saved (void)
{
  rig_add (rig, "old", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  rig_add (rig, "kept", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdb");
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sdb", SEEN_SECONDS));
  g_free (lab_guest_run (rig->guest, NULL, "echo " MARK " > /tmp/mark; printf word | dd of=/dev/sdb conv=sync,fsync"));
  g_clear_pointer (&rig->guest, lab_guest_free);

  g_assert_cmpint (virDomainManagedSave (rig->domain, 0), ==, 0);
  assert_message (rig->vmi, NULL, "goes on from its saved state");
  assert_says ("old", "is attached when the VMI starts");
  assert_says ("kept", "is attached when the VMI starts");
  add_to_stopped ("new");
  assert_says ("new", "it is attached by the start after that");

  start (rig->vmi);
  rig_wait_for_guest (rig, &machine);
  g_autofree char *mark = lab_guest_run (rig->guest, NULL, "cat /tmp/mark; dd if=/dev/sdb bs=4 count=1 2>/dev/null");
  g_assert_cmpstr (mark, ==, MARK "\nword");
  rig_assert_status (rig, "old", HOTPLUG_VOLUME_PHASE_READY, "sda", TRUE);
  rig_assert_status (rig, "kept", HOTPLUG_VOLUME_PHASE_READY, "sdb", FALSE);
  assert_says ("new", "is not in the running VMI");
  assert_message (rig->vmi, NULL, NULL);

  restart ();
  rig_wait_for_guest (rig, &machine);
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sdc", SEEN_SECONDS));
  rig_remove (rig, "kept");
  g_autoptr (GError) error = NULL;
  const char *const persisted[] = { "old", "new", NULL };
  hotplug_vmi_remove_devices (rig->vmi, persisted, NULL, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
is_paused (void)
{
  int state = 0;

  g_assert_cmpint (virDomainGetState (rig->domain, &state, NULL, 0), ==, 0);
  return state == VIR_DOMAIN_PAUSED;
}

/* A guest that writes more than its image's file system has stands still: which volume is in the way is told, and when
 * there is room it goes on. */
static void
test_full (void)
{
  g_autofree char *directory = g_build_filename (rig->images, "small", NULL);
  gint64 until = g_get_monotonic_time () + PAUSED_SECONDS * G_TIME_SPAN_SECOND;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  if (mount ("none", directory, "tmpfs", 0, "size=4m") != 0)
    {
      g_test_skip ("no tmpfs can be mounted");
      return;
    }
  g_autofree char *image = lab_image_new (directory, "data.img", 16 << 20);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", image,
                                                     "cache", HOTPLUG_CACHE_WRITETHROUGH, NULL);
  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus) added = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sda", SEEN_SECONDS));
  g_free (lab_guest_run (rig->guest, NULL,
                         "(tr '\\0' x < /dev/zero | head -c 8388608 | dd of=/dev/sda bs=64k conv=fsync; "
                         "echo $? > /tmp/done) > /dev/null 2>&1 &"));
  while (!is_paused () && g_get_monotonic_time () < until)
    g_usleep (50000);
  g_assert_true (is_paused ());
  assert_message (rig->vmi, "PausedIOError", "not enough space on volume data");

  g_assert_cmpint (mount ("none", directory, "tmpfs", MS_REMOUNT, "size=32m"), ==, 0);
  lab_resume (rig->domain);
  g_assert_true (lab_guest_wait_for (rig->guest, "test \"$(cat /tmp/done)\" = 0", PAUSED_SECONDS));
  assert_message (rig->vmi, NULL, NULL);
  lab_suspend (rig->domain);
  assert_message (rig->vmi, "PausedByUser", "paused by user");
  lab_resume (rig->domain);
  rig_remove (rig, "data");
  g_assert_cmpint (umount (directory), ==, 0);
}

static char *
replace (const char *text, const char *old, const char *by)
{
  g_auto (GStrv) parts = g_strsplit (text, old, -1);

  return g_strjoinv (by, parts);
}

/* As tools that clone do it: another name, UUID and sockets, and all else as it is, the metadata too. */
static void
test_clone (void)
{
  g_autoptr (GError) error = NULL;
  char uuid[VIR_UUID_STRING_BUFLEN];

  rig_add (rig, "data", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  g_free (lab_guest_run (rig->guest, NULL, "sleep 1; printf mine | dd of=/dev/sda conv=sync,fsync 2>/dev/null"));
  g_assert_cmpint (virDomainGetUUIDString (rig->domain, uuid), ==, 0);
  g_autofree char *text = lab_inactive_xml (rig->domain);
  g_assert_nonnull (strstr (text, "ua-hpv-data"));

  /* our element says whose it is: that stays, as no tool knows it */
  g_autofree char *of_machine = g_strdup_printf ("<uuid>%s</uuid>", uuid);
  g_autofree char *named = replace (text, of_machine, "<uuid>" CLONE_UUID "</uuid>");
  g_autofree char *xml = replace (named, machine.name, CLONE);
  g_autoptr (LabDomain) domain = lab_define (rig->connect, xml);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, CLONE, NULL, &error);
  g_assert_no_error (error);
  assert_message (vmi, NULL, uuid);
  start (vmi);

  g_autofree char *socket = lab_machine_socket (&copied);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_free (lab_guest_run (guest, NULL, "! ls -d /sys/block/[sv]d*"));
  g_autofree char *live = lab_live_xml (domain);
  g_assert_null (strstr (live, "ua-hpv-data"));

  restart ();
  rig_wait_for_guest (rig, &machine);
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sda", SEEN_SECONDS));
  g_autofree char *read = lab_guest_run (rig->guest, NULL, "dd if=/dev/sda bs=4 count=1 2>/dev/null");
  g_assert_cmpstr (read, ==, "mine");
  lab_destroy (domain);
  lab_undefine (domain);
  rig_remove (rig, "data");
}

/* Defined again is what libvirt tells of the running machine: what came with the start and is gone since is not in it,
 * nor in the metadata that a start has copied. */
static void
test_dump (void)
{
  rig_add (rig, "gone", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  restart ();
  rig_wait_for_guest (rig, &machine);
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sda", SEEN_SECONDS));
  g_autofree char *before = lab_inactive_xml (rig->domain);
  rig_remove (rig, "gone");
  rig_add (rig, "come", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  g_autofree char *dump = lab_live_xml (rig->domain);
  virDomainFree (lab_define (rig->connect, dump));

  restart ();
  rig_wait_for_guest (rig, &machine);
  g_autoptr (HotplugVolumeStatus) gone = rig_status (rig, "gone");
  g_assert_null (gone);
  g_autofree char *live = lab_live_xml (rig->domain);
  g_assert_null (strstr (live, "ua-hpv-gone"));
  g_assert_nonnull (strstr (live, "ua-hpv-come"));

  /* an older definition is somebody's word, and starts: with what was recorded then */
  virDomainFree (lab_define (rig->connect, before));
  restart ();
  rig_wait_for_guest (rig, &machine);
  rig_assert_status (rig, "gone", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_remove (rig, "gone");
}

static const RigRow rows[] = {
  { "/conformance/FW09/saved", test_saved },
  { "/conformance/FW10/full", test_full },
  { "/conformance/FM01/clone", test_clone },
  { "/conformance/FM03/dump", test_dump },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));
}
