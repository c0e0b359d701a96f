/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-private.h"

#define STATE_REMOVING "removing"
#define STATE_ATTACHED "attached"

/* As devices are */
#define RECORDS_MAX 65536

gboolean
_hotplug_record_is_ours (const HotplugXmlElement *element)
{
  return _hotplug_xml_element_is (element, HOTPLUG_METADATA_KEY, HOTPLUG_METADATA_URI);
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
  disk->device = g_strdup ("disk");
  disk->target = _hotplug_xml_element_dup (element, "target");
  disk->path = _hotplug_xml_element_dup (element, "source");
  disk->serial = _hotplug_xml_element_dup (element, "serial");
  disk->bus = (HotplugBus) _hotplug_xml_element_enum (element, "bus", HOTPLUG_TYPE_BUS, HOTPLUG_BUS_SCSI);
  disk->cache = (HotplugCache) _hotplug_xml_element_enum (element, "cache", HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT);
  disk->block = _hotplug_xml_element_says (element, "type", "block");
  disk->read_only = _hotplug_xml_element_says (element, "readonly", "yes");
  _hotplug_address_from_string (address, &disk->address);
  if (disk->target == NULL || disk->path == NULL)
    return;
  if (domain->records->len == RECORDS_MAX)
    _hotplug_xml_element_fail (element, "more than %d records", RECORDS_MAX);

  g_ptr_array_add (domain->records,
                   _hotplug_record_new (removing ? HOTPLUG_RECORD_REMOVING : HOTPLUG_RECORD_ATTACHED, disk));
}

static void
add_record (xmlNode *root, const HotplugRecord *record)
{
  const HotplugDisk *disk = record->disk;
  g_autofree char *address = _hotplug_address_to_string (&disk->address);

  _hotplug_xml_add (root, "volume", "name", _hotplug_volume_name_from_alias (disk->alias), "state",
                    record->state == HOTPLUG_RECORD_REMOVING ? STATE_REMOVING : STATE_ATTACHED, "type",
                    disk->block ? "block" : "file", "source", disk->path, "bus",
                    _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int) disk->bus), "cache",
                    _hotplug_enum_to_nick (HOTPLUG_TYPE_CACHE, (int) disk->cache), "readonly",
                    disk->read_only ? "yes" : "no", "target", disk->target, "address", address != NULL ? address : "",
                    "serial", disk->serial, NULL);
}

char *
_hotplug_records_to_xml (GPtrArray *records, const char *intent)
{
  if (records->len == 0 && intent == NULL)
    return NULL;

  xmlNode *root = _hotplug_xml_add (NULL, HOTPLUG_METADATA_KEY, NULL);

  for (guint i = 0; i < records->len; i++)
    add_record (root, g_ptr_array_index (records, i));
  if (intent != NULL)
    xmlNewTextChild (root, NULL, BAD_CAST "intent", BAD_CAST intent);

  return _hotplug_xml_print (root);
}
