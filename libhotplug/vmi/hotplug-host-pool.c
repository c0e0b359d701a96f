/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-host-pool-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* A store that is a pool of libvirt's: see the private header */

/* What a process of this machine left that was killed */
static void
sweep (const HotplugPoolStore *self, const char *name)
{
  g_autofree char *id = _hotplug_pool_store_lock_name (self, name);
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (self->locks, id, NULL, NULL);
  g_auto (HotplugPoolLook) look = { 0 };
  g_autoptr (GError) refused = NULL;

  if (lock == NULL || !_hotplug_pool_store_look (self, name, TRUE, &look, NULL) || look.maker != HOTPLUG_MAKER_GONE)
    return;

  g_debug ("pool %s: %s was left by a process that ended; it is removed", self->pool.name, name);
  if (_hotplug_pool_store_take_away (self, name, &refused))
    _hotplug_machine_lock_write (lock, NULL, NULL);
  else
    g_debug ("pool %s: %s", self->pool.name, refused->message);
}

/* One that has nothing under it is not there; what a killed process left is removed, if @sweeps */
static HotplugDataVolume *
find (const HotplugPoolStore *self, const char *name, gboolean sweeps, GError **error)
{
  g_auto (HotplugPoolLook) look = { 0 };

  if (!_hotplug_pool_store_look (self, name, FALSE, &look, error))
    return NULL;
  if (look.maker == HOTPLUG_MAKER_GONE && sweeps)
    {
      sweep (self, name);
      return find (self, name, FALSE, error);
    }

  HotplugDataVolume *volume = _hotplug_pool_store_describe (self, name, &look);
  if (volume == NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "data volume \"%s\": pool %s has none of that name",
                 name, self->pool.name);
  return volume;
}

static HotplugDataVolume *
get (HotplugHost *host, const HotplugStoreEntry *store, const char *name, GError **error)
{
  g_auto (HotplugPoolStore) self = { 0 };

  if (!_hotplug_name_check ("data volume", name, error) || !_hotplug_pool_store_open (&self, host, store, error))
    return NULL;
  return find (&self, name, FALSE, error);
}

/* The names of data volumes in it, each once: NAME, and NAME.hotplug of one that is only begun */
static GHashTable *
list_names (GStrv texts)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_autoptr (HotplugStorageVolume) volume = _hotplug_pool_volume_from_xml (texts[i], NULL);
      if (volume == NULL || volume->name == NULL)
        continue;

      char *name = g_str_has_suffix (volume->name, HOTPLUG_POOL_RECORD)
                       ? g_strndup (volume->name, strlen (volume->name) - strlen (HOTPLUG_POOL_RECORD))
                       : g_strdup (volume->name);
      if (_hotplug_name_check ("volume", name, NULL))
        g_hash_table_add (names, name);
      else
        g_free (name);
    }
  return names;
}

static GPtrArray *
list (HotplugHost *host, const HotplugStoreEntry *store, GError **error)
{
  g_auto (HotplugPoolStore) self = { 0 };
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);

  if (!_hotplug_pool_store_open (&self, host, store, error))
    return NULL;

  g_auto (GStrv) texts = _hotplug_connection_list_pool (self.connection, store->pool, error);
  if (texts == NULL)
    return NULL;

  g_autoptr (GHashTable) names = list_names (texts);
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autoptr (GError) cause = NULL;
      HotplugDataVolume *volume = find (&self, name, TRUE, &cause);

      if (volume != NULL)
        g_ptr_array_add (volumes, volume);
      else if (!g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        return g_propagate_error (error, g_steal_pointer (&cause)), NULL;
    }
  return g_steal_pointer (&volumes);
}

static gboolean
take_away (const HotplugPoolStore *self, const char *name, GError **error)
{
  g_auto (HotplugPoolLook) look = { 0 };

  if (!_hotplug_pool_store_look (self, name, TRUE, &look, error))
    return FALSE;
  if (look.volume != NULL || look.recorded)
    return _hotplug_pool_store_take_away (self, name, error);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "data volume \"%s\" is not there", name);
  return FALSE;
}

static gboolean
remove_volume (HotplugHost *host, const HotplugStoreEntry *store, const char *name, GError **error)
{
  g_auto (HotplugPoolStore) self = { 0 };

  if (!_hotplug_name_check ("data volume", name, error) || !_hotplug_pool_store_open (&self, host, store, error))
    return FALSE;

  g_autofree char *id = _hotplug_pool_store_lock_name (&self, name);
  if (_hotplug_machine_lock_is_held (self.locks, id))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "data volume \"%s\" is just being made", name);
      return FALSE;
    }

  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (self.locks, id, NULL, error);
  if (lock == NULL || !take_away (&self, name, error))
    return FALSE;
  _hotplug_machine_lock_write (lock, NULL, NULL);
  return TRUE;
}

const HotplugStoreKind _hotplug_pool_kind = {
  .list = list,
  .get = get,
  .create = _hotplug_pool_create,
  .remove = remove_volume,
};
