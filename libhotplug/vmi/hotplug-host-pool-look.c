/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-host-private.h"
#include "storage/hotplug-image-private.h"
#include "storage/hotplug-store-record-private.h"
#include "vmi/hotplug-host-pool-private.h"
#include "xml/hotplug-pool-xml-private.h"

/* The record is a volume of a fixed size, filled with blank lines up to this, without which it was not written to its
 * end */
#define END_MARK "#end\n"

#define GROUP "Volume"
#define WHOLE "whole"
#define CLIENT "client"

gboolean
_hotplug_pool_store_open (HotplugPoolStore *self, HotplugHost *host, const HotplugStoreEntry *entry, GError **error)
{
  self->entry = entry;
  self->connection = _hotplug_host_get_connection (host);
  g_autofree char *xml = _hotplug_connection_read_pool (self->connection, entry->pool, error);
  if (xml == NULL || !_hotplug_pool_from_xml (xml, &self->pool, error))
    return FALSE;

  /* a pool may be of a directory that several hosts have */
  self->locks = _hotplug_connection_dup_common_directory (self->connection);
  self->client = _hotplug_runtime_client ();
  return TRUE;
}

void
_hotplug_pool_store_clear (HotplugPoolStore *self)
{
  _hotplug_storage_pool_clear (&self->pool);
  g_clear_pointer (&self->locks, g_free);
  g_clear_pointer (&self->client, g_free);
}

char *
_hotplug_pool_store_lock_name (const HotplugPoolStore *self, const char *name)
{
  return g_strconcat ("pool-", self->pool.uuid, "-", name, NULL);
}

void
_hotplug_pool_look_clear (HotplugPoolLook *self)
{
  g_clear_pointer (&self->volume, _hotplug_storage_volume_free);
  g_clear_object (&self->told);
  g_clear_pointer (&self->bad, g_free);
}

/* The same machine in an earlier boot, of "HOST BOOT" */
static gboolean
is_earlier_boot (const char *client, const char *ours)
{
  const char *space = strchr (ours, ' ');

  return client != NULL && space != NULL && strncmp (client, ours, (gsize)(space - ours) + 1) == 0
         && strcmp (client, ours) != 0;
}

/* What a maker of this machine leaves in the lock's file outlives it: nobody else writes there. */
static void
find_maker (const HotplugPoolStore *self, const char *name, gboolean locked, const char *client, HotplugPoolLook *look)
{
  g_autofree char *lock = _hotplug_pool_store_lock_name (self, name);
  g_autofree char *words = _hotplug_machine_lock_peek (self->locks, lock);

  look->progress = words != NULL && *words != '\0' ? g_ascii_strtod (words, NULL) : -1;
  if (!locked && _hotplug_machine_lock_is_held (self->locks, lock))
    look->maker = HOTPLUG_MAKER_LIVES;
  else
    {
      /* words of a maker of this machine tell nothing of what another machine's makes under that name now */
      gboolean ours = words != NULL && (client == NULL || strcmp (client, self->client) == 0);
      look->maker = ours || is_earlier_boot (client, self->client) ? HOTPLUG_MAKER_GONE : HOTPLUG_MAKER_UNKNOWN;
    }
}

static void
read_record (const HotplugPoolStore *self, const char *name, gboolean locked, const char *text, HotplugPoolLook *look)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) bad = NULL;
  gboolean ended = g_str_has_suffix (text, END_MARK)
                   && g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, NULL);
  g_autofree char *client = ended ? g_key_file_get_string (file, GROUP, CLIENT, NULL) : NULL;

  look->maker = HOTPLUG_MAKER_DONE;
  if (ended)
    look->told = _hotplug_store_record_read (name, "its " HOTPLUG_POOL_RECORD, text, &bad);
  if (bad != NULL)
    look->bad = g_strdup (bad->message);
  if (!ended || !g_key_file_get_boolean (file, GROUP, WHOLE, NULL))
    find_maker (self, name, locked, client, look);
}

