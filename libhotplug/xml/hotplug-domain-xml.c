/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

/* Where the reader is: the device whose children come next */
typedef struct
{
  HotplugDomain *domain;
  HotplugDisk *disk;             /* nullable */
  HotplugController *controller; /* nullable */
  HotplugDevice device;
} Place;

static const struct
{
  const char *element;
  HotplugDeviceKind kind;
} kinds[] = {
  { "disk", HOTPLUG_DEVICE_DISK },
  { "controller", HOTPLUG_DEVICE_CONTROLLER },
  { "interface", HOTPLUG_DEVICE_INTERFACE },
  { "channel", HOTPLUG_DEVICE_CHANNEL },
  { "console", HOTPLUG_DEVICE_CONSOLE },
  { "filesystem", HOTPLUG_DEVICE_FILESYSTEM },
  { "graphics", HOTPLUG_DEVICE_GRAPHICS },
  { "hostdev", HOTPLUG_DEVICE_HOSTDEV },
  { "input", HOTPLUG_DEVICE_INPUT },
  { "iommu", HOTPLUG_DEVICE_IOMMU },
  { "memballoon", HOTPLUG_DEVICE_MEMBALLOON },
  { "memory", HOTPLUG_DEVICE_MEMORY },
  { "rng", HOTPLUG_DEVICE_RNG },
  { "serial", HOTPLUG_DEVICE_SERIAL },
  { "shmem", HOTPLUG_DEVICE_SHMEM },
  { "smartcard", HOTPLUG_DEVICE_SMARTCARD },
  { "sound", HOTPLUG_DEVICE_SOUND },
  { "video", HOTPLUG_DEVICE_VIDEO },
  { "vsock", HOTPLUG_DEVICE_VSOCK },
  { "watchdog", HOTPLUG_DEVICE_WATCHDOG },
};

static const char *
keep (Place *place, const HotplugXmlElement *element, const char *attribute)
{
  g_autofree char *value = _hotplug_xml_element_dup (element, attribute);

  return value != NULL ? g_string_chunk_insert (place->domain->strings, value) : NULL;
}

static void
keep_first (Place *place, const HotplugXmlElement *element, const char *attribute, const char **where)
{
  if (*where == NULL)
    *where = keep (place, element, attribute);
}

/* A device's element begins */
static gboolean
read_device (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  const char *name = _hotplug_xml_element_name (element);
  HotplugDevice *device = &place->device;

  *device = (HotplugDevice){ .hotplug = TRUE };
  place->disk = NULL;
  place->controller = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && device->element == NULL; i++)
    {
      if (strcmp (kinds[i].element, name) == 0)
        {
          device->kind = kinds[i].kind;
          device->element = kinds[i].element;
        }
    }
  if (device->element == NULL)
    device->element = g_string_chunk_insert_const (place->domain->strings, name);

  device->type = keep (place, element, "type");
  device->model = keep (place, element, "model");
  device->bus = keep (place, element, "bus");
  device->mode = keep (place, element, "mode");
  return TRUE;
}

/* And ends */
static void
end_device (const char *text, gpointer user_data)
{
  Place *place = user_data;
  HotplugDevice *device = &place->device;

  if (place->disk != NULL)
    place->disk->address = device->address;
  if (place->controller != NULL)
    {
      place->controller->address = device->address;
      place->controller->hotplug = device->hotplug;
    }
  g_array_append_val (place->domain->devices, *device);
}

static gboolean
read_device_model (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  keep_first (place, element, "type", &place->device.model);
  place->device.primary = _hotplug_xml_element_says (element, "primary", "yes");
  return TRUE;
}

static gboolean
read_device_target (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  keep_first (place, element, "type", &place->device.target);
  return TRUE;
}

static gboolean
read_device_alias (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  keep_first (place, element, "name", &place->device.alias);
  return TRUE;
}

static gboolean
read_address (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugAddress address = { .kind = HOTPLUG_ADDRESS_OTHER };

  if (_hotplug_xml_element_says (element, "type", "pci"))
    {
      address = _hotplug_address_pci (
          _hotplug_xml_element_number (element, "domain"), _hotplug_xml_element_number (element, "bus"),
          _hotplug_xml_element_number (element, "slot"), _hotplug_xml_element_number (element, "function"));
      /* which libvirt takes for no address at all; MEASURED */
      if (address.domain == 0 && address.bus == 0 && address.slot == 0 && address.function == 0)
        address.kind = HOTPLUG_ADDRESS_NONE;
    }
  else if (_hotplug_xml_element_says (element, "type", "drive"))
    address = _hotplug_address_drive (
        _hotplug_xml_element_number (element, "controller"), _hotplug_xml_element_number (element, "bus"),
        _hotplug_xml_element_number (element, "target"), _hotplug_xml_element_number (element, "unit"));

  place->device.address = address;
  return TRUE;
}

static gboolean
read_disk (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDisk *disk = _hotplug_disk_new ();

  read_device (element, place);
  disk->device = _hotplug_xml_element_dup (element, "device");
  disk->bus = HOTPLUG_BUS_OTHER;
  g_ptr_array_add (place->domain->disks, disk);
  place->disk = disk;
  return TRUE;
}

static gboolean
read_disk_driver (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((Place *) user_data)->disk;

  disk->cache = (HotplugCache) _hotplug_xml_element_enum (element, "cache", HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT);
  return TRUE;
}

