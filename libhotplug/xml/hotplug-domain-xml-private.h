/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* One side of a machine out of libvirt's domain XML. HOTPLUG_ERROR_INVALID_ARGUMENT, with the line, for what is no such
 * XML, and for numbers, addresses and indexes that libvirt would refuse. */
HotplugDomain *_hotplug_domain_from_xml (const char *xml, GError **error);

G_END_DECLS
