/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "xml/hotplug-template-xml-private.h"

/* What libvirt gave is well-formed; NONET and no DTD all the same, and never a word on stderr */
#define READ_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOBLANKS)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

static xmlNode *
find_devices (xmlDoc *document)
{
  xmlNode *root = xmlDocGetRootElement (document);

  for (xmlNode *node = root != NULL ? root->children : NULL; node != NULL; node = node->next)
    {
      if (node->type == XML_ELEMENT_NODE && strcmp ((const char *)node->name, "devices") == 0)
        return node;
    }
  return NULL;
}

static gboolean
add_device (xmlNode *devices, const char *xml)
{
  g_autoptr (xmlDoc) document = xmlReadMemory (xml, (int)strlen (xml), NULL, NULL, READ_OPTIONS);
  xmlNode *root = document != NULL ? xmlDocGetRootElement (document) : NULL;

  if (root == NULL)
    return FALSE;

  xmlNode *copy = xmlDocCopyNode (root, devices->doc, 1);
  return copy != NULL && xmlAddChild (devices, copy) != NULL;
}

char *
_hotplug_template_add_devices (const char *xml, GPtrArray *devices, GError **error)
{
  g_autoptr (xmlDoc) document = xmlReadMemory (xml, (int)strlen (xml), NULL, NULL, READ_OPTIONS);
  xmlNode *parent = document != NULL ? find_devices (document) : NULL;
  gboolean ok = parent != NULL;

  for (guint i = 0; ok && i < devices->len; i++)
    ok = add_device (parent, g_ptr_array_index (devices, i));
  if (!ok)
    {
      g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "the template's XML can't be added to");
      return NULL;
    }

  xmlBuffer *buffer = xmlBufferCreate ();
  xmlNodeDump (buffer, document, xmlDocGetRootElement (document), 0, 1);
  char *text = g_strdup ((const char *)xmlBufferContent (buffer));
  xmlBufferFree (buffer);
  return text;
}