/* NULL without an error: there is none */
static HotplugStorageVolume *
find (const HotplugPoolStore *self, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *xml = _hotplug_connection_find_pool_volume (self->connection, self->entry->pool, name, &cause);

  if (xml == NULL && !g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&cause));
  return xml != NULL ? _hotplug_pool_volume_from_xml (xml, error) : NULL;
}

/* The volume before its record, which is made first: what was found without one has none. */
gboolean
_hotplug_pool_store_look (const HotplugPoolStore *self, const char *name, gboolean locked, HotplugPoolLook *out,
                          GError **error)
{
  g_autofree char *record_name = g_strconcat (name, HOTPLUG_POOL_RECORD, NULL);
  g_autoptr (GError) cause = NULL;

  *out = (HotplugPoolLook){ .progress = -1 };
  out->volume = find (self, name, &cause);
  g_autoptr (HotplugStorageVolume) record = cause == NULL ? find (self, record_name, &cause) : NULL;
  if (cause != NULL)
    return g_propagate_error (error, g_steal_pointer (&cause)), FALSE;

  if (out->volume != NULL && !out->volume->file && !out->volume->block)
    g_clear_pointer (&out->volume, _hotplug_storage_volume_free);
  if (record == NULL)
    return TRUE;

  g_autofree char *text = _hotplug_connection_download (self->connection, self->entry->pool, record_name,
                                                        HOTPLUG_POOL_RECORD_SIZE, error);
  if (text == NULL)
    return FALSE;
  out->recorded = TRUE;
  read_record (self, name, locked, text, out);
  return TRUE;
}

/* One whose maker did not write down what it is: raw, since the format that libvirt finds in it may be its guest's
 * words */
static HotplugDataVolume *
describe_bare (const char *name, const HotplugStorageVolume *volume)
{
  return g_object_new (HOTPLUG_TYPE_DATA_VOLUME, "name", name, "size", volume->size, "volume-mode",
                       volume->block ? HOTPLUG_VOLUME_MODE_BLOCK : HOTPLUG_VOLUME_MODE_FILESYSTEM, NULL);
}

/* Why it is no volume that a machine could use; NULL: it is one */
static const char *
judge (const HotplugPoolStore *self, const HotplugPoolLook *look)
{
  const HotplugStorageVolume *volume = look->volume;
  const char *seen = _hotplug_connection_is_local (self->connection)
                         ? _hotplug_image_judge (volume->path, volume->block)
                         : NULL;

  if (look->bad != NULL || seen != NULL || look->told == NULL)
    return look->bad != NULL ? look->bad : seen;
  if ((hotplug_data_volume_get_volume_mode (look->told) == HOTPLUG_VOLUME_MODE_BLOCK) != volume->block)
    return "its record has another volume mode";
  if (hotplug_data_volume_get_format (look->told) == HOTPLUG_IMAGE_FORMAT_RAW
      && volume->size < hotplug_data_volume_get_size (look->told))
    return "it was cut";
  return NULL;
}

static HotplugDataVolume *
describe_begun (const HotplugPoolStore *self, HotplugDataVolume *told, const HotplugPoolLook *look)
{
  HotplugDataVolumePhase phase = HOTPLUG_DATA_VOLUME_PHASE_PENDING;
  const char *path = look->volume != NULL ? look->volume->path : NULL;
  const char *words = look->maker == HOTPLUG_MAKER_UNKNOWN
                          ? "it is being made from elsewhere; if its maker has ended, delete it"
                          : NULL;

  if (look->maker == HOTPLUG_MAKER_GONE)
    return _hotplug_data_volume_with_status (told, hotplug_data_volume_get_size (told), self->entry->name, path,
                                             HOTPLUG_DATA_VOLUME_PHASE_FAILED, 0,
                                             "who made it has ended before it was whole; delete it");
  if (look->progress >= 0 && hotplug_data_volume_get_source_volume (told) != NULL)
    phase = HOTPLUG_DATA_VOLUME_PHASE_CLONE_IN_PROGRESS;
  else if (look->progress >= 0 && hotplug_data_volume_get_source_path (told) != NULL)
    phase = HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS;
  return _hotplug_data_volume_with_status (told, hotplug_data_volume_get_size (told), self->entry->name, path, phase,
                                           MAX (look->progress, 0), words);
}

