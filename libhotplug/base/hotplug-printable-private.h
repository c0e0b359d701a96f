/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text, of @length bytes or, with -1, up to its end, as a message may quote it: one line of about @max bytes at most
 * that any terminal takes, whatever the text has. */
char *_hotplug_printable (const char *text, gssize length, gsize max);

/* Makes the message so. It may quote what others wrote. */
void _hotplug_printable_error (GError *error);

G_END_DECLS
