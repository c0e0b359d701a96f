/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-pci-quirks-private.h"

/* All of this is MEASURED: QEMU 7.2, a NIC plugged into each kind of bus by its address, machine types 2.4 to 7.2, with
 * and without ACPI. */

/* How QEMU reaches a bus */
typedef struct
{
  gboolean acpi;     /* the PIIX4 plugs by ACPI, and there are only pci-bridges in between */
  gboolean expander; /* a pcie-expander-bus is in between */
  guint switched_off; /* HotplugPciSwitches */
  const char *name;   /* nullable: the hypervisor's, of the bus itself */
} Reach;

/* pc-i440fx-2.9, pc-q35-2.9, and not 2.90 */
static gboolean
is_version (const HotplugDomain *domain, const char *version)
{
  return domain->machine != NULL && g_str_has_suffix (domain->machine, version);
}

/* Which global switches hotplug off there */
static guint
switch_of (HotplugPciModel model, const char *name)
{
  if (model != HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT)
    return HOTPLUG_PCI_OFF_DOWNSTREAM;
  return g_strcmp0 (name, "ioh3420") == 0 ? HOTPLUG_PCI_OFF_IOH3420 : HOTPLUG_PCI_OFF_PORTS;
}

static gboolean
refuses (HotplugPciModel model, const Reach *reach, const HotplugDomain *domain)
{
  switch (model)
    {
    case HOTPLUG_PCI_MODEL_PCI_EXPANDER_BUS:
      /* neither ACPI nor the SHPC of a bridge: "Bus 'pci.1' does not support hotplugging" */
      return TRUE;

    case HOTPLUG_PCI_MODEL_PCI_BRIDGE:
      /* of this version alone it has no SHPC */
      return !reach->acpi && (is_version (domain, "-2.9") || (reach->switched_off & HOTPLUG_PCI_OFF_SHPC) != 0);

    case HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT:
    case HOTPLUG_PCI_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT:
      if ((reach->switched_off & switch_of (model, reach->name)) != 0)
        return TRUE;
      /* the one version whose ports leave it to ACPI, which knows no expander: "Hot-plug failed: unsupported by the
       * port device" */
      return is_version (domain, "-q35-6.1") && reach->expander;

    case HOTPLUG_PCI_MODEL_NONE:
    case HOTPLUG_PCI_MODEL_PCI_ROOT:
    case HOTPLUG_PCI_MODEL_PCIE_ROOT:
    case HOTPLUG_PCI_MODEL_DMI_TO_PCI_BRIDGE:
    case HOTPLUG_PCI_MODEL_PCIE_TO_PCI_BRIDGE:
    case HOTPLUG_PCI_MODEL_PCIE_SWITCH_UPSTREAM_PORT:
    case HOTPLUG_PCI_MODEL_PCIE_EXPANDER_BUS:
      return FALSE;
    }

  return FALSE;
}

static gboolean
is_off (const HotplugPciPlan *plan, guint number)
{
  const HotplugPciSeat *seat = _hotplug_pci_plan_find_controller (plan, "pci", number);

  return seat != NULL && !seat->device.hotplug;
}

/* Bus @number and all that it is behind, to the root */
static Reach
reach_of (const HotplugPciPlan *plan, const HotplugDomain *domain, const HotplugPciBuses *buses, guint number)
{
  gboolean acpi = (plan->switched_off & HOTPLUG_PCI_OFF_ACPI_BRIDGES) == 0 && domain->acpi;
  Reach reach = { .acpi = plan->machine->kind == HOTPLUG_PCI_MACHINE_PC && acpi, .switched_off = plan->switched_off };

  const HotplugPciSeat *bus = _hotplug_pci_plan_find_controller (plan, "pci", number);

  reach.name = bus != NULL ? bus->device.name : NULL;
  while (number != 0)
    {
      const HotplugPciSeat *seat = _hotplug_pci_plan_find_controller (plan, "pci", number);
      HotplugPciModel model = _hotplug_pci_buses_get (buses, number)->model;

      reach.acpi = reach.acpi && model == HOTPLUG_PCI_MODEL_PCI_BRIDGE;
      reach.expander = reach.expander || model == HOTPLUG_PCI_MODEL_PCIE_EXPANDER_BUS;
      number = seat != NULL && seat->device.address.kind == HOTPLUG_ADDRESS_PCI ? seat->device.address.bus : 0;
    }
  return reach;
}

void
_hotplug_pci_quirks_mark (const HotplugPciPlan *plan, const HotplugDomain *domain, HotplugPciBuses *buses)
{
  /* the PIIX4 plugs into its root bus by ACPI only: "Bus 'pci.0' does not support hotplugging" */
  gboolean off = !domain->acpi || is_off (plan, 0) || (plan->switched_off & HOTPLUG_PCI_OFF_ROOT) != 0;
  if (buses->buses->len > 0)
    _hotplug_pci_buses_get (buses, 0)->refuses = plan->machine->kind == HOTPLUG_PCI_MACHINE_PC && off;

  for (guint i = 1; i < buses->buses->len; i++)
    {
      HotplugPciBusState *bus = _hotplug_pci_buses_get (buses, i);
      Reach reach = reach_of (plan, domain, buses, i);

      bus->refuses = refuses (bus->model, &reach, domain);
    }
}
