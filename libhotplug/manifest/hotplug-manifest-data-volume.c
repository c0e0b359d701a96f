/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-quantity.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-private.h"

/* CDI's type: containerized-data-importer-api pkg/apis/core/v1beta1/types.go */

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;

  g_autofree char *valid = g_utf8_make_valid (value, -1);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
}

static void
begin (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

/* A file is CDI's source http with a file's URL, another volume its source pvc. */
static void
add_source (JsonBuilder *builder, HotplugDataVolume *volume)
{
  const char *path = hotplug_data_volume_get_source_path (volume);
  const char *other = hotplug_data_volume_get_source_volume (volume);

  begin (builder, "source");
  begin (builder, path != NULL ? "http" : other != NULL ? "pvc" : "blank");
  if (path != NULL)
    {
      g_autofree char *url = g_filename_to_uri (path, NULL, NULL);
      add_string (builder, "url", url);
    }
  add_string (builder, "name", other);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_spec (JsonBuilder *builder, HotplugDataVolume *volume)
{
  g_autofree char *size = hotplug_quantity_to_string (hotplug_data_volume_get_size (volume));
  int access_mode = (int)hotplug_data_volume_get_access_mode (volume);
  int volume_mode = (int)hotplug_data_volume_get_volume_mode (volume);

  begin (builder, "spec");
  add_source (builder, volume);
  begin (builder, "storage");
  json_builder_set_member_name (builder, "accessModes");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, _hotplug_enum_to_nick (HOTPLUG_TYPE_ACCESS_MODE, access_mode));
  json_builder_end_array (builder);
  begin (builder, "resources");
  begin (builder, "requests");
  add_string (builder, "storage", size);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  add_string (builder, "storageClassName", hotplug_data_volume_get_store (volume));
  add_string (builder, "volumeMode", _hotplug_enum_to_nick (HOTPLUG_TYPE_VOLUME_MODE, volume_mode));
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "preallocation");
  json_builder_add_boolean_value (builder, hotplug_data_volume_get_preallocation (volume));
  json_builder_end_object (builder);
}

static void
add_status (JsonBuilder *builder, HotplugDataVolume *volume)
{
  g_autofree char *progress = NULL;
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (number, sizeof number, "%.1f", hotplug_data_volume_get_progress (volume));
  progress = g_strconcat (number, "%", NULL);

  begin (builder, "status");
  add_string (builder, "claimName", hotplug_data_volume_get_name (volume));
  add_string (builder, "phase",
              _hotplug_enum_to_nick (HOTPLUG_TYPE_DATA_VOLUME_PHASE, (int)hotplug_data_volume_get_phase (volume)));
  add_string (builder, "progress", progress);
  begin (builder, "libhotplug");
  add_string (builder, "format",
              _hotplug_enum_to_nick (HOTPLUG_TYPE_IMAGE_FORMAT, (int)hotplug_data_volume_get_format (volume)));
  add_string (builder, "message", hotplug_data_volume_get_message (volume));
  add_string (builder, "path", hotplug_data_volume_get_path (volume));
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

static void
add_volume (JsonBuilder *builder, HotplugDataVolume *volume)
{
  json_builder_begin_object (builder);
  add_string (builder, "apiVersion", "cdi.kubevirt.io/v1beta1");
  add_string (builder, "kind", "DataVolume");
  begin (builder, "metadata");
  add_string (builder, "name", hotplug_data_volume_get_name (volume));
  json_builder_end_object (builder);
  add_spec (builder, volume);
  add_status (builder, volume);
  json_builder_end_object (builder);
}

/**
 * hotplug_data_volume_to_manifest:
 * @self: a data volume
 * @format: how to write it
 *
 * Writes @self as CDI's `DataVolume`. A file that is copied into it is the source `http` with a `file:` URL, another
 * volume the source `pvc`. What CDI has no field for is in an object named `libhotplug` of `status`: `format`, `path` and,
 * of a volume that can't be used, `message`. What is not known is left out.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_data_volume_to_manifest (HotplugDataVolume *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  add_volume (builder, self);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}

/**
 * hotplug_data_volume_list_to_manifest:
 * @volumes: (element-type HotplugDataVolume): data volumes
 * @format: how to write them
 *
 * Writes @volumes, in their order, as the items of a Kubernetes `List`; see hotplug_data_volume_to_manifest().
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_data_volume_list_to_manifest (GPtrArray *volumes, HotplugManifestFormat format)
{
  g_return_val_if_fail (volumes != NULL, NULL);

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "apiVersion", "v1");
  add_string (builder, "kind", "List");
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < volumes->len; i++)
    add_volume (builder, g_ptr_array_index (volumes, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}
