/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-network-attachment.h>

G_BEGIN_DECLS

#define HOTPLUG_NETWORK_CONF ".conf"
#define HOTPLUG_NETWORK_CONFLIST ".conflist"
#define HOTPLUG_NETWORK_YAML ".yaml"

/* What the file at @path says, whose text was read: by its name a configuration of CNI, or a manifest of one object */
HotplugNetworkAttachment *_hotplug_network_attachment_parse (const char *path, const char *text, gsize length,
                                                             GError **error);

G_END_DECLS
