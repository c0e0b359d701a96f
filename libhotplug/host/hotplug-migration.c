/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-migration-private.h"

static const HotplugMigrationCalls *
calls (HotplugConnection *self, GError **error)
{
  HotplugConnectionClass *class = G_TYPE_INSTANCE_GET_CLASS (self, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);

  if (class->migration == NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "host %s can't migrate machines",
                 _hotplug_connection_get_uri (self));
  return class->migration;
}

HotplugConnection *
_hotplug_connection_open_peer (HotplugConnection *self, const char *uri, gboolean heard, GError **error)
{
  const HotplugMigrationCalls *migration = calls (self, error);

  if (migration == NULL)
    return NULL;
  if (!heard || migration->is_plain == NULL || migration->is_plain (uri))
    return migration->open_peer (self, uri);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION,
               "its metadata names a host by %s, which is not opened at somebody else's word", uri);
  return NULL;
}

gboolean
_hotplug_connection_migrate (HotplugConnection *self, const char *uuid, const HotplugMigrationCall *call,
                             GError **error)
{
  const HotplugMigrationCalls *migration = calls (self, error);

  return migration != NULL && migration->migrate (self, uuid, call, error);
}

char *
_hotplug_connection_read_portable (HotplugConnection *self, const char *uuid, HotplugSide side, GError **error)
{
  const HotplugMigrationCalls *migration = calls (self, error);

  return migration != NULL ? migration->read_portable (self, uuid, side, error) : NULL;
}

gboolean
_hotplug_connection_undefine (HotplugConnection *self, const char *uuid, GError **error)
{
  const HotplugMigrationCalls *migration = calls (self, error);

  return migration != NULL && migration->undefine (self, uuid, error);
}
