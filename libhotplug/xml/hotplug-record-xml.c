/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "xml/hotplug-record-xml-private.h"
#include "xml/hotplug-xml-private.h"

#define STATE_REMOVING "removing"
#define STATE_ATTACHED "attached"

static void
read_record (xmlNode *node, HotplugDomain *domain)
{
  g_autoptr (HotplugDisk) disk = _hotplug_disk_new ();
  g_autofree char *name = _hotplug_xml_attribute (node, "name");
  g_autofree char *state = _hotplug_xml_attribute (node, "state");
  g_autofree char *bus = _hotplug_xml_attribute (node, "bus");
  g_autofree char *cache = _hotplug_xml_attribute (node, "cache");
  g_autofree char *address = _hotplug_xml_attribute (node, "address");
  g_autofree char *type = _hotplug_xml_attribute (node, "type");
  g_autofree char *read_only = _hotplug_xml_attribute (node, "readonly");

  /* The metadata is anybody's to write: what could not be ours is passed over. */
  if (!_hotplug_name_check ("volume", name, NULL))
    return;

  disk->alias = _hotplug_volume_alias (name);
  disk->device = g_strdup ("disk");
  disk->target = _hotplug_xml_attribute (node, "target");
  disk->path = _hotplug_xml_attribute (node, "source");
  disk->serial = _hotplug_xml_attribute (node, "serial");
  disk->bus = (HotplugBus) _hotplug_enum_from_nick (HOTPLUG_TYPE_BUS, bus, HOTPLUG_BUS_SCSI);
  disk->cache = (HotplugCache) _hotplug_enum_from_nick (HOTPLUG_TYPE_CACHE, cache, HOTPLUG_CACHE_DEFAULT);
  disk->block = g_strcmp0 (type, "block") == 0;
  disk->read_only = g_strcmp0 (read_only, "yes") == 0;
  _hotplug_address_from_string (address, &disk->address);
  if (disk->target == NULL || disk->path == NULL)
    return;

  g_ptr_array_add (domain->records,
                   _hotplug_record_new (g_strcmp0 (state, STATE_REMOVING) == 0 ? HOTPLUG_RECORD_REMOVING
                                                                                : HOTPLUG_RECORD_ATTACHED,
                                        disk));
}

static xmlNode *
find_ours (xmlNode *metadata)
{
  xmlNode *node = _hotplug_xml_child (metadata, HOTPLUG_METADATA_KEY);

  while (node != NULL && (node->ns == NULL || !xmlStrEqual (node->ns->href, BAD_CAST HOTPLUG_METADATA_URI)))
    node = _hotplug_xml_next (node);
  return node;
}

void
_hotplug_records_read (xmlNode *metadata, HotplugDomain *domain)
{
  xmlNode *ours = find_ours (metadata);

  domain->intent = _hotplug_xml_text (_hotplug_xml_child (ours, "intent"));
  for (xmlNode *node = _hotplug_xml_child (ours, "volume"); node != NULL; node = _hotplug_xml_next (node))
    read_record (node, domain);
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
