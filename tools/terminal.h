/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  TERMINAL_STYLE_PLAIN,
  TERMINAL_STYLE_BOLD,
  TERMINAL_STYLE_DIM,
  TERMINAL_STYLE_FREE,
  TERMINAL_STYLE_USED,
  TERMINAL_STYLE_WARNING,
} TerminalStyle;

/* What standard output can show */
typedef struct
{
  gboolean colour;
  gboolean utf8;
  guint columns; /* 0: lines of any length, for a file or a pipe */
} Terminal;

void terminal_look (Terminal *self);

/* A line of styled parts, which is clipped where the terminal ends. Cleared by terminal_line_end(). */
typedef struct
{
  const Terminal *terminal;
  GString *out;
  guint width;
} TerminalLine;

void terminal_line_begin (TerminalLine *self, const Terminal *terminal, GString *out);
void terminal_line_add (TerminalLine *self, TerminalStyle style, const char *format, ...) G_GNUC_PRINTF (3, 4);
void terminal_line_end (TerminalLine *self);

/* A paragraph, wrapped at words */
void terminal_print_paragraph (const Terminal *self, GString *out, TerminalStyle style, const char *text);

G_END_DECLS
