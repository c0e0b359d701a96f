/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "bench/bench.h"
#include "bench/footprint.h"

/* How long the library takes for an operation, against the very libvirt calls that its outcome needs. Both are made by
 * one process on one paused machine, in turn, so that whatever else the host does slows both. */

#define VOLUME "hpv-bench"
#define PROCESS_ROUNDS_MAX 30
#define QUIET 0.1
#define REMOVED_TARGET 5.0 /* ms */

typedef enum {
  ADD_PERSIST,
  REMOVE_PERSIST,
  ADD,
  REMOVE,
  PROCESS,
  N_OPERATIONS
} Operation;

static const char *const names[N_OPERATIONS] = {
  [ADD_PERSIST] = "add, persist",         [REMOVE_PERSIST] = "remove, persisted",
  [ADD] = "add, not persisted",           [REMOVE] = "remove, not persisted",
  [PROCESS] = "hotplugctl / virsh, persist",
};

/* A guest has its moods: interfaces take more rounds until the median stands */
#define ROUNDS 30
#define INTERFACE_ROUNDS 60

static int rounds = 0;
static char *disks = NULL;
static gboolean with_daemon = FALSE;
static gboolean embedded = FALSE;
static gboolean interfaces = FALSE;
static int soak = 0;
static int machines = 0;

static const GOptionEntry entries[] = {
  { "embed", 0, 0, G_OPTION_ARG_NONE, &embedded, "Through the embedded driver (the default)", NULL },
  { "daemon", 0, 0, G_OPTION_ARG_NONE, &with_daemon, "Through a daemon", NULL },
  { "disks", 0, 0, G_OPTION_ARG_STRING, &disks, "How many disks the machine has before; default: 0,100,500", "N,…" },
  { "interfaces", 0, 0, G_OPTION_ARG_NONE, &interfaces,
    "Interfaces in place of disks, of a machine that boots; embedded", NULL },
  { "others", 0, 0, G_OPTION_ARG_INT, &machines, "Other machines that the host has, with --interfaces; default: 0",
    "N" },
  { "soak", 0, 0, G_OPTION_ARG_INT, &soak,
    "Instead, add and remove one interface so many times, such as 10000: what is held; embedded", "N" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Of how many the medians are; default: 30, of interfaces 60", "N" },
  G_OPTION_ENTRY_NULL
};

typedef struct
{
  const char *uri;
  guint attached; /* beforehand */
  HotplugVmi *vmi;
  HotplugVolume *volume;
  virDomainPtr domain;
  BenchRaw *raw;
  char *image;
  char *xml;      /* of the raw attach */
  char *xml_file; /* the same for virsh */
  char *metadata; /* what the library writes for a volume that is not persisted */
  BenchSeries ours[N_OPERATIONS];
  BenchSeries theirs[N_OPERATIONS];
  BenchSeries live; /* the bare LIVE attach */
  BenchSeries back; /* from the removed event to the return */
} Bench;

static void
add_ours (Bench *bench, gboolean persist)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (
      bench->vmi, bench->volume, persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE, NULL, &error);

  g_assert_no_error (error);
}

static void
remove_ours (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  bench_raw_expect_removed (bench->raw);
  hotplug_vmi_remove_volume (bench->vmi, VOLUME, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
measure_ours (Bench *bench, gboolean persist)
{
  gint64 start = g_get_monotonic_time ();
  add_ours (bench, persist);
  gint64 added = g_get_monotonic_time ();
  remove_ours (bench);
  gint64 removed = g_get_monotonic_time ();

  bench_series_add (&bench->ours[persist ? ADD_PERSIST : ADD], added - start);
  bench_series_add (&bench->ours[persist ? REMOVE_PERSIST : REMOVE], removed - added);
  /* the two connections hear of it one after the other, in either order */
  bench_series_add (&bench->back, MAX (removed - bench_raw_removed_at (bench->raw), 0));
}

static void
measure_raw (Bench *bench, gboolean persist)
{
  BenchRawParts attach;
  BenchRawParts detach;
  gint64 start = g_get_monotonic_time ();
  bench_raw_add (bench->raw, bench->xml, persist, persist ? NULL : bench->metadata, &attach);
  gint64 added = g_get_monotonic_time ();
  bench_raw_remove (bench->raw, bench->xml, BENCH_RAW_ALIAS, persist, !persist, &detach);
  gint64 removed = g_get_monotonic_time ();

  bench_series_add (&bench->live, attach.live);
  bench_series_add (&bench->theirs[persist ? ADD_PERSIST : ADD], added - start);
  bench_series_add (&bench->theirs[persist ? REMOVE_PERSIST : REMOVE], removed - added);
}

static gint64
run (const char *const *argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  g_autofree char *complaint = NULL;
  int status = 0;
  gint64 start = g_get_monotonic_time ();

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &complaint, &status, &error);
  gint64 end = g_get_monotonic_time ();
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, NULL))
    g_error ("%s: %s", argv[0], complaint);
  return end - start;
}

