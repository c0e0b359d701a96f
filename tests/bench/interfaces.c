/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "bench/bench.h"
#include "bench/footprint.h"

/* Interfaces on a bridge of this program's network namespace. A guest has to boot: a virtio NIC goes only when its
 * system lets go of it. So a removal takes what the guest takes, with the library and without. During an add it stands
 * still.
 *
 * The raw calls are those that the same outcome needs: virDomainAttachDeviceFlags () into the template if it is
 * persisted, virDomainSetMetadata () for the record (of the interface, or of the name that its network has if it is
 * persisted), which is as long as the library's own, and virDomainAttachDeviceFlags () into the machine; then the same
 * back, until the removed event. "bare" is the ratio to the same without the record, and "live" what the call into the
 * machine alone takes.
 *
 * Ours and raw ones take turns, and who is first does too. A pair is one of each, a second apart: the median of their
 * ratios holds also where the load of the host goes up and down between rounds. */

#define NAME "bench"
#define OUR_MAC "02:00:00:00:be:01"
#define RAW_MAC "02:00:00:00:be:02"
#define RAW_TAP "tap-raw"
#define TARGET 1.10
#define PATIENCE 60
#define LINES 10

typedef enum {
  ADD_PERSIST,
  REMOVE_PERSIST,
  ADD,
  REMOVE,
  N_OPERATIONS,
} Operation;

static const char *const names[N_OPERATIONS] = {
  [ADD_PERSIST] = "interface, persist",
  [REMOVE_PERSIST] = "remove, persisted",
  [ADD] = "interface, not persisted",
  [REMOVE] = "remove, not persisted",
};

typedef struct
{
  HotplugVmi *vmi;
  HotplugInterface *interface;
  LabGuest *guest;
  virDomainPtr domain;
  BenchRaw *raw;
  char *xml;        /* of the raw attach */
  char *records[2]; /* what the library writes for one that is not persisted, and for one that is */
  BenchSeries ours[N_OPERATIONS];
  BenchSeries theirs[N_OPERATIONS];
  BenchSeries bare[N_OPERATIONS];  /* theirs without the record */
  BenchSeries live[N_OPERATIONS];  /* theirs of the running machine alone */
  BenchSeries pairs[N_OPERATIONS]; /* ratios, in thousandths */
} Bench;

/* Until its udev has done with it: what it does meanwhile, on the same CPUs, is nobody's time */
static void
wait_for_guest (Bench *bench, const char *mac, gboolean there)
{
  g_autofree char *condition = g_strdup_printf ("%s grep -qx %s /sys/class/net/*/address && udevadm settle",
                                                there ? "" : "!", mac);

  if (!lab_guest_wait_for (bench->guest, condition, PATIENCE))
    g_error ("the guest %s %s", there ? "lacks" : "keeps", mac);
}

static void
stand_still (Bench *bench)
{
  if (virDomainSuspend (bench->domain) < 0)
    g_error ("suspend: %s", virGetLastErrorMessage ());
}

static void
go_on (Bench *bench)
{
  if (virDomainResume (bench->domain) < 0)
    g_error ("resume: %s", virGetLastErrorMessage ());
}

static void
add_ours (Bench *bench, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_add_interface (bench->vmi, bench->interface, flags, NULL, &error);

  g_assert_no_error (error);
}

