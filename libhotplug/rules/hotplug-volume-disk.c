/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-name-private.h"
#include "rules/hotplug-volume-disk-private.h"

HotplugDisk *
_hotplug_volume_to_disk (HotplugVolume *volume, const HotplugSource *source, const HotplugPlacement *placement)
{
  HotplugDisk *disk = _hotplug_disk_new ();

  disk->alias = _hotplug_volume_alias (hotplug_volume_get_name (volume));
  disk->device = g_strdup ("disk");
  disk->target = g_strdup (placement->target);
  disk->path = g_strdup (source->path);
  disk->serial = g_strdup (hotplug_volume_get_serial (volume));
  disk->bus = hotplug_volume_get_bus (volume);
  disk->cache = hotplug_volume_get_cache (volume);
  disk->block = source->block;
  disk->read_only = hotplug_volume_get_read_only (volume);
  disk->address = placement->address;
  return disk;
}
