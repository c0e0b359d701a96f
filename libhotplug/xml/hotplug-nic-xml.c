/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-address-xml-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-xml-private.h"

static void
add_number (xmlNode *parent, const char *name, const char *attribute, guint number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);

  if (number != 0)
    _hotplug_xml_add (parent, name, attribute, text, NULL);
}

static void
add_source (xmlNode *device, const HotplugNic *nic)
{
  if (nic->source != NULL)
    _hotplug_xml_add (device, "source", g_strcmp0 (nic->type, "network") == 0 ? "network" : "bridge", nic->source,
                      NULL);
  if (nic->vlan != 0)
    add_number (_hotplug_xml_add (device, "vlan", NULL), "tag", "id", nic->vlan);
  if (nic->virtualport != NULL)
    _hotplug_xml_add (device, "virtualport", "type", nic->virtualport, NULL);
}

/* As KubeVirt's launcher has it for a hotplugged interface (pkg/network/launcher/nichotplug.go), in libvirt's order.
 * Whether the kernel's vhost does the work is left to libvirt, which takes it where the machine is KVM's and
 * /dev/vhost-net is there, and refuses where it was asked for and is not (9.0.0 src/qemu/qemu_interface.c:705). No ROM:
 * the firmware would boot from each network else. */
char *
_hotplug_nic_to_xml (const HotplugNic *nic)
{
  xmlNode *root = _hotplug_xml_add (NULL, "interface", "type", nic->type, NULL);

  if (nic->mac != NULL)
    _hotplug_xml_add (root, "mac", "address", nic->mac, NULL);
  add_source (root, nic);
  if (nic->tap != NULL)
    _hotplug_xml_add (root, "target", "dev", nic->tap, NULL);
  if (nic->model != NULL)
    _hotplug_xml_add (root, "model", "type", nic->model, NULL);
  /* one is what there is at least, and libvirt drops it: src/conf/domain_conf.c:8948 */
  if (nic->queues > 1)
    add_number (root, "driver", "queues", nic->queues);
  if (nic->filter != NULL)
    _hotplug_xml_add (root, "filterref", "filter", nic->filter, NULL);
  if (nic->link_down)
    _hotplug_xml_add (root, "link", "state", "down", NULL);
  add_number (root, "mtu", "size", nic->mtu);
  add_number (root, "boot", "order", nic->boot_order);
  if (nic->alias != NULL)
    _hotplug_xml_add (root, "alias", "name", nic->alias, NULL);
  if (nic->boot_order == 0 && (nic->address.kind == HOTPLUG_ADDRESS_PCI || nic->address.kind == HOTPLUG_ADDRESS_NONE))
    _hotplug_xml_add (root, "rom", "enabled", "no", NULL);
  _hotplug_xml_add_address (root, &nic->address);
  return _hotplug_xml_print (root);
}
