/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-report-private.h"

static HotplugVmiStatus *
query_status (HotplugVmi *self, gboolean guest_too, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_look (self, error);
  g_autoptr (GArray) guest = session != NULL && guest_too ? _hotplug_report_look_into_guest (session) : NULL;
  return session != NULL ? _hotplug_report_vmi (session, guest) : NULL;
}

/**
 * hotplug_vmi_query_status:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks at the VMI. It waits for no other call on the VMI. A guest agent is asked for the guest's interfaces and their
 * addresses, and waited for some seconds at most; where it does not tell of an interface, the leases of libvirt's
 * networks and the host's ARP table do. What nobody knows is missing, which is no error.
 *
 * What another client is just adding is `Pending`, also if the machine has it already: it may still be taken back.
 *
 * Returns: (transfer full): how it stands, or %NULL with %HOTPLUG_ERROR_NOT_FOUND or %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
HotplugVmiStatus *
hotplug_vmi_query_status (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return query_status (self, TRUE, cancellable, error);
}

static gpointer
query_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return query_status (HOTPLUG_VMI (source), TRUE, cancellable, error);
}

/**
 * hotplug_vmi_query_status_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_query_status().
 *
 * Since: 0.1
 */
void
hotplug_vmi_query_status_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_query_status_async, query_in_thread, NULL, NULL,
                     (GDestroyNotify) hotplug_vmi_status_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_query_status_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_query_status()
 *
 * Since: 0.1
 */
HotplugVmiStatus *
hotplug_vmi_query_status_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_query_status_async, error);
}

static GPtrArray *
list_volume_statuses (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugVmiStatus) status = query_status (self, FALSE, cancellable, error);

  return status != NULL ? hotplug_vmi_status_list_volumes (status) : NULL;
}

/**
 * hotplug_vmi_list_volume_statuses:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * The volumes of hotplug_vmi_query_status().
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): a status for each disk, hotplugged or not, sorted
 *   by name, or %NULL with %HOTPLUG_ERROR_NOT_FOUND or %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_list_volume_statuses (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return list_volume_statuses (self, cancellable, error);
}

static gpointer
list_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return list_volume_statuses (HOTPLUG_VMI (source), cancellable, error);
}

/**
 * hotplug_vmi_list_volume_statuses_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_list_volume_statuses().
 *
 * Since: 0.1
 */
void
hotplug_vmi_list_volume_statuses_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                        gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_list_volume_statuses_async, list_in_thread, NULL, NULL,
                     (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_list_volume_statuses_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): as hotplug_vmi_list_volume_statuses()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_list_volume_statuses_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_list_volume_statuses_async, error);
}
