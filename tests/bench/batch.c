/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bench/batch.h"

#include "config.h"

#include <locale.h>

#include "bench/footprint.h"

/* Batches of volumes, many machines and many rounds, against the libvirt calls that somebody without the library would
 * make. Both are made by one process in turn, so that whatever else the host does slows both. */

static int repeat = 3;
static int rounds = 0;
static int parallel = -1;
static char *disks = NULL;
static char *many = NULL;
static gboolean with_daemon = FALSE;
static gboolean embedded = FALSE;
static gboolean memory = FALSE;
static gboolean processes = FALSE;

static const GOptionEntry entries[] = {
  { "embed", 0, 0, G_OPTION_ARG_NONE, &embedded, "Through the embedded driver (the default)", NULL },
  { "daemon", 0, 0, G_OPTION_ARG_NONE, &with_daemon, "Through a daemon", NULL },
  { "repeat", 0, 0, G_OPTION_ARG_INT, &repeat, "Of how many the medians are; default: 3", "N" },
  { "disks", 0, 0, G_OPTION_ARG_STRING, &disks,
    "75 volumes onto a machine that has so many disks before; without any of these options: 0,500", "N,…" },
  { "many", 0, 0, G_OPTION_ARG_STRING, &many, "So many volumes on one controller, such as 1000,4000", "N,…" },
  { "parallel", 0, 0, G_OPTION_ARG_INT, &parallel, "So many machines, such as 50, from 1, 4 and 16 threads", "N" },
  { "processes", 0, 0, G_OPTION_ARG_NONE, &processes, "Against virsh and virt-xml; with --daemon", NULL },
  { "memory", 0, 0, G_OPTION_ARG_NONE, &memory, "What a handle and a volume take", NULL },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Add and remove so many times, such as 10000: what is held", "N" },
  G_OPTION_ENTRY_NULL
};

void
batch_print_head (const char *title)
{
  g_print ("%-34s %18s %18s  ours/raw  raw/ours\n", title, "libhotplug", "raw libvirt");
}

static void
print_times (const BenchSeries *series)
{
  g_print (" %8.1f (%7.1f)", bench_series_median (series), bench_series_quantile (series, 0.95));
}

void
batch_print (const char *what, const BenchSeries *ours, const BenchSeries *raw, double faster, double most)
{
  double ratio = bench_series_median (ours) / MAX (bench_series_median (raw), 0.001);

  g_print ("  %-32s", what);
  print_times (ours);
  print_times (raw);
  g_print ("  %8.3f %9.2f", ratio, 1 / MAX (ratio, 0.001));
  if (faster > 0)
    g_print (" >= %.0f %s", faster, 1 / MAX (ratio, 0.001) >= faster ? "ok" : "MISSED");
  else if (most > 0)
    g_print (" <= %.2f %s", most, ratio <= most ? "ok" : "MISSED");
  g_print ("\n");
}

static void
measure_each (const Batch *batch, const char *counts, void (*measure) (const Batch *, guint))
{
  g_auto (GStrv) list = g_strsplit (counts, ",", -1);

  for (guint i = 0; list[i] != NULL; i++)
    measure (batch, (guint)g_ascii_strtoull (list[i], NULL, 10));
}

static void
measure_all (const char *uri)
{
  gboolean chosen = many != NULL || parallel > 0 || processes || rounds > 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  g_assert_no_error (error);
  g_autoptr (LabConnect) connect = lab_connect (uri);
  const Batch batch = { .host = host, .connect = connect, .uri = uri, .rounds = (guint)repeat };

  g_print ("%s, paused machines; medians of %d in ms, p95 in brackets\n", with_daemon ? "daemon" : "embedded", repeat);
  if (disks != NULL || !chosen)
    measure_each (&batch, disks != NULL ? disks : "0,500", batch_measure_series);
  if (many != NULL)
    measure_each (&batch, many, batch_measure_many);
  if (parallel > 0)
    batch_measure_parallel (&batch, (guint)parallel);
  if (processes)
    batch_measure_processes (&batch);
  if (rounds > 0)
    batch_measure_rounds (&batch, (guint)rounds);
}

static int
measure_host (void)
{
  const char *missing = with_daemon ? lab_missing_daemon () : lab_missing_qemu ();

  if (missing != NULL)
    {
      g_printerr ("%s\n", missing);
      return 77;
    }
  bench_raise_file_limit ();
  if (!with_daemon)
    {
      measure_all (lab_embed_uri ());
      return 0;
    }

  g_autofree char *runtime = lab_dir_new ();
  g_setenv ("HOTPLUG_RUNTIME_DIR", runtime, TRUE);
  g_autoptr (LabDaemon) daemon = lab_daemon_new ("bench", FALSE);
  measure_all (lab_daemon_uri (daemon));
  return 0;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- batches, against a loop of libvirt's own calls");
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  bench_footprint_init (argv);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || repeat < 1 || (embedded && with_daemon)
      || (processes && !with_daemon))
    {
      g_printerr ("%s\n", error != NULL ? error->message
                                        : "--repeat from 1; either --embed or --daemon; --processes with --daemon");
      return 2;
    }

  if (!memory)
    return measure_host ();
  batch_measure_memory ();
  return 0;
}
