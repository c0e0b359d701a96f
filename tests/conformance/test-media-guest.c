/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>

#include "conformance/rig.h"

/* V20: media come and go in the drives that a machine was started with, and the guest's kernel says what it reads
 * there. */

#define GUEST_PATIENCE 20
#define EJECT_IN_GUEST "/lib/udev/cdrom_id --eject-media /dev/sr0"

static const char *const drives[] = {
  "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sda' bus='scsi'/><readonly/>"
  "<serial>TOOLS</serial><alias name='ua-tools'/><address type='drive' controller='0' bus='0' target='0' unit='0'/></disk>",
  "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><target dev='sdb' bus='sata'/><readonly/></disk>",
  NULL
};

static const LabMachine machine
    = { .name = "vmi-media", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE, .devices = drives };

static Rig *rig;

/* A file system whose file "word" has the medium's name */
static HotplugVolume *
make_medium (const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *tree = g_build_filename (rig->images, "tree", NULL);
  g_autofree char *word = g_build_filename (tree, "word", NULL);
  g_autofree char *path = rig_image (rig, name, 1);
  const char *argv[] = { "mke2fs", "-q", "-F", "-b", "2048", "-d", tree, path, NULL };
  int status = 0;

  g_assert_cmpint (g_mkdir_with_parents (tree, 0755), ==, 0);
  g_assert_true (g_file_set_contents (word, name, -1, &error));
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return rig_volume (name, path, HOTPLUG_BUS_SCSI);
}

/* udev locks each medium and lets go of it when its kernel tells that it is asked for, which takes a loaded machine
 * longer than libvirt waits. Without its rule the kernel alone locks what is mounted. */
static void
leave_trays_to_kernel (void)
{
  g_free (
      lab_guest_run (rig->guest, NULL,
                     "rm -f /lib/udev/rules.d/60-cdrom_id.rules; udevadm control --reload; udevadm settle; "
                     "for drive in /dev/sr*; do /lib/udev/cdrom_id --unlock-media $drive >/dev/null 2>&1; done; true"));
}

static void
insert (const char *drive, HotplugVolume *medium, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;

  leave_trays_to_kernel ();
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_insert_media (rig->vmi, drive, medium, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, drive);
  g_autoptr (HotplugVolumeStatus) asked = rig_status (rig, drive);
  g_assert_cmpstr (hotplug_volume_status_get_path (asked), ==, hotplug_volume_get_path (medium));
}

static void
eject (const char *drive, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_eject_media (rig->vmi, drive, flags, NULL, &error);

  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus) asked = rig_status (rig, drive);
  g_assert_null (hotplug_volume_status_get_path (asked));
}

/* A changed medium makes the first look at it answer once that it has changed. */
static void
assert_reads (const char *device, const char *name)
{
  if (device == NULL)
    return;

  g_autofree char *mount = g_strdup_printf ("mount -t ext4 -o ro %s /mnt", device);

  g_assert_true (lab_guest_wait_for (rig->guest, mount, GUEST_PATIENCE));
  g_autofree char *read = lab_guest_run (rig->guest, NULL, "cat /mnt/word; umount /mnt");
  g_assert_cmpstr (g_strstrip (read), ==, name);
}

static void
assert_no_medium (const char *device)
{
  if (device == NULL)
    return;

  int status = 0;
  g_autofree char *said = lab_guest_run (rig->guest, &status, "mount -t ext4 -o ro %s /mnt", device);

  g_assert_cmpint (status, !=, 0);
  g_assert_nonnull (strstr (said, "No medium found"));
}

/* As QEMU's event says: the guest itself would close it with its next look at the medium. */
static gboolean
is_tray_open (void)
{
  g_autofree char *live = lab_live_xml (rig->domain);

  return strstr (live, "tray='open'") != NULL;
}

