/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-lock-private.h"
#include "storage/hotplug-source-hold-private.h"

#define IMAGE_IN_DIRECTORY "disk.img"

/* An add, and a look at all machines of a host, take some ten milliseconds. */
#define TRIES 10
#define INTERVAL (50 * G_TIME_SPAN_MILLISECOND)

/* Of a volume as stores have it; NULL for any other source */
static char *
find_directory (const char *path)
{
  char *resolved = realpath (path, NULL);
  g_autofree char *real = g_strdup (resolved != NULL ? resolved : path);
  g_autofree char *name = g_path_get_basename (real);

  free (resolved);
  if (g_file_test (real, G_FILE_TEST_IS_DIR))
    return g_steal_pointer (&real);
  return strcmp (name, IMAGE_IN_DIRECTORY) == 0 ? g_path_get_dirname (real) : NULL;
}

/* Whether what is locked is still what has the name, and not what was just taken away from there */
static gboolean
is_at (int fd, const char *directory)
{
  struct stat held;
  struct stat named;

  return fstat (fd, &held) == 0 && stat (directory, &named) == 0 && held.st_dev == named.st_dev
         && held.st_ino == named.st_ino;
}

/* A file system that has no such locks is not worse than none; one descriptor too few is, in the middle of a batch. */
static gboolean
give_up (const char *volume, const char *directory, int code, GError **error)
{
  if (code != EMFILE && code != ENFILE && code != ENOLCK)
    {
      g_debug ("volume \"%s\": %s can't be locked: %s", volume, directory, g_strerror (code));
      return TRUE;
    }

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "volume \"%s\": %s can't be locked: %s", volume, directory,
               g_strerror (code));
  return FALSE;
}

static gboolean
lock_directory (const char *volume, const char *path, int how, int *hold, GError **error)
{
  g_autofree char *directory = find_directory (path);

  *hold = HOTPLUG_SOURCE_HOLD_NONE;
  for (guint tries = 0; directory != NULL && tries < TRIES; tries++)
    {
      int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0)
        return give_up (volume, directory, errno, error);

      int code = flock (fd, how | LOCK_NB) != 0 ? errno : 0;
      if (code == 0 && is_at (fd, directory))
        {
          *hold = fd;
          return TRUE;
        }
      close (fd);
      if (code != 0 && code != EWOULDBLOCK)
        return give_up (volume, directory, code, error);
      g_usleep (INTERVAL);
    }
  if (directory == NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "volume \"%s\": %s is just being %s", volume, directory,
               how == LOCK_SH ? "made or deleted" : "plugged into a VMI, or made or deleted");
  return FALSE;
}

gboolean
_hotplug_source_hold (const char *volume, const char *path, int *hold, GError **error)
{
  return lock_directory (volume, path, LOCK_SH, hold, error);
}

gboolean
_hotplug_source_claim (const char *volume, const char *path, int *hold, GError **error)
{
  return lock_directory (volume, path, LOCK_EX, hold, error);
}

void
_hotplug_source_release (int *hold)
{
  if (*hold != HOTPLUG_SOURCE_HOLD_NONE)
    _hotplug_lock_close (*hold);
  *hold = HOTPLUG_SOURCE_HOLD_NONE;
}
