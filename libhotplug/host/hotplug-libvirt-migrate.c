/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-host-uri-private.h"
#include "host/hotplug-libvirt-private.h"
#include "host/hotplug-migration-private.h"

#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)
#define MIB (G_GUINT64_CONSTANT (1) << 20)

/* libvirt's one call lasts as long as the migration does, so it is made in a thread of its own. */
typedef struct
{
  virDomainPtr domain;
  virConnectPtr destination;
  const HotplugMigrationCall *call;

  GMutex lock; /* over what follows */
  GCond changed;
  gboolean ended;
  GError *refused; /* nullable: it has arrived */
} Journey;

static unsigned int
flags_of (const HotplugMigrationCall *call)
{
  unsigned int flags = VIR_MIGRATE_LIVE | VIR_MIGRATE_ABORT_ON_ERROR;

  if (call->persistent)
    flags |= VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE;
  if (call->peer_to_peer)
    flags |= VIR_MIGRATE_PEER2PEER;
  return call->shared ? flags | VIR_MIGRATE_UNSAFE : flags;
}

static gboolean
migrate_by_libvirt (Journey *self)
{
  const HotplugMigrationCall *call = self->call;
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int max_params = 0;

  if (call->live != NULL)
    virTypedParamsAddString (&params, &n_params, &max_params, VIR_MIGRATE_PARAM_DEST_XML, call->live);
  if (call->template != NULL)
    virTypedParamsAddString (&params, &n_params, &max_params, VIR_MIGRATE_PARAM_PERSIST_XML, call->template);
  if (call->bandwidth != 0)
    virTypedParamsAddULLong (&params, &n_params, &max_params, VIR_MIGRATE_PARAM_BANDWIDTH,
                             MAX (call->bandwidth / MIB, 1));

  gboolean arrived;
  if (call->peer_to_peer)
    arrived = virDomainMigrateToURI3 (self->domain, _hotplug_connection_get_uri (call->destination), params,
                                      (unsigned int)n_params, flags_of (call)) == 0;
  else
    {
      virDomainPtr there
          = virDomainMigrate3 (self->domain, self->destination, params, (unsigned int)n_params, flags_of (call));
      arrived = there != NULL;
      if (there != NULL)
        virDomainFree (there);
    }
  virTypedParamsFree (params, n_params);
  return arrived;
}

static gpointer
travel (gpointer data)
{
  Journey *self = data;
  GError *refused = NULL;

  if (!migrate_by_libvirt (self))
    _hotplug_libvirt_set_domain_error (self->domain, &refused);

  g_mutex_lock (&self->lock);
  self->ended = TRUE;
  self->refused = refused;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

static guint64
get_number (virTypedParameterPtr params, int n_params, const char *name)
{
  unsigned long long number = 0;

  virTypedParamsGetULLong (params, n_params, name, &number);
  return number;
}

/* @expected: what the numbers are of, a job under way or one that is done */
static void
tell_numbers (Journey *self, virDomainPtr domain, int expected, unsigned int flags)
{
  virTypedParameterPtr params = NULL;
  int n_params = 0;
  int type;

  if (self->call->progress == NULL || virDomainGetJobStats (domain, &type, &params, &n_params, flags) != 0)
    return;

  const HotplugMigrationNumbers numbers = {
    .total = get_number (params, n_params, VIR_DOMAIN_JOB_DATA_TOTAL),
    .processed = get_number (params, n_params, VIR_DOMAIN_JOB_DATA_PROCESSED),
    .remaining = get_number (params, n_params, VIR_DOMAIN_JOB_DATA_REMAINING),
    .elapsed = (guint)get_number (params, n_params, VIR_DOMAIN_JOB_TIME_ELAPSED),
    .downtime = (guint)get_number (params, n_params, VIR_DOMAIN_JOB_DOWNTIME),
  };
  virTypedParamsFree (params, n_params);
  if (type == expected)
    self->call->progress (&numbers, self->call->data);
}

static void
tell_progress (Journey *self)
{
  tell_numbers (self, self->domain, VIR_DOMAIN_JOB_UNBOUNDED, 0);
}

/* How long the guest stood still is known to the destination, where the cookie of the last phase has taken it (libvirt
 * 9.0.0 src/qemu/qemu_migration.c, qemuMigrationDstComplete). Who can't be asked has not told; it has arrived all the
 * same. */
static void
tell_end (Journey *self)
{
  unsigned char uuid[VIR_UUID_BUFLEN];

  if (self->call->progress == NULL || virDomainGetUUID (self->domain, uuid) != 0)
    return;

  g_autoptr (virDomain) there = virDomainLookupByUUID (self->destination, uuid);
  if (there != NULL)
    tell_numbers (self, there, VIR_DOMAIN_JOB_COMPLETED, VIR_DOMAIN_JOB_STATS_COMPLETED);
}

/* Until the thread is done. What is to end it is said again until it does: a job that has not begun yet can't be
 * ended. */
static gboolean
accompany (Journey *self, GError **error)
{
  const HotplugMigrationCall *call = self->call;

  g_mutex_lock (&self->lock);
  while (!self->ended)
    {
      if (g_cond_wait_until (&self->changed, &self->lock, g_get_monotonic_time () + LOOK_INTERVAL))
        continue;
      g_mutex_unlock (&self->lock);
      gboolean late = call->until != 0 && g_get_monotonic_time () >= call->until;
      if (late || g_cancellable_is_cancelled (call->cancellable))
        virDomainAbortJob (self->domain);
      else
        tell_progress (self);
      g_mutex_lock (&self->lock);
    }
  g_mutex_unlock (&self->lock);

  if (self->refused == NULL)
    {
      tell_end (self);
      return TRUE;
    }
  if (g_cancellable_set_error_if_cancelled (call->cancellable, error))
    return FALSE;
  if (call->until != 0 && g_get_monotonic_time () >= call->until)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT, "vmi \"%s\" was not migrated in time",
                 virDomainGetName (self->domain));
  else
    g_propagate_error (error, g_steal_pointer (&self->refused));
  return FALSE;
}

