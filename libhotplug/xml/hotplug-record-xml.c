/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "base/hotplug-mac-private.h"
#include "base/hotplug-name-private.h"
#include "model/hotplug-network-source-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-private.h"

#define STATE_REMOVING "removing"
#define STATE_ATTACHED "attached"
#define STATE_PENDING "pending"
#define STATE_NAMED "named"

/* As devices are */
#define RECORDS_MAX 65536

gboolean
_hotplug_record_is_ours (const HotplugXmlElement *element)
{
  return _hotplug_xml_element_is (element, HOTPLUG_METADATA_KEY, HOTPLUG_METADATA_URI);
}

static int
read_enum (const HotplugXmlElement *element, const char *attribute, GType type, int fallback)
{
  return _hotplug_xml_element_enum (element, attribute, type, fallback);
}

static guint
read_number (const HotplugXmlElement *element, const char *attribute)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, attribute);
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL) ? (guint) number : 0;
}

static void
read_options (const HotplugXmlElement *element, HotplugDisk *disk)
{
  disk->io = (HotplugIo) read_enum (element, "io", HOTPLUG_TYPE_IO, HOTPLUG_IO_DEFAULT);
  disk->error_policy = (HotplugErrorPolicy) read_enum (element, "error_policy", HOTPLUG_TYPE_ERROR_POLICY,
                                                       HOTPLUG_ERROR_POLICY_STOP);
  disk->discard = (HotplugDiscard) read_enum (element, "discard", HOTPLUG_TYPE_DISCARD, HOTPLUG_DISCARD_UNMAP);
  disk->format = (HotplugImageFormat)read_enum (element, "format", HOTPLUG_TYPE_IMAGE_FORMAT, HOTPLUG_IMAGE_FORMAT_RAW);
  disk->logical_block_size = read_number (element, "logical_block_size");
  disk->physical_block_size = read_number (element, "physical_block_size");
  disk->io_thread = read_number (element, "iothread");
  disk->boot_order = read_number (element, "boot");
  disk->shareable = _hotplug_xml_element_says (element, "shareable", "yes");
}

/* One that says nothing we could make is none. */
static char *
dup_uri (const HotplugXmlElement *element)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, "uri");
  g_auto (HotplugNetworkSource) network = { NULL };

  return text != NULL && _hotplug_network_source_parse (text, &network, NULL)
             ? _hotplug_network_source_to_uri (&network)
             : NULL;
}

static void
add (const HotplugXmlElement *element, HotplugDomain *domain, HotplugRecord *record)
{
  if (domain->records->len + domain->names->len == RECORDS_MAX)
    _hotplug_xml_element_fail (element, "more than %d records", RECORDS_MAX);
  g_ptr_array_add (record->state == HOTPLUG_RECORD_NAMED ? domain->names : domain->records, record);
}

void
_hotplug_record_read (const HotplugXmlElement *element, HotplugDomain *domain)
{
  g_autoptr (HotplugDisk) disk = _hotplug_disk_new ();
  g_autofree char *name = _hotplug_xml_element_dup (element, "name");
  g_autofree char *address = _hotplug_xml_element_dup (element, "address");
  gboolean removing = _hotplug_xml_element_says (element, "state", STATE_REMOVING);

  /* The metadata is anybody's to write: what could not be ours is passed over. */
  if (!_hotplug_name_check ("volume", name, NULL))
    return;

  disk->alias = _hotplug_volume_alias (name);
  disk->device = g_strdup (_hotplug_xml_element_says (element, "device", "lun") ? "lun" : "disk");
  disk->target = _hotplug_xml_element_dup (element, "target");
  disk->path = _hotplug_xml_element_dup (element, "source");
  disk->serial = _hotplug_xml_element_dup (element, "serial");
  disk->bus = (HotplugBus) _hotplug_xml_element_enum (element, "bus", HOTPLUG_TYPE_BUS, HOTPLUG_BUS_SCSI);
  disk->cache = (HotplugCache) _hotplug_xml_element_enum (element, "cache", HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT);
  disk->block = _hotplug_xml_element_says (element, "type", "block");
  disk->read_only = _hotplug_xml_element_says (element, "readonly", "yes");
  _hotplug_address_from_string (address, &disk->address);
  read_options (element, disk);
  disk->uri = dup_uri (element);
  if (disk->target == NULL || (disk->path == NULL) == (disk->uri == NULL))
    return;
  add (element, domain, _hotplug_record_new (removing ? HOTPLUG_RECORD_REMOVING : HOTPLUG_RECORD_ATTACHED, disk));
}