static void
remove_ours (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_remove_interface (bench->vmi, NAME, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
measure_ours (Bench *bench, gboolean persist)
{
  stand_still (bench);
  gint64 start = g_get_monotonic_time ();
  add_ours (bench, persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE);
  bench_series_add (&bench->ours[persist ? ADD_PERSIST : ADD], g_get_monotonic_time () - start);
  go_on (bench);
  wait_for_guest (bench, OUR_MAC, TRUE);

  start = g_get_monotonic_time ();
  remove_ours (bench);
  bench_series_add (&bench->ours[persist ? REMOVE_PERSIST : REMOVE], g_get_monotonic_time () - start);
  wait_for_guest (bench, OUR_MAC, FALSE);
}

static void
note_raw (Bench *bench, Operation operation, gint64 took, const BenchRawParts *parts)
{
  bench_series_add (&bench->theirs[operation], took);
  bench_series_add (&bench->bare[operation], took - parts->record);
  bench_series_add (&bench->live[operation], parts->live);
}

static void
measure_raw (Bench *bench, gboolean persist)
{
  BenchRawParts parts;

  stand_still (bench);
  gint64 start = g_get_monotonic_time ();
  bench_raw_add (bench->raw, bench->xml, persist, bench->records[persist], &parts);
  note_raw (bench, persist ? ADD_PERSIST : ADD, g_get_monotonic_time () - start, &parts);
  go_on (bench);
  wait_for_guest (bench, RAW_MAC, TRUE);

  start = g_get_monotonic_time ();
  bench_raw_remove (bench->raw, bench->xml, BENCH_RAW_ALIAS, persist, TRUE, &parts);
  note_raw (bench, persist ? REMOVE_PERSIST : REMOVE, g_get_monotonic_time () - start, &parts);
  wait_for_guest (bench, RAW_MAC, FALSE);
}

/* Before a quantile is asked for, which sorts */
static void
pair (Bench *bench, guint round)
{
  for (Operation i = 0; i < N_OPERATIONS; i++)
    {
      double ours = g_array_index (bench->ours[i].values, double, round);
      double theirs = g_array_index (bench->theirs[i].values, double, round);

      bench_series_add (&bench->pairs[i], (gint64)(1000 * ours / MAX (theirs, 0.001)));
    }
}

static void
measure_round (Bench *bench, guint round)
{
  for (int persist = 1; persist >= 0; persist--)
    {
      if (round % 2 == 0)
        measure_ours (bench, persist);
      measure_raw (bench, persist);
      if (round % 2 != 0)
        measure_ours (bench, persist);
    }
  pair (bench, round);
}

static void
each_series (Bench *bench, void (*function) (BenchSeries *series))
{
  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      function (&bench->ours[i]);
      function (&bench->theirs[i]);
      function (&bench->bare[i]);
      function (&bench->live[i]);
      function (&bench->pairs[i]);
    }
}

static char *
replace (char *text, const char *old, const char *with)
{
  g_auto (GStrv) parts = g_strsplit (text, old, -1);

  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_free (text);
  return g_strjoinv (with, parts);
}

/* What the library would give to libvirt, under an alias that it takes for a stranger's */
static char *
make_raw_xml (Bench *bench)
{
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *alias = _hotplug_interface_alias (NAME);

  g_ptr_array_add (interfaces, bench->interface);
  g_autoptr (HotplugPlan)
      plan = hotplug_vmi_plan_add_devices (bench->vmi, NULL, interfaces, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  HotplugPlanItem *item = g_ptr_array_index (hotplug_plan_get_items (plan), 0);
  char *xml = g_strdup (hotplug_plan_item_get_device_xml (item));

  g_autofree char *tap = g_strndup (strstr (xml, "<target dev=\"") + strlen ("<target dev=\""), strlen ("tap") + 11);
  xml = replace (xml, alias, BENCH_RAW_ALIAS);
  xml = replace (xml, OUR_MAC, RAW_MAC);
  return replace (xml, tap, RAW_TAP);
}

/* The warm-up too: everybody opens, loads and allocates */
static void
learn_records (Bench *bench)
{
  for (int persist = 0; persist <= 1; persist++)
    {
      add_ours (bench, persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE);
      bench->records[persist] = lab_metadata (bench->domain, HOTPLUG_METADATA_URI, FALSE);
      g_assert_nonnull (bench->records[persist]);
      wait_for_guest (bench, OUR_MAC, TRUE);
      remove_ours (bench);
    }
}

static void
print_footprint (guint round)
{
  g_auto (GStrv) links = lab_links ();
  BenchFootprint now = bench_footprint_take ();

  g_print ("  %8u %12.1f %12.1f %12u %12u\n", round, (double)now.heap / 1024, (double)now.resident / 1024,
           now.descriptors, g_strv_length (links));
}

static double
median_ratio (const BenchSeries *ours, const BenchSeries *theirs)
{
  return bench_series_median (ours) / MAX (bench_series_median (theirs), 0.001);
}

static void
print_results (const Bench *bench)
{
  g_print ("  %-28s %18s %18s  %5s %5s %5s %8s\n", "", "libhotplug", "raw libvirt", "ratio", "pairs", "bare", "live");
  for (Operation i = 0; i < N_OPERATIONS; i++)
    {
      double ratio = median_ratio (&bench->ours[i], &bench->theirs[i]);

      g_print ("  %-28s %8.2f (%7.2f) %8.2f (%7.2f)  %5.2f %5.2f %5.2f %8.2f  <= %.2f %s\n", names[i],
               bench_series_median (&bench->ours[i]), bench_series_quantile (&bench->ours[i], 0.95),
               bench_series_median (&bench->theirs[i]), bench_series_quantile (&bench->theirs[i], 0.95), ratio,
               bench_series_median (&bench->pairs[i]), median_ratio (&bench->ours[i], &bench->bare[i]),
               bench_series_median (&bench->live[i]), TARGET, ratio <= TARGET ? "ok" : "MISSED");
    }
}

static void
measure_rounds (Bench *bench, guint rounds)
{
  guint each = MAX (rounds / LINES, 1);

  g_print ("  %8s %12s %12s %12s %12s  after so many rounds, each of two interfaces of ours and two raw ones\n",
           "rounds", "heap KiB", "RSS KiB", "descriptors", "links");
  for (guint round = 0; round <= rounds; round++)
    {
      if (round % each == 0)
        print_footprint (round);
      if (round < rounds)
        measure_round (bench, round);
    }
  print_results (bench);
}

const char *
bench_enter_network (void)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_network ();

  if (missing != NULL)
    return missing;
  lab_network_enter ();
  lab_bridge_new (BENCH_BRIDGE);
  return NULL;
}

static GPtrArray *
define_others (virConnectPtr connect, guint count)
{
  GPtrArray *domains = g_ptr_array_new ();

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("bench-other-%u", i);
      const LabMachine machine = { .name = name, .root_ports = 4, .scsi = TRUE };
      g_autofree char *xml = lab_machine_xml (&machine);

      g_ptr_array_add (domains, lab_define (connect, xml));
    }
  return domains;
}

