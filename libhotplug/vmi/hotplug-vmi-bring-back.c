/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "vmi/hotplug-report-private.h"
#include "vmi/hotplug-session-private.h"

/* A machine that others have started lacks what is recorded: it runs already, so that each volume stands for itself. */

/* By alias: the records are read anew while devices are plugged */
static GPtrArray *
list_missing (HotplugSession *session)
{
  GPtrArray *missing = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; session->template != NULL && i < session->template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (session->template->records, i);

      if (_hotplug_session_lacks (session, record))
        g_ptr_array_add (missing, g_strdup (_hotplug_record_alias (record)));
    }
  return missing;
}

static void
report_volume (HotplugSession *session, const HotplugDisk *disk, const GError *refused, GPtrArray *statuses)
{
  const HotplugDisk *there = refused == NULL ? _hotplug_domain_find_alias (session->live, disk->alias) : NULL;
  HotplugVolumeStatus *status
      = _hotplug_report_disk (session, there != NULL ? there : disk,
                              refused == NULL ? HOTPLUG_VOLUME_PHASE_READY : HOTPLUG_VOLUME_PHASE_FAILED,
                              refused != NULL ? refused->message : NULL);

  g_ptr_array_add (statuses, status);
  _hotplug_vmi_emit_status (session->vmi, status);
}

static HotplugInterfacePhase
phase_of (const HotplugRecord *device, const GError *refused)
{
  return refused == NULL                            ? HOTPLUG_INTERFACE_PHASE_READY
         : _hotplug_session_waits (device, refused) ? HOTPLUG_INTERFACE_PHASE_PENDING
                                                    : HOTPLUG_INTERFACE_PHASE_FAILED;
}

static void
report_interface (HotplugSession *session, const HotplugRecord *device, const GError *refused)
{
  const HotplugNic *nic = device->nic;
  const HotplugNic *there = refused == NULL ? _hotplug_domain_find_nic (session->live, nic->alias) : NULL;
  g_autoptr (HotplugInterfaceStatus)
      status = _hotplug_report_nic (session, there != NULL ? there : nic, phase_of (device, refused),
                                    refused != NULL ? refused->message : NULL);

  _hotplug_vmi_emit_interface_status (session->vmi, status);
}

/* %FALSE only if it is not known how the device stands. A refusal is its status, and is kept as that of an add is. */
static gboolean
bring_one_back (HotplugSession *session, const HotplugRecord *recorded, GPtrArray *statuses, GError **error)
{
  /* the session's snapshots are read anew below, and @recorded is in one of them */
  g_autoptr (HotplugRecord) device = _hotplug_record_copy (recorded);
  g_autoptr (GError) refused = NULL;
  gboolean done = _hotplug_session_bring_one_back (session, device, &refused);

  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  if (!_hotplug_session_refresh (session, error))
    return FALSE;

  gboolean failed = !done && !_hotplug_session_waits (device, refused);
  _hotplug_journal_set_refusal (session->journal, _hotplug_record_alias (device), failed ? refused->message : NULL);
  _hotplug_session_store (session, NULL);
  if (device->disk != NULL)
    report_volume (session, device->disk, refused, statuses);
  else
    report_interface (session, device, refused);
  return TRUE;
}

gboolean
_hotplug_session_bring_each_back (HotplugSession *session, GPtrArray *statuses, GError **error)
{
  g_autoptr (GPtrArray) missing = list_missing (session);

  for (guint i = 0; session->live != NULL && i < missing->len; i++)
    {
      const HotplugRecord *record = _hotplug_domain_find_record (session->template, g_ptr_array_index (missing, i));

      if (record != NULL && _hotplug_session_lacks (session, record)
          && !bring_one_back (session, record, statuses, error))
        return FALSE;
    }
  return _hotplug_session_attach_pending (session, error) && _hotplug_session_follow (session, session->live, error);
}

static GPtrArray *
bring_back (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
  g_autoptr (GPtrArray) statuses = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_volume_status_unref);

  if (session == NULL)
    return NULL;
  if (session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING, "vmi \"%s\" is not running",
                   hotplug_vmi_get_name (self));
      return NULL;
    }

  return _hotplug_session_bring_each_back (session, statuses, error) ? g_steal_pointer (&statuses) : NULL;
}

/**
 * hotplug_vmi_bring_back_volumes:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs the volumes, and the interfaces, that were plugged without %HOTPLUG_PLUG_PERSIST, and that a running VMI lacks
 * because others than hotplug_vmi_start() have started it, and interfaces that waited for a bridge which the host now
 * has. Its guest may run already, and sees them come. One that is refused does not keep the others out. How an
 * interface stands is told by #HotplugVmi::interface-status-changed alone.
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): how each of these volumes stands, in phase
 *   %HOTPLUG_VOLUME_PHASE_READY or %HOTPLUG_VOLUME_PHASE_FAILED, and none if none was missing; %NULL with
 *   %HOTPLUG_ERROR_VMI_NOT_RUNNING or %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_bring_back_volumes (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return bring_back (self, cancellable, error);
}

static gpointer
bring_back_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return bring_back (HOTPLUG_VMI (source), cancellable, error);
}

/**
 * hotplug_vmi_bring_back_volumes_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_bring_back_volumes().
 *
 * Since: 0.1
 */
void
hotplug_vmi_bring_back_volumes_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_bring_back_volumes_async, bring_back_in_thread, NULL, NULL,
                     (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_bring_back_volumes_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): as hotplug_vmi_bring_back_volumes()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_bring_back_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_bring_back_volumes_async, error);
}
