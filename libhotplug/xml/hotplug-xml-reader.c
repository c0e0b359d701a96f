/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-xml-reader-private.h"

/* Of the elements that are wanted; what lies deeper is left out */
#define DEPTH_MAX 16

/* libxml2's attributes are five pointers each; the value is not terminated. */
enum {
  ATTRIBUTE_NAME,
  ATTRIBUTE_PREFIX,
  ATTRIBUTE_URI,
  ATTRIBUTE_VALUE,
  ATTRIBUTE_END,
  ATTRIBUTE_FIELDS
};

struct _HotplugXmlElement
{
  const char *name;
  const char *uri; /* nullable */
  const char **attributes;
  int n_attributes;
};

typedef struct
{
  const HotplugXmlRule *followed[DEPTH_MAX]; /* each element that is open */
  const HotplugXmlRule *rules;               /* of the root */
  guint depth;
  guint left_out; /* how deep inside an element that nobody wants */
  gboolean root_found;
  GString *text;
  gpointer user_data;
} Reader;

static const char *
find (const HotplugXmlElement *self, const char *attribute, gsize *length)
{
  for (int i = 0; i < self->n_attributes; i++)
    {
      const char **fields = self->attributes + (gsize) i * ATTRIBUTE_FIELDS;
      if (fields[ATTRIBUTE_PREFIX] == NULL && strcmp (fields[ATTRIBUTE_NAME], attribute) == 0)
        {
          *length = (gsize) (fields[ATTRIBUTE_END] - fields[ATTRIBUTE_VALUE]);
          return fields[ATTRIBUTE_VALUE];
        }
    }
  return NULL;
}

char *
_hotplug_xml_element_dup (const HotplugXmlElement *self, const char *attribute)
{
  gsize length;
  const char *value = find (self, attribute, &length);

  return value != NULL ? g_strndup (value, length) : NULL;
}

void
_hotplug_xml_element_take (const HotplugXmlElement *self, const char *attribute, char **where)
{
  if (*where == NULL)
    *where = _hotplug_xml_element_dup (self, attribute);
}

guint
_hotplug_xml_element_number (const HotplugXmlElement *self, const char *attribute)
{
  gsize length;
  const char *value = find (self, attribute, &length);

  /* the quote behind it ends the number */
  return value != NULL ? (guint) g_ascii_strtoull (value, NULL, 0) : 0;
}

int
_hotplug_xml_element_enum (const HotplugXmlElement *self, const char *attribute, GType type, int fallback)
{
  g_autofree char *nick = _hotplug_xml_element_dup (self, attribute);

  return _hotplug_enum_from_nick (type, nick, fallback);
}

gboolean
_hotplug_xml_element_has (const HotplugXmlElement *self, const char *attribute)
{
  gsize length;

  return find (self, attribute, &length) != NULL;
}

gboolean
_hotplug_xml_element_says (const HotplugXmlElement *self, const char *attribute, const char *value)
{
  gsize length;
  const char *found = find (self, attribute, &length);

  return found != NULL && strlen (value) == length && memcmp (found, value, length) == 0;
}

const char *
_hotplug_xml_element_name (const HotplugXmlElement *self)
{
  return self->name;
}

gboolean
_hotplug_xml_element_is (const HotplugXmlElement *self, const char *name, const char *uri)
{
  return strcmp (self->name, name) == 0 && g_strcmp0 (self->uri, uri) == 0;
}

static const HotplugXmlRule *
find_rule (const HotplugXmlRule *rules, const char *name)
{
  for (; rules != NULL && rules->name != NULL; rules++)
    {
      if (strcmp (rules->name, name) == 0 || strcmp (rules->name, HOTPLUG_XML_ANY) == 0)
        return rules;
    }
  return NULL;
}

static void
on_start (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
          const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  Reader *reader = data;
  HotplugXmlElement element = { (const char *) name, (const char *) uri, (const char **) attributes, n_attributes };

  if (reader->left_out > 0 || reader->depth == DEPTH_MAX)
    {
      reader->left_out++;
      return;
    }

  const HotplugXmlRule *rules = reader->depth > 0 ? reader->followed[reader->depth - 1]->children : reader->rules;
  const HotplugXmlRule *rule = find_rule (rules, element.name);
  if (rule == NULL || (rule->open != NULL && !rule->open (&element, reader->user_data)))
    {
      reader->left_out++;
      return;
    }

  reader->root_found = TRUE;
  reader->followed[reader->depth++] = rule;
  g_string_truncate (reader->text, 0);
}

static void
on_end (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Reader *reader = data;

  if (reader->left_out > 0)
    {
      reader->left_out--;
      return;
    }

  const HotplugXmlRule *rule = reader->followed[--reader->depth];
  if (rule->text != NULL)
    rule->text (reader->text->str, reader->user_data);
}

static void
on_characters (void *data, const xmlChar *text, int length)
{
  Reader *reader = data;

  if (reader->left_out == 0 && reader->depth > 0 && reader->followed[reader->depth - 1]->text != NULL)
    g_string_append_len (reader->text, (const char *) text, length);
}

gboolean
_hotplug_xml_read (const char *xml, const HotplugXmlRule *rules, gpointer user_data)
{
  /* No handler for a DTD or for entities, so there are none but XML's own five, which NOENT resolves in attributes. */
  static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_characters,
    .ignorableWhitespace = on_characters,
  };
  Reader reader = { .rules = rules, .text = g_string_new (NULL), .user_data = user_data };
  xmlInitParser ();
  xmlParserCtxt *context = xmlCreateMemoryParserCtxt (xml, (int) strlen (xml));
  gboolean ok = FALSE;

  if (context != NULL)
    {
      xmlCtxtUseOptions (context, XML_PARSE_NONET | XML_PARSE_NOENT);
      *context->sax = handler;
      context->userData = &reader;
      ok = xmlParseDocument (context) == 0 && context->wellFormed && reader.root_found;
      xmlFreeParserCtxt (context);
    }
  g_string_free (reader.text, TRUE);
  return ok;
}
