/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "host/hotplug-peer-private.h"
#include "host/hotplug-pool-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-migration-look-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* A file of the machine's, by its path on each host; they differ where a storage pool of one name is elsewhere */
typedef struct
{
  const HotplugMigrationNeed *need;
  char *here;
  char *there;
} File;

/* Linux follows so many links: include/linux/namei.h MAXSYMLINKS */
#define LINKS_MAX 40

static void
free_file (File *file)
{
  g_free (file->here);
  g_free (file->there);
  g_free (file);
}

static void
add_file (GPtrArray *files, const HotplugMigrationNeed *need, const char *here, const char *there)
{
  File *file = g_new0 (File, 1);

  *file = (File){ .need = need, .here = g_strdup (here), .there = g_strdup (there) };
  g_ptr_array_add (files, file);
}

/* A link is looked at, and what it stands for, which may be elsewhere: whoever has the link, has it for the same path.
 * On another machine than ours it is taken for the file. */
static void
add_linked (HotplugMigrationLook *self, GPtrArray *files, const HotplugMigrationNeed *need, const char *name)
{
  g_autofree char *path = g_strdup (name);

  for (guint i = 0; i < LINKS_MAX && path != NULL; i++)
    {
      g_autofree char *link = _hotplug_connection_is_local (self->source) ? _hotplug_source_read_link (path) : NULL;

      add_file (files, need, path, path);
      g_free (path);
      path = g_steal_pointer (&link);
    }
}

static gboolean
is_broken (const GError *error)
{
  return g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
}

/* (nullable): nothing that can be looked at, which is no error, or is one */
static HotplugStorageVolume *
find_volume (HotplugConnection *connection, const HotplugMigrationNeed *need, GError **error)
{
  g_autofree char *xml = _hotplug_connection_find_pool_volume (connection, need->name, need->volume, error);

  return xml != NULL ? _hotplug_pool_volume_from_xml (xml, error) : NULL;
}

/* libvirt asks each host's pool of that name where it is: src/storage/storage_driver.c
 * virStorageTranslateDiskSourcePool () */
static gboolean
resolve (HotplugMigrationLook *self, const HotplugMigrationNeed *need, GPtrArray *files, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (HotplugStorageVolume) here = find_volume (self->source, need, &cause);

  if (is_broken (cause))
    return g_propagate_error (error, g_steal_pointer (&cause)), FALSE;
  g_clear_error (&cause);

  g_autoptr (HotplugStorageVolume) there = find_volume (self->destination, need, &cause);
  if (is_broken (cause))
    return g_propagate_error (error, g_steal_pointer (&cause)), FALSE;
  if (there == NULL)
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_SOURCE_MISSING, "%s: %s (virsh pool-refresh %s)",
                                    need->title, cause->message, need->name);
  if (here == NULL)
    self->outlook->doubtful = TRUE;
  if (here == NULL || there == NULL || !here->file || !there->file)
    return TRUE;

  if (strcmp (here->path, there->path) == 0)
    add_linked (self, files, need, here->path);
  else
    add_file (files, need, here->path, there->path);
  return TRUE;
}

static GPtrArray *
list_files (HotplugMigrationLook *self, GError **error)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify)free_file);

  for (guint i = 0; i < self->outlook->needs->len; i++)
    {
      const HotplugMigrationNeed *need = g_ptr_array_index (self->outlook->needs, i);

      if (need->kind == HOTPLUG_MIGRATION_NEED_VOLUME && !resolve (self, need, files, error))
        return NULL;
      if (need->kind == HOTPLUG_MIGRATION_NEED_FILE)
        add_linked (self, files, need, need->name);
    }
  return g_steal_pointer (&files);
}

static gboolean
share_directories (const File *one, const File *other)
{
  g_autofree char *here = g_path_get_dirname (one->here);
  g_autofree char *there = g_path_get_dirname (one->there);
  g_autofree char *other_here = g_path_get_dirname (other->here);
  g_autofree char *other_there = g_path_get_dirname (other->there);

  return strcmp (here, other_here) == 0 && strcmp (there, other_there) == 0;
}

