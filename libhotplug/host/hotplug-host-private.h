/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-host.h>

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* A host over any connection, also a test's fake one; opens it.
 * @context: (nullable): where its signals are emitted, NULL for the default main context */
HotplugHost *_hotplug_host_new (HotplugConnection *connection, GMainContext *context, GError **error);

HotplugConnection *_hotplug_host_get_connection (HotplugHost *self);

G_END_DECLS
