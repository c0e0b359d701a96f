/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `52:54:00:ab:cd:ef`, of any MAC that libvirt reads (9.0.0 src/util/virmacaddr.c:103), and with hyphens as KubeVirt
 * has it too; NULL for any other text */
char *_hotplug_mac_normalize (const char *text);

/* Of a normalized one. Whether it is one of a group, and so no interface's; whether it was not given by a
 * manufacturer */
gboolean _hotplug_mac_is_multicast (const char *mac);
gboolean _hotplug_mac_is_local (const char *mac);

/* A random one, locally administered and of one station, none of @taken; it begins with 02, as those of kubemacpool do.
 * @taken: (nullable): a set of normalized ones */
char *_hotplug_mac_make (GHashTable *taken);

G_END_DECLS
