/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-pool-private.h"
#include "model/hotplug-volume-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "storage/hotplug-block-private.h"
#include "storage/hotplug-source-hold-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-user-private.h"
#include "vmi/hotplug-image-users-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "xml/hotplug-pool-xml-private.h"

#define DEVICE_DIRECTORY "/dev/"

/* QEMU's words, which nobody translates, for EACCES */
#define DENIED "Permission denied"

/* And those for an image that ends between two blocks, where it is written to past the page cache */
#define MISALIGNED "not a multiple of request alignment"

/* The search for a disk that has the new volume's source */
typedef struct
{
  HotplugSession *session;
  HotplugVolume *volume;
  const HotplugSource *source;
  const char *uri; /* nullable: a source on the network */
  gboolean local;
  gboolean bare; /* errors begin with the volume: who asks says which machine it is */
  gboolean own;  /* a disk of the machine's own, which is its owner's to give away */
} Search;

static const char *
source_name (const Search *search)
{
  return search->uri != NULL ? search->uri : search->source->path;
}

/* Most disks are on both sides, and each volume of a batch is held against all: the kernel is asked once. */
static const HotplugSource *
look_up (HotplugSession *session, const char *path)
{
  gpointer found = NULL;

  if (session->looked_up == NULL)
    session->looked_up = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!g_hash_table_lookup_extended (session->looked_up, path, NULL, &found))
    {
      HotplugSource source = { 0 };
      found = _hotplug_source_identify (path, &source) ? g_memdup2 (&source, sizeof source) : NULL;
      g_hash_table_insert (session->looked_up, g_strdup (path), found);
    }
  return found;
}

static gboolean
is_at (const Search *search, const char *path)
{
  const HotplugSource *other;

  if (strcmp (search->source->path, path) == 0)
    return TRUE;
  if (!search->local)
    return FALSE;
  other = look_up (search->session, path);
  return other != NULL
         && (_hotplug_source_is_same (search->source, other) || _hotplug_block_overlaps (search->source, other));
}

static gboolean
is_source_of (const Search *search, const HotplugDisk *disk)
{
  return search->uri != NULL ? g_strcmp0 (search->uri, disk->uri) == 0
                             : disk->path != NULL && is_at (search, disk->path);
}

static gboolean
check_not_used_by (const Search *search, const HotplugDisk *disk, GError **error)
{
  if (!is_source_of (search, disk))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "vmi \"%s\": source %s of volume \"%s\" is the source of \"%s\" already",
               hotplug_vmi_get_name (search->session->vmi), source_name (search),
               hotplug_volume_get_name (search->volume), _hotplug_disk_name (disk));
  return FALSE;
}

