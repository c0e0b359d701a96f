/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "fuzz/fuzz.h"

/* From domain XML to a budget, and all that can be asked of one */

static void
check_error (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (error->domain == HOTPLUG_ERROR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_null (strpbrk (error->message, "\n\r\x1b"));
}

static void
check_bus (HotplugPciBus *bus)
{
  GPtrArray *slots = hotplug_pci_bus_get_slots (bus);

  g_assert_cmpuint (hotplug_pci_bus_get_first_slot (bus), <=, hotplug_pci_bus_get_last_slot (bus));
  g_assert_cmpuint (hotplug_pci_bus_get_last_slot (bus), <, 32);
  for (guint i = 0; i < slots->len; i++)
    {
      HotplugPciSlot *slot = g_ptr_array_index (slots, i);
      g_assert_nonnull (hotplug_pci_slot_get_address (slot));
      g_assert_true (hotplug_pci_slot_is_free (slot) == (hotplug_pci_slot_get_device (slot) == NULL));
    }
}

static void
check_budget (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  g_assert_cmpuint (hotplug_pci_budget_get_used (budget) + hotplug_pci_budget_get_free (budget), ==,
                    hotplug_pci_budget_get_total (budget));
  for (guint i = 0; i < buses->len; i++)
    check_bus (g_ptr_array_index (buses, i));
  for (HotplugPciClass class = HOTPLUG_PCI_CLASS_PCI; class <= HOTPLUG_PCI_CLASS_EITHER; class ++)
    g_assert_true ((hotplug_pci_budget_get_hotpluggable (budget, class) > 0)
                   == (hotplug_pci_budget_get_next_address (budget, class) != NULL));
}

static void
fuzz_text (const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_pci_budget_new_from_xml (text, &error);

  if (budget == NULL)
    {
      check_error (error);
      return;
    }

  g_assert_no_error (error);
  check_budget (budget);
  g_autofree char *json = hotplug_pci_budget_to_manifest (budget, HOTPLUG_MANIFEST_FORMAT_JSON);
  g_assert_true (g_utf8_validate (json, -1, NULL));
}

FUZZ_TARGET ("domain-xml")
