/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"
#include "xml/hotplug-xml-reader-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: whether an element of the metadata is the one that says the records; one of them into @domain */
gboolean _hotplug_record_is_ours (const HotplugXmlElement *element);
void _hotplug_record_read (const HotplugXmlElement *element, HotplugDomain *domain);
void _hotplug_record_read_nic (const HotplugXmlElement *element, HotplugDomain *domain);

/* The element that says them, without its namespace, which libvirt adds; NULL if there is nothing to say.
 * @names: (nullable): as those of a #HotplugDomain; @intent: (nullable) */
char *_hotplug_records_to_xml (const GPtrArray *records, const GPtrArray *names, const char *intent);

/* One of them, as text that says it whole, and back: NULL if it says none */
char *_hotplug_record_to_text (const HotplugRecord *record);
HotplugRecord *_hotplug_record_from_text (const char *text);

G_END_DECLS
