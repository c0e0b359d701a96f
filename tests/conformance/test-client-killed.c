/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/rig.h"

/* A client process is killed at a random moment of what it does to a real machine. The next one finds each volume
 * wholly there or wholly away, all of a batch alike, and the others as they were.
 *
 *   test-client-killed [--kills=N] [--seed=S]     or HOTPLUG_TEST_KILLS=N in the environment */

#define DEFAULT_KILLS 300
#define MACHINE "mended"
#define PACE_MAX (4 * G_TIME_SPAN_SECOND)
#define BATCH 3
#define WAIT_USEC (30 * G_USEC_PER_SEC)

static LabDaemon *daemon_;
static char *images;
static char *program;
static int kills = DEFAULT_KILLS;
static int seed = 1;
static virConnectPtr connect_;
static virDomainPtr domain;
static HotplugHost *host;

typedef enum { ADD, REMOVE, START, N_DEEDS } Deed;

typedef struct
{
  guint done;
  guint undone;
} Tally;

static HotplugVolume *
new_volume (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return rig_volume (name, path, HOTPLUG_BUS_SCSI);
}

static gboolean
deed_in (HotplugVmi *vmi, Deed deed, const char *directory, guint count, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) batch = g_ptr_array_new_with_free_func (g_object_unref);
  const char *names[BATCH + 1] = { NULL };

  if (deed == START)
    return hotplug_vmi_start (vmi, NULL, error);
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("volume-%u", i);
      g_ptr_array_add (batch, new_volume (directory, name));
      names[i] = hotplug_volume_get_name (batch->pdata[i]);
    }
  if (deed == REMOVE)
    return hotplug_vmi_remove_volumes (vmi, names, HOTPLUG_PLUG_PERSIST, -1, NULL, error);

  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (vmi, batch, flags, NULL, error);
  return statuses != NULL;
}

/* The program as a client of its own: PROGRAM --client URI DEED DIRECTORY COUNT FLAGS */
static int
be_client (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) own = hotplug_host_open (argv[2], NULL, &error);
  g_autoptr (HotplugVmi) vmi = own != NULL ? hotplug_host_get_vmi (own, MACHINE, NULL, &error) : NULL;

  puts ("ready");
  fflush (stdout);
  if (vmi != NULL && deed_in (vmi, atoi (argv[3]), argv[4], atoi (argv[5]), atoi (argv[6]), &error))
    return EXIT_SUCCESS;
  fprintf (stderr, "%s\n", error->message);
  return EXIT_FAILURE;
}

static HotplugVmi *
get_vmi (void)
{
  g_autoptr (GError) error = NULL;
  HotplugVmi *vmi = hotplug_host_get_vmi (host, MACHINE, NULL, &error);

  g_assert_no_error (error);
  return vmi;
}

static void
must (HotplugVmi *vmi, Deed deed, guint count, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  gboolean done = deed_in (vmi, deed, images, count, flags, &error);

  g_assert_no_error (error);
  g_assert_true (done);
}

static void
kill_client (Deed deed, guint count, HotplugPlugFlags flags, gint64 delay)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *deed_text = g_strdup_printf ("%d", (int)deed);
  g_autofree char *count_text = g_strdup_printf ("%u", count);
  g_autofree char *flags_text = g_strdup_printf ("%d", (int)flags);
  g_autoptr (GSubprocess)
      client = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--client", lab_daemon_uri (daemon_),
                                 deed_text, images, count_text, flags_text, NULL);
  g_assert_no_error (error);

  char ready[8];
  gsize got;
  g_assert_true (
      g_input_stream_read_all (g_subprocess_get_stdout_pipe (client), ready, strlen ("ready\n"), &got, NULL, NULL));
  g_assert_cmpuint (got, ==, strlen ("ready\n"));
  g_usleep ((gulong)delay);
  g_subprocess_force_exit (client);
  g_subprocess_wait (client, NULL, NULL);
}

static gboolean
has (const char *text, const char *before, const char *name, const char *after)
{
  g_autofree char *what = g_strconcat (before, name, after, NULL);

  return text != NULL && strstr (text, what) != NULL;
}

/* Whether a volume is there: live, and in exactly one of template and records; or nowhere */
static gboolean
is_there (const char *live, const char *template, const char *name)
{
  gboolean plugged = has (live, "<alias name='ua-hpv-", name, "'");
  gboolean configured = has (template, "<alias name='ua-hpv-", name, "'");
  gboolean recorded = has (template, "<hotplug:volume name=\"", name, "\" state=\"attached\"");

  g_assert_false (configured && recorded);
  if (live != NULL)
    g_assert_cmpint (plugged, ==, configured || recorded);
  return configured || recorded;
}

/* A guest may still be asked, and a daemon at a start that its client does not wait for any more */
static gboolean
is_waiting (HotplugVolumeStatus *status)
{
  HotplugVolumePhase phase = hotplug_volume_status_get_phase (status);

  return phase == HOTPLUG_VOLUME_PHASE_DETACHING || (phase == HOTPLUG_VOLUME_PHASE_PENDING && lab_is_active (domain));
}

