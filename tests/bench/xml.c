/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <locale.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hotplug/hotplug.h>
#ifdef HAVE_GCONFIG
#include <libvirt-gconfig/libvirt-gconfig.h>
#endif

#include "bench/bench.h"
#include "bench/heap.h"
#include "xml/hotplug-domain-xml-private.h"

/* How long it takes from a domain's XML to a budget, against xmlReadMemory alone, which every tree begins with, and
 * against libvirt-gconfig with a list of the devices. All of one process, in turn, on the same bytes. */

#define TREE_TARGET 0.5    /* of xmlReadMemory, at most */
#define GCONFIG_TARGET 3.0 /* times faster, at least */
#define LINEAR_TARGET 1.5  /* of the time for a device among 100, at most */
#define LINEAR_FROM 100
#define SAMPLE_TIME 5.0 /* ms: of less no sample is made */

typedef enum {
  BUDGET,
  SNAPSHOT,
  TREE,
  GCONFIG,
  N_WAYS
} Way;

static int rounds = 30;
static int heap_of = 0;
static char *counts = NULL;
static gboolean inactive = FALSE;

static const GOptionEntry entries[] = {
  { "devices", 0, 0, G_OPTION_ARG_STRING, &counts, "How many the domain has; default: 10,100,1000,4000", "N,…" },
  { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Of how many the medians are; default: 30", "N" },
  { "inactive", 0, 0, G_OPTION_ARG_NONE, &inactive, "XML from before a start, without PCI addresses", NULL },
  { "heap-of", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &heap_of, "Print the heap's peak and the snapshot's size",
    "N" },
  G_OPTION_ENTRY_NULL
};

static void
append_pci (GString *xml, guint bus, guint slot, guint function)
{
  if (!inactive)
    g_string_append_printf (
        xml, "      <address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'%s/>\n", bus, slot,
        function, bus == 0 && function == 0 ? " multifunction='on'" : "");
}

static void
append_alias (GString *xml, const char *name, guint number)
{
  if (!inactive)
    g_string_append_printf (xml, "      <alias name='%s%u'/>\n", name, number);
}

static void
append_disk (GString *xml, guint i)
{
  g_string_append_printf (xml,
                          "    <disk type='file' device='disk'>\n"
                          "      <driver name='qemu' type='raw' cache='none'/>\n"
                          "      <source file='/var/lib/libvirt/images/volume-%u.img' index='%u'/>\n"
                          "      <backingStore/>\n"
                          "      <target dev='sd%u' bus='scsi'/>\n"
                          "      <serial>volume-%u</serial>\n"
                          "      <alias name='ua-hpv-volume-%u'/>\n"
                          "      <address type='drive' controller='0' bus='0' target='0' unit='%u'/>\n"
                          "    </disk>\n",
                          i, i + 1, i, i, i, i);
}

static void
append_port (GString *xml, guint i)
{
  g_string_append_printf (xml,
                          "    <controller type='pci' index='%u' model='pcie-root-port'>\n"
                          "      <model name='pcie-root-port'/>\n"
                          "      <target chassis='%u' port='0x%x'/>\n",
                          i + 1, i + 1, i + 8);
  append_alias (xml, "pci.", i + 1);
  append_pci (xml, 0, i / 8 + 1, i % 8);
  g_string_append (xml, "    </controller>\n");
}

static void
append_interface (GString *xml, guint i)
{
  g_string_append_printf (xml,
                          "    <interface type='bridge'>\n"
                          "      <mac address='52:54:00:00:%02x:%02x'/>\n"
                          "      <source bridge='br0'/>\n"
                          "      <target dev='vnet%u'/>\n"
                          "      <model type='virtio'/>\n",
                          i / 256, i % 256, i);
  append_alias (xml, "net", i);
  append_pci (xml, i + 1, 0, 0);
  g_string_append (xml, "    </interface>\n");
}

/* A large machine has SCSI disks in the first place; of twenty devices one is an interface, at a port of its own, as
 * far as PCI goes. */
static char *
make_xml (guint devices)
{
  guint interfaces = CLAMP (devices / 20, 1, 200);
  guint disks = devices - 2 * interfaces - 2;
  GString *xml = g_string_new (NULL);

  g_string_append_printf (
      xml,
      "<domain type='kvm'%s>\n"
      "  <name>bench</name>\n"
      "  <uuid>5b6ccf9b-5e5c-4f9c-b1a7-1f2f3f4f5f6f</uuid>\n"
      "  <memory unit='KiB'>4194304</memory>\n"
      "  <currentMemory unit='KiB'>4194304</currentMemory>\n"
      "  <vcpu placement='static'>4</vcpu>\n"
      "  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n    <boot dev='hd'/>\n  </os>\n"
      "  <features>\n    <acpi/>\n    <apic/>\n  </features>\n"
      "  <devices>\n    <emulator>/usr/bin/qemu-system-x86_64</emulator>\n",
      inactive ? "" : " id='1'");
  for (guint i = 0; i < disks; i++)
    append_disk (xml, i);
  g_string_append (xml, "    <controller type='pci' index='0' model='pcie-root'/>\n"
                        "    <controller type='scsi' index='0' model='virtio-scsi'>\n");
  append_pci (xml, 0, 0x1e, 0);
  g_string_append (xml, "    </controller>\n");
  for (guint i = 0; i < interfaces; i++)
    append_port (xml, i);
  for (guint i = 0; i < interfaces; i++)
    append_interface (xml, i);
  g_string_append (xml, "  </devices>\n</domain>\n");
  return g_string_free (xml, FALSE);
}

static void
make_budget (const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_no_error (error);
}

static void
make_snapshot (const char *xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
}

static void
make_tree (const char *xml)
{
  xmlDoc *document = xmlReadMemory (xml, (int)strlen (xml), NULL, NULL, 0);

  g_assert_nonnull (document);
  xmlFreeDoc (document);
}

#ifdef HAVE_GCONFIG
static void
make_gconfig (const char *xml)
{
  g_autoptr (GError) error = NULL;
  GVirConfigDomain *domain = gvir_config_domain_new_from_xml (xml, &error);
  g_assert_no_error (error);
  GList *devices = gvir_config_domain_get_devices (domain);

  g_assert_nonnull (devices);
  g_list_free_full (devices, g_object_unref);
  g_object_unref (domain);
}
#else
#define make_gconfig NULL
#endif

static void (*const ways[N_WAYS]) (const char *xml) = {
  [BUDGET] = make_budget,
  [SNAPSHOT] = make_snapshot,
  [TREE] = make_tree,
  [GCONFIG] = make_gconfig,
};

/* The processor's, in ms: nothing here waits, and what else the host does is not counted */
static double
read_clock (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Of one run, in ms: of as many as it takes to be seen */
static double
measure_runs (Way way, const char *xml)
{
  double start = read_clock ();
  double elapsed;
  guint runs = 0;

  do
    {
      ways[way](xml);
      runs++;
      elapsed = read_clock () - start;
    }
  while (elapsed < SAMPLE_TIME);
  return elapsed / runs;
}

/* The same in a process of its own. What a large tree leaves of a heap costs who comes next more than his own work:
 * MEASURED, five times. */
static double
measure (Way way, const char *xml)
{
  double time = 0;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  pid_t child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      measure_runs (way, xml); /* warms up */
      time = measure_runs (way, xml);
      _exit (write (ends[1], &time, sizeof time) == sizeof time ? 0 : 1);
    }

  close (ends[1]);
  g_assert_cmpint (read (ends[0], &time, sizeof time), ==, sizeof time);
  close (ends[0]);
  waitpid (child, NULL, 0);
  return time;
}

/* Another process looks at its heap, as GLib's store can only be put aside before it begins. */
static gboolean
ask_heap (guint devices, guint64 *peak, guint64 *snapshot)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *option = g_strdup_printf ("--heap-of=%u", devices);
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  const char *argv[] = { self, option, inactive ? "--inactive" : NULL, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), "G_SLICE", "always-malloc", TRUE);
  char *end;

  if (!bench_heap_is_counted ())
    return FALSE;
  g_spawn_sync (NULL, (char **)argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &output, NULL, NULL, &error);
  g_assert_no_error (error);
  *peak = g_ascii_strtoull (output, &end, 10);
  *snapshot = g_ascii_strtoull (end, NULL, 10);
  return TRUE;
}

