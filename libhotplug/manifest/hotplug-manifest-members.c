/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manifest/hotplug-manifest-members-private.h"
#include "manifest/hotplug-manifest-private.h"

void
_hotplug_manifest_add_string (JsonObject *object, const char *name, const char *value)
{
  if (value == NULL)
    return;

  g_autofree char *valid = g_utf8_make_valid (value, -1);
  json_object_set_string_member (object, name, valid);
}

void
_hotplug_manifest_add_number (JsonObject *object, const char *name, guint number)
{
  if (number != 0)
    json_object_set_int_member (object, name, number);
}

JsonObject *
_hotplug_manifest_add_object (JsonObject *parent, const char *name)
{
  JsonObject *child = json_object_new ();

  json_object_set_object_member (parent, name, child);
  return child;
}

JsonArray *
_hotplug_manifest_add_array (JsonObject *parent, const char *name)
{
  JsonArray *child = json_array_new ();

  json_object_set_array_member (parent, name, child);
  return child;
}

char *
_hotplug_manifest_object_to_string (JsonObject *object, HotplugManifestFormat format)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (root, object);
  return _hotplug_manifest_to_string (root, format);
}

char *
_hotplug_manifest_list_to_string (GPtrArray *items, HotplugManifestBuild build, HotplugManifestFormat format)
{
  JsonObject *list = json_object_new ();

  _hotplug_manifest_add_string (list, "apiVersion", "v1");
  _hotplug_manifest_add_string (list, "kind", "List");
  JsonArray *array = _hotplug_manifest_add_array (list, "items");
  for (guint i = 0; i < items->len; i++)
    json_array_add_object_element (array, build (g_ptr_array_index (items, i)));
  return _hotplug_manifest_object_to_string (list, format);
}
