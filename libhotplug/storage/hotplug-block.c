/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "storage/hotplug-block-private.h"

/* As many devices lie upon each other nowhere; a ring can't be. */
#define FAMILY_MAX 1024

/* Loop devices of loop devices */
#define LOOP_DEPTH_MAX 8

#define SYS_BLOCK "/sys/block"

/* Of a device, by its number, as the kernel's path of it; NULL if there is none */
static char *
sysfs_path (guint64 device)
{
  g_autofree char *link = g_strdup_printf ("/sys/dev/block/%u:%u", major (device), minor (device));
  char *resolved = realpath (link, NULL);
  char *path = g_strdup (resolved);

  free (resolved);
  return path;
}

static gboolean
read_number (const char *directory, const char *entry, guint64 *device)
{
  g_autofree char *path = g_build_filename (directory, entry, "dev", NULL);
  g_autofree char *text = NULL;
  guint first = 0;
  guint second = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL) || sscanf (text, "%u:%u", &first, &second) != 2)
    return FALSE;
  *device = makedev (first, second);
  return TRUE;
}

static gboolean
has (const GArray *devices, guint64 device)
{
  for (guint i = 0; i < devices->len; i++)
    {
      if (g_array_index (devices, guint64, i) == device)
        return TRUE;
    }
  return FALSE;
}

static void
add (GArray *devices, const char *directory, const char *entry)
{
  guint64 device = 0;

  if (devices->len < FAMILY_MAX && read_number (directory, entry, &device) && !has (devices, device))
    g_array_append_val (devices, device);
}

static void
add_all (GArray *devices, const char *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);

  for (const char *entry = NULL; entries != NULL && (entry = g_dir_read_name (entries)) != NULL;)
    add (devices, directory, entry);
}

static gboolean
is_partition (const char *path)
{
  g_autofree char *file = g_build_filename (path, "partition", NULL);

  return g_file_test (file, G_FILE_TEST_EXISTS);
}

/* What lies upon the devices from @from on, or what these lie upon */
static void
spread (GArray *devices, guint from, gboolean up)
{
  for (guint i = from; i < devices->len; i++)
    {
      g_autofree char *path = sysfs_path (g_array_index (devices, guint64, i));

      if (path == NULL)
        continue;
      g_autofree char *neighbours = g_build_filename (path, up ? "holders" : "slaves", NULL);
      add_all (devices, neighbours);
      /* a disk's partitions are directories in its own */
      if (up && !is_partition (path))
        add_all (devices, path);
      if (!up && is_partition (path))
        {
          g_autofree char *disk = g_path_get_dirname (path);
          add (devices, disk, "");
        }
    }
}

/* A device and all that lies upon it */
static GArray *
list_above (guint64 device)
{
  GArray *devices = g_array_new (FALSE, FALSE, sizeof device);

  g_array_append_val (devices, device);
  spread (devices, 0, TRUE);
  return devices;
}

/* What a device lies upon, itself the first */
static GArray *
list_below (guint64 device)
{
  GArray *devices = g_array_new (FALSE, FALSE, sizeof device);

  g_array_append_val (devices, device);
  spread (devices, 0, FALSE);
  return devices;
}

/* Of a loop device, what it is made of */
static gboolean
find_backing (guint64 device, HotplugSource *backing)
{
  g_autofree char *link = g_strdup_printf ("/sys/dev/block/%u:%u/loop/backing_file", major (device), minor (device));
  g_autofree char *path = NULL;
  struct stat st;

  if (!g_file_get_contents (link, &path, NULL, NULL) || stat (g_strchomp (path), &st) != 0)
    return FALSE;
  backing->block = S_ISBLK (st.st_mode);
  backing->major_id = backing->block ? st.st_rdev : st.st_dev;
  backing->minor_id = backing->block ? 0 : st.st_ino;
  return TRUE;
}

/* Whether a loop device that @self lies upon, and @other does not, is made of something of @other's. Pieces of one loop
 * device are told apart as those of any disk. */
