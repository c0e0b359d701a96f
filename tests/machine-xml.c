/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "machine-xml.h"

#include "config.h"

char *
machine_xml (const MachineShape *shape, const char *devices)
{
  return g_strdup_printf (
      "<domain type='qemu'%s><name>web</name><vcpu>%u</vcpu><os><type arch='%s' machine='%s'>hvm</type>"
      "</os><features>%s</features><devices>%s</devices></domain>",
      shape->live ? " id='1'" : "", MAX (shape->vcpus, 1), shape->arch, shape->machine,
      shape->without_acpi ? "" : "<acpi/>", devices);
}

char *
repeat (const char *text, guint first, guint n)
{
  GString *all = g_string_new (NULL);

  for (guint i = first; i < first + n; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      g_autoptr (GString) one = g_string_new (text);

      g_string_replace (one, "#", number, 0);
      g_string_append_len (all, one->str, (gssize)one->len);
    }
  return g_string_free (all, FALSE);
}

static void
list_slot (GString *list, HotplugPciSlot *slot)
{
  gboolean implied = hotplug_pci_slot_is_implied (slot);

  if (hotplug_pci_slot_is_free (slot))
    return;

  g_string_append_printf (list, "%s %s%s%s\n", hotplug_pci_slot_get_address (slot), implied ? "(" : "",
                          hotplug_pci_slot_get_device (slot), implied ? ")" : "");
}

char *
list_devices (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (buses, i));
      for (guint slot = 0; slot < slots->len; slot++)
        list_slot (list, g_ptr_array_index (slots, slot));
    }
  return g_string_free (list, FALSE);
}
