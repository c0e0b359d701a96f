/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "xml/hotplug-template-xml-private.h"
#include "xml/hotplug-xml-private.h"

static xmlNode *
find_devices (xmlDoc *document)
{
  return _hotplug_xml_find (xmlDocGetRootElement (document), "devices");
}

static gboolean
add_device (xmlNode *devices, const char *xml)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (xml);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;

  if (root == NULL)
    return FALSE;

  xmlNode *copy = xmlDocCopyNode (root, devices->doc, 1);
  return copy != NULL && xmlAddChild (devices, copy) != NULL;
}

/* @document as text; takes it. NULL with @error if something in it was not what it should be */
static char *
print_changed (xmlDoc *document, gboolean ok, GError **error)
{
  g_autoptr (xmlDoc) owned = document;

  if (!ok)
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "the template's XML can't be changed");
      return NULL;
    }

  xmlBuffer *buffer = xmlBufferCreate ();
  xmlNodeDump (buffer, owned, xmlDocGetRootElement (owned), 0, 1);
  char *text = g_strdup ((const char *)xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}

static void
set_namespace (xmlNode *node, xmlNs *ns)
{
  xmlSetNs (node, ns);
  for (xmlNode *child = node->children; child != NULL; child = child->next)
    {
      if (child->type == XML_ELEMENT_NODE)
        set_namespace (child, ns);
    }
}

static void
drop_element (xmlNode *metadata)
{
  for (xmlNode *node = metadata->children; node != NULL;)
    {
      xmlNode *next = node->next;
      if (_hotplug_xml_is (node, HOTPLUG_METADATA_KEY) && node->ns != NULL
          && strcmp ((const char *)node->ns->href, HOTPLUG_METADATA_URI) == 0)
        {
          xmlUnlinkNode (node);
          xmlFreeNode (node);
        }
      node = next;
    }
}

/* As libvirt's virDomainSetMetadata () does it: all of it is in our namespace */
static gboolean
set_element (xmlDoc *document, const char *xml)
{
  g_autoptr (xmlDoc) element = _hotplug_xml_parse (xml);
  xmlNode *root = element != NULL ? xmlDocGetRootElement (element) : NULL;
  xmlNode *copy = root != NULL ? xmlDocCopyNode (root, document, 1) : NULL;
  xmlNode *metadata = _hotplug_xml_find (xmlDocGetRootElement (document), "metadata");

  if (copy == NULL)
    return FALSE;
  if (metadata == NULL)
    metadata = _hotplug_xml_add (xmlDocGetRootElement (document), "metadata", NULL);
  drop_element (metadata);
  xmlAddChild (metadata, copy);
  set_namespace (copy, xmlNewNs (copy, BAD_CAST HOTPLUG_METADATA_URI, BAD_CAST HOTPLUG_METADATA_KEY));
  return TRUE;
}

char *
_hotplug_template_add_devices (const char *xml, const GPtrArray *devices, const char *element, GError **error)
{
  xmlDoc *document = _hotplug_xml_parse (xml);
  xmlNode *parent = document != NULL ? find_devices (document) : NULL;
  gboolean ok = parent != NULL;

  for (guint i = 0; ok && i < devices->len; i++)
    ok = add_device (parent, g_ptr_array_index (devices, i));
  ok = ok && (element == NULL || set_element (document, element));
  return print_changed (document, ok, error);
}

/* Of our aliases of that kind; NULL for a kind that can't be ours */
static const char *
prefix_of (const xmlNode *device)
{
  if (strcmp ((const char *)device->name, "disk") == 0)
    return HOTPLUG_VOLUME_ALIAS_PREFIX;
  return strcmp ((const char *)device->name, "interface") == 0 ? HOTPLUG_INTERFACE_ALIAS_PREFIX : NULL;
}

static gboolean
has_alias (xmlNode *device, const char *const *aliases)
{
  const char *prefix = prefix_of (device);
  gboolean found = FALSE;

  if (prefix == NULL)
    return FALSE;

  for (xmlNode *node = device->children; node != NULL; node = node->next)
    {
      if (node->type != XML_ELEMENT_NODE || strcmp ((const char *)node->name, "alias") != 0)
        continue;
      xmlChar *name = xmlGetNoNsProp (node, BAD_CAST "name");
      found = found || (name != NULL && g_str_has_prefix ((const char *)name, prefix)
                        && g_strv_contains (aliases, (const char *)name));
      xmlFree (name);
    }
  return found;
}

char *
_hotplug_template_drop_devices (const char *xml, const char *const *aliases, GError **error)
{
  xmlDoc *document = _hotplug_xml_parse (xml);
  xmlNode *parent = document != NULL ? find_devices (document) : NULL;

  for (xmlNode *node = parent != NULL ? parent->children : NULL; node != NULL;)
    {
      xmlNode *next = node->next;
      if (node->type == XML_ELEMENT_NODE && has_alias (node, aliases))
        {
          xmlUnlinkNode (node);
          xmlFreeNode (node);
        }
      node = next;
    }
  return print_changed (document, parent != NULL, error);
}
