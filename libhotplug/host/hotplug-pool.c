/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-pool-private.h"

static const HotplugPoolCalls *
calls (HotplugConnection *self, GError **error)
{
  HotplugConnectionClass *class = G_TYPE_INSTANCE_GET_CLASS (self, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);

  if (class->pools == NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "host %s has no storage pools",
                 _hotplug_connection_get_uri (self));
  return class->pools;
}

char *
_hotplug_connection_read_pool (HotplugConnection *self, const char *pool, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL ? pools->read (self, pool, error) : NULL;
}

GStrv
_hotplug_connection_list_pool (HotplugConnection *self, const char *pool, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL ? pools->list (self, pool, error) : NULL;
}

char *
_hotplug_connection_find_pool_volume (HotplugConnection *self, const char *pool, const char *name, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL ? pools->find (self, pool, name, error) : NULL;
}

char *
_hotplug_connection_find_volume_at (HotplugConnection *self, const char *path, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, NULL);

  if (pools != NULL)
    return pools->find_at (self, path, error);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%s: no pool has it", path);
  return NULL;
}

gboolean
_hotplug_connection_create_pool_volume (HotplugConnection *self, const char *pool, const char *xml,
                                        HotplugPoolFlags flags, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL && pools->create (self, pool, xml, flags, error);
}

gboolean
_hotplug_connection_clone_pool_volume (HotplugConnection *self, const char *pool, const char *xml,
                                       const char *from_pool, const char *from_name, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL && pools->clone (self, pool, xml, from_pool, from_name, error);
}

gboolean
_hotplug_connection_remove_pool_volume (HotplugConnection *self, const char *pool, const char *name, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL && pools->remove (self, pool, name, error);
}

char *
_hotplug_connection_download (HotplugConnection *self, const char *pool, const char *name, gsize length, GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL ? pools->download (self, pool, name, length, error) : NULL;
}

gboolean
_hotplug_connection_upload (HotplugConnection *self, const char *pool, const char *name, const HotplugUpload *upload,
                            GError **error)
{
  const HotplugPoolCalls *pools = calls (self, error);

  return pools != NULL && pools->upload (self, pool, name, upload, error);
}
