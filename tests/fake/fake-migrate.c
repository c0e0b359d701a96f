/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake/fake-migrate.h"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "fake/fake-private.h"
#include "fake/fake-store.h"

/* The five steps of libvirt's protocol, version 3 (9.0.0 src/libvirt-domain.c, virDomainMigrateVersion3Full): begin,
 * perform and confirm on the source, prepare and finish on the destination. */

#define KEY "fake-travel"
#define STEPS 4
#define MEMORY (160 * 1024 * 1024)

typedef struct
{
  GWeakRef peer;
  guint msec;
  FakeHook farewell; /* nullable */
  gpointer data;
  gboolean cut;
} Travel;

static void
free_travel (gpointer data)
{
  Travel *travel = data;

  g_weak_ref_clear (&travel->peer);
  g_free (travel);
}

static Travel *
get_travel (gpointer self)
{
  Travel *travel = g_object_get_data (self, KEY);

  if (travel != NULL)
    return travel;
  travel = g_new0 (Travel, 1);
  g_weak_ref_init (&travel->peer, NULL);
  g_object_set_data_full (self, KEY, travel, free_travel);
  return travel;
}

void
fake_migrate_link (FakeConnection *self, FakeConnection *peer)
{
  g_weak_ref_set (&get_travel (self)->peer, peer);
  g_weak_ref_set (&get_travel (peer)->peer, self);
}

void
fake_migrate_share_runtime (FakeConnection *self, FakeConnection *peer)
{
  g_free (self->runtime);
  self->runtime = _hotplug_connection_dup_common_directory (HOTPLUG_CONNECTION (peer));
}

void
fake_migrate_set_duration (FakeConnection *self, guint msec)
{
  get_travel (self)->msec = msec;
}

void
fake_migrate_set_farewell (FakeConnection *self, FakeHook hook, gpointer user_data)
{
  get_travel (self)->farewell = hook;
  get_travel (self)->data = user_data;
}

void
fake_migrate_cut_undefine (FakeConnection *self)
{
  get_travel (self)->cut = TRUE;
}

/* The steps */

typedef struct
{
  FakeConnection *source;
  FakeConnection *destination;
  const char *uuid;
  const HotplugMigrationCall *call;
  char *live;
  char *template; /* nullable */
  gboolean paused;
} Journey;

static void
clear_journey (Journey *self)
{
  g_free (self->live);
  g_free (self->template);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Journey, clear_journey)

static void
drop_half (const Journey *self)
{
  int store = fake_store_lock (self->destination);

  fake_store_halt (self->destination, self->uuid);
  g_close (store, NULL);
}

static gboolean
begin (Journey *self, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (HOTPLUG_CONNECTION (self->source), FAKE_MIGRATE, &turn, error))
    return FALSE;

  g_autofree char *paused = fake_store_load (self->source, self->uuid, FAKE_PAUSED);
  self->live = fake_store_load (self->source, self->uuid, FAKE_LIVE);
  self->template = fake_store_load (self->source, self->uuid, FAKE_TEMPLATE);
  self->paused = paused != NULL;
  gboolean done = self->live != NULL || fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "domain is not running");
  return fake_end (&turn, done, error);
}

/* What a daemon has of it goes with the connection that asked for it, and when the daemon is started again (9.0.0
 * src/qemu/qemu_process.c, qemuProcessRecoverMigrationIn). */
static gboolean
prepare (Journey *self, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (HOTPLUG_CONNECTION (self->destination), FAKE_RECEIVE, &turn, error))
    return FALSE;

  g_autofree char *there = fake_store_load (self->destination, self->uuid, FAKE_LIVE);
  gboolean done = there == NULL || fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "domain is already active");
  if (done)
    {
      fake_store_save (self->destination, self->uuid, FAKE_PAUSED, "");
      fake_store_save (self->destination, self->uuid, FAKE_LIVE,
                       self->call->live != NULL ? self->call->live : self->live);
    }
  if (fake_end (&turn, done, error))
    return TRUE;
  if (done)
    drop_half (self);
  return FALSE;
}

static gboolean
go_on (const HotplugMigrationCall *call, guint step, GError **error)
{
  const HotplugMigrationNumbers numbers = {
    .total = MEMORY,
    .processed = MEMORY / STEPS * step,
    .remaining = MEMORY / STEPS * (STEPS - step),
    .elapsed = step,
    .downtime = 300,
  };

  if (g_cancellable_set_error_if_cancelled (call->cancellable, error))
    return FALSE;
  if (call->until != 0 && g_get_monotonic_time () >= call->until)
    return fake_refuse (error, HOTPLUG_ERROR_TIMEOUT, "it was not migrated in time");
  if (call->progress != NULL)
    call->progress (&numbers, call->data);
  return TRUE;
}

/* The guest runs on meanwhile, and is told of as being migrated; at the end of it it stands still. */
static gboolean
perform (Journey *self, GError **error)
{
  FakeTurn turn;
  gboolean done = TRUE;

  if (!fake_begin (HOTPLUG_CONNECTION (self->source), FAKE_MIGRATE, &turn, error))
    return FALSE;

  g_close (turn.store, NULL);
  fake_connection_set_job (self->source, "is being migrated");
  for (guint step = 1; done && step <= STEPS; step++)
    {
      g_usleep (get_travel (self->source)->msec * 1000 / STEPS);
      done = go_on (self->call, step, error);
    }
  fake_connection_set_job (self->source, NULL);
  turn.store = fake_store_lock (self->source);
  if (done)
    fake_store_save (self->source, self->uuid, FAKE_PAUSED, "");
  return fake_end (&turn, done, error);
}