static gboolean
read_disk_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((Place *) user_data)->disk;

  _hotplug_xml_element_take (element, "file", &disk->path);
  if (disk->path == NULL)
    {
      _hotplug_xml_element_take (element, "dev", &disk->path);
      disk->block = disk->path != NULL;
    }
  return TRUE;
}

static gboolean
read_disk_target (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDisk *disk = place->disk;

  _hotplug_xml_element_take (element, "dev", &disk->target);
  keep_first (place, element, "dev", &place->device.target);
  keep_first (place, element, "bus", &place->device.bus);
  disk->bus = (HotplugBus) _hotplug_xml_element_enum (element, "bus", HOTPLUG_TYPE_BUS, HOTPLUG_BUS_OTHER);
  return TRUE;
}

static gboolean
read_disk_alias (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  _hotplug_xml_element_take (element, "name", &place->disk->alias);
  return read_device_alias (element, place);
}

static gboolean
read_disk_readonly (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->disk->read_only = TRUE;
  return TRUE;
}

static void
take_text (const char *text, char **where)
{
  if (*where == NULL)
    *where = g_strdup (text);
}

static void
read_disk_serial (const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->disk->serial);
}

static gboolean
read_controller (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugController *controller = _hotplug_controller_new ();

  read_device (element, place);
  controller->type = _hotplug_xml_element_dup (element, "type");
  controller->model = _hotplug_xml_element_dup (element, "model");
  controller->index = _hotplug_xml_element_number (element, "index");
  place->device.index = _hotplug_xml_element_has (element, "index") ? controller->index : HOTPLUG_CONTROLLER_INDEX_NONE;
  g_ptr_array_add (place->domain->controllers, controller);
  place->controller = controller;
  return TRUE;
}

static gboolean
read_controller_target (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->device.hotplug = !_hotplug_xml_element_says (element, "hotplug", "off");
  return TRUE;
}

static gboolean
read_controller_alias (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  _hotplug_xml_element_take (element, "name", &place->controller->alias);
  return read_device_alias (element, place);
}

static gboolean
read_domain (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->domain->active = _hotplug_xml_element_has (element, "id");
  return TRUE;
}

static gboolean
read_type (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDomain *domain = ((Place *) user_data)->domain;

  _hotplug_xml_element_take (element, "arch", &domain->arch);
  _hotplug_xml_element_take (element, "machine", &domain->machine);
  return TRUE;
}

static gboolean
read_acpi (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->domain->acpi = TRUE;
  return TRUE;
}

static void
read_name (const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->name);
}

static void
read_uuid (const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->uuid);
}

/* libvirt prints KiB, whatever the unit was when the domain was defined */
static void
read_memory (const char *text, gpointer user_data)
{
  ((Place *) user_data)->domain->memory = g_ascii_strtoull (text, NULL, 10) * 1024;
}

static void
read_vcpus (const char *text, gpointer user_data)
{
  ((Place *) user_data)->domain->vcpus = (guint) g_ascii_strtoull (text, NULL, 10);
}

static gboolean
read_volume_record (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_record_read (element, ((Place *) user_data)->domain);
  return TRUE;
}

static void
read_intent (const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->intent);
}

static gboolean
is_ours (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_record_is_ours (element);
}

static const HotplugXmlRule disk_rules[] = {
  { "driver", .open = read_disk_driver },     { "source", .open = read_disk_source },
  { "target", .open = read_disk_target },     { "serial", .text = read_disk_serial },
  { "alias", .open = read_disk_alias },       { "address", .open = read_address },
  { "readonly", .open = read_disk_readonly }, { NULL },
};

static const HotplugXmlRule controller_rules[] = {
  { "target", .open = read_controller_target },
  { "alias", .open = read_controller_alias },
  { "address", .open = read_address },
  { NULL },
};

static const HotplugXmlRule other_device_rules[] = {
  { "model", .open = read_device_model },
  { "target", .open = read_device_target },
  { "alias", .open = read_device_alias },
  { "address", .open = read_address },
  { NULL },
};

static const HotplugXmlRule device_rules[] = {
  { "disk", disk_rules, .open = read_disk, .text = end_device },
  { "controller", controller_rules, .open = read_controller, .text = end_device },
  { HOTPLUG_XML_ANY, other_device_rules, .open = read_device, .text = end_device },
  { NULL },
};

static const HotplugXmlRule os_rules[] = {
  { "type", .open = read_type },
  { NULL },
};

static const HotplugXmlRule feature_rules[] = {
  { "acpi", .open = read_acpi },
  { NULL },
};

static const HotplugXmlRule record_rules[] = {
  { "volume", .open = read_volume_record },
  { "intent", .text = read_intent },
  { NULL },
};

static const HotplugXmlRule metadata_rules[] = {
  { HOTPLUG_XML_ANY, record_rules, .open = is_ours },
  { NULL },
};

static const HotplugXmlRule domain_rules[] = {
  { "devices", device_rules },     { "name", .text = read_name },   { "uuid", .text = read_uuid },
  { "memory", .text = read_memory }, { "vcpu", .text = read_vcpus }, { "os", os_rules },
  { "metadata", metadata_rules },  { "features", feature_rules }, { NULL },
};

static const HotplugXmlRule root_rules[] = {
  { "domain", domain_rules, .open = read_domain },
  { NULL },
};

HotplugDomain *
_hotplug_domain_from_xml (const char *xml, GError **error)
{
  g_autoptr (HotplugDomain) domain = _hotplug_domain_new ();
  Place place = { .domain = domain };

  if (_hotplug_xml_read (xml, root_rules, &place))
    return g_steal_pointer (&domain);

  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "what should be domain XML is none");
  return NULL;
}
