/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-pci-bus.h>
#include <hotplug/hotplug-pci-slot.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_PCI_BUDGET (hotplug_pci_budget_get_type ())

/**
 * HotplugPciBudget:
 *
 * What a machine's PCI buses have room for: its ports, what sits on them, and how many more devices it takes while it
 * runs.
 *
 * A device that is plugged in needs a slot of a bus that accepts hotplug: on a `pc` one of the slots of a bus, on `q35`
 * and `virt` a `pcie-root-port`, which has one. Their number is fixed when the machine starts.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugPciBudget HotplugPciBudget;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_pci_budget_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_pci_budget_new_from_xml (const char *xml, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugPciBudget *hotplug_pci_budget_ref (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_pci_budget_unref (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_budget_get_name (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_budget_get_machine (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_budget_get_reason (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_limit (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_total (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_used (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_free (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_hotpluggable (HotplugPciBudget *self, HotplugPciClass device_class);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_budget_get_next_address (HotplugPciBudget *self, HotplugPciClass device_class);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_vectors_needed (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_pci_budget_get_vectors_available (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_pci_budget_get_warning (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
GPtrArray *hotplug_pci_budget_get_buses (HotplugPciBudget *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_pci_budget_to_manifest (HotplugPciBudget *self, HotplugManifestFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPciBudget, hotplug_pci_budget_unref)

G_END_DECLS
