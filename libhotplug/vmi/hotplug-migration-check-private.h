/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-host.h>

#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* Whether the machine of @session may go to @destination, and finds there what it needs: looked at on both hosts, of
 * which neither is changed. One error names all that is in the way.
 * @moved: (nullable): aliases of interfaces that are on another network there
 * @shared: (out): its writable files were seen on both hosts, so that libvirt, which knows no more than the kind of a
 *   file
 * system, can be told that they are safe (VIR_MIGRATE_UNSAFE). %FALSE where there are none, and where libvirt is to
 * judge. HOTPLUG_ERROR_INVALID_ARGUMENT (a host that can't take part), HOTPLUG_ERROR_VMI_NOT_RUNNING,
 * HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_ACCESS_MODE, HOTPLUG_ERROR_SOURCE_MISSING, HOTPLUG_ERROR_NETWORK_MISSING,
 * HOTPLUG_ERROR_BUSY, HOTPLUG_ERROR_CONNECTION */
gboolean _hotplug_migration_check (HotplugSession *session, HotplugHost *destination, const char *const *moved,
                                   gboolean *shared, GCancellable *cancellable, GError **error);

G_END_DECLS
