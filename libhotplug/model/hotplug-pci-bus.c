/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-pci-budget-private.h"

struct _HotplugPciBus
{
  guint index;
  char *model;
  char *address; /* nullable */
  int parent_index;
  HotplugPciClass class;
  gboolean hotplug;
  guint first_slot;
  guint last_slot;
  GPtrArray *slots;
};

G_DEFINE_BOXED_TYPE (HotplugPciBus, hotplug_pci_bus, hotplug_pci_bus_ref, hotplug_pci_bus_unref)

HotplugPciBus *
_hotplug_pci_bus_new (const HotplugPciBusFields *fields, GPtrArray *slots)
{
  HotplugPciBus *self = g_atomic_rc_box_new0 (HotplugPciBus);

  self->index = fields->index;
  self->model = g_strdup (fields->model);
  self->address = _hotplug_address_to_string (&fields->address);
  self->parent_index = fields->parent_index;
  self->class = fields->class;
  self->hotplug = fields->hotplug;
  self->first_slot = fields->first_slot;
  self->last_slot = fields->last_slot;
  self->slots = slots;
  return self;
}

static void
clear (gpointer data)
{
  HotplugPciBus *self = data;

  g_free (self->model);
  g_free (self->address);
  g_ptr_array_unref (self->slots);
}

/**
 * hotplug_pci_bus_ref:
 * @self: a PCI bus
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugPciBus *
hotplug_pci_bus_ref (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_pci_bus_unref:
 * @self: (transfer full): a PCI bus
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_pci_bus_unref (HotplugPciBus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_pci_bus_get_index:
 * @self: a PCI bus
 *
 * Returns: the number of the bus in PCI addresses, which is its controller's index in the domain XML
 *
 * Since: 0.1
 */
guint
hotplug_pci_bus_get_index (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->index;
}

/**
 * hotplug_pci_bus_get_model:
 * @self: a PCI bus
 *
 * Returns: (transfer none): the model of its controller, in libvirt's words: `pci-root`, `pcie-root`, `pcie-root-
 * port`, `pci-bridge`, …
 *
 * Since: 0.1
 */
const char *
hotplug_pci_bus_get_model (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->model;
}

/**
 * hotplug_pci_bus_get_address:
 * @self: a PCI bus
 *
 * Returns: (transfer none) (nullable): where its controller sits, or %NULL for a root bus
 *
 * Since: 0.1
 */
const char *
hotplug_pci_bus_get_address (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->address;
}

/**
 * hotplug_pci_bus_get_parent_index:
 * @self: a PCI bus
 *
 * Returns: the index of the bus that its controller sits on, or -1 for a root bus
 *
 * Since: 0.1
 */
int
hotplug_pci_bus_get_parent_index (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->parent_index;
}

/**
 * hotplug_pci_bus_is_hotplug:
 * @self: a PCI bus
 *
 * Whether it accepts and releases devices while the machine runs: not if its kind of bus does not, if its `<target>`
 * says `hotplug='off'`, or if the machine as a whole does not.
 *
 * Returns: %TRUE if it does
 *
 * Since: 0.1
 */
gboolean
hotplug_pci_bus_is_hotplug (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->hotplug;
}

/**
 * hotplug_pci_bus_get_class:
 * @self: a PCI bus
 *
 * Which devices libvirt puts there by itself: %HOTPLUG_PCI_CLASS_PCIE, %HOTPLUG_PCI_CLASS_PCI,
 * %HOTPLUG_PCI_CLASS_EITHER for a bus of a machine that has but one kind of slot, or %HOTPLUG_PCI_CLASS_NONE for a bus
 * that takes controllers only.
 *
 * Returns: the class
 *
 * Since: 0.1
 */
HotplugPciClass
hotplug_pci_bus_get_class (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_PCI_CLASS_NONE);

  return self->class;
}

/**
 * hotplug_pci_bus_get_first_slot:
 * @self: a PCI bus
 *
 * Returns: the number of its first usable slot
 *
 * Since: 0.1
 */
guint
hotplug_pci_bus_get_first_slot (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->first_slot;
}

/**
 * hotplug_pci_bus_get_last_slot:
 * @self: a PCI bus
 *
 * Returns: the number of its last usable slot
 *
 * Since: 0.1
 */
guint
hotplug_pci_bus_get_last_slot (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->last_slot;
}

/**
 * hotplug_pci_bus_get_slots:
 * @self: a PCI bus
 *
 * Returns: (transfer none) (element-type HotplugPciSlot): the places where something sits, each function of a slot for
 * itself, and those that are free, by address
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_pci_bus_get_slots (HotplugPciBus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->slots;
}
