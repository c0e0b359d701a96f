/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "model/hotplug-network-source-private.h"
#include "xml/hotplug-address-xml-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-verbatim-private.h"
#include "xml/hotplug-xml-private.h"

/* Attributes without a value are left out. */
static void
add_driver (xmlNode *device, const HotplugDisk *disk)
{
  const char *cache = disk->cache != HOTPLUG_CACHE_DEFAULT
                          ? _hotplug_enum_to_nick (HOTPLUG_TYPE_CACHE, (int)disk->cache)
                          : NULL;
  const char *discard = disk->discard != HOTPLUG_DISCARD_DEFAULT
                            ? _hotplug_enum_to_nick (HOTPLUG_TYPE_DISCARD, (int)disk->discard)
                            : NULL;
  const char *io = disk->io != HOTPLUG_IO_DEFAULT ? _hotplug_enum_to_nick (HOTPLUG_TYPE_IO, (int) disk->io) : NULL;
  g_autofree char *io_thread = disk->io_thread != 0 ? g_strdup_printf ("%u", disk->io_thread) : NULL;

  const char *format = disk->format == HOTPLUG_IMAGE_FORMAT_QCOW2 ? "qcow2" : "raw";

  _hotplug_xml_add (
      device, "driver", "name", "qemu", "type", format,
      "cache", cache, "error_policy", _hotplug_enum_to_nick (HOTPLUG_TYPE_ERROR_POLICY, (int)disk->error_policy), "io",
      io, "discard", discard, "iothread", io_thread, NULL);
}

static void
add_network_source (xmlNode *device, const char *uri)
{
  g_auto (HotplugNetworkSource) network = { NULL };

  if (!_hotplug_network_source_parse (uri, &network, NULL))
    return;

  g_autofree char *port = network.port != 0 ? g_strdup_printf ("%u", network.port) : NULL;
  xmlNode *source = _hotplug_xml_add (device, "source", "protocol", network.protocol, "name", network.name, NULL);
  if (network.socket != NULL)
    _hotplug_xml_add (source, "host", "transport", "unix", "socket", network.socket, NULL);
  else if (network.host != NULL)
    _hotplug_xml_add (source, "host", "name", network.host, "port", port, NULL);
}

static void
add_source (xmlNode *device, const HotplugDisk *disk)
{
  if (disk->uri != NULL)
    add_network_source (device, disk->uri);
  else
    _hotplug_xml_add (device, "source", disk->block ? "dev" : "file", disk->path, NULL);
  /* else libvirt follows what the image's header names: 9.0.0 src/qemu/qemu_domain.c, qemuDomainDetermineDiskChain */
  if (disk->format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    _hotplug_xml_add (device, "backingStore", NULL);
}

static void
add_block_sizes (xmlNode *device, const HotplugDisk *disk)
{
  g_autofree char *logical = disk->logical_block_size != 0 ? g_strdup_printf ("%u", disk->logical_block_size) : NULL;
  g_autofree char *physical = disk->physical_block_size != 0 ? g_strdup_printf ("%u", disk->physical_block_size) : NULL;

  if (logical != NULL || physical != NULL)
    _hotplug_xml_add (device, "blockio", "logical_block_size", logical, "physical_block_size", physical, NULL);
}

/* As KubeVirt's converter has it for a hotplugged disk (pkg/virt-launcher/virtwrap/converter/storage) */
char *
_hotplug_disk_to_xml (const HotplugDisk *disk)
{
  g_autofree char *boot_order = g_strdup_printf ("%u", disk->boot_order);
  xmlNode *root = _hotplug_xml_add (NULL, "disk", "type",
                                    disk->uri != NULL ? "network"
                                    : disk->block     ? "block"
                                                      : "file",
                                    "device", disk->device != NULL ? disk->device : "disk", NULL);

  add_driver (root, disk);
  add_source (root, disk);
  _hotplug_xml_add (root, "target", "dev", disk->target, "bus",
                    _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int)disk->bus), NULL);
  add_block_sizes (root, disk);
  if (disk->read_only)
    _hotplug_xml_add (root, "readonly", NULL);
  if (disk->shareable)
    _hotplug_xml_add (root, "shareable", NULL);
  if (disk->serial != NULL)
    xmlNewTextChild (root, NULL, BAD_CAST "serial", BAD_CAST disk->serial);
  if (disk->boot_order != 0)
    _hotplug_xml_add (root, "boot", "order", boot_order, NULL);
  _hotplug_xml_add (root, "alias", "name", disk->alias, NULL);
  _hotplug_xml_add_address (root, &disk->address);
  return _hotplug_xml_print (root);
}

/* libvirt chooses these when it defines a machine, and insists on them where a device is added to a template; the
 * values are those that it chooses (src/qemu/qemu_domain_address.c:2740) */
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
  _hotplug_xml_add_address (root, &controller->address);
  return _hotplug_xml_print (root);
}

char *
_hotplug_record_to_device_xml (const HotplugRecord *record)
{
  const char *own = record->disk != NULL ? record->disk->xml : record->nic->xml;
  char *xml = own != NULL ? _hotplug_verbatim_place (own, record) : NULL;

  if (xml != NULL)
    return xml;
  return record->disk != NULL ? _hotplug_disk_to_xml (record->disk) : _hotplug_nic_to_xml (record->nic);
}
