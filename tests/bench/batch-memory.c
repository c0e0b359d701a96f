/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"
#include "bench/footprint.h"
#include "fake/fake-rig.h"

#define HANDLES 500
#define VOLUMES 10000

/* Of the library alone: on the fake host there is no libvirt that would hold anything of its own. */

static void
print_each (const char *what, gsize before, gsize after, guint count)
{
  g_print ("  %-32s %6.0f bytes each, of %u\n", what, ((double)after - (double)before) / count, count);
}

static void
measure_handles (Rig *rig)
{
  g_autoptr (GPtrArray) handles = g_ptr_array_new_with_free_func (g_object_unref);
  BenchFootprint before = { 0 };

  /* with a handle before, so that what the first one needs is not counted */
  for (guint i = 0; i <= HANDLES; i++)
    {
      g_autofree char *uuid = g_strdup_printf ("00000000-0000-4000-8000-%012u", i);
      g_autofree char *name = g_strdup_printf ("machine-%u", i);

      g_ptr_array_add (handles, rig_add_machine (rig, uuid, name));
      if (i == 0)
        before = bench_footprint_take ();
    }
  print_each ("a VMI's handle", before.heap, bench_footprint_take ().heap, HANDLES);
}

static void
measure_volumes (void)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_full (VOLUMES + 1, g_object_unref);
  BenchFootprint before = { 0 };

  for (guint i = 0; i <= VOLUMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("volume-%u", i);
      g_autofree char *path = g_strdup_printf ("/nowhere/%s/disk.img", name);

      g_ptr_array_add (volumes, hotplug_volume_new_for_path (name, path, NULL));
      if (i == 0)
        before = bench_footprint_take ();
    }
  print_each ("a volume's description", before.heap, bench_footprint_take ().heap, VOLUMES);
}

/* What the handle keeps of volumes that are plugged, and what a status of each takes */
static void
measure_plugged (Rig *rig)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  rig_add (rig, "first", HOTPLUG_PLUG_PERSIST, NULL);
  for (guint i = 0; i < HANDLES; i++)
    {
      g_autofree char *name = g_strdup_printf ("v-%u", i);
      g_ptr_array_add (volumes, rig_volume (rig, name, HOTPLUG_BUS_SCSI));
    }

  BenchFootprint before = bench_footprint_take ();
  GPtrArray *statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  BenchFootprint with_statuses = bench_footprint_take ();
  g_ptr_array_unref (statuses);
  BenchFootprint after = bench_footprint_take ();

  print_each ("a status", after.heap, with_statuses.heap, HANDLES);
  print_each ("kept of a plugged volume", before.heap, after.heap, HANDLES);
}

void
batch_measure_memory (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  if (bench_footprint_take ().heap == 0)
    {
      g_print ("memory: not counted with this malloc\n");
      return;
    }
  g_print ("memory of the library\n");
  measure_handles (rig);
  measure_volumes ();
  measure_plugged (rig);
}
