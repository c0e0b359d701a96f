/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-lock-private.h"
#include "base/hotplug-name-private.h"
#include "storage/hotplug-store-inside-private.h"
#include "storage/hotplug-store-record-private.h"

#define LOCK ".lock"
#define RECORD_MAX 65536

gboolean
_hotplug_store_set_errno (HotplugStore *self, const char *entry, int code, GError **error)
{
  HotplugError as = code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_FAILED;

  g_set_error (error, HOTPLUG_ERROR, (int)as, "store %s%s%s: %s", self->path, entry != NULL ? ": " : "",
               entry != NULL ? entry : "",
               code == ELOOP || code == ENOTDIR ? "is a link or no directory; a volume never leaves its store"
                                                : g_strerror (code));
  return FALSE;
}

/* Whoever may write in it decides what a machine opens. */
static gboolean
check_store (HotplugStore *self, GError **error)
{
  struct stat st;

  if (fstat (self->fd, &st) != 0)
    return _hotplug_store_set_errno (self, NULL, errno, error);
  self->group = st.st_gid;
  if ((st.st_mode & S_IWOTH) == 0 && (st.st_uid == geteuid () || st.st_uid == 0))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION,
               "store %s: %s; give it an owner of its own and mode 0750", self->path,
               (st.st_mode & S_IWOTH) != 0 ? "everybody may write in it" : "it is another user's");
  return FALSE;
}

/* Those above it are nobody's secret; those who run the machines may have to come by. */
static gboolean
make_directory (HotplugStore *self, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (self->path);

  if (g_mkdir_with_parents (parent, 0755) != 0)
    return _hotplug_store_set_errno (self, NULL, errno, error);
  self->made = mkdir (self->path, self->shared ? 0750 : 0700) == 0;
  return self->made || errno == EEXIST || _hotplug_store_set_errno (self, NULL, errno, error);
}