static gboolean
check_not_used (const Search *search, GError **error)
{
  const HotplugDomain *sides[] = { search->session->live, search->session->template };

  for (guint side = 0; side < G_N_ELEMENTS (sides); side++)
    {
      for (guint i = 0; sides[side] != NULL && i < sides[side]->disks->len; i++)
        {
          if (!check_not_used_by (search, g_ptr_array_index (sides[side]->disks, i), error))
            return FALSE;
        }
      for (guint i = 0; sides[side] != NULL && i < sides[side]->records->len; i++)
        {
          const HotplugRecord *record = g_ptr_array_index (sides[side]->records, i);
          if (record->disk != NULL && !check_not_used_by (search, record->disk, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* What a disk of the machine itself stands upon, or is copied to, is nothing to write to. */
static gboolean
check_image (const Search *search, const HotplugDomain *side, const HotplugImageUse *image, GError **error)
{
  gboolean reads = image->role == HOTPLUG_IMAGE_ROLE_BACKING && hotplug_volume_get_read_only (search->volume);
  gboolean same = (search->uri != NULL && g_strcmp0 (search->uri, image->uri) == 0)
                  || (search->uri == NULL && image->path != NULL && is_at (search, image->path))
                  || (image->device != NULL && _hotplug_block_is_behind (search->source, image->device));

  if (image->role == HOTPLUG_IMAGE_ROLE_TOP || reads || !same)
    return TRUE;

  const HotplugDisk *disk = image->role != HOTPLUG_IMAGE_ROLE_DEVICE ? g_ptr_array_index (side->disks, image->disk)
                                                                     : NULL;
  g_autofree char *how = disk == NULL ? g_strdup ("is handed to it whole already")
                         : image->role == HOTPLUG_IMAGE_ROLE_MIRROR
                             ? g_strdup_printf ("is what \"%s\" is just copied to", _hotplug_disk_name (disk))
                             : g_strdup_printf ("is what \"%s\" stands upon", _hotplug_disk_name (disk));
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE, "vmi \"%s\": source %s of volume \"%s\" %s",
               hotplug_vmi_get_name (search->session->vmi), source_name (search),
               hotplug_volume_get_name (search->volume), how);
  return FALSE;
}

static gboolean
check_images (const Search *search, GError **error)
{
  const HotplugDomain *sides[] = { search->session->live, search->session->template };

  for (guint side = 0; side < G_N_ELEMENTS (sides); side++)
    {
      for (guint i = 0; sides[side] != NULL && i < sides[side]->images->len; i++)
        {
          if (!check_image (search, sides[side], &g_array_index (sides[side]->images, HotplugImageUse, i), error))
            return FALSE;
        }
    }
  return TRUE;
}

/* A running machine, and one that was saved while it ran, has what its kind of disk does not leave to others. Of one
 * that is stopped it is only its images' base that nobody may write to: its disks are for one machine at a time. */
static gboolean
is_in_the_way (const Search *search, const HotplugImageUser *user)
{
  HotplugVolume *volume = search->volume;

  if (user->role == HOTPLUG_IMAGE_ROLE_BACKING && (user->live || !search->own))
    return !hotplug_volume_get_read_only (volume);
  if (!user->live && !user->saved)
    return FALSE;
  return user->role != HOTPLUG_IMAGE_ROLE_TOP
         || !(hotplug_volume_get_shareable (volume)
                  ? user->shareable
                  : hotplug_volume_get_access_mode (volume) == HOTPLUG_ACCESS_MODE_READ_ONLY_MANY && user->read_only);
}

static const HotplugImageUser *
find_user (const Search *search)
{
  const HotplugImageWanted wanted = { .path = search->uri == NULL ? search->source->path : NULL,
                                      .uri = search->uri,
                                      .source = search->uri == NULL && search->local ? search->source : NULL };
  HotplugSession *session = search->session;

  if (session->users == NULL)
    session->users = _hotplug_image_users_list (session->connection, hotplug_vmi_get_uuid (session->vmi), NULL, NULL);
  for (guint i = 0; i < session->users->len; i++)
    {
      const HotplugImageUser *user = g_ptr_array_index (session->users, i);
      if (is_in_the_way (search, user) && _hotplug_image_user_has (user, &wanted))
        return user;
    }
  return NULL;
}

static gboolean
set_in_use (const Search *search, const HotplugImageUser *user, GError **error)
{
  g_autofree char *who = user != NULL ? _hotplug_image_user_describe (user) : NULL;

  if (user != NULL && user->role == HOTPLUG_IMAGE_ROLE_BACKING)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
                 "source %s is in use by %s; written to, it would destroy that; it can be read", source_name (search),
                 who);
  else
    _hotplug_volume_set_in_use (search->volume, source_name (search), who, error);
  g_prefix_error (error, "volume \"%s\": ", hotplug_volume_get_name (search->volume));
  if (!search->bare)
    g_prefix_error (error, "vmi \"%s\": ", hotplug_vmi_get_name (search->session->vmi));
  return FALSE;
}

/* Who only reads need not ask the machines, if the locks tell that nobody writes. A holder that is no machine of this
 * host may be about to let go, so the hypervisor says; but for a machine that is stopped nobody would until its
 * start. */
static gboolean
check_not_used_elsewhere (const Search *search, GError **error)
{
  const HotplugSource *source = search->source;
  gboolean held = _hotplug_volume_is_held (search->volume, &source->locks);

  if (source->looked && !held && hotplug_volume_get_read_only (search->volume))
    return TRUE;

  const HotplugImageUser *user = find_user (search);
  if (user != NULL || (search->session->live == NULL && held))
    return set_in_use (search, user, error);
  return TRUE;
}

/* A path that can't be looked at from here tells by its name alone what it is. */
static void
guess_source (HotplugVolume *volume, HotplugSource *source)
{
  _hotplug_source_clear (source);
  source->path = g_strdup (hotplug_volume_get_path (volume));
  source->block = source->path != NULL && g_str_has_prefix (source->path, DEVICE_DIRECTORY);
}

static void
release (gpointer hold)
{
  _hotplug_source_release (hold);
}

/* Until the session ends: the machine has the source then, which a delete sees, or it was refused. */
static gboolean
hold_source (HotplugSession *session, HotplugVolume *volume, GError **error)
{
  int hold = HOTPLUG_SOURCE_HOLD_NONE;

  if (!_hotplug_source_hold (hotplug_volume_get_name (volume), hotplug_volume_get_path (volume), &hold, error))
    return FALSE;
  if (hold == HOTPLUG_SOURCE_HOLD_NONE)
    return TRUE;

  if (session->holds == NULL)
    {
      session->holds = g_array_new (FALSE, FALSE, sizeof hold);
      g_array_set_clear_func (session->holds, release);
    }
  g_array_append_val (session->holds, hold);
  return TRUE;
}

/* On another host a source is looked at through its pools, if one has it. */
static void
look_from_afar (HotplugSession *session, HotplugVolume *volume, HotplugSource *source)
{
  guess_source (volume, source);
  g_autofree char *xml = source->path != NULL
                             ? _hotplug_connection_find_volume_at (session->connection, source->path, NULL)
                             : NULL;
  g_autoptr (HotplugStorageVolume) found = xml != NULL ? _hotplug_pool_volume_from_xml (xml, NULL) : NULL;

  if (found == NULL || (!found->file && !found->block))
    return;
  source->block = found->block;
  source->size = found->size;
}

/* Two that write to one file system without knowing of each other end it. */
static gboolean
check_not_mounted (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  g_autofree char *mount = hotplug_volume_get_read_only (volume) || volume->options.allow_mounted
                               ? NULL
                               : _hotplug_block_find_mount (source);

  if (mount == NULL)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "volume \"%s\": source %s is mounted on this host, at %s; unmount it first, or plug it in read-only",
               hotplug_volume_get_name (volume), source->path, mount);
  return FALSE;
}

/* For a template alone the source may come later: the start asks for it. */
static gboolean
look_at_source (HotplugSession *session, HotplugVolume *volume, HotplugSource *source, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (hotplug_volume_get_uri (volume) != NULL || !_hotplug_connection_is_local (session->connection))
    {
      look_from_afar (session, volume, source);
      return TRUE;
    }
  if (!hold_source (session, volume, error))
    return FALSE;

  if (_hotplug_source_probe (hotplug_volume_get_name (volume), hotplug_volume_get_path (volume),
                             hotplug_volume_get_read_only (volume),
                             _hotplug_connection_shares_user (session->connection), source, &refused))
    return check_not_mounted (volume, source, error);

  if (session->live == NULL && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING))
    {
      guess_source (volume, source);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

gboolean
_hotplug_obstacles_to_add (HotplugSession *session, HotplugVolume *volume, HotplugSource *source, GError **error)
{
  const HotplugNetworkSource *network = _hotplug_volume_peek_network (volume);
  g_autofree char *uri = network != NULL ? _hotplug_network_source_to_uri (network) : NULL;
  const Search search = { .session = session,
                          .volume = volume,
                          .source = source,
                          .uri = uri,
                          .local = _hotplug_connection_is_local (session->connection) };

  return look_at_source (session, volume, source, error) && check_not_used (&search, error)
         && check_images (&search, error) && check_not_used_elsewhere (&search, error)
         && _hotplug_volume_check_source (volume, source, error);
}

/* Whether the machine itself has it now */
static gboolean
has_open (const Search *search, const HotplugDisk *disk)
{
  const HotplugDomain *live = search->session->live;

  for (guint i = 0; live != NULL && i < live->images->len; i++)
    {
      const HotplugImageUse *image = &g_array_index (live->images, HotplugImageUse, i);
      if ((image->path != NULL && is_at (search, image->path))
          || (image->pool != NULL && g_strcmp0 (image->pool, disk->pool) == 0
              && g_strcmp0 (image->pool_volume, disk->pool_volume) == 0))
        return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_obstacles_check_free (HotplugSession *session, HotplugVolume *volume, const HotplugSource *source,
                               const HotplugDisk *disk, GError **error)
{
  const Search search = { .session = session,
                          .volume = volume,
                          .source = source,
                          .local = TRUE,
                          .bare = TRUE,
                          .own = _hotplug_volume_name_from_alias (disk->alias) == NULL };
  const HotplugImageUser *user = find_user (&search);
  gboolean held = _hotplug_volume_is_held (volume, &source->locks);

  if (user != NULL || (held && !has_open (&search, disk)))
    return set_in_use (&search, user, error);
  return TRUE;
}

/* The hypervisor could not open it, and that is all that it says. */
static void
explain_search (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk, GError **error)
{
  g_autofree char *what = g_strdup_printf ("source %s", disk->path);
  g_autoptr (GError) ours = NULL;
  HotplugMachineUser user;

  if (strstr ((*error)->message, MISALIGNED) != NULL)
    {
      g_clear_error (error);
      g_set_error (
          error, HOTPLUG_ERROR, HOTPLUG_ERROR_CACHE_UNSUPPORTED,
          "vmi \"%s\": source %s ends between two blocks, and cache \"none\" needs whole ones; \"writethrough\" "
          "works, and so does a size in whole MiB",
          hotplug_vmi_get_name (session->vmi), disk->path != NULL ? disk->path : disk->uri);
      return;
    }
  if (disk->path == NULL || strstr ((*error)->message, DENIED) == NULL
      || !_hotplug_host_find_user (session->connection, &user)
      || _hotplug_machine_user_check (&user, what, disk->path, &ours))
    return;

  g_debug ("volume \"%s\": %s", hotplug_volume_get_name (volume), (*error)->message);
  g_clear_error (error);
  g_propagate_prefixed_error (error, g_steal_pointer (&ours), "vmi \"%s\": ", hotplug_vmi_get_name (session->vmi));
}

void
_hotplug_obstacles_explain (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk, GError **error)
{
  if (error == NULL)
    return;
  if (!g_error_matches (*error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE))
    {
      explain_search (session, volume, disk, error);
      return;
    }

  g_autoptr (GError) refused = g_steal_pointer (error);
  g_autoptr (GError) ours = NULL;

  _hotplug_volume_set_in_use (volume, disk->path != NULL ? disk->path : disk->uri, NULL, &ours);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE, "%s: %s", ours->message, refused->message);
}
