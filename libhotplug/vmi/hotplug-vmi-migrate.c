/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "host/hotplug-host-private.h"
#include "host/hotplug-migration-private.h"
#include "model/hotplug-migration-status-private.h"
#include "vmi/hotplug-migration-check-private.h"
#include "vmi/hotplug-migration-move-private.h"
#include "vmi/hotplug-session-private.h"

/* How often a daemon is asked that has not come back yet */
#define RETURN_INTERVAL (200 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  HotplugHost *destination;
  HotplugMigrateFlags flags;
  guint64 bandwidth;
  int timeout_msec;
} Wanted;

/* Tells how it goes; the hosts are those of its first status. */
static void
tell (const HotplugMigrationNumbers *numbers, gpointer data)
{
  HotplugVmi *vmi = data;
  g_autoptr (HotplugMigrationStatus) before = hotplug_vmi_dup_migration_status (vmi);
  const HotplugMigrationStatusFields fields = {
    .phase = HOTPLUG_MIGRATION_PHASE_RUNNING,
    .vmi_name = hotplug_vmi_get_name (vmi),
    .source_uri = hotplug_migration_status_get_source_uri (before),
    .destination_uri = hotplug_migration_status_get_destination_uri (before),
    .bytes_total = numbers->total,
    .bytes_processed = numbers->processed,
    .bytes_remaining = numbers->remaining,
    .elapsed_msec = numbers->elapsed,
    .downtime_msec = numbers->downtime,
    .start_time = hotplug_migration_status_get_start_time (before),
  };
  g_autoptr (HotplugMigrationStatus) now = _hotplug_migration_status_new (&fields);

  _hotplug_vmi_set_migration (vmi, now);
}

static void
begin_to_tell (HotplugSession *session, HotplugHost *destination)
{
  const HotplugMigrationStatusFields fields = {
    .phase = HOTPLUG_MIGRATION_PHASE_PENDING,
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .source_uri = _hotplug_connection_get_uri (session->connection),
    .destination_uri = hotplug_host_get_uri (destination),
    .start_time = g_get_real_time (),
  };
  g_autoptr (HotplugMigrationStatus) status = _hotplug_migration_status_new (&fields);

  _hotplug_vmi_set_migration (session->vmi, status);
}

static void
end_telling (HotplugVmi *vmi, const GError *failed)
{
  g_autoptr (HotplugMigrationStatus) before = hotplug_vmi_dup_migration_status (vmi);
  g_autoptr (HotplugMigrationStatus) ended = _hotplug_migration_status_ended (
      before, failed != NULL ? HOTPLUG_MIGRATION_PHASE_FAILED : HOTPLUG_MIGRATION_PHASE_SUCCEEDED,
      failed != NULL ? failed->message : NULL);

  _hotplug_vmi_set_migration (vmi, ended);
}

static gboolean
intend (HotplugSession *session, HotplugHost *destination, GCancellable *cancellable, GError **error)
{
  HotplugIntent *intent = &session->journal->intent;

  intent->source = g_strdup (_hotplug_connection_get_uri (session->connection));
  intent->destination = g_strdup (hotplug_host_get_uri (destination));
  _hotplug_migration_name_hosts (session->connection, _hotplug_host_get_connection (destination), intent);
  intent->paused = session->state == HOTPLUG_VMI_STATE_PAUSED;
  return _hotplug_session_lock_other (session, cancellable, error)
         && _hotplug_session_intend (session, HOTPLUG_INTENT_MIGRATE, NULL, error);
}

/* A daemon that has died is started again by its service manager: until then what it has left can't be seen. */
static gboolean
settle (HotplugSession *session, gboolean *moved, GError **error)
{
  gint64 until = g_get_monotonic_time () + _hotplug_connection_get_return_patience (session->connection);
  g_autoptr (GError) failed = NULL;

  while (!_hotplug_session_settle_migration (session, &session->journal->intent, moved, &failed))
    {
      if (*moved || !g_error_matches (failed, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION)
          || g_get_monotonic_time () >= until)
        {
          g_propagate_error (error, g_steal_pointer (&failed));
          return FALSE;
        }
      g_clear_error (&failed);
      g_usleep (RETURN_INTERVAL);
    }
  return TRUE;
}

/* What came of it where the call itself has failed: a connection may have broken after the deed. What can't be told now
 * stays written down. */
