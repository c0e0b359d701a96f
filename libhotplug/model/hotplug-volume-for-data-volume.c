/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-error.h>

#include "model/hotplug-volume-private.h"

/**
 * hotplug_volume_new_for_data_volume:
 * @data_volume: a volume of a host's store, as hotplug_host_get_data_volume() returns it
 * @error: return location for a #GError
 *
 * Describes a volume to be plugged, with the name, the access mode and the format of @data_volume. What its guest
 * discards stays allotted if @data_volume was allotted in advance.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_SOURCE_NOT_READY if @data_volume is not
 *   %HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, or %HOTPLUG_ERROR_SERIAL_TOO_LONG (a name of more than 36 characters needs a
 *   serial of its own)
 *
 * Since: 0.1
 */
HotplugVolume *
hotplug_volume_new_for_data_volume (HotplugDataVolume *data_volume, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (data_volume), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  const char *name = hotplug_data_volume_get_name (data_volume);
  const char *message = hotplug_data_volume_get_message (data_volume);

  if (hotplug_data_volume_get_phase (data_volume) != HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "data volume \"%s\" is not ready%s%s", name,
                   message != NULL ? ": " : "", message != NULL ? message : "");
      return NULL;
    }
  HotplugVolume *self = g_initable_new (
      HOTPLUG_TYPE_VOLUME, NULL, error, "name", name, "path", hotplug_data_volume_get_path (data_volume), "access-mode",
      hotplug_data_volume_get_access_mode (data_volume), "format", hotplug_data_volume_get_format (data_volume), NULL);

  if (self != NULL)
    self->options.preallocated = hotplug_data_volume_get_preallocation (data_volume);
  return self;
}
