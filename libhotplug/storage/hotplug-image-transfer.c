/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define _GNU_SOURCE /* SEEK_DATA */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-image-transfer-private.h"

/* Of zeros at once, so that a cancel is seen soon */
#define HOLE_MAX (G_GUINT64_CONSTANT (16) << 20)

static gssize
fail (int code, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "what is copied can't be read: %s", g_strerror (code));
  return -1;
}

/* How many zeros come next, 0 if there are data. A device has no holes to tell of: EINVAL. */
static guint64
find_hole (const HotplugImageTransfer *self)
{
  if (self->fd < 0 || self->at >= self->end)
    return self->length - self->at;

  off_t next = lseek (self->fd, (off_t)self->at, SEEK_DATA);
  if (next < 0)
    return errno == ENXIO ? self->end - self->at : 0;
  return MIN ((guint64)next, self->end) - self->at;
}

static void
move_on (HotplugImageTransfer *self, guint64 length)
{
  self->at += length;
  if (self->progress != NULL)
    self->progress ((double)self->at / (double)self->length * 100, self->data);
}

guint64
_hotplug_image_transfer_room (const HotplugImageTransfer *self)
{
  struct stat status = { 0 };

  return self->fd >= 0 && fstat (self->fd, &status) == 0 ? MIN (self->end, (guint64)status.st_blocks * 512) : 0;
}

gssize
_hotplug_image_transfer_read (gpointer transfer, void *buffer, gsize length, gboolean *hole, GError **error)
{
  HotplugImageTransfer *self = transfer;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return -1;

  guint64 zeros = MIN (find_hole (self), self->full ? (guint64)length : HOLE_MAX);
  *hole = zeros > 0 && !self->full;
  if (zeros > 0)
    {
      if (self->full)
        memset (buffer, 0, (gsize)zeros);
      move_on (self, zeros);
      return (gssize)zeros;
    }

  ssize_t got = pread (self->fd, buffer, (gsize)MIN (length, self->end - self->at), (off_t)self->at);
  if (got <= 0)
    return fail (got < 0 ? errno : EIO, error);
  move_on (self, (guint64)got);
  return got;
}

int
_hotplug_image_transfer_prepare (const HotplugImage *from, HotplugImageFormat format, const char *what, guint64 size,
                                 gboolean preallocate, HotplugImageProgress progress, gpointer data,
                                 GCancellable *cancellable, guint64 *length, GError **error)
{
  HotplugImage image = { open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), format };
  struct stat st;

  if (image.fd < 0)
    return (int)fail (errno, error);
  if (!_hotplug_image_format (&image, what, size, preallocate, cancellable, error)
      || (from->fd >= 0 && !_hotplug_image_copy (from, &image, what, size, progress, data, cancellable, error)))
    {
      close (image.fd);
      return -1;
    }
  *length = fstat (image.fd, &st) == 0 ? (guint64)st.st_size : 0;
  return image.fd;
}
