/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-xml-private.h"

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

static void
add_address (xmlNode *device, const HotplugAddress *address)
{
  if (address->kind == HOTPLUG_ADDRESS_DRIVE)
    add_drive_address (device, address);
  else if (address->kind == HOTPLUG_ADDRESS_PCI)
    add_pci_address (device, address);
}

/* error_policy and discard as KubeVirt's converter has them for a hotplugged disk
 * (pkg/virt-launcher/virtwrap/converter/storage) */
char *
_hotplug_disk_to_xml (const HotplugDisk *disk)
{
  const char *cache = disk->cache != HOTPLUG_CACHE_DEFAULT ? _hotplug_enum_to_nick (HOTPLUG_TYPE_CACHE, (int) disk->cache)
                                                           : NULL;
  xmlNode *root = _hotplug_xml_add (NULL, "disk", "type", disk->block ? "block" : "file", "device", "disk", NULL);

  _hotplug_xml_add (root, "driver", "name", "qemu", "type", "raw", "cache", cache, "error_policy", "stop", "discard",
                    "unmap", NULL);
  _hotplug_xml_add (root, "source", disk->block ? "dev" : "file", disk->path, NULL);
  _hotplug_xml_add (root, "target", "dev", disk->target, "bus", _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int) disk->bus),
                    NULL);
  if (disk->read_only)
    _hotplug_xml_add (root, "readonly", NULL);
  xmlNewTextChild (root, NULL, BAD_CAST "serial", BAD_CAST disk->serial);
  _hotplug_xml_add (root, "alias", "name", disk->alias, NULL);
  add_address (root, &disk->address);
  return _hotplug_xml_print (root);
}

/* libvirt chooses these when it defines a machine, and insists on them where a device is added to a template; the values
 * are those that it chooses (src/qemu/qemu_domain_address.c:2740) */
static void
add_root_port (xmlNode *device, const HotplugController *controller)
{
  g_autofree char *chassis = g_strdup_printf ("%u", controller->index);
  g_autofree char *port = g_strdup_printf ("0x%x", (controller->address.slot << 3) + controller->address.function);

  _hotplug_xml_add (device, "model", "name", "pcie-root-port", NULL);
  _hotplug_xml_add (device, "target", "chassis", chassis, "port", port, NULL);
}

char *
_hotplug_controller_to_xml (const HotplugController *controller)
{
  g_autofree char *index = g_strdup_printf ("%u", controller->index);
  xmlNode *root = _hotplug_xml_add (NULL, "controller", "type", controller->type, "index", index, "model",
                                    controller->model, NULL);

  if (g_strcmp0 (controller->model, "pcie-root-port") == 0)
    add_root_port (root, controller);
  if (controller->alias != NULL)
    _hotplug_xml_add (root, "alias", "name", controller->alias, NULL);
  add_address (root, &controller->address);
  return _hotplug_xml_print (root);
}
