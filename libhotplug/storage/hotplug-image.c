/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-image-private.h"
#include "storage/hotplug-qemu-img-private.h"

/* qcow2's header, big endian: QEMU docs/interop/qcow2.txt */
typedef struct
{
  guint32 magic;
  guint32 version;
  guint64 backing_file_offset;
  guint32 backing_file_size;
  guint32 cluster_bits;
  guint64 size;
  guint32 crypt_method;
  guint32 l1_size;
  guint64 l1_table_offset;
  guint64 refcount_table_offset;
  guint32 refcount_table_clusters;
  guint32 nb_snapshots;
  guint64 snapshots_offset;
  guint64 incompatible_features;
} Qcow2Header;

#define QCOW2_MAGIC 0x514649fb
#define QCOW2_EXTERNAL_DATA (1 << 2)

static gboolean
refuse (const char *what, const char *why, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "%s %s", what, why);
  return FALSE;
}

static gboolean
set_errno (const char *what, int code, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_FAILED,
               "%s: %s", what, g_strerror (code));
  return FALSE;
}

static gboolean
measure_qcow2 (int fd, const char *what, guint64 *size, GError **error)
{
  Qcow2Header header = { 0 };
  ssize_t length = pread (fd, &header, sizeof header, 0);

  if (length < (ssize_t)G_STRUCT_OFFSET (Qcow2Header, incompatible_features)
      || GUINT32_FROM_BE (header.magic) != QCOW2_MAGIC || GUINT32_FROM_BE (header.version) < 2)
    return refuse (what, "is no qcow2 image", error);
  if (header.backing_file_offset != 0)
    return refuse (what, "has a backing file, which is not followed: flatten it first, by qemu-img convert", error);
  if (GUINT32_FROM_BE (header.version) > 2
      && (GUINT64_FROM_BE (header.incompatible_features) & QCOW2_EXTERNAL_DATA) != 0)
    return refuse (what, "has its data in another file, which is not followed", error);
  if (header.crypt_method != 0)
    return refuse (what, "is encrypted", error);

  *size = GUINT64_FROM_BE (header.size);
  return TRUE;
}

gboolean
_hotplug_image_measure (const HotplugImage *self, const char *what, guint64 *size, GError **error)
{
  struct stat st;

  if (fstat (self->fd, &st) != 0)
    return set_errno (what, errno, error);
  if (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode))
    return refuse (what, "is no image and no block device", error);
  if (self->format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    return measure_qcow2 (self->fd, what, size, error);

  *size = (guint64)st.st_size;
  if (S_ISBLK (st.st_mode) && ioctl (self->fd, BLKGETSIZE64, size) != 0)
    return set_errno (what, errno, error);
  return *size > 0 || refuse (what, "is empty, a disk of 0 bytes", error);
}

static const char *
format_word (const HotplugImage *self)
{
  return self->format == HOTPLUG_IMAGE_FORMAT_QCOW2 ? "qcow2" : "raw";
}

/* A source for qemu-img, in JSON: the descriptor, and no file behind it */
static char *
describe (const HotplugImage *self)
{
  struct stat st;
  gboolean device = fstat (self->fd, &st) == 0 && S_ISBLK (st.st_mode);
  const char *backing = self->format == HOTPLUG_IMAGE_FORMAT_QCOW2 ? ",\"backing\":null" : "";

  return g_strdup_printf ("json:{\"driver\":\"%s\"%s,\"file\":{\"driver\":\"%s\",\"filename\":\"/proc/self/fd/%d\"}}",
                          format_word (self), backing, device ? "host_device" : "file", HOTPLUG_QEMU_IMG_FROM_NUMBER);
}

gboolean
_hotplug_image_format (const HotplugImage *self, const char *what, guint64 size, gboolean preallocate,
                       GCancellable *cancellable, GError **error)
{
  if (self->format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    {
      g_autofree char *bytes = g_strdup_printf ("%" G_GUINT64_FORMAT, size);
      const char *const arguments[] = { "qemu-img",
                                        "create",
                                        "-q",
                                        "-f",
                                        "qcow2",
                                        "-o",
                                        preallocate ? "preallocation=falloc" : "preallocation=off",
                                        "/proc/self/fd/" HOTPLUG_QEMU_IMG_TO,
                                        bytes,
                                        NULL };
      return _hotplug_qemu_img_run (arguments, what, -1, self->fd, size, NULL, NULL, cancellable, error);
    }

  if (ftruncate (self->fd, (off_t)size) != 0)
    return set_errno (what, errno, error);
  int code = preallocate ? posix_fallocate (self->fd, 0, (off_t)size) : 0;
  return code == 0 || set_errno (what, code, error);
}

gboolean
_hotplug_image_copy (const HotplugImage *from, const HotplugImage *to, const char *what, guint64 size,
                     HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *source = describe (from);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  static const char *const first[] = { "qemu-img", "convert", "-p", "-n" };
  struct stat st;

  for (gsize i = 0; i < G_N_ELEMENTS (first); i++)
    g_ptr_array_add (arguments, (gpointer)first[i]);
  /* a device has what was on it before */
  if (fstat (to->fd, &st) == 0 && S_ISREG (st.st_mode))
    g_ptr_array_add (arguments, (gpointer) "--target-is-zero");
  g_ptr_array_add (arguments, (gpointer) "-O");
  g_ptr_array_add (arguments, (gpointer)format_word (to));
  g_ptr_array_add (arguments, source);
  g_ptr_array_add (arguments, (gpointer)("/proc/self/fd/" HOTPLUG_QEMU_IMG_TO));
  g_ptr_array_add (arguments, NULL);

  return _hotplug_qemu_img_run ((const char *const *)arguments->pdata, what, from->fd, to->fd, size, progress, data,
                                cancellable, error);
}
