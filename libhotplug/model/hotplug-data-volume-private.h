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

/* Whether somebody has said what the bytes of its source mean */
gboolean _hotplug_data_volume_tells_source_format (HotplugDataVolume *self);

/* How large it is to be, where @needed bytes are copied into it. CDI's rule: what is asked for may be larger than that,
 * never smaller: HOTPLUG_ERROR_INVALID_ARGUMENT */
gboolean _hotplug_data_volume_choose_size (HotplugDataVolume *self, guint64 needed, guint64 *size, GError **error);

G_END_DECLS