static gboolean
has_arrived (HotplugSession *session)
{
  g_autoptr (GError) failed = NULL;
  gboolean moved = FALSE;

  if (!settle (session, &moved, &failed) || (!moved && !_hotplug_session_refresh (session, &failed)))
    g_debug ("vmi \"%s\": its migration stays written down: %s", hotplug_vmi_get_name (session->vmi), failed->message);
  else if (!moved)
    _hotplug_session_strike (session);
  return moved;
}

/* libvirt says that it has arrived also where the source then failed to end or to forget its own, which stands still
 * (9.0.0 src/libvirt-domain.c, virDomainMigrateVersion3Full; src/qemu/qemu_migration.c, qemuMigrationSrcConfirm). */
static gboolean
leave (HotplugSession *session, HotplugConnection *source, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (session->vmi);
  g_auto (HotplugMachineText) left = { 0 };
  g_autoptr (GError) failed = NULL;

  if (!_hotplug_connection_read_machine (source, uuid, HOTPLUG_LOOK_ALL, &left, &failed))
    {
      if (g_error_matches (failed, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  if (left.live != NULL && left.state == HOTPLUG_VMI_STATE_RUNNING && session->state == HOTPLUG_VMI_STATE_RUNNING)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "vmi \"%s\" runs on both hosts",
                   hotplug_vmi_get_name (session->vmi));
      return FALSE;
    }
  return (left.live == NULL || _hotplug_connection_destroy (source, uuid, error))
         && (left.template == NULL || _hotplug_connection_undefine (source, uuid, error));
}

/* The machine is there, whatever else fails; what is not done is done by the next session. */
static void
arrive (HotplugSession *session, HotplugHost *destination)
{
  HotplugConnection *source = session->connection;
  g_autoptr (GError) failed = NULL;

  session->connection = _hotplug_host_get_connection (destination);
  _hotplug_session_change_host (session);
  _hotplug_vmi_move (session->vmi, destination);
  if (_hotplug_session_refresh (session, &failed) && _hotplug_session_untell (session, &failed)
      && _hotplug_session_attach_pending (session, &failed) && leave (session, source, &failed))
    _hotplug_session_strike (session);
  else
    g_debug ("vmi \"%s\": its arrival stays written down: %s", hotplug_vmi_get_name (session->vmi), failed->message);
}

static gboolean
carry (HotplugSession *session, const Wanted *wanted, gboolean shared, const HotplugMigrationMoves *moves,
       GCancellable *cancellable, GError **error)
{
  const HotplugMigrationCall call = {
    .destination = _hotplug_host_get_connection (wanted->destination),
    .peer_to_peer = (wanted->flags & HOTPLUG_MIGRATE_PEER_TO_PEER) != 0,
    .persistent = session->persistent,
    .shared = shared,
    .bandwidth = wanted->bandwidth,
    .until = wanted->timeout_msec < 0
                 ? 0
                 : g_get_monotonic_time () + wanted->timeout_msec * G_TIME_SPAN_MILLISECOND,
    .live = moves->live,
    .template = moves->template,
    .progress = tell,
    .data = session->vmi,
    .cancellable = cancellable,
  };
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_connection_migrate (session->connection, hotplug_vmi_get_uuid (session->vmi), &call, &refused)
      && !has_arrived (session))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  arrive (session, wanted->destination);
  return TRUE;
}

static gboolean
migrate_session (HotplugSession *session, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  g_auto (HotplugMigrationMoves) moves = { NULL };
  gboolean shared;

  session->look = HOTPLUG_LOOK_ALL;
  return _hotplug_session_refresh (session, error)
         && _hotplug_migration_plan_moves (session, wanted->destination, &moves, error)
         && _hotplug_migration_check (session, wanted->destination, (const char *const *)moves.aliases->pdata, &shared,
                                      cancellable, error)
         && !g_cancellable_set_error_if_cancelled (cancellable, error)
         && intend (session, wanted->destination, cancellable, error)
         && carry (session, wanted, shared, &moves, cancellable, error);
}

static gboolean
migrate (HotplugVmi *self, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  gint64 begun = g_get_monotonic_time ();
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
  g_autoptr (GError) failed = NULL;

  if (session == NULL)
    return FALSE;

  begin_to_tell (session, wanted->destination);
  gboolean done = migrate_session (session, wanted, cancellable, &failed);
  end_telling (self, failed);
  g_debug ("vmi \"%s\": %s to %s in %.1f ms", hotplug_vmi_get_name (self), done ? "migrated" : "not migrated",
           hotplug_host_get_uri (wanted->destination), (double)(g_get_monotonic_time () - begun) / 1000);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&failed));
  return done;
}

