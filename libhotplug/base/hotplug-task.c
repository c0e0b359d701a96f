/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"

typedef struct
{
  HotplugTaskFunc func;
  gpointer data;
  GDestroyNotify free_data;
  GDestroyNotify free_result;
} Call;

static void
free_call (gpointer data)
{
  Call *call = data;

  if (call->free_data != NULL)
    call->free_data (call->data);
  g_free (call);
}

static void
run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Call *call = data;
  g_autoptr (GError) error = NULL;
  gpointer result = call->func (source, call->data, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, result, call->free_result);
}

void
_hotplug_task_run (gpointer source, gpointer tag, HotplugTaskFunc func, gpointer data, GDestroyNotify free_data,
                   GDestroyNotify free_result, GCancellable *cancellable, GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  *call = (Call){ func, data, free_data, free_result };
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, call, free_call);
  /* What was done is told, also to somebody who cancelled meanwhile. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run);
}

gpointer
_hotplug_task_finish (gpointer source, GAsyncResult *result, gpointer tag, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, tag), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
_hotplug_main_context_queue (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify free_data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, free_data);
  g_source_attach (source, context);
}
