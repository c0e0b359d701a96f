/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* The rows that a booted guest answers: its own kernel and udev say what they see. */

static const LabMachine machine = { .name = "vmi-fedora", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };

static Rig *rig;

/* Formats, mounts, writes, reads back, and leaves @word in the first file */
static void
assert_usable (const char *link, const char *word)
{
  g_autofree char *read = NULL;

  g_free (lab_guest_run (rig->guest, NULL, "mkfs.ext2 %s >/dev/null 2>&1", link));
  g_free (lab_guest_run (rig->guest, NULL, "mkdir -p /mnt; mount -t ext4 %s /mnt", link));
  g_free (lab_guest_run (rig->guest, NULL, "echo %s >/mnt/word; sync; umount /mnt", word));
  g_free (lab_guest_run (rig->guest, NULL, "mount -t ext4 -o ro %s /mnt", link));
  read = lab_guest_run (rig->guest, NULL, "cat /mnt/word; umount /mnt");
  g_assert_cmpstr (g_strstrip (read), ==, word);
}

static void
assert_bytes (const char *image, const char *word)
{
  g_autofree char *contents = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (image, &contents, &length, NULL));
  g_assert_nonnull (memmem (contents, length, word, strlen (word)));
}

/* V01 and V02 for one kind of source */
static void
plug_use_unplug (const char *name, const char *path, const char *image, HotplugBus bus, const char *link_prefix)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = rig_volume (name, path, bus);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_autofree char *link = g_strconcat (link_prefix, name, NULL);
  g_autofree char *word = g_strconcat ("written-by-the-guest-to-", name, NULL);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, bus == HOTPLUG_BUS_SCSI ? "sda" : "vda");
  g_assert_cmpstr (hotplug_volume_status_get_serial (status), ==, name);
  g_assert_cmpstr (hotplug_volume_status_get_reason (status), ==, "VolumeReady");
  g_assert_cmpuint (hotplug_volume_status_get_size (status), ==, 8 << 20);
  rig_assert_status (rig, name, HOTPLUG_VOLUME_PHASE_READY, hotplug_volume_status_get_target (status), FALSE);
  rig_assert_link (rig, link);
  assert_usable (link, word);

  rig_remove (rig, name);
  rig_assert_no_link (rig, link);
  assert_bytes (image, word);
}

static void
test_v01_file (void)
{
  g_autofree char *image = rig_image (rig, "file.img", 8);

  plug_use_unplug ("example-file", image, image, HOTPLUG_BUS_SCSI, RIG_SCSI_LINK);
}

static void
test_v01_directory (void)
{
  g_autofree char *directory = g_build_filename (rig->images, "claim", NULL);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_autofree char *image = lab_image_new (directory, "disk.img", 8 << 20);

  plug_use_unplug ("example-directory", directory, image, HOTPLUG_BUS_SCSI, RIG_SCSI_LINK);
}

static void
test_v01_block (void)
{
  if (lab_skip_without_loop ())
    return;

  g_autofree char *image = rig_image (rig, "block.img", 8);
  g_autofree char *device = lab_loop_attach (image);

  plug_use_unplug ("example-block", device, image, HOTPLUG_BUS_SCSI, RIG_SCSI_LINK);
  lab_loop_detach (device);
}

static void
test_v01_virtio (void)
{
  g_autofree char *image = rig_image (rig, "virtio.img", 8);

  plug_use_unplug ("example-virtio", image, image, HOTPLUG_BUS_VIRTIO, RIG_VIRTIO_LINK);
}

/* The user guide's story: a volume that is made first, and plugged by its name alone */
static void
test_v01_data_volume (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("example-volume-hotplug", 8 << 20, &error);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (rig->host, wanted, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugDataVolume)
      found = hotplug_host_get_data_volume (rig->host, "example-volume-hotplug", NULL, &error);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_data_volume (found, &error);
  g_assert_no_error (error);

  const char *path = hotplug_volume_get_path (volume);
  plug_use_unplug ("example-volume-hotplug", path, path, HOTPLUG_BUS_SCSI, RIG_SCSI_LINK);

  /* what a machine has is not deleted */
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (hotplug_host_delete_data_volume (rig->host, "example-volume-hotplug", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE);
  g_clear_error (&error);
  rig_remove (rig, "example-volume-hotplug");
  g_assert_true (hotplug_host_delete_data_volume (rig->host, "example-volume-hotplug", NULL, &error));
  g_assert_no_error (error);
}

/* The serial is one that the user gives, as it is, upper case too */
static void
test_v01_serial (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "serial.img", 8);
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "with-serial", "path",
                                                     image, "serial", "Serial_1234567890.X+Y-Z", NULL);
  g_assert_no_error (error);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);

  rig_assert_link (rig, RIG_SCSI_LINK "Serial_1234567890.X+Y-Z");
  rig_remove (rig, "with-serial");
}

