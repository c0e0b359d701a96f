/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-place-private.h"

gboolean
_hotplug_place_open_disk (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugDisk *disk = _hotplug_disk_new ();

  _hotplug_place_open_device (element, place);
  disk->borrowed = TRUE;
  disk->device = (char *) _hotplug_place_keep (place, element, "device");
  place->device.type = disk->device;
  disk->bus = HOTPLUG_BUS_OTHER;
  /* what QEMU does where nothing is said: blockdev.c, "enospc", and discard is ignored */
  disk->error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE;
  disk->discard = HOTPLUG_DISCARD_IGNORE;
  g_ptr_array_add (place->domain->disks, disk);
  place->disk = disk;
  place->begin = _hotplug_xml_element_get_begin (element);
  return TRUE;
}

static gboolean
read_disk_driver (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((HotplugPlace *) user_data)->disk;

  disk->cache = (HotplugCache) _hotplug_xml_element_enum (element, "cache", HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT);
  disk->io = (HotplugIo) _hotplug_xml_element_enum (element, "io", HOTPLUG_TYPE_IO, HOTPLUG_IO_DEFAULT);
  disk->error_policy = (HotplugErrorPolicy)_hotplug_xml_element_enum (
      element, "error_policy", HOTPLUG_TYPE_ERROR_POLICY, HOTPLUG_ERROR_POLICY_ENOSPACE);
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
  HotplugPlace *place = user_data;
  HotplugDisk *disk = place->disk;

  if (disk->path == NULL)
    disk->path = (char *) _hotplug_place_keep (place, element, "file");
  if (disk->path == NULL)
    {
      disk->path = (char *) _hotplug_place_keep (place, element, "dev");
      disk->block = disk->path != NULL;
    }
  disk->pool = (char *) _hotplug_place_keep (place, element, "pool");
  disk->pool_volume = (char *) _hotplug_place_keep (place, element, "volume");
  _hotplug_network_source_clear (&place->network);
  _hotplug_xml_element_take (element, "protocol", &place->network.protocol);
  _hotplug_xml_element_take (element, "name", &place->network.name);
  return TRUE;
}

/* Of several hosts the first names the source. */
static gboolean
read_disk_host (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugNetworkSource *network = &((HotplugPlace *) user_data)->network;

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
  HotplugPlace *place = user_data;
  g_autofree char *uri = _hotplug_network_source_to_uri (&place->network);

  if (uri != NULL)
    _hotplug_place_keep_text (place, uri, &place->disk->uri);
  _hotplug_network_source_clear (&place->network);
}

static gboolean
read_disk_block_sizes (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDisk *disk = ((HotplugPlace *) user_data)->disk;

  disk->logical_block_size = _hotplug_xml_element_number (element, "logical_block_size", 10, G_MAXINT);
  disk->physical_block_size = _hotplug_xml_element_number (element, "physical_block_size", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_disk_shareable (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->disk->shareable = TRUE;
  return TRUE;
}

static gboolean
read_disk_target (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugDisk *disk = place->disk;

  _hotplug_place_keep_first (place, element, "dev", &place->device.target);
  _hotplug_place_keep_first (place, element, "bus", &place->device.bus);
  disk->target = (char *) place->device.target;
  disk->bus = (HotplugBus) _hotplug_xml_element_enum (element, "bus", HOTPLUG_TYPE_BUS, HOTPLUG_BUS_OTHER);
  return TRUE;
}

static gboolean
read_disk_alias (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "name", &place->device.alias);
  place->disk->alias = (char *) place->device.alias;
  return TRUE;
}

static gboolean
read_disk_readonly (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *) user_data)->disk->read_only = TRUE;
  return TRUE;
}

static void
read_disk_serial (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  _hotplug_place_keep_text (user_data, text, &((HotplugPlace *) user_data)->disk->serial);
}

static const HotplugXmlRule disk_source_rules[] = {
  { "host", .open = read_disk_host },
  { NULL },
};

const HotplugXmlRule _hotplug_place_disk_rules[] = {
  { "driver", .open = read_disk_driver },
  { "source", disk_source_rules, .open = read_disk_source, .close = end_disk_source },
  { "target", .open = read_disk_target },
  { "serial", .text = read_disk_serial },
  { "alias", .open = read_disk_alias },
  { "address", .open = _hotplug_place_read_address },
  { "readonly", .open = read_disk_readonly },
  { "shareable", .open = read_disk_shareable },
  { "boot", .open = _hotplug_place_read_boot },
  { "blockio", .open = read_disk_block_sizes },
  { NULL },
};
