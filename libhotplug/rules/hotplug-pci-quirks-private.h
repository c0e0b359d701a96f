/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-plan-private.h"

G_BEGIN_DECLS

/* Marks the buses where QEMU refuses what libvirt tries. No controller is behind itself. */
void _hotplug_pci_quirks_mark (const HotplugPciPlan *plan, const HotplugDomain *domain, HotplugPciBuses *buses);

/* Whether the copy of libvirt's rules was held against that release of it; major * 1000000 + minor * 1000 + micro, 0: not
 * known, of which nothing else is known to be so */
gboolean _hotplug_pci_quirks_is_measured (guint64 libvirt_version);

G_END_DECLS
