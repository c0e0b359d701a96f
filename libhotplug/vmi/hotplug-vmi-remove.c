/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-removal-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"

#define TIMEOUT_DEFAULT (30 * 1000)

/* How long a removal keeps others off the machine. A guest that answers does so in a tenth of this; one that does not is
 * waited for with the lock given back and the removal recorded. */
#define LOCKED_WAIT (1 * G_TIME_SPAN_SECOND)

/* One removal, from the check to the guest's answer */
typedef struct
{
  HotplugVmi *vmi;
  const char *name;
  char *alias;
  gint64 until;
  HotplugRemoval *waiter; /* nullable: nothing is live */
  HotplugDisk *disk;      /* what the live machine has */
  HotplugDisk *template;  /* what the template had, for the way back */
  gboolean recorded;      /* it was not persisted, and would have come back at a start */
  gboolean removing;      /* the guest was asked before, and nothing is left to put back */
} Work;

static void
clear_work (Work *work)
{
  g_clear_pointer (&work->waiter, _hotplug_removal_free);
  g_clear_pointer (&work->disk, _hotplug_disk_free);
  g_clear_pointer (&work->template, _hotplug_disk_free);
  g_clear_pointer (&work->alias, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, clear_work)

static gboolean
change_template (HotplugSession *session, const HotplugDisk *disk, gboolean attach, GError **error)
{
  g_autofree char *xml = _hotplug_disk_to_xml (disk);
  const char *uuid = hotplug_vmi_get_uuid (session->vmi);

  return attach ? _hotplug_connection_attach (session->connection, uuid, HOTPLUG_SIDE_TEMPLATE, xml, error)
                : _hotplug_connection_detach (session->connection, uuid, HOTPLUG_SIDE_TEMPLATE, xml, error);
}

/* Out of the template and the records, so that it is not back at the next start whatever the guest says */
static gboolean
forget (HotplugSession *session, Work *work, GError **error)
{
  const HotplugDisk *configured = _hotplug_domain_find_alias (session->template, work->alias);
  const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), work->alias);
  g_autoptr (GError) refused = NULL;

  if (configured != NULL)
    {
      if (change_template (session, configured, FALSE, &refused))
        work->template = _hotplug_disk_copy (configured);
      else if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
    }

  /* the record of a removal under way stays until the guest has answered */
  work->removing = work->disk != NULL && record != NULL && record->state == HOTPLUG_RECORD_REMOVING;
  if (record == NULL || work->removing)
    return TRUE;

  gboolean attached = record->state == HOTPLUG_RECORD_ATTACHED;
  if (!_hotplug_session_drop_record (session, work->alias, error))
    return FALSE;
  work->recorded = attached;
  return TRUE;
}

/* The guest keeps it, so it is persisted, or recorded, as before, and the intent is struck. If that can't be done now, the
 * intent stays: what is out of the template is then to go from the guest too, and the next session asks again. */
static void
put_back (HotplugSession *session, Work *work)
{
  g_autoptr (GError) failed = NULL;
  gboolean done = TRUE;

  if (work->template != NULL)
    done = change_template (session, work->template, TRUE, &failed);
  if (done && work->recorded && work->disk != NULL)
    done = _hotplug_session_write_record (session, HOTPLUG_RECORD_ATTACHED, work->disk, &failed);
  else if (done)
    done = _hotplug_session_drop_record (session, work->alias, &failed);
  if (done)
    _hotplug_session_strike (session);
  else
    g_debug ("vmi \"%s\": volume \"%s\" can't be put back: %s", hotplug_vmi_get_name (session->vmi), work->name,
             failed->message);
}

static gboolean
set_refused (Work *work, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR, "vmi \"%s\": the guest refused to let go of volume \"%s\"",
               hotplug_vmi_get_name (work->vmi), work->name);
  return FALSE;
}

static gboolean
finish (HotplugSession *session, Work *work, GError **error)
{
  if (!_hotplug_session_drop_record (session, work->alias, error))
    return FALSE;
  _hotplug_session_strike (session);
  _hotplug_vmi_emit_removed (work->vmi, work->name);
  return TRUE;
}

