/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the ports of a network of libvirt's are Open vSwitch's. HOTPLUG_ERROR_INVALID_ARGUMENT */
gboolean _hotplug_network_xml_read_ovs (const char *xml, gboolean *ovs, GError **error);

G_END_DECLS
