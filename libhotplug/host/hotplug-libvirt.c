/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"
#include "host/hotplug-event-loop-private.h"
#include "host/hotplug-libvirt-private.h"
#include "host/hotplug-machine-lock-private.h"

#define RETURN_PATIENCE (10 * G_TIME_SPAN_SECOND)

struct _HotplugLibvirt
{
  HotplugConnection parent_instance;

  char *requested_uri; /* nullable: libvirt's default */
  char *uri;           /* set by the first open */

  GMutex lock; /* over what follows */
  virConnectPtr connection;
  char *hostname; /* nullable: what the host that was opened last calls itself; an embedded driver has none */
  gboolean was_open;
  int callbacks[HOTPLUG_LIBVIRT_N_EVENTS];
  GHashTable *domains; /* UUID → virDomainPtr of this connection */

  HotplugLibvirtGuests *guests;

  GMutex known_lock;      /* over what follows: the event thread takes it too */
  GHashTable *persistent; /* UUIDs */

  /* Atomic, since libvirt says that a connection broke with locks of its own held. */
  gint lost;
  gint closed;
};

typedef struct
{
  HotplugConnectionClass parent_class;
} HotplugLibvirtClass;

G_DEFINE_FINAL_TYPE (HotplugLibvirt, _hotplug_libvirt, HOTPLUG_TYPE_CONNECTION)

static HotplugLibvirt *
SELF (HotplugConnection *connection)
{
  return (HotplugLibvirt *)connection;
}

static void
be_quiet (void *user_data, virErrorPtr error)
{
}

/* libvirt prints what goes wrong on standard error, unless told not to. Before there is a connection it can be told
 * only for the whole process, which is ours to say if nobody else in it speaks libvirt, as the event loop shows. */
static void
silence_libvirt (virConnectPtr connection)
{
  if (connection != NULL)
    virConnSetErrorFunc (connection, NULL, be_quiet);
  else if (_hotplug_event_loop_is_ours ())
    virSetErrorFunc (NULL, be_quiet);
}

/* Waits until libvirt itself is done with what it does on a machine, by a question that needs its turn there. Needed
 * with an embedded driver, which lives in our processes one after another: what it has not finished when one ends is
 * never written down, and what it found when the next one began is mended beside the first calls (MEASURED with libvirt
 * 9.0: a disk that the guest let go of in one process was still in the live XML of the next in 6 of 30). */
static void
await_turn (virDomainPtr domain)
{
  virDomainMemoryStatStruct ignored;

  virDomainMemoryStats (domain, &ignored, 1, 0);
}

static gboolean
is_embedded (HotplugLibvirt *self)
{
  return self->uri != NULL && _hotplug_embed_is (self->uri);
}

/* Before a process lets go of its machines: of all that run, since a thread of libvirt's is at each of them after an
 * open, and one that is still at it when the process ends crashes in a library that is gone already (libnuma). */
static void
leave_machines (HotplugLibvirt *self)
{
  virDomainPtr *domains = NULL;

  if (self->connection == NULL || !is_embedded (self))
    return;

  int count = virConnectListAllDomains (self->connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
  for (int i = 0; i < count; i++)
    {
      await_turn (domains[i]);
      virDomainFree (domains[i]);
    }
  free (domains);
}

static void
drop_connection (HotplugLibvirt *self)
{
  if (self->connection == NULL)
    return;

  g_hash_table_remove_all (self->domains);
  g_mutex_lock (&self->known_lock);
  g_hash_table_remove_all (self->persistent);
  g_mutex_unlock (&self->known_lock);
  _hotplug_libvirt_deregister_events (self->connection, self->callbacks);
  g_clear_pointer (&self->connection, virConnectClose);
}

static char *
uri_to_open (HotplugLibvirt *self, GError **error)
{
  const char *uri = self->uri != NULL ? self->uri : self->requested_uri;

  return uri != NULL && _hotplug_embed_is (uri) ? _hotplug_embed_prepare (uri, error) : g_strdup (uri);
}

/* Each open of an embedded driver registers it anew, and the table of drivers is full after some twenty (MEASURED with
 * libvirt 9.0: "Too many drivers, cannot register QEMU"). A process has but one root, so it has one connection too. */
static virConnectPtr
open_embedded (const char *uri, GError **error)
{
  static GMutex lock;
  static virConnectPtr shared;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&lock);

  if (shared == NULL)
    shared = virConnectOpen (uri);
  if (shared != NULL)
    {
      virConnectRef (shared);
      return shared;
    }

  g_autofree char *what = g_strdup_printf ("host %s", uri);
  _hotplug_libvirt_set_error (NULL, what, error);
  return NULL;
}

