/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-plan-private.h"

G_BEGIN_DECLS

/* What libvirt adds to a machine when it is defined, so that @plan has all of it but the addresses, and the controllers
 * that these take. HOTPLUG_ERROR_INVALID_ARGUMENT for what libvirt would refuse. */
gboolean _hotplug_pci_defaults_add (HotplugPciPlan *plan, const HotplugDomain *domain, GError **error);

G_END_DECLS
