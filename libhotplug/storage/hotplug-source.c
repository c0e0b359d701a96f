/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/fs.h>
#include <scsi/sg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-file-private.h"
#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-source-private.h"

/* What KubeVirt and CDI call the image in a volume of mode Filesystem */
#define IMAGE_IN_DIRECTORY "disk.img"

/* Of a record of a data volume, bytes */
#define RECORD_MAX 65536

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
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "volume \"%s\": source %s is %s", volume, path,
               what);
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

/* QEMU's locks (block/file-posix.c, raw_handle_perm_lock): whoever does a thing holds the byte 100 + its bit, whoever
 * forbids it to others the byte 200 + its bit; writing is bit 1. */
#define LOCK_FIRST 100
#define LOCK_LENGTH 200
#define LOCK_WRITES 101
#define LOCK_KEEPS_WRITERS 201

static gboolean
is_locked (int fd, off_t start, off_t length)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length };

  return fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static void
look_at_locks (HotplugSource *source, int fd)
{
  HotplugSourceLocks *locks = &source->locks;

  locks->held = is_locked (fd, LOCK_FIRST, LOCK_LENGTH);
  locks->written = locks->held && is_locked (fd, LOCK_WRITES, 1);
  locks->keeps_writers = locks->held && is_locked (fd, LOCK_KEEPS_WRITERS, 1);
}

/* As KubeVirt matches them: of a block device its own, of an image what its file system reads and writes at once */
static void
look_at_block_sizes (HotplugSource *source, int fd)
{
  struct statfs fs;
  int logical = 0;
  guint physical = 0;

  if (source->block && ioctl (fd, BLKSSZGET, &logical) == 0 && ioctl (fd, BLKPBSZGET, &physical) == 0)
    {
      source->logical_block_size = (guint) logical;
      source->physical_block_size = physical;
    }
  else if (!source->block && fstatfs (fd, &fs) == 0)
    source->logical_block_size = source->physical_block_size = (guint) fs.f_bsize;
}

/* The header of docs/interop/qcow2.txt: a backing file's name at 8, and since version 3 the features at 72, of which
 * bit 2 is an external data file, which QEMU opens by the name in the image. */
#define QCOW2_HEADER_SIZE 80
#define QCOW2_DATA_FILE 0x04

static void
look_at_header (HotplugSource *source, int fd)
{
  guint8 header[QCOW2_HEADER_SIZE] = { 0 };

  source->header = _hotplug_header_name (_hotplug_header_of (fd));
  if (pread (fd, header, sizeof header, 0) != sizeof header || memcmp (header, "QFI\xfb", 4) != 0)
    return;

  gboolean has_features = header[7] >= 3;
  source->qcow2 = TRUE;
  for (guint i = 8; i < 16; i++)
    source->refers = source->refers || header[i] != 0;
  source->encrypted = header[32] != 0 || header[33] != 0 || header[34] != 0 || header[35] != 0;
  source->refers = source->refers || (has_features && (header[79] & QCOW2_DATA_FILE) != 0);
}

/* As QEMU tries it out (block/file-posix.c, raw_probe_alignment): what can be read is right, and where any length can
 * be it takes the largest. Another error than this one says nothing of the length. */
#define ALIGNMENT_MAX 4096

static guint
find_alignment (int fd)
{
  static const guint lengths[] = { 1, 512, 1024, 2048, ALIGNMENT_MAX };
  void *buffer = NULL;
  guint found = ALIGNMENT_MAX;

  if (posix_memalign (&buffer, ALIGNMENT_MAX, ALIGNMENT_MAX) != 0)
    return found;
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      if (pread (fd, buffer, lengths[i], 0) < 0 && errno == EINVAL)
        continue;
      found = lengths[i] == 1 ? ALIGNMENT_MAX : lengths[i];
      break;
    }
  free (buffer);
  return found;
}

