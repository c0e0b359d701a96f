/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/hotplug-image-chain-private.h"
#include "storage/hotplug-overlay-private.h"

/* Of a directory no more is looked at. */
#define FILES_MAX 10000

/* QEMU docs/interop/qcow2.txt: the name's place and length in the header, which is of the first cluster */
#define QCOW2_MAGIC "QFI\xfb"
#define QCOW2_HEADER_SIZE 20
#define QCOW2_NAME_MAX 1023

typedef struct
{
  gint64 made;
  gint64 written;
  guint64 device;
  guint64 inode;
} Times;

static gint64
microseconds (const struct statx_timestamp *time)
{
  return time->tv_sec * G_USEC_PER_SEC + time->tv_nsec / 1000;
}

/* Of a regular file; where nobody keeps when it was made, when it was written */
static gboolean
look (int fd, const char *name, int flags, Times *out)
{
  struct statx found;

  if (statx (fd, name, flags | AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS | STATX_BTIME, &found) != 0
      || !S_ISREG (found.stx_mode))
    return FALSE;
  out->written = microseconds (&found.stx_mtime);
  out->made = found.stx_mask & STATX_BTIME ? microseconds (&found.stx_btime) : out->written;
  out->device = (guint64)found.stx_dev_major << 32 | found.stx_dev_minor;
  out->inode = found.stx_ino;
  return TRUE;
}

static guint64
read_big_endian (const guint8 *bytes, guint n)
{
  guint64 number = 0;

  for (guint i = 0; i < n; i++)
    number = number << 8 | bytes[i];
  return number;
}

/* What a qcow2 image says that it stands upon; NULL: nothing */
static char *
read_backing_name (int fd)
{
  guint8 header[QCOW2_HEADER_SIZE];

  if (pread (fd, header, sizeof header, 0) != sizeof header || memcmp (header, QCOW2_MAGIC, 4) != 0)
    return NULL;

  guint64 offset = read_big_endian (header + 8, 8);
  gsize length = (gsize)read_big_endian (header + 16, 4);
  if (offset == 0 || offset > G_MAXINT32 || length == 0 || length > QCOW2_NAME_MAX)
    return NULL;

  g_autofree char *name = g_malloc0 (length + 1);
  return pread (fd, name, length, (off_t)offset) == (ssize_t)length ? g_steal_pointer (&name) : NULL;
}

static gboolean
stands_upon (int directory, const char *name, const Times *base)
{
  int fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd < 0)
    return FALSE;

  g_autofree char *backing = read_backing_name (fd);
  const char *path = backing != NULL && g_str_has_prefix (backing, "file:") ? backing + strlen ("file:") : backing;
  Times found;
  close (fd);
  return path != NULL && look (directory, path, 0, &found) && found.device == base->device
         && found.inode == base->inode;
}

char *
_hotplug_overlay_find (const char *path, const char *elsewhere, gint64 since)
{
  g_autofree char *directory = elsewhere != NULL ? g_strdup (elsewhere) : g_path_get_dirname (path);
  Times base;
  char *found = NULL;

  if (!look (AT_FDCWD, path, 0, &base))
    return NULL;

  g_autoptr (GDir) names = g_dir_open (directory, 0, NULL);
  int fd = names != NULL ? open (directory, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
  for (guint i = 0; fd >= 0 && found == NULL && i < FILES_MAX; i++)
    {
      const char *name = g_dir_read_name (names);
      Times times;

      if (name == NULL)
        break;
      if (look (fd, name, AT_SYMLINK_NOFOLLOW, &times) && times.made > since && times.written >= base.written
          && stands_upon (fd, name, &base))
        found = g_build_filename (directory, name, NULL);
    }
  if (fd >= 0)
    close (fd);
  return found;
}

char *
_hotplug_overlay_find_below (const char *path, gint64 since)
{
  g_autoptr (GPtrArray) chain = _hotplug_image_chain (path);
  Times top;

  if (!look (AT_FDCWD, path, 0, &top))
    return NULL;
  for (guint i = 0; i < chain->len; i++)
    {
      Times below;

      if (look (AT_FDCWD, g_ptr_array_index (chain, i), 0, &below) && below.written > since
          && below.written > top.written)
        return g_strdup (g_ptr_array_index (chain, i));
    }
  return NULL;
}
