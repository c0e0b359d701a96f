/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-vmi.h>

#include "base/hotplug-task-private.h"
#include "host/hotplug-host-private.h"
#include "vmi/hotplug-session-private.h"

/* The VMIs of a host: functions of HotplugHost that live here, since host/ knows no VMI. */

typedef struct
{
  char *name; /* nullable */
  GMainContext *context;
} Request;

static Request *
new_request (const char *name)
{
  Request *request = g_new0 (Request, 1);

  request->name = g_strdup (name);
  request->context = g_main_context_ref_thread_default ();
  return request;
}

static void
free_request (gpointer data)
{
  Request *request = data;

  g_free (request->name);
  g_main_context_unref (request->context);
  g_free (request);
}

/* What a killed client left is brought to an end by whoever opens the machine next. The lock tells it from what a
 * living one is doing. */
static void
recover (HotplugVmi *vmi, GCancellable *cancellable)
{
  const char *directory = _hotplug_vmi_get_runtime_directory (vmi);
  g_autofree char *text = _hotplug_machine_lock_peek (directory, hotplug_vmi_get_uuid (vmi));
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (text);
  g_autoptr (GError) error = NULL;

  if ((journal->intent.kind == HOTPLUG_INTENT_NONE && journal->late_start == 0)
      || _hotplug_machine_lock_is_held (directory, hotplug_vmi_get_uuid (vmi)))
    return;

  g_autoptr (HotplugSession) session = _hotplug_session_begin (vmi, cancellable, &error);
  if (session == NULL)
    g_debug ("vmi \"%s\": left for the next call: %s", hotplug_vmi_get_name (vmi), error->message);
}

static HotplugVmi *
get_vmi (HotplugHost *self, const char *name_or_uuid, GMainContext *context, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  g_autofree char *uuid = _hotplug_connection_find_machine (_hotplug_host_get_connection (self), name_or_uuid, &name,
                                                            error);
  if (uuid == NULL)
    return NULL;

  HotplugVmi *vmi = _hotplug_vmi_new (self, uuid, name, context);
  recover (vmi, cancellable);
  return vmi;
}

/**
 * hotplug_host_get_vmi:
 * @self: a host
 * @name: the VMI's name or UUID
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks a VMI up. What a client that was killed had begun on it is completed or taken back first, unless somebody else
 * is just at that; until it is done, statuses tell of such an add as `Pending`, and of a removal as `Detaching`.
 *
 * Returns: (transfer full): the VMI, or %NULL with %HOTPLUG_ERROR_NOT_FOUND or %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
HotplugVmi *
hotplug_host_get_vmi (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_vmi (self, name, g_main_context_get_thread_default (), cancellable, error);
}

static gpointer
get_vmi_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;

  return get_vmi (HOTPLUG_HOST (source), request->name, request->context, cancellable, error);
}

/**
 * hotplug_host_get_vmi_async:
 * @self: a host
 * @name: the VMI's name or UUID
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_get_vmi().
 *
 * Since: 0.1
 */
void
hotplug_host_get_vmi_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (name != NULL);

  _hotplug_task_run (self, hotplug_host_get_vmi_async, get_vmi_in_thread, new_request (name), free_request,
                     g_object_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_get_vmi_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_get_vmi()
 *
 * Since: 0.1
 */
HotplugVmi *
hotplug_host_get_vmi_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_get_vmi_async, error);
}

/* A machine that goes between the two looks is left out. */
static GPtrArray *
list_vmis (HotplugHost *self, GMainContext *context, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  g_auto (GStrv) uuids = _hotplug_connection_list_machines (_hotplug_host_get_connection (self), error);
  if (uuids == NULL)
    return NULL;

  g_autoptr (GPtrArray) vmis = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; uuids[i] != NULL; i++)
    {
      g_autoptr (GError) gone = NULL;
      HotplugVmi *vmi = get_vmi (self, uuids[i], context, cancellable, &gone);

      if (vmi != NULL)
        g_ptr_array_add (vmis, vmi);
      else if (!g_error_matches (gone, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&gone));
          return NULL;
        }
    }
  return g_steal_pointer (&vmis);
}

/**
 * hotplug_host_list_vmis:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugVmi): all VMIs of the host, running or not, or %NULL with
 *   %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_vmis (HotplugHost *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return list_vmis (self, g_main_context_get_thread_default (), cancellable, error);
}

static gpointer
list_vmis_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;

  return list_vmis (HOTPLUG_HOST (source), request->context, cancellable, error);
}

/**
 * hotplug_host_list_vmis_async:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_list_vmis().
 *
 * Since: 0.1
 */
void
hotplug_host_list_vmis_async (HotplugHost *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));

  _hotplug_task_run (self, hotplug_host_list_vmis_async, list_vmis_in_thread, new_request (NULL), free_request,
                     (GDestroyNotify) g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_list_vmis_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugVmi): as hotplug_host_list_vmis()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_vmis_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_list_vmis_async, error);
}
