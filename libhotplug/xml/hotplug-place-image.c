/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "xml/hotplug-place-private.h"

/* Everywhere in a domain's XML where an image or a device of the host is named, so that who uses one can be told: disks
 * with what they stand upon and where they are copied to, devices that are handed over, files of memory devices. */

#define SCSI_HOST "scsi_host"

gboolean
_hotplug_place_open_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  place->image = (HotplugImageUse){ .role = place->role, .disk = place->domain->disks->len - 1 };
  place->image.path = _hotplug_place_keep (place, element, "file");
  place->block = FALSE;
  if (place->image.path == NULL)
    {
      place->image.path = _hotplug_place_keep (place, element, "dev");
      place->block = place->image.path != NULL;
    }
  place->image.optional = _hotplug_xml_element_says (element, "startupPolicy", "optional");
  if (place->disk != NULL && _hotplug_xml_element_says (element, "type", "unix"))
    _hotplug_place_keep_socket_file (place, "disk", _hotplug_place_keep (place, element, "path"));
  place->image.pool = _hotplug_place_keep (place, element, "pool");
  place->image.pool_volume = _hotplug_place_keep (place, element, "volume");
  _hotplug_network_source_clear (&place->network);
  _hotplug_xml_element_take (element, "protocol", &place->network.protocol);
  _hotplug_xml_element_take (element, "name", &place->network.name);
  return TRUE;
}

/* Of several hosts the first names the source. */
static gboolean
read_host (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugNetworkSource *network = &((HotplugPlace *)user_data)->network;

  if (network->host != NULL || network->socket != NULL)
    return TRUE;

  _hotplug_xml_element_take (element, "name", &network->host);
  _hotplug_xml_element_take (element, "socket", &network->socket);
  network->port = _hotplug_xml_element_number (element, "port", 10, G_MAXUINT16);
  return TRUE;
}

static gboolean
says_more (const HotplugImageUse *image)
{
  return image->path != NULL || image->uri != NULL || (image->pool != NULL && image->pool_volume != NULL)
         || image->device != NULL || image->usb != NULL;
}

static void
keep_image (HotplugPlace *place)
{
  if (says_more (&place->image))
    g_array_append_val (place->domain->images, place->image);
}

void
_hotplug_place_close_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  g_autofree char *uri = _hotplug_network_source_to_uri (&place->network);

  if (uri != NULL)
    place->image.uri = g_string_chunk_insert (place->domain->strings, uri);
  if (place->role == HOTPLUG_IMAGE_ROLE_TOP)
    _hotplug_place_keep_socket_file (place, "disk", place->network.socket);
  _hotplug_place_keep_server (place);
  _hotplug_network_source_clear (&place->network);
  keep_image (place);
}

static gboolean
read_encryption (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (place->role == HOTPLUG_IMAGE_ROLE_TOP)
    place->disk->encrypted = TRUE;
  return TRUE;
}

/* Whatever else is there names no device: it is libvirt's to refuse. */
static guint
number_of (const HotplugXmlElement *element, const char *attribute)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, attribute);

  return text != NULL ? (guint)g_ascii_strtoull (text, NULL, 0) : 0;
}

/* Of a host's PCI device, the kernel's name of what is behind it */
static char *
name_pci (const HotplugXmlElement *element)
{
  return g_strdup_printf ("%04x:%02x:%02x.%x", number_of (element, "domain"), number_of (element, "bus"),
                          number_of (element, "slot"), number_of (element, "function"));
}

static gboolean
read_nvme_address (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  g_autofree char *name = name_pci (element);

  place->image.device = g_string_chunk_insert (place->domain->strings, name);
  return TRUE;
}

static const HotplugXmlRule data_store_rules[] = {
  { "source", _hotplug_place_source_rules, .open = _hotplug_place_open_source, .close = _hotplug_place_close_source },
  { NULL },
};

