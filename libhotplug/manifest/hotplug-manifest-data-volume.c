/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-quantity.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-members-private.h"

/* CDI's type: containerized-data-importer-api pkg/apis/core/v1beta1/types.go */

/* A file is CDI's source http with a file's URL, another volume its source pvc. */
static void
add_source (JsonObject *spec, HotplugDataVolume *volume)
{
  const char *path = hotplug_data_volume_get_source_path (volume);
  const char *other = hotplug_data_volume_get_source_volume (volume);
  g_autofree char *url = path != NULL ? g_filename_to_uri (path, NULL, NULL) : NULL;
  const char *kind = path != NULL ? "http" : other != NULL ? "pvc" : "blank";
  JsonObject *source = _hotplug_manifest_add_object (_hotplug_manifest_add_object (spec, "source"), kind);

  _hotplug_manifest_add_string (source, "url", url);
  _hotplug_manifest_add_string (source, "name", other);
}

static void
add_spec (JsonObject *object, HotplugDataVolume *volume)
{
  g_autofree char *size = hotplug_quantity_to_string (hotplug_data_volume_get_size (volume));
  int access_mode = (int) hotplug_data_volume_get_access_mode (volume);
  int volume_mode = (int) hotplug_data_volume_get_volume_mode (volume);
  JsonObject *spec = _hotplug_manifest_add_object (object, "spec");

  add_source (spec, volume);
  JsonObject *storage = _hotplug_manifest_add_object (spec, "storage");
  json_array_add_string_element (_hotplug_manifest_add_array (storage, "accessModes"),
                                 _hotplug_enum_to_nick (HOTPLUG_TYPE_ACCESS_MODE, access_mode));
  JsonObject *resources = _hotplug_manifest_add_object (storage, "resources");
  _hotplug_manifest_add_string (_hotplug_manifest_add_object (resources, "requests"), "storage", size);
  _hotplug_manifest_add_string (storage, "storageClassName", hotplug_data_volume_get_store (volume));
  _hotplug_manifest_add_string (storage, "volumeMode", _hotplug_enum_to_nick (HOTPLUG_TYPE_VOLUME_MODE, volume_mode));
  json_object_set_boolean_member (spec, "preallocation", hotplug_data_volume_get_preallocation (volume));
}

static void
add_status (JsonObject *object, HotplugDataVolume *volume)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  int phase = (int) hotplug_data_volume_get_phase (volume);
  int format = (int) hotplug_data_volume_get_format (volume);

  g_ascii_formatd (number, sizeof number, "%.1f", hotplug_data_volume_get_progress (volume));
  g_autofree char *progress = g_strconcat (number, "%", NULL);

  JsonObject *status = _hotplug_manifest_add_object (object, "status");
  _hotplug_manifest_add_string (status, "claimName", hotplug_data_volume_get_name (volume));
  _hotplug_manifest_add_string (status, "phase", _hotplug_enum_to_nick (HOTPLUG_TYPE_DATA_VOLUME_PHASE, phase));
  _hotplug_manifest_add_string (status, "progress", progress);
  JsonObject *own = _hotplug_manifest_add_object (status, "libhotplug");
  _hotplug_manifest_add_string (own, "format", _hotplug_enum_to_nick (HOTPLUG_TYPE_IMAGE_FORMAT, format));
  _hotplug_manifest_add_string (own, "message", hotplug_data_volume_get_message (volume));
  _hotplug_manifest_add_string (own, "path", hotplug_data_volume_get_path (volume));
}

static JsonObject *
build_volume (HotplugDataVolume *volume)
{
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "apiVersion", "cdi.kubevirt.io/v1beta1");
  _hotplug_manifest_add_string (object, "kind", "DataVolume");
  _hotplug_manifest_add_string (_hotplug_manifest_add_object (object, "metadata"), "name",
                                hotplug_data_volume_get_name (volume));
  add_spec (object, volume);
  add_status (object, volume);
  return object;
}

/**
 * hotplug_data_volume_to_manifest:
 * @self: a data volume
 * @format: how to write it
 *
 * Writes @self as CDI's `DataVolume`. A file that is copied into it is the source `http` with a `file:` URL, another
 * volume the source `pvc`. What CDI has no field for is in an object named `libhotplug` of `status`: `format`, `path`
 * and, of a volume that can't be used, `message`. What is not known is left out.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_data_volume_to_manifest (HotplugDataVolume *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return _hotplug_manifest_object_to_string (build_volume (self), format);
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

  return _hotplug_manifest_list_to_string (volumes, (HotplugManifestBuild) build_volume, format);
}
