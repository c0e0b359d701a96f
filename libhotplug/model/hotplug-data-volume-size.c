/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "model/hotplug-data-volume-private.h"

#define SECTOR 512

gboolean
_hotplug_data_volume_choose_size (HotplugDataVolume *self, guint64 needed, guint64 *size, GError **error)
{
  guint64 asked = hotplug_data_volume_get_size (self);

  *size = asked > 0 ? asked : (needed + SECTOR - 1) / SECTOR * SECTOR;
  if (*size >= needed)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "data volume \"%s\": what is copied into it has %" G_GUINT64_FORMAT
               " bytes, and its size is %" G_GUINT64_FORMAT,
               hotplug_data_volume_get_name (self), needed, asked);
  return FALSE;
}
