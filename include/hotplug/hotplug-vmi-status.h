/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-interface-status.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-volume-status.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_VMI_STATUS (hotplug_vmi_status_get_type ())

/**
 * HotplugVmiStatus:
 *
 * How a VMI stood at the moment it was looked at: what it is, what it does, a #HotplugVolumeStatus for
 * each disk, and a #HotplugInterfaceStatus for each network interface.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugVmiStatus HotplugVmiStatus;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_vmi_status_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmiStatus *hotplug_vmi_status_ref (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_vmi_status_unref (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_status_get_name (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_status_get_uuid (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVmiState hotplug_vmi_status_get_state (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_status_get_reason (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_status_get_message (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_vmi_status_is_persistent (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_vmi_status_get_machine (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_vmi_status_get_memory (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_vmi_status_get_vcpus (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_status_list_volumes (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugVolumeStatus *hotplug_vmi_status_get_volume (HotplugVmiStatus *self, const char *name);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_vmi_status_list_interfaces (HotplugVmiStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugInterfaceStatus *hotplug_vmi_status_get_interface (HotplugVmiStatus *self, const char *name);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_vmi_status_to_manifest (HotplugVmiStatus *self, HotplugManifestFormat format);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_vmi_status_list_to_manifest (GPtrArray *statuses, HotplugManifestFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugVmiStatus, hotplug_vmi_status_unref)

G_END_DECLS
