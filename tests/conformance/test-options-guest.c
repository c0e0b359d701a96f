/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "conformance/rig.h"

/* A disk's kind and options as a booted guest sees them: disks and LUNs of a SCSI target, and what can't be written. */

#define SEEN_SECONDS 30

/* What tgt says of its units, and QEMU of its disks (usr/spc.c and hw/scsi/scsi-disk.c) */
#define VENDOR_OF_TGT "IET"
#define MODEL_OF_TGT "VIRTUAL-DISK"
#define VENDOR_OF_QEMU "QEMU"

#define BLOCK 512

static const LabMachine machine = { .name = "vmi-luns", .root_ports = 3, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;
static LabTarget *target;

static char *
new_unit (const char *name, guint number, char **image)
{
  *image = rig_image (rig, name, 8);
  if (target == NULL)
    target = lab_target_new ();
  return lab_target_add (target, number, *image);
}

/* A block of @image, one word and zeroes */
static void
write_word (const char *image, guint block, const char *word)
{
  char text[BLOCK] = "";
  int fd = open (image, O_WRONLY | O_CLOEXEC);

  g_strlcpy (text, word, sizeof text);
  g_assert_cmpint (pwrite (fd, text, sizeof text, (off_t)block * BLOCK), ==, sizeof text);
  g_assert_cmpint (fsync (fd), ==, 0);
  close (fd);
}

static void
assert_word (const char *image, guint block, const char *word)
{
  char text[BLOCK] = "";
  int fd = open (image, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (pread (fd, text, sizeof text, (off_t)block * BLOCK), ==, sizeof text);
  close (fd);
  text[BLOCK - 1] = '\0';
  g_assert_cmpstr (text, ==, word);
}

static void
plug (HotplugVolume *volume, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
}

static HotplugVolume *
make_unit (const char *name, const char *uri, HotplugDiskType device)
{
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "uri", uri, "device", device,
                                          NULL);

  g_assert_no_error (error);
  return volume;
}

/* What the kernel says in /sys/block/DISK/ATTRIBUTE */
static char *
attribute (const char *disk, const char *name)
{
  return g_strstrip (lab_guest_run (rig->guest, NULL, "cat /sys/block/%s/%s", disk, name));
}

static char *
read_block (const char *disk, guint block)
{
  return lab_guest_run (rig->guest, NULL, "dd if=/dev/%s bs=512 skip=%u count=1 2>/dev/null | tr -d '\\000'", disk,
                        block);
}

/* The guest's name for a unit of its controller: after a boot it is not ours, since the kernel asks all at once */
static char *
disk_at (guint unit)
{
  g_autofree char *found = g_strdup_printf ("test -e /sys/bus/scsi/devices/*:0:0:%u/block/sd?/size", unit);

  g_assert_true (lab_guest_wait_for (rig->guest, found, SEEN_SECONDS));
  return g_strstrip (lab_guest_run (rig->guest, NULL, "ls /sys/bus/scsi/devices/*:0:0:%u/block", unit));
}

/* The guest reads @before where the target's file has it, and writes @after, which is in the file then */
static void
assert_is_unit (guint unit, const char *vendor, const char *image, const char *before, const char *after)
{
  g_autofree char *disk = disk_at (unit);
  g_autofree char *its_vendor = attribute (disk, "device/vendor");
  g_autofree char *sectors = attribute (disk, "size");
  g_autofree char *read = read_block (disk, 3);

  g_assert_cmpstr (its_vendor, ==, vendor);
  g_assert_cmpuint (g_ascii_strtoull (sectors, NULL, 10), ==, (8 << 20) / BLOCK);
  g_assert_cmpstr (read, ==, before);
  g_free (lab_guest_run (rig->guest, NULL, "printf %s | dd of=/dev/%s bs=512 seek=5 conv=sync,fsync 2>/dev/null", after,
                         disk));
  assert_word (image, 5, after);
}

/* QEMU opens the unit, and the guest gets a disk of QEMU's */
static void
test_v17_disk (void)
{
  if (lab_skip_without_target ())
    return;

  g_autofree char *image = NULL;
  g_autofree char *uri = new_unit ("unit-1.img", 1, &image);
  g_autoptr (HotplugVolume) volume = make_unit ("as-disk", uri, HOTPLUG_DISK_TYPE_DISK);
  write_word (image, 3, "from-the-target");

  plug (volume, HOTPLUG_PLUG_NONE);
  assert_is_unit (0, VENDOR_OF_QEMU, image, "from-the-target", "from-the-guest");

  g_autoptr (HotplugVolume) again = make_unit ("again", uri, HOTPLUG_DISK_TYPE_LUN);
  rig_refused_add (rig, again, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, "as-disk");
  rig_remove (rig, "as-disk");
}

/* The guest speaks to the unit itself: what says who it is comes from the target. */
static void
test_v17_lun (void)
{
  if (lab_skip_without_target ())
    return;

  g_autofree char *image = NULL;
  g_autofree char *uri = new_unit ("unit-2.img", 2, &image);
  g_autoptr (HotplugVolume) volume = make_unit ("as-lun", uri, HOTPLUG_DISK_TYPE_LUN);
  write_word (image, 3, "before");

  plug (volume, HOTPLUG_PLUG_NONE);
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, "as-lun");
  g_assert_null (hotplug_volume_status_get_serial (status));
  assert_is_unit (0, VENDOR_OF_TGT, image, "before", "after");
  g_autofree char *disk = disk_at (0);
  g_autofree char *model = attribute (disk, "device/model");
  g_assert_cmpstr (model, ==, MODEL_OF_TGT);
  rig_remove (rig, "as-lun");
}

