/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* KubeVirt's default terminationGracePeriodSeconds is 180 s for a VM, libvirt-guests' is 300 s; a person at a shell
 * waits for a minute. */
#define GRACE_DEFAULT (60 * 1000)

#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

static const char *
uuid_of (HotplugSession *session)
{
  return hotplug_vmi_get_uuid (session->vmi);
}

static gboolean
has_recorded (const HotplugDomain *template)
{
  for (guint i = 0; i < template->records->len; i++)
    {
      HotplugRecordState state = ((const HotplugRecord *)g_ptr_array_index (template->records, i))->state;
      if (state == HOTPLUG_RECORD_ATTACHED || state == HOTPLUG_RECORD_PENDING)
        return TRUE;
    }
  return FALSE;
}

/* The machine stands still until it has what it had: its guest boots with the volumes. Where it is not known whether it
 * was started, or it can't be stopped again, the intent stays: the next session completes the start. */
static gboolean
start_with_records (HotplugSession *session, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_session_intend (session, HOTPLUG_INTENT_START, NULL, error))
    return FALSE;

  gboolean started = _hotplug_connection_start (session->connection, uuid_of (session), TRUE, &refused);
  gboolean done = started && _hotplug_session_refresh (session, &refused)
                  && _hotplug_session_bring_back (session, &refused)
                  && _hotplug_connection_resume (session->connection, uuid_of (session), &refused);
  gboolean known = done || (!started && !g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
                   || (started && _hotplug_connection_destroy (session->connection, uuid_of (session), NULL));

  if (known)
    _hotplug_session_strike (session);
  if (!done)
    g_propagate_error (error, g_steal_pointer (&refused));
  return done;
}

/* Also of a copy of another machine. One that can't be dropped now is by the next session. */
static void
drop_copy (HotplugSession *session)
{
  if (!session->template->has_element)
    return;
  if (_hotplug_session_refresh (session, NULL))
    _hotplug_session_drop_copy (session, NULL);
}

/* What was saved has its guest's memory, which would be lost if the machine were stopped again: it runs, as one that
 * others have started, and what can't be brought back is missing. */
static gboolean
start_saved (HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) statuses = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_volume_status_unref);
  g_autoptr (GError) failed = NULL;

  if (!_hotplug_connection_start (session->connection, uuid_of (session), FALSE, error))
    return FALSE;
  if (!_hotplug_session_refresh (session, &failed) || !_hotplug_session_drop_copy (session, &failed)
      || !_hotplug_session_bring_each_back (session, statuses, &failed))
    g_debug ("vmi \"%s\": what is recorded is left for the next call: %s", hotplug_vmi_get_name (session->vmi),
             failed->message);
  return TRUE;
}

static gboolean
start_plain (HotplugSession *session, GError **error)
{
  if (!_hotplug_connection_start (session->connection, uuid_of (session), FALSE, error))
    return FALSE;
  drop_copy (session);
  return TRUE;
}

/* What has gone wrong since it was looked at is told in the same words; the hypervisor's stand where nothing is seen.
 * @refused: (transfer full) */
static gboolean
explain (HotplugSession *session, GError *refused, GError **error)
{
  g_autoptr (GError) ours = NULL;

  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION) || !_hotplug_session_refresh (session, NULL)
      || session->live != NULL || session->template == NULL || _hotplug_obstacles_to_start (session, &ours))
    {
      g_propagate_error (error, refused);
      return FALSE;
    }
  g_debug ("vmi \"%s\": %s", hotplug_vmi_get_name (session->vmi), refused->message);
  g_error_free (refused);
  g_propagate_error (error, g_steal_pointer (&ours));
  return FALSE;
}

static gboolean
start (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  if (session == NULL)
    return FALSE;
  if (session->live != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING, "vmi \"%s\" is running already",
                   hotplug_vmi_get_name (self));
      return FALSE;
    }

  g_autoptr (GError) refused = NULL;
  if (!_hotplug_obstacles_to_start (session, error))
    return FALSE;
  if (_hotplug_session_is_saved (session))
    return start_saved (session, &refused) || explain (session, g_steal_pointer (&refused), error);
  if (has_recorded (session->template) ? start_with_records (session, &refused) : start_plain (session, &refused))
    return TRUE;
  return explain (session, g_steal_pointer (&refused), error);
}

/* A later run of the machine is another one: somebody has started it again. */
static gboolean
is_same_run (const char *one, const char *other)
{
  g_autoptr (HotplugDomain) first = one != NULL ? _hotplug_domain_from_xml (one, NULL) : NULL;
  g_autoptr (HotplugDomain) second = first != NULL ? _hotplug_domain_from_xml (other, NULL) : NULL;

  return second == NULL || g_strcmp0 (first->run, second->run) == 0;
}