const HotplugXmlRule _hotplug_place_source_rules[] = {
  { "host", .open = read_host },
  { "encryption", .open = read_encryption },
  { "address", .open = read_nvme_address },
  { NULL },
};

gboolean
_hotplug_place_open_backing (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  /* the last one of a chain has no type, and nothing in it */
  if (place->role != HOTPLUG_IMAGE_ROLE_MIRROR && !_hotplug_xml_element_has (element, "type"))
    place->disk->chain_ends = TRUE;
  if (place->role == HOTPLUG_IMAGE_ROLE_TOP)
    place->role = HOTPLUG_IMAGE_ROLE_BACKING;
  return TRUE;
}

void
_hotplug_place_close_backing (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (place->role == HOTPLUG_IMAGE_ROLE_BACKING)
    place->role = HOTPLUG_IMAGE_ROLE_TOP;
}

/* libvirt writes its file as an attribute too, as old ones did alone. */
gboolean
_hotplug_place_open_mirror (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  place->role = HOTPLUG_IMAGE_ROLE_MIRROR;
  place->image = (HotplugImageUse){ .role = place->role,
                                    .disk = place->domain->disks->len - 1,
                                    .path = _hotplug_place_keep (place, element, "file") };
  keep_image (place);
  return TRUE;
}

void
_hotplug_place_close_mirror (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->role = HOTPLUG_IMAGE_ROLE_TOP;
}

const HotplugXmlRule _hotplug_place_backing_rules[] = {
  { "source", _hotplug_place_source_rules, .open = _hotplug_place_open_source, .close = _hotplug_place_close_source },
  { "dataStore", data_store_rules },
  { "backingStore", _hotplug_place_backing_rules, .open = _hotplug_place_open_backing },
  { NULL },
};

gboolean
_hotplug_place_open_host_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  place->image = (HotplugImageUse){ .role = HOTPLUG_IMAGE_ROLE_DEVICE,
                                    .optional = _hotplug_xml_element_says (element, "startupPolicy", "optional") };
  return TRUE;
}

static gboolean
read_adapter (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  const char *name = _hotplug_place_keep (place, element, "name");

  if (name != NULL && g_str_has_prefix (name, SCSI_HOST))
    place->image.device = name + strlen (SCSI_HOST);
  return TRUE;
}

static gboolean
read_vendor (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->usb_vendor = number_of (element, "id");
  return TRUE;
}

static gboolean
read_product (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  g_autofree char *name = g_strdup_printf ("%04x:%04x", place->usb_vendor, number_of (element, "id"));

  place->image.usb = g_string_chunk_insert (place->domain->strings, name);
  return TRUE;
}

/* A PCI device's, or behind an adapter a SCSI device's. That of USB says nothing of what is on it. */
static gboolean
read_host_address (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  g_autofree char *name = NULL;

  if (place->image.device != NULL)
    name = g_strdup_printf ("%s:%u:%u:%u", place->image.device, number_of (element, "bus"),
                            number_of (element, "target"), number_of (element, "unit"));
  else if (_hotplug_xml_element_has (element, "slot"))
    name = name_pci (element);
  else
    name = _hotplug_xml_element_dup (element, "uuid");
  place->image.device = name != NULL ? g_string_chunk_insert (place->domain->strings, name) : NULL;
  return TRUE;
}

static void
read_host_path (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  HotplugPlace *place = user_data;

  place->image.path = g_string_chunk_insert (place->domain->strings, text);
}

const HotplugXmlRule _hotplug_place_host_source_rules[] = {
  { "adapter", .open = read_adapter },
  { "address", .open = read_host_address },
  { "block", .text = read_host_path },
  { "path", .text = read_host_path },
  { "vendor", .open = read_vendor },
  { "product", .open = read_product },
  { NULL },
};

void
_hotplug_place_close_host_source (const HotplugXmlElement *element, gpointer user_data)
{
  keep_image (user_data);
}