/**
 * hotplug_vmi_migrate:
 * @self: a VMI
 * @destination: the host that it goes to
 * @flags: how
 * @bandwidth: how many bytes a second its memory may take, in whole MiB; 0 for as many as there are
 * @timeout_msec: how long it may take, in milliseconds; -1 for as long as it does
 * @cancellable: (nullable): a #GCancellable; the VMI then stays where it is
 * @error: return location for a #GError
 *
 * Moves a VMI to another host while its guest runs: with its volumes, interfaces and template, and with all that is
 * recorded of them. Afterwards @self is on @destination, and so is every later call. Interfaces that are pending, since
 * the host could not connect them, are plugged into the guest before this returns, if @destination can, and those that
 * wait to be moved are where they are to be when the guest goes on; #HotplugVmi:migration-status and
 * #HotplugVmi::migration-status-changed tell how far it is.
 *
 * It is checked first what libvirt would find out late, or not at all. The volumes that were hotplugged must be
 * %HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, read-only, or on the network, as KubeVirt has it
 * (`pkg/virt-handler/vm.go`, checkVolumesForMigration); the files of all disks must be on both hosts, which is tried
 * out; the destination must have the networks; and no removal may wait for the guest. All that is in the way is named
 * at once, and nothing was changed then.
 *
 * While it is on its way every change is refused with %HOTPLUG_ERROR_BUSY, and statuses can be asked for. If it fails,
 * is cancelled or takes too long, the guest runs on where it was, with everything, and nothing is left on the
 * destination. If this program is killed, or one of the two daemons, the next call that changes the VMI, on either
 * host, finds out where it is and puts the rest in order. A VMI that is paused stays so.
 *
 * Both hosts need a libvirt daemon: the embedded QEMU of a process can't migrate.
 *
 * Returns: %TRUE when it is on @destination, %FALSE with %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_ACCESS_MODE,
 *   %HOTPLUG_ERROR_SOURCE_MISSING, %HOTPLUG_ERROR_NETWORK_MISSING, %HOTPLUG_ERROR_EXISTS, %HOTPLUG_ERROR_BUSY,
 *   %HOTPLUG_ERROR_TIMEOUT, %HOTPLUG_ERROR_INVALID_ARGUMENT, %HOTPLUG_ERROR_PERMISSION, %HOTPLUG_ERROR_CONNECTION,
 *   %HOTPLUG_ERROR_HYPERVISOR, or %G_IO_ERROR_CANCELLED
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_migrate (HotplugVmi *self, HotplugHost *destination, HotplugMigrateFlags flags, guint64 bandwidth,
                     int timeout_msec, GCancellable *cancellable, GError **error)
{
  const Wanted wanted = { destination, flags, bandwidth, timeout_msec };

  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (HOTPLUG_IS_HOST (destination), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return migrate (self, &wanted, cancellable, error);
}

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_object_unref (wanted->destination);
  g_free (wanted);
}

static gpointer
migrate_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (migrate (HOTPLUG_VMI (source), data, cancellable, error));
}

/**
 * hotplug_vmi_migrate_async:
 * @self: a VMI
 * @destination: see hotplug_vmi_migrate()
 * @flags: see hotplug_vmi_migrate()
 * @bandwidth: see hotplug_vmi_migrate()
 * @timeout_msec: see hotplug_vmi_migrate()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_migrate().
 *
 * Since: 0.1
 */
void
hotplug_vmi_migrate_async (HotplugVmi *self, HotplugHost *destination, HotplugMigrateFlags flags, guint64 bandwidth,
                           int timeout_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (HOTPLUG_IS_HOST (destination));

  Wanted *wanted = g_new0 (Wanted, 1);
  *wanted = (Wanted){ g_object_ref (destination), flags, bandwidth, timeout_msec };
  _hotplug_task_run (self, hotplug_vmi_migrate_async, migrate_in_thread, wanted, free_wanted, NULL, cancellable,
                     callback, user_data);
}

/**
 * hotplug_vmi_migrate_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_migrate()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_migrate_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_migrate_async, error) != NULL;
}
