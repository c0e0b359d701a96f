/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a process holds: of its heap, of the host's memory, and of descriptors */

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gsize heap; /* bytes, by malloc's own books; 0: it keeps none, as another C library's, or a sanitizer's */
  gsize resident; /* bytes */
  guint descriptors;
} BenchFootprint;

/* First of all in main (), since it runs the program anew: without the free blocks that malloc keeps for each thread
 * and counts as taken, and with one arena, since malloc's books are those of one */
void bench_footprint_init (char **argv);
BenchFootprint bench_footprint_take (void);
/* Of another process: its heap is not known */
BenchFootprint bench_footprint_take_of (int pid);

G_END_DECLS
