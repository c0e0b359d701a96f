/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "host/hotplug-host-private.h"
#include "host/hotplug-libvirt-private.h"
#include "vmi/hotplug-host-configuration-private.h"

/* Functions of HotplugHost that live here, since a host is opened with its configuration, and host/ looks at no
 * files. */

#define URI_VARIABLE "HOTPLUG_URI"

static HotplugHost *
open_host (const char *uri, GMainContext *context, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  const char *named = uri != NULL ? uri : g_getenv (URI_VARIABLE);
  /* before libvirt is asked, since an embedded driver can't be asked twice */
  g_autoptr (HotplugConfiguration) configuration = _hotplug_host_configuration_load (named, error);
  if (configuration == NULL)
    return NULL;

  g_autoptr (HotplugConnection) connection = _hotplug_libvirt_new (named);
  HotplugHost *self = _hotplug_host_new (connection, context, error);
  if (self != NULL)
    _hotplug_host_set_configuration (self, configuration);
  return self;
}

/**
 * hotplug_host_open:
 * @uri: (nullable): a libvirt URI; %NULL for the environment variable `HOTPLUG_URI`, and if that is not set for
 *   libvirt's own default
 * @cancellable: (nullable): a #GCancellable; looked at before libvirt is called
 * @error: return location for a #GError
 *
 * Opens the connection to a host.
 *
 * `qemu:///embed?root=DIR` runs QEMU without a daemon, in this process. DIR, an absolute path, is made if it is not
 * there. It has one process at a time, and a process has one for ever: another one is refused with %HOTPLUG_ERROR_BUSY.
 * So is one that is too long for the sockets below it, with %HOTPLUG_ERROR_INVALID_ARGUMENT. Machines outlive the
 * process.
 *
 * Nothing is asked on the terminal: passwords that a host wants are read from libvirt's auth.conf.
 *
 * libvirt prints errors on standard error unless told otherwise. libhotplug tells it, for its own connections, and for
 * the whole process if no libvirt event loop was registered before, since then nobody else in it speaks libvirt.
 *
 * The host's configuration, hotplug.conf(5), is read here, once. What is wrong with it is
 * %HOTPLUG_ERROR_INVALID_ARGUMENT, with file and line, before anything else is tried.
 *
 * Returns: (transfer full): the host, or %NULL with %HOTPLUG_ERROR_CONNECTION, %HOTPLUG_ERROR_PERMISSION,
 *   %HOTPLUG_ERROR_BUSY or %HOTPLUG_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
HotplugHost *
hotplug_host_open (const char *uri, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return open_host (uri, g_main_context_get_thread_default (), cancellable, error);
}

typedef struct
{
  char *uri;
  GMainContext *context;
} OpenData;

static void
free_open_data (gpointer data)
{
  OpenData *open = data;

  g_free (open->uri);
  g_main_context_unref (open->context);
  g_free (open);
}

static gpointer
open_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  OpenData *open = data;

  return open_host (open->uri, open->context, cancellable, error);
}

/**
 * hotplug_host_open_async:
 * @uri: (nullable): see hotplug_host_open()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_open().
 *
 * Since: 0.1
 */
void
hotplug_host_open_async (const char *uri, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  OpenData *data = g_new0 (OpenData, 1);

  data->uri = g_strdup (uri);
  data->context = g_main_context_ref_thread_default ();
  _hotplug_task_run (NULL, hotplug_host_open_async, open_in_thread, data, free_open_data, g_object_unref, cancellable,
                     callback, user_data);
}

/**
 * hotplug_host_open_finish:
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_open()
 *
 * Since: 0.1
 */
HotplugHost *
hotplug_host_open_finish (GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (NULL, result, hotplug_host_open_async, error);
}
