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

G_END_DECLS
