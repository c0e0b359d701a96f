/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manifest-file.h"

#include <errno.h>
#include <stdio.h>

#include "migration.h"
#include "network.h"

/* One byte more than the library reads, so that it is the library that refuses */
#define BYTES_MAX (1024 * 1024 + 1)

static gboolean
is_stdin (const char *file)
{
  return g_strcmp0 (file, "-") == 0;
}

GString *
manifest_file_read_text (const char *file, GError **error)
{
  FILE *stream = is_stdin (file) ? stdin : fopen (file, "re");
  int cause = errno;

  if (stream != NULL)
    {
      g_autoptr (GString) text = g_string_sized_new (BYTES_MAX);
      errno = 0;
      g_string_set_size (text, fread (text->str, 1, BYTES_MAX, stream));
      gboolean failed = ferror (stream) != 0;
      cause = errno;
      if (!is_stdin (file))
        fclose (stream);
      if (!failed)
        return g_steal_pointer (&text);
    }

  g_set_error (error, HOTPLUG_ERROR, cause == EACCES ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_NOT_FOUND, "%s: %s",
               file, g_strerror (cause));
  return NULL;
}

static gboolean
check_object (HotplugManifest *object, GError **error)
{
  static const char *const kinds[] = { "DataVolume", NETWORK_KIND, MIGRATION_KIND, NULL };
  guint line = hotplug_manifest_get_line (object);

  if (!g_strv_contains (kinds, hotplug_manifest_get_kind (object)))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST,
                   "line %u: nothing is known of kind \"%s\"; DataVolume, " NETWORK_KIND " and " MIGRATION_KIND " are",
                   line, hotplug_manifest_get_kind (object));
      return FALSE;
    }
  if (hotplug_manifest_get_name (object) == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST, "line %u: metadata.name is missing", line);
      return FALSE;
    }
  return TRUE;
}

static GPtrArray *
parse (const GString *text, GError **error)
{
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text->str, (gssize)text->len, error);

  if (objects == NULL)
    return NULL;
  if (objects->len == 0)
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST, "nothing is in it");
      return NULL;
    }
  for (guint i = 0; i < objects->len; i++)
    {
      if (!check_object (g_ptr_array_index (objects, i), error))
        return NULL;
    }
  return g_steal_pointer (&objects);
}

GPtrArray *
manifest_file_read (const char *file, GError **error)
{
  g_autoptr (GString) text = manifest_file_read_text (file, error);
  if (text == NULL)
    return NULL;

  GPtrArray *objects = parse (text, error);
  if (objects == NULL)
    manifest_file_prefix_error (file, error);
  return objects;
}

void
manifest_file_prefix_error (const char *file, GError **error)
{
  g_prefix_error (error, "%s: ", is_stdin (file) ? "standard input" : file);
}

gboolean
manifest_file_check_arguments (Hotplugctl *ctl, const char *file, char **arguments, GError **error)
{
  guint n = g_strv_length (arguments);

  if (file != NULL ? n == 0 : n == 2)
    return TRUE;

  if (file != NULL)
    g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "%s: unexpected argument \"%s\" beside --filename",
                 ctl->command->name, arguments[0]);
  else
    g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                 "%s: missing argument: datavolume NAME, or --filename=FILE", ctl->command->name);
  return FALSE;
}