/* No pool is made there: what is not a file may do something when it is opened, as a watchdog does. */
static gboolean
is_special (const char *path)
{
  return g_str_has_prefix (path, "/dev/") || g_str_has_prefix (path, "/proc/") || g_str_has_prefix (path, "/sys/");
}

static char *
new_mark (const HotplugMigrationLook *self)
{
  g_autofree char *uuid = g_uuid_string_random ();

  return g_strconcat (self->prefix, uuid, NULL);
}

/* A directory of a name that nobody has used before: whoever has it has this one. It is looked for by its path and not
 * among the others, as what NFS has told of a directory's entries may be a minute old (nfs(5), acdirmax), and nobody's
 * images are opened. */
static gboolean
compare_directories (HotplugMigrationLook *self, const File *file, HotplugSight *sight, GError **error)
{
  g_autofree char *mark = new_mark (self);
  g_autofree char *hidden = g_strconcat (".", mark, NULL);
  g_autofree char *here = g_path_get_dirname (file->here);
  g_autofree char *there = g_path_get_dirname (file->there);
  g_autofree char *left = g_build_filename (here, hidden, NULL);
  g_autofree char *found = g_build_filename (there, hidden, NULL);
  g_autoptr (GError) cause = NULL;

  *sight = HOTPLUG_SIGHT_UNKNOWN;
  if (is_special (file->here) || is_special (file->there))
    return TRUE;
  if (_hotplug_connection_leave_mark (self->source, mark, left, &cause))
    return _hotplug_connection_find_mark (self->destination, mark, found, sight, error);
  if (is_broken (cause))
    return g_propagate_error (error, g_steal_pointer (&cause)), FALSE;
  g_debug ("directory %s can't be marked: %s", here, cause->message);
  return TRUE;
}

static gboolean
look_at_file (HotplugMigrationLook *self, HotplugConnection *connection, const char *path, HotplugSight *sight,
              guint64 *capacity, GError **error)
{
  g_autofree char *name = new_mark (self);

  *sight = HOTPLUG_SIGHT_UNKNOWN;
  *capacity = 0;
  return is_special (path) || _hotplug_connection_find_file (connection, name, path, sight, capacity, error);
}

/* Where nothing can be left in the directory: that the path leads to a file tells nothing of one that is written to,
 * so that libvirt is to judge what kind of file system it is on (9.0.0 src/qemu/qemu_migration.c:1569). */
static gboolean
look_at_written (HotplugMigrationLook *self, const File *file, GError **error)
{
  HotplugSight sight;
  guint64 capacity;

  if (!look_at_file (self, self->destination, file->there, &sight, &capacity, error))
    return FALSE;
  if (sight == HOTPLUG_SIGHT_MISSING)
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_SOURCE_MISSING, "there is no %s: %s", file->there,
                                    file->need->title);
  self->outlook->doubtful = TRUE;
  return TRUE;
}

/* What is only read may be a copy. */
static gboolean
look_at_read (HotplugMigrationLook *self, const File *file, GError **error)
{
  HotplugSight here, there;
  guint64 sizes[2];

  if (!look_at_file (self, self->destination, file->there, &there, &sizes[1], error))
    return FALSE;
  if (there == HOTPLUG_SIGHT_MISSING)
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_SOURCE_MISSING, "there is no %s: %s", file->there,
                                    file->need->title);
  if (there != HOTPLUG_SIGHT_SEEN)
    return TRUE;
  if (!look_at_file (self, self->source, file->here, &here, &sizes[0], error))
    return FALSE;
  if (here == HOTPLUG_SIGHT_SEEN && sizes[0] != sizes[1])
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_SOURCE_MISSING,
                                    "%s is another file there, of %" G_GUINT64_FORMAT
                                    " bytes instead of %" G_GUINT64_FORMAT ": %s",
                                    file->there, sizes[1], sizes[0], file->need->title);
  return TRUE;
}

