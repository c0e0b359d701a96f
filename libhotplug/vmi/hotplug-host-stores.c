/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"
#include "host/hotplug-host-private.h"
#include "storage/hotplug-store-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-host-stores-private.h"
#include "vmi/hotplug-host-user-private.h"

#define EMBED_STORE "store"

static void
free_entry (gpointer entry)
{
  _hotplug_store_entry_free (entry);
}

static void
add_entry (GPtrArray *stores, const HotplugStoreEntry *from, const char *path)
{
  HotplugStoreEntry *entry = _hotplug_store_entry_new (from != NULL ? from->name : NULL);

  entry->path = g_strdup (path);
  entry->pool = from != NULL ? g_strdup (from->pool) : NULL;
  entry->is_default = from == NULL || from->is_default;
  g_ptr_array_insert (stores, entry->is_default ? 0 : -1, entry);
}

GPtrArray *
_hotplug_host_stores (HotplugHost *self)
{
  const HotplugConfiguration *configuration = _hotplug_host_get_configuration (self);
  GPtrArray *stores = g_ptr_array_new_with_free_func (free_entry);

  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const HotplugStoreEntry *entry = g_ptr_array_index (configuration->stores, i);
      add_entry (stores, entry, entry->path);
    }

  const char *uri = hotplug_host_get_uri (self);
  if (stores->len == 0 && uri != NULL && _hotplug_embed_is (uri))
    {
      g_autofree char *root = _hotplug_embed_root (uri);
      g_autofree char *path = g_build_filename (root, EMBED_STORE, NULL);
      add_entry (stores, NULL, path);
    }
  return stores;
}

const HotplugStoreEntry *
_hotplug_host_find_store (HotplugHost *self, GPtrArray *stores, const char *name, GError **error)
{
  const HotplugConfiguration *configuration = _hotplug_host_get_configuration (self);
  const char *file = configuration->file != NULL ? configuration->file : "hotplug.conf";

  for (guint i = 0; i < stores->len; i++)
    {
      const HotplugStoreEntry *entry = g_ptr_array_index (stores, i);
      gboolean wanted = name != NULL ? g_strcmp0 (entry->name, name) == 0 : entry->is_default || stores->len == 1;
      if (wanted)
        return entry;
    }

  if (name != NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "store \"%s\": host %s has none of that name, see %s",
                 name, hotplug_host_get_uri (self), file);
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "host %s has no %sstore; name one in %s",
                 hotplug_host_get_uri (self), stores->len > 0 ? "default " : "", file);
  return NULL;
}

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

/* Nothing of ours is in a pool. */
static gboolean
refuse_pool (const HotplugStoreEntry *store, HotplugError code, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, (int) code,
               "store \"%s\" is libvirt's pool %s, and data volumes are made in directories: name one by path=", store->name,
               store->pool);
  return FALSE;
}

GPtrArray *
_hotplug_host_store_list (HotplugHost *self, const HotplugStoreEntry *store, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (store->pool != NULL)
    return g_ptr_array_new_with_free_func (g_object_unref);

  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, &cause);
  if (directory != NULL)
    return _hotplug_store_list (directory, error);
  if (g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return g_ptr_array_new_with_free_func (g_object_unref);

  g_propagate_error (error, g_steal_pointer (&cause));
  return NULL;
}

HotplugDataVolume *
_hotplug_host_store_get (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  if (store->pool != NULL)
    return refuse_pool (store, HOTPLUG_ERROR_NOT_FOUND, error), NULL;

  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, error);
  return directory != NULL ? _hotplug_store_get (directory, name, error) : NULL;
}

HotplugDataVolume *
_hotplug_host_store_create (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                            HotplugDataVolume *source, GCancellable *cancellable, GError **error)
{
  if (store->pool != NULL)
    return refuse_pool (store, HOTPLUG_ERROR_INVALID_ARGUMENT, error), NULL;

  g_autoptr (HotplugStore) directory = open_directory (self, store, TRUE, error);
  HotplugMachineUser user;
  if (directory == NULL
      || (_hotplug_host_find_user (_hotplug_host_get_connection (self), &user)
          && !_hotplug_store_share (directory, &user, error)))
    return NULL;
  return _hotplug_store_create (directory, volume, source, cancellable, error);
}

gboolean
_hotplug_host_store_delete (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  if (store->pool != NULL)
    return refuse_pool (store, HOTPLUG_ERROR_NOT_FOUND, error);

  g_autoptr (HotplugStore) directory = open_directory (self, store, FALSE, error);
  return directory != NULL && _hotplug_store_delete (directory, name, error);
}
