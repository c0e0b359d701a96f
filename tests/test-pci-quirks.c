/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine-xml.h"

#define BARE "<controller type='usb' model='none'/><memballoon model='none'/>"
#define BUS(index, model, parent, slot)                                                                                \
  "<controller type='pci' index='" index "' model='" model "'><address type='pci' bus='" parent "' slot='" slot        \
  "'/></controller>"

/* A bridge behind each of: the root, another bridge, an expander */
#define PC                                                                                                             \
  "<controller type='pci' index='0' model='pci-root'/>" BUS ("1", "pci-expander-bus", "0", "3")                        \
      BUS ("2", "pci-bridge", "1", "5") BUS ("3", "pci-bridge", "0", "9") BUS ("4", "pci-bridge", "2", "9")            \
          BUS ("5", "pci-bridge", "3", "9") BARE

/* All that q35 has, on the root and behind an expander */
#define Q35                                                                                                            \
  "<controller type='pci' index='0' model='pcie-root'/>" BUS ("1", "pcie-root-port", "0", "4")                         \
      BUS ("2", "dmi-to-pci-bridge", "0", "5") BUS ("3", "pci-bridge", "2", "5") BUS ("4", "pcie-root-port", "0", "6") \
          BUS ("5", "pcie-to-pci-bridge", "4", "0") BUS ("6", "pci-bridge", "5", "3")                                  \
              BUS ("7", "pcie-expander-bus", "0", "7") BUS ("8", "pcie-root-port", "7", "1")                           \
                  BUS ("9", "pcie-root-port", "7", "2") BUS ("10", "pcie-switch-upstream-port", "9", "0")              \
                      BUS ("11", "pcie-switch-downstream-port", "10", "1") BUS ("12", "pcie-root-port", "7", "3")      \
                          BUS ("13", "pcie-to-pci-bridge", "12", "0") BARE

/* Which buses take a NIC that is plugged in with an address there; MEASURED, QEMU 7.2 */
static const struct
{
  const char *machine;
  gboolean without_acpi;
  const char *devices;
  const char *hotplug; /* their indexes */
} rows[] = {
  { "pc", FALSE, PC, " 0 2 3 4 5" },
  { "pc", TRUE, PC, " 2 3 4 5" },
  { "pc-i440fx-7.2", FALSE, PC, " 0 2 3 4 5" },
  { "pc-i440fx-2.11", TRUE, PC, " 2 3 4 5" },
  { "pc-i440fx-2.9", FALSE, PC, " 0 3 5" },
  { "pc-i440fx-2.9", TRUE, PC, "" },
  { "pc-i440fx-2.8", TRUE, PC, " 2 3 4 5" },
  { "q35", FALSE, Q35, " 1 3 4 5 6 8 9 11 12 13" },
  { "q35", TRUE, Q35, " 1 3 4 5 6 8 9 11 12 13" },
  { "pc-q35-6.2", FALSE, Q35, " 1 3 4 5 6 8 9 11 12 13" },
  { "pc-q35-6.1", FALSE, Q35, " 1 3 4 5 6 13" },
  { "pc-q35-6.1", TRUE, Q35, " 1 3 4 5 6 13" },
  { "pc-q35-6.0", FALSE, Q35, " 1 3 4 5 6 8 9 11 12 13" },
  { "pc-q35-2.9", FALSE, Q35, " 1 4 5 8 9 11 12 13" },
  { "pc-q35-2.8", TRUE, Q35, " 1 3 4 5 6 8 9 11 12 13" },
};

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  MachineShape shape = { .arch = "x86_64", .machine = rows[row].machine, .without_acpi = rows[row].without_acpi };
  g_autofree char *xml = machine_xml (&shape, rows[row].devices);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) hotplug = g_string_new (NULL);
  HotplugPciBudget *budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_no_error (error);
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  for (guint i = 0; i < buses->len; i++)
    {
      if (hotplug_pci_bus_is_hotplug (buses->pdata[i]))
        g_string_append_printf (hotplug, " %u", hotplug_pci_bus_get_index (buses->pdata[i]));
    }
  g_assert_cmpstr (hotplug->str, ==, rows[row].hotplug);
  hotplug_pci_budget_unref (budget);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/pci-quirks/%s%s", rows[row].machine,
                                               rows[row].without_acpi ? "-no-acpi" : "");
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  return g_test_run ();
}
