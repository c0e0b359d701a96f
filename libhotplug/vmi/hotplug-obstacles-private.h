/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "model/hotplug-source-info-private.h"
#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* What keeps a device from being plugged in: one question, which a plan, an add and an add to a stopped machine ask of
 * one device, a start and a restart of all that the machine starts with, and whoever brings back of what comes back. It
 * is asked of the host: files and devices, who else has them, bridges and networks. */

/* Of a volume that is to be added: what stands at its path is there, fits it, and is nobody else's: of no disk of the
 * machine, and of none of another running machine that does not share it. HOTPLUG_ERROR_SOURCE_IN_USE, and what
 * _hotplug_source_probe () and _hotplug_volume_check_source () say. */
gboolean _hotplug_obstacles_to_add (HotplugSession *session, HotplugVolume *volume, HotplugSource *source,
                                    GError **error);

/* Of a device that is recorded. HOTPLUG_ERROR_NETWORK_MISSING is what an interface waits for. */
gboolean _hotplug_obstacles_to_return (HotplugSession *session, const HotplugRecord *record, GError **error);

/* Of all that the machine starts with: its own devices, ours, those that come back, and places for these. The error
 * names all that is wrong, and has the code of the first. What the machine itself has is not in its own way: it will
 * have let go. An interface that comes back and can wait is no obstacle. */
gboolean _hotplug_obstacles_to_start (HotplugSession *session, GError **error);

/* What the hypervisor says of its lock on the source, in our words, with its own behind them; and of a source that it
 * may not open, which directory keeps it from it: HOTPLUG_ERROR_PERMISSION */
void _hotplug_obstacles_explain (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk,
                                 GError **error);

/* The same of a disk that is recorded */
void _hotplug_obstacles_explain_disk (HotplugSession *session, const HotplugDisk *disk, GError **error);

/* The parts of the question */

/* A disk of @domain, ours or the machine's own: it, and what it stands upon */
gboolean _hotplug_obstacles_check_disk (HotplugSession *session, const HotplugDomain *domain, guint disk,
                                        GError **error);

/* Whether others leave the source to that disk of the machine. HOTPLUG_ERROR_SOURCE_IN_USE
 * @volume: the disk as a volume */
gboolean _hotplug_obstacles_check_free (HotplugSession *session, HotplugVolume *volume, const HotplugSource *source,
                                        const HotplugDisk *disk, GError **error);

/* What an interface is connected to: HOTPLUG_ERROR_NETWORK_MISSING, HOTPLUG_ERROR_NETWORK_UNSUPPORTED. What can't be
 * known from here is left to libvirt. */
gboolean _hotplug_obstacles_check_nic (HotplugSession *session, const HotplugNic *nic, GError **error);

/* A device of the host that is handed over, and a file that is no disk: HOTPLUG_ERROR_NOT_FOUND */
gboolean _hotplug_obstacles_check_device (const HotplugImageUse *device, GError **error);
gboolean _hotplug_obstacles_check_file (HotplugSession *session, const HotplugHostFile *file, GError **error);

/* Sockets and processors of the host: HOTPLUG_ERROR_NOT_FOUND, HOTPLUG_ERROR_EXISTS. What the running machine has
 * itself is free for its next run. */
gboolean _hotplug_obstacles_check_socket (HotplugSession *session, const HotplugHostSocket *socket, GError **error);
gboolean _hotplug_obstacles_check_processors (const HotplugDomain *domain, GError **error);

G_END_DECLS
