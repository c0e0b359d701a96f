/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The one way from a blocking call to its asynchronous twin: the call runs in a thread, and what it returned ends in
 * the caller's thread-default main context. A call that only succeeds returns a pointer that is not NULL. */
typedef gpointer (*HotplugTaskFunc) (gpointer source, gpointer data, GCancellable *cancellable, GError **error);

/* @source: (nullable): the object that the call is of; referenced until it is done
 * @tag: the public function, which finish checks
 * @free_result: (nullable): for a result that nobody took */
void _hotplug_task_run (gpointer source, gpointer tag, HotplugTaskFunc func, gpointer data, GDestroyNotify free_data,
                        GDestroyNotify free_result, GCancellable *cancellable, GAsyncReadyCallback callback,
                        gpointer user_data);

/* Where a signal goes: @func runs later, when @context (nullable: the default one) does, and never in this thread
 * before */
void _hotplug_main_context_queue (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify free_data);

gpointer _hotplug_task_finish (gpointer source, GAsyncResult *result, gpointer tag, GError **error);

G_END_DECLS
