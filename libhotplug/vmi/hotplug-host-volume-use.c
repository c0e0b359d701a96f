/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-host-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-volume-use-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* What is looked for */
typedef struct
{
  const char *name;
  const char *pool; /* nullable: the volume is one of this pool's */
  const char *path; /* nullable */
  HotplugSource source;
  gboolean found; /* it could be looked at from here, and so is known by more than its path */
} Wanted;

static gboolean
uses (const HotplugDisk *disk, const Wanted *wanted)
{
  if (disk->pool != NULL)
    return g_strcmp0 (disk->pool, wanted->pool) == 0 && g_strcmp0 (disk->pool_volume, wanted->name) == 0;
  if (disk->path == NULL)
    return FALSE;
  return wanted->found ? _hotplug_source_is (&wanted->source, disk->path) : g_strcmp0 (disk->path, wanted->path) == 0;
}

/* Also one that is recorded, and comes back at the next start */
static gboolean
side_uses (const char *xml, const Wanted *wanted, gboolean *used, GError **error)
{
  g_autoptr (HotplugDomain) domain = xml != NULL ? _hotplug_domain_from_xml (xml, error) : NULL;

  *used = FALSE;
  if (domain == NULL)
    return xml == NULL;
  for (guint i = 0; i < domain->disks->len; i++)
    *used |= uses (g_ptr_array_index (domain->disks, i), wanted);
  for (guint i = 0; i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      *used |= record->disk != NULL && uses (record->disk, wanted);
    }
  return TRUE;
}

/* A machine that goes meanwhile uses nothing. */
static gboolean
check_machine (HotplugHost *self, const char *uuid, const Wanted *wanted, GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  g_autoptr (GError) gone = NULL;
  g_autofree char *name = NULL;
  g_autofree char *found = _hotplug_connection_find_machine (connection, uuid, &name, &gone);
  g_auto (HotplugMachineText) text = { 0 };
  gboolean live = FALSE;
  gboolean template = FALSE;

  if (found == NULL || !_hotplug_connection_read_machine (connection, uuid, HOTPLUG_LOOK_ALL, &text, &gone))
    {
      if (g_error_matches (gone, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&gone));
      return FALSE;
    }
  if (!side_uses (text.live, wanted, &live, error) || !side_uses (text.template, wanted, &template, error))
    return FALSE;
  if (!live && !template)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "data volume \"%s\" is used by vmi \"%s\"; remove it there first", wanted->name, name);
  return FALSE;
}

/* On another host the path is all that can be compared. */
static void
look (HotplugConnection *connection, Wanted *wanted)
{
  wanted->found = wanted->path != NULL && _hotplug_connection_is_local (connection)
                  && _hotplug_source_probe (wanted->name, wanted->path, TRUE, FALSE, &wanted->source, NULL);
}

gboolean
_hotplug_host_check_unused (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                            GCancellable *cancellable, GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  Wanted wanted = {
    hotplug_data_volume_get_name (volume), store->pool, hotplug_data_volume_get_path (volume), { 0 }, FALSE
  };

  look (connection, &wanted);
  g_auto (GStrv) uuids = _hotplug_connection_list_machines (connection, error);
  gboolean unused = uuids != NULL;
  for (guint i = 0; unused && uuids[i] != NULL; i++)
    unused = !g_cancellable_set_error_if_cancelled (cancellable, error)
             && check_machine (self, uuids[i], &wanted, error);
  _hotplug_source_clear (&wanted.source);
  return unused;
}
