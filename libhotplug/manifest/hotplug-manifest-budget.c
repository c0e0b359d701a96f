/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-pci-budget.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-private.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }

  g_autofree char *valid = g_utf8_make_valid (value, -1);
  json_builder_add_string_value (builder, valid);
}

static void
add_number (JsonBuilder *builder, const char *name, guint value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_slot (JsonBuilder *builder, HotplugPciSlot *slot)
{
  json_builder_begin_object (builder);
  add_string (builder, "address", hotplug_pci_slot_get_address (slot));
  add_string (builder, "controller", hotplug_pci_slot_get_controller (slot));
  json_builder_set_member_name (builder, "hotplug");
  json_builder_add_boolean_value (builder, hotplug_pci_slot_is_hotplug (slot));
  add_string (builder, "device", hotplug_pci_slot_get_device (slot));
  add_string (builder, "name", hotplug_pci_slot_get_name (slot));
  json_builder_end_object (builder);
}

/* Both of these by the classes that a device can have */
static void
add_classes (JsonBuilder *builder, HotplugPciBudget *budget)
{
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_object (builder);
  for (int class = HOTPLUG_PCI_CLASS_PCI; class <= HOTPLUG_PCI_CLASS_EITHER; class ++)
    {
      json_builder_set_member_name (builder, _hotplug_enum_to_nick (HOTPLUG_TYPE_PCI_CLASS, class));
      json_builder_begin_object (builder);
      add_number (builder, "hotpluggable", hotplug_pci_budget_get_hotpluggable (budget, (HotplugPciClass) class));
      add_string (builder, "next", hotplug_pci_budget_get_next_address (budget, (HotplugPciClass) class));
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
}

static void
add_slots (JsonBuilder *builder, HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  json_builder_set_member_name (builder, "slots");
  json_builder_begin_array (builder);
  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (buses, i));
      for (guint j = 0; j < slots->len; j++)
        add_slot (builder, g_ptr_array_index (slots, j));
    }
  json_builder_end_array (builder);
}

/**
 * hotplug_pci_budget_to_manifest:
 * @self: a PCI budget
 * @format: how to write it
 *
 * Writes @self as one object: `machine`, `limit`, `ports` with `total`, `used` and `free`, `hotpluggable` (how many
 * more virtio devices fit), `classes` with the same number and the next address of each class, `vectors` with those
 * `needed` and `available` (null if that is not known), `reason` and `warning` (both null if there is nothing to say),
 * and `slots`, one entry for each function that is in use and each slot that is free, whose `device` is null.
 *
 * Returns: (transfer full): the text, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_pci_budget_to_manifest (HotplugPciBudget *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "machine", hotplug_pci_budget_get_machine (self));
  add_number (builder, "limit", hotplug_pci_budget_get_limit (self));

  json_builder_set_member_name (builder, "ports");
  json_builder_begin_object (builder);
  add_number (builder, "total", hotplug_pci_budget_get_total (self));
  add_number (builder, "used", hotplug_pci_budget_get_used (self));
  add_number (builder, "free", hotplug_pci_budget_get_free (self));
  json_builder_end_object (builder);

  add_number (builder, "hotpluggable", hotplug_pci_budget_get_hotpluggable (self, HOTPLUG_PCI_CLASS_EITHER));
  add_classes (builder, self);

  json_builder_set_member_name (builder, "vectors");
  json_builder_begin_object (builder);
  add_number (builder, "needed", hotplug_pci_budget_get_vectors_needed (self));
  json_builder_set_member_name (builder, "available");
  if (hotplug_pci_budget_get_vectors_available (self) > 0)
    json_builder_add_int_value (builder, hotplug_pci_budget_get_vectors_available (self));
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);

  add_string (builder, "reason", hotplug_pci_budget_get_reason (self));
  add_string (builder, "warning", hotplug_pci_budget_get_warning (self));
  add_slots (builder, self);
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}
