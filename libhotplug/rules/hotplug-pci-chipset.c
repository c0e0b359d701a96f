/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/hotplug-pci-plan-private.h"

/* libvirt 9.0.0 src/qemu/qemu_domain_address.c:1815 and 1967; the IDE controller of a PIIX3 is there with and without
 * disks, and slot 0 has the host bridge, which is why libvirt's slots begin at 1 */
static const struct
{
  HotplugPciMachineKind machine;
  guint slot;
  guint function;
  const char *word;
  HotplugPciClass class;
} parts[] = {
  { HOTPLUG_PCI_MACHINE_PC, 0, 0, "host bridge", HOTPLUG_PCI_CLASS_PCI },
  { HOTPLUG_PCI_MACHINE_PC, 1, 0, "ISA bridge", HOTPLUG_PCI_CLASS_PCI },
  { HOTPLUG_PCI_MACHINE_PC, 1, 1, "IDE controller", HOTPLUG_PCI_CLASS_PCI },
  { HOTPLUG_PCI_MACHINE_PC, 1, 3, "power management", HOTPLUG_PCI_CLASS_PCI },
  { HOTPLUG_PCI_MACHINE_Q35, 0, 0, "host bridge", HOTPLUG_PCI_CLASS_PCIE },
  { HOTPLUG_PCI_MACHINE_Q35, 0x1f, 0, "ISA bridge", HOTPLUG_PCI_CLASS_PCIE },
  { HOTPLUG_PCI_MACHINE_Q35, 0x1f, 2, "SATA controller", HOTPLUG_PCI_CLASS_PCIE },
  { HOTPLUG_PCI_MACHINE_Q35, 0x1f, 3, "SMBus", HOTPLUG_PCI_CLASS_PCIE },
  { HOTPLUG_PCI_MACHINE_ARM_VIRT, 0, 0, "host bridge", HOTPLUG_PCI_CLASS_PCIE },
  { HOTPLUG_PCI_MACHINE_RISCV_VIRT, 0, 0, "host bridge", HOTPLUG_PCI_CLASS_PCIE },
};

static gboolean
has_seat (const GArray *seats, const HotplugAddress *address)
{
  for (guint i = 0; i < seats->len; i++)
    {
      if (_hotplug_address_equal (&g_array_index (seats, HotplugPciSeat, i).device.address, address))
        return TRUE;
    }
  return FALSE;
}

void
_hotplug_pci_plan_add_chipset (HotplugPciPlan *self, HotplugPciBuses *buses)
{
  HotplugPciBusState *root = _hotplug_pci_buses_get (buses, 0);

  for (guint i = 0; root != NULL && i < G_N_ELEMENTS (parts); i++)
    {
      HotplugAddress address = _hotplug_address_pci (0, 0, parts[i].slot, parts[i].function);
      if (parts[i].machine != self->machine->kind || has_seat (self->seats, &address)
          || has_seat (self->controllers, &address))
        continue;

      HotplugPciSeat seat = { .device = { .element = parts[i].word, .address = address, .hotplug = TRUE },
                              .need = { .class = parts[i].class, .word = parts[i].word },
                              .implied = TRUE };
      root->functions[parts[i].slot] |= (guint8)(1U << parts[i].function);
      g_array_append_val (self->seats, seat);
    }
}
