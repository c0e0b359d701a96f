/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"

/* Thousands on one controller, once: what a volume costs of the plan, of the add, and of a loop of raw calls */
static gint64
measure_ours (const Batch *batch, guint count, gint64 *plan)
{
  g_autoptr (BatchMachine) machine = batch_machine_new (batch, "batch-many", 0, count);

  *plan = batch_plan (machine, HOTPLUG_PLUG_PERSIST);
  return batch_add (machine, HOTPLUG_PLUG_PERSIST);
}

static gint64
measure_raw (const Batch *batch, guint count)
{
  g_autoptr (BatchMachine) machine = batch_machine_new (batch, "batch-many", 0, count);

  return batch_raw_attach (machine, VIR_DOMAIN_AFFECT_LIVE);
}

void
batch_measure_many (const Batch *batch, guint count)
{
  gint64 plan;
  gint64 ours = measure_ours (batch, count, &plan);
  gint64 raw = measure_raw (batch, count);
  double each = 1000.0 * count;

  g_print (
      "%u volumes as one, persist, onto none: %.2f ms a volume, of which the plan is %.3f; a raw loop, LIVE alone: "
      "%.2f ms; ratio %.2f\n",
      count, (double)ours / each, (double)plan / each, (double)raw / each, (double)ours / (double)raw);
}
