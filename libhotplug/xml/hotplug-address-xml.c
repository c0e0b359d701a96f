/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-address-xml-private.h"

static void
add_drive_address (xmlNode *device, const HotplugAddress *address)
{
  g_autofree char *controller = g_strdup_printf ("%u", address->controller);
  g_autofree char *bus = g_strdup_printf ("%u", address->bus);
  g_autofree char *target = g_strdup_printf ("%u", address->target);
  g_autofree char *unit = g_strdup_printf ("%u", address->unit);

  _hotplug_xml_add (device, "address", "type", "drive", "controller", controller, "bus", bus, "target", target, "unit",
                    unit, NULL);
}

static void
add_pci_address (xmlNode *device, const HotplugAddress *address)
{
  g_autofree char *domain = g_strdup_printf ("0x%04x", address->domain);
  g_autofree char *bus = g_strdup_printf ("0x%02x", address->bus);
  g_autofree char *slot = g_strdup_printf ("0x%02x", address->slot);
  g_autofree char *function = g_strdup_printf ("0x%x", address->function);

  _hotplug_xml_add (device, "address", "type", "pci", "domain", domain, "bus", bus, "slot", slot, "function", function,
                    NULL);
}

void
_hotplug_xml_add_address (xmlNode *device, const HotplugAddress *address)
{
  if (address->kind == HOTPLUG_ADDRESS_DRIVE)
    add_drive_address (device, address);
  else if (address->kind == HOTPLUG_ADDRESS_PCI)
    add_pci_address (device, address);
}
