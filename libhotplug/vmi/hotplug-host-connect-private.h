/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-network-attachment.h>

#include "model/hotplug-network-connection-private.h"
#include "model/hotplug-nic-private.h"

G_BEGIN_DECLS

/* How an interface gets to @attachment's bridge on @self, as _hotplug_network_choose() says it of what the host has
 * now. HOTPLUG_ERROR_NETWORK_MISSING, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, HOTPLUG_ERROR_CONNECTION */
gboolean _hotplug_host_connect_network (HotplugHost *self, HotplugNetworkAttachment *attachment,
                                        HotplugNetworkConnection *out, GError **error);

/* The same of an interface that is recorded as pending: by its attachment as @host has it under its name, or as the
 * record keeps it */
gboolean _hotplug_pending_connect (HotplugHost *host, const HotplugNic *nic, HotplugNetworkConnection *out,
                                   GError **error);

G_END_DECLS
