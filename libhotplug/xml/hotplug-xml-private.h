/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>

G_BEGIN_DECLS

/* Inside xml/ only: the few words in which its files write XML. */

/* Attributes with a NULL value are left out; the list ends with a NULL name */
xmlNode *_hotplug_xml_add (xmlNode *parent, const char *name, ...) G_GNUC_NULL_TERMINATED;

/* @root's tree as text; takes @root */
char *_hotplug_xml_print (xmlNode *root);

/* And change what libvirt gave, which is well-formed; no network and no DTD all the same, and never a word on stderr.
 * NULL if it can't be read. */
xmlDoc *_hotplug_xml_parse (const char *xml);

gboolean _hotplug_xml_is (const xmlNode *node, const char *name);

/* The first child of that name; NULL if there is none, or if @node is NULL */
xmlNode *_hotplug_xml_find (xmlNode *node, const char *name);

/* (nullable): an attribute of @node, which may be NULL */
char *_hotplug_xml_dup_value (xmlNode *node, const char *attribute);

/* Takes each child of that name out */
void _hotplug_xml_drop (xmlNode *node, const char *name);

/* A live interface's element into what it was before its libvirt network made something of it */
void _hotplug_xml_tell_network (xmlNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (xmlDoc, xmlFreeDoc)

G_END_DECLS
