/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-network-connection-private.h"
#include "model/hotplug-nic-private.h"

G_BEGIN_DECLS

/* (nullable): what one is known by on both sides of a machine: its user alias, else its MAC address */
const char *_hotplug_nic_key (const HotplugNic *nic);

/* Whether its link can be set up and down: HOTPLUG_ERROR_BINDING_UNSUPPORTED */
gboolean _hotplug_interface_check_link (const HotplugNic *nic, const char *vmi, GError **error);

/* Whether a running machine's interface can be moved there: HOTPLUG_ERROR_NETWORK_UNSUPPORTED */
gboolean _hotplug_interface_check_move (const HotplugNic *nic, const HotplugNetworkConnection *to, const char *vmi,
                                        GError **error);

/* (nullable): what is to be said of a running machine's interface that was moved to network attachment @network */
char *_hotplug_interface_move_message (const HotplugNic *nic, const HotplugNetworkConnection *to, const char *network);

G_END_DECLS
