/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"
#include "bench/footprint.h"

#define VOLUMES 2
#define LINES 10

/* Add and remove over and over: what the process holds after each tenth of it, which is to stay as it is */
void
batch_measure_rounds (const Batch *batch, guint rounds)
{
  g_autoptr (BatchMachine) machine = batch_machine_new (batch, "batch-rounds", 0, VOLUMES);
  guint each = MAX (rounds / LINES, 1);

  g_print ("%u rounds of %u volumes added and removed, every second time persisted\n"
           "  %8s %12s %12s %12s\n",
           rounds, VOLUMES, "rounds", "heap KiB", "RSS KiB", "descriptors");
  for (guint round = 0; round <= rounds; round++)
    {
      if (round % each == 0)
        {
          BenchFootprint now = bench_footprint_take ();
          g_print ("  %8u %12.1f %12.1f %12u\n", round, (double)now.heap / 1024, (double)now.resident / 1024,
                   now.descriptors);
        }
      if (round == rounds)
        break;
      batch_add (machine, round % 2 == 0 ? HOTPLUG_PLUG_NONE : HOTPLUG_PLUG_PERSIST);
      batch_remove (machine, 0, VOLUMES);
    }
}