/* A transient machine that stopped is not there any more; nor is one that has gone to another host.
 * @live: (inout): the XML of the run that is to stop, as it was seen last; NULL before the first look */
static gboolean
is_stopped (HotplugVmi *self, gboolean *stopped, char **live, GError **error)
{
  HotplugConnection *connection = _hotplug_vmi_get_connection (self);
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_read_machine (connection, hotplug_vmi_get_uuid (self), HOTPLUG_LOOK_DEVICES, &text, &refused))
    {
      *stopped = text.live == NULL || !is_same_run (*live, text.live);
      if (!*stopped)
        {
          g_free (*live);
          *live = g_steal_pointer (&text.live);
        }
      return TRUE;
    }
  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND) && _hotplug_vmi_has_moved (self, connection))
    return is_stopped (self, stopped, live, error);
  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    {
      *stopped = TRUE;
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

static gboolean
wait_for_stop (HotplugVmi *self, gint64 until, gboolean *stopped, char **live, GCancellable *cancellable,
               GError **error)
{
  for (;;)
    {
      if (!is_stopped (self, stopped, live, error))
        return FALSE;
      if (*stopped || g_get_monotonic_time () >= until)
        return TRUE;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (LOOK_INTERVAL);
    }
}

/* A guest may stop by itself while it is being forced, which libvirt then refuses. libvirt forces whatever run there
 * is: the last look is right before. */
static gboolean
destroy (HotplugVmi *self, char **live, GError **error)
{
  g_autoptr (GError) refused = NULL;
  gboolean stopped;

  if (!is_stopped (self, &stopped, live, error))
    return FALSE;
  if (stopped
      || _hotplug_connection_destroy (_hotplug_vmi_get_connection (self), hotplug_vmi_get_uuid (self), &refused)
      || (is_stopped (self, &stopped, live, NULL) && stopped))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* While it runs it tells what is to come back: beginning a session has its records follow. A stop waits for no other
 * work; whoever does it has had them follow, and what was seen last follows in the end. */
static gboolean
follow_now (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  if (!_hotplug_vmi_check_idle (self, error))
    return FALSE;
  if (_hotplug_machine_lock_is_held (_hotplug_vmi_get_runtime_directory (self), hotplug_vmi_get_uuid (self)))
    return TRUE;

  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  return session != NULL && _hotplug_session_affirm (session, session->live, error);
}

static gboolean
stop (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error)
{
  HotplugConnection *connection = _hotplug_vmi_get_connection (self);
  const char *uuid = hotplug_vmi_get_uuid (self);
  gint64 until = g_get_monotonic_time () + (grace_msec >= 0 ? grace_msec : GRACE_DEFAULT) * G_TIME_SPAN_MILLISECOND;
  g_autofree char *live = NULL;
  gboolean stopped;

  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !is_stopped (self, &stopped, &live, error))
    return FALSE;
  if (stopped)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING, "vmi \"%s\" is not running",
                   hotplug_vmi_get_name (self));
      return FALSE;
    }
  if (!follow_now (self, cancellable, error))
    return FALSE;

  if (grace_msec != 0)
    {
      /* a guest that can't even be asked is forced after the same time */
      g_autoptr (GError) refused = NULL;
      if (!_hotplug_connection_shut_down (connection, uuid, &refused))
        g_debug ("vmi \"%s\": %s", hotplug_vmi_get_name (self), refused->message);
      if (!wait_for_stop (self, until, &stopped, &live, cancellable, error))
        return FALSE;
    }
  if (!stopped && !destroy (self, &live, error))
    return FALSE;

  /* beginning a session settles the removals that this has answered; a machine that is gone has none */
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, NULL, NULL);
  g_autoptr (HotplugDomain) last = live != NULL ? _hotplug_domain_from_xml (live, NULL) : NULL;
  if (session != NULL && session->live == NULL && _hotplug_session_follow (session, last, NULL))
    _hotplug_session_affirm (session, last, NULL);
  return TRUE;
}

/* What a start would refuse is refused while the machine still runs. */
static gboolean
can_restart (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  if (session == NULL)
    return FALSE;
  if (!session->persistent)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it would be gone when it stops", hotplug_vmi_get_name (self));
      return FALSE;
    }
  return _hotplug_session_affirm (session, session->live, error) && _hotplug_obstacles_to_start (session, error);
}