/* All of one directory, @files from @first on */
static gboolean
look_at_directory (HotplugMigrationLook *self, const GPtrArray *files, guint first, GError **error)
{
  const File *example = g_ptr_array_index (files, first);
  g_autoptr (GString) apart = g_string_new (NULL);
  HotplugSight sight;

  if (!compare_directories (self, example, &sight, error))
    return FALSE;
  for (guint i = first; i < files->len; i++)
    {
      const File *file = g_ptr_array_index (files, i);
      gboolean read_only = file->need->read_only;

      if (!share_directories (example, file))
        continue;
      if (sight == HOTPLUG_SIGHT_SEEN)
        self->seen = self->seen || !read_only;
      else if (!read_only && sight == HOTPLUG_SIGHT_MISSING)
        g_string_append_printf (apart, "%s%s", apart->len > 0 ? ", " : "", file->need->title);
      else if (!(read_only ? look_at_read : look_at_written) (self, file, error))
        return FALSE;
    }
  if (apart->len > 0)
    {
      g_autofree char *here = g_path_get_dirname (example->here);
      g_autofree char *there = g_path_get_dirname (example->there);
      gboolean same = strcmp (here, there) == 0;
      _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_SOURCE_MISSING,
                                      "%s%s%s is not shared with that host: %s", here, same ? "" : ", there ",
                                      same ? "" : there, apart->str);
    }
  return TRUE;
}

gboolean
_hotplug_migration_look_at_files (HotplugMigrationLook *self, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (self, error);

  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      gboolean done = FALSE;

      for (guint j = 0; j < i && !done; j++)
        done = share_directories (g_ptr_array_index (files, j), g_ptr_array_index (files, i));
      if (!done
          && (g_cancellable_set_error_if_cancelled (self->cancellable, error)
              || !look_at_directory (self, files, i, error)))
        return FALSE;
    }
  return files != NULL;
}

static gboolean
is_same (const HotplugMigrationNeed *one, const HotplugMigrationNeed *other)
{
  return one->kind == other->kind && strcmp (one->name, other->name) == 0;
}

static char *
join_titles (const GPtrArray *needs, guint first)
{
  g_autoptr (GString) titles = g_string_new (NULL);

  for (guint i = first; i < needs->len; i++)
    {
      const HotplugMigrationNeed *need = g_ptr_array_index (needs, i);
      if (is_same (g_ptr_array_index (needs, first), need))
        g_string_append_printf (titles, "%s%s", titles->len > 0 ? ", " : "", need->title);
    }
  return g_string_free (g_steal_pointer (&titles), FALSE);
}

/* All that have the same one */
static gboolean
look_at_network (HotplugMigrationLook *self, guint first, GError **error)
{
  const HotplugMigrationNeed *need = g_ptr_array_index (self->outlook->needs, first);
  gboolean bridge = need->kind == HOTPLUG_MIGRATION_NEED_BRIDGE;
  g_autofree char *titles = join_titles (self->outlook->needs, first);
  HotplugSight sight;

  if (!(bridge ? _hotplug_connection_find_link : _hotplug_connection_find_network) (self->destination, need->name,
                                                                                    &sight, error))
    return FALSE;
  if (sight == HOTPLUG_SIGHT_ASLEEP)
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_NETWORK_MISSING,
                                    "its network \"%s\" is not active (virsh net-start %s): %s", need->name, need->name,
                                    titles);
  else if (sight == HOTPLUG_SIGHT_MISSING)
    _hotplug_migration_outlook_add (self->outlook, HOTPLUG_ERROR_NETWORK_MISSING,
                                    bridge ? "it has no bridge %s: %s" : "it has no network \"%s\": %s", need->name,
                                    titles);
  return TRUE;
}

gboolean
_hotplug_migration_look_at_networks (HotplugMigrationLook *self, GError **error)
{
  const GPtrArray *needs = self->outlook->needs;

  for (guint i = 0; i < needs->len; i++)
    {
      const HotplugMigrationNeed *need = g_ptr_array_index (needs, i);
      gboolean done = need->kind != HOTPLUG_MIGRATION_NEED_BRIDGE && need->kind != HOTPLUG_MIGRATION_NEED_NETWORK;

      for (guint j = 0; j < i && !done; j++)
        done = is_same (g_ptr_array_index (needs, j), need);
      if (!done
          && (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !look_at_network (self, i, error)))
        return FALSE;
    }
  return TRUE;
}
