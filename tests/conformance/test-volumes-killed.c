/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/libvirt-qemu.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/rig.h"

/* V26: libvirtd is killed at a random moment of an add, again and again; QEMU goes on, with what libvirt had begun in
 * it. The next call of ours must find its way: what is there is there in the machine and in its records, what is not is
 * nowhere, and the volume can be added.
 *
 *   test-volumes-killed [--kills=N] [--seed=S]     or HOTPLUG_TEST_KILLS=N in the environment */

#define DEFAULT_KILLS 100
#define MACHINE "killed"
#define BATCH 3

static LabDaemon *daemon_;
static char *images;
static int kills = DEFAULT_KILLS;
static int seed = 1;

typedef struct
{
  virConnectPtr connect;
  virDomainPtr domain;
  HotplugHost *host;
  HotplugVmi *vmi;
  gint64 pace; /* how long an add takes, in microseconds */
} Machine;

typedef struct
{
  guint done;
  guint nowhere;
  guint leftovers;
} Tally;

static char *
ask_qemu (Machine *machine, const char *command)
{
  char *reply = NULL;

  g_assert_cmpint (virDomainQemuMonitorCommand (machine->domain, command, &reply, 0), ==, 0);
  return reply;
}

/* The different values of KEY in QEMU's answer that begin with PREFIX */
static guint
count_values (Machine *machine, const char *command, const char *key, const char *prefix)
{
  g_autofree char *reply = ask_qemu (machine, command);
  g_autofree char *start = g_strdup_printf ("\"%s\":\"%s", key, prefix);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (const char *at = reply; (at = strstr (at, start)) != NULL; at++)
    g_hash_table_add (seen, g_strndup (at, strcspn (at + strlen (start), "\"") + strlen (start)));
  return g_hash_table_size (seen);
}

static guint
count_devices (Machine *machine)
{
  return count_values (machine, "{\"execute\":\"qom-list\",\"arguments\":{\"path\":\"/machine/peripheral\"}}", "name",
                       "ua-hp");
}

static guint
count_nodes (Machine *machine)
{
  return count_values (machine, "{\"execute\":\"query-named-block-nodes\"}", "node-name", "libvirt-");
}

static guint
count_text (const char *text, const char *what)
{
  guint count = 0;

  for (const char *at = text; (at = strstr (at, what)) != NULL; at++)
    count++;
  return count;
}

/* Of the first volume: libvirt 9.0 makes two of a raw image, 11.3 one. */
static guint nodes_each;

/* Machine, records and QEMU have so many volumes of ours, and QEMU has the nodes of each and no other */
static void
assert_volumes (Machine *machine, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (machine->vmi, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *live = lab_live_xml (machine->domain);
  g_autofree char *template = lab_inactive_xml (machine->domain);

  g_assert_cmpuint (statuses->len, ==, count);
  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
      g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
    }
  g_assert_cmpuint (count_text (live, "<alias name='ua-hpv-"), ==, count);
  g_assert_cmpuint (count_text (template, "<alias name='ua-hpv-") + count_text (template, "<hotplug:volume "), ==,
                    count);
  g_assert_cmpuint (count_devices (machine), ==, count);
  g_assert_cmpuint (count_nodes (machine), ==, nodes_each * count);
}

static HotplugVolume *
new_volume (const char *name)
{
  g_autofree char *path = g_build_filename (images, name, NULL);
  g_autofree char *image = g_file_test (path, G_FILE_TEST_EXISTS) ? g_strdup (path)
                                                                  : lab_image_new (images, name, 1 << 20);

  return rig_volume (name, image, HOTPLUG_BUS_SCSI);
}

static GPtrArray *
new_batch (guint size)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < size; i++)
    {
      g_autofree char *name = g_strdup_printf ("volume-%u", i);
      g_ptr_array_add (batch, new_volume (name));
    }
  return batch;
}

static gboolean
add_batch (Machine *machine, GPtrArray *batch, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (machine->vmi, batch, flags, NULL, error);

  return statuses != NULL;
}

