/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-network-attachment.h>

#include "model/hotplug-network-connection-private.h"

G_BEGIN_DECLS

/* How an interface gets to @attachment's bridge on a host: by the libvirt network that has the bridge, if one that is
 * active does, else by the bridge itself. What can't be had there is refused, never left out:
 * HOTPLUG_ERROR_NETWORK_MISSING, HOTPLUG_ERROR_NETWORK_UNSUPPORTED */
gboolean _hotplug_network_choose (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host,
                                  HotplugNetworkConnection *out, GError **error);

G_END_DECLS
