/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-private.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

static HotplugAddress
read_address (xmlNode *device)
{
  xmlNode *node = _hotplug_xml_child (device, "address");
  g_autofree char *type = _hotplug_xml_attribute (node, "type");

  if (type == NULL)
    return (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  if (strcmp (type, "pci") == 0)
    return _hotplug_address_pci (_hotplug_xml_number (node, "domain"), _hotplug_xml_number (node, "bus"),
                                 _hotplug_xml_number (node, "slot"), _hotplug_xml_number (node, "function"));
  if (strcmp (type, "drive") == 0)
    return _hotplug_address_drive (_hotplug_xml_number (node, "controller"), _hotplug_xml_number (node, "bus"),
                                   _hotplug_xml_number (node, "target"), _hotplug_xml_number (node, "unit"));
  return (HotplugAddress){ .kind = HOTPLUG_ADDRESS_OTHER };
}

static char *
read_path (xmlNode *source, gboolean *block)
{
  char *path = _hotplug_xml_attribute (source, "file");

  if (path == NULL)
    {
      path = _hotplug_xml_attribute (source, "dev");
      *block = path != NULL;
    }
  return path;
}

static HotplugDisk *
read_disk (xmlNode *node)
{
  HotplugDisk *disk = _hotplug_disk_new ();
  g_autofree char *bus = _hotplug_xml_attribute (_hotplug_xml_child (node, "target"), "bus");
  g_autofree char *cache = _hotplug_xml_attribute (_hotplug_xml_child (node, "driver"), "cache");

  disk->alias = _hotplug_xml_attribute (_hotplug_xml_child (node, "alias"), "name");
  disk->device = _hotplug_xml_attribute (node, "device");
  disk->target = _hotplug_xml_attribute (_hotplug_xml_child (node, "target"), "dev");
  disk->path = read_path (_hotplug_xml_child (node, "source"), &disk->block);
  disk->serial = _hotplug_xml_text (_hotplug_xml_child (node, "serial"));
  disk->bus = (HotplugBus) _hotplug_enum_from_nick (HOTPLUG_TYPE_BUS, bus, HOTPLUG_BUS_OTHER);
  disk->cache = (HotplugCache) _hotplug_enum_from_nick (HOTPLUG_TYPE_CACHE, cache, HOTPLUG_CACHE_DEFAULT);
  disk->read_only = _hotplug_xml_child (node, "readonly") != NULL;
  disk->address = read_address (node);
  return disk;
}

static HotplugController *
read_controller (xmlNode *node)
{
  HotplugController *controller = _hotplug_controller_new ();
  g_autofree char *hotplug = _hotplug_xml_attribute (_hotplug_xml_child (node, "target"), "hotplug");

  controller->alias = _hotplug_xml_attribute (_hotplug_xml_child (node, "alias"), "name");
  controller->type = _hotplug_xml_attribute (node, "type");
  controller->model = _hotplug_xml_attribute (node, "model");
  controller->index = _hotplug_xml_number (node, "index");
  controller->hotplug = g_strcmp0 (hotplug, "off") != 0;
  controller->address = read_address (node);
  return controller;
}

static void
read_devices (xmlNode *devices, HotplugDomain *domain)
{
  for (xmlNode *node = devices != NULL ? devices->children : NULL; node != NULL; node = node->next)
    {
      if (node->type != XML_ELEMENT_NODE)
        continue;

      HotplugAddress address = read_address (node);
      if (address.kind == HOTPLUG_ADDRESS_PCI)
        g_array_append_val (domain->pci, address);

      if (_hotplug_xml_is (node, "disk"))
        g_ptr_array_add (domain->disks, read_disk (node));
      else if (_hotplug_xml_is (node, "controller"))
        g_ptr_array_add (domain->controllers, read_controller (node));
    }
}

/* libvirt prints KiB, whatever the unit was when the domain was defined */
static guint64
read_memory (xmlNode *node)
{
  g_autofree char *text = _hotplug_xml_text (node);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) * 1024 : 0;
}

static guint
read_vcpus (xmlNode *node)
{
  g_autofree char *text = _hotplug_xml_text (node);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : 0;
}

static HotplugDomain *
read_domain (xmlNode *root)
{
  HotplugDomain *domain = _hotplug_domain_new ();
  xmlNode *type = _hotplug_xml_child (_hotplug_xml_child (root, "os"), "type");
  g_autofree char *id = _hotplug_xml_attribute (root, "id");

  domain->name = _hotplug_xml_text (_hotplug_xml_child (root, "name"));
  domain->uuid = _hotplug_xml_text (_hotplug_xml_child (root, "uuid"));
  domain->arch = _hotplug_xml_attribute (type, "arch");
  domain->machine = _hotplug_xml_attribute (type, "machine");
  domain->memory = read_memory (_hotplug_xml_child (root, "memory"));
  domain->vcpus = read_vcpus (_hotplug_xml_child (root, "vcpu"));
  domain->active = id != NULL;
  read_devices (_hotplug_xml_child (root, "devices"), domain);
  _hotplug_records_read (_hotplug_xml_child (root, "metadata"), domain);
  return domain;
}

HotplugDomain *
_hotplug_domain_from_xml (const char *xml, GError **error)
{
  /* no network, no DTD and no entities: domain XML has none of them */
  g_autoptr (xmlDoc) doc = xmlReadMemory (xml, (int) strlen (xml), "domain.xml", NULL,
                                          XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET
                                              | XML_PARSE_NOBLANKS | XML_PARSE_COMPACT);
  xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;

  if (root == NULL || !_hotplug_xml_is (root, "domain"))
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "what should be domain XML is none");
      return NULL;
    }
  return read_domain (root);
}
