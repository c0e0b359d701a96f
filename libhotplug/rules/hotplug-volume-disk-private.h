/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "model/hotplug-source-info-private.h"
#include "rules/hotplug-placement-private.h"

G_BEGIN_DECLS

/* Whether a volume can be made of its source, and whether others leave it to us:
 * HOTPLUG_ERROR_SOURCE_NOT_READY, HOTPLUG_ERROR_CACHE_UNSUPPORTED, HOTPLUG_ERROR_INVALID_ARGUMENT,
 * HOTPLUG_ERROR_SOURCE_IN_USE. What is not known of the source is not asked for. */
gboolean _hotplug_volume_check_source (HotplugVolume *volume, const HotplugSource *source, GError **error);
/* Of them whether it is told what an image is that does not begin as a raw disk: HOTPLUG_ERROR_SOURCE_NOT_READY. A disk
 * that is only read is not asked for it, a medium is. */
gboolean _hotplug_volume_check_told (HotplugVolume *volume, const HotplugSource *source, GError **error);
gboolean _hotplug_volume_is_held (HotplugVolume *volume, const HotplugSourceLocks *locks);

/* HOTPLUG_ERROR_SOURCE_IN_USE, without the name of the volume. @who: (nullable): has it; NULL if that is not
 * known */
void _hotplug_volume_set_in_use (HotplugVolume *volume, const char *source, const char *who, GError **error);

/* Returns: (transfer full): the disk that a volume becomes at a place of a machine.
 * @sides: they have an IO thread if the volume needs one */
HotplugDisk *_hotplug_volume_to_disk (HotplugVolume *volume, const HotplugSource *source,
                                      const HotplugPlacement *placement, const HotplugSides *sides);

G_END_DECLS
