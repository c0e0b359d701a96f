/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-migration-private.h"
#include "host/hotplug-peer-private.h"
#include "vmi/hotplug-session-private.h"

/* The end of a migration that nobody saw: the client was killed, or a daemon. libvirt leaves a machine that it can't
 * decide about standing still on the source (9.0.0 src/qemu/qemu_migration.c, qemuMigrationAnyConnectionClosed), and on
 * the destination nothing, unless it runs there: whoever has looked at both hosts can tell. */

/* How long both daemons may take to give up what they are at */
#define JOB_PATIENCE (5 * G_TIME_SPAN_SECOND)
#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

/* A machine as one of the two hosts has it */
typedef struct
{
  HotplugConnection *connection;
  gboolean known;
  gboolean runs;
  HotplugMachineText text;
  GError *cause; /* nullable: why it is not known */
} End;

static void
clear_end (End *end)
{
  _hotplug_machine_text_clear (&end->text);
  g_clear_error (&end->cause);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (End, clear_end)

/* Not their UUIDs: a daemon that was not asked before starts every QEMU binary of the host to tell it. MEASURED: 45 s
 * for 27 */
void
_hotplug_migration_name_hosts (HotplugConnection *source, HotplugConnection *destination, HotplugIntent *intent)
{
  g_autofree char *from = _hotplug_connection_dup_host (source);
  g_autofree char *to = _hotplug_connection_dup_host (destination);

  if (from == NULL || to == NULL || strcmp (from, to) == 0)
    return;
  intent->source_host = g_steal_pointer (&from);
  intent->destination_host = g_steal_pointer (&to);
}

/* Whether an open destination waits: source and destination, each with its own lock, must not wait for one another. So
 * the destination's never waits for the source's, and the source's for no migration but its own. */
static gboolean
wait_for_other (const char *text, gpointer data, GError **error)
{
  HotplugSession *self = data;
  const HotplugIntent *ours = &self->journal->intent;
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (text);
  const HotplugIntent *theirs = &journal->intent;

  if (!_hotplug_session_is_destination (self, ours)
      && (theirs->kind != HOTPLUG_INTENT_MIGRATE
          || (theirs->begun == ours->begun && g_strcmp0 (theirs->source_host, ours->source_host) == 0
              && g_strcmp0 (theirs->destination_host, ours->destination_host) == 0)))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "vmi \"%s\" is being worked on on %s too; nothing is changed",
               hotplug_vmi_get_name (self->vmi),
               _hotplug_session_is_destination (self, ours) ? ours->source_host : ours->destination_host);
  return FALSE;
}

gboolean
_hotplug_session_lock_other (HotplugSession *self, GCancellable *cancellable, GError **error)
{
  const HotplugIntent *intent = &self->journal->intent;
  const char *host = _hotplug_session_is_destination (self, intent) ? intent->source_host : intent->destination_host;

  if (host == NULL)
    return TRUE;

  g_autofree char *directory = _hotplug_connection_dup_runtime_directory_of (self->connection, host);
  self->other = _hotplug_machine_lock_take_or_leave (directory, hotplug_vmi_get_uuid (self->vmi), wait_for_other, self,
                                                     cancellable, error);
  return self->other != NULL;
}

void
_hotplug_session_change_host (HotplugSession *self)
{
  HotplugMachineLock *lock = self->lock;

  if (self->other == NULL)
    return;
  self->lock = self->other;
  self->other = lock;
}

void
_hotplug_session_leave_other (HotplugSession *self)
{
  g_autoptr (GError) error = NULL;

  if (self->other == NULL)
    return;
  if (!_hotplug_machine_lock_write (self->other, NULL, &error))
    g_debug ("vmi \"%s\": the other host's journal keeps what was done: %s", hotplug_vmi_get_name (self->vmi),
             error->message);
  g_clear_pointer (&self->other, _hotplug_machine_lock_give);
}

gboolean
_hotplug_session_is_destination (HotplugSession *self, const HotplugIntent *intent)
{
  g_autofree char *host = intent->destination_host != NULL ? _hotplug_connection_dup_host (self->connection) : NULL;

  return host != NULL ? strcmp (host, intent->destination_host) == 0
                      : g_strcmp0 (_hotplug_connection_get_uri (self->connection), intent->destination) == 0;
}

/* A URI that another client has written may say another host here: "qemu:///system" is everybody's own.
 * @host: (nullable): the name of the one that is meant */
static gboolean
reach (End *end, const char *host)
{
  if (!_hotplug_connection_ensure (end->connection, &end->cause))
    return FALSE;

  g_autofree char *found = host != NULL ? _hotplug_connection_dup_host (end->connection) : NULL;
  if (found == NULL || strcmp (found, host) == 0)
    return TRUE;
  g_set_error (&end->cause, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION, "from here that is another host, %s and not %s",
               found, host);
  return FALSE;
}

