/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_PCI_SLOT (hotplug_pci_slot_get_type ())

/**
 * HotplugPciSlot:
 *
 * A place on a bus of a #HotplugPciBudget: one that a device sits on, or one where a device can be plugged in.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugPciSlot HotplugPciSlot;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_pci_slot_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciSlot *hotplug_pci_slot_ref (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_pci_slot_unref (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_slot_get_address (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_slot_get_controller (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_pci_slot_is_hotplug (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_pci_slot_is_free (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_pci_slot_is_implied (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_slot_get_device (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_slot_get_name (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciClass hotplug_pci_slot_get_class (HotplugPciSlot *self);

HOTPLUG_AVAILABLE_IN_0_1
int hotplug_pci_slot_get_bus_index (HotplugPciSlot *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPciSlot, hotplug_pci_slot_unref)

G_END_DECLS
