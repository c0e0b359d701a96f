/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-memory-xml-private.h"
#include "xml/hotplug-place-private.h"
#include "xml/hotplug-record-xml-private.h"

/* What fills a PCI domain, 256 buses of 32 slots of 8 functions; a snapshot stays small, whatever the text is. */
#define DEVICES_MAX 65536

/* Each is a thread of the hypervisor. */
#define IO_THREADS_MAX 65536

/* Of what libvirt hands to QEMU as it is */
#define QEMU_URI "http://libvirt.org/schemas/domain/qemu/1.0"

#define AGENT_CHANNEL "org.qemu.guest_agent.0"

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

const char *
_hotplug_place_keep (HotplugPlace *place, const HotplugXmlElement *element, const char *attribute)
{
  return _hotplug_xml_element_keep (element, attribute, place->domain->strings);
}

/* The first of several elements is the one that counts. */
void
_hotplug_place_keep_first (HotplugPlace *place, const HotplugXmlElement *element, const char *attribute,
                           const char **where)
{
  if (*where == NULL)
    *where = _hotplug_place_keep (place, element, attribute);
}

void
_hotplug_place_keep_text (HotplugPlace *place, const char *text, char **where)
{
  if (*where == NULL)
    *where = g_string_chunk_insert (place->domain->strings, text);
}

/* A device's element begins */
gboolean
_hotplug_place_open_device (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  const char *name = _hotplug_xml_element_name (element);
  HotplugDevice *device = &place->device;

  *device = (HotplugDevice){ .hotplug = TRUE };
  place->disk = NULL;
  place->nic = NULL;
  place->controller = NULL;
  place->vlan_tags = 0;
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

  device->type = _hotplug_place_keep (place, element, "type");
  device->model = _hotplug_place_keep (place, element, "model");
  device->bus = _hotplug_place_keep (place, element, "bus");
  device->mode = _hotplug_place_keep (place, element, "mode");
  return TRUE;
}

/* Of our devices, as what comes back has to be what it was */
static char *
keep_text (HotplugPlace *place, const HotplugXmlElement *element, const char *alias, const char *prefix)
{
  if (alias == NULL || !g_str_has_prefix (alias, prefix))
    return NULL;

  g_autofree char *text = _hotplug_xml_element_dup_since (element, place->begin);
  return text != NULL ? g_string_chunk_insert (place->domain->strings, text) : NULL;
}

/* And ends */
void
_hotplug_place_close_device (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugDevice *device = &place->device;

  if (place->disk != NULL)
    {
      place->disk->address = device->address;
      place->disk->boot_order = device->boot_order;
      place->disk->xml = keep_text (place, element, place->disk->alias, HOTPLUG_VOLUME_ALIAS_PREFIX);
      _hotplug_claims_add_disk (place->claims, place->disk, place->address_line);
    }
  if (place->nic != NULL)
    {
      place->nic->address = device->address;
      place->nic->boot_order = device->boot_order;
      place->nic->model = (char *) device->model;
      place->nic->alias = (char *) device->alias;
      place->nic->xml = keep_text (place, element, place->nic->alias, HOTPLUG_INTERFACE_ALIAS_PREFIX);
    }
  if (place->controller != NULL)
    {
      place->controller->address = device->address;
      place->controller->hotplug = device->hotplug;
    }
  /* nor has a device that is none a place: MEASURED, of USB controllers, balloons and video devices */
  if (g_strcmp0 (device->model, "none") == 0)
    {
      device->address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
      device->wants_pci = FALSE;
      if (place->controller != NULL)
        place->controller->address = device->address;
    }
  /* the first console is the first serial port once more, with the address of that: libvirt 9.0.0
   * src/conf/domain_conf.c:27449 */
  if (device->kind == HOTPLUG_DEVICE_CONSOLE && device->address.kind == HOTPLUG_ADDRESS_PCI)
    device->address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  _hotplug_claims_add_device (place->claims, device, place->address_line);
  g_array_append_val (place->domain->devices, *device);
}

gboolean
_hotplug_place_read_model (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "type", &place->device.model);
  place->device.primary = _hotplug_xml_element_says (element, "primary", "yes");
  return TRUE;
}

static gboolean
read_device_target (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "type", &place->device.target);
  /* the name by which libvirt finds it: 9.0.0 src/qemu/qemu_domain.c, qemuFindAgentConfig () */
  if (place->device.kind == HOTPLUG_DEVICE_CHANNEL && _hotplug_xml_element_says (element, "name", AGENT_CHANNEL)
      && _hotplug_xml_element_says (element, "state", "connected"))
    place->domain->agent = TRUE;
  return TRUE;
}

gboolean
_hotplug_place_read_boot (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->device.boot_order = _hotplug_xml_element_number (element, "order", 10, G_MAXINT);
  return TRUE;
}

