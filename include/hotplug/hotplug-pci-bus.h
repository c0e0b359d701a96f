/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_PCI_BUS (hotplug_pci_bus_get_type ())

/**
 * HotplugPciBus:
 *
 * A bus of a #HotplugPciBudget: what libvirt calls a PCI controller, and the places that it has.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugPciBus HotplugPciBus;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_pci_bus_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBus *hotplug_pci_bus_ref (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_pci_bus_unref (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_bus_get_index (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_bus_get_model (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_bus_get_address (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
int hotplug_pci_bus_get_parent_index (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
gboolean hotplug_pci_bus_is_hotplug (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciClass hotplug_pci_bus_get_class (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_bus_get_first_slot (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_bus_get_last_slot (HotplugPciBus *self);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_pci_bus_get_slots (HotplugPciBus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPciBus, hotplug_pci_bus_unref)

G_END_DECLS
