/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-pci-budget-private.h"
#include "rules/hotplug-budget-private.h"

#define SLOTS_OF_A_BUS 32

HotplugPciBudget *
_hotplug_budget_compute (const HotplugDomain *domain, GError **error)
{
  HotplugPciBudgetFields fields = { .name = domain->name, .machine = domain->machine, .limit = SLOTS_OF_A_BUS };
  GPtrArray *buses = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_pci_bus_unref);

  return _hotplug_pci_budget_new (&fields, buses);
}
