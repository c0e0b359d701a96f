/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-pci-budget.h>

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* What @domain has room for. A side that is not live is first filled in as libvirt fills it in when it is defined.
 * HOTPLUG_ERROR_INVALID_ARGUMENT for a topology that libvirt would refuse. */
HotplugPciBudget *_hotplug_budget_compute (const HotplugDomain *domain, GError **error);

G_END_DECLS