/* What its record says, which is beside it: volume.conf in a directory, NAME.hotplug in a pool of files */
static gboolean
was_preallocated (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *beside = g_build_filename (directory, "volume.conf", NULL);
  g_autofree char *behind = g_strconcat (path, ".hotplug", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gsize length = 0;
  g_autofree char *text = _hotplug_file_read (g_str_has_suffix (path, "/" IMAGE_IN_DIRECTORY) ? beside : behind,
                                             RECORD_MAX, &length, NULL);

  return text != NULL && g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, NULL)
         && g_key_file_get_boolean (file, "DataVolume", "preallocation", NULL);
}

/* What a disk's options depend on. O_DIRECT comes last: it is refused by the file system as an open with it would
 * be. */
static void
look_inside (HotplugSource *source, int fd, const struct stat *st)
{
  int version = 0;
  int flags = fcntl (fd, F_GETFL);

  source->looked = TRUE;
  source->allocated = S_ISREG (st->st_mode) && st->st_blocks * 512 >= st->st_size;
  source->scsi = source->block && ioctl (fd, SG_GET_VERSION_NUM, &version) == 0;
  look_at_locks (source, fd);
  look_at_block_sizes (source, fd);
  look_at_header (source, fd);
  source->preallocated = was_preallocated (source->path);
  source->direct = flags >= 0 && fcntl (fd, F_SETFL, flags | O_DIRECT) == 0;
  if (source->direct && !source->block)
    source->alignment = find_alignment (fd);
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
  int closed = 0;
  /* the kernel may open it for writing all the same, and QEMU asks this: block/file-posix.c, hdev_is_writable */
  if (ok && !read_only && S_ISBLK (st.st_mode) && ioctl (fd, BLKROGET, &closed) == 0 && closed != 0)
    {
      ok = FALSE;
      errno = EACCES;
    }
  if (ok)
    {
      identify (source, &st);
      source->size = size_of (fd, &st);
      look_inside (source, fd, &st);
    }
  int code = errno;
  g_close (fd, NULL);
  return ok || set_errno (error, volume, source->path, code);
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
_hotplug_source_identify (const char *path, HotplugSource *out)
{
  struct stat st;

  if (stat (path, &st) != 0)
    return FALSE;

  identify (out, &st);
  return TRUE;
}

gboolean
_hotplug_source_is_same (const HotplugSource *self, const HotplugSource *other)
{
  return self->block == other->block && self->major_id == other->major_id && self->minor_id == other->minor_id;
}

gboolean
_hotplug_source_is (const HotplugSource *self, const char *path)
{
  HotplugSource other = { 0 };

  if (path == NULL)
    return FALSE;
  return strcmp (self->path, path) == 0
         || (_hotplug_source_identify (path, &other) && _hotplug_source_is_same (self, &other));
}

/* A qcow2 header's size of the disk is at 24. */
static guint64
capacity_of (int fd, const struct stat *st, HotplugImageFormat format)
{
  guint64 size = 0;

  if (format != HOTPLUG_IMAGE_FORMAT_QCOW2)
    return size_of (fd, st);
  return _hotplug_header_of (fd) == HOTPLUG_HEADER_QCOW2 && pread (fd, &size, sizeof size, 24) == sizeof size
             ? GUINT64_FROM_BE (size)
             : 0;
}

guint64
_hotplug_source_capacity (const char *path, HotplugImageFormat format)
{
  struct stat st;

  if (path == NULL || stat (path, &st) != 0)
    return 0;
  if (S_ISREG (st.st_mode) && format != HOTPLUG_IMAGE_FORMAT_QCOW2)
    return size_of (-1, &st);
  if (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode))
    return 0;

  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return 0;

  guint64 size = capacity_of (fd, &st, format);
  g_close (fd, NULL);
  return size;
}

char *
_hotplug_source_read_link (const char *path)
{
  g_autofree char *link = g_file_read_link (path, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  return link != NULL ? g_canonicalize_filename (link, directory) : NULL;
}