static void
print_heap (guint devices)
{
  g_autofree char *xml = make_xml (devices);
  g_autoptr (GError) error = NULL;

  make_budget (xml);
  bench_heap_start ();
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, &error);
  g_assert_no_error (error);
  gsize snapshot = bench_heap_now ();
  g_clear_pointer (&domain, _hotplug_domain_free);

  bench_heap_start ();
  make_budget (xml);
  g_print ("%" G_GSIZE_FORMAT " %" G_GSIZE_FORMAT "\n", bench_heap_peak (), snapshot);
}

static const char *
verdict (gboolean reached)
{
  return reached ? "ok" : "MISSED";
}

/* @linear: (inout): ns for a device among LINEAR_FROM, 0 as long as that is not known */
static void
print_results (guint devices, gsize size, const BenchSeries *series, double *linear)
{
  double budget = bench_series_median (&series[BUDGET]);
  double ratio = budget / bench_series_median (&series[TREE]);
  double each = budget * 1e6 / devices;
  guint64 peak, snapshot;

  g_print ("%7u %8" G_GSIZE_FORMAT "  %8.3f %8.3f  %8.3f  %4.2f <= %.2f %-6s", devices, size, budget,
           bench_series_median (&series[SNAPSHOT]), bench_series_median (&series[TREE]), ratio, TREE_TARGET,
           verdict (ratio <= TREE_TARGET));
  if (ways[GCONFIG] != NULL)
    {
      double faster = bench_series_median (&series[GCONFIG]) / budget;
      g_print ("  %8.3f  %5.1f >= %.1f %-6s", bench_series_median (&series[GCONFIG]), faster, GCONFIG_TARGET,
               verdict (faster >= GCONFIG_TARGET));
    }
  else
    {
      g_print ("  %8s  %19s", "n/a", "");
    }

  g_print ("  %6.0f", each);
  if (*linear > 0)
    g_print (" %4.2f <= %.2f %-6s", each / *linear, LINEAR_TARGET, verdict (each <= *linear * LINEAR_TARGET));
  else
    g_print (" %19s", "");
  if (devices == LINEAR_FROM)
    *linear = each;

  if (ask_heap (devices, &peak, &snapshot))
    g_print ("  %6" G_GUINT64_FORMAT " %6" G_GUINT64_FORMAT "\n", peak / 1024, snapshot / 1024);
  else
    g_print ("  %6s %6s\n", "n/a", "n/a");
}

