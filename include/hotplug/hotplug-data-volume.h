/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-host.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-volume.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_DATA_VOLUME (hotplug_data_volume_get_type ())

/**
 * HotplugDataVolume:
 *
 * A volume in a store of a host: what is asked for, and of one that a host has how it stands.
 *
 * It is frozen once it is made. hotplug_data_volume_new_blank() describes the usual one, g_initable_new() one with
 * further properties; hotplug_host_create_data_volume() makes it, and hotplug_volume_new_for_data_volume() is the way
 * from there into a VMI. CDI's words hold: its kind is `DataVolume`.
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugDataVolume, hotplug_data_volume, HOTPLUG, DATA_VOLUME, GObject)

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_data_volume_new_blank (const char *name, guint64 size, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_name (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_data_volume_get_size (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_source_path (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugImageFormat hotplug_data_volume_get_source_format (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_source_volume (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugAccessMode hotplug_data_volume_get_access_mode (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeMode hotplug_data_volume_get_volume_mode (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugImageFormat hotplug_data_volume_get_format (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_data_volume_get_preallocation (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_store (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_path (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolumePhase hotplug_data_volume_get_phase (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
double hotplug_data_volume_get_progress (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_data_volume_get_message (HotplugDataVolume *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_data_volume_to_manifest (HotplugDataVolume *self, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_data_volume_list_to_manifest (GPtrArray *volumes, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_host_create_data_volume (HotplugHost *self, HotplugDataVolume *volume,
                                                    GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_create_data_volume_async (HotplugHost *self, HotplugDataVolume *volume, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_host_create_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_host_get_data_volume (HotplugHost *self, const char *name, GCancellable *cancellable,
                                                 GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_get_data_volume_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugDataVolume *hotplug_host_get_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_data_volumes (HotplugHost *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_list_data_volumes_async (HotplugHost *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_data_volumes_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_delete_data_volume (HotplugHost *self, const char *name, GCancellable *cancellable,
                                          GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_delete_data_volume_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_delete_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolume *hotplug_volume_new_for_data_volume (HotplugDataVolume *data_volume, GError **error);

G_END_DECLS
