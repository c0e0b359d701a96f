/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_VOLUME (hotplug_volume_get_type ())

/**
 * HotplugVolume:
 *
 * A disk to be plugged into a VMI: a name, a source, and how the guest shall see it.
 *
 * A volume is frozen once it is made, and may be used by several threads and for several VMIs. It describes; it opens
 * nothing and holds nothing open. Whether its source exists is asked when it is plugged.
 *
 * It is a #GInitable: hotplug_volume_new_for_path() makes the usual one, g_initable_new() one with further properties.
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugVolume, hotplug_volume, HOTPLUG, VOLUME, GObject)

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolume *hotplug_volume_new_for_path (const char *name, const char *path, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_get_name (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_get_path (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugBus hotplug_volume_get_bus (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_get_serial (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugCache hotplug_volume_get_cache (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_get_read_only (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_get_uri (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugAccessMode hotplug_volume_get_access_mode (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_get_boot_order (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_get_dedicated_io_thread (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDiskType hotplug_volume_get_device (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDiscard hotplug_volume_get_discard (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugErrorPolicy hotplug_volume_get_error_policy (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugImageFormat hotplug_volume_get_format (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugIo hotplug_volume_get_io (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_get_logical_block_size (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_get_match_block_size (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_get_physical_block_size (HotplugVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_get_shareable (HotplugVolume *self);

G_END_DECLS
