/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libvirt/libvirt.h>

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* Inside host/ only: the connection that libvirt serves. */

#define HOTPLUG_TYPE_LIBVIRT (_hotplug_libvirt_get_type ())

GType _hotplug_libvirt_get_type (void);

typedef struct _HotplugLibvirt HotplugLibvirt;

HotplugConnection *_hotplug_libvirt_new (const char *uri);

/* virConnectOpen() that ends, whatever the daemon does: HOTPLUG_ERROR_CONNECTION after a minute.
 * @uri: (nullable): libvirt's default; not of an embedded driver
 * @hostname: (inout): what the host calls itself, which is asked once: libvirt asks the host's resolver for it */
virConnectPtr _hotplug_libvirt_open (const char *uri, char **hostname, GError **error);

/* What the host that was opened last calls itself; NULL before the first, and of an embedded driver */
char *_hotplug_libvirt_dup_hostname (HotplugLibvirt *self);

/* An open connection, with a reference; opens it anew if it broke */
virConnectPtr _hotplug_libvirt_acquire (HotplugLibvirt *self, GError **error);

/* A machine, with a reference */
virDomainPtr _hotplug_libvirt_acquire_domain (HotplugLibvirt *self, const char *uuid, GError **error);

/* A machine of @connection that was just looked up, so that it need not be again */
void _hotplug_libvirt_remember (HotplugLibvirt *self, virConnectPtr connection, const char *uuid, virDomainPtr domain);

/* Whether a machine is persistent is asked once: libvirt's events tell when it may no longer be so. Where events may be
 * late, since the application's loop brings them, nothing is known. */
gboolean _hotplug_libvirt_is_known_persistent (HotplugLibvirt *self, const char *uuid);
void _hotplug_libvirt_know_persistent (HotplugLibvirt *self, const char *uuid);
void _hotplug_libvirt_forget_persistent (HotplugLibvirt *self, const char *uuid);

/* libvirt's last error in this thread as ours, @what before its message; always FALSE.
 * @connection: (nullable): asked whether it broke */
gboolean _hotplug_libvirt_set_error (virConnectPtr connection, const char *what, GError **error);
gboolean _hotplug_libvirt_set_domain_error (virDomainPtr domain, GError **error);
gboolean _hotplug_libvirt_set_pool_error (virStoragePoolPtr pool, GError **error);
gboolean _hotplug_libvirt_set_volume_error (virStorageVolPtr volume, GError **error);

enum {
  HOTPLUG_LIBVIRT_REMOVED,
  HOTPLUG_LIBVIRT_REMOVAL_FAILED,
  HOTPLUG_LIBVIRT_LIFECYCLE,
  HOTPLUG_LIBVIRT_BLOCK_JOB,
  HOTPLUG_LIBVIRT_TUNABLE,
  HOTPLUG_LIBVIRT_N_EVENTS
};

/* Whose events to hear; @self is told through its signals. @callbacks: libvirt's ids of them, -1 for one that can't be
 * had */
void _hotplug_libvirt_register_events (HotplugLibvirt *self, virConnectPtr connection, int *callbacks);
void _hotplug_libvirt_deregister_events (virConnectPtr connection, const int *callbacks);

/* The connection broke: libvirt's reason for it. The event thread's, which must not call libvirt back. */
void _hotplug_libvirt_mark_lost (HotplugLibvirt *self, const char *reason);

/* Whether libvirt's last error in this thread is one of an attach that met what is left of another one: its message */
char *_hotplug_libvirt_find_stumble (void);

/* A function of libvirt-qemu.so.0, which is loaded when it is first needed, as a host that never does need not have it;
 * NULL: it is not there */
void *_hotplug_libvirt_find_qemu_call (const char *name);

/* Takes out of QEMU what a libvirt that died in an attach has left there, and this one does not know; taints the
 * machine.
 * @stumble: (nullable): what was found; @aliases: of the devices that are missing. %TRUE if the attach may succeed
 *   now. */
gboolean _hotplug_libvirt_clear_leftovers (virDomainPtr domain, const char *stumble, const char *const *aliases);

/* What guests were asked, and have not answered; of each connection */
typedef struct _HotplugLibvirtGuests HotplugLibvirtGuests;

HotplugLibvirtGuests *_hotplug_libvirt_guests_new (void);
void _hotplug_libvirt_guests_free (HotplugLibvirtGuests *self);
/* Until none of our threads is at one */
void _hotplug_libvirt_guests_wait (HotplugLibvirtGuests *self);
HotplugLibvirtGuests *_hotplug_libvirt_get_guests (HotplugLibvirt *self);

void _hotplug_libvirt_calls_init (HotplugConnectionClass *class);
void _hotplug_libvirt_guest_init (HotplugConnectionClass *class);
void _hotplug_libvirt_jobs_init (HotplugConnectionClass *class);
void _hotplug_libvirt_migrate_init (HotplugConnectionClass *class);
void _hotplug_libvirt_networks_init (HotplugConnectionClass *class);
void _hotplug_libvirt_peer_init (HotplugConnectionClass *class);
void _hotplug_libvirt_pool_init (HotplugConnectionClass *class);
void _hotplug_libvirt_state_init (HotplugConnectionClass *class);
void _hotplug_libvirt_namespace_init (HotplugConnectionClass *class);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (virConnect, virConnectClose)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (virDomain, virDomainFree)

G_END_DECLS