static void
undefine_other (gpointer domain, gpointer user_data G_GNUC_UNUSED)
{
  lab_undefine (domain);
  virDomainFree (domain);
}

void
bench_measure_interfaces (HotplugHost *host, virConnectPtr connect, guint rounds, guint others)
{
  const LabMachine machine = { .name = "bench-nics", .root_ports = 4, .bare = TRUE, .boots = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) lab = hotplug_network_attachment_new_for_bridge ("lab", BENCH_BRIDGE, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", NAME,
                                                           "attachment", lab, "mac", OUR_MAC, NULL);
  g_assert_no_error (error);
  g_autofree char *machine_xml = lab_machine_xml (&machine);
  g_autofree char *socket = lab_machine_socket (&machine);
  g_autoptr (LabDomain) domain = lab_define (connect, machine_xml);
  g_autoptr (GPtrArray) neighbours = define_others (connect, others);

  lab_create (domain, FALSE);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (BenchRaw) raw = bench_raw_new (connect, domain);

  Bench bench = { .vmi = vmi, .interface = interface, .guest = guest, .domain = domain, .raw = raw };
  g_autofree char *xml = bench.xml = make_raw_xml (&bench);
  learn_records (&bench);
  each_series (&bench, bench_series_init);
  measure_round (&bench, 0);

  each_series (&bench, bench_series_clear);
  each_series (&bench, bench_series_init);
  measure_rounds (&bench, rounds);
  each_series (&bench, bench_series_clear);
  free (bench.records[FALSE]);
  free (bench.records[TRUE]);
  lab_destroy (domain);
  lab_undefine (domain);
  g_ptr_array_foreach (neighbours, undefine_other, NULL);
}
