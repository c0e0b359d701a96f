/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_INTERFACE_STATUS (hotplug_interface_status_get_type ())

/**
 * HotplugInterfaceStatus:
 *
 * How one network interface of a VMI stood at the moment it was looked at: KubeVirt's `status.interfaces[]` entry.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does. Interfaces that were not hotplugged have one too, and so have those that only the guest knows.
 *
 * Since: 0.1
 */
typedef struct _HotplugInterfaceStatus HotplugInterfaceStatus;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_interface_status_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_interface_status_ref (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_interface_status_unref (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_name (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_mac (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_ip_address (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *const *hotplug_interface_status_get_ip_addresses (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_interface_name (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_info_source (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_interface_status_get_queue_count (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceState hotplug_interface_status_get_link_state (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfacePhase hotplug_interface_status_get_phase (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_reason (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_message (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_network (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_model (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_address (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_interface_status_get_tap (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_interface_status_get_mtu (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_interface_status_get_boot_order (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_interface_status_is_primary (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_interface_status_is_hotplugged (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_interface_status_is_persisted (HotplugInterfaceStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_interface_status_to_manifest (HotplugInterfaceStatus *self, HotplugManifestFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugInterfaceStatus, hotplug_interface_status_unref)

G_END_DECLS
