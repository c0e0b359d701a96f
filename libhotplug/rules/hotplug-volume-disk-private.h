/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "model/hotplug-source-info-private.h"
#include "rules/hotplug-placement-private.h"

G_BEGIN_DECLS

/* Returns: (transfer full): the disk that a volume becomes at a place of a machine */
HotplugDisk *_hotplug_volume_to_disk (HotplugVolume *volume, const HotplugSource *source,
                                      const HotplugPlacement *placement);

G_END_DECLS
