/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance/rig.h"

/* What a booted guest writes to and discards from images of many makes, as the host then has it */

#define SEEN_SECONDS 30
#define MIB G_GUINT64_CONSTANT (1048576)

/* Bytes that end between two blocks of any file system */
#define ODD_SIZE (8 * MIB + 512)

static const LabMachine machine = { .name = "vmi-images", .root_ports = 3, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;

static void
plug (HotplugVolume *volume)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_true (lab_guest_wait_for (rig->guest, "test -b /dev/sda", SEEN_SECONDS));
}

static guint64
allotted (const char *path)
{
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  return (guint64)st.st_blocks * 512;
}

/* A preallocated data volume stays so when its guest discards all of it, and goes at somebody's word. */
static void
test_discard (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) wanted = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data", "size",
                                                         8 * MIB, "preallocation", TRUE, NULL);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (rig->host, wanted, NULL, &error);
  g_assert_no_error (error);
  const char *path = hotplug_data_volume_get_path (made);
  g_autoptr (HotplugVolume) of_data_volume = hotplug_volume_new_for_data_volume (made, NULL);
  g_autoptr (HotplugVolume) of_path = hotplug_volume_new_for_path ("data", path, NULL);
  g_autoptr (HotplugVolume) told = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", path,
                                                   "discard", HOTPLUG_DISCARD_UNMAP, NULL);
  HotplugVolume *volumes[] = { of_data_volume, of_path, told };

  for (gsize i = 0; i < G_N_ELEMENTS (volumes); i++)
    {
      int status = 0;

      plug (volumes[i]);
      g_autofree char *said = lab_guest_run (rig->guest, &status, "blkdiscard /dev/sda 2>&1; sync");
      g_test_message ("%s", said);
      g_assert_cmpint (status, ==, 0);
      rig_remove (rig, "data");
      if (volumes[i] != told)
        g_assert_cmpuint (allotted (path), >=, 8 * MIB);
      else
        g_assert_cmpuint (allotted (path), <, MIB);
    }
  g_assert_true (hotplug_host_delete_data_volume (rig->host, "data", NULL, &error));
  g_assert_no_error (error);
}

/* An image that ends between two blocks is written to its end. */
static void
test_odd_size (void)
{
  g_autofree char *path = rig_image (rig, "odd", 8);
  char text[16] = "";

  g_assert_cmpint (truncate (path, ODD_SIZE), ==, 0);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("odd", path, NULL);
  plug (volume);
  g_free (lab_guest_run (rig->guest, NULL, "printf the-end | dd of=/dev/sda bs=512 seek=%u conv=sync,fsync 2>/dev/null",
                         (guint)(ODD_SIZE / 512 - 1)));
  rig_remove (rig, "odd");

  int fd = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (pread (fd, text, sizeof text - 1, ODD_SIZE - 512), ==, sizeof text - 1);
  close (fd);
  g_assert_cmpstr (text, ==, "the-end");
}

static const RigRow rows[] = {
  { "/conformance/FD04/discard", test_discard },
  { "/conformance/FP01/odd-size", test_odd_size },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));
}