static void
test_v09 (void)
{
  const struct
  {
    const char *name, *link;
    HotplugBus bus;
  } rows[] = {
    { "kept-scsi", RIG_SCSI_LINK "kept-scsi", HOTPLUG_BUS_SCSI },
    { "kept-virtio", RIG_VIRTIO_LINK "kept-virtio", HOTPLUG_BUS_VIRTIO },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = rig_template (rig);
  char *addresses[G_N_ELEMENTS (rows)] = { NULL };
  char *targets[G_N_ELEMENTS (rows)] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      rig_add (rig, rows[i].name, rows[i].bus, HOTPLUG_PLUG_PERSIST, NULL);
      g_autoptr (HotplugVolumeStatus) status = rig_status (rig, rows[i].name);
      addresses[i] = g_strdup (hotplug_volume_status_get_address (status));
      targets[i] = g_strdup (hotplug_volume_status_get_target (status));
    }

  hotplug_vmi_restart (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_wait_for_guest (rig, &machine);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (HotplugVolumeStatus) status = rig_status (rig, rows[i].name);
      rig_assert_status (rig, rows[i].name, HOTPLUG_VOLUME_PHASE_READY, targets[i], TRUE);
      g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, addresses[i]);
      g_assert_cmpstr (hotplug_volume_status_get_serial (status), ==, rows[i].name);
      rig_assert_link (rig, rows[i].link);
      rig_remove (rig, rows[i].name);
      rig_assert_no_link (rig, rows[i].link);
      g_free (addresses[i]);
      g_free (targets[i]);
    }

  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
}

