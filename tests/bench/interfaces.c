/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "bench/bench.h"
#include "bench/footprint.h"

/* Interfaces on a bridge of this program's network namespace. A guest has to boot: a virtio NIC goes only when its system
 * lets go of it. So a removal takes what the guest takes, with the library and without. During an add it stands still. */

#define BRIDGE "br-bench"
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
  char *xml;      /* of the raw attach */
  char *metadata; /* what the library writes for one that is not persisted */
  BenchSeries ours[N_OPERATIONS];
  BenchSeries theirs[N_OPERATIONS];
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

  hotplug_vmi_remove_interface (bench->vmi, NAME, HOTPLUG_PLUG_NONE, -1, NULL, &error);
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
measure_raw (Bench *bench, gboolean persist)
{
  stand_still (bench);
  gint64 start = g_get_monotonic_time ();
  bench_raw_add (bench->raw, bench->xml, persist ? NULL : bench->metadata, NULL);
  bench_series_add (&bench->theirs[persist ? ADD_PERSIST : ADD], g_get_monotonic_time () - start);
  go_on (bench);
  wait_for_guest (bench, RAW_MAC, TRUE);

  start = g_get_monotonic_time ();
  bench_raw_remove (bench->raw, bench->xml, BENCH_RAW_ALIAS, !persist);
  bench_series_add (&bench->theirs[persist ? REMOVE_PERSIST : REMOVE], g_get_monotonic_time () - start);
  wait_for_guest (bench, RAW_MAC, FALSE);
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
}

static void
reset_series (Bench *bench)
{
  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      bench_series_clear (&bench->ours[i]);
      bench_series_clear (&bench->theirs[i]);
      bench_series_init (&bench->ours[i]);
      bench_series_init (&bench->theirs[i]);
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

static void
print_footprint (guint round)
{
  g_auto (GStrv) links = lab_links ();
  BenchFootprint now = bench_footprint_take ();

  g_print ("  %8u %12.1f %12.1f %12u %12u\n", round, (double)now.heap / 1024, (double)now.resident / 1024,
           now.descriptors, g_strv_length (links));
}

static void
print_results (const Bench *bench)
{
  for (Operation i = 0; i < N_OPERATIONS; i++)
    {
      double ours = bench_series_median (&bench->ours[i]);
      double theirs = bench_series_median (&bench->theirs[i]);
      double ratio = ours / MAX (theirs, 0.001);

      g_print (
          "       %-28s %8.2f (%7.2f) %8.2f (%7.2f)  %5.2f %5.2f <= %.2f %s\n", names[i], ours,
          bench_series_quantile (&bench->ours[i], 0.95), theirs, bench_series_quantile (&bench->theirs[i], 0.95), ratio,
          bench_series_quantile (&bench->ours[i], 0.1) / MAX (bench_series_quantile (&bench->theirs[i], 0.1), 0.001),
          TARGET, ratio <= TARGET ? "ok" : "MISSED");
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
  lab_bridge_new (BRIDGE);
  return NULL;
}

void
bench_measure_interfaces (HotplugHost *host, virConnectPtr connect, guint rounds)
{
  const LabMachine machine = { .name = "bench-nics", .root_ports = 4, .bare = TRUE, .boots = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) lab = hotplug_network_attachment_new_for_bridge ("lab", BRIDGE, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", NAME,
                                                           "attachment", lab, "mac", OUR_MAC, NULL);
  g_assert_no_error (error);
  g_autofree char *machine_xml = lab_machine_xml (&machine);
  g_autofree char *socket = lab_machine_socket (&machine);
  g_autoptr (LabDomain) domain = lab_define (connect, machine_xml);

  lab_create (domain, FALSE);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (BenchRaw) raw = bench_raw_new (connect, domain);

  Bench bench = { .vmi = vmi, .interface = interface, .guest = guest, .domain = domain, .raw = raw };
  g_autofree char *xml = bench.xml = make_raw_xml (&bench);
  add_ours (&bench, HOTPLUG_PLUG_NONE);
  bench.metadata = lab_metadata (domain, HOTPLUG_METADATA_URI, FALSE);
  wait_for_guest (&bench, OUR_MAC, TRUE);
  remove_ours (&bench);
  reset_series (&bench);
  measure_round (&bench, 0);

  reset_series (&bench);
  measure_rounds (&bench, rounds);
  for (guint i = 0; i < N_OPERATIONS; i++)
    {
      bench_series_clear (&bench.ours[i]);
      bench_series_clear (&bench.theirs[i]);
    }
  free (bench.metadata);
  lab_destroy (domain);
  lab_undefine (domain);
}
