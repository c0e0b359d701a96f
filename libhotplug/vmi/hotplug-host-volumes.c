/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "storage/hotplug-source-hold-private.h"
#include "vmi/hotplug-host-stores-private.h"
#include "vmi/hotplug-host-volume-use-private.h"

/* The data volumes of a host: functions of HotplugHost that live here, since host/ knows no volume. */

/* The store that has it, NULL if none has: HOTPLUG_ERROR_NOT_FOUND
 * @volume: (out) (nullable): as it is there */
static const HotplugStoreEntry *
find_volume (HotplugHost *self, GPtrArray *stores, const char *name, HotplugDataVolume **volume, GError **error)
{
  if (!_hotplug_name_check ("data volume", name, error))
    return NULL;

  /* One that can't be looked into, such as a pool that is not active, is told of where none of the others has it. */
  g_autoptr (GError) closed = NULL;
  for (guint i = 0; i < stores->len; i++)
    {
      const HotplugStoreEntry *store = g_ptr_array_index (stores, i);
      g_autoptr (GError) cause = NULL;

      *volume = _hotplug_host_store_get (self, store, name, &cause);
      if (*volume != NULL)
        return store;
      if (closed == NULL && !g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        closed = g_steal_pointer (&cause);
    }
  if (closed != NULL)
    return g_propagate_error (error, g_steal_pointer (&closed)), NULL;

  /* The same words with no store as with some that don't have it, but with the cure */
  if (stores->len == 0)
    return _hotplug_host_find_store (self, stores, NULL, error);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "data volume \"%s\": no store of host %s has it", name,
               hotplug_host_get_uri (self));
  return NULL;
}

static HotplugDataVolume *
get_volume (HotplugHost *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) stores = _hotplug_host_stores (self);
  HotplugDataVolume *volume = NULL;

  return find_volume (self, stores, name, &volume, error) != NULL ? volume : NULL;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (hotplug_data_volume_get_name (*(HotplugDataVolume *const *)a),
                 hotplug_data_volume_get_name (*(HotplugDataVolume *const *)b));
}

static GPtrArray *
list_volumes (HotplugHost *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) stores = _hotplug_host_stores (self);
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < stores->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;

      GPtrArray *found = _hotplug_host_store_list (self, g_ptr_array_index (stores, i), error);
      if (found == NULL)
        return NULL;
      g_ptr_array_extend_and_steal (volumes, found);
    }
  g_ptr_array_sort (volumes, compare_names);
  return g_steal_pointer (&volumes);
}

/* What is cloned must be whole, as CDI waits for it to be. */
static HotplugDataVolume *
find_source (HotplugHost *self, HotplugDataVolume *volume, GError **error)
{
  g_autoptr (HotplugDataVolume) source = get_volume (self, hotplug_data_volume_get_source_volume (volume), error);

  if (source == NULL || hotplug_data_volume_get_phase (source) == HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED)
    return g_steal_pointer (&source);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY,
               "data volume \"%s\": its source \"%s\" is not ready%s%s", hotplug_data_volume_get_name (volume),
               hotplug_data_volume_get_name (source), hotplug_data_volume_get_message (source) != NULL ? ": " : "",
               hotplug_data_volume_get_message (source) != NULL ? hotplug_data_volume_get_message (source) : "");
  return NULL;
}

/* One name in two stores would be two volumes that nobody can tell apart. */
static gboolean
check_free (HotplugHost *self, GPtrArray *stores, const HotplugStoreEntry *but, const char *name, GError **error)
{
  for (guint i = 0; i < stores->len; i++)
    {
      const HotplugStoreEntry *store = g_ptr_array_index (stores, i);
      g_autoptr (HotplugDataVolume) there = store != but ? _hotplug_host_store_get (self, store, name, NULL) : NULL;

      if (there == NULL)
        continue;
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "data volume \"%s\": store \"%s\" has one of that name",
                   name, store->name);
      return FALSE;
    }
  return TRUE;
}

