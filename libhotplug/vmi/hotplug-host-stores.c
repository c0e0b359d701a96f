/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-host-stores-private.h"

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

static const HotplugStoreKind *
kind_of (const HotplugStoreEntry *store)
{
  return store->pool != NULL ? &_hotplug_pool_kind : &_hotplug_directory_kind;
}

GPtrArray *
_hotplug_host_store_list (HotplugHost *self, const HotplugStoreEntry *store, GError **error)
{
  return kind_of (store)->list (self, store, error);
}

HotplugDataVolume *
_hotplug_host_store_get (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  return kind_of (store)->get (self, store, name, error);
}

HotplugDataVolume *
_hotplug_host_store_create (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                            HotplugDataVolume *source, GCancellable *cancellable, GError **error)
{
  return kind_of (store)->create (self, store, volume, source, cancellable, error);
}

gboolean
_hotplug_host_store_delete (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error)
{
  return kind_of (store)->remove (self, store, name, error);
}