static void
tell_detaching (HotplugSession *session, Work *work)
{
  g_autoptr (HotplugVolumeStatus) status
      = _hotplug_report_disk (session, work->disk, HOTPLUG_VOLUME_PHASE_DETACHING, NULL);

  _hotplug_vmi_emit_status (work->vmi, status);
}

/* A step failed. If that was the connection, nobody knows what came of it: the intent stays, and the next session carries
 * the removal on. */
static gboolean
give_up (HotplugSession *session, Work *work, GError *refused, GError **error)
{
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      if (work->removing)
        _hotplug_session_strike (session);
      else
        put_back (session, work);
    }
  g_propagate_error (error, refused);
  return FALSE;
}

/* The part under the lock. @answer: WAITING if the guest has not answered, and the removal is recorded */
static gboolean
begin_removal (HotplugSession *session, Work *work, HotplugRemovalAnswer *answer, GError **error)
{
  g_autoptr (GError) refused = NULL;

  *answer = HOTPLUG_REMOVAL_GONE;
  if (!_hotplug_session_intend (session, HOTPLUG_INTENT_REMOVE, work->name, error))
    return FALSE;
  if (!forget (session, work, &refused))
    return give_up (session, work, g_steal_pointer (&refused), error);
  if (work->disk == NULL)
    return finish (session, work, error);

  tell_detaching (session, work);
  work->waiter = _hotplug_removal_new (work->vmi, work->alias);
  if (!_hotplug_removal_ask (work->waiter, &refused))
    return give_up (session, work, g_steal_pointer (&refused), error);

  /* Not cancellable: the guest has been asked, and that must be written down first. */
  _hotplug_removal_wait (work->waiter, MIN (work->until, g_get_monotonic_time () + LOCKED_WAIT), NULL, answer, NULL);
  if (*answer == HOTPLUG_REMOVAL_GONE)
    return finish (session, work, error);
  if (*answer == HOTPLUG_REMOVAL_REFUSED)
    {
      put_back (session, work);
      return set_refused (work, error);
    }

  if (!_hotplug_session_write_record (session, HOTPLUG_RECORD_REMOVING, work->disk, error))
    return FALSE;
  _hotplug_session_strike (session);
  return TRUE;
}

/* The part without the lock: the machine is others' meanwhile, and the record keeps the name and the place taken. */
static gboolean
await_removal (Work *work, GCancellable *cancellable, GError **error)
{
  HotplugRemovalAnswer answer;

  if (!_hotplug_removal_wait (work->waiter, work->until, cancellable, &answer, error))
    return FALSE;

  if (answer == HOTPLUG_REMOVAL_WAITING)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT,
                   "vmi \"%s\": the guest has not let go of volume \"%s\"; it stays Detaching until it does",
                   hotplug_vmi_get_name (work->vmi), work->name);
      return FALSE;
    }

  /* beginning a session settles what has gone; a transient machine may have gone with it */
  g_autoptr (GError) refused = NULL;
  g_autoptr (HotplugSession) session = _hotplug_session_begin (work->vmi, NULL, &refused);
  if (answer == HOTPLUG_REMOVAL_GONE
      && (session != NULL || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND)))
    return TRUE;
  if (session == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }

  put_back (session, work);
  return set_refused (work, error);
}

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  if (session->live != NULL || (flags & HOTPLUG_PLUG_PERSIST))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
               "vmi \"%s\" is not running; with persist a volume is removed from its template",
               hotplug_vmi_get_name (session->vmi));
  return FALSE;
}

/* A volume that the hypervisor refused has nothing but its status. */
static gboolean
forget_refusal (HotplugSession *session, const char *name)
{
  HotplugSides sides = _hotplug_session_sides (session);

  if (_hotplug_admission_remove (&sides, name, NULL) || !_hotplug_journal_set_refusal (session->journal, name, NULL))
    return FALSE;

  _hotplug_session_store (session, NULL);
  _hotplug_vmi_emit_removed (session->vmi, name);
  return TRUE;
}

