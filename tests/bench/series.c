/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/bench.h"

void
bench_series_init (BenchSeries *series)
{
  series->values = g_array_new (FALSE, FALSE, sizeof (double));
}

void
bench_series_clear (BenchSeries *series)
{
  g_clear_pointer (&series->values, g_array_unref);
}

void
bench_series_add (BenchSeries *series, gint64 microseconds)
{
  double value = (double) microseconds / 1000;

  g_array_append_val (series->values, value);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

double
bench_series_quantile (const BenchSeries *series, double part)
{
  if (series->values->len == 0)
    return 0;

  g_array_sort (series->values, compare);
  return g_array_index (series->values, double, (guint) (part * (series->values->len - 1) + 0.5));
}

double
bench_series_median (const BenchSeries *series)
{
  return bench_series_quantile (series, 0.5);
}
