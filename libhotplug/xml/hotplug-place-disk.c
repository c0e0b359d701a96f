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
  /* what QEMU does where nothing is said: blockdev.c, "enospc" */
  disk->error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE;
  disk->discard = HOTPLUG_DISCARD_DEFAULT;
  g_ptr_array_add (place->domain->disks, disk);
  place->disk = disk;
  place->role = HOTPLUG_IMAGE_ROLE_TOP;
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
                                                              HOTPLUG_DISCARD_DEFAULT);
  disk->format = (HotplugImageFormat) _hotplug_xml_element_enum (element, "type", HOTPLUG_TYPE_IMAGE_FORMAT,
                                                                 HOTPLUG_IMAGE_FORMAT_RAW);
  disk->unread = _hotplug_xml_element_has (element, "type") && !_hotplug_xml_element_says (element, "type", "raw")
                 && !_hotplug_xml_element_says (element, "type", "qcow2");
  disk->io_thread = _hotplug_xml_element_number (element, "iothread", 10, G_MAXINT);
  return TRUE;
}

/* The disk's own source; what it stands upon is in the domain's images alone. */
static void
end_disk_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugDisk *disk = place->disk;

  _hotplug_place_close_source (element, place);
  const HotplugImageUse image = place->image;
  if (disk->path == NULL)
    {
      disk->path = (char *)image.path;
      disk->block = image.path != NULL && place->block;
    }
  disk->pool = (char *)image.pool;
  disk->pool_volume = (char *)image.pool_volume;
  if (disk->uri == NULL)
    disk->uri = (char *)image.uri;
}

static gboolean
read_encryption (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->disk->encrypted = TRUE;
  return TRUE;
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

const HotplugXmlRule _hotplug_place_disk_rules[] = {
  { "driver", .open = read_disk_driver },
  { "source", _hotplug_place_source_rules, .open = _hotplug_place_open_source, .close = end_disk_source },
  { "backingStore", _hotplug_place_backing_rules, .open = _hotplug_place_open_backing,
    .close = _hotplug_place_close_backing },
  { "mirror", _hotplug_place_backing_rules, .open = _hotplug_place_open_mirror, .close = _hotplug_place_close_mirror },
  { "encryption", .open = read_encryption },
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
