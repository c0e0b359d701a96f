/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-volume.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_VOLUME_REQUEST (hotplug_volume_request_get_type ())

/**
 * HotplugVolumeRequest:
 *
 * What KubeVirt's `addvolume` or `removevolume` is sent: `AddVolumeOptions` or `RemoveVolumeOptions`.
 *
 * It never changes and may be shared between threads. Every string that it returns lives as long as it does.
 *
 * Since: 0.1
 */
typedef struct _HotplugVolumeRequest HotplugVolumeRequest;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_volume_request_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_volume_request_parse_add (const char *text, gssize length, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_volume_request_parse_remove (const char *text, gssize length, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeRequest *hotplug_volume_request_ref (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_volume_request_unref (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_request_get_name (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_volume_request_get_data_volume (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_volume_request_get_line (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_volume_request_is_dry_run (HotplugVolumeRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolume *hotplug_volume_request_make_volume (HotplugVolumeRequest *self, HotplugDataVolume *data_volume,
                                                   GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugVolumeRequest, hotplug_volume_request_unref)

G_END_DECLS
