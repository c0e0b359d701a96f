/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-network-attachment.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_INTERFACE (hotplug_interface_get_type ())

/**
 * HotplugInterface:
 *
 * A network interface to be plugged into a VMI: a name, the network attachment that it is connected by, and how the
 * guest shall see it. KubeVirt has its parts in an entry of `interfaces[]` and one of `networks[]`, of one name.
 *
 * An interface is frozen once it is made, and may be used by several threads. It describes, and holds nothing open.
 * Whether its bridge is there is asked when it is plugged.
 *
 * It is a #GInitable: hotplug_interface_new() makes the usual one, g_initable_new() one with further properties.
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugInterface, hotplug_interface, HOTPLUG, INTERFACE, GObject)

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterface *hotplug_interface_new (const char *name, HotplugNetworkAttachment *attachment, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterface *hotplug_interface_new_for_network (const char *name, const char *network, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_get_name (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugNetworkAttachment *hotplug_interface_get_attachment (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_get_network (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_get_mac (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_get_model (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_get_binding (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceState hotplug_interface_get_state (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_interface_get_boot_order (HotplugInterface *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_interface_get_queues (HotplugInterface *self);

G_END_DECLS
