/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-address-private.h"
#include "xml/hotplug-xml-private.h"

G_BEGIN_DECLS

/* Inside xml/ only: a device's <address>; none for one that is neither a drive's nor PCI */
void _hotplug_xml_add_address (xmlNode *device, const HotplugAddress *address);

G_END_DECLS