HotplugDataVolume *
_hotplug_pool_store_describe (const HotplugPoolStore *self, const char *name, const HotplugPoolLook *look)
{
  const HotplugStorageVolume *volume = look->volume;
  g_autoptr (HotplugDataVolume) told = look->told != NULL ? g_object_ref (look->told) : NULL;

  if (volume == NULL && (!look->recorded || look->maker == HOTPLUG_MAKER_DONE))
    return NULL;
  if (told == NULL && volume != NULL)
    told = describe_bare (name, volume);
  if (told == NULL)
    told = g_object_new (HOTPLUG_TYPE_DATA_VOLUME, "name", name, NULL);
  if (look->maker != HOTPLUG_MAKER_DONE)
    return describe_begun (self, told, look);

  gboolean raw = hotplug_data_volume_get_format (told) == HOTPLUG_IMAGE_FORMAT_RAW;
  const char *judgement = judge (self, look);
  return _hotplug_data_volume_with_status (
      told, raw ? volume->size : hotplug_data_volume_get_size (told), self->entry->name, volume->path,
      judgement == NULL ? HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED : HOTPLUG_DATA_VOLUME_PHASE_FAILED,
      judgement == NULL ? 100 : 0, judgement);
}

typedef struct
{
  const char *text;
  gsize at;
} Upload;

static gssize
read_text (gpointer data, void *buffer, gsize length, gboolean *hole, GError **error)
{
  Upload *upload = data;

  memcpy (buffer, upload->text + upload->at, length);
  upload->at += length;
  return (gssize)length;
}

/* In one piece of one size, at once; a reader takes it only with its end */
gboolean
_hotplug_pool_store_write_record (const HotplugPoolStore *self, HotplugDataVolume *volume, gboolean whole,
                                  GError **error)
{
  const char *name = hotplug_data_volume_get_name (volume);
  g_autofree char *record_name = g_strconcat (name, HOTPLUG_POOL_RECORD, NULL);
  g_autofree char *words = _hotplug_store_record_write (volume);
  g_autoptr (GString) text = g_string_new (words);

  g_string_append_printf (text, "\n[" GROUP "]\n" WHOLE "=%s\n" CLIENT "=%s\n", whole ? "true" : "false", self->client);
  gsize filled = HOTPLUG_POOL_RECORD_SIZE - strlen (END_MARK);
  if (text->len > filled)
    return g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                        "data volume \"%s\": the name of its source is too long", name),
           FALSE;
  while (text->len < filled)
    g_string_append_c (text, '\n');
  g_string_append (text, END_MARK);

  Upload state = { text->str, 0 };
  const HotplugUpload upload = { 0, HOTPLUG_POOL_RECORD_SIZE, 0, read_text, &state };
  return _hotplug_connection_upload (self->connection, self->entry->pool, record_name, &upload, error);
}

static gboolean
remove_one (const HotplugPoolStore *self, const char *name, GError **error)
{
  g_autoptr (GError) cause = NULL;

  if (_hotplug_connection_remove_pool_volume (self->connection, self->entry->pool, name, &cause)
      || g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&cause));
  return FALSE;
}

gboolean
_hotplug_pool_store_take_record (const HotplugPoolStore *self, const char *name, GError **error)
{
  g_autofree char *record = g_strconcat (name, HOTPLUG_POOL_RECORD, NULL);

  return remove_one (self, record, error);
}

gboolean
_hotplug_pool_store_take_away (const HotplugPoolStore *self, const char *name, GError **error)
{
  return remove_one (self, name, error) && _hotplug_pool_store_take_record (self, name, error);
}
