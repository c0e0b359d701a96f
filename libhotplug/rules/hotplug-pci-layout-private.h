/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

#include "rules/hotplug-pci-plan-private.h"

G_BEGIN_DECLS

/* The PCI buses of one side of a machine with all that sits on them: what libvirt keeps of a running machine, or will
 * have once it has defined a template. */
typedef struct _HotplugPciLayout HotplugPciLayout;

/* A side that is live is taken as it is, any other is filled in as libvirt does at define: controllers, devices and
 * addresses that it lacks. The layout borrows @domain's strings.
 * HOTPLUG_ERROR_INVALID_ARGUMENT for what libvirt would refuse. */
HotplugPciLayout *_hotplug_pci_layout_new (const HotplugDomain *domain, GError **error);

void _hotplug_pci_layout_free (HotplugPciLayout *self);

/* Where libvirt puts the next device of @class that is plugged in live without an address; FALSE if nowhere */
gboolean _hotplug_pci_layout_next (const HotplugPciLayout *self, HotplugPciClass class, HotplugAddress *out);

/* A place behind @after (of kind NONE: from the start), also one that libvirt has to be given: for a caller who needs
 * one that is free elsewhere too */
gboolean _hotplug_pci_layout_next_after (const HotplugPciLayout *self, HotplugPciClass class,
                                         const HotplugAddress *after, HotplugAddress *out);

/* Whether libvirt takes a device of @class at @address, which it is given, while the machine runs, and it is free */
gboolean _hotplug_pci_layout_accepts (const HotplugPciLayout *self, HotplugPciClass class,
                                      const HotplugAddress *address);

/* Marks a place as taken; by what libvirt does not know yet */
void _hotplug_pci_layout_take (HotplugPciLayout *self, const HotplugAddress *address);

/* How many devices of @class libvirt finds a place for, one after the other */
guint _hotplug_pci_layout_count (const HotplugPciLayout *self, HotplugPciClass class);

/* What it is made of, for a report */
const HotplugPciPlan *_hotplug_pci_layout_get_plan (const HotplugPciLayout *self);
const HotplugPciBuses *_hotplug_pci_layout_get_buses (const HotplugPciLayout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugPciLayout, _hotplug_pci_layout_free)

G_END_DECLS