static void
open_tray_in_guest (void)
{
  gint64 until = g_get_monotonic_time () + GUEST_PATIENCE * G_TIME_SPAN_SECOND;

  g_free (lab_guest_run (rig->guest, NULL, EJECT_IN_GUEST));
  while (!is_tray_open () && g_get_monotonic_time () < until)
    g_usleep (50 * 1000);
  g_assert_true (is_tray_open ());
}

static void
insert_swap_eject (const char *drive, const char *device)
{
  g_autofree char *before = rig_template (rig);
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");
  unsigned int id = virDomainGetID (rig->domain);

  assert_no_medium (device);
  insert (drive, first, HOTPLUG_PLUG_NONE);
  assert_reads (device, "first");
  insert (drive, second, HOTPLUG_PLUG_NONE);
  assert_reads (device, "second");
  eject (drive, HOTPLUG_PLUG_NONE);
  assert_no_medium (device);

  /* the same QEMU all the time, and nothing is left of it */
  g_assert_cmpuint (virDomainGetID (rig->domain), ==, id);
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (before, ==, after);
}

static void
test_v20_scsi (void)
{
  insert_swap_eject ("tools", "/dev/sr0");
}

static void
test_v20_sata (void)
{
  int status = 0;

  /* a kernel for clouds may lack it; then QEMU alone says what is in the drive */
  g_free (lab_guest_run (rig->guest, &status, "modprobe ahci"));
  g_assert_true (status != 0 || lab_guest_wait_for (rig->guest, "test -b /dev/sr1", GUEST_PATIENCE));
  insert_swap_eject ("sdb", status == 0 ? "/dev/sr1" : NULL);
}

/* Persisted, it is there from boot; what was put in over it without persist is not. */
static void
test_v20_persist (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_template (rig);
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");

  insert ("tools", first, HOTPLUG_PLUG_PERSIST);
  insert ("tools", second, HOTPLUG_PLUG_NONE);
  assert_reads ("/dev/sr0", "second");
  g_clear_pointer (&rig->guest, lab_guest_free);
  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);
  leave_trays_to_kernel ();
  assert_reads ("/dev/sr0", "first");

  eject ("tools", HOTPLUG_PLUG_PERSIST);
  assert_no_medium ("/dev/sr0");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (before, ==, after);
}

/* A guest that keeps the tray locked keeps the medium, and the template is as it was. Nobody in it
 * answers the request for the tray. */
static void
test_v20_locked (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");

  insert ("tools", first, HOTPLUG_PLUG_PERSIST);
  g_assert_true (lab_guest_wait_for (rig->guest, "mount -t ext4 -o ro /dev/sr0 /mnt", GUEST_PATIENCE));
  g_free (lab_guest_run (rig->guest, NULL, "/lib/udev/cdrom_id --lock-media /dev/sr0 >/dev/null"));
  g_autofree char *before = rig_picture (rig);

  g_assert_null (hotplug_vmi_insert_media (rig->vmi, "tools", second, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "unmount the medium in the guest"));
  g_clear_error (&error);
  g_assert_null (hotplug_vmi_eject_media (rig->vmi, "tools", HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);

  g_autofree char *read = lab_guest_run (rig->guest, NULL, "cat /mnt/word; umount /mnt");
  g_assert_cmpstr (g_strstrip (read), ==, "first");
  g_free (lab_guest_run (rig->guest, NULL, "/lib/udev/cdrom_id --unlock-media /dev/sr0 >/dev/null"));
  eject ("tools", HOTPLUG_PLUG_PERSIST);
  assert_no_medium ("/dev/sr0");
}

/* QEMU refuses the new one when the old one is out already: that one is put back. */
static void
test_v20_put_back (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 200 };

  insert ("tools", first, HOTPLUG_PLUG_PERSIST);
  assert_reads ("/dev/sr0", "first");
  g_autofree char *before = rig_template (rig);
  int fd = g_open (hotplug_volume_get_path (second), O_RDWR | O_CLOEXEC, 0);
  g_assert_cmpint (fcntl (fd, F_OFD_SETLK, &lock), ==, 0);

  g_assert_null (hotplug_vmi_insert_media (rig->vmi, "tools", second, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "lock"));
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (before, ==, after);
  g_assert_false (is_tray_open ());
  assert_reads ("/dev/sr0", "first");

  g_close (fd, NULL);
  insert ("tools", second, HOTPLUG_PLUG_PERSIST);
  assert_reads ("/dev/sr0", "second");
  eject ("tools", HOTPLUG_PLUG_PERSIST);
}

