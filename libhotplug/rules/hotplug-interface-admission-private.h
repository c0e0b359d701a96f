/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface.h>

#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* What is asked of an interface that a machine has */
typedef enum {
  HOTPLUG_INTERFACE_REMOVE,
  HOTPLUG_INTERFACE_SET_LINK,
  HOTPLUG_INTERFACE_MOVE,
} HotplugInterfaceVerb;

/* Whether an interface may be plugged, by what the machine has already, and the host's others:
 * HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_MAC_IN_USE, HOTPLUG_ERROR_BOOT_ORDER, and HOTPLUG_ERROR_INVALID_ARGUMENT for one
 * that is to be absent.
 * @others: (nullable): from the normalized MAC addresses of the host's other machines to the names of these */
gboolean _hotplug_interface_admission_add (const HotplugSides *sides, HotplugInterface *interface, GHashTable *others,
                                           GError **error);

/* Whether there is an interface of that name, and it is ours, or only its link is to be set: HOTPLUG_ERROR_NOT_FOUND,
 * HOTPLUG_ERROR_NOT_HOTPLUGGABLE. What is being removed can only be removed: HOTPLUG_ERROR_BUSY. */
gboolean _hotplug_interface_admission_change (const HotplugSides *sides, const char *name, HotplugInterfaceVerb verb,
                                              GError **error);

/* (nullable): what an interface is called in a status: the name of ours, the user alias without its `ua-`, else the MAC
 * address, which is the same on both sides */
const char *_hotplug_nic_name (const HotplugNic *nic);

/* (nullable): the one that is called so */
const HotplugNic *_hotplug_domain_find_nic_named (const HotplugDomain *domain, const char *name);

/* (nullable): the machine's own first one, which is not ours */
const HotplugNic *_hotplug_domain_find_primary_nic (const HotplugDomain *domain);

G_END_DECLS