/* One that has it no more is known as one that has it */
static gboolean
look (End *end, const char *uuid)
{
  end->known = _hotplug_connection_read_machine (end->connection, uuid, HOTPLUG_LOOK_ALL, &end->text, &end->cause);
  if (g_error_matches (end->cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    {
      g_clear_error (&end->cause);
      end->known = TRUE;
    }
  end->runs = end->text.live != NULL && end->text.state == HOTPLUG_VMI_STATE_RUNNING;
  return end->known;
}

/* @error: the job that goes on */
static gboolean
await_end (const End *end, HotplugVmi *vmi, GError **error)
{
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;
  const char *job;

  while (end->cause == NULL
         && (job = _hotplug_connection_find_job (end->connection, hotplug_vmi_get_uuid (vmi))) != NULL)
    {
      if (g_get_monotonic_time () >= until)
        {
          g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "vmi \"%s\" %s; nothing can be changed meanwhile",
                       hotplug_vmi_get_name (vmi), job);
          return FALSE;
        }
      g_usleep (LOOK_INTERVAL);
    }
  return TRUE;
}

/* A destination whose daemon was killed between two writes of its status may wait for a guest for ever (9.0.0
 * src/qemu/qemu_process.c, qemuProcessRecoverMigrationIn, where the phase is none; MEASURED). Nobody sends one from a
 * source that has the machine and is at nothing: what waits there is as good as ended. */
static gboolean
await_arrival (const End *source, const End *destination, HotplugVmi *vmi, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) job = NULL;

  if (await_end (destination, vmi, &job))
    return TRUE;
  if (source->cause == NULL
      && _hotplug_connection_read_machine (source->connection, hotplug_vmi_get_uuid (vmi), HOTPLUG_LOOK_ALL, &text,
                                           NULL)
      && text.live != NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&job));
  return FALSE;
}

static gboolean
refuse_unknown (const End *end, HotplugVmi *vmi, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION,
               "vmi \"%s\" was being migrated, and whether %s has it can't be told: %s", hotplug_vmi_get_name (vmi),
               _hotplug_connection_get_uri (end->connection), end->cause->message);
  return FALSE;
}

/* Where the machine is, without touching it */
static gboolean
decide (const End *source, const End *destination, HotplugVmi *vmi, gboolean *moved, GError **error)
{
  *moved = destination->runs && !source->runs;
  if (source->runs && destination->runs)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "vmi \"%s\" runs on %s and on %s",
                   hotplug_vmi_get_name (vmi), _hotplug_connection_get_uri (source->connection),
                   _hotplug_connection_get_uri (destination->connection));
      return FALSE;
    }
  if (source->runs || destination->runs)
    return TRUE;
  if (!source->known || !destination->known)
    return refuse_unknown (source->known ? destination : source, vmi, error);

  /* It stood still before, or was suspended there since, or its guest has ended meanwhile. The destination had no
   * template before, and gets it with the last step (9.0.0 src/qemu/qemu_migration.c, qemuMigrationDstPersist): what
   * the source has beside it is old, and its disks have gone on without it. */
  *moved = destination->text.template != NULL || (source->text.live == NULL && destination->text.live != NULL);
  return TRUE;
}

/* What is left on the destination goes before the guest runs on: its template too, which libvirt leaves where the last
 * step failed after it (9.0.0 src/qemu/qemu_migration.c:6517, 6566), and which was not there before. */
static gboolean
stay (const End *source, const End *destination, const HotplugIntent *intent, const char *uuid, GError **error)
{
  if (destination->text.live != NULL && !_hotplug_connection_destroy (destination->connection, uuid, error))
    return FALSE;
  if (destination->text.template != NULL && source->text.template != NULL
      && !_hotplug_connection_undefine (destination->connection, uuid, error))
    return FALSE;
  return source->text.live == NULL || source->runs || intent->paused
         || _hotplug_connection_resume (source->connection, uuid, error);
}

/* The machine was seen on the destination: the template that is left on the source is of no use. */
static gboolean
go (const End *source, const End *destination, const char *uuid, GError **error)
{
  if (source->text.live != NULL && !_hotplug_connection_destroy (source->connection, uuid, error))
    return FALSE;
  return source->text.template == NULL || _hotplug_connection_undefine (source->connection, uuid, error);
}

static gboolean
settle_with (HotplugSession *self, HotplugConnection *peer, const HotplugIntent *intent, gboolean *moved,
             GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);
  gboolean here_is_source = !_hotplug_session_is_destination (self, intent);
  g_auto (End) here = { .connection = self->connection };
  g_auto (End) there = { .connection = peer };

  const End *source = here_is_source ? &here : &there;
  const End *destination = here_is_source ? &there : &here;

  reach (&there, here_is_source ? intent->destination_host : intent->source_host);
  if (!await_end (source, self->vmi, error) || !await_arrival (source, destination, self->vmi, error))
    return FALSE;
  if (there.cause == NULL)
    look (&there, uuid);
  look (&here, uuid);
  if (!decide (source, destination, self->vmi, moved, error))
    return FALSE;
  g_debug ("vmi \"%s\": its migration from %s to %s has %s", hotplug_vmi_get_name (self->vmi), intent->source,
           intent->destination, *moved ? "succeeded" : "failed");
  if (!(*moved ? go (source, destination, uuid, error) : stay (source, destination, intent, uuid, error)))
    return FALSE;
  /* Where it runs is known then, and not what the other host has left of it, which would be there for good. */
  return source->known && destination->known ? TRUE
                                             : refuse_unknown (source->known ? destination : source, self->vmi, error);
}

/* The other host is asked through a connection that lasts no longer than that */
gboolean
_hotplug_session_settle_migration (HotplugSession *self, const HotplugIntent *intent, gboolean *moved, GError **error)
{
  const char *uri = _hotplug_session_is_destination (self, intent) ? intent->source : intent->destination;
  g_autoptr (HotplugConnection) peer = _hotplug_connection_open_peer (self->connection, uri, intent->heard, error);

  if (peer == NULL)
    {
      g_prefix_error (error, "vmi \"%s\" was being migrated: ", hotplug_vmi_get_name (self->vmi));
      return FALSE;
    }

  gboolean settled = settle_with (self, peer, intent, moved, error);
  _hotplug_connection_close (peer);
  return settled;
}
