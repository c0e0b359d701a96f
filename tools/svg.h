/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  SVG_ALIGN_LEFT,
  SVG_ALIGN_RIGHT,
} SvgAlign;

/* The document's beginning, with colours for white and dark pages; @title and @description are for screen readers */
void svg_begin (GString *out, int width, int height, const char *title, const char *description);
void svg_end (GString *out);

/* @class is one of the style sheet's; @text may be anything, and is clipped at @columns */
void svg_text (GString *out, int x, int y, SvgAlign align, const char *class, guint columns, const char *text);

void svg_rect (GString *out, int x, int y, int width, int height, int radius, const char *class);

/* What is drawn until its end has its own origin and does not leave its rectangle; a mouse over it shows @title */
void svg_frame_begin (GString *out, int x, int y, int width, int height, const char *title);
void svg_frame_end (GString *out);

/* What is drawn until its end has a title */
void svg_group_begin (GString *out, const char *title);
void svg_group_end (GString *out);

/* @text in lines of at most @columns, broken at blanks where it can be */
GPtrArray *svg_wrap (const char *text, guint columns, guint max_lines);

G_END_DECLS
