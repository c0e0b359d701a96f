/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-source-private.h"

/* What KubeVirt and CDI call the image in a volume of mode Filesystem */
#define IMAGE_IN_DIRECTORY "disk.img"

static gboolean
set_errno (GError **error, const char *volume, const char *path, int code)
{
  HotplugError as = code == ENOENT || code == ENOTDIR ? HOTPLUG_ERROR_SOURCE_MISSING
                    : code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION
                                                      : HOTPLUG_ERROR_SOURCE_NOT_READY;

  g_set_error (error, HOTPLUG_ERROR, (int) as, "volume \"%s\": source %s: %s", volume, path, g_strerror (code));
  return FALSE;
}

static gboolean
set_not_ready (GError **error, const char *volume, const char *path, const char *what)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "volume \"%s\": source %s is %s", volume, path, what);
  return FALSE;
}

static guint64
size_of (int fd, const struct stat *st)
{
  guint64 size = 0;

  if (S_ISREG (st->st_mode))
    return (guint64) st->st_size;
  return S_ISBLK (st->st_mode) && ioctl (fd, BLKGETSIZE64, &size) == 0 ? size : 0;
}

static void
identify (HotplugSource *source, const struct stat *st)
{
  source->block = S_ISBLK (st->st_mode);
  source->major_id = source->block ? st->st_rdev : st->st_dev;
  source->minor_id = source->block ? 0 : st->st_ino;
}

/* O_NONBLOCK, since an open must never wait for a peer or a medium; the type was looked at before */
static gboolean
open_once (HotplugSource *source, const char *volume, gboolean read_only, gboolean must_open, GError **error)
{
  int fd = open (source->path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;

  if (fd < 0)
    return (errno == EACCES && !must_open) || set_errno (error, volume, source->path, errno);

  gboolean ok = fstat (fd, &st) == 0;
  if (ok)
    {
      identify (source, &st);
      source->size = size_of (fd, &st);
    }
  g_close (fd, NULL);
  return ok || set_errno (error, volume, source->path, errno);
}

gboolean
_hotplug_source_probe (const char *volume, const char *path, gboolean read_only, gboolean must_open, HotplugSource *out,
                       GError **error)
{
  struct stat st;

  *out = (HotplugSource){ .path = g_strdup (path) };
  if (stat (path, &st) != 0)
    return set_errno (error, volume, path, errno);

  if (S_ISDIR (st.st_mode))
    {
      g_free (out->path);
      out->path = g_build_filename (path, IMAGE_IN_DIRECTORY, NULL);
      if (stat (out->path, &st) != 0)
        return errno == ENOENT ? set_not_ready (error, volume, path, "a directory without " IMAGE_IN_DIRECTORY)
                               : set_errno (error, volume, out->path, errno);
    }

  if (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode))
    return set_not_ready (error, volume, out->path,
                          S_ISFIFO (st.st_mode)   ? "a FIFO, not an image or a block device"
                          : S_ISDIR (st.st_mode)  ? "a directory, not an image"
                          : S_ISCHR (st.st_mode)  ? "a character device, not a block device"
                          : S_ISSOCK (st.st_mode) ? "a socket, not an image or a block device"
                                                  : "no image and no block device");

  identify (out, &st);
  if (!open_once (out, volume, read_only, must_open, error))
    return FALSE;

  if (S_ISREG (st.st_mode) && st.st_size == 0)
    return set_not_ready (error, volume, out->path, "empty, a disk of 0 bytes");
  return TRUE;
}

gboolean
_hotplug_source_is (const HotplugSource *self, const char *path)
{
  struct stat st;
  HotplugSource other = { 0 };

  if (path == NULL)
    return FALSE;
  if (strcmp (self->path, path) == 0)
    return TRUE;
  if (stat (path, &st) != 0)
    return FALSE;

  identify (&other, &st);
  return self->block == other.block && self->major_id == other.major_id && self->minor_id == other.minor_id;
}

guint64
_hotplug_source_size (const char *path)
{
  struct stat st;

  if (path == NULL || stat (path, &st) != 0)
    return 0;
  if (!S_ISBLK (st.st_mode))
    return size_of (-1, &st);

  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return 0;

  guint64 size = size_of (fd, &st);
  g_close (fd, NULL);
  return size;
}
