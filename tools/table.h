/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Rows of text in columns as wide as their widest cell; the first row is the heading. */
typedef struct _Table Table;

Table *table_new (guint n_columns);
void table_free (Table *self);

/* As many strings as there are columns; %NULL prints as - */
void table_add_row (Table *self, const char *const *cells);

void table_print (Table *self, GString *out);

/* 5Gi; %NULL for 0, a size that is not known */
char *table_format_size (guint64 bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Table, table_free)

G_END_DECLS