static void
measure_process_ours (Bench *bench)
{
  g_autofree char *source = g_strconcat ("--source=", bench->image, NULL);
  const char *argv[] = { bench_find_hotplugctl (), "-c", bench->uri, "addvolume", virDomainGetName (bench->domain),
                         "--volume-name=" VOLUME, source, "--persist", NULL };

  bench_series_add (&bench->ours[PROCESS], run (argv));
  remove_ours (bench);
}

static void
measure_process_raw (Bench *bench)
{
  const char *argv[] = { "virsh", "-c", bench->uri, "attach-device", virDomainGetName (bench->domain), bench->xml_file,
                         "--live", "--config", NULL };
  BenchRawParts detach;

  bench_series_add (&bench->theirs[PROCESS], run (argv));
  bench_raw_remove (bench->raw, bench->xml, BENCH_RAW_ALIAS, TRUE, FALSE, &detach);
}

/* Ours first and raw first in turn, since each finds what the other left in the caches */
static void
measure_round (Bench *bench, int round)
{
  for (int persist = 1; persist >= 0; persist--)
    {
      if (round % 2 == 0)
        measure_ours (bench, persist);
      measure_raw (bench, persist);
      if (round % 2 != 0)
        measure_ours (bench, persist);
    }

  if (!with_daemon || round >= PROCESS_ROUNDS_MAX)
    return;
  if (round % 2 == 0)
    measure_process_ours (bench);
  measure_process_raw (bench);
  if (round % 2 != 0)
    measure_process_ours (bench);
}

/* The series start after the first rounds, in which everybody opens, loads and allocates. */
static void
warm_up (Bench *bench)
{
  add_ours (bench, FALSE);
  bench->metadata = lab_metadata (bench->domain, HOTPLUG_METADATA_URI, FALSE);
  remove_ours (bench);
  measure_round (bench, 0);
}

