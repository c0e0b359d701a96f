/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface.h>

#include "model/hotplug-network-connection-private.h"
#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* What the tap device of an interface is called on the host: 14 characters of the 15 that a link's name has. It is made
 * of the machine's UUID too, since all machines of a host are in one network namespace, where KubeVirt has one for
 * each: two of them may have an interface of one name, and it stays the same on the host that a machine migrates to. */
char *_hotplug_interface_tap (const char *uuid, const char *name);

/* Its own MAC address, or one that is made: no other's on the machine, and none of @others
 * @others: (nullable): as in _hotplug_interface_admission_add () */
char *_hotplug_interface_choose_mac (HotplugInterface *interface, const HotplugSides *sides, GHashTable *others);

/* A PCI port; HOTPLUG_ERROR_NO_PCI_SLOT */
gboolean _hotplug_interface_place (const HotplugSides *sides, const char *name, HotplugPort *out, GError **error);

/* Returns: (transfer full): the interface as it becomes, at @address
 * @connection: (nullable): how it is connected; NULL where that is known only on another host */
HotplugNic *_hotplug_interface_to_nic (HotplugInterface *interface, const HotplugNetworkConnection *connection,
                                       const char *uuid, const char *mac, const HotplugAddress *address);

/* @nic with another connection, and nothing else changed: (transfer full)
 * @network: the name of the network attachment */
HotplugNic *_hotplug_nic_moved (const HotplugNic *nic, const HotplugNetworkConnection *connection, const char *network);

G_END_DECLS
