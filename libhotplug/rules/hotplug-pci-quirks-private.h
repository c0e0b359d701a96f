/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-plan-private.h"

G_BEGIN_DECLS

/* Marks the buses where QEMU refuses what libvirt tries. No controller is behind itself. */
void _hotplug_pci_quirks_mark (const HotplugPciPlan *plan, const HotplugDomain *domain, HotplugPciBuses *buses);

G_END_DECLS
