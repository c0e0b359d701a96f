/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-image-private.h"

/* What blocks of a device begin at, whatever their size */
#define ALIGNMENT 65536

/* Of zeros at once, so that a cancel is seen soon */
#define ZERO_STEP (G_GUINT64_CONSTANT (64) << 20)

static gboolean
set_errno (const char *what, int code, GError **error)
{
  HotplugError as = code == ENOENT || code == ENOTDIR ? HOTPLUG_ERROR_SOURCE_MISSING
                    : code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION
                                                      : HOTPLUG_ERROR_SOURCE_NOT_READY;

  g_set_error (error, HOTPLUG_ERROR, (int)as, "%s: %s", what, g_strerror (code));
  return FALSE;
}

static gboolean
check_told (const HotplugImage *self, const char *what, GError **error)
{
  const char *header = self->told || self->format != HOTPLUG_IMAGE_FORMAT_RAW
                           ? NULL
                           : _hotplug_header_name (_hotplug_header_of (self->fd));

  if (header == NULL)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY,
               "%s begins as a %s image, and its format is not told; %s, or source format raw if its bytes are the disk's",
               what, header,
               g_str_equal (header, "qcow2") ? "source format qcow2 if it is one"
                                             : "qemu-img convert or its own tool makes a raw one of it");
  return FALSE;
}

/* O_NONBLOCK: a FIFO must not be waited for. */
gboolean
_hotplug_image_open (HotplugImage *self, const char *path, const char *what, guint64 *size, GError **error)
{
  self->fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (self->fd < 0)
    return set_errno (what, errno, error);
  return _hotplug_image_measure (self, what, size, error) && check_told (self, what, error);
}

/* A device may well be behind a link: /dev/VG/LV is one. */
gboolean
_hotplug_image_open_target (HotplugImage *self, const char *path, gboolean block, const char *what, GError **error)
{
  struct stat st;

  self->fd = open (path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (block ? 0 : O_NOFOLLOW));
  if (self->fd < 0)
    return set_errno (what, errno, error);
  if (fstat (self->fd, &st) == 0 && (block ? S_ISBLK (st.st_mode) : S_ISREG (st.st_mode)))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "%s: %s is no %s", what, path,
               block ? "block device" : "file");
  return FALSE;
}

const char *
_hotplug_image_judge (const char *path, gboolean block)
{
  struct stat st;

  if ((block ? stat (path, &st) : lstat (path, &st)) != 0)
    return errno == ENOENT ? "the pool has it and it is not there: refresh the pool, by virsh pool-refresh" : NULL;
  if (block)
    return S_ISBLK (st.st_mode) ? NULL : "it is no block device";
  if (!S_ISREG (st.st_mode))
    return "it is no file, or a link; a volume never leaves its store";
  return st.st_size == 0 ? "it is empty" : NULL;
}

gboolean
_hotplug_image_zero (const HotplugImage *self, const char *what, guint64 from, guint64 size,
                     HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  for (guint64 at = from / ALIGNMENT * ALIGNMENT; at < size;)
    {
      guint64 range[] = { at, MIN (ZERO_STEP, size - at) };

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (ioctl (self->fd, BLKZEROOUT, range) != 0)
        return set_errno (what, errno, error);
      at += range[1];
      if (progress != NULL)
        progress ((double)at / (double)size * 100, data);
    }
  return TRUE;
}

gboolean
_hotplug_image_sync (const HotplugImage *self, const char *what, GError **error)
{
  return fsync (self->fd) == 0 || set_errno (what, errno, error);
}