static gboolean
open_connection (HotplugLibvirt *self, GError **error)
{
  g_autoptr (GError) refused = NULL;
  g_autofree char *uri = uri_to_open (self, &refused);
  gint64 start = g_get_monotonic_time ();

  if (refused != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }

  if (!_hotplug_event_loop_ensure (error))
    return FALSE;
  silence_libvirt (NULL);
  /* Without libvirt's default for passwords, which asks for them on the terminal: they come from libvirt's
   * auth.conf. */
  g_autoptr (GError) cause = NULL;
  self->connection = uri != NULL && _hotplug_embed_is (uri) ? open_embedded (uri, &cause)
                                                            : _hotplug_libvirt_open (uri, &self->hostname, &cause);
  if (self->connection == NULL)
    {
      gboolean denied = g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
      g_set_error_literal (error, HOTPLUG_ERROR, denied ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_CONNECTION,
                           cause->message);
      return FALSE;
    }

  silence_libvirt (self->connection);
  g_atomic_int_set (&self->lost, FALSE);
  _hotplug_libvirt_register_events (self, self->connection, self->callbacks);
  if (self->uri == NULL)
    {
      char *found = uri == NULL ? virConnectGetURI (self->connection) : NULL;
      self->uri = g_strdup (uri != NULL ? uri : found);
      free (found);
    }
  g_debug ("host %s: open in %.1f ms", self->uri, (double)(g_get_monotonic_time () - start) / 1000);
  return TRUE;
}

/* @again: (out): it was open before, and broke */
static virConnectPtr
acquire (HotplugLibvirt *self, gboolean *again, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (g_atomic_int_get (&self->closed))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION, "host %s was closed", self->uri);
      return NULL;
    }

  if (self->connection != NULL && (g_atomic_int_get (&self->lost) || virConnectIsAlive (self->connection) != 1))
    drop_connection (self);
  *again = self->connection == NULL && self->was_open;
  if (self->connection == NULL && !open_connection (self, error))
    return NULL;

  self->was_open = TRUE;
  virConnectRef (self->connection);
  return self->connection;
}

char *
_hotplug_libvirt_dup_hostname (HotplugLibvirt *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->hostname);
}

/* Of what happened to machines while it was broken nobody has told. */
virConnectPtr
_hotplug_libvirt_acquire (HotplugLibvirt *self, GError **error)
{
  gboolean again = FALSE;
  virConnectPtr connection = acquire (self, &again, error);

  if (connection != NULL && again)
    _hotplug_connection_emit_changed (HOTPLUG_CONNECTION (self), NULL);
  return connection;
}

HotplugLibvirtGuests *
_hotplug_libvirt_get_guests (HotplugLibvirt *self)
{
  return self->guests;
}

static virDomainPtr
look_up (HotplugLibvirt *self, virConnectPtr connection, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  virDomainPtr domain = connection == self->connection ? g_hash_table_lookup (self->domains, uuid) : NULL;

  if (domain != NULL)
    virDomainRef (domain);
  return domain;
}

void
_hotplug_libvirt_remember (HotplugLibvirt *self, virConnectPtr connection, const char *uuid, virDomainPtr domain)
{
  if (is_embedded (self))
    await_turn (domain);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (connection != self->connection)
    return;
  virDomainRef (domain);
  g_hash_table_replace (self->domains, g_strdup (uuid), domain);
}

virDomainPtr
_hotplug_libvirt_acquire_domain (HotplugLibvirt *self, const char *uuid, GError **error)
{
  g_autoptr (virConnect) connection = _hotplug_libvirt_acquire (self, error);

  if (connection == NULL)
    return NULL;

  virDomainPtr domain = look_up (self, connection, uuid);
  if (domain != NULL)
    return domain;

  domain = virDomainLookupByUUIDString (connection, uuid);
  if (domain == NULL)
    {
      g_autofree char *what = g_strdup_printf ("vmi %s", uuid);
      _hotplug_libvirt_set_error (connection, what, error);
      return NULL;
    }

  _hotplug_libvirt_remember (self, connection, uuid, domain);
  return domain;
}

gboolean
_hotplug_libvirt_is_known_persistent (HotplugLibvirt *self, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->known_lock);

  return g_hash_table_contains (self->persistent, uuid);
}

void
_hotplug_libvirt_know_persistent (HotplugLibvirt *self, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->known_lock);

  if (_hotplug_event_loop_is_ours () && self->callbacks[HOTPLUG_LIBVIRT_LIFECYCLE] >= 0
      && !g_hash_table_contains (self->persistent, uuid))
    g_hash_table_add (self->persistent, g_strdup (uuid));
}

void
_hotplug_libvirt_forget_persistent (HotplugLibvirt *self, const char *uuid)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->known_lock);

  g_hash_table_remove (self->persistent, uuid);
}

void
_hotplug_libvirt_mark_lost (HotplugLibvirt *self, const char *reason)
{
  if (g_atomic_int_compare_and_exchange (&self->lost, FALSE, TRUE) && !g_atomic_int_get (&self->closed))
    _hotplug_connection_emit_lost (HOTPLUG_CONNECTION (self), reason);
}

static gboolean
ensure (HotplugConnection *connection, GError **error)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire (SELF (connection), error);

  return open != NULL;
}