/* The guest has opened the tray by itself: the medium is in the machine's XML still, and is put in once more. */
static void
test_v20_ejected_in_guest (void)
{
  g_autoptr (HotplugVolume) first = make_medium ("first");

  insert ("tools", first, HOTPLUG_PLUG_NONE);
  assert_reads ("/dev/sr0", "first");
  open_tray_in_guest ();
  insert ("tools", first, HOTPLUG_PLUG_NONE);
  g_assert_false (is_tray_open ());
  assert_reads ("/dev/sr0", "first");

  open_tray_in_guest ();
  eject ("tools", HOTPLUG_PLUG_NONE);
  assert_no_medium ("/dev/sr0");
}

static void
assert_refused (const char *drive, HotplugVolume *medium, HotplugError code)
{
  g_autofree char *before = rig_picture (rig);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_vmi_insert_media (rig->vmi, drive, medium, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
}

static void
test_v20_refused (void)
{
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) absent = rig_volume ("absent", "/nonexistent/absent.iso", HOTPLUG_BUS_SCSI);

  assert_refused ("sdz", first, HOTPLUG_ERROR_NOT_FOUND);
  assert_refused ("tools", absent, HOTPLUG_ERROR_SOURCE_MISSING);
  insert ("sdb", first, HOTPLUG_PLUG_NONE);
  assert_refused ("tools", first, HOTPLUG_ERROR_SOURCE_IN_USE);
  eject ("sdb", HOTPLUG_PLUG_NONE);

  rig_add (rig, "data", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, NULL);
  assert_refused ("data", first, HOTPLUG_ERROR_NOT_HOTPLUGGABLE);
  rig_remove_at_once (rig, "data");
}

/* The medium in an image of another format, with the same file system in it */
static char *
make_qcow2 (const char *name)
{
  g_autoptr (HotplugVolume) plain = make_medium (name);
  char *path = g_strdup_printf ("%s/%s.qcow2", rig->images, name);
  const char *argv[] = { "qemu-img", "convert", "-O", "qcow2", hotplug_volume_get_path (plain), path, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  return path;
}

static HotplugVolume *
as_format (const char *path, HotplugImageFormat format)
{
  return g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "disc", "path", path, "format", format, NULL);
}

static void
unlock_and_eject (const char *drive)
{
  leave_trays_to_kernel ();
  eject (drive, HOTPLUG_PLUG_PERSIST);
}

/* What begins as an image of another format: as that one, or raw at somebody's word, and not without one */
static void
test_formats (void)
{
  g_autofree char *path = make_qcow2 ("inside");
  g_autoptr (HotplugVolume) untold = as_format (path, HOTPLUG_IMAGE_FORMAT_DEFAULT);
  g_autoptr (HotplugVolume) raw = as_format (path, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugVolume) qcow2 = as_format (path, HOTPLUG_IMAGE_FORMAT_QCOW2);
  g_autofree char *before = rig_picture (rig);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_vmi_insert_media (rig->vmi, "tools", untold, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, "begins as a qcow2 image"));
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);

  insert ("tools", qcow2, HOTPLUG_PLUG_NONE);
  assert_reads ("/dev/sr0", "inside");
  unlock_and_eject ("tools");
  insert ("tools", raw, HOTPLUG_PLUG_NONE);
  g_assert_true (lab_guest_wait_for (rig->guest, "head -c 3 /dev/sr0 | grep -q QFI", GUEST_PATIENCE));
  unlock_and_eject ("tools");
}

