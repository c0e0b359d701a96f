/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-host.h>

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* What a host's file says, read once, when the host is opened. An embedded host's is ROOT/etc/hotplug.conf, that of all
 * others SYSCONFDIR/hotplug/hotplug.conf; the environment's HOTPLUG_CONFIG names another one for both. */
HotplugConfiguration *_hotplug_host_configuration_load (const char *uri, GError **error);

/* For good, before anybody else has the host */
void _hotplug_host_set_configuration (HotplugHost *self, HotplugConfiguration *configuration);

/* What holds by default, of a host that was given none */
const HotplugConfiguration *_hotplug_host_get_configuration (HotplugHost *self);

/* HOTPLUG_ERROR_FEATURE_DISABLED */
gboolean _hotplug_host_check_gate (HotplugHost *self, const char *gate, GError **error);

/* The gates of the kinds of devices that are asked for */
gboolean _hotplug_host_check_gates (HotplugHost *self, gboolean volumes, gboolean interfaces, GError **error);

G_END_DECLS
