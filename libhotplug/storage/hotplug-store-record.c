/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "storage/hotplug-store-record-private.h"

#define GROUP "DataVolume"

/* The properties that are words of an enumeration, and those that are text */
static const struct
{
  const char *key;
  GType (*type) (void);
} words[] = {
  { "access-mode", hotplug_access_mode_get_type },
  { "volume-mode", hotplug_volume_mode_get_type },
  { "format", hotplug_image_format_get_type },
  { "source-format", hotplug_image_format_get_type },
};

static const char *const texts[] = { "source-path", "source-volume" };

char *
_hotplug_store_record_write (HotplugDataVolume *volume)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_uint64 (file, GROUP, "size", hotplug_data_volume_get_size (volume));
  g_key_file_set_boolean (file, GROUP, "preallocation", hotplug_data_volume_get_preallocation (volume));
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      int value = 0;
      g_object_get (volume, words[i].key, &value, NULL);
      /* of which nothing was told is what nothing is said of */
      if (words[i].type == hotplug_image_format_get_type && value == HOTPLUG_IMAGE_FORMAT_DEFAULT)
        continue;
      g_key_file_set_string (file, GROUP, words[i].key, _hotplug_enum_to_nick (words[i].type (), value));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = NULL;
      g_object_get (volume, texts[i], &text, NULL);
      if (text != NULL)
        g_key_file_set_string (file, GROUP, texts[i], text);
    }
  return g_key_file_to_data (file, NULL, NULL);
}

static gboolean
refuse (const char *name, const char *from, const char *why, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "volume \"%s\": %s: %s",
               name, from, why);
  return FALSE;
}

/* A word that is not known is not taken for another one: a ReadOnlyMany volume would become one that is written. */
static gboolean
read_words (GKeyFile *file, const char *name, const char *from, int values[G_N_ELEMENTS (words)], GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autofree char *word = g_key_file_get_string (file, GROUP, words[i].key, NULL);
      values[i] = _hotplug_enum_from_nick (words[i].type (), word, word == NULL ? 0 : -1);
      if (values[i] < 0)
        return refuse (name, from, words[i].key, error);
    }
  return TRUE;
}

HotplugDataVolume *
_hotplug_store_record_read (const char *name, const char *from, const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;
  int values[G_N_ELEMENTS (words)] = { 0 };

  if (!g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, &cause))
    return refuse (name, from, cause->message, error), NULL;

  guint64 size = g_key_file_get_uint64 (file, GROUP, "size", &cause);
  if (cause != NULL)
    return refuse (name, from, cause->message, error), NULL;
  if (!read_words (file, name, from, values, error))
    return NULL;

  g_autofree char *source_path = g_key_file_get_string (file, GROUP, texts[0], NULL);
  g_autofree char *source_volume = g_key_file_get_string (file, GROUP, texts[1], NULL);
  return g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, error, "name", name, "size", size, words[0].key, values[0],
                         words[1].key, values[1], words[2].key, values[2], words[3].key, values[3], texts[0],
                         source_path, texts[1], source_volume, "preallocation",
                         g_key_file_get_boolean (file, GROUP, "preallocation", NULL), NULL);
}