static gboolean
remove_volume (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable,
               GError **error)
{
  g_auto (Work) work = { .vmi = self, .name = name };
  HotplugRemovalAnswer answer;
  gint64 start = g_get_monotonic_time ();

  if (!_hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_VOLUMES, error))
    return FALSE;

  work.until = start + (timeout_msec >= 0 ? timeout_msec : TIMEOUT_DEFAULT) * G_TIME_SPAN_MILLISECOND;
  work.alias = _hotplug_volume_alias (name);
  {
    g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
    if (session == NULL)
      return FALSE;

    if (!(flags & HOTPLUG_PLUG_DRY_RUN) && forget_refusal (session, name))
      return TRUE;

    HotplugSides sides = _hotplug_session_sides (session);
    if (!_hotplug_admission_remove (&sides, name, error) || !check_sides (session, flags, error))
      return FALSE;
    if (flags & HOTPLUG_PLUG_DRY_RUN)
      return TRUE;

    const HotplugDisk *live = _hotplug_domain_find_alias (session->live, work.alias);
    work.disk = live != NULL ? _hotplug_disk_copy (live) : NULL;
    if (!begin_removal (session, &work, &answer, error))
      return FALSE;
  }

  if (answer == HOTPLUG_REMOVAL_WAITING && !await_removal (&work, cancellable, error))
    return FALSE;
  g_debug ("vmi \"%s\": volume \"%s\" removed in %.1f ms", hotplug_vmi_get_name (self), name,
           (double) (g_get_monotonic_time () - start) / 1000);
  return TRUE;
}

/**
 * hotplug_vmi_remove_volume:
 * @self: a VMI
 * @name: the volume's name
 * @flags: %HOTPLUG_PLUG_PERSIST is needed for a VMI that is stopped; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @timeout_msec: how long to wait for the guest, in milliseconds; -1 for half a minute, 0 to ask and not wait
 * @cancellable: (nullable): a #GCancellable; it ends the wait, not the removal
 * @error: return location for a #GError
 *
 * Unplugs a volume that libhotplug plugged, out of the template and out of the running VMI, and returns when the guest has
 * really let go of it. Of a SCSI volume that is the hypervisor's word: QEMU takes it away without waiting for the guest, whose
 * kernel drops the name of the disk a moment later. A virtio volume goes only when the guest says so.
 *
 * A guest that does not answer in time gives %HOTPLUG_ERROR_TIMEOUT. The volume is then in phase
 * %HOTPLUG_VOLUME_PHASE_DETACHING, its name and its target stay taken, and it won't be back at the next start. When the
 * guest lets go later the record follows: at once in a process that has the VMI open, else with its next call. The call may
 * be repeated: it asks again and waits again.
 *
 * Removing a volume of phase %HOTPLUG_VOLUME_PHASE_FAILED forgets that it failed.
 *
 * Returns: %TRUE when it is gone, %FALSE with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
 *   %HOTPLUG_ERROR_TIMEOUT, %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volume (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_volume (self, name, flags, timeout_msec, cancellable, error);
}

typedef struct
{
  char *name;
  HotplugPlugFlags flags;
  int timeout_msec;
} RemoveData;

static void
free_remove_data (gpointer data)
{
  RemoveData *remove = data;

  g_free (remove->name);
  g_free (remove);
}

static gpointer
remove_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  RemoveData *remove = data;

  return GINT_TO_POINTER (
      remove_volume (HOTPLUG_VMI (source), remove->name, remove->flags, remove->timeout_msec, cancellable, error));
}

/**
 * hotplug_vmi_remove_volume_async:
 * @self: a VMI
 * @name: the volume's name
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: see hotplug_vmi_remove_volume()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async): called when it is done
 * @user_data: (closure): data for @callback
 *
 * The asynchronous twin of hotplug_vmi_remove_volume().
 *
 * Since: 0.1
 */
void
hotplug_vmi_remove_volume_async (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (name != NULL);

  RemoveData *data = g_new0 (RemoveData, 1);
  data->name = g_strdup (name);
  data->flags = flags;
  data->timeout_msec = timeout_msec;
  _hotplug_task_run (self, hotplug_vmi_remove_volume_async, remove_in_thread, data, free_remove_data, NULL, cancellable,
                     callback, user_data);
}

/**
 * hotplug_vmi_remove_volume_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_remove_volume()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volume_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_remove_volume_async, error) != NULL;
}
