/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_serial_get_limit (HotplugBus bus, HotplugDiskType disk_type, guint64 hypervisor_version);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_serial_check (HotplugBus bus, HotplugDiskType disk_type, const char *serial,
                               guint64 hypervisor_version, guint *limit, GError **error);

G_END_DECLS
