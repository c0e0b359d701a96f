/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-migration-status.h>
#include <hotplug/hotplug-vmi.h>

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* @context: (nullable): where its signals are emitted */
HotplugVmi *_hotplug_vmi_new (HotplugHost *host, const char *uuid, const char *name, GMainContext *context);

/* That of the host that it is on now; it lives as long as the VMI */
HotplugConnection *_hotplug_vmi_get_connection (HotplugVmi *self);

/* Its machine is on another host now */
void _hotplug_vmi_move (HotplugVmi *self, HotplugHost *host);

/* How its migration stands, from any thread; the signal comes later, in the VMI's context */
void _hotplug_vmi_set_migration (HotplugVmi *self, HotplugMigrationStatus *status);

/* Whether to look again for a machine that @asked has no more: waits until a migration that this process makes of it
 * has ended. %FALSE if there was none. */
gboolean _hotplug_vmi_has_moved (HotplugVmi *self, HotplugConnection *asked);

/* The directory of its lock */
const char *_hotplug_vmi_get_runtime_directory (HotplugVmi *self);

/* While this process itself waits for a device to go, nobody needs to tell it that it has gone. */
void _hotplug_vmi_expect_removal (HotplugVmi *self, const char *alias);
void _hotplug_vmi_forget_removal (HotplugVmi *self, const char *alias);

/* From any thread; the signal comes later, in the VMI's context */
void _hotplug_vmi_emit_status (HotplugVmi *self, HotplugVolumeStatus *status);
void _hotplug_vmi_emit_interface_status (HotplugVmi *self, HotplugInterfaceStatus *status);
void _hotplug_vmi_emit_removed (HotplugVmi *self, const char *alias);

/* How what was added stands, each kind in its order */
typedef struct
{
  GPtrArray *volumes;    /* HotplugVolumeStatus */
  GPtrArray *interfaces; /* HotplugInterfaceStatus */
} HotplugAdded;

void _hotplug_added_clear (HotplugAdded *self);

/* Volumes and interfaces, all or none: @wanted has HotplugVolume and HotplugInterface, in the order in which they are
 * plugged. The gates are the caller's to ask. */
gboolean _hotplug_vmi_add_devices (HotplugVmi *self, const GPtrArray *wanted, HotplugPlugFlags flags,
                                   GCancellable *cancellable, HotplugAdded *added, GError **error);

/* What hotplug_vmi_add_volumes() and hotplug_vmi_remove_volumes() do; one volume is a batch of one. @names ends with
 * NULL. */
GPtrArray *_hotplug_vmi_add_volumes (HotplugVmi *self, const GPtrArray *volumes, HotplugPlugFlags flags,
                                     GCancellable *cancellable, GError **error);
/* Volumes and interfaces, by their aliases; the gates are the caller's to ask */
gboolean _hotplug_vmi_remove_devices (HotplugVmi *self, const char *const *aliases, HotplugPlugFlags flags,
                                      int timeout_msec, GCancellable *cancellable, GError **error);
gboolean _hotplug_vmi_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                      int timeout_msec, GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugAdded, _hotplug_added_clear)

G_END_DECLS
