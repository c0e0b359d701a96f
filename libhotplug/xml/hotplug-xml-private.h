/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libxml/tree.h>

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: the few words in which its files speak to libxml2. */

/* The first child element of that name, in whatever namespace; NULL if none, also for a NULL @node */
xmlNode *_hotplug_xml_child (xmlNode *node, const char *name);

/* The next sibling element of @node's name */
xmlNode *_hotplug_xml_next (xmlNode *node);

gboolean _hotplug_xml_is (xmlNode *node, const char *name);

/* NULL if there is none, also for a NULL @node */
char *_hotplug_xml_attribute (xmlNode *node, const char *name);

/* 0 if there is none; decimal, or hexadecimal behind 0x */
guint _hotplug_xml_number (xmlNode *node, const char *name);

char *_hotplug_xml_text (xmlNode *node);

/* Attributes with a NULL value are left out; the list ends with a NULL name */
xmlNode *_hotplug_xml_add (xmlNode *parent, const char *name, ...) G_GNUC_NULL_TERMINATED;

/* @root's tree as text; takes @root */
char *_hotplug_xml_print (xmlNode *root);

G_END_DECLS
