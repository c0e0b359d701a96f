/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "rules/hotplug-placement-private.h"

G_BEGIN_DECLS

/* Whether a volume may be plugged, by what the machine has already and what its hypervisor shows of a serial:
 * HOTPLUG_ERROR_EXISTS, HOTPLUG_ERROR_SERIAL_IN_USE, HOTPLUG_ERROR_SERIAL_TOO_LONG, HOTPLUG_ERROR_NO_IO_THREAD,
 * HOTPLUG_ERROR_BOOT_ORDER.
 * Where a source is in use is not asked here, since that takes a look at the files.
 * @hypervisor_version: as in hotplug_serial_check () */
gboolean _hotplug_admission_add (const HotplugSides *sides, HotplugVolume *volume, guint64 hypervisor_version,
                                 GError **error);

/* Whether there is a volume of that name, and it is ours: HOTPLUG_ERROR_NOT_FOUND, HOTPLUG_ERROR_NOT_HOTPLUGGABLE. */
gboolean _hotplug_admission_remove (const HotplugSides *sides, const char *name, GError **error);

/* What a disk is called in a status: the name of ours, the user alias without its `ua-`, else the target */
const char *_hotplug_disk_name (const HotplugDisk *disk);

G_END_DECLS
