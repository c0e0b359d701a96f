/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-serial-private.h"

/* libvirt's QEMU_SERIAL_PARAM_ACCEPTED_CHARS (src/qemu/qemu_validate.c:2738) without the blank, which libvirt hands on
 * with a backslash before it: the guest would see another serial. */
#define SERIAL_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-"

guint
_hotplug_serial_limit (HotplugBus bus)
{
  switch (bus)
    {
    case HOTPLUG_BUS_VIRTIO:
    case HOTPLUG_BUS_IDE:
    case HOTPLUG_BUS_SATA:
      return 20;
    case HOTPLUG_BUS_SCSI:
      return 36;
    case HOTPLUG_BUS_USB:
      return 126;
    case HOTPLUG_BUS_FDC:
    case HOTPLUG_BUS_OTHER:
    default:
      return 0;
    }
}

gboolean
_hotplug_serial_check (const char *volume, const char *serial, HotplugBus bus, GError **error)
{
  gsize length = strlen (serial);
  guint limit = _hotplug_serial_limit (bus);

  if (length == 0 || serial[strspn (serial, SERIAL_CHARACTERS)] != '\0')
    {
      g_autofree char *shown = g_strescape (serial, NULL);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID,
                   "volume \"%s\": serial \"%s\": a serial has letters, digits and _ . + - only", volume, shown);
      return FALSE;
    }

  if (length > limit)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_TOO_LONG,
                   "volume \"%s\": serial \"%s\": %" G_GSIZE_FORMAT " characters, on bus %s the guest sees %u; give it a shorter serial",
                   volume, serial, length, _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int) bus), limit);
      return FALSE;
    }

  return TRUE;
}

gboolean
_hotplug_serial_collides (const char *a, HotplugBus a_bus, const char *b, HotplugBus b_bus)
{
  if (a == NULL || b == NULL || *a == '\0' || *b == '\0')
    return FALSE;

  guint a_seen = _hotplug_serial_limit (a_bus);
  guint b_seen = _hotplug_serial_limit (b_bus);
  gsize a_length = MIN (strlen (a), a_seen > 0 ? a_seen : strlen (a));
  gsize b_length = MIN (strlen (b), b_seen > 0 ? b_seen : strlen (b));

  return a_length == b_length && strncmp (a, b, a_length) == 0;
}
