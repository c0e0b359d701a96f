/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* All of a regular file, with a NUL behind it, at most @max bytes. HOTPLUG_ERROR_NOT_FOUND if there is none,
 * HOTPLUG_ERROR_PERMISSION, HOTPLUG_ERROR_INVALID_ARGUMENT for what is no such file. */
char *_hotplug_file_read (const char *path, gsize max, gsize *length, GError **error);

G_END_DECLS
