/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <string.h>

#include "xml/hotplug-xml-private.h"

#define READ_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS)

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
  xmlDoc *doc = xmlNewDoc (BAD_CAST "1.0");

  /* Without an encoding, what is not ASCII would be written as references until libxml2 2.13, and as itself later. */
  doc->encoding = xmlStrdup (BAD_CAST "UTF-8");
  xmlDocSetRootElement (doc, root);
  xmlNodeDump (buffer, doc, root, 0, 1);
  char *text = g_strdup ((const char *) xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  xmlFreeDoc (doc);
  return text;
}

xmlDoc *
_hotplug_xml_parse (const char *xml)
{
  return xmlReadMemory (xml, (int)strlen (xml), NULL, NULL, READ_OPTIONS);
}

gboolean
_hotplug_xml_is (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && strcmp ((const char *)node->name, name) == 0;
}

xmlNode *
_hotplug_xml_find (xmlNode *node, const char *name)
{
  for (xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next)
    {
      if (_hotplug_xml_is (child, name))
        return child;
    }
  return NULL;
}

char *
_hotplug_xml_dup_value (xmlNode *node, const char *attribute)
{
  xmlChar *value = node != NULL ? xmlGetNoNsProp (node, BAD_CAST attribute) : NULL;
  char *copy = g_strdup ((const char *)value);

  xmlFree (value);
  return copy;
}

void
_hotplug_xml_drop (xmlNode *node, const char *name)
{
  for (xmlNode *child = node->children, *next; child != NULL; child = next)
    {
      next = child->next;
      if (!_hotplug_xml_is (child, name))
        continue;
      xmlUnlinkNode (child);
      xmlFreeNode (child);
    }
}
