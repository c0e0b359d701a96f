/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* A machine that its firmware boots from a disk, by kind: it boots the disk that it was made with, whatever is plugged
 * in. Each disk's boot sector tells which one it is of. */

#define BOOT_SECONDS 60
#define SECTOR 512
#define OWN "booted:own;"
#define DATA "booted:data;"

/* Prints what stands behind it on the first serial port, and stays there */
static const guint8 program[] = {
  0x31, 0xc0,       /* xor ax, ax */
  0x8e, 0xd8,       /* mov ds, ax */
  0xba, 0xf8, 0x03, /* mov dx, 0x3f8 */
  0xbe, 0x15, 0x7c, /* mov si, 0x7c00 + what this has of bytes */
  0xac,             /* next: lodsb */
  0x84, 0xc0,       /* test al, al */
  0x74, 0x03,       /* jz end */
  0xee,             /* out dx, al */
  0xeb, 0xf8,       /* jmp next */
  0xf4,             /* end: hlt */
  0xeb, 0xfd,       /* jmp end */
};

static char *
make_disk (const char *directory, const char *name, const char *says)
{
  char *path = lab_image_new (directory, name, 1 << 20);
  guint8 sector[SECTOR] = { [SECTOR - 2] = 0x55, [SECTOR - 1] = 0xaa };
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileIOStream) stream = g_file_open_readwrite (file, NULL, &error);

  g_assert_no_error (error);
  memcpy (sector, program, sizeof program);
  for (gsize i = 0; says[i] != '\0'; i++)
    sector[sizeof program + i] = (guint8)says[i];
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (stream)), sector, sizeof sector, NULL, NULL,
                             &error);
  g_assert_no_error (error);
  return path;
}

static void
assert_boots (const LabMachine *machine, const char *says)
{
  g_autofree char *console = lab_machine_console (machine);
  gint64 until = g_get_monotonic_time () + BOOT_SECONDS * G_TIME_SPAN_SECOND;

  for (;;)
    {
      g_autofree char *log = NULL;
      const char *said = g_file_get_contents (console, &log, NULL, NULL) ? strstr (log, "booted:") : NULL;

      if (said != NULL && strchr (said, ';') != NULL)
        {
          g_assert_true (g_str_has_prefix (said, says));
          return;
        }
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
}

static void
restart (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
}

static const struct
{
  const char *path;
  const char *name;
  HotplugBus bus;
  const char *libvirt_bus;
  const char *target; /* of the machine's own disk: those before it are free */
  HotplugPlugFlags flags;
} rows[] = {
  { "/conformance/FP02/firmware-scsi-persisted", "boots-a", HOTPLUG_BUS_SCSI, "scsi", "sdb", HOTPLUG_PLUG_PERSIST },
  { "/conformance/FP02/firmware-virtio-persisted", "boots-b", HOTPLUG_BUS_VIRTIO, "virtio", "vdb",
    HOTPLUG_PLUG_PERSIST },
  { "/conformance/FP02/firmware-scsi", "boots-c", HOTPLUG_BUS_SCSI, "scsi", "sdb", HOTPLUG_PLUG_NONE },
};

static void
test_boots_its_own (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *own = make_disk (directory, "own", OWN);
  g_autofree char *disk = lab_disk_xml (own, rows[row].libvirt_bus, rows[row].target, NULL, NULL);
  const char *const devices[] = { disk, NULL };
  const LabMachine machine = { .name = rows[row].name, .root_ports = 4, .scsi = TRUE, .bare = TRUE, .firmware = TRUE,
                               .devices = devices };
  g_autoptr (Rig) rig = rig_new (&machine);
  g_autofree char *path = make_disk (rig->images, "data", DATA);
  g_autoptr (HotplugVolume) volume = rig_volume ("data", path, rows[row].bus);
  g_autoptr (GError) error = NULL;

  assert_boots (&machine, OWN);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, rows[row].flags, NULL, &error);
  g_assert_no_error (error);
  restart (rig);
  rig_assert_status (rig, "data", HOTPLUG_VOLUME_PHASE_READY, hotplug_volume_status_get_target (status),
                     rows[row].flags == HOTPLUG_PLUG_PERSIST);
  assert_boots (&machine, OWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (lab_missing_qemu () != NULL)
    {
      lab_skip (lab_missing_qemu ());
      return 0;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_test_add_data_func (rows[i].path, GSIZE_TO_POINTER (i), test_boots_its_own);
  return g_test_run ();
}
