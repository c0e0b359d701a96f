/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-serial-private.h"

#define OK 0
#define INVALID HOTPLUG_ERROR_SERIAL_INVALID
#define TOO_LONG HOTPLUG_ERROR_SERIAL_TOO_LONG
#define TWENTY "12345678901234567890"
#define THIRTY_SIX "123456789012345678901234567890123456"

#define DISK HOTPLUG_DISK_TYPE_DISK
#define CDROM HOTPLUG_DISK_TYPE_CDROM
#define UNKNOWN 0
#define V(major, minor) G_GUINT64_CONSTANT (major##000000) + minor * 1000

/* How many characters a guest sees, and who says so: a QEMU source, libvirt's where it refuses any, or a guest that was
 * looked at (GUEST: conformance/test-serials-guest, with QEMU 7.2) */
static const struct
{
  const char *row;
  HotplugBus bus;
  HotplugDiskType disk_type;
  guint64 version;
  guint limit;
} limits[] = {
  /* GUEST; hw/block/virtio-blk.c, VIRTIO_BLK_ID_BYTES */
  { "virtio", HOTPLUG_BUS_VIRTIO, DISK, UNKNOWN, 20 },
  { "virtio-old", HOTPLUG_BUS_VIRTIO, DISK, V (1, 0), 20 },
  { "virtio-new", HOTPLUG_BUS_VIRTIO, DISK, V (10, 0), 20 },
  /* GUEST; hw/ide/core.c, padstr of drive_serial_str */
  { "ide", HOTPLUG_BUS_IDE, DISK, UNKNOWN, 20 },
  { "ide-cdrom", HOTPLUG_BUS_IDE, CDROM, V (7, 2), 20 },
  /* GUEST; the same ide-hd as on IDE (libvirt src/qemu/qemu_command.c:1769) */
  { "sata", HOTPLUG_BUS_SATA, DISK, UNKNOWN, 20 },
  { "sata-cdrom", HOTPLUG_BUS_SATA, CDROM, V (7, 2), 20 },
  /* GUEST; hw/nvme/ctrl.c, sn of NvmeIdCtrl */
  { "nvme", HOTPLUG_BUS_NVME, DISK, UNKNOWN, 20 },
  { "nvme-new", HOTPLUG_BUS_NVME, DISK, V (10, 0), 20 },
  /* GUEST; hw/scsi/scsi-disk.c, page 0x80 */
  { "scsi", HOTPLUG_BUS_SCSI, DISK, UNKNOWN, 36 },
  { "scsi-7.2", HOTPLUG_BUS_SCSI, DISK, V (7, 2), 36 },
  { "scsi-cdrom", HOTPLUG_BUS_SCSI, CDROM, V (7, 2), 36 },
  /* QEMU's commit 75997e182b69: refused beyond 36 */
  { "scsi-9.1", HOTPLUG_BUS_SCSI, DISK, V (9, 1), 36 },
  /* hw/scsi/scsi-disk.c of QEMU 2.8: page 0x83 has 20; device_id, with which libvirt gives it all, came with 4.0 */
  { "scsi-2.8", HOTPLUG_BUS_SCSI, DISK, V (2, 8), 20 },
  { "scsi-3.1", HOTPLUG_BUS_SCSI, DISK, V (3, 1) + 99, 20 },
  { "scsi-4.0", HOTPLUG_BUS_SCSI, DISK, V (4, 0), 36 },
  /* GUEST: 126 arrive, of 127 nothing; hw/usb/desc.c, bLength */
  { "usb-7.2", HOTPLUG_BUS_USB, DISK, V (7, 2), 126 },
  { "usb-cdrom", HOTPLUG_BUS_USB, CDROM, V (7, 2), 126 },
  { "usb-9.0", HOTPLUG_BUS_USB, DISK, V (9, 0) + 99, 126 },
  /* hw/usb/dev-storage-classic.c: the scsi-disk inside refuses it; the strictest where the version is not known */
  { "usb-9.1", HOTPLUG_BUS_USB, DISK, V (9, 1), 20 },
  { "usb", HOTPLUG_BUS_USB, DISK, UNKNOWN, 20 },
  /* GUEST (refused); libvirt src/qemu/qemu_validate.c:3067 on scsi, and no serial of ours elsewhere */
  { "lun", HOTPLUG_BUS_SCSI, HOTPLUG_DISK_TYPE_LUN, V (7, 2), 0 },
  { "lun-virtio", HOTPLUG_BUS_VIRTIO, HOTPLUG_DISK_TYPE_LUN, UNKNOWN, 0 },
  /* GUEST (refused); libvirt src/qemu/qemu_validate.c:2816 */
  { "sd", HOTPLUG_BUS_SD, DISK, V (7, 2), 0 },
  /* GUEST (refused); QEMU's floppy has no such property */
  { "fdc", HOTPLUG_BUS_FDC, HOTPLUG_DISK_TYPE_FLOPPY, V (7, 2), 0 },
  { "fdc-disk", HOTPLUG_BUS_FDC, DISK, UNKNOWN, 0 },
  { "floppy-usb", HOTPLUG_BUS_USB, HOTPLUG_DISK_TYPE_FLOPPY, UNKNOWN, 0 },
  { "other", HOTPLUG_BUS_OTHER, DISK, UNKNOWN, 0 },
};

