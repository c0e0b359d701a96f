/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/bench.h"
#include "bench/footprint.h"

/* An interface added and removed over and over, every second time persisted, on a machine that boots: a removal is over
 * when the guest's system has let go. The driver is embedded, so that what this process holds is libvirt's too. */

#define NAME "soak"
#define LINES 20
/* In which everybody opens, loads and allocates, the guest too */
#define WARM_UP 20
/* Bytes: half of what the smallest block takes, leaked once a round; and arrays still growing (MEASURED: 2 KiB) */
#define HEAP_LEAK 16
#define HEAP_SLACK 4096
#define LOOKS 10
#define LOOK_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  HotplugVmi *vmi;
  HotplugInterface *interface;
  guint links; /* before the first */
  int hypervisor;
} Soak;

typedef struct
{
  BenchFootprint own;
  BenchFootprint hypervisor;
  guint links;
} Held;

static guint
count_links (void)
{
  g_auto (GStrv) links = lab_links ();

  return g_strv_length (links);
}

static int
find_hypervisor (const char *machine)
{
  g_autofree char *name = g_strconcat (machine, ".pid", NULL);
  g_autofree char *path = g_build_filename (lab_embed_root (), "run", "qemu", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return (int)g_ascii_strtoll (text, NULL, 10);
}

static void
do_round (const Soak *soak, guint round)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (
      soak->vmi, soak->interface, round % 2 == 0 ? HOTPLUG_PLUG_NONE : HOTPLUG_PLUG_PERSIST, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (count_links (), ==, soak->links + 1);
  hotplug_vmi_remove_interface (soak->vmi, NAME, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_links (), ==, soak->links);
}

static Held
look (const Soak *soak)
{
  return (Held){ bench_footprint_take (), bench_footprint_take_of (soak->hypervisor), count_links () };
}

/* The least of some looks: a removal is told before libvirt's thread has written the machine's state down, to a file
 * and out of memory that it then gives back. */
static Held
take_held (const Soak *soak)
{
  Held least = look (soak);

  for (guint i = 1; i < LOOKS; i++)
    {
      g_usleep (LOOK_INTERVAL);
      Held now = look (soak);
      least.own.heap = MIN (least.own.heap, now.own.heap);
      least.own.descriptors = MIN (least.own.descriptors, now.own.descriptors);
      least.hypervisor.descriptors = MIN (least.hypervisor.descriptors, now.hypervisor.descriptors);
    }
  return least;
}

static void
print_held (guint round, gint64 start, const Held *held)
{
  double seconds = (double)(g_get_monotonic_time () - start) / G_TIME_SPAN_SECOND;

  g_print ("  %8u %8.0f %12.1f %12.1f %12u %12.1f %12u %8u\n", round, seconds, (double)held->own.heap / 1024,
           (double)held->own.resident / 1024, held->own.descriptors, (double)held->hypervisor.resident / 1024,
           held->hypervisor.descriptors, held->links);
}

/* Of resident pages there is no verdict: what a program has freed it may keep. */
static gboolean
judge (const Held *before, const Held *after, guint rounds)
{
  double more = (double)after->own.heap - (double)before->own.heap;
  gboolean flat = after->own.descriptors <= before->own.descriptors
                  && after->hypervisor.descriptors <= before->hypervisor.descriptors && after->links == before->links
                  && more <= MAX (HEAP_LEAK * (double)rounds, HEAP_SLACK);

  g_print ("  heap %+.2f bytes a round, descriptors %+d, QEMU's %+d, links %+d: %s\n", more / rounds,
           (int)after->own.descriptors - (int)before->own.descriptors,
           (int)after->hypervisor.descriptors - (int)before->hypervisor.descriptors,
           (int)after->links - (int)before->links, flat ? "ok" : "MISSED");
  return flat;
}

static gboolean
run_rounds (const Soak *soak, guint rounds)
{
  guint each = MAX (rounds / LINES, 1);
  gint64 start = g_get_monotonic_time ();
  Held before = { 0 };
  Held held = { 0 };

  for (guint i = 0; i < WARM_UP; i++)
    do_round (soak, i);
  g_print ("  %8s %8s %12s %12s %12s %12s %12s %8s\n", "rounds", "seconds", "heap KiB", "RSS KiB", "descriptors",
           "QEMU RSS", "QEMU fds", "links");
  for (guint round = 0; round <= rounds; round++)
    {
      if (round % each == 0 || round == rounds)
        {
          held = take_held (soak);
          print_held (round, start, &held);
        }
      if (round == 0)
        before = held;
      if (round < rounds)
        do_round (soak, round);
    }
  return judge (&before, &held, rounds);
}

gboolean
bench_soak_interfaces (HotplugHost *host, virConnectPtr connect, guint rounds)
{
  const LabMachine machine = { .name = "bench-soak", .root_ports = 4, .bare = TRUE, .boots = TRUE };
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) lab = hotplug_network_attachment_new_for_bridge ("lab", BENCH_BRIDGE, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterface)
      interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", NAME, "attachment", lab, NULL);
  g_assert_no_error (error);
  g_autofree char *machine_xml = lab_machine_xml (&machine);
  g_autofree char *socket = lab_machine_socket (&machine);
  g_autoptr (LabDomain) domain = lab_define (connect, machine_xml);

  lab_create (domain, FALSE);
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
  g_assert_no_error (error);

  const Soak soak = { vmi, interface, count_links (), find_hypervisor (machine.name) };
  gboolean flat = run_rounds (&soak, rounds);
  lab_destroy (domain);
  lab_undefine (domain);
  return flat;
}
