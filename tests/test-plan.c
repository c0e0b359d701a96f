/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/hotplug-plan-private.h"

static HotplugPlan *
make_plan (void)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) added = g_ptr_array_new ();
  char name[] = "data";
  const HotplugPlanItemFields volume = {
    .name = name,
    .alias = "ua-hpv-data",
    .target = "vda",
    .address = "0000:01:00.0",
    .device_xml = "<disk/>",
    .slots = 1,
    .live = TRUE,
    .moving = TRUE,
  };
  const HotplugPlanItemFields port = { .kind = HOTPLUG_PLAN_KIND_CONTROLLER,
                                       .action = HOTPLUG_PLAN_ACTION_REMOVE,
                                       .name = "pci.1",
                                       .slots = 3,
                                       .persisted = TRUE };
  const HotplugPlanFields fields = {
    .vmi_name = "web", .items = items, .template_added = added, .records_added = "<hotplug/>"
  };

  g_ptr_array_add (items, _hotplug_plan_item_new (&volume));
  g_ptr_array_add (items, _hotplug_plan_item_new (&port));
  g_ptr_array_add (added, (char *)"<disk/>");
  HotplugPlan *plan = _hotplug_plan_new (&fields);
  name[0] = '!'; /* what it was made of may change */
  return plan;
}

static void
test_value (void)
{
  g_autoptr (HotplugPlan) plan = make_plan ();
  HotplugPlanItem *item = g_ptr_array_index (hotplug_plan_get_items (plan), 0);
  HotplugPlanItem *port = g_ptr_array_index (hotplug_plan_get_items (plan), 1);
  g_auto (GValue) value = G_VALUE_INIT;

  GPtrArray *items = hotplug_plan_get_items (plan);
  g_assert_cmpuint (items->len, ==, 2);
  g_assert_cmpstr (hotplug_plan_get_vmi_name (plan), ==, "web");
  g_assert_cmpint (hotplug_plan_get_slots (plan), ==, -2);
  g_assert_true (hotplug_plan_is_live (plan));
  g_assert_true (hotplug_plan_is_persisted (plan));
  g_assert_cmpstr (hotplug_plan_get_template_added (plan)[0], ==, "<disk/>");
  g_assert_null (hotplug_plan_get_template_added (plan)[1]);
  g_assert_null (hotplug_plan_get_template_removed (plan)[0]);
  g_assert_cmpstr (hotplug_plan_get_records_added (plan), ==, "<hotplug/>");
  g_assert_null (hotplug_plan_get_records_removed (plan));
  g_assert_cmpint (hotplug_plan_item_get_kind (item), ==, HOTPLUG_PLAN_KIND_VOLUME);
  g_assert_cmpint (hotplug_plan_item_get_action (item), ==, HOTPLUG_PLAN_ACTION_ADD);
  g_assert_cmpstr (hotplug_plan_item_get_name (item), ==, "data");
  g_assert_cmpstr (hotplug_plan_item_get_target (item), ==, "vda");
  g_assert_cmpstr (hotplug_plan_item_get_address (item), ==, "0000:01:00.0");
  g_assert_cmpuint (hotplug_plan_item_get_slots (item), ==, 1);
  g_assert_true (hotplug_plan_item_is_live (item));
  g_assert_false (hotplug_plan_item_is_persisted (item));
  g_assert_true (hotplug_plan_item_is_moving (item));
  g_assert_cmpint (hotplug_plan_item_get_kind (port), ==, HOTPLUG_PLAN_KIND_CONTROLLER);
  g_assert_null (hotplug_plan_item_get_alias (port));
  g_assert_false (hotplug_plan_item_is_live (port));
  g_assert_cmpstr (hotplug_plan_item_get_alias (item), ==, "ua-hpv-data");
  g_assert_cmpstr (hotplug_plan_item_get_device_xml (item), ==, "<disk/>");

  g_value_init (&value, HOTPLUG_TYPE_PLAN);
  g_value_set_boxed (&value, plan);
  g_assert_true (g_value_get_boxed (&value) == plan);
}

static void
test_empty (void)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();
  const HotplugPlanFields fields = { .vmi_name = "web", .items = items };
  g_autoptr (HotplugPlan) plan = _hotplug_plan_new (&fields);

  g_assert_cmpint (hotplug_plan_get_slots (plan), ==, 0);
  g_assert_false (hotplug_plan_is_live (plan));
  g_assert_false (hotplug_plan_is_persisted (plan));
  g_assert_null (hotplug_plan_get_template_added (plan)[0]);
}

static void
test_manifest (void)
{
  g_autoptr (HotplugPlan) plan = make_plan ();
  g_autofree char *yaml = hotplug_plan_to_manifest (plan, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_autofree char *json = hotplug_plan_to_manifest (plan, HOTPLUG_MANIFEST_FORMAT_JSON);

  g_assert_cmpstr (
      yaml, ==,
      "vmi: web\nslots: -2\nlive: true\npersisted: true\n"
      "items:\n"
      "- action: add\n  kind: volume\n  name: data\n  alias: ua-hpv-data\n  target: vda\n"
      "  address: \"0000:01:00.0\"\n  slots: 1\n  live: true\n  persisted: false\n  moving: true\n  returning: false\n"
      "  deviceXML: <disk/>\n"
      "- action: remove\n  kind: controller\n  name: pci.1\n  alias: null\n  target: null\n"
      "  address: null\n  slots: 3\n  live: false\n  persisted: true\n  moving: false\n  returning: false\n"
      "  deviceXML: null\n"
      "template:\n  added:\n  - <disk/>\n  removed: []\n  recordsAdded: <hotplug/>\n  recordsRemoved: null\n");
  g_assert_nonnull (strstr (json, "\"deviceXML\" : \"<disk/>\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/plan/value", test_value);
  g_test_add_func ("/plan/empty", test_empty);
  g_test_add_func ("/plan/manifest", test_manifest);

  return g_test_run ();
}