gboolean
_hotplug_place_read_alias (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "name", &place->device.alias);
  return TRUE;
}

/* Numbers as libvirt reads them: libvirt 9.0.0 src/conf/device_conf.c:199 for PCI, 298 for drives. Their limits are
 * those of src/util/virpci.c:1368, for the domain those of PCI itself, and for drives what no controller exceeds. */
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

gboolean
_hotplug_place_read_address (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

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
    place->device.address = (HotplugAddress){
      .kind = HOTPLUG_ADDRESS_OTHER, .controller = _hotplug_xml_element_number (element, "controller", 10, G_MAXINT)
    };
  return TRUE;
}

static void
take_text (const char *text, char **where)
{
  if (*where == NULL)
    *where = g_strdup (text);
}

static gboolean
read_controller (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugController *controller = _hotplug_controller_new ();
  gboolean is_pci = _hotplug_xml_element_says (element, "type", "pci");

  _hotplug_place_open_device (element, place);
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
read_controller_model (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "name", &place->device.name);
  return TRUE;
}

static gboolean
read_controller_target (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->device.hotplug = !_hotplug_xml_element_says (element, "hotplug", "off");
  return TRUE;
}

static gboolean
read_controller_alias (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_read_alias (element, place);
  place->controller->alias = place->device.alias;
  return TRUE;
}

static gboolean
read_domain (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDomain *domain = ((HotplugPlace *) user_data)->domain;

  domain->active = _hotplug_xml_element_has (element, "id");
  _hotplug_xml_element_take (element, "id", &domain->run);
  return TRUE;
}

static void
read_io_threads (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((HotplugPlace *) user_data)->io_threads = (guint) _hotplug_xml_element_text_number (element, text, IO_THREADS_MAX);
}

static gboolean
read_io_thread (const HotplugXmlElement *element, gpointer user_data)
{
  GArray *ids = ((HotplugPlace *) user_data)->domain->io_threads;
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
  ((HotplugPlace *) user_data)->domain->boots_by_kind = TRUE;
  return TRUE;
}

static void
end_domain (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_domain_number_io_threads (place->domain, place->io_threads);
  _hotplug_claims_check (place->claims, element);
}

static gboolean
read_type (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDomain *domain = ((HotplugPlace *) user_data)->domain;

  _hotplug_xml_element_take (element, "arch", &domain->arch);
  _hotplug_xml_element_take (element, "machine", &domain->machine);
  return TRUE;
}

static gboolean
read_label (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->domain->labelled = TRUE;
  return TRUE;
}

static gboolean
read_acpi (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->domain->acpi = TRUE;
  return TRUE;
}

static void
read_name (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (text, &((HotplugPlace *) user_data)->domain->name);
}

static void
read_uuid (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (text, &((HotplugPlace *) user_data)->domain->uuid);
}

static gboolean
read_memory_unit (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_memory_read_unit (element, &((HotplugPlace *) user_data)->memory_unit);
}

static void
read_memory (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  HotplugPlace *place = user_data;
  place->domain->memory = _hotplug_memory_read (element, text, place->memory_unit);
}

static void
read_vcpus (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((HotplugPlace *) user_data)->domain->vcpus = (guint) _hotplug_xml_element_text_number (element, text, G_MAXUINT16);
}

static gboolean
is_qemus (const HotplugXmlElement *element, gpointer user_data)
{
  return _hotplug_xml_element_is (element, _hotplug_xml_element_name (element), QEMU_URI);
}

static gboolean
read_argument (const HotplugXmlElement *element, gpointer user_data)
{
  char *value = NULL;

  _hotplug_xml_element_take (element, "value", &value);
  if (value != NULL)
    g_ptr_array_add (((HotplugPlace *) user_data)->domain->arguments, value);
  return TRUE;
}

static gboolean
read_override (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  place->device.alias = _hotplug_place_keep (place, element, "alias");
  return TRUE;
}

/* What libvirt believes of its place, or of hotplug there, is no longer so. */
static gboolean
read_overriding (const HotplugXmlElement *element, gpointer user_data)
{
  static const char *const properties[] = { "addr", "bus", "hotplug", "multifunction", "shpc" };
  HotplugPlace *place = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      if (_hotplug_xml_element_says (element, "name", properties[i]))
        take_text (place->device.alias != NULL ? place->device.alias : "", &place->domain->overridden);
    }
  return TRUE;
}

static const HotplugXmlRule controller_rules[] = {
  { "model", .open = read_controller_model },
  { "target", .open = read_controller_target },
  { "alias", .open = read_controller_alias },
  { "address", .open = _hotplug_place_read_address },
  { NULL },
};