static char *
dup_mac (const HotplugXmlElement *element)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, "mac");

  return _hotplug_mac_normalize (text);
}

static HotplugRecordState
read_nic_state (const HotplugXmlElement *element)
{
  if (_hotplug_xml_element_says (element, "state", STATE_REMOVING))
    return HOTPLUG_RECORD_REMOVING;
  if (_hotplug_xml_element_says (element, "state", STATE_NAMED))
    return HOTPLUG_RECORD_NAMED;
  return _hotplug_xml_element_says (element, "state", STATE_PENDING) ? HOTPLUG_RECORD_PENDING : HOTPLUG_RECORD_ATTACHED;
}

void
_hotplug_record_read_nic (const HotplugXmlElement *element, HotplugDomain *domain)
{
  g_autoptr (HotplugNic) nic = _hotplug_nic_new ();
  g_autofree char *name = _hotplug_xml_element_dup (element, "name");
  g_autofree char *address = _hotplug_xml_element_dup (element, "address");

  if (!_hotplug_name_check ("interface", name, NULL))
    return;

  nic->alias = _hotplug_interface_alias (name);
  nic->type = _hotplug_xml_element_dup (element, "type");
  nic->source = _hotplug_xml_element_dup (element, "source");
  nic->attachment = _hotplug_xml_element_dup (element, "network");
  nic->virtualport = _hotplug_xml_element_dup (element, "virtualport");
  nic->mac = dup_mac (element);
  nic->model = _hotplug_xml_element_dup (element, "model");
  nic->tap = _hotplug_xml_element_dup (element, "tap");
  nic->filter = _hotplug_xml_element_dup (element, "filter");
  nic->vlan = read_number (element, "vlan");
  nic->mtu = read_number (element, "mtu");
  nic->queues = read_number (element, "queues");
  nic->boot_order = read_number (element, "boot");
  nic->link_down = _hotplug_xml_element_says (element, "link", "down");
  _hotplug_address_from_string (address, &nic->address);
  if (nic->mac == NULL || nic->type == NULL || (nic->source == NULL && nic->attachment == NULL))
    return;

  HotplugRecord *record = _hotplug_record_new_for_nic (read_nic_state (element), nic);
  record->persist = record->state == HOTPLUG_RECORD_PENDING && _hotplug_xml_element_says (element, "persist", "yes");
  add (element, domain, record);
}

/* What is as usual is left out: a record has to be short, and most are usual. */
static void
add_options (xmlNode *volume, const HotplugDisk *disk)
{
  const struct
  {
    const char *attribute;
    GType type;
    int value;
  } words[] = {
    { "io", HOTPLUG_TYPE_IO, (int) disk->io },
    { "error_policy", HOTPLUG_TYPE_ERROR_POLICY, (int) disk->error_policy },
    { "discard", HOTPLUG_TYPE_DISCARD, (int) disk->discard },
    { "format", HOTPLUG_TYPE_IMAGE_FORMAT, (int) disk->format },
  };
  const struct
  {
    const char *attribute;
    guint value;
  } numbers[] = {
    { "logical_block_size", disk->logical_block_size },
    { "physical_block_size", disk->physical_block_size },
    { "iothread", disk->io_thread },
    { "boot", disk->boot_order },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (words[i].value != 0)
        xmlNewProp (volume, BAD_CAST words[i].attribute,
                    BAD_CAST _hotplug_enum_to_nick (words[i].type, words[i].value));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", numbers[i].value);
      if (numbers[i].value != 0)
        xmlNewProp (volume, BAD_CAST numbers[i].attribute, BAD_CAST text);
    }
  if (disk->shareable)
    xmlNewProp (volume, BAD_CAST "shareable", BAD_CAST "yes");
  if (g_strcmp0 (disk->device, "lun") == 0)
    xmlNewProp (volume, BAD_CAST "device", BAD_CAST "lun");
  if (disk->uri != NULL)
    xmlNewProp (volume, BAD_CAST "uri", BAD_CAST disk->uri);
}

