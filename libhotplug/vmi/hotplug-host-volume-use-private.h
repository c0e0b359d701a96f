/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-host.h>

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* Whether no machine of the host has the volume, running, in its template, or recorded for its next start:
 * HOTPLUG_ERROR_SOURCE_IN_USE */
gboolean _hotplug_host_check_unused (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