/* What it is made of is not just written by somebody. */
static gboolean
check_still (HotplugHost *self, HotplugDataVolume *volume, HotplugDataVolume *source, GCancellable *cancellable,
             GError **error)
{
  const char *path = source != NULL ? hotplug_data_volume_get_path (source)
                                    : hotplug_data_volume_get_source_path (volume);

  return path == NULL
         || _hotplug_host_check_still (self, hotplug_data_volume_get_name (volume), path, cancellable, error);
}

static HotplugDataVolume *
create_volume (HotplugHost *self, HotplugDataVolume *volume, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) stores = _hotplug_host_stores (self);
  g_autoptr (HotplugDataVolume) source = NULL;

  if (g_cancellable_set_error_if_cancelled (cancellable, error)
      || !_hotplug_name_check ("data volume", hotplug_data_volume_get_name (volume), error))
    return NULL;

  const HotplugStoreEntry *store = _hotplug_host_find_store (self, stores, hotplug_data_volume_get_store (volume),
                                                             error);
  if (store == NULL || !check_free (self, stores, store, hotplug_data_volume_get_name (volume), error))
    return NULL;
  if (hotplug_data_volume_get_source_volume (volume) != NULL && (source = find_source (self, volume, error)) == NULL)
    return NULL;
  if (!check_still (self, volume, source, cancellable, error))
    return NULL;
  return _hotplug_host_store_create (self, store, volume, source, cancellable, error);
}

/* Nobody plugs it in between the look at the machines and the end of the volume. */
static gboolean
delete_volume (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) stores = _hotplug_host_stores (self);
  g_autoptr (HotplugDataVolume) volume = NULL;
  const HotplugStoreEntry *store = find_volume (self, stores, name, &volume, error);
  const char *path = volume != NULL ? hotplug_data_volume_get_path (volume) : NULL;
  int hold = HOTPLUG_SOURCE_HOLD_NONE;

  gboolean done = store != NULL && (path == NULL || _hotplug_source_claim (name, path, &hold, error))
                  && _hotplug_host_check_unused (self, store, volume, cancellable, error)
                  && _hotplug_host_store_delete (self, store, name, error);
  _hotplug_source_release (&hold);
  return done;
}

/**
 * hotplug_host_create_data_volume:
 * @self: a host
 * @volume: what is asked for
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Makes a volume in a store. What takes long tells how far it is to whoever looks meanwhile, by
 * hotplug_host_get_data_volume(). A cancel, an error, a full disk or the end of the process leaves nothing of it: a
 * volume has its name when it is whole and on the disk.
 *
 * qemu-img does what has to be copied: by descriptor, within limits, and never from a file that the image names. A file
 * is one of this machine, also if the volume is made in a pool of a remote host.
 *
 * Returns: (transfer full): the volume as the host has it, or %NULL with %HOTPLUG_ERROR_EXISTS,
 *   %HOTPLUG_ERROR_NOT_FOUND (no such store, or no volume to clone), %HOTPLUG_ERROR_BUSY (it is just being made),
 *   %HOTPLUG_ERROR_SOURCE_MISSING, %HOTPLUG_ERROR_SOURCE_NOT_READY, %HOTPLUG_ERROR_SOURCE_IN_USE,
 *   %HOTPLUG_ERROR_INVALID_ARGUMENT, %HOTPLUG_ERROR_PERMISSION or %HOTPLUG_ERROR_FAILED
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_host_create_data_volume (HotplugHost *self, HotplugDataVolume *volume, GCancellable *cancellable,
                                 GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (volume), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return create_volume (self, volume, cancellable, error);
}

static gpointer
create_data_volume_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return create_volume (HOTPLUG_HOST (source), HOTPLUG_DATA_VOLUME (data), cancellable, error);
}

/**
 * hotplug_host_create_data_volume_async:
 * @self: a host
 * @volume: what is asked for
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_create_data_volume().
 *
 * Since: 0.1
 */
