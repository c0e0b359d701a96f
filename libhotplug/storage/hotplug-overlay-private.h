/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An image in @directory, NULL for @path's own, that stands upon it, was made after @since, in microseconds of real
 * time, and was written to no earlier than it was: a guest that had it has its newer data there, and whoever writes
 * to @path destroys that. NULL if there is none, or none can be seen. */
char *_hotplug_overlay_find (const char *path, const char *directory, gint64 since);

/* What the qcow2 image @path stands upon that was written to after @since, and after it was: it was committed into
 * that, whose newer data @path would hide. NULL if there is none, or none can be seen. */
char *_hotplug_overlay_find_below (const char *path, gint64 since);

G_END_DECLS
