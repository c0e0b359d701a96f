/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-network-attachment.h>

G_BEGIN_DECLS

/* What those without a namespace are in, as in Kubernetes */
#define HOTPLUG_NAMESPACE_DEFAULT "default"

/* @self as a host has it: in the file @path */
HotplugNetworkAttachment *_hotplug_network_attachment_with_path (HotplugNetworkAttachment *self, const char *path);

/* NAME or NAMESPACE/NAME, as KubeVirt's networks[].multus.networkName has it. HOTPLUG_ERROR_INVALID_NAME
 * @space: (out) (nullable): %NULL if none is said */
gboolean _hotplug_network_name_split (const char *text, char **space, char **name, GError **error);

/* Whether @self is what the two say, where no namespace is the default one */
gboolean _hotplug_network_attachment_is (HotplugNetworkAttachment *self, const char *space, const char *name);

/* NAMESPACE/NAME, or only NAME in the default namespace: what people call it */
char *_hotplug_network_attachment_dup_title (HotplugNetworkAttachment *self);

/* By name, then by namespace */
int _hotplug_network_attachment_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
