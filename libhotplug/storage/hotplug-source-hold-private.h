/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HOTPLUG_SOURCE_HOLD_NONE (-1)

/* Between looking at a data volume and plugging it in nobody may delete it, and while it is deleted nobody may plug it
 * in: a lock on its directory, shared by those who plug in. What is no volume of a directory has nothing that could be
 * held, and neither has what is not there; both are left to who opens it. HOTPLUG_ERROR_BUSY
 * @hold: (out): given back by _hotplug_source_release(); HOTPLUG_SOURCE_HOLD_NONE if there was nothing */
gboolean _hotplug_source_hold (const char *volume, const char *path, int *hold, GError **error);
gboolean _hotplug_source_claim (const char *volume, const char *path, int *hold, GError **error);

void _hotplug_source_release (int *hold);

G_END_DECLS
