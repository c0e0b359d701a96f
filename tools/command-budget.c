/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "pci-view.h"
#include "table.h"
#include "terminal.h"

static const struct
{
  HotplugPciClass class;
  const char *word;
} classes[] = {
  { HOTPLUG_PCI_CLASS_EITHER, "virtio" },
  { HOTPLUG_PCI_CLASS_PCIE, "PCIe" },
  { HOTPLUG_PCI_CLASS_PCI, "PCI" },
};

static Table *
make_port_table (HotplugPciBudget *budget)
{
  static const char *const heading[] = { "MACHINE", "PORTS", "USED", "FREE" };
  Table *table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  g_autofree char *total = g_strdup_printf ("%u", hotplug_pci_budget_get_total (budget));
  g_autofree char *used = g_strdup_printf ("%u", hotplug_pci_budget_get_used (budget));
  g_autofree char *free_ports = g_strdup_printf ("%u", hotplug_pci_budget_get_free (budget));
  const char *const cells[G_N_ELEMENTS (heading)] = {
    hotplug_pci_budget_get_machine (budget),
    total,
    used,
    free_ports,
  };
  table_add_row (table, cells);
  return table;
}

static Table *
make_class_table (HotplugPciBudget *budget)
{
  static const char *const heading[] = { "CLASS", "HOTPLUGGABLE", "NEXT" };
  Table *table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (gsize i = 0; i < G_N_ELEMENTS (classes); i++)
    {
      g_autofree char *count = g_strdup_printf ("%u", hotplug_pci_budget_get_hotpluggable (budget, classes[i].class));
      const char *const cells[G_N_ELEMENTS (heading)] = {
        classes[i].word,
        count,
        hotplug_pci_budget_get_next_address (budget, classes[i].class),
      };
      table_add_row (table, cells);
    }

  return table;
}

static void
add_slots (Table *table, HotplugPciBus *bus)
{
  GPtrArray *slots = hotplug_pci_bus_get_slots (bus);

  for (guint i = 0; i < slots->len; i++)
    {
      HotplugPciSlot *slot = g_ptr_array_index (slots, i);
      const char *const cells[] = {
        hotplug_pci_slot_get_address (slot),
        hotplug_pci_slot_get_controller (slot),
        hotplug_pci_slot_is_hotplug (slot) ? "yes" : "no",
        hotplug_pci_slot_get_device (slot),
        hotplug_pci_slot_get_name (slot),
      };
      table_add_row (table, cells);
    }
}

static Table *
make_slot_table (HotplugPciBudget *budget)
{
  static const char *const heading[] = { "ADDRESS", "CONTROLLER", "HOTPLUG", "DEVICE", "NAME" };
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  Table *table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (guint i = 0; i < buses->len; i++)
    add_slots (table, g_ptr_array_index (buses, i));
  return table;
}

static void
print_remark (Hotplugctl *ctl, TerminalStyle style, const char *text)
{
  Terminal terminal;

  if (text == NULL)
    return;

  terminal_look (&terminal);
  hotplugctl_print (ctl, "\n");
  terminal_print_paragraph (&terminal, ctl->out, style, text);
}

static void
print_tables (Hotplugctl *ctl, HotplugPciBudget *budget)
{
  g_autoptr (Table) ports = make_port_table (budget);
  table_print (ports, ctl->out);

  if (hotplug_pci_budget_get_limit (budget) > 0)
    {
      g_autoptr (Table) class_table = make_class_table (budget);
      hotplugctl_print (ctl, "\n");
      table_print (class_table, ctl->out);

      g_autoptr (Table) slots = make_slot_table (budget);
      hotplugctl_print (ctl, "\n");
      table_print (slots, ctl->out);
    }

  print_remark (ctl, TERMINAL_STYLE_BOLD, hotplug_pci_budget_get_reason (budget));
  print_remark (ctl, TERMINAL_STYLE_WARNING, hotplug_pci_budget_get_warning (budget));
}

gboolean
hotplugctl_budget (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (PciSource) source = { FALSE, NULL };
  const GOptionEntry entries[] = { PCI_SOURCE_ENTRIES (&source), G_OPTION_ENTRY_NULL };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 0, 1, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (HotplugPciBudget) budget = pci_source_load (ctl, &source, arguments[0], error);
  if (budget == NULL)
    return FALSE;

  if (!ctl->manifest)
    {
      print_tables (ctl, budget);
      return TRUE;
    }

  g_autofree char *manifest = hotplug_pci_budget_to_manifest (budget, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
  return TRUE;
}
