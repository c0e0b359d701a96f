/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The kernel's own table of neighbours, of the network namespace that we are in */
#define HOTPLUG_NEIGHBOURS_PATH "/proc/net/arp"

/* Adds to @nics, of HotplugGuestNic, the addresses of those neighbours whose MAC address is one of @macs, which are
 * normalized */
gboolean _hotplug_neighbours_read (const char *path, GHashTable *macs, GArray *nics, GError **error);

G_END_DECLS
