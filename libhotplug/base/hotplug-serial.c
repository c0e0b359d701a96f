/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-serial.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-serial-private.h"
#include "base/hotplug-version-private.h"

/* libvirt's QEMU_SERIAL_PARAM_ACCEPTED_CHARS (src/qemu/qemu_validate.c:2735) without the blank, which libvirt hands on
 * with a backslash before it (src/qemu/qemu_command.c:1921): the guest would see another serial. */
#define SERIAL_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-"

/* QEMU's own bound, or the field of the device: virtio-blk's VIRTIO_BLK_ID_BYTES, IDE's IDENTIFY data (hw/ide/core.c,
 * padstr to 20; SATA has the same disk, ide-hd), NVMe's sn[20]. All cut without a word. */
#define FIELD_LIMIT 20

/* What the VPD page 0x80 of a SCSI disk shows (hw/scsi/scsi-disk.c) */
#define SCSI_LIMIT 36

/* A USB string descriptor has 255 bytes, two for its head and two for each character (hw/usb/desc.c). MEASURED with
 * QEMU 7.2: with one more the serial is gone altogether. */
#define USB_LIMIT 126

/* More of a serial is not shown in a message */
#define SHOWN_MAX 64

/**
 * hotplug_serial_get_limit:
 * @bus: how the disk is connected
 * @disk_type: what the disk is
 * @hypervisor_version: QEMU's version, major * 1000000 + minor * 1000 + micro as libvirt tells it; 0: not known, which
 *   stands for a recent one
 *
 * How many characters of a disk's serial a guest sees. What is longer is cut by the hypervisor without a word,
 * vanishes, or keeps the disk from being plugged.
 *
 * - virtio, IDE, SATA and NVMe: 20
 * - SCSI: 36, before QEMU 4.0 20
 * - USB: 20, before QEMU 9.1 126
 * - fdc, sd, and buses of which nothing is known: 0
 * - a LUN, which shows the serial of the host's device, and a floppy, on any bus: 0
 *
 * Returns: the longest serial, 0 if such a disk takes none
 *
 * Since: 0.1
 */
guint
hotplug_serial_get_limit (HotplugBus bus, HotplugDiskType disk_type, guint64 hypervisor_version)
{
  if (disk_type == HOTPLUG_DISK_TYPE_LUN || disk_type == HOTPLUG_DISK_TYPE_FLOPPY)
    return 0;

  switch (bus)
    {
    case HOTPLUG_BUS_VIRTIO:
    case HOTPLUG_BUS_IDE:
    case HOTPLUG_BUS_SATA:
    case HOTPLUG_BUS_NVME:
      return FIELD_LIMIT;
    case HOTPLUG_BUS_SCSI:
      return _hotplug_version_has (hypervisor_version, HOTPLUG_TRAIT_QEMU_SCSI_DEVICE_ID) ? SCSI_LIMIT : FIELD_LIMIT;
    case HOTPLUG_BUS_USB:
      return _hotplug_version_has (hypervisor_version, HOTPLUG_TRAIT_QEMU_LONG_SERIAL_REFUSED) ? FIELD_LIMIT
                                                                                               : USB_LIMIT;
    case HOTPLUG_BUS_FDC:
    case HOTPLUG_BUS_SD:
    case HOTPLUG_BUS_OTHER:
    default:
      return 0;
    }
}

/* On one line, and no longer than a message may be */
static char *
show (const char *serial)
{
  g_autofree char *start = g_strndup (serial, SHOWN_MAX);
  g_autofree char *escaped = g_strescape (start, NULL);

  return g_strconcat (escaped, strlen (serial) > SHOWN_MAX ? "..." : "", NULL);
}

/* Why a disk takes no serial: libvirt refuses it (src/qemu/qemu_validate.c:2816 and 3067), or QEMU does (its floppy has
 * no such property) */
static const char *
reason_for_none (HotplugBus bus, HotplugDiskType disk_type)
{
  if (disk_type == HOTPLUG_DISK_TYPE_LUN)
    return "a LUN shows that of its own device";
  if (disk_type == HOTPLUG_DISK_TYPE_FLOPPY || bus == HOTPLUG_BUS_FDC)
    return "a floppy has none";
  if (bus == HOTPLUG_BUS_SD)
    return "a card on bus sd has none";
  return "what a guest sees of one on this bus is not known";
}

static gboolean
check_characters (const char *serial, GError **error)
{
  if (*serial == '\0')
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID, "serial \"\": it is empty");
      return FALSE;
    }

  if (serial[strspn (serial, SERIAL_CHARACTERS)] != '\0')
    {
      g_autofree char *shown = show (serial);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID,
                   "serial \"%s\": a serial has letters, digits and _ . + - only", shown);
      return FALSE;
    }

  return TRUE;
}

