/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-data-volume.h>

G_BEGIN_DECLS

/* @self as a host has it: where it is, and how far
 * @store: (nullable)
 * @path: (nullable)
 * @message: (nullable) */
HotplugDataVolume *_hotplug_data_volume_with_status (HotplugDataVolume *self, guint64 size, const char *store,
                                                     const char *path, HotplugDataVolumePhase phase, double progress,
                                                     const char *message);

G_END_DECLS
