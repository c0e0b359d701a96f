/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "storage/hotplug-overlay-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-snapshot-xml-private.h"
#include "xml/hotplug-verbatim-private.h"

/* R follows L. Others move a running machine's devices on, by snapshots, block jobs and tuning, and libvirt follows in
 * the template where a device is persisted. Of what is not only its record knows, and who does anything to the machine
 * under its lock brings that to what is so. */

static gboolean
is_of_same_network (const HotplugNic *a, const HotplugNic *b)
{
  return g_strcmp0 (a->type, b->type) == 0 && g_strcmp0 (a->source, b->source) == 0;
}

/* As it is to be recorded; NULL if the running machine does not have it, or nothing can be said of it. What a network
 * has made of an interface is told by its record's own reading. */
static HotplugRecord *
take_over (const HotplugDomain *live, const HotplugRecord *record)
{
  g_autoptr (HotplugRecord) there = _hotplug_record_new_of (record->state, live, _hotplug_record_alias (record));

  if (there == NULL || (there->disk != NULL ? there->disk->xml : there->nic->xml) == NULL)
    return NULL;
  /* a running machine's stays as it was when it is moved; the record has that of the network where it is now */
  if (there->nic != NULL)
    there->nic->mtu = record->nic->mtu;

  g_autofree char *text = _hotplug_record_to_text (there);
  HotplugRecord *now = _hotplug_record_from_text (text);
  if (now != NULL && now->nic != NULL && is_of_same_network (now->nic, record->nic))
    {
      g_free (now->nic->attachment);
      now->nic->attachment = g_strdup (record->nic->attachment);
    }
  return now;
}

static gboolean
says_the_same (const HotplugRecord *a, const HotplugRecord *b)
{
  g_autofree char *of_a = _hotplug_record_to_device_xml (a);
  g_autofree char *of_b = _hotplug_record_to_device_xml (b);

  return _hotplug_verbatim_equal (of_a, of_b);
}

gboolean
_hotplug_session_follow (HotplugSession *self, const HotplugDomain *live, GError **error)
{
  g_autoptr (GPtrArray) moved = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);

  for (guint i = 0; live != NULL && self->template != NULL && i < self->template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (self->template->records, i);
      g_autoptr (HotplugRecord) now = record->state == HOTPLUG_RECORD_ATTACHED ? take_over (live, record) : NULL;

      if (now != NULL && !says_the_same (now, record))
        g_ptr_array_add (moved, g_steal_pointer (&now));
    }
  if (moved->len == 0)
    return TRUE;
  g_debug ("vmi \"%s\": the records of %u devices follow the machine", hotplug_vmi_get_name (self->vmi), moved->len);
  return _hotplug_session_put_records (self, moved, error);
}

/* Snapshots that others made may have put theirs anywhere: where, libvirt knows of those that it was told to keep. */
static char *
find_snapshot_above (HotplugSession *self, const char *path, gint64 seen)
{
  char *above = NULL;

  if (self->snapshots == NULL)
    {
      g_autoptr (GPtrArray) texts
          = _hotplug_connection_list_snapshots (self->connection, hotplug_vmi_get_uuid (self->vmi));

      self->snapshots = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint i = 0; i < texts->len; i++)
        _hotplug_snapshot_add_directories (g_ptr_array_index (texts, i), self->snapshots);
    }

  GHashTableIter directories;
  gpointer directory;
  g_hash_table_iter_init (&directories, self->snapshots);
  while (above == NULL && g_hash_table_iter_next (&directories, &directory, NULL))
    above = _hotplug_overlay_find (path, directory, seen);
  return above;
}

/* @below: (out): whether it is what the recorded file stands upon, and not what stands upon that */
static char *
find_newer (HotplugSession *self, const HotplugRecord *record, gboolean *below)
{
  const HotplugDisk *disk = record->state == HOTPLUG_RECORD_ATTACHED ? record->disk : NULL;
  gint64 seen = record->seen != 0 ? record->seen : self->template->seen;

  *below = FALSE;
  if (disk == NULL || disk->path == NULL || disk->block || disk->read_only
      || !_hotplug_connection_is_local (self->connection))
    return NULL;

  char *above = _hotplug_overlay_find (disk->path, NULL, seen);
  if (above == NULL)
    above = find_snapshot_above (self, disk->path, seen);
  if (above != NULL || disk->format != HOTPLUG_IMAGE_FORMAT_QCOW2)
    return above;
  *below = TRUE;
  return _hotplug_overlay_find_below (disk->path, seen);
}

gboolean
_hotplug_session_check_newest (HotplugSession *self, const HotplugRecord *record, GError **error)
{
  gboolean below;
  g_autofree char *newer = self->template != NULL ? find_newer (self, record, &below) : NULL;

  if (newer == NULL)
    return TRUE;

  g_autofree char *what = _hotplug_alias_describe (_hotplug_record_alias (record));
  if (below)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY,
                 "%s: %s is recorded, but %s, which it stands upon, was written to later: the guest's data may be there. "
                 "If it is, remove the volume and add that file; if it is not, touch the recorded one",
                 what, record->disk->path, newer);
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY,
                 "%s: %s is recorded, but %s stands upon it and is newer: the guest's data is there. Merge it with "
                 "qemu-img commit and take it away, or only take it away if nothing in it is wanted",
                 what, record->disk->path, newer);
  return FALSE;
}

void
_hotplug_session_see (HotplugSession *self, HotplugDomain *side, const HotplugDomain *live)
{
  const char *const *coming = (const char *const *)self->journal->intent.devices;

  for (guint i = 0; i < side->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (side->records, i);
      const char *alias = _hotplug_record_alias (record);
      gboolean here = _hotplug_domain_has_alias (live, alias)
                      || (coming != NULL && g_strv_contains (coming, alias));

      if (here)
        record->seen = 0;
      else if (record->seen == 0)
        record->seen = side->seen;
    }
  side->seen = g_get_real_time ();
}

gboolean
_hotplug_session_affirm (HotplugSession *self, const HotplugDomain *live, GError **error)
{
  for (guint i = 0; live != NULL && self->template != NULL && i < self->template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (self->template->records, i);
      gboolean below;
      g_autofree char *newer = _hotplug_domain_has_alias (live, _hotplug_record_alias (record))
                                   ? find_newer (self, record, &below)
                                   : NULL;

      if (newer != NULL)
        return _hotplug_session_confirm (self, live, error);
    }
  return TRUE;
}