static void
add_nic_record (xmlNode *root, const HotplugRecord *record)
{
  static const char *const states[] = { STATE_ATTACHED, STATE_REMOVING, STATE_PENDING, STATE_NAMED };
  const HotplugNic *nic = record->nic;
  g_autofree char *address = _hotplug_address_to_string (&nic->address);
  const struct
  {
    const char *attribute;
    guint value;
  } numbers[] = {
    { "vlan", nic->vlan },
    { "mtu", nic->mtu },
    { "queues", nic->queues },
    { "boot", nic->boot_order },
  };

  xmlNode *interface = _hotplug_xml_add (root, "interface", "name", _hotplug_interface_name_from_alias (nic->alias),
                                         "state", states[record->state], "type", nic->type, "source", nic->source,
                                         "network", nic->attachment, "virtualport", nic->virtualport, "mac", nic->mac,
                                         "model", nic->model, "tap", nic->tap, "filter", nic->filter, "address",
                                         address, "link", nic->link_down ? "down" : NULL, NULL);
  if (record->state == HOTPLUG_RECORD_PENDING && record->persist)
    xmlNewProp (interface, BAD_CAST "persist", BAD_CAST "yes");
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", numbers[i].value);
      if (numbers[i].value != 0)
        xmlNewProp (interface, BAD_CAST numbers[i].attribute, BAD_CAST text);
    }
}

static void
add_disk_record (xmlNode *root, const HotplugRecord *record)
{
  const HotplugDisk *disk = record->disk;
  g_autofree char *address = _hotplug_address_to_string (&disk->address);

  xmlNode *volume = _hotplug_xml_add (root, "volume", "name", _hotplug_volume_name_from_alias (disk->alias), "state",
                    record->state == HOTPLUG_RECORD_REMOVING ? STATE_REMOVING : STATE_ATTACHED, "type",
                    disk->block ? "block" : "file", "source", disk->path, "bus",
                    _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int) disk->bus), "cache",
                    _hotplug_enum_to_nick (HOTPLUG_TYPE_CACHE, (int) disk->cache), "readonly",
                    disk->read_only ? "yes" : "no", "target", disk->target, "address", address != NULL ? address : "",
                    "serial", disk->serial, NULL);
  add_options (volume, disk);
}

static void
add_records (xmlNode *root, const GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records, i);
      if (record->nic != NULL)
        add_nic_record (root, record);
      else
        add_disk_record (root, record);
    }
}

char *
_hotplug_records_to_xml (const GPtrArray *records, const GPtrArray *names, const char *intent)
{
  if (records->len == 0 && (names == NULL || names->len == 0) && intent == NULL)
    return NULL;

  xmlNode *root = _hotplug_xml_add (NULL, HOTPLUG_METADATA_KEY, NULL);

  add_records (root, records);
  if (names != NULL)
    add_records (root, names);
  if (intent != NULL)
    xmlNewTextChild (root, NULL, BAD_CAST "intent", BAD_CAST intent);

  return _hotplug_xml_print (root);
}

char *
_hotplug_record_to_text (const HotplugRecord *record)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  g_ptr_array_add (records, (gpointer) record);
  return _hotplug_records_to_xml (records, NULL, NULL);
}

static gboolean
read_volume (const HotplugXmlElement *element, gpointer domain)
{
  _hotplug_record_read (element, domain);
  return FALSE;
}

static gboolean
read_interface (const HotplugXmlElement *element, gpointer domain)
{
  _hotplug_record_read_nic (element, domain);
  return FALSE;
}

HotplugRecord *
_hotplug_record_from_text (const char *text)
{
  static const HotplugXmlRule children[]
      = { { .name = "volume", .open = read_volume }, { .name = "interface", .open = read_interface }, { NULL } };
  static const HotplugXmlRule root[] = { { .name = HOTPLUG_METADATA_KEY, .children = children }, { NULL } };
  g_autoptr (HotplugDomain) domain = _hotplug_domain_new ();

  if (!_hotplug_xml_read (text, "record", root, domain, NULL))
    return NULL;

  const GPtrArray *found = domain->records->len > 0 ? domain->records : domain->names;
  return found->len > 0 ? _hotplug_record_copy (g_ptr_array_index (found, 0)) : NULL;
}
