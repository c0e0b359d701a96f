/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-network-connection-private.h"

G_BEGIN_DECLS

/* What a link of this machine is, in the network namespace that we are in */
HotplugBridgeKind _hotplug_bridge_probe (const char *name);

G_END_DECLS