static void
measure_devices (guint devices, double *linear)
{
  g_autofree char *xml = make_xml (devices);
  BenchSeries series[N_WAYS];

  for (Way way = 0; way < N_WAYS; way++)
    bench_series_init (&series[way]);
  for (int round = 0; round < rounds; round++)
    {
      for (Way way = 0; way < N_WAYS; way++)
        {
          double time = ways[way] != NULL ? measure (way, xml) : 0;
          g_array_append_val (series[way].values, time);
        }
    }
  print_results (devices, strlen (xml), series, linear);
  for (Way way = 0; way < N_WAYS; way++)
    bench_series_clear (&series[way]);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("- domain XML to a budget, against trees of it");
  g_autoptr (GError) error = NULL;
  double linear = 0;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || rounds < 1)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "--rounds from 1");
      return 2;
    }
  if (heap_of > 0)
    {
      print_heap ((guint)heap_of);
      return 0;
    }

  g_auto (GStrv) numbers = g_strsplit (counts != NULL ? counts : "10,100,1000,4000", ",", -1);
  g_print ("medians of %d rounds, in ms of processor time\n", rounds);
  g_print ("devices    bytes    budget (snapshot)    xmlReadMemory         libvirt-gconfig, times faster"
           "  ns/device, of %d   heap kB, snapshot\n",
           LINEAR_FROM);
  for (guint i = 0; numbers[i] != NULL; i++)
    measure_devices (MAX ((guint)g_ascii_strtoull (numbers[i], NULL, 10), 10), &linear);
  return 0;
}