static void
close_for_good (HotplugConnection *connection)
{
  HotplugLibvirt *self = SELF (connection);

  g_atomic_int_set (&self->closed, TRUE);
  /* an embedded driver ends with the process, which must not be in it then */
  if (is_embedded (self))
    _hotplug_libvirt_guests_wait (self->guests);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  leave_machines (self);
  drop_connection (self);
}

static gboolean
is_connected (HotplugConnection *connection)
{
  HotplugLibvirt *self = SELF (connection);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->connection != NULL && !g_atomic_int_get (&self->lost) && virConnectIsAlive (self->connection) == 1;
}

static const char *
get_uri (HotplugConnection *connection)
{
  HotplugLibvirt *self = SELF (connection);

  return self->uri != NULL ? self->uri : self->requested_uri;
}

static gboolean
is_local (HotplugConnection *connection)
{
  g_autoptr (GUri) uri = g_uri_parse (get_uri (connection), G_URI_FLAGS_NONE, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host == NULL || *host == '\0';
}

/* The embedded and the session driver run QEMU as ourselves; the system daemon runs as root. */
static gboolean
shares_user (HotplugConnection *connection)
{
  g_autoptr (GUri) uri = g_uri_parse (get_uri (connection), G_URI_FLAGS_NONE, NULL);

  return geteuid () == 0 || uri == NULL || g_strcmp0 (g_uri_get_path (uri), "/system") != 0;
}

static char *
dup_capabilities (HotplugConnection *connection)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire (SELF (connection), NULL);
  char *text = open != NULL ? virConnectGetCapabilities (open) : NULL;
  char *copy = g_strdup (text);

  free (text);
  return copy;
}

static gboolean
delivers_events (HotplugConnection *connection)
{
  return _hotplug_event_loop_is_ours ();
}

static gint64
get_return_patience (HotplugConnection *connection)
{
  return RETURN_PATIENCE;
}

static guint64
get_hypervisor_version (HotplugConnection *connection)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire (SELF (connection), NULL);
  const char *type = open != NULL ? virConnectGetType (open) : NULL;
  unsigned long version = 0;

  return g_strcmp0 (type, "QEMU") == 0 && virConnectGetVersion (open, &version) == 0 ? version : 0;
}

static char *
dup_common_directory (HotplugConnection *connection)
{
  const char *uri = get_uri (connection);

  if (!_hotplug_embed_is (uri))
    return _hotplug_runtime_directory ();

  g_autofree char *root = _hotplug_embed_root (uri);
  return g_build_filename (root, "run", "libhotplug", NULL);
}

static void
free_domain (gpointer domain)
{
  virDomainFree (domain);
}

static void
_hotplug_libvirt_init (HotplugLibvirt *self)
{
  g_mutex_init (&self->lock);
  g_mutex_init (&self->known_lock);
  self->persistent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->domains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_domain);
  self->guests = _hotplug_libvirt_guests_new ();
}

static void
finalize (GObject *object)
{
  HotplugLibvirt *self = (HotplugLibvirt *)object;

  drop_connection (self);
  g_hash_table_unref (self->domains);
  _hotplug_libvirt_guests_free (self->guests);
  g_free (self->hostname);
  g_free (self->requested_uri);
  g_free (self->uri);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->known_lock);
  g_hash_table_unref (self->persistent);
  G_OBJECT_CLASS (_hotplug_libvirt_parent_class)->finalize (object);
}

static void
_hotplug_libvirt_class_init (HotplugLibvirtClass *class)
{
  HotplugConnectionClass *connection_class = (HotplugConnectionClass *)class;

  G_OBJECT_CLASS (class)->finalize = finalize;
  connection_class->ensure = ensure;
  connection_class->close = close_for_good;
  connection_class->is_connected = is_connected;
  connection_class->get_uri = get_uri;
  connection_class->is_local = is_local;
  connection_class->shares_user = shares_user;
  connection_class->dup_capabilities = dup_capabilities;
  connection_class->delivers_events = delivers_events;
  connection_class->get_return_patience = get_return_patience;
  connection_class->get_hypervisor_version = get_hypervisor_version;
  connection_class->dup_common_directory = dup_common_directory;
  _hotplug_libvirt_calls_init (connection_class);
  _hotplug_libvirt_namespace_init (connection_class);
  _hotplug_libvirt_guest_init (connection_class);
  _hotplug_libvirt_jobs_init (connection_class);
  _hotplug_libvirt_migrate_init (connection_class);
  _hotplug_libvirt_networks_init (connection_class);
  _hotplug_libvirt_peer_init (connection_class);
  _hotplug_libvirt_pool_init (connection_class);
  _hotplug_libvirt_state_init (connection_class);
}

HotplugConnection *
_hotplug_libvirt_new (const char *uri)
{
  HotplugLibvirt *self = g_object_new (HOTPLUG_TYPE_LIBVIRT, NULL);

  self->requested_uri = g_strdup (uri);
  return HOTPLUG_CONNECTION (self);
}