static const HotplugXmlRule host_device_rules[] = {
  { "source", _hotplug_place_host_source_rules, .open = _hotplug_place_open_host_source,
    .close = _hotplug_place_close_host_source },
  { "model", .open = _hotplug_place_read_model },
  { "target", .open = read_device_target },
  { "alias", .open = _hotplug_place_read_alias },
  { "address", .open = _hotplug_place_read_address },
  { "boot", .open = _hotplug_place_read_boot },
  { NULL },
};

static const HotplugXmlRule chardev_rules[] = {
  { "reconnect", .open = _hotplug_place_open_reconnect },
  { NULL },
};

static const HotplugXmlRule other_device_rules[] = {
  { "source", chardev_rules, .open = _hotplug_place_open_other_source },
  { "log", .open = _hotplug_place_open_log },
  { "binary", .open = _hotplug_place_open_binary },
  { "backend", .text = _hotplug_place_read_backend },
  { "cid", .open = _hotplug_place_open_cid },
  { "model", .open = _hotplug_place_read_model },
  { "target", .open = read_device_target },
  { "alias", .open = _hotplug_place_read_alias },
  { "address", .open = _hotplug_place_read_address },
  { "boot", .open = _hotplug_place_read_boot },
  { NULL },
};

static const HotplugXmlRule graphics_rules[] = {
  { "listen", .open = _hotplug_place_open_listen },
  { "gl", .open = _hotplug_place_open_gl },
  { NULL },
};

static const HotplugXmlRule device_rules[] = {
  { "disk", _hotplug_place_disk_rules, .open = _hotplug_place_open_disk, .close = _hotplug_place_close_device },
  { "interface", _hotplug_place_nic_rules, .open = _hotplug_place_open_nic, .close = _hotplug_place_close_device },
  { "controller", controller_rules, .open = read_controller, .close = _hotplug_place_close_device },
  { "hostdev", host_device_rules, .open = _hotplug_place_open_device, .close = _hotplug_place_close_device },
  { "memory", host_device_rules, .open = _hotplug_place_open_device, .close = _hotplug_place_close_device },
  { "graphics", graphics_rules, .open = _hotplug_place_open_graphics, .close = _hotplug_place_close_device },
  { HOTPLUG_XML_ANY, other_device_rules, .open = _hotplug_place_open_device, .close = _hotplug_place_close_device },
  { NULL },
};

static const HotplugXmlRule os_rules[] = {
  { "type", .open = read_type },
  { "boot", .open = read_boot_kind },
  { "kernel", .text = _hotplug_place_read_kernel },
  { "initrd", .text = _hotplug_place_read_initrd },
  { "loader", .text = _hotplug_place_read_loader },
  { "nvram", .text = _hotplug_place_read_nvram },
  { NULL },
};

static const HotplugXmlRule feature_rules[] = {
  { "acpi", .open = read_acpi },
  { NULL },
};

static const HotplugXmlRule metadata_rules[] = {
  { HOTPLUG_XML_ANY, _hotplug_record_rules, .open = _hotplug_record_open, .close = _hotplug_record_close },
  { NULL },
};

static const HotplugXmlRule io_thread_rules[] = {
  { "iothread", .open = read_io_thread },
  { NULL },
};

static const HotplugXmlRule tuning_rules[] = {
  { HOTPLUG_XML_ANY, .open = _hotplug_place_open_pin },
  { NULL },
};

static const HotplugXmlRule sysinfo_rules[] = {
  { "entry", .open = _hotplug_place_open_entry },
  { NULL },
};

static const HotplugXmlRule commandline_rules[] = {
  { "arg", .open = read_argument },
  { NULL },
};

static const HotplugXmlRule frontend_rules[] = {
  { "property", .open = read_overriding },
  { NULL },
};

static const HotplugXmlRule override_device_rules[] = {
  { "frontend", frontend_rules },
  { NULL },
};

static const HotplugXmlRule override_rules[] = {
  { "device", override_device_rules, .open = read_override },
  { NULL },
};

static const HotplugXmlRule domain_rules[] = {
  { "commandline", commandline_rules, .open = is_qemus },
  { "override", override_rules, .open = is_qemus },
  { "devices", device_rules },     { "name", .text = read_name },   { "uuid", .text = read_uuid },
  { "memory", .open = read_memory_unit, .text = read_memory }, { "cputune", tuning_rules }, { "sysinfo", sysinfo_rules },
  { "vcpu", .open = _hotplug_place_read_processors, .text = read_vcpus }, { "os", os_rules },
  { "metadata", metadata_rules },  { "features", feature_rules },
  { "seclabel", .open = read_label },
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
  HotplugPlace place = { .domain = domain, .claims = claims };

  gboolean read = _hotplug_xml_read (xml, "domain XML", root_rules, &place, error);

  _hotplug_network_source_clear (&place.network);
  _hotplug_record_abandon (&place);
  _hotplug_record_judge (domain);
  return read ? g_steal_pointer (&domain) : NULL;
}
