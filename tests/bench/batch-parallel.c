/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"

/* Many machines at once, a volume each: the library against raw calls from as many threads of one connection */

static const guint thread_counts[] = { 1, 4, 16 };

typedef enum {
  ADD,
  REMOVE,
  RAW_ATTACH,
  RAW_DETACH,
  N_DEEDS
} Deed;

typedef struct
{
  GPtrArray *machines;
  int next; /* atomic */
  Deed deed;
} Crew;

static void
work_on (BatchMachine *machine, Deed deed)
{
  switch (deed)
    {
    case ADD:
      batch_add (machine, HOTPLUG_PLUG_PERSIST);
      break;
    case REMOVE:
      batch_remove (machine, 0, 1);
      break;
    case RAW_ATTACH:
      lab_attach (machine->domain, machine->xml[0], VIR_DOMAIN_AFFECT_CONFIG);
      batch_raw_attach (machine, VIR_DOMAIN_AFFECT_LIVE);
      break;
    case RAW_DETACH:
    case N_DEEDS:
    default:
      lab_detach (machine->domain, machine->xml[0], VIR_DOMAIN_AFFECT_CONFIG);
      batch_raw_detach (machine, 1, VIR_DOMAIN_AFFECT_LIVE);
      break;
    }
}

static gpointer
work (gpointer data)
{
  Crew *crew = data;

  for (;;)
    {
      guint mine = (guint)g_atomic_int_add (&crew->next, 1);
      if (mine >= crew->machines->len)
        return NULL;
      work_on (g_ptr_array_index (crew->machines, mine), crew->deed);
    }
}

static void
measure_deed (GPtrArray *machines, guint n_threads, Deed deed, BenchSeries *series)
{
  g_autofree GThread **threads = g_new0 (GThread *, n_threads);
  Crew crew = { machines, 0, deed };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < n_threads; i++)
    threads[i] = g_thread_new ("bench", work, &crew);
  for (guint i = 0; i < n_threads; i++)
    g_thread_join (threads[i]);
  bench_series_add (&series[deed], g_get_monotonic_time () - start);
}

static void
measure_threads (const Batch *batch, GPtrArray *machines, guint n_threads)
{
  g_autofree char *title = g_strdup_printf ("%u machines, a volume each, %u threads", machines->len, n_threads);
  BenchSeries series[N_DEEDS];

  for (guint i = 0; i < N_DEEDS; i++)
    bench_series_init (&series[i]);
  for (guint round = 0; round < batch->rounds; round++)
    {
      gboolean ours_first = round % 2 == 0;

      measure_deed (machines, n_threads, ours_first ? ADD : RAW_ATTACH, series);
      measure_deed (machines, n_threads, ours_first ? REMOVE : RAW_DETACH, series);
      measure_deed (machines, n_threads, ours_first ? RAW_ATTACH : ADD, series);
      measure_deed (machines, n_threads, ours_first ? RAW_DETACH : REMOVE, series);
    }

  batch_print_head (title);
  batch_print ("attach all, persist", &series[ADD], &series[RAW_ATTACH], 0, 1.10);
  batch_print ("remove all, persisted", &series[REMOVE], &series[RAW_DETACH], 0, 0);
  for (guint i = 0; i < N_DEEDS; i++)
    bench_series_clear (&series[i]);
}

void
batch_measure_parallel (const Batch *batch, guint count)
{
  g_autoptr (GPtrArray) machines = g_ptr_array_new_with_free_func ((GDestroyNotify)batch_machine_free);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("batch-parallel-%u", i);
      g_ptr_array_add (machines, batch_machine_new (batch, name, 0, 1));
    }
  for (guint i = 0; i < G_N_ELEMENTS (thread_counts); i++)
    measure_threads (batch, machines, thread_counts[i]);
}