static gboolean
restart (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error)
{
  if (!can_restart (self, cancellable, error))
    return FALSE;
  if (!stop (self, grace_msec, cancellable, error))
    return FALSE;

  g_autoptr (GError) refused = NULL;
  if (start (self, cancellable, &refused))
    return TRUE;
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING))
    g_prefix_error (&refused, "vmi \"%s\" was stopped, and starting it failed: ", hotplug_vmi_get_name (self));
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/**
 * hotplug_vmi_start:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Starts the VMI from its template. Volumes that were plugged without %HOTPLUG_PLUG_PERSIST are plugged again before
 * the guest runs, at their old addresses where these are free. All that it starts with is looked at first, its own
 * devices too: if anything is wrong, all of it is named, and nothing starts. An interface that is not persisted does
 * not keep it from starting where its bridge or network is missing, and is pending then.
 *
 * A VMI that was saved while it ran (`virsh managedsave`) goes on from there, with the devices of then: what the
 * template got since comes with the start after that. What is recorded and was not saved is plugged in as it runs, and
 * is missing if that is refused: the VMI is not stopped for it, since its guest's memory is nowhere else.
 *
 * Returns: %TRUE when it runs, %FALSE with %HOTPLUG_ERROR_VMI_RUNNING, %HOTPLUG_ERROR_CONNECTION,
 *   %HOTPLUG_ERROR_HYPERVISOR, or the code of the first thing that is wrong: %HOTPLUG_ERROR_SOURCE_MISSING,
 *   %HOTPLUG_ERROR_SOURCE_NOT_READY, %HOTPLUG_ERROR_SOURCE_IN_USE, %HOTPLUG_ERROR_CACHE_UNSUPPORTED,
 *   %HOTPLUG_ERROR_PERMISSION, %HOTPLUG_ERROR_NETWORK_MISSING, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
 *   %HOTPLUG_ERROR_MAC_IN_USE, %HOTPLUG_ERROR_NO_PCI_SLOT, %HOTPLUG_ERROR_EXISTS for a port that is taken, or
 *   %HOTPLUG_ERROR_NOT_FOUND for a device, file, server or processor of the host
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_start (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return start (self, cancellable, error);
}

static gpointer
start_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (start (HOTPLUG_VMI (source), cancellable, error));
}

/**
 * hotplug_vmi_start_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_start().
 *
 * Since: 0.1
 */
void
hotplug_vmi_start_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_start_async, start_in_thread, NULL, NULL, NULL, cancellable, callback,
                     user_data);
}

/**
 * hotplug_vmi_start_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_start()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_start_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_start_async, error) != NULL;
}

/**
 * hotplug_vmi_stop:
 * @self: a VMI
 * @grace_msec: how long the guest may take, in milliseconds; -1 for a minute, 0 to force it at once
 * @cancellable: (nullable): a #GCancellable; it ends the wait, and the guest may still stop
 * @error: return location for a #GError
 *
 * Asks the guest to shut down, and forces it when its time is up. Volumes that are not persisted are recorded as the
 * guest has them last: what others have made of their disks is not lost.
 *
 * Returns: %TRUE when it is stopped, %FALSE with %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_BUSY,
 *   %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_stop (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return stop (self, grace_msec, cancellable, error);
}

static gpointer
stop_in_thread (gpointer source, gpointer grace, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (stop (HOTPLUG_VMI (source), GPOINTER_TO_INT (grace), cancellable, error));
}

/**
 * hotplug_vmi_stop_async:
 * @self: a VMI
 * @grace_msec: see hotplug_vmi_stop()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_stop().
 *
 * Since: 0.1
 */
void
hotplug_vmi_stop_async (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_stop_async, stop_in_thread, GINT_TO_POINTER (grace_msec), NULL, NULL,
                     cancellable, callback, user_data);
}

/**
 * hotplug_vmi_stop_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_stop()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_stop_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_stop_async, error) != NULL;
}

/**
 * hotplug_vmi_restart:
 * @self: a VMI
 * @grace_msec: see hotplug_vmi_stop()
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * hotplug_vmi_stop() and hotplug_vmi_start(). What hotplug_vmi_start() looks at is looked at before the VMI is stopped,
 * and all that is wrong is named: disks with their chains and media, networks, devices, files, sockets and processors
 * of the host; and where none of that is wrong, what libvirt's own trial says, of huge pages, nodes, secrets and
 * processor models. What only QEMU finds, such as a server on another machine that does not answer, it finds when the
 * VMI has stopped; the error says so.
 *
 * Returns: %TRUE when it runs again, %FALSE with %HOTPLUG_ERROR_VMI_TRANSIENT or an error of the two
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_restart (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return restart (self, grace_msec, cancellable, error);
}

static gpointer
restart_in_thread (gpointer source, gpointer grace, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (restart (HOTPLUG_VMI (source), GPOINTER_TO_INT (grace), cancellable, error));
}

/**
 * hotplug_vmi_restart_async:
 * @self: a VMI
 * @grace_msec: see hotplug_vmi_stop()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_restart().
 *
 * Since: 0.1
 */
void
hotplug_vmi_restart_async (HotplugVmi *self, int grace_msec, GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_restart_async, restart_in_thread, GINT_TO_POINTER (grace_msec), NULL, NULL,
                     cancellable, callback, user_data);
}

/**
 * hotplug_vmi_restart_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_restart()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_restart_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_restart_async, error) != NULL;
}
