/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "model/hotplug-source-info-private.h"
#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* What stands at the volume's path, if it is there, fits the volume, and is nobody else's: of no disk of the machine,
 * and of none of another running machine that does not share it. HOTPLUG_ERROR_SOURCE_IN_USE, and what
 * _hotplug_source_probe () and _hotplug_volume_check_source () say. */
gboolean _hotplug_addition_find_source (HotplugSession *session, HotplugVolume *volume, HotplugSource *source,
                                        GError **error);

/* Whether a start, or a bring back, could plug in a disk of ours that stands in the template or is recorded: its source
 * is there, fits, and is nobody else's. What the machine itself has open is not in its own way:
 * HOTPLUG_ERROR_SOURCE_MISSING and others of the above. Others' disks, and what can't be looked at from here, are left
 * to libvirt. */
gboolean _hotplug_source_would_attach (HotplugSession *session, const HotplugDisk *disk, GError **error);

/* What the hypervisor says of its lock on the source, in our words, with its own behind them; and of a source that it
 * may not open, which directory keeps it from it: HOTPLUG_ERROR_PERMISSION */
void _hotplug_addition_explain (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk,
                                GError **error);

G_END_DECLS
