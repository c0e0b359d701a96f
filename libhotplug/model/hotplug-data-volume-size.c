/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "model/hotplug-data-volume-private.h"

/* CDI's alignment of an image (pkg/image/qemu.go, and pkg/util, DefaultAlignBlockSize). QEMU refuses to write past the
 * page cache to an image that ends between two blocks of its file system, and none has larger ones in practice. */
#define ALIGNMENT (G_GUINT64_CONSTANT (1) << 20)

gboolean
_hotplug_data_volume_choose_size (HotplugDataVolume *self, guint64 needed, guint64 *size, GError **error)
{
  guint64 asked = hotplug_data_volume_get_size (self);
  guint64 least = asked > 0 ? asked : needed;
  guint64 rest = least % ALIGNMENT;

  *size = rest == 0 || least > G_MAXUINT64 - ALIGNMENT ? least : least - rest + ALIGNMENT;
  if (*size >= needed)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "data volume \"%s\": what is copied into it has %" G_GUINT64_FORMAT
               " bytes, and its size is %" G_GUINT64_FORMAT,
               hotplug_data_volume_get_name (self), needed, asked);
  return FALSE;
}
