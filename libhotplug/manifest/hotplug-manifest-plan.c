/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-plan.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-private.h"

/* A path in a device's XML may be any bytes, a manifest is UTF-8. */
static void
add_string_value (JsonBuilder *builder, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, int value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_strings (JsonBuilder *builder, const char *name, const char *const *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; values[i] != NULL; i++)
    add_string_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_item (JsonBuilder *builder, HotplugPlanItem *item)
{
  HotplugPlanAction action = hotplug_plan_item_get_action (item);
  HotplugPlanKind kind = hotplug_plan_item_get_kind (item);

  json_builder_begin_object (builder);
  add_string (builder, "action", _hotplug_enum_to_nick (HOTPLUG_TYPE_PLAN_ACTION, (int)action));
  add_string (builder, "kind", _hotplug_enum_to_nick (HOTPLUG_TYPE_PLAN_KIND, (int)kind));
  add_string (builder, "name", hotplug_plan_item_get_name (item));
  add_string (builder, "alias", hotplug_plan_item_get_alias (item));
  add_string (builder, "target", hotplug_plan_item_get_target (item));
  add_string (builder, "address", hotplug_plan_item_get_address (item));
  add_number (builder, "slots", (int)hotplug_plan_item_get_slots (item));
  add_boolean (builder, "live", hotplug_plan_item_is_live (item));
  add_boolean (builder, "persisted", hotplug_plan_item_is_persisted (item));
  add_boolean (builder, "moving", hotplug_plan_item_is_moving (item));
  add_boolean (builder, "returning", hotplug_plan_item_is_returning (item));
  add_string (builder, "deviceXML", hotplug_plan_item_get_device_xml (item));
  json_builder_end_object (builder);
}

/**
 * hotplug_plan_to_manifest:
 * @self: a plan
 * @format: how to write it
 *
 * Writes @self as one object: `vmi`, `slots`, `live`, `persisted`, `items`, and `template` with the XML elements that
 * are `added` and `removed`, and `recordsAdded` and `recordsRemoved`. Each item has `action`, `kind`, `name`, `alias`,
 * `target`, `address`, `slots`, `live`, `persisted`, `moving`, `returning` and `deviceXML`. What there is nothing to
 * say of is null. `message` is there if there is something that a person should know of when it takes effect.
 *
 * Returns: (transfer full): the text, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_plan_to_manifest (HotplugPlan *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "vmi", hotplug_plan_get_vmi_name (self));
  add_number (builder, "slots", hotplug_plan_get_slots (self));
  add_boolean (builder, "live", hotplug_plan_is_live (self));
  add_boolean (builder, "persisted", hotplug_plan_is_persisted (self));

  GPtrArray *items = hotplug_plan_get_items (self);
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < items->len; i++)
    add_item (builder, g_ptr_array_index (items, i));
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "template");
  json_builder_begin_object (builder);
  add_strings (builder, "added", hotplug_plan_get_template_added (self));
  add_strings (builder, "removed", hotplug_plan_get_template_removed (self));
  add_string (builder, "recordsAdded", hotplug_plan_get_records_added (self));
  add_string (builder, "recordsRemoved", hotplug_plan_get_records_removed (self));
  json_builder_end_object (builder);
  if (hotplug_plan_get_message (self) != NULL)
    add_string (builder, "message", hotplug_plan_get_message (self));
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}
