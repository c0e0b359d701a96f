/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"
#include "xml/hotplug-xml-reader-private.h"

G_BEGIN_DECLS

/* What our element says: one that has a greater number was written by a newer libhotplug, and is nothing to act upon or
 * to write over. Another word or attribute needs no new number: who does not know it keeps it. */
#define HOTPLUG_ELEMENT_VERSION 1

/* Inside xml/ only: our element of the metadata, by a HotplugPlace; the records into its domain */
extern const HotplugXmlRule _hotplug_record_rules[];
gboolean _hotplug_record_open (const HotplugXmlElement *element, gpointer user_data);
void _hotplug_record_close (const HotplugXmlElement *element, gpointer user_data);

/* And what is left of it in the end, when it is known which machine that is */
void _hotplug_record_judge (HotplugDomain *domain);

/* Our element of the metadata of one side, without its namespace, which libvirt adds; with all that was in it and we
 * don't know. NULL if there is nothing to say. */
char *_hotplug_element_to_xml (const HotplugDomain *side);

/* Records alone, in such an element; NULL if there are none. @names: (nullable) */
char *_hotplug_records_to_xml (const GPtrArray *records, const GPtrArray *names, const char *intent);

/* One of them, as text that says it whole, and back: NULL if it says none */
char *_hotplug_record_to_text (const HotplugRecord *record);
HotplugRecord *_hotplug_record_from_text (const char *text);

G_END_DECLS
