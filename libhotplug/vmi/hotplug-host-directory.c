/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-host-private.h"
#include "storage/hotplug-store-private.h"
#include "vmi/hotplug-host-stores-private.h"
#include "vmi/hotplug-host-user-private.h"

/* A store that is a directory of this machine */

/* A directory of this machine means nothing to another one. */
static HotplugStore *
open_directory (HotplugHost *self, const HotplugStoreEntry *store, gboolean make, GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  const char *uri = hotplug_host_get_uri (self);

  if (_hotplug_connection_is_local (connection))
    return _hotplug_store_open (store->name, store->path, FALSE, make, error);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "store %s is a directory of this machine, and host %s is another one: name a pool", store->path, uri);
  return NULL;
}

static GPtrArray *
list (HotplugHost *self, const HotplugStoreEntry *store, GError **error)
{
  g_autoptr (GError) cause = NULL;

  /* One configuration serves several hosts, and the pools of another one can be told. */
  if (!_hotplug_connection_is_local (_hotplug_host_get_connection (self)))
    return g_ptr_array_new_with_free_func (g_object_unref);

  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, &cause);
  if (directory != NULL)
    return _hotplug_store_list (directory, error);
  if (g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return g_ptr_array_new_with_free_func (g_object_unref);

  g_propagate_error (error, g_steal_pointer (&cause));
  return NULL;
}

static HotplugDataVolume *
get (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, error);
  return directory != NULL ? _hotplug_store_get (directory, name, error) : NULL;
}

static HotplugDataVolume *
create (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume, HotplugDataVolume *source,
        GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugStore) directory = open_directory (self, store, TRUE, error);
  HotplugMachineUser user;
  if (directory == NULL
      || (_hotplug_host_find_user (_hotplug_host_get_connection (self), &user)
          && !_hotplug_store_share (directory, &user, error)))
    return NULL;
  return _hotplug_store_create (directory, volume, source, cancellable, error);
}

static gboolean
remove_volume (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, error);
  return directory != NULL && _hotplug_store_delete (directory, name, error);
}

const HotplugStoreKind _hotplug_directory_kind = {
  .list = list,
  .get = get,
  .create = create,
  .remove = remove_volume,
};