static gboolean
finish (Journey *self, GError **error)
{
  FakeTurn turn;
  FakeConnection *there = self->destination;

  if (!fake_begin (HOTPLUG_CONNECTION (there), FAKE_RECEIVE, &turn, error))
    {
      drop_half (self);
      if (turn.fails && turn.fault == FAKE_REFUSES && !self->paused)
        fake_store_save (self->source, self->uuid, FAKE_PAUSED, NULL);
      return FALSE;
    }

  if (!self->paused)
    fake_store_save (there, self->uuid, FAKE_PAUSED, NULL);
  if (self->call->persistent)
    fake_store_save (there, self->uuid, FAKE_TEMPLATE,
                     self->call->template != NULL ? self->call->template : self->template);
  return fake_end (&turn, TRUE, error);
}

/* libvirt warns in its log of what fails here, and says that the machine has arrived (9.0.0 src/libvirt-domain.c,
 * virDomainMigrateVersion3Full; src/qemu/qemu_migration.c, qemuMigrationSrcConfirm). */
static void
confirm (Journey *self)
{
  g_autoptr (GError) ignored = NULL;
  FakeTurn turn;

  if (!fake_begin (HOTPLUG_CONNECTION (self->source), FAKE_MIGRATE, &turn, &ignored))
    return;
  fake_store_halt (self->source, self->uuid);
  if (self->call->persistent && !get_travel (self->source)->cut)
    fake_store_save (self->source, self->uuid, FAKE_TEMPLATE, NULL);
  if (fake_end (&turn, TRUE, &ignored))
    fake_queue (self->source, 0, fake_tell_stopped, self->uuid, NULL, FAKE_GUEST_LETS_GO);
}

static gboolean
migrate (HotplugConnection *connection, const char *uuid, const HotplugMigrationCall *call, GError **error)
{
  FakeConnection *source = FAKE_CONNECTION (connection);
  const Travel *travel = get_travel (source);
  g_auto (Journey)
      self = { .source = source, .destination = FAKE_CONNECTION (call->destination), .uuid = uuid, .call = call };

  if (!begin (&self, error) || !prepare (&self, error))
    return FALSE;
  if (!perform (&self, error))
    {
      drop_half (&self);
      return FALSE;
    }
  if (!finish (&self, error))
    return FALSE;
  confirm (&self);
  if (travel->farewell != NULL)
    travel->farewell (source, travel->data);
  return TRUE;
}

/* The other calls */

static HotplugConnection *
lend (FakeConnection *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->lent++;
  return HOTPLUG_CONNECTION (g_object_ref (self));
}

static HotplugConnection *
open_peer (HotplugConnection *connection, const char *uri)
{
  FakeConnection *self = FAKE_CONNECTION (connection);
  const char *slashes = strstr (uri, "://");
  const char *directory = slashes != NULL ? slashes + 3 : uri;
  g_autoptr (FakeConnection) peer = g_weak_ref_get (&get_travel (self)->peer);

  if (g_strcmp0 (directory, self->directory) == 0)
    return lend (self);
  if (peer != NULL && g_strcmp0 (directory, peer->directory) == 0)
    return lend (peer);

  FakeConnection *opened = fake_connection_new (directory);
  opened->remote = self->remote;
  fake_migrate_share_runtime (opened, self);
  return HOTPLUG_CONNECTION (opened);
}

static char *
read_portable (HotplugConnection *connection, const char *uuid, HotplugSide side, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_READ_PORTABLE, &turn, error))
    return NULL;

  const char *file = side == HOTPLUG_SIDE_LIVE ? FAKE_LIVE : FAKE_TEMPLATE;
  g_autofree char *text = fake_store_load (FAKE_CONNECTION (connection), uuid, file);
  gboolean done = text != NULL || fake_refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
  return fake_end (&turn, done, error) ? g_steal_pointer (&text) : NULL;
}

static gboolean
undefine (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeConnection *self = FAKE_CONNECTION (connection);
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_UNDEFINE, &turn, error))
    return FALSE;

  g_autofree char *template = fake_store_load (self, uuid, FAKE_TEMPLATE);
  fake_store_save (self, uuid, FAKE_TEMPLATE, NULL);
  return fake_end (&turn, template != NULL || fake_refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found"), error);
}

void
fake_migrate_init (HotplugConnectionClass *class)
{
  static const HotplugMigrationCalls calls = {
    .open_peer = open_peer, .migrate = migrate, .read_portable = read_portable, .undefine = undefine
  };

  class->migration = &calls;
}

void
fake_migrate_leave (FakeConnection *self, FakeConnection *destination, const char *uuid, FakeHalf half)
{
  g_autofree char *live = fake_store_load (self, uuid, FAKE_LIVE);
  g_autofree char *template = fake_store_load (self, uuid, FAKE_TEMPLATE);
  g_autofree char *paused = fake_store_load (self, uuid, FAKE_PAUSED);
  gboolean there = half != FAKE_HALF_STANDING;
  gboolean arrived = half == FAKE_HALF_RUNNING || half == FAKE_HALF_DEFINED;

  fake_store_save (destination, uuid, FAKE_LIVE, there ? live : NULL);
  fake_store_save (destination, uuid, FAKE_PAUSED, (there && !arrived) || paused != NULL ? "" : NULL);
  fake_store_save (destination, uuid, FAKE_TEMPLATE, arrived ? template : NULL);
  if (half == FAKE_HALF_DEFINED)
    fake_store_halt (self, uuid);
  else if (half != FAKE_HALF_AWAITED)
    fake_store_save (self, uuid, FAKE_PAUSED, "");
}