void
hotplug_host_create_data_volume_async (HotplugHost *self, HotplugDataVolume *volume, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (HOTPLUG_IS_DATA_VOLUME (volume));

  _hotplug_task_run (self, hotplug_host_create_data_volume_async, create_data_volume_in_thread, g_object_ref (volume),
                     g_object_unref, g_object_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_create_data_volume_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_create_data_volume()
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_host_create_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_create_data_volume_async, error);
}

/**
 * hotplug_host_get_data_volume:
 * @self: a host
 * @name: the volume's name
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks a volume up in the host's stores, the default one first. It may be one that is just being made.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_NOT_FOUND or %HOTPLUG_ERROR_INVALID_NAME
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_host_get_data_volume (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return get_volume (self, name, error);
}

static gpointer
get_data_volume_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return get_volume (HOTPLUG_HOST (source), data, error);
}

/**
 * hotplug_host_get_data_volume_async:
 * @self: a host
 * @name: the volume's name
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_get_data_volume().
 *
 * Since: 0.1
 */
void
hotplug_host_get_data_volume_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (name != NULL);

  _hotplug_task_run (self, hotplug_host_get_data_volume_async, get_data_volume_in_thread, g_strdup (name), g_free,
                     g_object_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_get_data_volume_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_host_get_data_volume()
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_host_get_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_get_data_volume_async, error);
}

/**
 * hotplug_host_list_data_volumes:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Lists the volumes of all stores of a host, also those that are just being made.
 *
 * Returns: (transfer container) (element-type HotplugDataVolume): the volumes, sorted by name, or %NULL with an error
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_data_volumes (HotplugHost *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return list_volumes (self, cancellable, error);
}

static gpointer
list_data_volumes_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return list_volumes (HOTPLUG_HOST (source), cancellable, error);
}

/**
 * hotplug_host_list_data_volumes_async:
 * @self: a host
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_list_data_volumes().
 *
 * Since: 0.1
 */
void
hotplug_host_list_data_volumes_async (HotplugHost *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));

  _hotplug_task_run (self, hotplug_host_list_data_volumes_async, list_data_volumes_in_thread, NULL, NULL,
                     (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_host_list_data_volumes_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugDataVolume): as hotplug_host_list_data_volumes()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_host_list_data_volumes_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_host_list_data_volumes_async, error);
}

/**
 * hotplug_host_delete_data_volume:
 * @self: a host
 * @name: the volume's name
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Deletes a volume and all that is on it. One that a VMI of the host has, running, saved or in its template, is not
 * deleted.
 *
 * Returns: %FALSE with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_SOURCE_IN_USE, %HOTPLUG_ERROR_BUSY (it is just being
 *   made, or plugged in)
 *   or %HOTPLUG_ERROR_PERMISSION
 *
 * Since: 0.1
 */
gboolean
hotplug_host_delete_data_volume (HotplugHost *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_HOST (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return delete_volume (self, name, cancellable, error);
}

static gpointer
delete_data_volume_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (delete_volume (HOTPLUG_HOST (source), data, cancellable, error));
}

/**
 * hotplug_host_delete_data_volume_async:
 * @self: a host
 * @name: the volume's name
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_host_delete_data_volume().
 *
 * Since: 0.1
 */
void
hotplug_host_delete_data_volume_async (HotplugHost *self, const char *name, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_HOST (self));
  g_return_if_fail (name != NULL);

  _hotplug_task_run (self, hotplug_host_delete_data_volume_async, delete_data_volume_in_thread, g_strdup (name), g_free,
                     NULL, cancellable, callback, user_data);
}

/**
 * hotplug_host_delete_data_volume_finish:
 * @self: a host
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: %FALSE with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_SOURCE_IN_USE, %HOTPLUG_ERROR_BUSY (it is just being
 *   made, or plugged in)
 *   or %HOTPLUG_ERROR_PERMISSION: as hotplug_host_delete_data_volume()
 *
 * Since: 0.1
 */
gboolean
hotplug_host_delete_data_volume_finish (HotplugHost *self, GAsyncResult *result, GError **error)
{
  return GPOINTER_TO_INT (_hotplug_task_finish (self, result, hotplug_host_delete_data_volume_async, error));
}
