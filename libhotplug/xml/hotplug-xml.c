/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-xml-private.h"

static xmlNode *
first_named (xmlNode *node, const xmlChar *name)
{
  while (node != NULL && (node->type != XML_ELEMENT_NODE || !xmlStrEqual (node->name, name)))
    node = node->next;
  return node;
}

xmlNode *
_hotplug_xml_child (xmlNode *node, const char *name)
{
  return node != NULL ? first_named (node->children, BAD_CAST name) : NULL;
}

xmlNode *
_hotplug_xml_next (xmlNode *node)
{
  return first_named (node->next, node->name);
}

gboolean
_hotplug_xml_is (xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && xmlStrEqual (node->name, BAD_CAST name);
}

static char *
take (xmlChar *text)
{
  char *copy = g_strdup ((const char *) text);

  xmlFree (text);
  return copy;
}

char *
_hotplug_xml_attribute (xmlNode *node, const char *name)
{
  return node != NULL ? take (xmlGetNoNsProp (node, BAD_CAST name)) : NULL;
}

guint
_hotplug_xml_number (xmlNode *node, const char *name)
{
  g_autofree char *text = _hotplug_xml_attribute (node, name);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 0) : 0;
}

char *
_hotplug_xml_text (xmlNode *node)
{
  return node != NULL ? take (xmlNodeGetContent (node)) : NULL;
}

xmlNode *
_hotplug_xml_add (xmlNode *parent, const char *name, ...)
{
  xmlNode *node = xmlNewNode (NULL, BAD_CAST name);
  va_list arguments;

  va_start (arguments, name);
  for (const char *key = va_arg (arguments, const char *); key != NULL; key = va_arg (arguments, const char *))
    {
      const char *value = va_arg (arguments, const char *);
      if (value != NULL)
        xmlNewProp (node, BAD_CAST key, BAD_CAST value);
    }
  va_end (arguments);

  return parent != NULL ? xmlAddChild (parent, node) : node;
}

char *
_hotplug_xml_print (xmlNode *root)
{
  xmlBuffer *buffer = xmlBufferCreate ();

  xmlNodeDump (buffer, NULL, root, 0, 1);
  char *text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  xmlFreeNode (root);
  return text;
}
