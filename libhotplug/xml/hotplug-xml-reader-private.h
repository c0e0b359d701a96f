/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Inside xml/ only: reads XML by tables of what is wanted of it, without a tree of all the rest. A machine of 500 disks
 * has 200 kB of XML, and each operation reads two: MEASURED, 1.2 ms each, and with a tree 2.6 or more. */

/* The element that the reader has come to */
typedef struct _HotplugXmlElement HotplugXmlElement;

/* NULL if it has none */
char *_hotplug_xml_element_dup (const HotplugXmlElement *self, const char *attribute);

/* The same into @where, unless something stands there: the first of several elements is the one that counts */
void _hotplug_xml_element_take (const HotplugXmlElement *self, const char *attribute, char **where);

/* 0 if it has none; decimal, or hexadecimal behind 0x */
guint _hotplug_xml_element_number (const HotplugXmlElement *self, const char *attribute);

/* The value of the enumeration's nick */
int _hotplug_xml_element_enum (const HotplugXmlElement *self, const char *attribute, GType type, int fallback);

gboolean _hotplug_xml_element_has (const HotplugXmlElement *self, const char *attribute);

gboolean _hotplug_xml_element_says (const HotplugXmlElement *self, const char *attribute, const char *value);

/* Without its namespace */
const char *_hotplug_xml_element_name (const HotplugXmlElement *self);

gboolean _hotplug_xml_element_is (const HotplugXmlElement *self, const char *name, const char *uri);

#define HOTPLUG_XML_ANY "*"

/* What to do with an element; a table of them ends with one without a name, and the first that fits is followed. */
typedef struct _HotplugXmlRule
{
  const char *name;                       /* without its namespace, or HOTPLUG_XML_ANY */
  const struct _HotplugXmlRule *children; /* nullable */
  /* (nullable): where it begins; FALSE to leave it out */
  gboolean (*open) (const HotplugXmlElement *element, gpointer user_data);
  /* (nullable): its text, where it ends */
  void (*text) (const char *text, gpointer user_data);
} HotplugXmlRule;

/* FALSE if it is no XML, or if its root is none that @rules name */
gboolean _hotplug_xml_read (const char *xml, const HotplugXmlRule *rules, gpointer user_data);

G_END_DECLS
