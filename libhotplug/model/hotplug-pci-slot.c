/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-pci-budget-private.h"

struct _HotplugPciSlot
{
  char *address;
  char *controller;
  char *device; /* nullable */
  char *name;   /* nullable */
  HotplugPciClass class;
  gboolean hotplug;
  gboolean implied;
  int bus_index;
};

G_DEFINE_BOXED_TYPE (HotplugPciSlot, hotplug_pci_slot, hotplug_pci_slot_ref, hotplug_pci_slot_unref)

HotplugPciSlot *
_hotplug_pci_slot_new (const HotplugPciSlotFields *fields)
{
  HotplugPciSlot *self = g_atomic_rc_box_new0 (HotplugPciSlot);

  self->address = _hotplug_address_to_string (&fields->address);
  self->controller = g_strdup (fields->controller);
  self->device = g_strdup (fields->device);
  self->name = g_strdup (fields->name);
  self->class = fields->class;
  self->hotplug = fields->hotplug;
  self->implied = fields->implied;
  self->bus_index = fields->bus_index;
  return self;
}

static void
clear (gpointer data)
{
  HotplugPciSlot *self = data;

  g_free (self->address);
  g_free (self->controller);
  g_free (self->device);
  g_free (self->name);
}

/**
 * hotplug_pci_slot_ref:
 * @self: a PCI slot
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugPciSlot *
hotplug_pci_slot_ref (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_pci_slot_unref:
 * @self: (transfer full): a PCI slot
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_pci_slot_unref (HotplugPciSlot *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_pci_slot_get_address:
 * @self: a PCI slot
 *
 * Returns: (transfer none): the place, such as `0000:01:00.0`; of a free slot its function 0
 *
 * Since: 0.1
 */
const char *
hotplug_pci_slot_get_address (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->address;
}

/**
 * hotplug_pci_slot_get_controller:
 * @self: a PCI slot
 *
 * Returns: (transfer none): the model of the bus that it is on, in libvirt's words: `pcie-root-port`, `pci-root`, …
 *
 * Since: 0.1
 */
const char *
hotplug_pci_slot_get_controller (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->controller;
}

/**
 * hotplug_pci_slot_is_hotplug:
 * @self: a PCI slot
 *
 * Whether the bus accepts and releases devices while the machine runs.
 *
 * Returns: %TRUE if it does
 *
 * Since: 0.1
 */
gboolean
hotplug_pci_slot_is_hotplug (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->hotplug;
}

/**
 * hotplug_pci_slot_is_free:
 * @self: a PCI slot
 *
 * Returns: %TRUE if nothing sits there, and a device can be plugged in
 *
 * Since: 0.1
 */
gboolean
hotplug_pci_slot_is_free (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->device == NULL;
}

/**
 * hotplug_pci_slot_is_implied:
 * @self: a PCI slot
 *
 * Whether the device is one that the domain XML does not name: part of the chipset, such as the ISA bridge of a `pc`,
 * or something that libvirt will add when it defines the machine.
 *
 * Returns: %TRUE if it is
 *
 * Since: 0.1
 */
gboolean
hotplug_pci_slot_is_implied (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->implied;
}

/**
 * hotplug_pci_slot_get_device:
 * @self: a PCI slot
 *
 * Returns: (transfer none) (nullable): what sits there, such as `virtio-net` or `virtio-scsi controller`; %NULL if the
 * slot is free
 *
 * Since: 0.1
 */
const char *
hotplug_pci_slot_get_device (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->device;
}

/**
 * hotplug_pci_slot_get_name:
 * @self: a PCI slot
 *
 * Returns: (transfer none) (nullable): the device's name: that of a volume or interface, else its user alias without
 * its `ua-`, else a disk's target; %NULL if it has none
 *
 * Since: 0.1
 */
const char *
hotplug_pci_slot_get_name (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_pci_slot_get_class:
 * @self: a PCI slot
 *
 * What the device needs; of a free slot, what it takes.
 *
 * Returns: the class
 *
 * Since: 0.1
 */
HotplugPciClass
hotplug_pci_slot_get_class (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_PCI_CLASS_NONE);

  return self->class;
}

/**
 * hotplug_pci_slot_get_bus_index:
 * @self: a PCI slot
 *
 * Returns: the index of the bus behind it if a controller sits there that brings one, else -1
 *
 * Since: 0.1
 */
int
hotplug_pci_slot_get_bus_index (HotplugPciSlot *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->bus_index;
}