static gboolean
migrate (HotplugConnection *connection, const char *uuid, const HotplugMigrationCall *call, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, error);
  g_autoptr (virConnect) destination
      = domain != NULL ? _hotplug_libvirt_acquire ((HotplugLibvirt *)call->destination, error) : NULL;

  if (destination == NULL)
    return FALSE;

  Journey self = { .domain = domain, .destination = destination, .call = call };
  g_mutex_init (&self.lock);
  g_cond_init (&self.changed);
  GThread *thread = g_thread_try_new ("hotplug-migrate", travel, &self, error);
  gboolean arrived = thread != NULL && accompany (&self, error);
  if (thread != NULL)
    g_thread_join (thread);
  g_clear_error (&self.refused);
  g_cond_clear (&self.changed);
  g_mutex_clear (&self.lock);
  return arrived;
}

static HotplugConnection *
open_peer (HotplugConnection *connection, const char *uri)
{
  return _hotplug_libvirt_new (uri);
}

static char *
read_portable (HotplugConnection *connection, const char *uuid, HotplugSide side, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, error);
  unsigned int flags = VIR_DOMAIN_XML_MIGRATABLE | VIR_DOMAIN_XML_SECURE;

  if (domain == NULL)
    return NULL;

  char *text = virDomainGetXMLDesc (domain, side == HOTPLUG_SIDE_TEMPLATE ? flags | VIR_DOMAIN_XML_INACTIVE : flags);
  if (text == NULL)
    _hotplug_libvirt_set_domain_error (domain, error);
  char *copy = g_strdup (text);
  free (text);
  return copy;
}

static gboolean
undefine (HotplugConnection *connection, const char *uuid, GError **error)
{
  g_autoptr (virDomain) domain = _hotplug_libvirt_acquire_domain ((HotplugLibvirt *)connection, uuid, error);

  return domain != NULL
         && (virDomainUndefineFlags (domain, VIR_DOMAIN_UNDEFINE_KEEP_NVRAM) == 0
             || _hotplug_libvirt_set_domain_error (domain, error));
}

static const HotplugMigrationCalls calls = {
  .open_peer = open_peer,
  .is_plain = _hotplug_host_uri_is_plain,
  .migrate = migrate,
  .read_portable = read_portable,
  .undefine = undefine,
};

void
_hotplug_libvirt_migrate_init (HotplugConnectionClass *class)
{
  class->migration = &calls;
}
