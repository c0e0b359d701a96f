/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include <hotplug/hotplug-vmi-status.h>

G_BEGIN_DECLS

/* `interfaces` into @devices and `networks` into @spec; neither if the VMI has no interface */
void _hotplug_manifest_add_interfaces (HotplugVmiStatus *vmi, JsonObject *devices, JsonObject *spec);

/* `interfaces` into @status, if the VMI has any */
void _hotplug_manifest_add_interface_statuses (HotplugVmiStatus *vmi, JsonObject *status);

G_END_DECLS
