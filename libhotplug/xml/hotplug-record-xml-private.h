/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libxml/tree.h>

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: the records and the intent of a <metadata> element (nullable) into @domain */
void _hotplug_records_read (xmlNode *metadata, HotplugDomain *domain);

/* The element that says them, without its namespace, which libvirt adds; NULL if there is nothing to say.
 * @intent: (nullable) */
char *_hotplug_records_to_xml (GPtrArray *records, const char *intent);

G_END_DECLS