static void
set_too_long (HotplugBus bus, HotplugDiskType disk_type, const char *serial, guint64 version, guint limit,
              GError **error)
{
  gsize length = strlen (serial);
  gboolean scsi_helps = length <= hotplug_serial_get_limit (HOTPLUG_BUS_SCSI, disk_type, version);
  g_autofree char *shown = show (serial);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_TOO_LONG,
               "serial \"%s\": %" G_GSIZE_FORMAT " characters, on bus %s the guest sees %u; give it a shorter serial%s",
               shown, length, _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int)bus), limit,
               scsi_helps ? ", or bus scsi" : "");
}

/**
 * hotplug_serial_check:
 * @bus: how the disk is connected
 * @disk_type: what the disk is
 * @serial: the serial
 * @hypervisor_version: as in hotplug_serial_get_limit()
 * @limit: (out) (optional): the longest serial that such a disk takes, 0 for none; set in any case
 * @error: return location for a #GError
 *
 * Whether a guest would see @serial as it is, whole and unchanged: letters, digits and `_ . + -`, at least one, and no
 * more than hotplug_serial_get_limit(). A blank is refused, though libvirt takes it: it arrives with a backslash before
 * it.
 *
 * Returns: %TRUE if it arrives as it is; %FALSE with %HOTPLUG_ERROR_SERIAL_TOO_LONG, or with
 *   %HOTPLUG_ERROR_SERIAL_INVALID for another character, an empty serial, and a disk that takes none
 *
 * Since: 0.1
 */
gboolean
hotplug_serial_check (HotplugBus bus, HotplugDiskType disk_type, const char *serial, guint64 hypervisor_version,
                      guint *limit, GError **error)
{
  guint longest = hotplug_serial_get_limit (bus, disk_type, hypervisor_version);

  if (limit != NULL)
    *limit = longest;
  g_return_val_if_fail (serial != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_characters (serial, error))
    return FALSE;

  if (longest == 0)
    {
      g_autofree char *shown = show (serial);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID, "serial \"%s\": %s; leave it out", shown,
                   reason_for_none (bus, disk_type));
      return FALSE;
    }

  if (strlen (serial) > longest)
    {
      set_too_long (bus, disk_type, serial, hypervisor_version, longest, error);
      return FALSE;
    }

  return TRUE;
}

/* What udev makes a name in /dev/disk/by-id of (systemd src/shared/udev-util.c, udev_replace_whitespace () and
 * udev_replace_chars ()): blanks at either end go, others are one _, and so is each byte that is not safe.
 * @escaped: as libvirt hands a blank on to some QEMUs, with a backslash before it */
static char *
to_udev_name (const char *serial, guint limit, gboolean escaped)
{
  g_autofree char *cut = g_strndup (serial, limit > 0 ? limit : strlen (serial));
  GString *name = g_string_new (NULL);

  for (const char *at = g_strstrip (cut); *at != '\0'; at++)
    {
      gboolean safe = g_ascii_isalnum (*at) || strchr ("#+-.:=@_", *at) != NULL || (*at & 0x80) != 0;

      if (g_ascii_isspace (*at) && escaped)
        g_string_append_c (name, '_');
      while (g_ascii_isspace (*at) && g_ascii_isspace (at[1]))
        at++;
      g_string_append_c (name, safe ? *at : '_');
    }
  return g_string_free (name, FALSE);
}

static gboolean
is_plain (const char *serial)
{
  return serial[strspn (serial, SERIAL_CHARACTERS)] == '\0';
}

static gboolean
have_one_name (const char *a, guint a_limit, const char *b, guint b_limit, gboolean escaped)
{
  g_autofree char *a_name = to_udev_name (a, a_limit, escaped);
  g_autofree char *b_name = to_udev_name (b, b_limit, escaped);

  return *a_name != '\0' && strcmp (a_name, b_name) == 0;
}

gboolean
_hotplug_serial_collides (const char *a, guint a_limit, const char *b, guint b_limit)
{
  if (a == NULL || b == NULL || *a == '\0' || *b == '\0')
    return FALSE;

  gsize a_length = MIN (strlen (a), a_limit > 0 ? a_limit : strlen (a));
  gsize b_length = MIN (strlen (b), b_limit > 0 ? b_limit : strlen (b));

  if (a_length == b_length && strncmp (a, b, a_length) == 0)
    return TRUE;
  return (!is_plain (a) || !is_plain (b))
         && (have_one_name (a, a_limit, b, b_limit, FALSE) || have_one_name (a, a_limit, b, b_limit, TRUE));
}
