/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-printable-private.h"
#include "storage/hotplug-configuration-file-private.h"
#include "storage/hotplug-file-private.h"

#define SIZE_MAX_BYTES (64 * 1024)
#define STORE_PREFIX "store "

/* Quoted in messages, never longer */
#define QUOTED_MAX 64

/* A reading: GKeyFile has the values, and no lines; of what is there twice it takes the last without a word. */
typedef struct
{
  const char *file;
  HotplugConfiguration *configuration;
  GKeyFile *keys;
  GHashTable *lines; /* "GROUP" or "GROUP\nKEY" → its line */
  gboolean says_gates;
} Reading;

typedef struct
{
  const Reading *reading;
  const char *group;
  const char *key;
  const char *value;
} Entry;

static gboolean refuse (const char *file, guint line, GError **error, const char *format, ...) G_GNUC_PRINTF (4, 5);

static gboolean
refuse (const char *file, guint line, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s:%u: %s", file, line, what);
  return FALSE;
}

static char *
quote (const char *text)
{
  g_autofree char *printable = _hotplug_printable (text, -1, QUOTED_MAX);

  return g_strdup_printf ("\"%s\"", printable);
}

static guint
line_of (const Reading *reading, const char *group, const char *key)
{
  g_autofree char *id = key != NULL ? g_strconcat (group, "\n", key, NULL) : g_strdup (group);

  return GPOINTER_TO_UINT (g_hash_table_lookup (reading->lines, id));
}

static gboolean
note (Reading *reading, const char *id, guint line, GError **error)
{
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (reading->lines, id));

  if (before != 0)
    {
      const char *key = strchr (id, '\n');
      g_autofree char *quoted = quote (key != NULL ? key + 1 : id);
      return refuse (reading->file, line, error, "%s is in line %u already", quoted, before);
    }
  g_hash_table_insert (reading->lines, g_strdup (id), GUINT_TO_POINTER (line));
  return TRUE;
}

/* One line as GKeyFile reads it: a comment, a group, or a key and its value */
static gboolean
scan_line (Reading *reading, char *text, guint line, char **group, GError **error)
{
  const char *stripped = g_strstrip (text);
  gsize length = strlen (stripped);
  const char *equals = strchr (stripped, '=');

  if (length == 0 || *stripped == '#')
    return TRUE;

  if (*stripped == '[' && stripped[length - 1] == ']' && length > 2)
    {
      g_free (*group);
      *group = g_strndup (stripped + 1, length - 2);
      return note (reading, *group, line, error);
    }

  if (equals == NULL || equals == stripped || *stripped == '[')
    {
      g_autofree char *quoted = quote (stripped);
      return refuse (reading->file, line, error, "%s is no [group], no key=value and no # comment", quoted);
    }
  if (*group == NULL)
    return refuse (reading->file, line, error, "a key before the first [group]");

  g_autofree char *key = g_strchomp (g_strndup (stripped, (gsize)(equals - stripped)));
  g_autofree char *id = g_strconcat (*group, "\n", key, NULL);
  return note (reading, id, line, error);
}

