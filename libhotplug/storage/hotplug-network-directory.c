/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* renameat2 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-lock-private.h"
#include "storage/hotplug-file-private.h"
#include "storage/hotplug-network-directory-private.h"

/* Written by who holds the lock, and given its name when it is whole; what a killed process left is written over */
#define NEW ".new"

struct _HotplugNetworkDirectory
{
  char *path;
  int fd;
};

static gboolean
set_errno (HotplugNetworkDirectory *self, const char *entry, int code, GError **error)
{
  HotplugError as = code == EEXIST                    ? HOTPLUG_ERROR_EXISTS
                    : code == ENOENT                  ? HOTPLUG_ERROR_NOT_FOUND
                    : code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION
                                                      : HOTPLUG_ERROR_FAILED;

  g_set_error (error, HOTPLUG_ERROR, (int)as, "%s%s%s: %s", self->path, entry != NULL ? "/" : "",
               entry != NULL ? entry : "", g_strerror (code));
  return FALSE;
}

/* Whoever may write in it decides which networks a machine gets into. */
static gboolean
check_directory (HotplugNetworkDirectory *self, GError **error)
{
  struct stat st;

  if (fstat (self->fd, &st) != 0)
    return set_errno (self, NULL, errno, error);
  if ((st.st_mode & S_IWOTH) == 0 && (st.st_uid == geteuid () || st.st_uid == 0))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION,
               "%s: %s, and it says which networks there are; give it an owner of its own and mode 0755", self->path,
               (st.st_mode & S_IWOTH) != 0 ? "everybody may write in it" : "it is another user's");
  return FALSE;
}

HotplugNetworkDirectory *
_hotplug_network_directory_open (const char *path, HotplugNetworkDirectoryUse use, GError **error)
{
  g_autoptr (HotplugNetworkDirectory) self = g_new0 (HotplugNetworkDirectory, 1);

  self->path = g_strdup (path);
  self->fd = -1;
  if (use == HOTPLUG_NETWORK_DIRECTORY_ADD && g_mkdir_with_parents (path, 0755) != 0)
    return set_errno (self, NULL, errno, error), NULL;

  self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0)
    return set_errno (self, NULL, errno, error), NULL;
  if (!check_directory (self, error))
    return NULL;
  if (use != HOTPLUG_NETWORK_DIRECTORY_READ && flock (self->fd, LOCK_EX) != 0)
    return set_errno (self, NULL, errno, error), NULL;
  return g_steal_pointer (&self);
}

void
_hotplug_network_directory_close (HotplugNetworkDirectory *self)
{
  if (self->fd >= 0)
    _hotplug_lock_close (self->fd);
  g_free (self->path);
  g_free (self);
}

static void
free_file (gpointer data)
{
  HotplugNetworkFile *file = data;

  g_free (file->path);
  g_free (file->text);
  g_clear_error (&file->error);
  g_free (file);
}

static gboolean
is_wanted (const char *entry, const char *const *endings)
{
  for (guint i = 0; endings[i] != NULL && entry[0] != '.'; i++)
    {
      if (g_str_has_suffix (entry, endings[i]))
        return TRUE;
    }
  return FALSE;
}

static HotplugNetworkFile *
read_file (HotplugNetworkDirectory *self, const char *entry, gsize max)
{
  HotplugNetworkFile *file = g_new0 (HotplugNetworkFile, 1);

  file->path = g_build_filename (self->path, entry, NULL);
  file->text = _hotplug_file_read (file->path, max, &file->length, &file->error);
  return file;
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(HotplugNetworkFile *const *)a)->path, (*(HotplugNetworkFile *const *)b)->path);
}

GPtrArray *
_hotplug_network_directory_read (HotplugNetworkDirectory *self, const char *const *endings, gsize max)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (free_file);
  int copy = openat (self->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy >= 0 ? fdopendir (copy) : NULL;

  for (struct dirent *at = NULL; directory != NULL && (at = readdir (directory)) != NULL;)
    {
      if (is_wanted (at->d_name, endings))
        g_ptr_array_add (files, read_file (self, at->d_name, max));
    }
  if (directory != NULL)
    closedir (directory);
  g_ptr_array_sort (files, compare_paths);
  return files;
}

static gboolean
write_all (int fd, const char *text)
{
  for (gsize left = strlen (text); left > 0;)
    {
      ssize_t n = write (fd, text, left);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      text += n;
      left -= (gsize)n;
    }
  return fsync (fd) == 0;
}

gboolean
_hotplug_network_directory_add (HotplugNetworkDirectory *self, const char *entry, const char *text, GError **error)
{
  g_autofree char *begun = g_strconcat (".", entry, NEW, NULL);
  int fd = openat (self->fd, begun, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);

  if (fd < 0)
    return set_errno (self, entry, errno, error);

  gboolean added = write_all (fd, text) && renameat2 (self->fd, begun, self->fd, entry, RENAME_NOREPLACE) == 0;
  int code = errno;
  close (fd);
  if (!added)
    {
      unlinkat (self->fd, begun, 0);
      return set_errno (self, entry, code, error);
    }
  return fsync (self->fd) == 0 || set_errno (self, entry, errno, error);
}

gboolean
_hotplug_network_directory_remove (HotplugNetworkDirectory *self, const char *path, GError **error)
{
  g_autofree char *entry = g_path_get_basename (path);

  return (unlinkat (self->fd, entry, 0) == 0 && fsync (self->fd) == 0) || set_errno (self, entry, errno, error);
}
