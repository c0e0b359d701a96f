/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_VOLUME_STATUS (hotplug_volume_status_get_type ())

/**
 * HotplugVolumeStatus:
 *
 * How one disk of a VMI stood at the moment it was looked at: KubeVirt's `status.volumeStatus[]` entry.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does. Disks that were not hotplugged have one too, without phase, reason and attach id.
 *
 * Since: 0.1
 */
typedef struct _HotplugVolumeStatus HotplugVolumeStatus;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_volume_status_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_volume_status_ref (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_volume_status_unref (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_name (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_target (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_status_is_hotplugged (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_status_is_persisted (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumePhase hotplug_volume_status_get_phase (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_reason (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_message (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugBus hotplug_volume_status_get_bus (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_path (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_serial (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_address (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_volume_status_get_size (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_attach_id (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_attach_uid (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_volume_status_to_manifest (HotplugVolumeStatus *self, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_status_get_boot_order (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugCache hotplug_volume_status_get_cache (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_status_get_dedicated_io_thread (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDiskType hotplug_volume_status_get_device (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDiscard hotplug_volume_status_get_discard (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugErrorPolicy hotplug_volume_status_get_error_policy (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugIo hotplug_volume_status_get_io (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_status_get_logical_block_size (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_status_get_physical_block_size (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_status_get_read_only (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_status_get_shareable (HotplugVolumeStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_status_get_uri (HotplugVolumeStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugVolumeStatus, hotplug_volume_status_unref)

G_END_DECLS
