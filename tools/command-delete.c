/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include "data-volume.h"
#include "manifest-file.h"
#include "migration.h"
#include "network.h"

static gboolean
delete_one (Hotplugctl *ctl, const char *name, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL || !hotplug_host_delete_data_volume (host, name, ctl->cancellable, error))
    return FALSE;

  if (!ctl->manifest)
    hotplugctl_print (ctl, "data volume \"%s\" deleted\n", name);
  return TRUE;
}

static gboolean
delete_object (Hotplugctl *ctl, HotplugManifest *object, GError **error)
{
  if (g_str_equal (hotplug_manifest_get_kind (object), NETWORK_KIND))
    return network_delete_object (ctl, object, error);
  return delete_one (ctl, hotplug_manifest_get_name (object), error);
}

/* KubeVirt cancels one that is deleted: here it lasts as long as the command that began it. */
static gboolean
check_kept (GPtrArray *objects, const char *file, GError **error)
{
  for (guint i = 0; i < objects->len; i++)
    {
      HotplugManifest *object = g_ptr_array_index (objects, i);

      if (!g_str_equal (hotplug_manifest_get_kind (object), MIGRATION_KIND))
        continue;
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST,
                   "line %u: a " MIGRATION_KIND " is not kept; to cancel one, interrupt the command that began it",
                   hotplug_manifest_get_line (object));
      manifest_file_prefix_error (file, error);
      return FALSE;
    }
  return TRUE;
}

static gboolean
delete_from_file (Hotplugctl *ctl, const char *file, GError **error)
{
  g_autoptr (GPtrArray) objects = manifest_file_read (file, error);

  if (objects != NULL && !check_kept (objects, file, error))
    return FALSE;
  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      if (delete_object (ctl, g_ptr_array_index (objects, i), error))
        continue;
      if (i > 0)
        g_prefix_error (error, "%u of %u deleted; ", i, objects->len);
      return FALSE;
    }
  return objects != NULL;
}

gboolean
hotplugctl_delete (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_autofree char *file = NULL;
  const GOptionEntry entries[] = {
    { "filename", 'f', 0, G_OPTION_ARG_FILENAME, &file, "A manifest that names them, - for standard input", "FILE" },
    G_OPTION_ENTRY_NULL
  };
  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 0, 2, argc, argv, error);
  if (arguments == NULL || !manifest_file_check_arguments (ctl, file, arguments, error))
    return FALSE;
  if (file != NULL)
    return delete_from_file (ctl, file, error);

  if (network_is_kind (arguments[0]))
    return network_delete (ctl, arguments[1], error);
  if (!data_volume_is_kind (arguments[0]))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                   "delete: unknown kind \"%s\", it is datavolume or network", arguments[0]);
      return FALSE;
    }

  return delete_one (ctl, arguments[1], error);
}
