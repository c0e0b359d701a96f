/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-pci-budget-private.h"

struct _HotplugPciBudget
{
  char *name;
  char *machine;
  char *reason;  /* nullable */
  char *warning; /* nullable */
  guint limit;
  guint total;
  guint used;
  guint hotpluggable[HOTPLUG_PCI_N_CLASSES];
  char *next[HOTPLUG_PCI_N_CLASSES]; /* each nullable */
  guint vectors_needed;
  guint vectors_available;
  GPtrArray *buses;
};

G_DEFINE_BOXED_TYPE (HotplugPciBudget, hotplug_pci_budget, hotplug_pci_budget_ref, hotplug_pci_budget_unref)

HotplugPciBudget *
_hotplug_pci_budget_new (const HotplugPciBudgetFields *fields, GPtrArray *buses)
{
  HotplugPciBudget *self = g_atomic_rc_box_new0 (HotplugPciBudget);

  self->name = g_strdup (fields->name);
  self->machine = g_strdup (fields->machine);
  self->reason = g_strdup (fields->reason);
  self->warning = g_strdup (fields->warning);
  self->limit = fields->limit;
  self->total = fields->total;
  self->used = fields->used;
  self->vectors_needed = fields->vectors_needed;
  self->vectors_available = fields->vectors_available;
  self->buses = buses;
  for (guint i = 0; i < HOTPLUG_PCI_N_CLASSES; i++)
    {
      self->hotpluggable[i] = fields->hotpluggable[i];
      self->next[i] = _hotplug_address_to_string (&fields->next[i]);
    }
  return self;
}

static void
clear (gpointer data)
{
  HotplugPciBudget *self = data;

  g_free (self->name);
  g_free (self->machine);
  g_free (self->reason);
  g_free (self->warning);
  for (guint i = 0; i < HOTPLUG_PCI_N_CLASSES; i++)
    g_free (self->next[i]);
  g_ptr_array_unref (self->buses);
}

/**
 * hotplug_pci_budget_ref:
 * @self: a PCI budget
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_pci_budget_ref (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_pci_budget_unref:
 * @self: (transfer full): a PCI budget
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_pci_budget_unref (HotplugPciBudget *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_pci_budget_get_name:
 * @self: a PCI budget
 *
 * Returns: (transfer none) (nullable): the name of the VMI; %NULL if the XML named none
 *
 * Since: 0.1
 */
const char *
hotplug_pci_budget_get_name (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_pci_budget_get_machine:
 * @self: a PCI budget
 *
 * Returns: (transfer none) (nullable): the machine type, such as `pc-q35-7.2`; %NULL if the XML named none
 *
 * Since: 0.1
 */
const char *
hotplug_pci_budget_get_machine (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->machine;
}

/**
 * hotplug_pci_budget_get_reason:
 * @self: a PCI budget
 *
 * Returns: (transfer none) (nullable): why this machine takes no PCI device while it runs, whatever is free: it has no
 * PCI bus, or is a `pc` without ACPI; %NULL if that is not so
 *
 * Since: 0.1
 */
const char *
hotplug_pci_budget_get_reason (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->reason;
}

/**
 * hotplug_pci_budget_get_limit:
 * @self: a PCI budget
 *
 * Returns: the number of slots that a PCI bus has, used or not: 32; 0 for a machine without PCI
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_limit (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->limit;
}

/**
 * hotplug_pci_budget_get_total:
 * @self: a PCI budget
 *
 * Returns: the number of slots that accept hotplug, on all buses
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_total (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->total;
}

/**
 * hotplug_pci_budget_get_used:
 * @self: a PCI budget
 *
 * Returns: how many of them are in use
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_used (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->used;
}

/**
 * hotplug_pci_budget_get_free:
 * @self: a PCI budget
 *
 * Returns: how many of them are free, of either kind; what fits is hotplug_pci_budget_get_hotpluggable()
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_free (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->total - self->used;
}

/**
 * hotplug_pci_budget_get_hotpluggable:
 * @self: a PCI budget
 * @device_class: the class of the device; %HOTPLUG_PCI_CLASS_EITHER is that of virtio devices
 *
 * How many further devices of a class the machine takes while it runs, if libvirt chooses their places.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_hotpluggable (HotplugPciBudget *self, HotplugPciClass device_class)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail ((guint)device_class < HOTPLUG_PCI_N_CLASSES, 0);

  return self->hotpluggable[device_class];
}

/**
 * hotplug_pci_budget_get_next_address:
 * @self: a PCI budget
 * @device_class: the class of the device; %HOTPLUG_PCI_CLASS_EITHER is that of virtio devices
 *
 * Where libvirt will put the next device of a class that is plugged in without an address.
 *
 * Returns: (transfer none) (nullable): the address; %NULL if there is no place
 *
 * Since: 0.1
 */
const char *
hotplug_pci_budget_get_next_address (HotplugPciBudget *self, HotplugPciClass device_class)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail ((guint)device_class < HOTPLUG_PCI_N_CLASSES, NULL);

  return self->next[device_class];
}

/**
 * hotplug_pci_budget_get_vectors_needed:
 * @self: a PCI budget
 *
 * Returns: an estimate of the interrupt vectors that the guest needs for what sits on the buses and for a virtio
 * device in each free port
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_vectors_needed (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->vectors_needed;
}

/**
 * hotplug_pci_budget_get_vectors_available:
 * @self: a PCI budget
 *
 * Returns: an estimate of the interrupt vectors that its vCPUs have; 0 if none is known for this kind of machine
 *
 * Since: 0.1
 */
guint
hotplug_pci_budget_get_vectors_available (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->vectors_available;
}

/**
 * hotplug_pci_budget_get_warning:
 * @self: a PCI budget
 *
 * Returns: (transfer none) (nullable): what to know before filling every port, such as that the vCPUs can't serve them
 * all; %NULL if there is nothing
 *
 * Since: 0.1
 */
const char *
hotplug_pci_budget_get_warning (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->warning;
}

/**
 * hotplug_pci_budget_get_buses:
 * @self: a PCI budget
 *
 * Returns: (transfer none) (element-type HotplugPciBus): the buses, by index
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_pci_budget_get_buses (HotplugPciBudget *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->buses;
}
