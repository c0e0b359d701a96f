/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @text as it may stand in a terminal's line or in XML: valid UTF-8, and no character that moves a cursor */
char *text_clean (const char *text);

/* How many columns it takes; @text is valid UTF-8 */
guint text_measure (const char *text);

/* The part of it that takes @columns at most, with … (or ... for which @ascii asks) as its end if that is not all */
char *text_clip (const char *text, guint columns, gboolean ascii);

G_END_DECLS
