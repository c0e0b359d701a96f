/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a process has in its heap, counted at malloc's own door */

#include <glib.h>

G_BEGIN_DECLS

/* FALSE where nothing can be counted: with another C library, or with a sanitizer, whose malloc it is */
gboolean bench_heap_is_counted (void);

/* From here on, and from zero. GLib must not have a store of its own: G_SLICE=always-malloc. */
void bench_heap_start (void);

/* In bytes: what is there now, and the most that was */
gsize bench_heap_now (void);
gsize bench_heap_peak (void);

G_END_DECLS