static void
test_v10 (void)
{
  g_autoptr (GError) error = NULL;

  rig_add (rig, "ephemeral", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  hotplug_vmi_stop (rig->vmi, 0, NULL, &error);
  g_assert_no_error (error);
  rig_assert_status (rig, "ephemeral", HOTPLUG_VOLUME_PHASE_PENDING, "sda", FALSE);
  hotplug_vmi_start (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  rig_assert_status (rig, "ephemeral", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_wait_for_guest (rig, &machine);

  /* it was there before the kernel was: the kernel found it as it scanned, with no hotplug event of a later time */
  g_autofree char *seconds = lab_guest_run (rig->guest, NULL,
                                            "dmesg | grep '\\[sda\\] Attached' | sed 's/[^0-9]*\\([0-9]*\\).*/\\1/'");
  g_autofree char *ready = lab_guest_run (rig->guest, NULL, "cut -d. -f1 /proc/uptime");
  g_assert_cmpint (g_ascii_strtoll (seconds, NULL, 10), <=, g_ascii_strtoll (ready, NULL, 10));
  rig_assert_link (rig, RIG_SCSI_LINK "ephemeral");
  rig_remove (rig, "ephemeral");
}

static void
test_v11 (void)
{
  rig_add (rig, "stays", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_add (rig, "stays-virtio", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, "vda");
  rig_assert_link (rig, RIG_SCSI_LINK "stays");

  lab_reset (rig->domain);
  rig_wait_for_guest (rig, &machine);

  rig_assert_status (rig, "stays", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_assert_link (rig, RIG_SCSI_LINK "stays");
  rig_assert_link (rig, RIG_VIRTIO_LINK "stays-virtio");
  rig_remove (rig, "stays");
  rig_remove (rig, "stays-virtio");
  rig_assert_no_link (rig, RIG_VIRTIO_LINK "stays-virtio");
}

static void
test_v05 (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "cold.img", 8);
  g_autoptr (HotplugVolume) volume = rig_volume ("cold", image, HOTPLUG_BUS_SCSI);

  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, &error));
  rig_wait_for_guest (rig, &machine);

  rig_assert_status (rig, "cold", HOTPLUG_VOLUME_PHASE_READY, "sda", TRUE);
  rig_assert_link (rig, RIG_SCSI_LINK "cold");
  assert_usable (RIG_SCSI_LINK "cold", "cold");
  rig_remove (rig, "cold");
  rig_assert_no_link (rig, RIG_SCSI_LINK "cold");
}

/* What the constructor lets by arrives whole; the rest is refused, and never cut. */
static void
test_v29 (void)
{
  const struct
  {
    HotplugBus bus;
    const char *serial;
    int code; /* -1: it arrives */
  } rows[] = {
    { HOTPLUG_BUS_SCSI, "x", -1 },
    { HOTPLUG_BUS_SCSI, "UPPER-and-lower_1.2+3", -1 },
    { HOTPLUG_BUS_SCSI, "12345678901234567890123456789012345", -1 },
    { HOTPLUG_BUS_SCSI, "123456789012345678901234567890123456", -1 },
    { HOTPLUG_BUS_SCSI, "1234567890123456789012345678901234567", HOTPLUG_ERROR_SERIAL_TOO_LONG },
    { HOTPLUG_BUS_VIRTIO, "1234567890123456789", -1 },
    { HOTPLUG_BUS_VIRTIO, "12345678901234567890", -1 },
    { HOTPLUG_BUS_VIRTIO, "123456789012345678901", HOTPLUG_ERROR_SERIAL_TOO_LONG },
    { HOTPLUG_BUS_SCSI, "two words", HOTPLUG_ERROR_SERIAL_INVALID },
    { HOTPLUG_BUS_SCSI, "a/b", HOTPLUG_ERROR_SERIAL_INVALID },
    { HOTPLUG_BUS_SCSI, "\"quoted\"", HOTPLUG_ERROR_SERIAL_INVALID },
    { HOTPLUG_BUS_SCSI, "\xc3\xbc", HOTPLUG_ERROR_SERIAL_INVALID },
    { HOTPLUG_BUS_SCSI, "", HOTPLUG_ERROR_SERIAL_INVALID },
  };
  g_autofree char *image = rig_image (rig, "serials.img", 8);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "serial", "path",
                                                         image, "bus", rows[i].bus, "serial", rows[i].serial, NULL);
      if (rows[i].code >= 0)
        {
          g_assert_error (error, HOTPLUG_ERROR, rows[i].code);
          continue;
        }

      g_assert_no_error (error);
      g_autoptr (HotplugVolumeStatus)
          status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
      g_assert_no_error (error);
      g_autofree char *link
          = g_strconcat (rows[i].bus == HOTPLUG_BUS_SCSI ? RIG_SCSI_LINK : RIG_VIRTIO_LINK, rows[i].serial, NULL);
      rig_assert_link (rig, link);
      rig_remove (rig, "serial");
    }
}

static void
test_v14 (void)
{
  if (lab_skip_without_loop ())
    return;

  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "both.img", 8);
  g_autofree char *device = lab_loop_attach (image);
  g_autoptr (HotplugVolume) block = rig_volume ("both-block", device, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, block, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);

  rig_add (rig, "both-image", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sdb");
  rig_assert_status (rig, "both-block", HOTPLUG_VOLUME_PHASE_READY, "sda", FALSE);
  rig_assert_link (rig, RIG_SCSI_LINK "both-block");
  rig_assert_link (rig, RIG_SCSI_LINK "both-image");
  assert_usable (RIG_SCSI_LINK "both-block", "block");
  assert_usable (RIG_SCSI_LINK "both-image", "image");
  rig_remove (rig, "both-block");
  rig_remove (rig, "both-image");
  lab_loop_detach (device);
}

