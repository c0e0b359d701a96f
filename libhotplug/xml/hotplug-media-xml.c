/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-media-xml-private.h"
#include "xml/hotplug-xml-private.h"

#define STARTUP_POLICY "startupPolicy"

static gboolean
has_value (xmlNode *node, const char *attribute, const char *value)
{
  g_autofree char *found = _hotplug_xml_dup_value (node, attribute);

  return g_strcmp0 (found, value) == 0;
}

static gboolean
is_drive (xmlNode *node, const char *target)
{
  return _hotplug_xml_is (node, "disk") && has_value (_hotplug_xml_find (node, "target"), "dev", target);
}

/* In a machine's XML, or in its own */
static xmlNode *
find_disk (xmlDoc *document, const char *target)
{
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  xmlNode *devices = _hotplug_xml_find (root, "devices");

  if (root != NULL && is_drive (root, target))
    return root;
  for (xmlNode *node = devices != NULL ? devices->children : NULL; node != NULL; node = node->next)
    {
      if (is_drive (node, target))
        return node;
    }
  return NULL;
}

/* What tells of the medium, and not of the drive. An image's chain below it is libvirt's to look up anew. */
static void
take_out (xmlNode *disk)
{
  static const char *const names[] = { "source", "backingStore", "mirror" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    _hotplug_xml_drop (disk, names[i]);
  xmlSetProp (disk, BAD_CAST "type", BAD_CAST "file");
}

static void
copy_value (xmlNode *from, xmlNode *to, const char *attribute)
{
  xmlChar *value = xmlGetNoNsProp (from, BAD_CAST attribute);

  if (value != NULL)
    xmlSetProp (to, BAD_CAST attribute, value);
  xmlFree (value);
}

static void
put_in (xmlNode *disk, const HotplugDisk *medium)
{
  static const char *const names[] = { "source", "backingStore" };
  g_autofree char *text = _hotplug_disk_to_xml (medium);
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (text);
  xmlNode *told = xmlDocGetRootElement (document);
  xmlNode *driver = _hotplug_xml_find (disk, "driver");

  copy_value (told, disk, "type");
  copy_value (_hotplug_xml_find (told, "driver"),
              driver != NULL ? driver : _hotplug_xml_add (disk, "driver", "name", "qemu", NULL), "type");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      xmlNode *node = _hotplug_xml_find (told, names[i]);
      if (node != NULL)
        xmlAddChild (disk, xmlDocCopyNode (node, disk->doc, 1));
    }
}

/* @document's disk as text; how its tray stands is no part of a definition */
static char *
print_disk (xmlNode *disk)
{
  xmlNode *target = _hotplug_xml_find (disk, "target");

  xmlUnsetProp (target, BAD_CAST "tray");
  return _hotplug_xml_print (xmlCopyNode (disk, 1));
}

static char *
refuse_unknown (const char *target, GError **error)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "the machine's XML has no drive \"%s\"", target);
  return NULL;
}

char *
_hotplug_media_xml_change (const char *domain, const char *target, const HotplugDisk *medium, GError **error)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);
  xmlNode *disk = find_disk (document, target);

  if (disk == NULL)
    return refuse_unknown (target, error);

  /* what becomes of the machine if a medium is missing is the drive's, whichever it holds, and if it holds none; of one
   * on the network libvirt takes no word (9.0.0 src/conf/domain_validate.c, virDomainDiskDefValidateStartupPolicy) */
  g_autofree char *policy = _hotplug_xml_dup_value (_hotplug_xml_find (disk, "source"), STARTUP_POLICY);
  take_out (disk);
  if (medium != NULL)
    put_in (disk, medium);
  if (policy != NULL && !has_value (disk, "type", "network"))
    {
      xmlNode *source = _hotplug_xml_find (disk, "source");
      xmlSetProp (source != NULL ? source : _hotplug_xml_add (disk, "source", NULL), BAD_CAST STARTUP_POLICY,
                  BAD_CAST policy);
    }
  return print_disk (disk);
}

char *
_hotplug_media_xml_keep (const char *domain, const char *target, GError **error)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);
  xmlNode *disk = find_disk (document, target);

  return disk != NULL ? print_disk (disk) : refuse_unknown (target, error);
}

/* Of a drive that was emptied libvirt 9.0.0 writes <source index='5'/> (MEASURED). */
gboolean
_hotplug_media_xml_has_medium (const char *domain, const char *target)
{
  static const char *const names[] = { "file", "dev", "protocol", "pool", "dir", "type", "path" };
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);
  xmlNode *source = _hotplug_xml_find (find_disk (document, target), "source");
  gboolean found = FALSE;

  for (guint i = 0; source != NULL && i < G_N_ELEMENTS (names); i++)
    found = found || xmlHasProp (source, BAD_CAST names[i]) != NULL;
  return found;
}

gboolean
_hotplug_media_xml_is_open (const char *domain, const char *target)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);

  return has_value (_hotplug_xml_find (find_disk (document, target), "target"), "tray", "open");
}
