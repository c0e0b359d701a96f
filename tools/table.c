/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "table.h"

#include "text.h"

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

void
table_add_row (Table *self, const char *const *cells)
{
  for (guint i = 0; i < self->n_columns; i++)
    {
      gboolean empty = cells[i] == NULL || *cells[i] == '\0';
      char *cell = text_clean (empty ? "-" : cells[i]);
      self->widths[i] = MAX (self->widths[i], text_measure (cell));
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
        g_string_append_printf (out, "%*s", (int)(self->widths[column] - text_measure (cell) + GAP), "");
    }
}

char *
table_format_size (guint64 bytes)
{
  static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
  double size = (double)bytes;
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
