/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-pool-private.h"
#include "model/hotplug-volume-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "storage/hotplug-source-hold-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-addition-source-private.h"
#include "vmi/hotplug-host-user-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-pool-xml-private.h"

#define DEVICE_DIRECTORY "/dev/"

/* QEMU's words, which nobody translates, for EACCES */
#define DENIED "Permission denied"

/* The search for a disk that has the new volume's source */
typedef struct
{
  HotplugSession *session;
  HotplugVolume *volume;
  const HotplugSource *source;
  const char *uri; /* nullable: a source on the network */
  gboolean local;
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
  return other != NULL && _hotplug_source_is_same (search->source, other);
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

/* The first disk of a running machine that has the source, and does not leave it to the new one */
static gboolean
find_user (const Search *search, const char *uuid, char **vmi)
{
  g_auto (HotplugMachineText) text = { 0 };

  /* what can't be read is on its way out; the hypervisor's own lock still stands */
  if (strcmp (uuid, hotplug_vmi_get_uuid (search->session->vmi)) == 0
      || !_hotplug_connection_read_machine (search->session->connection, uuid, HOTPLUG_LOOK_DEVICES, &text, NULL)
      || text.live == NULL)
    return FALSE;

  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (text.live, NULL);
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (domain->disks, i);

      if (is_source_of (search, disk) && !_hotplug_volume_shares_with (search->volume, disk))
        {
          *vmi = g_strdup (domain->name);
          return TRUE;
        }
    }
  return FALSE;
}

/* Over all machines of the host only where the locks tell nothing, or tell that there is somebody: each machine is a
 * call and a text to read. A holder that is no machine of this host may be about to let go: the hypervisor says. */
static gboolean
check_not_used_elsewhere (const Search *search, GError **error)
{
  const HotplugSource *source = search->source;
  gboolean held = _hotplug_volume_is_held (search->volume, &source->locks);
  g_autofree char *vmi = NULL;

  if (search->session->live == NULL || (source->looked && !held))
    return TRUE;

  g_auto (GStrv) uuids = _hotplug_connection_list_machines (search->session->connection, NULL);
  for (guint i = 0; uuids != NULL && uuids[i] != NULL && vmi == NULL; i++)
    find_user (search, uuids[i], &vmi);
  if (vmi == NULL)
    return TRUE;

  _hotplug_volume_set_in_use (search->volume, source_name (search), vmi, error);
  g_prefix_error (error, "vmi \"%s\": volume \"%s\": ", hotplug_vmi_get_name (search->session->vmi),
                  hotplug_volume_get_name (search->volume));
  return FALSE;
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
    return TRUE;

  if (session->live == NULL && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING))
    {
      guess_source (volume, source);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

gboolean
_hotplug_addition_find_source (HotplugSession *session, HotplugVolume *volume, HotplugSource *source, GError **error)
{
  const HotplugNetworkSource *network = _hotplug_volume_peek_network (volume);
  g_autofree char *uri = network != NULL ? _hotplug_network_source_to_uri (network) : NULL;
  const Search search = { session, volume, source, uri, _hotplug_connection_is_local (session->connection) };

  return look_at_source (session, volume, source, error) && check_not_used (&search, error)
         && check_not_used_elsewhere (&search, error) && _hotplug_volume_check_source (volume, source, error);
}

/* The hypervisor could not open it, and that is all that it says. */
static void
explain_search (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk, GError **error)
{
  g_autofree char *what = g_strdup_printf ("source %s", disk->path);
  g_autoptr (GError) ours = NULL;
  HotplugMachineUser user;

  if (disk->path == NULL || strstr ((*error)->message, DENIED) == NULL
      || !_hotplug_host_find_user (session->connection, &user)
      || _hotplug_machine_user_check (&user, what, disk->path, &ours))
    return;

  g_debug ("volume \"%s\": %s", hotplug_volume_get_name (volume), (*error)->message);
  g_clear_error (error);
  g_propagate_prefixed_error (error, g_steal_pointer (&ours), "vmi \"%s\": ", hotplug_vmi_get_name (session->vmi));
}

void
_hotplug_addition_explain (HotplugSession *session, HotplugVolume *volume, const HotplugDisk *disk, GError **error)
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
