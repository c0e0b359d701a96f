/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_HOST (hotplug_host_get_type ())

/**
 * HotplugHost:
 *
 * A host that runs VMIs: a connection to its hypervisor.
 *
 * All calls block until they are done, may be made from any thread, and have an asynchronous twin. A connection that
 * broke is reported by #HotplugHost::connection-lost and made anew by the next call.
 *
 * No main loop is needed. libvirt's event loop, of which a process has one, is the application's if it registered one
 * before hotplug_host_open(); else libhotplug runs its own in a thread of its own.
 *
 * Since: 0.1
 */
HOTPLUG_AVAILABLE_IN_0_1
G_DECLARE_FINAL_TYPE (HotplugHost, hotplug_host, HOTPLUG, HOST, GObject)

HOTPLUG_AVAILABLE_IN_0_1
HotplugHost *hotplug_host_open (const char *uri, GCancellable *cancellable, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_open_async (const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data);

HOTPLUG_AVAILABLE_IN_0_1
HotplugHost *hotplug_host_open_finish (GAsyncResult *result, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_host_close (HotplugHost *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_host_get_uri (HotplugHost *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_is_connected (HotplugHost *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_host_has_gate (HotplugHost *self, const char *gate);

G_END_DECLS
