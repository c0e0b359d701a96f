/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-pool-xml-private.h"
#include "xml/hotplug-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

static void
take_text (char **where, const char *text)
{
  if (*where == NULL)
    *where = g_strdup (text);
}

static gboolean
read_type (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_xml_element_take (element, "type", &((HotplugStoragePool *)user_data)->type);
  return TRUE;
}

static void
read_pool_name (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (&((HotplugStoragePool *)user_data)->name, text);
}

static void
read_uuid (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (&((HotplugStoragePool *)user_data)->uuid, text);
}

gboolean
_hotplug_pool_from_xml (const char *xml, HotplugStoragePool *out, GError **error)
{
  static const HotplugXmlRule children[] = {
    { "name", .text = read_pool_name },
    { "uuid", .text = read_uuid },
    { NULL },
  };
  static const HotplugXmlRule rules[] = { { "pool", children, .open = read_type }, { NULL } };

  return _hotplug_xml_read (xml, "storage pool XML", rules, out, error);
}

static gboolean
read_kind (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugStorageVolume *volume = user_data;

  volume->block = _hotplug_xml_element_says (element, "type", "block");
  volume->file = _hotplug_xml_element_says (element, "type", "file");
  return TRUE;
}

static void
read_volume_name (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (&((HotplugStorageVolume *)user_data)->name, text);
}

/* In bytes, as libvirt writes all of them */
static void
read_capacity (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((HotplugStorageVolume *)user_data)->capacity = _hotplug_xml_element_text_number (element, text, G_MAXUINT64);
}

static void
read_physical (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  ((HotplugStorageVolume *)user_data)->size = _hotplug_xml_element_text_number (element, text, G_MAXUINT64);
}

static void
read_path (const HotplugXmlElement *element, const char *text, gpointer user_data)
{
  take_text (&((HotplugStorageVolume *)user_data)->path, text);
}

static gboolean
read_format (const HotplugXmlElement *element, gpointer user_data)
{
  _hotplug_xml_element_take (element, "type", &((HotplugStorageVolume *)user_data)->format);
  return TRUE;
}

static gboolean
read_backing (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugStorageVolume *)user_data)->backed = TRUE;
  return FALSE;
}

HotplugStorageVolume *
_hotplug_pool_volume_from_xml (const char *xml, GError **error)
{
  static const HotplugXmlRule target[] = {
    { "path", .text = read_path },
    { "format", .open = read_format },
    { NULL },
  };
  static const HotplugXmlRule children[] = {
    { "name", .text = read_volume_name },     { "capacity", .text = read_capacity },
    { "physical", .text = read_physical },    { "target", target },
    { "backingStore", .open = read_backing }, { NULL },
  };
  static const HotplugXmlRule rules[] = { { "volume", children, .open = read_kind }, { NULL } };
  g_autoptr (HotplugStorageVolume) volume = _hotplug_storage_volume_new ();

  if (!_hotplug_xml_read (xml, "storage volume XML", rules, volume, error))
    return NULL;
  if (volume->size == 0)
    volume->size = volume->capacity;
  return g_steal_pointer (&volume);
}

static void
add_text (xmlNode *parent, const char *name, const char *text)
{
  xmlNewTextChild (parent, NULL, BAD_CAST name, BAD_CAST text);
}

static void
add_number (xmlNode *parent, const char *name, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  add_text (parent, name, text);
}

char *
_hotplug_pool_volume_to_xml (const char *name, HotplugImageFormat format, guint64 capacity, guint64 allocation)
{
  xmlNode *root = _hotplug_xml_add (NULL, "volume", NULL);

  add_text (root, "name", name);
  add_number (root, "capacity", capacity);
  add_number (root, "allocation", allocation);
  xmlNode *target = _hotplug_xml_add (root, "target", NULL);
  _hotplug_xml_add (target, "format", "type", _hotplug_enum_to_nick (HOTPLUG_TYPE_IMAGE_FORMAT, format), NULL);
  return _hotplug_xml_print (root);
}
