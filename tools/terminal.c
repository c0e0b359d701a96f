/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

#define RESET "\033[0m"

/* A terminal narrower than this is not believed: nothing would be left of a line. */
#define COLUMNS_MIN 20

static guint
look_at_columns (void)
{
  struct winsize size = { 0 };
  guint64 columns = 0;

  if (!isatty (STDOUT_FILENO))
    return 0;

  const char *word = g_getenv ("COLUMNS");
  if (word != NULL && g_ascii_string_to_unsigned (word, 10, COLUMNS_MIN, G_MAXUINT16, &columns, NULL))
    return (guint)columns;

  return ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= COLUMNS_MIN ? size.ws_col : 0;
}

/* https://no-color.org: set and not empty */
static gboolean
look_for_colour (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0
         && (no_color == NULL || *no_color == '\0');
}

void
terminal_look (Terminal *self)
{
  self->colour = look_for_colour ();
  self->utf8 = g_get_charset (NULL);
  self->columns = look_at_columns ();
}

static const char *
style_code (TerminalStyle style)
{
  switch (style)
    {
    case TERMINAL_STYLE_BOLD:
      return "\033[1m";
    case TERMINAL_STYLE_DIM:
      return "\033[2m";
    case TERMINAL_STYLE_FREE:
      return "\033[1;32m";
    case TERMINAL_STYLE_USED:
      return "\033[36m";
    case TERMINAL_STYLE_WARNING:
      return "\033[33m";
    case TERMINAL_STYLE_PLAIN:
    default:
      return NULL;
    }
}

static void
append_styled (const Terminal *self, GString *out, TerminalStyle style, const char *text)
{
  const char *code = self->colour && *text != '\0' ? style_code (style) : NULL;

  if (code == NULL)
    g_string_append (out, text);
  else
    g_string_append_printf (out, "%s%s" RESET, code, text);
}

/* What can't be shown becomes a question mark. */
static char *
fit_charset (const Terminal *self, const char *text)
{
  g_autofree char *clean = text_clean (text);
  return self->utf8 ? g_steal_pointer (&clean)
                    : g_convert_with_fallback (clean, -1, "ASCII", "UTF-8", "?", NULL, NULL, NULL);
}

void
terminal_line_begin (TerminalLine *self, const Terminal *terminal, GString *out)
{
  self->terminal = terminal;
  self->out = out;
  self->width = 0;
}

void
terminal_line_add (TerminalLine *self, TerminalStyle style, const char *format, ...)
{
  guint columns = self->terminal->columns;
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);

  g_autofree char *fitting = fit_charset (self->terminal, text);
  guint width = text_measure (fitting);
  if (columns == 0 || self->width + width <= columns)
    append_styled (self->terminal, self->out, style, fitting);
  else if (self->width < columns)
    {
      g_autofree char *clipped = text_clip (fitting, columns - self->width, !self->terminal->utf8);
      append_styled (self->terminal, self->out, style, clipped);
    }
  self->width += width;
}

void
terminal_line_end (TerminalLine *self)
{
  g_string_append_c (self->out, '\n');
}

void
terminal_print_paragraph (const Terminal *self, GString *out, TerminalStyle style, const char *text)
{
  g_autofree char *fitting = fit_charset (self, text);
  g_auto (GStrv) words = g_strsplit (fitting, " ", -1);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (self->columns > 0 && line->len > 0 && text_measure (line->str) + 1 + text_measure (words[i]) > self->columns)
        {
          append_styled (self, out, style, line->str);
          g_string_append_c (out, '\n');
          g_string_truncate (line, 0);
        }
      g_string_append_printf (line, "%s%s", line->len > 0 ? " " : "", words[i]);
    }

  append_styled (self, out, style, line->str);
  g_string_append_c (out, '\n');
}
