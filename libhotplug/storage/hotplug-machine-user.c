/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _DEFAULT_SOURCE /* getgrouplist */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-machine-user-private.h"

#define GROUPS_MAX 256
#define NAMES_MAX 16384
#define ACCESS_CONTROL_LIST "system.posix_acl_access"

/* NULL if he has none */
static char *
find_name (guint uid)
{
  g_autofree char *buffer = g_malloc (NAMES_MAX);
  struct passwd entry;
  struct passwd *found = NULL;

  return getpwuid_r (uid, &entry, buffer, NAMES_MAX, &found) == 0 && found != NULL ? g_strdup (found->pw_name) : NULL;
}

static char *
find_group_name (guint gid)
{
  g_autofree char *buffer = g_malloc (NAMES_MAX);
  struct group entry;
  struct group *found = NULL;

  return getgrgid_r (gid, &entry, buffer, NAMES_MAX, &found) == 0 && found != NULL ? g_strdup (found->gr_name)
                                                                                   : g_strdup_printf ("%u", gid);
}

gboolean
_hotplug_machine_user_is_in (const HotplugMachineUser *self, guint gid)
{
  g_autofree char *name = find_name (self->uid);
  gid_t groups[GROUPS_MAX];
  int n = GROUPS_MAX;

  if (gid == self->gid)
    return TRUE;
  if (name == NULL || getgrouplist (name, self->gid, groups, &n) < 0)
    return FALSE;
  for (int i = 0; i < n; i++)
    {
      if (groups[i] == gid)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_closed (const HotplugMachineUser *self, const char *directory)
{
  struct stat st;

  if (self->uid == 0 || stat (directory, &st) != 0 || !S_ISDIR (st.st_mode)
      || getxattr (directory, ACCESS_CONTROL_LIST, NULL, 0) > 0)
    return FALSE;
  if (st.st_uid == self->uid)
    return (st.st_mode & S_IXUSR) == 0;
  return (st.st_mode & (_hotplug_machine_user_is_in (self, st.st_gid) ? S_IXGRP : S_IXOTH)) == 0;
}

char *
_hotplug_machine_user_find_closed (const HotplugMachineUser *self, const char *path)
{
  char *resolved = realpath (path, NULL);
  g_autofree char *real = g_strdup (resolved != NULL ? resolved : path);

  free (resolved);
  for (char *at = strchr (real + 1, '/');; at = strchr (at + 1, '/'))
    {
      g_autofree char *directory = at != NULL ? g_strndup (real, (gsize)(at - real)) : g_strdup (real);
      if (is_closed (self, directory))
        return g_steal_pointer (&directory);
      if (at == NULL)
        return NULL;
    }
}

gboolean
_hotplug_machine_user_check (const HotplugMachineUser *self, const char *what, const char *path, GError **error)
{
  g_autofree char *closed = _hotplug_machine_user_find_closed (self, path);
  g_autofree char *name = find_name (self->uid);
  g_autofree char *user = name != NULL ? g_steal_pointer (&name) : g_strdup_printf ("%u", self->uid);
  g_autofree char *group = find_group_name (self->gid);

  if (closed == NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION,
               "%s: QEMU runs as user %s, who can't search directory %s; give it group %s and mode g+x", what, user,
               closed, group);
  return FALSE;
}