HotplugStore *
_hotplug_store_open (const char *name, const char *path, gboolean shared, gboolean make, GError **error)
{
  g_autoptr (HotplugStore) self = g_new0 (HotplugStore, 1);

  self->name = g_strdup (name);
  self->path = g_strdup (path);
  self->shared = shared;
  self->fd = -1;
  if (make && !make_directory (self, error))
    return NULL;

  self->fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->fd < 0 && errno == ENOENT)
    return g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "store %s: there is none", path), NULL;
  if (self->fd < 0)
    return _hotplug_store_set_errno (self, NULL, errno, error), NULL;
  return check_store (self, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
_hotplug_store_share (HotplugStore *self, const HotplugMachineUser *user, GError **error)
{
  g_autofree char *what = g_strdup_printf ("store %s", self->path);

  self->shared = TRUE;
  if (!_hotplug_machine_user_is_in (user, self->group))
    self->group = user->gid;
  if (self->made && (fchown (self->fd, (uid_t)-1, self->group) != 0 || fchmod (self->fd, 0750) != 0))
    g_debug ("store %s: group %u: %s", self->path, self->group, g_strerror (errno));
  if (_hotplug_machine_user_check (user, what, self->path, error))
    return TRUE;

  if (self->made)
    rmdir (self->path);
  return FALSE;
}

void
_hotplug_store_free (HotplugStore *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

int
_hotplug_store_lock (HotplugStore *self, GError **error)
{
  int fd = openat (self->fd, LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0 && flock (fd, LOCK_EX) == 0)
    return fd;

  _hotplug_store_set_errno (self, LOCK, errno, error);
  if (fd >= 0)
    close (fd);
  return -1;
}

static int
open_directory (HotplugStore *self, const char *entry)
{
  return openat (self->fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

gboolean
_hotplug_store_take_directory (int fd)
{
  return flock (fd, LOCK_EX | LOCK_NB) == 0;
}

/* The entries of a directory, without . and .. */
static GPtrArray *
list_entries (int fd)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  int copy = openat (fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = copy >= 0 ? fdopendir (copy) : NULL;

  for (struct dirent *at = NULL; directory != NULL && (at = readdir (directory)) != NULL;)
    {
      if (strcmp (at->d_name, ".") != 0 && strcmp (at->d_name, "..") != 0)
        g_ptr_array_add (entries, g_strdup (at->d_name));
    }
  if (directory != NULL)
    closedir (directory);
  return g_steal_pointer (&entries);
}

gboolean
_hotplug_store_is_ours (const char *entry)
{
  static const char *const names[]
      = { HOTPLUG_STORE_IMAGE, HOTPLUG_STORE_RECORD, HOTPLUG_STORE_PROGRESS, HOTPLUG_STORE_MAKER, NULL };

  return g_strv_contains (names, entry);
}

gboolean
_hotplug_store_remove_directory (HotplugStore *self, const char *entry)
{
  int fd = open_directory (self, entry);

  if (fd < 0)
    return FALSE;

  g_autoptr (GPtrArray) entries = list_entries (fd);
  for (guint i = 0; i < entries->len; i++)
    {
      if (_hotplug_store_is_ours (g_ptr_array_index (entries, i)))
        unlinkat (fd, g_ptr_array_index (entries, i), 0);
    }
  close (fd);
  return unlinkat (self->fd, entry, AT_REMOVEDIR) == 0;
}

/* The volume's name in .NAME.new or .NAME.old; NULL: neither */
static char *
inner_name (const char *entry, const char *suffix)
{
  if (entry[0] != '.' || !g_str_has_suffix (entry, suffix))
    return NULL;

  g_autofree char *name = g_strndup (entry + 1, strlen (entry) - 1 - strlen (suffix));
  return _hotplug_name_check ("volume", name, NULL) ? g_steal_pointer (&name) : NULL;
}

static char *
read_text (int directory, const char *entry)
{
  int fd = openat (directory, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  g_autofree char *text = g_malloc0 (RECORD_MAX);
  ssize_t length = fd >= 0 ? read (fd, text, RECORD_MAX - 1) : -1;

  if (fd >= 0)
    close (fd);
  return length >= 0 ? g_steal_pointer (&text) : NULL;
}

HotplugStoreMaker
_hotplug_store_find_maker (int fd, char **host)
{
  g_autofree char *text = read_text (fd, HOTPLUG_STORE_MAKER);

  return _hotplug_store_maker_judge (text, host);
}

/* One that is being taken away may be carried on by anybody; what is being made may be another host's. The lock alone
 * tells of a process that can't be seen from here. */
static gboolean
is_left (int fd, const char *entry)
{
  g_autofree char *host = NULL;
  gboolean site = g_str_has_prefix (entry, HOTPLUG_STORE_SITE);

  if (!_hotplug_store_take_directory (fd))
    return FALSE;
  if (g_str_has_suffix (entry, HOTPLUG_STORE_OLD)
      || _hotplug_store_find_maker (fd, &host) == HOTPLUG_STORE_MAKER_GONE)
    return TRUE;
  return site
         && _hotplug_store_maker_judge_name (entry + strlen (HOTPLUG_STORE_SITE)) == HOTPLUG_STORE_MAKER_GONE;
}

void
_hotplug_store_sweep (HotplugStore *self)
{
  g_autoptr (GPtrArray) entries = list_entries (self->fd);

  for (guint i = 0; i < entries->len; i++)
    {
      const char *entry = g_ptr_array_index (entries, i);
      g_autofree char *begun = inner_name (entry, HOTPLUG_STORE_NEW);
      g_autofree char *gone = inner_name (entry, HOTPLUG_STORE_OLD);
      gboolean site = g_str_has_prefix (entry, HOTPLUG_STORE_SITE);
      int fd = begun != NULL || gone != NULL || site ? open_directory (self, entry) : -1;

      if (fd < 0)
        continue;
      if (is_left (fd, entry))
        {
          g_debug ("store %s: %s was left by a process that ended; it is removed", self->path, entry);
          _hotplug_store_remove_directory (self, entry);
        }
      _hotplug_lock_close (fd);
    }
}

/* Why the image is none that a machine could use; NULL: it is one. @size: how large it is, 0 if the file does not
 * say */
static const char *
judge_image (int directory, HotplugDataVolume *volume, guint64 *size)
{
  struct stat st;

  *size = 0;
  if (fstatat (directory, HOTPLUG_STORE_IMAGE, &st, AT_SYMLINK_NOFOLLOW) != 0)
    return "it has no " HOTPLUG_STORE_IMAGE;
  if (!S_ISREG (st.st_mode))
    return "its " HOTPLUG_STORE_IMAGE " is no file, or a link; a volume never leaves its store";
  if (volume != NULL && hotplug_data_volume_get_format (volume) == HOTPLUG_IMAGE_FORMAT_QCOW2)
    return NULL;

  *size = (guint64)st.st_size;
  if (st.st_size == 0)
    return "its " HOTPLUG_STORE_IMAGE " is empty";
  return volume != NULL && *size < hotplug_data_volume_get_size (volume) ? "its " HOTPLUG_STORE_IMAGE " was cut" : NULL;
}

/* One whose maker did not write down what it is: somebody put an image there, as KubeVirt's claims without a
 * DataVolume */
static HotplugDataVolume *
describe_bare (const char *name, guint64 size)
{
  return g_object_new (HOTPLUG_TYPE_DATA_VOLUME, "name", name, "size", size, NULL);
}

static HotplugDataVolume *
load_volume (HotplugStore *self, const char *name, int directory)
{
  g_autofree char *text = read_text (directory, HOTPLUG_STORE_RECORD);
  g_autofree char *path = g_build_filename (self->path, name, HOTPLUG_STORE_IMAGE, NULL);
  g_autoptr (GError) bad = NULL;
  g_autoptr (HotplugDataVolume)
      told = text != NULL ? _hotplug_store_record_read (name, HOTPLUG_STORE_RECORD, text, &bad) : NULL;
  guint64 size = 0;
  const char *judgement = judge_image (directory, told, &size);

  if (bad != NULL)
    judgement = bad->message;
  if (told == NULL)
    told = describe_bare (name, size);
  return _hotplug_data_volume_with_status (
      told, size > 0 ? size : hotplug_data_volume_get_size (told), self->name, path,
      judgement == NULL ? HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED : HOTPLUG_DATA_VOLUME_PHASE_FAILED,
      judgement == NULL ? 100 : 0, judgement);
}

/* One that is being made: what is to become of it is written down before its image */
static HotplugDataVolume *
load_begun (HotplugStore *self, const char *name, int directory)
{
  g_autofree char *text = read_text (directory, HOTPLUG_STORE_RECORD);
  g_autofree char *progress = read_text (directory, HOTPLUG_STORE_PROGRESS);
  g_autoptr (HotplugDataVolume)
      told = text != NULL ? _hotplug_store_record_read (name, HOTPLUG_STORE_RECORD, text, NULL) : NULL;
  HotplugDataVolumePhase phase = HOTPLUG_DATA_VOLUME_PHASE_PENDING;
  g_autofree char *host = NULL;
  gboolean known = _hotplug_store_find_maker (directory, &host) != HOTPLUG_STORE_MAKER_UNKNOWN;
  g_autofree char *words = known ? NULL
                                 : g_strdup_printf ("it is being made %s%s; if its maker has ended, delete it",
                                                    host != NULL ? "on " : "elsewhere", host != NULL ? host : "");

  if (told == NULL)
    told = describe_bare (name, 0);
  if (progress != NULL)
    phase = hotplug_data_volume_get_source_volume (told) != NULL ? HOTPLUG_DATA_VOLUME_PHASE_CLONE_IN_PROGRESS
                                                                 : HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS;
  return _hotplug_data_volume_with_status (told, hotplug_data_volume_get_size (told), self->name, NULL, phase,
                                           progress != NULL ? g_ascii_strtod (progress, NULL) : 0, words);
}

HotplugDataVolume *
_hotplug_store_get (HotplugStore *self, const char *name, GError **error)
{
  g_autofree char *begun = g_strconcat (".", name, HOTPLUG_STORE_NEW, NULL);
  HotplugDataVolume *volume = NULL;

  if (!_hotplug_name_check ("data volume", name, error))
    return NULL;

  int fd = open_directory (self, name);
  gboolean whole = fd >= 0;
  if (fd < 0 && errno == ENOENT)
    fd = open_directory (self, begun);
  if (fd < 0 && errno == ENOENT)
    return g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND,
                        "data volume \"%s\": store %s has none of that name", name, self->path),
           NULL;
  if (fd < 0)
    return _hotplug_store_set_errno (self, name, errno, error), NULL;

  volume = whole ? load_volume (self, name, fd) : load_begun (self, name, fd);
  close (fd);
  return volume;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (hotplug_data_volume_get_name (*(HotplugDataVolume *const *)a),
                 hotplug_data_volume_get_name (*(HotplugDataVolume *const *)b));
}

/* Clears what a killed process left, if this user may. One that goes between the two looks is left out. */
GPtrArray *
_hotplug_store_list (HotplugStore *self, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  int lock = _hotplug_store_lock (self, NULL);

  if (lock >= 0)
    {
      _hotplug_store_sweep (self);
      _hotplug_lock_close (lock);
    }

  g_autoptr (GPtrArray) entries = list_entries (self->fd);
  for (guint i = 0; i < entries->len; i++)
    {
      const char *entry = g_ptr_array_index (entries, i);
      g_autofree char *begun = inner_name (entry, HOTPLUG_STORE_NEW);
      const char *name = begun != NULL ? begun : entry;
      HotplugDataVolume *volume = _hotplug_name_check ("volume", name, NULL) ? _hotplug_store_get (self, name, NULL)
                                                                             : NULL;

      if (volume != NULL)
        g_ptr_array_add (volumes, volume);
    }
  g_ptr_array_sort (volumes, compare_names);

  /* one that was given its name between two looks was seen under both */
  for (guint i = volumes->len; i > 1; i--)
    {
      if (compare_names (&volumes->pdata[i - 1], &volumes->pdata[i - 2]) == 0)
        g_ptr_array_remove_index (volumes, i - 1);
    }
  return g_steal_pointer (&volumes);
}