static gboolean
scan (Reading *reading, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *group = NULL;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_utf8_validate (lines[i], -1, NULL))
        return refuse (reading->file, i + 1, error, "not UTF-8");
      if (!scan_line (reading, lines[i], i + 1, &group, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
refuse_value (const Entry *entry, GError **error, const char *what)
{
  g_autofree char *quoted = quote (entry->value);

  return refuse (entry->reading->file, line_of (entry->reading, entry->group, entry->key), error, "%s is %s, not %s",
                 entry->key, what, quoted);
}

static gboolean
take_boolean (const Entry *entry, gboolean *out, GError **error)
{
  *out = g_str_equal (entry->value, "true");
  return *out || g_str_equal (entry->value, "false") || refuse_value (entry, error, "true or false");
}

static gboolean
take_path (const Entry *entry, char **out, GError **error)
{
  if (!g_path_is_absolute (entry->value) || strpbrk (entry->value, "\n\r") != NULL)
    return refuse_value (entry, error, "an absolute path");
  *out = g_strdup (entry->value);
  return TRUE;
}

static gboolean
take_attach (const Entry *entry, gboolean *by_migration, GError **error)
{
  *by_migration = g_str_equal (entry->value, "migration");
  return *by_migration || g_str_equal (entry->value, "live") || refuse_value (entry, error, "live or migration");
}

static gboolean
refuse_key (const Entry *entry, GError **error, const char *known)
{
  g_autofree char *quoted = quote (entry->key);

  return refuse (entry->reading->file, line_of (entry->reading, entry->group, entry->key), error,
                 "unknown key %s; [%s] has %s", quoted, entry->group, known);
}

static gboolean
take_gate (Reading *reading, const Entry *entry, GError **error)
{
  HotplugGateBits gate = _hotplug_gate_from_name (entry->key);
  gboolean on;

  if (g_str_equal (entry->key, "from"))
    return take_path (entry, &reading->configuration->gates_from, error);
  if (gate == 0)
    return refuse_key (entry, error, HOTPLUG_GATE_VOLUMES ", " HOTPLUG_GATE_NICS " and from");
  if (!take_boolean (entry, &on, error))
    return FALSE;

  reading->says_gates = TRUE;
  if (!on)
    reading->configuration->gates &= (guint)~gate;
  return TRUE;
}

static gboolean
take_pool (const Entry *entry, char **out, GError **error)
{
  /* libvirt refuses these of a pool's name (src/conf/storage_conf.c:867) */
  if (*entry->value == '\0' || strpbrk (entry->value, "/\n") != NULL)
    return refuse_value (entry, error, "the name of a storage pool");
  *out = g_strdup (entry->value);
  return TRUE;
}

static gboolean
take_store_key (HotplugStoreEntry *store, const Entry *entry, GError **error)
{
  if (g_str_equal (entry->key, "path"))
    return take_path (entry, &store->path, error);
  if (g_str_equal (entry->key, "pool"))
    return take_pool (entry, &store->pool, error);
  if (g_str_equal (entry->key, "default"))
    return take_boolean (entry, &store->is_default, error);
  return refuse_key (entry, error, "path, pool and default");
}

static gboolean
take_network_key (Reading *reading, const Entry *entry, GError **error)
{
  if (g_str_equal (entry->key, "directory"))
    return take_path (entry, &reading->configuration->networks, error);
  if (g_str_equal (entry->key, "cni-directory"))
    return take_path (entry, &reading->configuration->cni_networks, error);
  if (g_str_equal (entry->key, "attach"))
    return take_attach (entry, &reading->configuration->attaches_by_migration, error);
  return refuse_key (entry, error, "directory, cni-directory and attach");
}

/* @store: (nullable): the one whose group it is */
static gboolean
take_group (Reading *reading, const char *group, HotplugStoreEntry *store, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (reading->keys, group, NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autoptr (GError) bad = NULL;
      g_autofree char *value = g_key_file_get_string (reading->keys, group, keys[i], &bad);
      /* GKeyFile keeps blanks at the end, which nobody sees */
      const Entry entry = { reading, group, keys[i], value != NULL ? g_strchomp (value) : NULL };

      if (value == NULL || bad != NULL)
        return refuse (reading->file, line_of (reading, group, keys[i]), error, "%s has a broken escape", keys[i]);
      if (store != NULL                  ? !take_store_key (store, &entry, error)
          : g_str_equal (group, "gates") ? !take_gate (reading, &entry, error)
                                         : !take_network_key (reading, &entry, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_store (const Reading *reading, const HotplugStoreEntry *store, guint line, GError **error)
{
  const HotplugStoreEntry *marked = _hotplug_configuration_find_store (reading->configuration, NULL);

  if ((store->path != NULL) == (store->pool != NULL))
    return refuse (reading->file, line, error, "store \"%s\" has %s; it has one of path and pool", store->name,
                   store->path != NULL ? "both" : "neither");
  if (store->is_default && marked != NULL)
    return refuse (reading->file, line, error, "store \"%s\" is the default, and \"%s\" is too", store->name,
                   marked->name);

  for (guint i = 0; i < reading->configuration->stores->len; i++)
    {
      const HotplugStoreEntry *other = g_ptr_array_index (reading->configuration->stores, i);
      if (g_strcmp0 (store->path, other->path) == 0 && g_strcmp0 (store->pool, other->pool) == 0)
        return refuse (reading->file, line, error, "store \"%s\" is where \"%s\" is", store->name, other->name);
    }
  return TRUE;
}

static gboolean
take_store (Reading *reading, const char *group, GError **error)
{
  g_autofree char *name = g_strstrip (g_strdup (group + strlen (STORE_PREFIX)));
  guint line = line_of (reading, group, NULL);
  g_autoptr (GError) bad = NULL;

  if (!_hotplug_name_check ("store", name, &bad))
    return refuse (reading->file, line, error, "%s", bad->message);
  if (_hotplug_configuration_find_store (reading->configuration, name) != NULL)
    return refuse (reading->file, line, error, "there is a store \"%s\" already", name);

  g_autoptr (HotplugStoreEntry) store = _hotplug_store_entry_new (name);
  if (!take_group (reading, group, store, error) || !check_store (reading, store, line, error))
    return FALSE;
  g_ptr_array_add (reading->configuration->stores, g_steal_pointer (&store));
  return TRUE;
}

static gboolean
take_all (Reading *reading, GError **error)
{
  HotplugConfiguration *configuration = reading->configuration;
  g_auto (GStrv) groups = g_key_file_get_groups (reading->keys, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      const char *group = groups[i];
      g_autofree char *quoted = quote (group);

      if (g_str_has_prefix (group, STORE_PREFIX))
        {
          if (!take_store (reading, group, error))
            return FALSE;
        }
      else if (!g_str_equal (group, "gates") && !g_str_equal (group, "networks"))
        return refuse (reading->file, line_of (reading, group, NULL), error,
                       "unknown group %s; there are [gates], [store NAME] and [networks]", quoted);
      else if (!take_group (reading, group, NULL, error))
        return FALSE;
    }

  if (configuration->gates_from != NULL && reading->says_gates)
    return refuse (reading->file, line_of (reading, "gates", "from"), error,
                   "gates are either from %s or said here, not both", configuration->gates_from);
  /* the only one there is needs no mark */
  if (configuration->stores->len == 1)
    ((HotplugStoreEntry *)g_ptr_array_index (configuration->stores, 0))->is_default = TRUE;
  return TRUE;
}

HotplugConfiguration *
_hotplug_configuration_parse (const char *text, gsize length, const char *file, GError **error)
{
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new (file);
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GKeyFile) keys = g_key_file_new ();
  g_autoptr (GError) bad = NULL;
  Reading reading = { file, configuration, keys, lines, FALSE };

  if (strlen (text) != length)
    {
      refuse (file, 1, error, "not text: it has a NUL character");
      return NULL;
    }
  if (!scan (&reading, text, error))
    return NULL;
  if (length > 0 && !g_key_file_load_from_data (keys, text, length, G_KEY_FILE_NONE, &bad))
    {
      g_autofree char *quoted = quote (bad->message);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s: %s", file, quoted);
      return NULL;
    }
  return take_all (&reading, error) ? g_steal_pointer (&configuration) : NULL;
}

HotplugConfiguration *
_hotplug_configuration_read (const char *file, GError **error)
{
  g_autoptr (GError) refused = NULL;
  gsize length;
  g_autofree char *text = _hotplug_file_read (file, SIZE_MAX_BYTES, &length, &refused);

  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return _hotplug_configuration_new (file);
  if (refused != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return NULL;
    }
  return _hotplug_configuration_parse (text, length, file, error);
}