static gboolean
has_loop_of (const HotplugSource *self, const HotplugSource *other, guint depth)
{
  if (!self->block || depth == LOOP_DEPTH_MAX)
    return FALSE;

  g_autoptr (GArray) below = list_below (self->major_id);
  g_autoptr (GArray) others = other->block ? list_below (other->major_id) : NULL;
  for (guint i = 0; i < below->len; i++)
    {
      guint64 device = g_array_index (below, guint64, i);
      HotplugSource backing = { 0 };

      if ((others != NULL && has (others, device)) || !find_backing (device, &backing))
        continue;
      if (backing.block == other->block
          && (backing.block ? has (others, backing.major_id)
                            : backing.major_id == other->major_id && backing.minor_id == other->minor_id))
        return TRUE;
      if (has_loop_of (&backing, other, depth + 1) || has_loop_of (other, &backing, depth + 1))
        return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_block_overlaps (const HotplugSource *self, const HotplugSource *other)
{
  if (self->block && other->block)
    {
      if (self->major_id == other->major_id)
        return TRUE;

      g_autoptr (GArray) above = list_above (self->major_id);
      g_autoptr (GArray) others = list_above (other->major_id);
      if (has (above, other->major_id) || has (others, self->major_id))
        return TRUE;
    }
  return has_loop_of (self, other, 0) || has_loop_of (other, self, 0);
}

gboolean
_hotplug_block_is_behind (const HotplugSource *self, const char *device)
{
  g_autoptr (GArray) devices = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autofree char *piece = g_strconcat ("/", device, "/", NULL);
  gboolean behind = FALSE;

  if (!self->block)
    return FALSE;
  g_array_append_val (devices, self->major_id);
  spread (devices, 0, FALSE);
  for (guint i = 0; i < devices->len; i++)
    {
      g_autofree char *path = sysfs_path (g_array_index (devices, guint64, i));
      behind = behind || (path != NULL && strstr (path, piece) != NULL);
    }
  return behind;
}

static guint64
number_of (const char *path)
{
  struct stat st;

  return stat (path, &st) == 0 && S_ISBLK (st.st_mode) ? st.st_rdev : 0;
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue": proc(5). A file system of several
 * devices has a number that is none of them; its source is a device all the same. */
static char *
find_among_mounts (const GArray *devices)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return NULL;

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", -1);
      const char *tail = strstr (lines[i], " - ");
      g_auto (GStrv) rest = tail != NULL ? g_strsplit (tail + strlen (" - "), " ", -1) : NULL;
      guint first = 0;
      guint second = 0;

      if (g_strv_length (fields) < 5 || sscanf (fields[2], "%u:%u", &first, &second) != 2)
        continue;
      guint64 source = rest != NULL && g_strv_length (rest) > 1 && rest[1][0] == '/' ? number_of (rest[1]) : 0;
      if (has (devices, makedev (first, second)) || (source != 0 && has (devices, source)))
        return g_strcompress (fields[4]);
    }
  return NULL;
}

static char *
find_among_swaps (const GArray *devices)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents ("/proc/swaps", &text, NULL, NULL))
    return NULL;

  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = g_strndup (lines[i], strcspn (lines[i], " \t"));
      guint64 device = path[0] == '/' ? number_of (path) : 0;
      if (device != 0 && has (devices, device))
        return g_strdup ("swap");
    }
  return NULL;
}

static gboolean
is_file_of (const HotplugSource *self, const char *loop)
{
  g_autofree char *file = g_build_filename (SYS_BLOCK, loop, "loop", "backing_file", NULL);
  g_autofree char *path = NULL;
  struct stat st;

  return g_file_get_contents (file, &path, NULL, NULL) && stat (g_strchomp (path), &st) == 0
         && st.st_dev == self->major_id && st.st_ino == self->minor_id;
}

static void
add_loops_of (const HotplugSource *self, GArray *devices)
{
  g_autoptr (GDir) entries = g_dir_open (SYS_BLOCK, 0, NULL);

  for (const char *entry = NULL; entries != NULL && (entry = g_dir_read_name (entries)) != NULL;)
    {
      if (g_str_has_prefix (entry, "loop") && is_file_of (self, entry))
        add (devices, SYS_BLOCK, entry);
    }
}

char *
_hotplug_block_find_mount (const HotplugSource *self)
{
  g_autoptr (GArray) devices = g_array_new (FALSE, FALSE, sizeof (guint64));

  if (self->block)
    g_array_append_val (devices, self->major_id);
  else
    add_loops_of (self, devices);
  if (devices->len == 0)
    return NULL;

  spread (devices, 0, TRUE);
  char *mount = find_among_mounts (devices);
  return mount != NULL ? mount : find_among_swaps (devices);
}
