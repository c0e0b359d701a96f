/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-host-private.h"
#include "storage/hotplug-block-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-volume-use-private.h"
#include "vmi/hotplug-image-users-private.h"

static const HotplugImageUser *
find_user (const GPtrArray *users, const HotplugImageWanted *wanted)
{
  for (guint i = 0; i < users->len; i++)
    {
      const HotplugImageUser *user = g_ptr_array_index (users, i);
      if (_hotplug_image_user_has (user, wanted))
        return user;
    }
  return NULL;
}

/* Machines of connections that nobody asks, and the host itself */
static gboolean
check_not_open (const char *name, const HotplugSource *source, GError **error)
{
  g_autofree char *mount = _hotplug_block_find_mount (source);

  if (mount != NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
                 "data volume \"%s\" is mounted on this host, at %s; unmount it first", name, mount);
  else if (source->looked && source->locks.held)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
                 "data volume \"%s\" is open in another process, such as a VMI of another connection; end that first",
                 name);
  else
    return TRUE;
  return FALSE;
}

gboolean
_hotplug_host_check_unused (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                            GCancellable *cancellable, GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  const char *name = hotplug_data_volume_get_name (volume);
  const char *path = hotplug_data_volume_get_path (volume);
  g_auto (HotplugSource) source = { 0 };
  gboolean seen = path != NULL && _hotplug_connection_is_local (connection)
                  && _hotplug_source_probe (name, path, TRUE, FALSE, &source, NULL);
  const HotplugImageWanted wanted = {
    .path = path, .pool = store->pool, .volume = name, .source = seen ? &source : NULL
  };
  g_autoptr (GPtrArray) users = _hotplug_image_users_list (connection, NULL, cancellable, error);

  if (users == NULL)
    return FALSE;
  const HotplugImageUser *user = find_user (users, &wanted);
  if (user == NULL)
    return !seen || check_not_open (name, &source, error);

  g_autofree char *who = _hotplug_image_user_describe (user);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "data volume \"%s\" is used by %s; remove it there first", name, who);
  return FALSE;
}

/* The first that writes to it now; a stopped machine's image is whole. */
static const HotplugImageUser *
find_writer (const GPtrArray *users, const HotplugImageWanted *wanted)
{
  for (guint i = 0; i < users->len; i++)
    {
      const HotplugImageUser *user = g_ptr_array_index (users, i);
      if (user->live && !user->read_only && _hotplug_image_user_has (user, wanted))
        return user;
    }
  return NULL;
}

gboolean
_hotplug_host_check_still (HotplugHost *self, const char *name, const char *path, GCancellable *cancellable,
                           GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  g_auto (HotplugSource) source = { 0 };

  /* whoever opens it says what is wrong */
  if (!_hotplug_source_probe (name, path, TRUE, FALSE, &source, NULL))
    return TRUE;

  const HotplugImageWanted wanted = { .path = source.path, .source = &source };
  g_autoptr (GPtrArray) users = _hotplug_connection_is_local (connection)
                                    ? _hotplug_image_users_list (connection, NULL, cancellable, error)
                                    : g_ptr_array_new ();
  if (users == NULL)
    return FALSE;

  const HotplugImageUser *user = find_writer (users, &wanted);
  if (user == NULL && !(source.looked && source.locks.written))
    return TRUE;

  g_autofree char *who = user != NULL ? _hotplug_image_user_describe (user) : g_strdup ("another VMI or process");
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "data volume \"%s\": source %s is just written by %s; a copy of it would be torn, so stop that first",
               name, path, who);
  return FALSE;
}