static void
assert_length (gsize row, guint length, int code)
{
  g_autofree char *serial = g_strnfill (length, 'x');
  g_autoptr (GError) error = NULL;
  guint limit = 1234;
  gboolean legal = hotplug_serial_check (limits[row].bus, limits[row].disk_type, serial, limits[row].version, &limit,
                                         &error);

  g_assert_cmpuint (limit, ==, limits[row].limit);
  g_assert_true (legal == (code == OK));
  if (!legal)
    g_assert_error (error, HOTPLUG_ERROR, code);
}

/* One below, at, and one above; a limit may be not asked for. */
static void
test_limit (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  guint limit = limits[row].limit;

  g_assert_cmpuint (hotplug_serial_get_limit (limits[row].bus, limits[row].disk_type, limits[row].version), ==, limit);
  assert_length (row, 0, INVALID);
  assert_length (row, 1, limit > 0 ? OK : INVALID);
  g_assert_true (hotplug_serial_check (limits[row].bus, limits[row].disk_type, "x", limits[row].version, NULL, NULL)
                 == (limit > 0));
  if (limit > 0)
    {
      assert_length (row, limit - 1, OK);
      assert_length (row, limit, OK);
    }
  assert_length (row, limit + 1, limit > 0 ? TOO_LONG : INVALID);
  assert_length (row, 1 << 20, limit > 0 ? TOO_LONG : INVALID);
}

/* libvirt src/qemu/qemu_validate.c:2735; the blank GUEST: it arrives as a backslash and a blank */
static const struct
{
  const char *row;
  const char *serial;
  int code;
} characters[] = {
  { "upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", OK },
  { "lower", "abcdefghijklmnopqrstuvwxyz", OK },
  { "digits", "0123456789", OK },
  { "marks", "_.+-", OK },
  { "marks-alone", "-", OK },
  { "uuid", "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49", OK },
  { "empty", "", INVALID },
  { "blank", "a b", INVALID },
  { "leading-blank", " a", INVALID },
  { "trailing-blank", "a ", INVALID },
  { "only-blank", " ", INVALID },
  { "tab", "a\tb", INVALID },
  { "newline", "a\n", INVALID },
  { "leading-newline", "\na", INVALID },
  { "return", "a\r", INVALID },
  { "escape", "a\033[1m", INVALID },
  { "delete", "a\177", INVALID },
  { "comma", "a,b", INVALID },
  { "equals", "a=b", INVALID },
  { "slash", "a/b", INVALID },
  { "backslash", "a\\b", INVALID },
  { "colon", "a:b", INVALID },
  { "at", "a@b", INVALID },
  { "double-quote", "a\"b", INVALID },
  { "single-quote", "a'b", INVALID },
  { "less", "<a", INVALID },
  { "ampersand", "a&amp;b", INVALID },
  { "cdata-end", "a]]>", INVALID },
  { "percent", "%s", INVALID },
  { "utf-8", "caf\xc3\xa9", INVALID },
  { "latin-1", "caf\xe9", INVALID },
  { "no-break-space", "a\xc2\xa0", INVALID },
};

static void
test_characters (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  gboolean legal = hotplug_serial_check (HOTPLUG_BUS_SCSI, DISK, characters[row].serial, UNKNOWN, NULL, &error);

  g_assert_true (legal == (characters[row].code == OK));
  if (legal)
    return;

  g_assert_error (error, HOTPLUG_ERROR, characters[row].code);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_str_is_ascii (error->message));
}

/* The limit and the cure */
static const struct
{
  HotplugBus bus;
  HotplugDiskType disk_type;
  guint64 version;
  const char *serial;
  const char *message;
} messages[] = {
  { HOTPLUG_BUS_VIRTIO, DISK, UNKNOWN, TWENTY "1",
    "serial \"" TWENTY "1\": 21 characters, on bus virtio the guest sees 20; give it a shorter serial, or bus scsi" },
  { HOTPLUG_BUS_VIRTIO, DISK, UNKNOWN, THIRTY_SIX "7",
    "serial \"" THIRTY_SIX "7\": 37 characters, on bus virtio the guest sees 20; give it a shorter serial" },
  { HOTPLUG_BUS_VIRTIO, DISK, V (2, 8), TWENTY "1",
    "serial \"" TWENTY "1\": 21 characters, on bus virtio the guest sees 20; give it a shorter serial" },
  { HOTPLUG_BUS_SCSI, DISK, UNKNOWN, THIRTY_SIX "7",
    "serial \"" THIRTY_SIX "7\": 37 characters, on bus scsi the guest sees 36; give it a shorter serial" },
  { HOTPLUG_BUS_SCSI, DISK, UNKNOWN, THIRTY_SIX THIRTY_SIX,
    "serial \"" THIRTY_SIX "1234567890123456789012345678...\": 72 characters, on bus scsi the guest sees 36; "
    "give it a shorter serial" },
  { HOTPLUG_BUS_SCSI, DISK, UNKNOWN, "", "serial \"\": it is empty" },
  { HOTPLUG_BUS_SCSI, DISK, UNKNOWN, "%s\n\"", "serial \"%s\\n\\\"\": a serial has letters, digits and _ . + - only" },
  { HOTPLUG_BUS_SCSI, HOTPLUG_DISK_TYPE_LUN, UNKNOWN, "a",
    "serial \"a\": a LUN shows that of its own device; leave it out" },
  { HOTPLUG_BUS_FDC, HOTPLUG_DISK_TYPE_FLOPPY, UNKNOWN, "a", "serial \"a\": a floppy has none; leave it out" },
  { HOTPLUG_BUS_SD, DISK, UNKNOWN, "a", "serial \"a\": a card on bus sd has none; leave it out" },
  { HOTPLUG_BUS_OTHER, DISK, UNKNOWN, "a",
    "serial \"a\": what a guest sees of one on this bus is not known; leave it out" },
};