/* Waits for what is still to come, as who opens the machine sees it. How many of the first volumes are there */
static guint
count_mended (guint count)
{
  gint64 until = g_get_monotonic_time () + WAIT_USEC;

  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVmi) opened = get_vmi ();
      g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (opened, NULL, &error);
      HotplugVolumeStatus *waiting = NULL;

      g_assert_no_error (error);
      for (guint i = 0; i < statuses->len && waiting == NULL; i++)
        waiting = is_waiting (statuses->pdata[i]) ? statuses->pdata[i] : NULL;
      if (waiting == NULL)
        break;
      if (g_get_monotonic_time () >= until)
        {
          g_autofree char *live = lab_live_xml (domain);
          g_autofree char *template = lab_inactive_xml (domain);
          g_error ("volume \"%s\" waits for ever (%s): %s\n%s", hotplug_volume_status_get_name (waiting),
                   hotplug_volume_status_get_message (waiting), live, template);
        }
      g_usleep (10 * 1000);
    }

  g_autofree char *live = lab_is_active (domain) ? lab_live_xml (domain) : NULL;
  g_autofree char *template = lab_inactive_xml (domain);
  guint there = 0;

  g_assert_true (is_there (live, template, "untouched"));
  for (guint i = 0; i < BATCH; i++)
    {
      g_autofree char *name = g_strdup_printf ("volume-%u", i);
      gboolean found = is_there (live, template, name);
      g_assert_false (found && i >= count);
      there += found;
    }
  return there;
}

static void
one_kill (guint round, GRand *random, const gint64 *pace, Tally *tally)
{
  Deed deed = (Deed)(round % N_DEEDS);
  guint count = round / N_DEEDS % 2 ? BATCH : 1;
  HotplugPlugFlags flags = round / N_DEEDS / 2 % 2 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  g_autoptr (HotplugVmi) before = get_vmi ();

  if (deed != ADD)
    must (before, ADD, count, flags);
  if (deed == START)
    lab_destroy (domain);
  kill_client (deed, count, flags, (gint64)(g_rand_double (random) * 1.2 * (double)pace[deed]));

  g_autoptr (HotplugVmi) vmi = get_vmi ();
  guint there = count_mended (count);
  g_test_message ("round %u: deed %d, %u volumes: %u there", round, (int)deed, count, there);
  g_assert_true (there == 0 || there == count);
  if (deed == START)
    g_assert_cmpuint (there, ==, count);
  if (deed == START && !lab_is_active (domain))
    must (vmi, START, 0, HOTPLUG_PLUG_NONE);
  *(deed == REMOVE ? (there ? &tally->undone : &tally->done) : (there ? &tally->done : &tally->undone)) += 1;
  if (there > 0)
    must (vmi, REMOVE, count, HOTPLUG_PLUG_NONE);
  g_assert_cmpuint (count_mended (0), ==, 0);
}

static void
measure (HotplugVmi *vmi, gint64 *pace)
{
  const Deed deeds[] = { ADD, START, REMOVE };

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      if (deeds[i] == START)
        lab_destroy (domain);
      gint64 start = g_get_monotonic_time ();
      must (vmi, deeds[i], BATCH, HOTPLUG_PLUG_NONE);
      /* not a busy moment's, which would make each round as long */
      pace[deeds[i]] = MIN (g_get_monotonic_time () - start, PACE_MAX);
    }
}

static void
test_kills (void)
{
  const LabMachine machine
      = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .scsi = TRUE, .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)seed);
  g_autoptr (GError) error = NULL;
  gint64 pace[N_DEEDS];
  Tally tally = { 0 };

  connect_ = lab_connect (lab_daemon_uri (daemon_));
  domain = lab_define (connect_, xml);
  lab_create (domain, TRUE);
  host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVmi) vmi = get_vmi ();
  g_autoptr (HotplugVolume) untouched = new_volume (images, "untouched");
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (vmi, untouched, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);

  measure (vmi, pace);
  for (int i = 0; i < kills; i++)
    one_kill ((guint)i, random, pace, &tally);
  g_print ("# %d kills of a client (seed %d): %u deeds stand, %u were taken back\n", kills, seed, tally.done,
           tally.undone);
  g_assert_cmpuint (tally.done + tally.undone, ==, (guint)kills);

  g_clear_object (&host);
  lab_destroy (domain);
  lab_undefine (domain);
  virDomainFree (domain);
  virConnectClose (connect_);
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

  if (wanted != NULL)
    kills = atoi (wanted);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  return g_option_context_parse (context, argc, argv, NULL);
}

int
main (int argc, char **argv)
{
  if (argc == 7 && strcmp (argv[1], "--client") == 0)
    return be_client (argv);
  if (!read_arguments (&argc, &argv))
    return EXIT_FAILURE;
  g_test_init (&argc, &argv, NULL);
  program = argv[0];
  if (lab_missing_daemon () != NULL)
    {
      lab_skip (lab_missing_daemon ());
      return 0;
    }

  daemon_ = lab_daemon_new ("mended", FALSE);
  images = lab_dir_new ();
  for (guint i = 0; i < BATCH + 1; i++)
    {
      g_autofree char *name = i < BATCH ? g_strdup_printf ("volume-%u", i) : g_strdup ("untouched");
      g_free (lab_image_new (images, name, 1 << 20));
    }
  g_test_add_func ("/conformance/V27/client-killed", test_kills);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
