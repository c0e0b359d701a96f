/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Inside xml/ only: reads XML by tables of what is wanted of it, without a tree of all the rest. A machine of 500 disks
 * has 200 kB of XML, and each operation reads two: MEASURED, 1.2 ms each, and with a tree 2.6 or more. */

/* Twice what libvirt's protocol carries in a string (REMOTE_STRING_MAX, libvirt 9.0.0 src/remote/remote_protocol.x:48).
 * MEASURED, 4000 disks are 1.5 MiB. */
#define HOTPLUG_XML_SIZE_MAX (8 * 1024 * 1024)

/* The element that the reader has come to. Where it ends it has no attributes any more. */
typedef struct _HotplugXmlElement HotplugXmlElement;

/* NULL if it has none */
char *_hotplug_xml_element_dup (const HotplugXmlElement *self, const char *attribute);

/* The same, kept among @strings */
const char *_hotplug_xml_element_keep (const HotplugXmlElement *self, const char *attribute, GStringChunk *strings);

/* The same into @where, unless something stands there: the first of several elements is the one that counts */
void _hotplug_xml_element_take (const HotplugXmlElement *self, const char *attribute, char **where);

/* From 0 to @max; 0 if it has none. Digits of @base, which is libvirt's for that attribute: 10, or 0 as in C. Anything
 * else fails the reading. */
guint _hotplug_xml_element_number (const HotplugXmlElement *self, const char *attribute, guint base, guint max);

/* The same of its text, decimal, with blanks around it */
guint64 _hotplug_xml_element_text_number (const HotplugXmlElement *self, const char *text, guint64 max);

/* The value of the enumeration's nick */
int _hotplug_xml_element_enum (const HotplugXmlElement *self, const char *attribute, GType type, int fallback);

gboolean _hotplug_xml_element_has (const HotplugXmlElement *self, const char *attribute);

gboolean _hotplug_xml_element_says (const HotplugXmlElement *self, const char *attribute, const char *value);

/* Without its namespace */
const char *_hotplug_xml_element_name (const HotplugXmlElement *self);

gboolean _hotplug_xml_element_is (const HotplugXmlElement *self, const char *name, const char *uri);

guint _hotplug_xml_element_line (const HotplugXmlElement *self);

/* The reading ends with an error that says the line and this; of several the first counts. */
void _hotplug_xml_element_fail (const HotplugXmlElement *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void _hotplug_xml_element_fail_at (const HotplugXmlElement *self, guint line, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* From here on a failure is none, until it is asked whether there was one: for what is a stranger's, and may be passed
 * over. The limits of all XML hold on. */
void _hotplug_xml_element_tolerate (const HotplugXmlElement *self);
gboolean _hotplug_xml_element_was_refused (const HotplugXmlElement *self);

/* Whether it has attributes that are none of @known */
gboolean _hotplug_xml_element_has_others (const HotplugXmlElement *self, const char *const *known);

/* For an element's own text, verbatim: where it begins, when it is opened; and when it is closed, all from there;
 * NULL if that can't be had */
gsize _hotplug_xml_element_get_begin (const HotplugXmlElement *self);
char *_hotplug_xml_element_dup_since (const HotplugXmlElement *self, gsize begin);

#define HOTPLUG_XML_ANY "*"

/* What to do with an element; a table of them ends with one without a name, and the first that fits is followed. */
typedef struct _HotplugXmlRule
{
  const char *name;                       /* without its namespace, or HOTPLUG_XML_ANY */
  const struct _HotplugXmlRule *children; /* nullable */
  /* (nullable): where it begins; FALSE to leave it out */
  gboolean (*open) (const HotplugXmlElement *element, gpointer user_data);
  /* (nullable): where it ends */
  void (*close) (const HotplugXmlElement *element, gpointer user_data);
  /* (nullable): its text, where it ends */
  void (*text) (const HotplugXmlElement *element, const char *text, gpointer user_data);
} HotplugXmlRule;

/* @xml may come from anybody, and is refused with HOTPLUG_ERROR_INVALID_ARGUMENT if it is no well-formed XML in UTF-8
 * of at most HOTPLUG_XML_SIZE_MAX bytes, has a document type, is nested too deep, has a root that is none of @rules, or
 * if a rule failed. The message begins with @what and the line: "domain XML, line 17: …" */
gboolean _hotplug_xml_read (const char *xml, const char *what, const HotplugXmlRule *rules, gpointer user_data,
                            GError **error);

G_END_DECLS
