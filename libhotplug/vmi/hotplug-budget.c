/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-pci-budget.h>

#include "host/hotplug-connection-private.h"
#include "rules/hotplug-budget-private.h"
#include "xml/hotplug-domain-xml-private.h"

/**
 * hotplug_pci_budget_new_from_xml: (constructor)
 * @xml: a domain's XML
 * @error: return location for an error, or %NULL
 *
 * Makes the budget of a machine out of its domain XML alone, without a connection. XML of a running machine, whose
 * `<domain>` has an `id`, is taken as it is. Any other is first filled in as libvirt does when it defines the machine:
 * controllers and devices that it adds, and addresses for all that have none. Where that depends on libvirt's version,
 * it is the one of the library that the process has loaded.
 *
 * Fails with %HOTPLUG_ERROR_INVALID_ARGUMENT if @xml is not domain XML, or has PCI addresses that libvirt would refuse.
 *
 * Returns: (transfer full): the budget, or %NULL with @error set
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_pci_budget_new_from_xml (const char *xml, GError **error)
{
  g_return_val_if_fail (xml != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, error);

  if (domain == NULL)
    return NULL;

  domain->libvirt_version = _hotplug_libvirt_client_version ();
  return _hotplug_budget_compute (domain, error);
}
