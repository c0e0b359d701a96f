/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whom a host's machines run as, by libvirt's capabilities: FALSE if they don't say, as those of a session */
gboolean _hotplug_capabilities_find_user (const char *xml, guint *uid, guint *gid);

/* The host's UUID; NULL if they don't say */
char *_hotplug_capabilities_find_host (const char *xml);

G_END_DECLS
