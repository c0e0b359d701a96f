/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The lock of one machine, between the threads of this process and between the processes of this host, and the few
 * words that its holder leaves in it for whoever holds it next. It is a file in the host's runtime directory: memory,
 * gone with the host as the running machine is, and free again when its holder dies. */
typedef struct _HotplugMachineLock HotplugMachineLock;

/* Waits until it is ours, or until @cancellable says no. @directory is made if it is not there. */
HotplugMachineLock *_hotplug_machine_lock_take (const char *directory, const char *uuid, GCancellable *cancellable,
                                                GError **error);

/* %FALSE with an error: what the holder has written is not waited for. @text: (nullable) */
typedef gboolean (*HotplugMachineLockWait) (const char *text, gpointer data, GError **error);

/* The same; @wait is asked as long as somebody else has it */
HotplugMachineLock *_hotplug_machine_lock_take_or_leave (const char *directory, const char *uuid,
                                                         HotplugMachineLockWait wait, gpointer data,
                                                         GCancellable *cancellable, GError **error);

/* Whether somebody has it now, who is thereby known to live */
gboolean _hotplug_machine_lock_is_held (const char *directory, const char *uuid);

void _hotplug_machine_lock_give (HotplugMachineLock *self);

/* What the last holder left, NULL if nothing */
char *_hotplug_machine_lock_read (HotplugMachineLock *self);

/* @text: (nullable): NULL leaves nothing */
gboolean _hotplug_machine_lock_write (HotplugMachineLock *self, const char *text, GError **error);

/* What stands in the file of a machine now, without taking the lock */
char *_hotplug_machine_lock_peek (const char *directory, const char *uuid);

/* $HOTPLUG_RUNTIME_DIR, else /run/libhotplug for root and $XDG_RUNTIME_DIR/libhotplug for others */
char *_hotplug_runtime_directory (void);

/* Where below @directory the locks of one host's machines are; @host: whatever it calls itself */
char *_hotplug_runtime_directory_of (const char *directory, const char *host);

/* Tells the clients of this machine, which share its locks, from those of others */
char *_hotplug_runtime_client (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugMachineLock, _hotplug_machine_lock_give)

G_END_DECLS