static void
reset_series (Bench *bench)
{
  BenchSeries *others[] = { &bench->live, &bench->back };

  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      bench_series_clear (&bench->ours[i]);
      bench_series_clear (&bench->theirs[i]);
      bench_series_init (&bench->ours[i]);
      bench_series_init (&bench->theirs[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      bench_series_clear (others[i]);
      bench_series_init (others[i]);
    }
}

static void
print_times (const BenchSeries *series)
{
  g_print (" %8.2f (%7.2f)", bench_series_median (series), bench_series_quantile (series, 0.95));
}

/* Of the medians, or with another @part of what a quieter host would show */
static double
ratio_of (const Bench *bench, Operation operation, double part)
{
  return bench_series_quantile (&bench->ours[operation], part)
         / MAX (bench_series_quantile (&bench->theirs[operation], part), 0.001);
}

static double
target_of (Operation operation, guint attached)
{
  if (operation == PROCESS)
    return 1.25;
  return attached == 0 ? 1.10 : 1.25;
}

static void
print_results (Bench *bench)
{
  for (Operation i = 0; i < N_OPERATIONS; i++)
    {
      double ratio = ratio_of (bench, i, 0.5);
      double target = target_of (i, bench->attached);

      if (bench->ours[i].values->len == 0)
        continue;
      g_print ("%5u  %-28s", bench->attached, names[i]);
      print_times (&bench->ours[i]);
      print_times (&bench->theirs[i]);
      g_print ("  %5.2f %5.2f <= %.2f %s\n", ratio, ratio_of (bench, i, QUIET), target,
               ratio <= target ? "ok" : "MISSED");
    }

  g_print ("%5u  %-28s %18s", bench->attached, "bare LIVE attach", "");
  print_times (&bench->live);
  g_print ("  add, not persisted, is %.2f of it\n",
           bench_series_median (&bench->ours[ADD]) / bench_series_median (&bench->live));
  g_print ("%5u  %-28s", bench->attached, "removed event to return");
  print_times (&bench->back);
  g_print (" %18s               <= %.2f %s\n", "", REMOVED_TARGET,
           bench_series_quantile (&bench->back, 0.95) <= REMOVED_TARGET ? "ok" : "MISSED");
}

static void
measure (HotplugHost *host, const char *uri, guint attached)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LabConnect) connect = lab_connect (uri);
  g_autofree char *directory = lab_dir_new ();
  g_autofree char *name = g_strdup_printf ("bench-%u", attached);
  g_auto (GStrv) devices = bench_make_disks (directory, attached);
  const LabMachine machine = { .name = name, .directory = directory, .root_ports = 16, .scsi = TRUE, .bare = TRUE,
                               .devices = (const char *const *) devices };
  g_autofree char *machine_xml = lab_machine_xml (&machine);
  g_autoptr (LabDomain) domain = lab_define (connect, machine_xml);

  lab_create (domain, TRUE);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, name, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *image = lab_image_new (directory, "image", 1 << 20);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path (VOLUME, image, &error);
  g_assert_no_error (error);
  g_autofree char *xml = bench_disk_xml (image, attached, BENCH_RAW_ALIAS, VOLUME);
  g_autofree char *xml_file = g_build_filename (directory, "disk.xml", NULL);
  g_file_set_contents (xml_file, xml, -1, &error);
  g_assert_no_error (error);
  g_autoptr (BenchRaw) raw = bench_raw_new (connect, domain);

  Bench bench = { .uri = uri, .attached = attached, .vmi = vmi, .volume = volume, .domain = domain, .raw = raw,
                  .image = image, .xml = xml, .xml_file = xml_file };
  reset_series (&bench);
  warm_up (&bench);
  reset_series (&bench);
  for (int round = 0; round < rounds; round++)
    measure_round (&bench, round);

  print_results (&bench);
  bench_print_parts (domain, image, (guint) rounds, bench_series_median (&bench.ours[ADD]),
                     bench_series_median (&bench.theirs[ADD]));
  free (bench.metadata);
  lab_destroy (domain);
  lab_undefine (domain);
}

static gboolean
soak_all (const char *uri)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  g_assert_no_error (error);
  g_autoptr (LabConnect) connect = lab_connect (uri);
  return bench_soak_interfaces (host, connect, (guint)soak);
}

static void
measure_all (const char *uri)
{
  g_auto (GStrv) counts = g_strsplit (disks != NULL ? disks : "0,100,500", ",", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  g_assert_no_error (error);
  g_print ("%s, %d rounds on a %s machine; medians in ms, p95 in brackets\n", with_daemon ? "daemon" : "embedded",
           rounds, interfaces ? "running" : "paused");
  if (interfaces)
    {
      g_autoptr (LabConnect) connect = lab_connect (uri);
      bench_measure_interfaces (host, connect, (guint)rounds, (guint)machines);
      return;
    }
  g_print ("disks  %-28s %18s %18s  ratio, and of the fastest %.0f %%\n", "", "libhotplug", "raw libvirt",
           QUIET * 100);
  for (guint i = 0; counts[i] != NULL; i++)
    measure (host, uri, (guint) g_ascii_strtoull (counts[i], NULL, 10));
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- libhotplug's calls against libvirt's own");
  g_autoptr (GError) error = NULL;

  bench_footprint_init (argv);
  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || rounds < 0
      || soak < 0 || machines < 0 || (with_daemon && (embedded || interfaces || soak > 0)))
    {
      g_printerr ("%s\n", error != NULL ? error->message : "numbers from 0, and --daemon alone");
      return 2;
    }

  const char *missing = with_daemon  ? lab_missing_daemon ()
                        : interfaces || soak > 0 ? bench_enter_network ()
                                     : lab_missing_qemu ();
  if (missing != NULL)
    {
      g_printerr ("%s\n", missing);
      return 77;
    }

  if (rounds == 0)
    rounds = interfaces ? INTERFACE_ROUNDS : ROUNDS;
  if (soak > 0)
    return soak_all (lab_embed_uri ()) ? 0 : 1;
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
