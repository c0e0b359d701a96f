/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_MANIFEST (hotplug_manifest_get_type ())

/**
 * HotplugManifest:
 *
 * An object that a manifest describes, as Kubernetes writes it: its kind, its name, and what is to be made of it.
 *
 * It never changes and may be shared between threads. Every string that it returns lives as long as it does.
 *
 * Since: 0.1
 */
typedef struct _HotplugManifest HotplugManifest;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_manifest_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_manifest_parse (const char *text, gssize length, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugManifest *hotplug_manifest_ref (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_manifest_unref (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_manifest_get_api_version (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_manifest_get_kind (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_manifest_get_name (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_manifest_get_line (HotplugManifest *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_data_volume_new_from_manifest (HotplugManifest *manifest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugManifest, hotplug_manifest_unref)

G_END_DECLS
