/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "model/hotplug-storage-pool-private.h"

/* The types in which a volume gets the name that we give it, and is a file or a device of the host (libvirt 9.0.0,
 * src/conf/storage_conf.c, poolTypeInfo). In the others libvirt, or who serves them, names the volumes: sdb1,
 * unit:0:0:1; or they are on the network alone. */
static const struct
{
  const char *type;
  gboolean block;
} types[] = {
  { "dir", FALSE }, { "fs", FALSE }, { "logical", TRUE }, { "netfs", FALSE }, { "vstorage", FALSE }, { "zfs", TRUE },
};

void
_hotplug_storage_pool_clear (HotplugStoragePool *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->uuid, g_free);
  g_clear_pointer (&self->type, g_free);
}

HotplugStorageVolume *
_hotplug_storage_volume_new (void)
{
  return g_new0 (HotplugStorageVolume, 1);
}

void
_hotplug_storage_volume_free (HotplugStorageVolume *self)
{
  g_free (self->name);
  g_free (self->path);
  g_free (self->format);
  g_free (self);
}

static gboolean
find_type (const HotplugStoragePool *self, gboolean *block)
{
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      if (g_strcmp0 (self->type, types[i].type) != 0)
        continue;
      *block = types[i].block;
      return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_storage_pool_has_devices (const HotplugStoragePool *self)
{
  gboolean block = FALSE;

  return find_type (self, &block) && block;
}

gboolean
_hotplug_storage_pool_check (const HotplugStoragePool *self, HotplugDataVolume *volume, GError **error)
{
  const char *name = hotplug_data_volume_get_name (volume);
  gboolean wants_block = hotplug_data_volume_get_volume_mode (volume) == HOTPLUG_VOLUME_MODE_BLOCK;
  gboolean block = FALSE;

  if (!find_type (self, &block))
    g_set_error (
        error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
        "data volume \"%s\": in pool %s, of type %s, volumes are not named by who makes them; make it by other means, "
        "and plug it by its path",
        name, self->name, self->type);
  else if (wants_block && !block)
    g_set_error (
        error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
        "data volume \"%s\": pool %s, of type %s, has files and no block devices; volume mode Block needs a pool that has",
        name, self->name, self->type);
  else if (!wants_block && block)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                 "data volume \"%s\": pool %s, of type %s, has block devices and no files: ask for volume mode Block",
                 name, self->name, self->type);
  else
    return TRUE;
  return FALSE;
}
