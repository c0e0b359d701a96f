/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-host.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-manifest.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_NETWORK_ATTACHMENT (hotplug_network_attachment_get_type ())

/**
 * HotplugNetworkAttachment:
 *
 * Where an interface is connected to: a bridge of the host, and what holds for whoever is plugged into it.
 *
 * It is frozen once it is made. Kubernetes' words hold: its kind is `NetworkAttachmentDefinition`, and what is in it is
 * a configuration of CNI. hotplug_network_attachment_new_for_bridge() describes the usual one,
 * hotplug_network_attachment_new_from_manifest() and hotplug_network_attachment_new_from_file() read one, and
 * g_initable_new() makes one with further properties. A host keeps those that it was given by
 * hotplug_host_create_network_attachment().
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugNetworkAttachment, hotplug_network_attachment, HOTPLUG, NETWORK_ATTACHMENT, GObject)

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_network_attachment_new_for_bridge (const char *name, const char *bridge,
                                                                     GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_network_attachment_new_from_manifest (HotplugManifest *manifest, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_network_attachment_new_from_config (const char *text, gssize length, const char *name,
                                                                      GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_network_attachment_new_from_file (const char *path, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_network_attachment_get_name (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_network_attachment_get_namespace (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkPlugin hotplug_network_attachment_get_plugin (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_network_attachment_get_bridge (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_network_attachment_get_mtu (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_network_attachment_get_vlan (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_network_attachment_get_mac_spoof_check (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_network_attachment_get_path (HotplugNetworkAttachment *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_network_attachment_to_manifest (HotplugNetworkAttachment *self, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_network_attachment_list_to_manifest (GPtrArray *attachments, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_host_create_network_attachment (HotplugHost *self,
                                                                  HotplugNetworkAttachment *attachment,
                                                                  GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_create_network_attachment_async (HotplugHost *self, HotplugNetworkAttachment *attachment,
                                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                                   gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_host_create_network_attachment_finish (HotplugHost *self, GAsyncResult *result,
                                                                         GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_host_get_network_attachment (HotplugHost *self, const char *name,
                                                               GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_get_network_attachment_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_host_get_network_attachment_finish (HotplugHost *self, GAsyncResult *result,
                                                                      GError **error);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_network_attachments (HotplugHost *self, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_list_network_attachments_async (HotplugHost *self, GCancellable *cancellable,
                                                  GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_host_list_network_attachments_finish (HotplugHost *self, GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_delete_network_attachment (HotplugHost *self, const char *name, GCancellable *cancellable,
                                                 GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_delete_network_attachment_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_delete_network_attachment_finish (HotplugHost *self, GAsyncResult *result, GError **error);

G_END_DECLS
