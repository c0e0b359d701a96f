/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"

#define VOLUMES 75
#define REMOVALS 50

#define BOTH (VIR_DOMAIN_AFFECT_LIVE | VIR_DOMAIN_AFFECT_CONFIG)

/* A batch against a loop of raw calls, for volumes that are persisted and for some that are not */
typedef struct
{
  BenchSeries add;
  BenchSeries attach;
  BenchSeries plan;
  BenchSeries remove; /* REMOVALS of them */
  BenchSeries detach; /* the same, a call for each */
  BenchSeries clear;  /* the others of raw, all asked first: what libvirt can do at best */
} Side;

static void
init_side (Side *side)
{
  bench_series_init (&side->add);
  bench_series_init (&side->attach);
  bench_series_init (&side->plan);
  bench_series_init (&side->remove);
  bench_series_init (&side->detach);
  bench_series_init (&side->clear);
}

static void
clear_side (Side *side)
{
  bench_series_clear (&side->add);
  bench_series_clear (&side->attach);
  bench_series_clear (&side->plan);
  bench_series_clear (&side->remove);
  bench_series_clear (&side->detach);
  bench_series_clear (&side->clear);
}

static void
measure_ours (BatchMachine *machine, Side *side, HotplugPlugFlags flags)
{
  bench_series_add (&side->plan, batch_plan (machine, flags));
  bench_series_add (&side->add, batch_add (machine, flags));
  bench_series_add (&side->remove, batch_remove (machine, 0, REMOVALS));
  batch_remove (machine, REMOVALS, VOLUMES - REMOVALS);
}

static void
measure_raw (BatchMachine *machine, Side *side, HotplugPlugFlags flags)
{
  guint affected = flags & HOTPLUG_PLUG_PERSIST ? BOTH : VIR_DOMAIN_AFFECT_LIVE;

  bench_series_add (&side->attach, batch_raw_attach (machine, affected));
  bench_series_add (&side->detach, batch_raw_detach (machine, REMOVALS, affected));
  batch_raw_clear (machine);
}

/* Ours first and raw first in turn, since each finds what the other left in the caches */
static void
measure_side (BatchMachine *machine, Side *side, HotplugPlugFlags flags, guint round)
{
  if (round % 2 == 0)
    measure_ours (machine, side, flags);
  measure_raw (machine, side, flags);
  if (round % 2 != 0)
    measure_ours (machine, side, flags);
}

static void
measure_floor (BatchMachine *machine, Side *side)
{
  batch_raw_attach (machine, VIR_DOMAIN_AFFECT_LIVE);
  batch_raw_detach (machine, VOLUMES - REMOVALS, VIR_DOMAIN_AFFECT_LIVE);
  bench_series_add (&side->clear, batch_raw_clear (machine));
}

static void
print_side (const Side *side, gboolean persist)
{
  batch_print (persist ? "add 75, persist" : "add 75", &side->add, &side->attach, persist ? 3 : 0, persist ? 0 : 1.05);
  batch_print ("  of which the plan", &side->plan, &side->attach, 0, 0);
  batch_print (persist ? "remove 50, persisted" : "remove 50", &side->remove, &side->detach, 6, 0);
}

void
batch_measure_series (const Batch *batch, guint disks)
{
  g_autofree char *name = g_strdup_printf ("batch-%u", disks);
  g_autofree char *title = g_strdup_printf ("%u disks before", disks);
  g_autoptr (BatchMachine) machine = batch_machine_new (batch, name, disks, VOLUMES);
  Side persisted;
  Side plain;

  init_side (&persisted);
  init_side (&plain);
  measure_ours (machine, &plain, HOTPLUG_PLUG_NONE); /* everybody opens, loads and allocates */
  clear_side (&plain);
  init_side (&plain);
  for (guint round = 0; round < batch->rounds; round++)
    {
      measure_side (machine, &persisted, HOTPLUG_PLUG_PERSIST, round);
      measure_side (machine, &plain, HOTPLUG_PLUG_NONE, round);
      measure_floor (machine, &plain);
    }

  batch_print_head (title);
  print_side (&persisted, TRUE);
  print_side (&plain, FALSE);
  batch_print ("  all asked, then awaited", &plain.remove, &plain.clear, 0, 0);
  clear_side (&persisted);
  clear_side (&plain);
}
