/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-xml-private.h"

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