/* Five one after another, then out one by one; the neighbours are looked at after each step */
static void
one_by_one (gboolean block)
{
  char *devices[5] = { NULL };
  char *names[5] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      names[i] = g_strdup_printf ("row-%s-%u", block ? "block" : "file", i);
      g_autofree char *image = rig_image (rig, names[i], 4);
      devices[i] = block ? lab_loop_attach (image) : g_strdup (image);
      g_autoptr (HotplugVolume) volume = rig_volume (names[i], devices[i], HOTPLUG_BUS_SCSI);
      g_autoptr (HotplugVolumeStatus)
          status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
      g_assert_no_error (error);
      for (guint k = 0; k <= i; k++)
        {
          g_autofree char *target = g_strdup_printf ("sd%c", 'a' + k);
          rig_assert_status (rig, names[k], HOTPLUG_VOLUME_PHASE_READY, target, FALSE);
        }
    }

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *link = g_strconcat (RIG_SCSI_LINK, names[i], NULL);
      rig_assert_link (rig, link);
      rig_remove (rig, names[i]);
      rig_assert_no_link (rig, link);
      for (guint k = i + 1; k < G_N_ELEMENTS (names); k++)
        {
          g_autofree char *target = g_strdup_printf ("sd%c", 'a' + k);
          rig_assert_status (rig, names[k], HOTPLUG_VOLUME_PHASE_READY, target, FALSE);
        }
      if (block)
        lab_loop_detach (devices[i]);
      g_free (devices[i]);
      g_free (names[i]);
    }
}

static void
test_v07_files (void)
{
  one_by_one (FALSE);
}

static void
test_v07_blocks (void)
{
  if (!lab_skip_without_loop ())
    one_by_one (TRUE);
}

static void
test_v24 (void)
{
  for (guint round = 0; round < 5; round++)
    {
      rig_add (rig, "again", round % 2 ? HOTPLUG_BUS_VIRTIO : HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, NULL);
      if (round == 2)
        rig_assert_link (rig, RIG_SCSI_LINK "again");
      rig_remove_at_once (rig, "again");
    }

  /* what the guest made of all that is one disk */
  rig_add (rig, "again", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, "vda");
  rig_assert_link (rig, RIG_VIRTIO_LINK "again");
  rig_remove (rig, "again");
}

/* A machine without a virtio-scsi controller gets one for the add; if that is refused, it goes again. */
static void
test_v22_controller (void)
{
  const LabMachine bare = { .name = "no-scsi", .bare = TRUE, .root_ports = 1, .boots = TRUE };
  const LabMachine other = { .name = "holder", .scsi = TRUE, .bare = TRUE, .root_ports = 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *bare_xml = lab_machine_xml (&bare);
  g_autofree char *other_xml = lab_machine_xml (&other);
  g_autofree char *socket = lab_machine_socket (&bare);
  g_autofree char *image = rig_image (rig, "controller.img", 4);
  g_autofree char *disk = lab_disk_xml (image, "scsi", "sda", "held", NULL);
  g_autoptr (HotplugVolume) volume = rig_volume ("first", image, HOTPLUG_BUS_SCSI);
  g_autoptr (LabDomain) holder = lab_create_transient (rig->connect, other_xml, TRUE);
  g_autoptr (LabDomain) domain = lab_define (rig->connect, bare_xml);
  lab_attach (holder, disk, VIR_DOMAIN_AFFECT_LIVE);
  lab_create (domain, FALSE);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (rig->host, "no-scsi", NULL, &error);
  g_assert_no_error (error);
  Rig mine = { .connect = rig->connect, .domain = domain, .vmi = vmi, .guest = guest, .images = rig->images };

  rig_refused_add (&mine, volume, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE, NULL);
  rig_refused_add (&mine, volume, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE, NULL);
  lab_destroy (holder);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  rig_assert_link (&mine, RIG_SCSI_LINK "first");
  lab_destroy (domain);
  lab_undefine (domain);
}

static const RigRow rows[] = {
  { "/conformance/V01/V02/file", test_v01_file },
  { "/conformance/V01/V02/directory", test_v01_directory },
  { "/conformance/V01/V02/block", test_v01_block },
  { "/conformance/V01/V02/virtio", test_v01_virtio },
  { "/conformance/V01/V02/data-volume", test_v01_data_volume },
  { "/conformance/V01/serial", test_v01_serial },
  { "/conformance/V07/files", test_v07_files },
  { "/conformance/V07/blocks", test_v07_blocks },
  { "/conformance/V14", test_v14 },
  { "/conformance/V22/controller", test_v22_controller },
  { "/conformance/V24", test_v24 },
  { "/conformance/V11", test_v11 },
  { "/conformance/V29", test_v29 },
  { "/conformance/V05", test_v05 },
  { "/conformance/V09", test_v09 },
  { "/conformance/V10", test_v10 },
};

int
main (int argc, char **argv)
{
  return rig_main (argc, argv, &machine, lab_missing_guest (), &rig, rows, G_N_ELEMENTS (rows));
}
