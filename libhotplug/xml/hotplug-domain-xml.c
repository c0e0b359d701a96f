/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/hotplug-network-source-private.h"
#include "xml/hotplug-claims-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-memory-xml-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

/* What fills a PCI domain, 256 buses of 32 slots of 8 functions; a snapshot stays small, whatever the text is. */
#define DEVICES_MAX 65536

/* Each is a thread of the hypervisor. */
#define IO_THREADS_MAX 65536

/* Where the reader is: the device whose children come next */
typedef struct
{
  HotplugDomain *domain;
  HotplugClaims *claims;
  HotplugDisk *disk;             /* nullable */
  HotplugController *controller; /* nullable */
  HotplugDevice device;
  HotplugNetworkSource network;  /* of the disk */
  guint address_line; /* 0 if the device has no <address> */
  guint io_threads;   /* how many there are, whether they are named or not */
  guint64 memory_unit; /* bytes; 0 before the first <memory> */
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
  return _hotplug_xml_element_keep (element, attribute, place->domain->strings);
}

/* The first of several elements is the one that counts. */
static void
keep_first (Place *place, const HotplugXmlElement *element, const char *attribute, const char **where)
{
  if (*where == NULL)
    *where = keep (place, element, attribute);
}

static void
keep_text (Place *place, const char *text, char **where)
{
  if (*where == NULL)
    *where = g_string_chunk_insert (place->domain->strings, text);
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
  place->address_line = 0;
  if (place->domain->devices->len == DEVICES_MAX)
    _hotplug_xml_element_fail (element, "more than %d devices", DEVICES_MAX);
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
end_device (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDevice *device = &place->device;

  if (place->disk != NULL)
    {
      place->disk->address = device->address;
      place->disk->boot_order = device->boot_order;
      _hotplug_claims_add_disk (place->claims, place->disk, place->address_line);
    }
  if (place->controller != NULL)
    {
      place->controller->address = device->address;
      place->controller->hotplug = device->hotplug;
    }
  /* the first console is the first serial port once more, with the address of that: libvirt 9.0.0
   * src/conf/domain_conf.c:27449 */
  if (device->kind == HOTPLUG_DEVICE_CONSOLE && device->address.kind == HOTPLUG_ADDRESS_PCI)
    device->address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  _hotplug_claims_add_device (place->claims, device, place->address_line);
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
read_device_boot (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->device.boot_order = _hotplug_xml_element_number (element, "order", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_device_alias (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  keep_first (place, element, "name", &place->device.alias);
  return TRUE;
}

/* Numbers as libvirt reads them: libvirt 9.0.0 src/conf/device_conf.c:199 for PCI, 298 for drives. Their limits are those
 * of src/util/virpci.c:1368, for the domain those of PCI itself, and for drives what no controller exceeds. */
static HotplugAddress
read_pci (const HotplugXmlElement *element)
{
  HotplugAddress address = _hotplug_address_pci (_hotplug_xml_element_number (element, "domain", 0, 0xffff),
                                                 _hotplug_xml_element_number (element, "bus", 0, 0xff),
                                                 _hotplug_xml_element_number (element, "slot", 0, 0x1f),
                                                 _hotplug_xml_element_number (element, "function", 0, 7));

  /* which libvirt takes for no address at all, whatever the function: src/conf/device_conf.c:170; MEASURED */
  if (address.domain == 0 && address.bus == 0 && address.slot == 0)
    address.kind = HOTPLUG_ADDRESS_NONE;
  return address;
}

static HotplugAddress
read_drive (const HotplugXmlElement *element)
{
  return _hotplug_address_drive (_hotplug_xml_element_number (element, "controller", 10, 0xffff),
                                 _hotplug_xml_element_number (element, "bus", 10, 0xffff),
                                 _hotplug_xml_element_number (element, "target", 10, 0xffff),
                                 _hotplug_xml_element_number (element, "unit", 10, 0xffff));
}

static gboolean
read_address (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  /* the first counts, as with libvirt: src/conf/domain_conf.c:5578 */
  if (place->address_line > 0)
    return TRUE;

  place->address_line = _hotplug_xml_element_line (element);
  if (_hotplug_xml_element_says (element, "type", "pci"))
    {
      place->device.address = read_pci (element);
      place->device.wants_pci = place->device.address.kind == HOTPLUG_ADDRESS_NONE;
    }
  else if (_hotplug_xml_element_says (element, "type", "drive"))
    place->device.address = read_drive (element);
  else
    place->device.address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_OTHER,
                                              .controller = _hotplug_xml_element_number (element, "controller", 10, G_MAXINT) };
  return TRUE;
}

static gboolean
read_disk (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDisk *disk = _hotplug_disk_new ();

  read_device (element, place);
  disk->borrowed = TRUE;
  disk->device = (char *) keep (place, element, "device");
  place->device.type = disk->device;
  disk->bus = HOTPLUG_BUS_OTHER;
  /* what QEMU does where nothing is said: blockdev.c, "enospc", and discard is ignored */
  disk->error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE;
  disk->discard = HOTPLUG_DISCARD_IGNORE;
  g_ptr_array_add (place->domain->disks, disk);
  place->disk = disk;
  return TRUE;
}

static gboolean
read_disk_driver (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((Place *) user_data)->disk;

  disk->cache = (HotplugCache) _hotplug_xml_element_enum (element, "cache", HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT);
  disk->io = (HotplugIo) _hotplug_xml_element_enum (element, "io", HOTPLUG_TYPE_IO, HOTPLUG_IO_DEFAULT);
  disk->error_policy = (HotplugErrorPolicy) _hotplug_xml_element_enum (element, "error_policy", HOTPLUG_TYPE_ERROR_POLICY,
                                                                       HOTPLUG_ERROR_POLICY_ENOSPACE);
  disk->discard = (HotplugDiscard) _hotplug_xml_element_enum (element, "discard", HOTPLUG_TYPE_DISCARD,
                                                              HOTPLUG_DISCARD_IGNORE);
  disk->format = (HotplugImageFormat) _hotplug_xml_element_enum (element, "type", HOTPLUG_TYPE_IMAGE_FORMAT,
                                                                 HOTPLUG_IMAGE_FORMAT_RAW);
  disk->io_thread = _hotplug_xml_element_number (element, "iothread", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_disk_source (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDisk *disk = place->disk;

  if (disk->path == NULL)
    disk->path = (char *) keep (place, element, "file");
  if (disk->path == NULL)
    {
      disk->path = (char *) keep (place, element, "dev");
      disk->block = disk->path != NULL;
    }
  _hotplug_network_source_clear (&place->network);
  _hotplug_xml_element_take (element, "protocol", &place->network.protocol);
  _hotplug_xml_element_take (element, "name", &place->network.name);
  return TRUE;
}

/* Of several hosts the first names the source. */
static gboolean
read_disk_host (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugNetworkSource *network = &((Place *) user_data)->network;

  if (network->host != NULL || network->socket != NULL)
    return TRUE;

  _hotplug_xml_element_take (element, "name", &network->host);
  _hotplug_xml_element_take (element, "socket", &network->socket);
  network->port = _hotplug_xml_element_number (element, "port", 10, G_MAXUINT16);
  return TRUE;
}

static void
end_disk_source (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  g_autofree char *uri = _hotplug_network_source_to_uri (&place->network);

  if (uri != NULL)
    keep_text (place, uri, &place->disk->uri);
  _hotplug_network_source_clear (&place->network);
}

static gboolean
read_disk_block_sizes (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((Place *) user_data)->disk;

  disk->logical_block_size = _hotplug_xml_element_number (element, "logical_block_size", 10, G_MAXINT);
  disk->physical_block_size = _hotplug_xml_element_number (element, "physical_block_size", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_disk_shareable (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->disk->shareable = TRUE;
  return TRUE;
}

static gboolean
read_disk_target (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugDisk *disk = place->disk;

  keep_first (place, element, "dev", &place->device.target);
  keep_first (place, element, "bus", &place->device.bus);
  disk->target = (char *) place->device.target;
  disk->bus = (HotplugBus) _hotplug_xml_element_enum (element, "bus", HOTPLUG_TYPE_BUS, HOTPLUG_BUS_OTHER);
  return TRUE;
}

static gboolean
read_disk_alias (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  keep_first (place, element, "name", &place->device.alias);
  place->disk->alias = (char *) place->device.alias;
  return TRUE;
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
read_disk_serial (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  keep_text (user_data, text, &((Place *) user_data)->disk->serial);
}

static gboolean
read_controller (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;
  HotplugController *controller = _hotplug_controller_new ();
  gboolean is_pci = _hotplug_xml_element_says (element, "type", "pci");

  read_device (element, place);
  controller->type = place->device.type;
  controller->model = place->device.model;
  /* libvirt 9.0.0 src/conf/domain_conf.c:8265, and for PCI src/conf/domain_validate.c:1137 */
  controller->index = _hotplug_xml_element_number (element, "index", 10, is_pci ? 255 : G_MAXINT);
  place->device.index = _hotplug_xml_element_has (element, "index") ? controller->index : HOTPLUG_CONTROLLER_INDEX_NONE;
  /* libvirt numbers them when the machine is defined */
  if (is_pci && place->domain->active && place->device.index == HOTPLUG_CONTROLLER_INDEX_NONE)
    _hotplug_xml_element_fail (element, "a PCI controller of a running machine has no index");
  if (place->device.index != HOTPLUG_CONTROLLER_INDEX_NONE)
    _hotplug_claims_add_controller (place->claims, controller->type, controller->index,
                                    _hotplug_xml_element_line (element));
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

  read_device_alias (element, place);
  place->controller->alias = place->device.alias;
  return TRUE;
}

static gboolean
read_domain (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->domain->active = _hotplug_xml_element_has (element, "id");
  return TRUE;
}

static void
read_io_threads (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((Place *) user_data)->io_threads = (guint) _hotplug_xml_element_text_number (element, text, IO_THREADS_MAX);
}

static gboolean
read_io_thread (const HotplugXmlElement *element, gpointer user_data)
{
  GArray *ids = ((Place *) user_data)->domain->io_threads;
  guint id = _hotplug_xml_element_number (element, "id", 10, G_MAXINT);

  if (ids->len == IO_THREADS_MAX)
    _hotplug_xml_element_fail (element, "more than %d IO threads", IO_THREADS_MAX);
  else
    g_array_append_val (ids, id);
  return TRUE;
}

static gboolean
read_boot_kind (const HotplugXmlElement *element, gpointer user_data)
{
  ((Place *) user_data)->domain->boots_by_kind = TRUE;
  return TRUE;
}

static void
end_domain (const HotplugXmlElement *element, gpointer user_data)
{
  Place *place = user_data;

  _hotplug_domain_number_io_threads (place->domain, place->io_threads);
  _hotplug_claims_check (place->claims, element);
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
read_name (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->name);
}

static void
read_uuid (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->uuid);
}

static gboolean
read_memory_unit (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_memory_read_unit (element, &((Place *) user_data)->memory_unit);
}

static void
read_memory (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  Place *place = user_data;
  place->domain->memory = _hotplug_memory_read (element, text, place->memory_unit);
}

static void
read_vcpus (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((Place *) user_data)->domain->vcpus = (guint) _hotplug_xml_element_text_number (element, text, G_MAXUINT16);
}

static gboolean
read_volume_record (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_record_read (element, ((Place *) user_data)->domain);
  return TRUE;
}

static void
read_intent (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (text, &((Place *) user_data)->domain->intent);
}

static gboolean
is_ours (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_record_is_ours (element);
}

static const HotplugXmlRule disk_source_rules[] = {
  { "host", .open = read_disk_host },
  { NULL },
};

static const HotplugXmlRule disk_rules[] = {
  { "driver", .open = read_disk_driver },     { "source", disk_source_rules, .open = read_disk_source, .close = end_disk_source },
  { "target", .open = read_disk_target },     { "serial", .text = read_disk_serial },
  { "alias", .open = read_disk_alias },       { "address", .open = read_address },
  { "readonly", .open = read_disk_readonly }, { "shareable", .open = read_disk_shareable },
  { "boot", .open = read_device_boot },       { "blockio", .open = read_disk_block_sizes },
  { NULL },
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
  { "boot", .open = read_device_boot },
  { NULL },
};

static const HotplugXmlRule device_rules[] = {
  { "disk", disk_rules, .open = read_disk, .close = end_device },
  { "controller", controller_rules, .open = read_controller, .close = end_device },
  { HOTPLUG_XML_ANY, other_device_rules, .open = read_device, .close = end_device },
  { NULL },
};

static const HotplugXmlRule os_rules[] = {
  { "type", .open = read_type },
  { "boot", .open = read_boot_kind },
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

static const HotplugXmlRule io_thread_rules[] = {
  { "iothread", .open = read_io_thread },
  { NULL },
};

static const HotplugXmlRule domain_rules[] = {
  { "devices", device_rules },     { "name", .text = read_name },   { "uuid", .text = read_uuid },
  { "memory", .open = read_memory_unit, .text = read_memory }, { "vcpu", .text = read_vcpus }, { "os", os_rules },
  { "metadata", metadata_rules },  { "features", feature_rules },
  { "iothreads", .text = read_io_threads }, { "iothreadids", io_thread_rules }, { NULL },
};

static const HotplugXmlRule root_rules[] = {
  { "domain", domain_rules, .open = read_domain, .close = end_domain },
  { NULL },
};

HotplugDomain *
_hotplug_domain_from_xml (const char *xml, GError **error)
{
  g_autoptr (HotplugDomain) domain = _hotplug_domain_new ();
  g_autoptr (HotplugClaims) claims = _hotplug_claims_new ();
  Place place = { .domain = domain, .claims = claims };

  gboolean read = _hotplug_xml_read (xml, "domain XML", root_rules, &place, error);

  _hotplug_network_source_clear (&place.network);
  return read ? g_steal_pointer (&domain) : NULL;
}