static void
remove_batch (Machine *machine, GPtrArray *batch)
{
  g_autoptr (GError) error = NULL;
  const char *names[BATCH + 1] = { NULL };

  for (guint i = 0; i < batch->len; i++)
    names[i] = hotplug_volume_get_name (g_ptr_array_index (batch, i));
  hotplug_vmi_remove_volumes (machine->vmi, names, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
open_lab (Machine *machine)
{
  machine->connect = lab_connect (lab_daemon_uri (daemon_));
  machine->domain = lab_lookup (machine->connect, MACHINE);
}

static void
close_lab (Machine *machine)
{
  virDomainFree (machine->domain);
  virConnectClose (machine->connect);
}

typedef struct
{
  gint64 delay;
  gint begun;
} Killer;

static gpointer
run_killer (gpointer data)
{
  Killer *killer = data;

  while (!g_atomic_int_get (&killer->begun))
    g_thread_yield ();
  g_usleep ((gulong) killer->delay);
  lab_daemon_kill (daemon_);
  lab_daemon_start (daemon_);
  return NULL;
}

/* Whether the call itself returned TRUE */
static gboolean
add_while_killed (Machine *machine, GPtrArray *batch, HotplugPlugFlags flags, gint64 delay)
{
  Killer killer = { .delay = delay };
  GThread *thread = g_thread_new ("killer", run_killer, &killer);
  g_autoptr (GError) error = NULL;

  close_lab (machine);
  g_atomic_int_set (&killer.begun, 1);
  gboolean added = add_batch (machine, batch, flags, &error);
  if (!added)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_thread_join (thread);
  open_lab (machine);
  return added;
}

/* The other volume is tried first in every other round: it stumbles over what was not its own */
static void
one_kill (Machine *machine, guint round, GRand *random, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) batch = new_batch (round % 3 == 2 ? BATCH : 1);
  HotplugPlugFlags flags = round % 2 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  gint64 delay = (gint64) (g_rand_double (random) * (double) machine->pace * (batch->len > 1 ? 2.0 : 1.0));
  gboolean added = add_while_killed (machine, batch, flags, delay);
  g_autofree char *live = lab_live_xml (machine->domain);
  guint known = count_text (live, "<alias name='ua-hpv-");

  g_test_message ("round %u: %u volumes, after %" G_GINT64_FORMAT " us: %s; %u known, %u devices, %u nodes", round,
                  batch->len, delay, added ? "added" : "not seen", known, count_devices (machine),
                  count_nodes (machine));
  tally->leftovers += count_nodes (machine) != 2 * known;
  if (round % 4 == 1)
    {
      g_autoptr (HotplugVolume) other = new_volume ("other");
      g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (machine->vmi, other, flags, NULL, &error);
      g_assert_no_error (error);
      g_assert_true (hotplug_vmi_remove_volume (machine->vmi, "other", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
      g_assert_no_error (error);
    }

  gboolean there = !add_batch (machine, batch, flags, &error);
  if (there)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  else
    g_assert_false (added);
  tally->done += there;
  tally->nowhere += !there;
  assert_volumes (machine, 1 + batch->len);
  remove_batch (machine, batch);
  assert_volumes (machine, 1);
}

static void
open_machine (Machine *machine)
{
  const LabMachine description
      = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .scsi = TRUE, .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&description);
  g_autoptr (GError) error = NULL;

  machine->connect = lab_connect (lab_daemon_uri (daemon_));
  machine->domain = lab_define (machine->connect, xml);
  lab_create (machine->domain, TRUE);
  machine->host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  machine->vmi = hotplug_host_get_vmi (machine->host, MACHINE, NULL, &error);
  g_assert_no_error (error);
}

static void
measure_pace (Machine *machine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) batch = new_batch (1);

  for (guint i = 0; i < 5; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_assert_true (add_batch (machine, batch, HOTPLUG_PLUG_PERSIST, &error));
      g_assert_no_error (error);
      gint64 took = g_get_monotonic_time () - start;
      machine->pace = i == 0 ? took : MIN (machine->pace, took);
      remove_batch (machine, batch);
    }
}

static void
test_kills (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) seed);
  g_autoptr (GError) error = NULL;
  Machine machine = { 0 };
  Tally tally = { 0 };

  open_machine (&machine);
  g_autoptr (HotplugVolume) untouched = new_volume ("untouched");
  g_autoptr (HotplugVolumeStatus) status
      = hotplug_vmi_add_volume (machine.vmi, untouched, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  nodes_each = count_nodes (&machine);
  g_assert_cmpuint (nodes_each, >=, 1);
  measure_pace (&machine);
  assert_volumes (&machine, 1);

  for (int i = 0; i < kills; i++)
    one_kill (&machine, (guint) i, random, &tally);
  g_print (
      "# %d kills of libvirtd (seed %d): %u adds were done, %u were not; %u left in QEMU what libvirt did not know\n",
      kills, seed, tally.done, tally.nowhere, tally.leftovers);
  g_assert_cmpuint (tally.done + tally.nowhere, ==, (guint) kills);

  lab_destroy (machine.domain);
  lab_undefine (machine.domain);
  g_object_unref (machine.vmi);
  g_object_unref (machine.host);
  close_lab (&machine);
}

static gboolean
read_arguments (int *argc, char ***argv)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_KILLS");
  const GOptionEntry entries[] = {
    { "kills", 0, 0, G_OPTION_ARG_INT, &kills, "How often", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Which moments", "S" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  if (wanted != NULL)
    kills = atoi (wanted);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  if (!g_option_context_parse (context, argc, argv, &error))
    g_printerr ("%s\n", error->message);
  return error == NULL;
}

int
main (int argc, char **argv)
{
  if (!read_arguments (&argc, &argv))
    return EXIT_FAILURE;
  g_test_init (&argc, &argv, NULL);
  if (lab_missing_daemon () != NULL)
    {
      lab_skip (lab_missing_daemon ());
      return 0;
    }

  daemon_ = lab_daemon_new ("killed", FALSE);
  images = lab_dir_new ();
  g_test_add_func ("/conformance/V26/kills", test_kills);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
