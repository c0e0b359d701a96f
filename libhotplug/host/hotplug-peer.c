/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-peer-private.h"

/* NULL: it can't look at anything */
static const HotplugPeerCalls *
calls (HotplugConnection *self)
{
  HotplugConnectionClass *class = G_TYPE_INSTANCE_GET_CLASS (self, HOTPLUG_TYPE_CONNECTION, HotplugConnectionClass);

  return class->peers;
}

char *
_hotplug_connection_dup_hostname (HotplugConnection *self)
{
  return calls (self) != NULL ? calls (self)->dup_hostname (self) : NULL;
}

char *
_hotplug_connection_dup_host (HotplugConnection *self)
{
  g_autofree char *name = _hotplug_connection_dup_hostname (self);
  const char *text = _hotplug_connection_get_uri (self);
  g_autoptr (GUri) uri = text != NULL ? g_uri_parse (text, G_URI_FLAGS_NONE, NULL) : NULL;

  if (name == NULL || uri == NULL || strcmp (g_uri_get_path (uri), "/session") != 0)
    return g_steal_pointer (&name);

  const char *user = g_uri_get_user (uri);
  return g_strconcat (name, ":session:", user != NULL ? user : g_get_user_name (), NULL);
}

gboolean
_hotplug_connection_leave_mark (HotplugConnection *self, const char *name, const char *path, GError **error)
{
  if (calls (self) != NULL)
    return calls (self)->leave_mark (self, name, path, error);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "host %s has no storage pools",
               _hotplug_connection_get_uri (self));
  return FALSE;
}

gboolean
_hotplug_connection_find_mark (HotplugConnection *self, const char *name, const char *path, HotplugSight *sight,
                               GError **error)
{
  *sight = HOTPLUG_SIGHT_UNKNOWN;
  return calls (self) == NULL || calls (self)->find_mark (self, name, path, sight, error);
}

gboolean
_hotplug_connection_clear_marks (HotplugConnection *self, const char *prefix, GError **error)
{
  return calls (self) == NULL || calls (self)->clear_marks (self, prefix, error);
}

gboolean
_hotplug_connection_find_file (HotplugConnection *self, const char *name, const char *path, HotplugSight *sight,
                               guint64 *capacity, GError **error)
{
  *sight = HOTPLUG_SIGHT_UNKNOWN;
  *capacity = 0;
  return calls (self) == NULL || calls (self)->find_file (self, name, path, sight, capacity, error);
}

gboolean
_hotplug_connection_find_link (HotplugConnection *self, const char *name, HotplugSight *sight, GError **error)
{
  *sight = HOTPLUG_SIGHT_UNKNOWN;
  return calls (self) == NULL || calls (self)->find_link (self, name, sight, error);
}

gboolean
_hotplug_connection_find_network (HotplugConnection *self, const char *name, HotplugSight *sight, GError **error)
{
  *sight = HOTPLUG_SIGHT_UNKNOWN;
  return calls (self) == NULL || calls (self)->find_network (self, name, sight, error);
}
