/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* renameat2 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-lock-private.h"
#include "base/hotplug-name-private.h"
#include "storage/hotplug-image-private.h"
#include "storage/hotplug-store-inside-private.h"
#include "storage/hotplug-store-record-private.h"

/* A volume that is being made: its directory has a name that no volume has, and is held by a lock that ends with us */
typedef struct
{
  HotplugStore *store;
  HotplugDataVolume *volume;
  char *entry; /* .NAME.new */
  int fd;
  int image;
  int progress;
} Site;

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    _hotplug_lock_close (*fd);
  *fd = -1;
}

static void
clear_site (Site *site)
{
  close_fd (&site->image);
  close_fd (&site->progress);
  close_fd (&site->fd);
  g_clear_pointer (&site->entry, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Site, clear_site)

static gboolean
set_site_errno (Site *site, int code, GError **error)
{
  return _hotplug_store_set_errno (site->store, hotplug_data_volume_get_name (site->volume), code, error);
}

static gboolean
check_free (HotplugStore *self, const char *name, GError **error)
{
  struct stat st;

  if (fstatat (self->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT || _hotplug_store_set_errno (self, name, errno, error);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "data volume \"%s\": store %s has one of that name", name,
               self->path);
  return FALSE;
}

static gboolean
write_file (Site *site, const char *entry, const char *text, GError **error)
{
  int fd = openat (site->fd, entry, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
  gboolean written = fd >= 0 && write (fd, text, strlen (text)) == (ssize_t)strlen (text) && fsync (fd) == 0;
  int code = errno;

  close_fd (&fd);
  return written || set_site_errno (site, code, error);
}

/* Somebody else is at that name; where, if that is another host's. */
static gboolean
refuse_busy (Site *site, GError **error)
{
  HotplugStore *self = site->store;
  int fd = openat (self->fd, site->entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autofree char *host = NULL;
  gboolean known = fd < 0 || _hotplug_store_find_maker (fd, &host) != HOTPLUG_STORE_MAKER_UNKNOWN;

  if (fd >= 0)
    close (fd);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "data volume \"%s\" is just being made%s%s%s",
               hotplug_data_volume_get_name (site->volume), host != NULL ? " on " : "", host != NULL ? host : "",
               known ? "" : "; if its maker has ended, delete it");
  return FALSE;
}

/* A directory that says whose it is before it has the name by which others find it */
static gboolean
prepare_site (Site *site, GError **error)
{
  HotplugStore *self = site->store;
  g_autofree char *name = _hotplug_store_maker_to_name ();
  g_autofree char *entry = g_strconcat (HOTPLUG_STORE_SITE, name, NULL);
  g_autofree char *maker = _hotplug_store_maker_tell ();

  if (mkdirat (self->fd, entry, 0700) != 0)
    return set_site_errno (site, errno, error);
  site->fd = openat (self->fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (site->fd < 0 || !_hotplug_store_take_directory (site->fd))
    set_site_errno (site, errno, error);
  else if (write_file (site, HOTPLUG_STORE_MAKER, maker, error))
    {
      if (renameat2 (self->fd, entry, self->fd, site->entry, RENAME_NOREPLACE) == 0)
        return TRUE;
      if (errno == EEXIST)
        refuse_busy (site, error);
      else
        set_site_errno (site, errno, error);
    }
  _hotplug_store_remove_directory (self, entry);
  return FALSE;
}

static gboolean
take_site (Site *site, GError **error)
{
  _hotplug_store_sweep (site->store);
  return check_free (site->store, hotplug_data_volume_get_name (site->volume), error) && prepare_site (site, error);
}

static gboolean
begin_site (Site *site, GError **error)
{
  int lock = _hotplug_store_lock (site->store, error);
  gboolean taken = lock >= 0 && take_site (site, error);

  close_fd (&lock);
  return taken;
}

/* Its group is that of those who run the machines. libvirt gives their user the image, and not the way to it. */
static gboolean
set_owner (Site *site, GError **error)
{
  gid_t group = site->store->group;

  if (!site->store->shared)
    return TRUE;
  if (fchown (site->fd, (uid_t)-1, group) != 0 || fchown (site->image, (uid_t)-1, group) != 0
      || fchmod (site->fd, 0750) != 0 || fchmod (site->image, 0660) != 0)
    return set_site_errno (site, errno, error);
  return TRUE;
}

static void
note_progress (double percent, gpointer data)
{
  Site *site = data;
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%7.2f\n", percent);
  if (pwrite (site->progress, text, strlen (text), 0) < 0)
    g_debug ("store %s: %s: its progress can't be told: %s", site->store->path, site->entry, g_strerror (errno));
}

static gboolean
write_record (Site *site, guint64 size, GError **error)
{
  g_autoptr (HotplugDataVolume) known = _hotplug_data_volume_with_status (site->volume, size, NULL, NULL,
                                                                          HOTPLUG_DATA_VOLUME_PHASE_PENDING, 0, NULL);
  g_autofree char *text = _hotplug_store_record_write (known);

  return write_file (site, HOTPLUG_STORE_RECORD, text, error);
}

/* @source: -1 for a blank one */
static gboolean
fill (Site *site, const HotplugImage *source, guint64 size, GCancellable *cancellable, GError **error)
{
  g_autofree char *what = g_strdup_printf ("data volume \"%s\"", hotplug_data_volume_get_name (site->volume));

  if (!write_record (site, size, error))
    return FALSE;

  site->image = openat (site->fd, HOTPLUG_STORE_IMAGE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const HotplugImage image = { site->image, hotplug_data_volume_get_format (site->volume) };
  if (site->image < 0)
    return set_site_errno (site, errno, error);
  if (!set_owner (site, error)
      || !_hotplug_image_format (&image, what, size, hotplug_data_volume_get_preallocation (site->volume), cancellable,
                                 error))
    return FALSE;
  if (source->fd < 0)
    return TRUE;

  site->progress = openat (site->fd, HOTPLUG_STORE_PROGRESS, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
  note_progress (0, site);
  return _hotplug_image_copy (source, &image, what, size, note_progress, site, cancellable, error);
}

static gboolean
build (Site *site, HotplugDataVolume *clone, GCancellable *cancellable, GError **error)
{
  const char *path = clone != NULL ? hotplug_data_volume_get_path (clone)
                                   : hotplug_data_volume_get_source_path (site->volume);
  HotplugImage source = { -1, clone != NULL ? hotplug_data_volume_get_format (clone)
                                            : hotplug_data_volume_get_source_format (site->volume),
                          clone != NULL || _hotplug_data_volume_tells_source_format (site->volume) };
  g_autofree char *what = g_strdup_printf ("data volume \"%s\": source %s", hotplug_data_volume_get_name (site->volume),
                                           path);
  guint64 needed = 0;
  guint64 size = 0;

  gboolean done = (path == NULL || _hotplug_image_open (&source, path, what, &needed, error))
                  && _hotplug_data_volume_choose_size (site->volume, needed, &size, error)
                  && fill (site, &source, size, cancellable, error);
  close_fd (&source.fd);
  return done && !g_cancellable_set_error_if_cancelled (cancellable, error);
}

/* On the disk before it has its name, and the name too before anybody is told */
static gboolean
publish (Site *site, GError **error)
{
  const char *name = hotplug_data_volume_get_name (site->volume);

  unlinkat (site->fd, HOTPLUG_STORE_PROGRESS, 0);
  if (fsync (site->image) != 0 || fsync (site->fd) != 0)
    return set_site_errno (site, errno, error);
  if (renameat2 (site->store->fd, site->entry, site->store->fd, name, RENAME_NOREPLACE) != 0)
    return errno == EEXIST ? check_free (site->store, name, error) : set_site_errno (site, errno, error);
  if (fsync (site->store->fd) != 0)
    return set_site_errno (site, errno, error);
  unlinkat (site->fd, HOTPLUG_STORE_MAKER, 0);
  return TRUE;
}

HotplugDataVolume *
_hotplug_store_create (HotplugStore *self, HotplugDataVolume *volume, HotplugDataVolume *source,
                       GCancellable *cancellable, GError **error)
{
  const char *name = hotplug_data_volume_get_name (volume);
  g_auto (Site) site = { self, volume, g_strconcat (".", name, HOTPLUG_STORE_NEW, NULL), -1, -1, -1 };

  if (hotplug_data_volume_get_volume_mode (volume) == HOTPLUG_VOLUME_MODE_BLOCK)
    return g_set_error (
               error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "data volume \"%s\": store %s is a directory and has no block devices; volume mode Block needs a pool that has",
               name, self->path),
           NULL;
  if (!begin_site (&site, error))
    return NULL;
  if (build (&site, source, cancellable, error) && publish (&site, error))
    return _hotplug_store_get (self, name, error);

  _hotplug_store_remove_directory (self, site.entry);
  return NULL;
}

/* Whether there is something in it that is not ours to throw away, such as what a snapshot has put beside the image */
static gboolean
check_files (HotplugStore *self, const char *name, int fd, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  struct stat st;

  for (const char *entry = NULL; directory != NULL && (entry = g_dir_read_name (directory)) != NULL;)
    {
      gboolean file = fstatat (fd, entry, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR (st.st_mode);
      if (file && _hotplug_store_is_ours (entry))
        continue;
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED,
                   "data volume \"%s\" has a %s in it that libhotplug did not make: %s/%s/%s; move it away first", name,
                   file ? "file" : "directory", self->path, name, entry);
      return FALSE;
    }
  return TRUE;
}

/* Looked at again when nobody can put anything there by its name any more */
static gboolean
move_away (HotplugStore *self, const char *name, const char *entry, const char *old, int fd, GError **error)
{
  if (!check_files (self, name, fd, error))
    return FALSE;
  if (renameat (self->fd, entry, self->fd, old) != 0)
    return _hotplug_store_set_errno (self, name, errno, error);
  if (check_files (self, name, fd, error))
    return TRUE;
  if (renameat2 (self->fd, old, self->fd, entry, RENAME_NOREPLACE) != 0)
    g_debug ("store %s: %s stays: %s", self->path, old, g_strerror (errno));
  return FALSE;
}

/* One that is being made is taken away at somebody's word, if its maker can't be asked whether it lives. */
static int
open_begun (HotplugStore *self, const char *name, const char *begun, GError **error)
{
  int fd = openat (self->fd, begun, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  g_autofree char *host = NULL;

  if (fd < 0)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "data volume \"%s\" is not there", name);
      return -1;
    }
  if (_hotplug_store_take_directory (fd) && _hotplug_store_find_maker (fd, &host) == HOTPLUG_STORE_MAKER_UNKNOWN)
    return fd;

  _hotplug_lock_close (fd);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "data volume \"%s\" is just being made", name);
  return -1;
}

static gboolean
take_away (HotplugStore *self, const char *name, GError **error)
{
  g_autofree char *begun = g_strconcat (".", name, HOTPLUG_STORE_NEW, NULL);
  g_autofree char *old = g_strconcat (".", name, HOTPLUG_STORE_OLD, NULL);
  const char *entry = name;

  _hotplug_store_sweep (self);
  int fd = openat (self->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno != ENOENT)
    return _hotplug_store_set_errno (self, name, errno, error);
  if (fd < 0)
    {
      entry = begun;
      fd = open_begun (self, name, begun, error);
    }
  if (fd < 0)
    return FALSE;

  gboolean done = move_away (self, name, entry, old, fd, error);
  _hotplug_lock_close (fd);
  return done && (fsync (self->fd) == 0 || _hotplug_store_set_errno (self, name, errno, error))
         && (_hotplug_store_remove_directory (self, old) || _hotplug_store_set_errno (self, old, errno, error));
}

gboolean
_hotplug_store_delete (HotplugStore *self, const char *name, GError **error)
{
  if (!_hotplug_name_check ("data volume", name, error))
    return FALSE;

  int lock = _hotplug_store_lock (self, error);
  gboolean done = lock >= 0 && take_away (self, name, error);

  close_fd (&lock);
  return done;
}