static gboolean
is_persisted (const char *drive)
{
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, drive);

  return hotplug_volume_status_is_persisted (status);
}

/* Whether the template has what the drive holds: the answer of each call, and what is asked for afterwards */
static void
test_persisted (void)
{
  static const struct
  {
    const char *medium; /* NULL: ejected */
    HotplugPlugFlags flags;
    gboolean persisted;
  } steps[] = {
    { "first", HOTPLUG_PLUG_NONE, FALSE },   { "first", HOTPLUG_PLUG_PERSIST, TRUE },
    { "second", HOTPLUG_PLUG_NONE, FALSE },  { "first", HOTPLUG_PLUG_NONE, TRUE },
    { NULL, HOTPLUG_PLUG_NONE, FALSE },      { "second", HOTPLUG_PLUG_PERSIST, TRUE },
    { NULL, HOTPLUG_PLUG_PERSIST, TRUE },
  };
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugVolume *medium = g_strcmp0 (steps[i].medium, "first") == 0 ? first : second;
      leave_trays_to_kernel ();
      g_autoptr (HotplugVolumeStatus)
          status = steps[i].medium != NULL
                       ? hotplug_vmi_insert_media (rig->vmi, "tools", medium, steps[i].flags, NULL, &error)
                       : hotplug_vmi_eject_media (rig->vmi, "tools", steps[i].flags, NULL, &error);

      g_assert_no_error (error);
      g_test_message ("step %zu", i);
      g_assert_cmpint (hotplug_volume_status_is_persisted (status), ==, steps[i].persisted);
      g_assert_cmpint (is_persisted ("tools"), ==, steps[i].persisted);
    }
}

/* What becomes of the machine without the medium is the drive's, over swaps, and while it holds none */
static void
test_startup_policy (void)
{
  static const char drive[] = "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>"
                              "<source file='%s' startupPolicy='optional'/><target dev='sdb' bus='sata'/><readonly/>"
                              "</disk>";
  const char *policy = " startupPolicy='optional'";
  g_autoptr (HotplugVolume) first = make_medium ("first");
  g_autoptr (HotplugVolume) second = make_medium ("second");
  g_autofree char *before = g_strdup_printf (drive, hotplug_volume_get_path (first));

  g_assert_cmpint (virDomainUpdateDeviceFlags (rig->domain, before, VIR_DOMAIN_AFFECT_CONFIG), ==, 0);
  for (guint i = 0; i < 3; i++)
    {
      if (i == 2)
        unlock_and_eject ("sdb");
      insert ("sdb", i == 0 ? second : first, HOTPLUG_PLUG_PERSIST);
      g_autofree char *template = rig_template (rig);
      g_assert_nonnull (strstr (template, policy));
    }
  unlock_and_eject ("sdb");
}

static const RigRow rows[] = {
  { "/conformance/V20/scsi", test_v20_scsi },
  { "/conformance/V20/sata", test_v20_sata },
  { "/conformance/V20/ejected-in-guest", test_v20_ejected_in_guest },
  { "/conformance/V20/put-back", test_v20_put_back },
  { "/conformance/V20/locked", test_v20_locked },
  { "/conformance/V20/refused", test_v20_refused },
  { "/conformance/V20/persist", test_v20_persist },
  { "/conformance/FW05/media-formats", test_formats },
  { "/conformance/FW08/media-persisted", test_persisted },
  { "/conformance/FW08/media-policy", test_startup_policy },
};

int
main (int argc, char **argv)
{
  g_autofree char *mke2fs = g_find_program_in_path ("mke2fs");
  const char *missing = mke2fs != NULL ? lab_missing_guest () : "there is no mke2fs";

  return rig_main (argc, argv, &machine, missing, &rig, rows, G_N_ELEMENTS (rows));
}