static void
test_messages (void)
{
  for (gsize row = 0; row < G_N_ELEMENTS (messages); row++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (hotplug_serial_check (messages[row].bus, messages[row].disk_type, messages[row].serial,
                                            messages[row].version, NULL, &error));
      g_assert_cmpstr (error->message, ==, messages[row].message);
    }
}

static const struct
{
  const char *row;
  const char *a;
  guint a_limit;
  const char *b;
  guint b_limit;
  gboolean collide;
} pairs[] = {
  { "same", "data", 36, "data", 36, TRUE },
  { "other-bus", "data", 36, "data", 20, TRUE },
  { "other", "data", 36, "date", 36, FALSE },
  { "longer", "data", 36, "data1", 36, FALSE },
  { "case", "data", 36, "DATA", 36, FALSE },
  { "cut", TWENTY, 20, TWENTY "more", 20, TRUE },
  { "not-cut", TWENTY, 36, TWENTY "more", 36, FALSE },
  { "cut-on-one", TWENTY, 36, TWENTY "more", 20, TRUE },
  { "cut-on-the-other", TWENTY "more", 36, TWENTY "more", 20, FALSE },
  { "both-cut", TWENTY "a", 20, TWENTY "b", 20, TRUE },
  { "no-limit", TWENTY, 36, TWENTY "more", 0, FALSE },
  { "no-serial", "data", 36, NULL, 36, FALSE },
  { "neither", NULL, 36, NULL, 36, FALSE },
  { "both-empty", "", 36, "", 36, FALSE },
  /* as udev writes them in /dev/disk/by-id */
  { "udev-blank", "cold_1", 36, "cold 1", 36, TRUE },
  { "udev-blanks", "cold_1", 36, "cold  1", 36, TRUE },
  { "udev-around", "cold", 36, " cold ", 36, TRUE },
  { "udev-unsafe", "cold_1", 36, "cold/1", 36, TRUE },
  { "udev-escaped", "cold__1", 36, "cold 1", 36, TRUE },
  { "udev-cut-first", TWENTY, 20, TWENTY " more", 20, TRUE },
  { "udev-blank-is-cut", "cold_", 36, "cold 1", 5, FALSE },
  { "udev-other", "cold_2", 36, "cold 1", 36, FALSE },
  { "udev-nothing-left", "_", 36, " ", 36, FALSE },
};

static void
test_collides (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  g_assert_true (_hotplug_serial_collides (pairs[row].a, pairs[row].a_limit, pairs[row].b, pairs[row].b_limit)
                 == pairs[row].collide);
  g_assert_true (_hotplug_serial_collides (pairs[row].b, pairs[row].b_limit, pairs[row].a, pairs[row].a_limit)
                 == pairs[row].collide);
}

static void
add_row (const char *table, const char *row, gsize index, GTestDataFunc test)
{
  g_autofree char *path = g_strdup_printf ("/serial/%s/%s", table, row);

  g_test_add_data_func (path, GSIZE_TO_POINTER (index), test);
}

/* No link in /dev/disk/by-id is taken from another disk. */
static void
test_udev_names (void)
{
  for (gsize row = 0; row < G_N_ELEMENTS (pairs); row++)
    {
      if (g_str_has_prefix (pairs[row].row, "udev-"))
        test_collides (GSIZE_TO_POINTER (row));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FW04/udev-names", test_udev_names);

  for (gsize row = 0; row < G_N_ELEMENTS (limits); row++)
    add_row ("limit", limits[row].row, row, test_limit);
  for (gsize row = 0; row < G_N_ELEMENTS (characters); row++)
    add_row ("characters", characters[row].row, row, test_characters);
  for (gsize row = 0; row < G_N_ELEMENTS (pairs); row++)
    add_row ("collides", pairs[row].row, row, test_collides);
  g_test_add_func ("/serial/messages", test_messages);

  return g_test_run ();
}