static void
test_v17_persisted (void)
{
  if (lab_skip_without_target ())
    return;

  g_autoptr (GError) error = NULL;
  g_autofree char *clean = rig_template (rig);
  g_autofree char *image = NULL;
  g_autofree char *uri = new_unit ("unit-3.img", 3, &image);
  g_autofree char *other_image = NULL;
  g_autofree char *other_uri = new_unit ("unit-4.img", 4, &other_image);
  g_autoptr (HotplugVolume) kept = make_unit ("kept", uri, HOTPLUG_DISK_TYPE_LUN);
  g_autoptr (HotplugVolume) back = make_unit ("back", other_uri, HOTPLUG_DISK_TYPE_LUN);
  write_word (image, 3, "kept");
  write_word (other_image, 3, "back");

  plug (kept, HOTPLUG_PLUG_PERSIST);
  plug (back, HOTPLUG_PLUG_NONE);
  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);

  rig_assert_status (rig, "kept", HOTPLUG_VOLUME_PHASE_READY, "sda", TRUE);
  rig_assert_status (rig, "back", HOTPLUG_VOLUME_PHASE_READY, "sdb", FALSE);
  assert_is_unit (0, VENDOR_OF_TGT, image, "kept", "kept-after");
  assert_is_unit (1, VENDOR_OF_TGT, other_image, "back", "back-after");

  rig_remove (rig, "kept");
  rig_remove (rig, "back");
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

/* A unit that the target does not have: in QEMU's words, and nothing of it stays; when it has it, it is added */
static void
test_v17_missing (void)
{
  if (lab_skip_without_target ())
    return;

  g_autofree char *image = rig_image (rig, "unit-5.img", 8);
  g_autofree char *other_image = NULL;
  g_autofree char *other_uri = new_unit ("unit-50.img", 50, &other_image);
  g_autofree char *uri = g_strndup (other_uri, strlen (other_uri) - 1);
  g_autoptr (HotplugVolume) volume = make_unit ("missing", uri, HOTPLUG_DISK_TYPE_LUN);

  rig_refused_add (rig, volume, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_HYPERVISOR, "iSCSI");
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, "missing");
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_FAILED);

  g_autofree char *its_uri = lab_target_add (target, 5, image);
  g_assert_cmpstr (its_uri, ==, uri);
  write_word (image, 3, "late");
  plug (volume, HOTPLUG_PLUG_NONE);
  assert_is_unit (0, VENDOR_OF_TGT, image, "late", "in-time");
  rig_remove (rig, "missing");
}

/* Both the kernel's mark and a write that is refused; what was there before stays */
static void
test_v30 (void)
{
  static const struct
  {
    const char *name, *disk;
    HotplugBus bus;
  } buses[] = { { "read-scsi", "sda", HOTPLUG_BUS_SCSI }, { "read-virtio", "vda", HOTPLUG_BUS_VIRTIO } };

  for (guint i = 0; i < G_N_ELEMENTS (buses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *image = rig_image (rig, buses[i].name, 8);
      g_autofree char *found = g_strdup_printf ("test -b /dev/%s", buses[i].disk);
      g_autoptr (HotplugVolume)
          volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", buses[i].name, "path", image, "bus",
                                   buses[i].bus, "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, NULL);
      int status = 0;

      g_assert_no_error (error);
      write_word (image, 3, "for-reading");
      plug (volume, HOTPLUG_PLUG_NONE);
      g_assert_true (lab_guest_wait_for (rig->guest, found, SEEN_SECONDS));
      g_autofree char *mark = attribute (buses[i].disk, "ro");
      g_autofree char *read = read_block (buses[i].disk, 3);
      g_free (lab_guest_run (rig->guest, &status, "echo x | dd of=/dev/%s bs=512 seek=3 conv=sync,fsync 2>&1",
                             buses[i].disk));
      g_assert_cmpstr (mark, ==, "1");
      g_assert_cmpstr (read, ==, "for-reading");
      g_assert_cmpint (status, !=, 0);
      assert_word (image, 3, "for-reading");
      rig_remove (rig, buses[i].name);
    }
}

static const RigRow rows[] = {
  { "/conformance/V17/disk", test_v17_disk },       { "/conformance/V17/lun", test_v17_lun },
  { "/conformance/V17/missing", test_v17_missing }, { "/conformance/V17/persisted", test_v17_persisted },
  { "/conformance/V30/read-only", test_v30 },
};

int
main (int argc, char **argv)
{
  int result = rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));

  g_clear_pointer (&target, lab_target_free);
  return result;
}
