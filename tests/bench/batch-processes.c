/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/batch.h"

#define VOLUMES 10

/* Whole programs, as people run them, one for each volume */

static void
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *complaint = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &complaint, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", argv[0], complaint);
}

static gint64
run_ours (const Batch *batch, BatchMachine *machine)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < machine->volumes->len; i++)
    {
      HotplugVolume *volume = g_ptr_array_index (machine->volumes, i);
      g_autofree char *name = g_strconcat ("--volume-name=", machine->names[i], NULL);
      g_autofree char *source = g_strconcat ("--source=", hotplug_volume_get_path (volume), NULL);
      const char *argv[] = { bench_find_hotplugctl (),
                             "-c",
                             batch->uri,
                             "addvolume",
                             virDomainGetName (machine->domain),
                             name,
                             source,
                             "--persist",
                             NULL };
      run (argv);
    }
  return g_get_monotonic_time () - start;
}

static gint64
run_virsh (const Batch *batch, BatchMachine *machine)
{
  g_autofree char *file = g_build_filename (machine->directory, "disk.xml", NULL);
  const char *argv[] = { "virsh",  "-c",       batch->uri, "attach-device", virDomainGetName (machine->domain), file,
                         "--live", "--config", NULL };
  gint64 sum = 0;

  for (guint i = 0; machine->xml[i] != NULL; i++)
    {
      g_assert_true (g_file_set_contents (file, machine->xml[i], -1, NULL));
      gint64 start = g_get_monotonic_time ();
      run (argv);
      sum += g_get_monotonic_time () - start;
    }
  machine->attached = machine->volumes->len;
  return sum;
}

static gint64
run_virt_xml (const Batch *batch, BatchMachine *machine)
{
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < machine->volumes->len; i++)
    {
      g_autofree char *disk = g_strdup_printf ("path=%s,bus=scsi,alias.name=%s",
                                               hotplug_volume_get_path (g_ptr_array_index (machine->volumes, i)),
                                               machine->aliases[i]);
      const char *argv[] = {
        "virt-xml", "-c",       batch->uri, virDomainGetName (machine->domain), "--add-device", "--disk",
        disk,       "--update", NULL
      };
      run (argv);
    }
  machine->attached = machine->volumes->len;
  return g_get_monotonic_time () - start;
}

static void
measure_against (const Batch *batch, BatchMachine *machine, const char *program, const char *what,
                 gint64 (*raw) (const Batch *, BatchMachine *))
{
  g_autofree char *path = g_find_program_in_path (program);
  g_auto (BenchSeries) ours;
  g_auto (BenchSeries) theirs;

  bench_series_init (&ours);
  bench_series_init (&theirs);
  for (guint round = 0; path != NULL && round < batch->rounds; round++)
    {
      bench_series_add (&ours, run_ours (batch, machine));
      batch_remove (machine, 0, VOLUMES);
      bench_series_add (&theirs, raw (batch, machine));
      batch_raw_clear (machine);
    }
  if (path != NULL)
    batch_print (what, &ours, &theirs, 0, 0);
  else
    g_print ("  %-32s skipped: %s is not installed\n", what, program);
}

void
batch_measure_processes (const Batch *batch)
{
  g_autoptr (BatchMachine) machine = batch_machine_new (batch, "batch-processes", 0, VOLUMES);

  batch_print_head ("whole programs, 10 volumes one by one, persist");
  measure_against (batch, machine, "virsh", "hotplugctl / virsh", run_virsh);
  measure_against (batch, machine, "virt-xml", "hotplugctl / virt-xml", run_virt_xml);
}
