/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-host.h>

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* Whether nobody has the volume, or stands upon it: no machine of the host, running, in its template, or recorded for
 * its next start; no other process by QEMU's locks; not the host itself: HOTPLUG_ERROR_SOURCE_IN_USE */
gboolean _hotplug_host_check_unused (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                                     GCancellable *cancellable, GError **error);

/* Whether nobody writes to what a volume is made of, a file or a device of this machine: HOTPLUG_ERROR_SOURCE_IN_USE
 * @name: the volume's that is made */
gboolean _hotplug_host_check_still (HotplugHost *self, const char *name, const char *path, GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
