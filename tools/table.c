/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "table.h"

#define GAP 3

struct _Table
{
  guint n_columns;
  guint *widths;
  GPtrArray *cells; /* row by row */
};

Table *
table_new (guint n_columns)
{
  Table *self = g_new0 (Table, 1);
  self->n_columns = n_columns;
  self->widths = g_new0 (guint, n_columns);
  self->cells = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
table_free (Table *self)
{
  g_ptr_array_unref (self->cells);
  g_free (self->widths);
  g_free (self);
}

/* A name that others gave must not be able to move a terminal's cursor. */
static char *
clean_cell (const char *text)
{
  if (text == NULL || *text == '\0')
    return g_strdup ("-");

  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autoptr (GString) cell = g_string_new (NULL);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      g_string_append_unichar (cell, g_unichar_iscntrl (c) ? '?' : c);
    }

  return g_string_free (g_steal_pointer (&cell), FALSE);
}

static guint
measure (const char *cell)
{
  guint width = 0;

  for (const char *at = cell; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      if (!g_unichar_iszerowidth (c))
        width += g_unichar_iswide (c) ? 2 : 1;
    }

  return width;
}

void
table_add_row (Table *self, const char *const *cells)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      char *cell = clean_cell (cells[i]);
      self->widths[i] = MAX (self->widths[i], measure (cell));
      g_ptr_array_add (self->cells, cell);
    }
}

void
table_print (Table *self, GString *out)
{
  for (guint i = 0; i < self->cells->len; i++)
    {
      const char *cell = g_ptr_array_index (self->cells, i);
      guint column = i % self->n_columns;
      g_string_append (out, cell);
      if (column + 1 == self->n_columns)
        g_string_append_c (out, '\n');
      else
        g_string_append_printf (out, "%*s", (int) (self->widths[column] - measure (cell) + GAP), "");
    }
}

char *
table_format_size (guint64 bytes)
{
  static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
  double size = (double) bytes;
  guint64 unit_bytes = 1;
  gsize unit = 0;

  if (bytes == 0)
    return NULL;

  for (; size >= 1024 && unit + 1 < G_N_ELEMENTS (units); unit++)
    {
      size /= 1024;
      unit_bytes *= 1024;
    }

  return g_strdup_printf (bytes % unit_bytes == 0 ? "%.0f%s" : "%.1f%s", size, units[unit]);
}
