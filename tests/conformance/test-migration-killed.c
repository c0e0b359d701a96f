/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/pair.h"

/* Row M04: whoever dies at whatever moment, one machine runs on, with everything, and the other host has nothing. */

#define KILLS 6 /* or HOTPLUG_TEST_MIGRATION_KILLS=N in the environment; a third each */
#define SCSI_LINK "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_"
#define BANDWIDTH (G_GUINT64_CONSTANT (64) << 20)
#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

typedef enum {
  VICTIM_DESTINATION,
  VICTIM_SOURCE,
  VICTIM_CLIENT,
  N_VICTIMS,
} Victim;

static const char *const victims[] = { "destination", "source", "client" };
static const char *program;
static Pair *pair;
static gint64 duration; /* of one that nobody disturbs */

/* As a process of its own: PROGRAM --client SOURCE DESTINATION */
static int
be_client (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) source = hotplug_host_open (argv[2], NULL, &error);
  g_autoptr (HotplugHost) destination = source != NULL ? hotplug_host_open (argv[3], NULL, &error) : NULL;
  g_autoptr (HotplugVmi) vmi = destination != NULL ? hotplug_host_get_vmi (source, PAIR_MACHINE, NULL, &error) : NULL;

  puts ("ready");
  fflush (stdout);
  if (vmi != NULL && hotplug_vmi_migrate (vmi, destination, HOTPLUG_MIGRATE_NONE, BANDWIDTH, -1, NULL, &error))
    return EXIT_SUCCESS;
  printf ("%s\n", error->message);
  return EXIT_FAILURE;
}

static GSubprocess *
begin_migration (void)
{
  g_autoptr (GError) error = NULL;
  char ready[8];
  gsize got;
  GSubprocess *client = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--client",
                                          lab_daemon_uri (pair->daemons[pair->at]),
                                          lab_daemon_uri (pair->daemons[1 - pair->at]), NULL);

  g_assert_no_error (error);
  g_assert_true (
      g_input_stream_read_all (g_subprocess_get_stdout_pipe (client), ready, strlen ("ready\n"), &got, NULL, NULL));
  g_assert_cmpuint (got, ==, strlen ("ready\n"));
  return client;
}

static void
reconnect (void)
{
  for (guint i = 0; i < 2; i++)
    {
      virConnectClose (pair->connects[i]);
      pair->connects[i] = lab_connect (lab_daemon_uri (pair->daemons[i]));
    }
}

static void
strike (Victim victim, GSubprocess *client)
{
  if (victim == VICTIM_CLIENT)
    {
      g_subprocess_force_exit (client);
      g_subprocess_wait (client, NULL, NULL);
      return;
    }

  LabDaemon *daemon = pair->daemons[victim == VICTIM_SOURCE ? pair->at : 1 - pair->at];
  lab_daemon_kill (daemon);
  lab_daemon_start (daemon);
  g_subprocess_wait (client, NULL, NULL);
  reconnect ();
}

/* Whoever comes next asks whichever host has it, and changes something */
static gboolean
try_to_settle (GError **error)
{
  g_autofree char *image = g_build_filename (pair->images, "after", NULL);
  g_autoptr (HotplugVolume) after = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "after", "path", image,
                                                    "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, NULL);

  if (!pair_find (pair))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "it has gone from there");
      return FALSE;
    }
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (pair->vmi, after, HOTPLUG_PLUG_NONE, NULL, error);
  return status != NULL && hotplug_vmi_remove_volume (pair->vmi, "after", HOTPLUG_PLUG_PERSIST, -1, NULL, error);
}

/* The one moment that libvirt does not hold (docs/migration.md): the destination's daemon dies after it let the
 * guest run and before it has said so, and the source's guest runs too. Both are named, neither is touched, and a
 * person decides. */
static void
be_the_person (guint source, const GError *error)
{
  g_assert_nonnull (strstr (error->message, lab_daemon_uri (pair->daemons[0])));
  g_assert_nonnull (strstr (error->message, lab_daemon_uri (pair->daemons[1])));

  g_autoptr (LabDomain) here = lab_lookup (pair->connects[source], PAIR_MACHINE);
  g_autoptr (LabDomain) there = lab_lookup (pair->connects[1 - source], PAIR_MACHINE);

  g_assert_cmpint (virDomainIsActive (here), ==, 1);
  g_assert_cmpint (virDomainDestroy (there), ==, 0);
}

/* Returns: whether it ran on both */
static gboolean
settle (guint source)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;
  g_autoptr (GError) error = NULL;
  gboolean twice = FALSE;

  while (!try_to_settle (&error))
    {
      if (g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR)
          && strstr (error->message, " runs on ") != NULL)
        {
          be_the_person (source, error);
          twice = TRUE;
        }
      /* libvirt may still be at it; or it was found where it is no more */
      if (!g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY))
        g_test_message ("%s", error->message);
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_clear_error (&error);
      g_usleep (LOOK_INTERVAL);
    }
  return twice;
}

static void
test_undisturbed (void)
{
  g_autoptr (GError) error = NULL;

  pair_begin_writing (pair, SCSI_LINK "kept");
  g_autoptr (GSubprocess) client = begin_migration ();
  gint64 begun = g_get_monotonic_time ();
  g_subprocess_wait_check (client, NULL, &error);
  g_assert_no_error (error);
  duration = g_get_monotonic_time () - begun;
  g_test_message ("undisturbed: %d ms", (int)(duration / 1000));
  g_assert_true (pair_find (pair));
  pair_assert_place (pair);
  pair_end_writing (pair);
}

static void
test_killed (gconstpointer data)
{
  Victim victim = (Victim)GPOINTER_TO_UINT (data);
  const char *wanted = g_getenv ("HOTPLUG_TEST_MIGRATION_KILLS");
  int kills = (wanted != NULL ? atoi (wanted) : KILLS) / N_VICTIMS;

  for (int i = 0; i < kills; i++)
    {
      gint64 delay = g_test_rand_int_range (0, (int)duration);
      g_autofree char *before = pair_picture (pair);
      guint was_at = pair->at;

      pair_begin_writing (pair, SCSI_LINK "kept");
      g_clear_pointer (&pair->guest, lab_guest_free);
      g_autoptr (GSubprocess) client = begin_migration ();
      g_usleep ((gulong)delay);
      strike (victim, client);
      gboolean twice = settle (was_at);
      g_test_message ("%s killed after %d ms: %s", victims[victim], (int)(delay / 1000),
                      twice ? "it ran on both" : pair->at == was_at ? "it stayed" : "it went");

      g_autofree char *after = pair_picture (pair);
      g_assert_cmpstr (after, ==, before);
      pair_assert_place (pair);
      /* two guests have written to the one disk then */
      if (twice)
        pair_stop_writing (pair);
      else
        pair_end_writing (pair);
    }
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 4 && strcmp (argv[1], "--client") == 0)
    return be_client (argv);
  g_test_init (&argc, &argv, NULL);
  if (pair_missing () != NULL)
    {
      lab_skip (pair_missing ());
      return 0;
    }

  pair = pair_new ();
  g_autoptr (HotplugVolume)
      kept = pair_volume (pair, "kept", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, NULL);
  g_autoptr (HotplugVolume)
      fast = pair_volume (pair, "fast", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_VIRTIO, NULL);
  g_free (lab_image_new (pair->images, "after", 1 << 20));
  pair_add (pair, kept, HOTPLUG_PLUG_PERSIST);
  pair_add (pair, fast, HOTPLUG_PLUG_NONE);
  pair_add_interface (pair, "dyniface1", "lab-br0", HOTPLUG_PLUG_PERSIST);
  g_test_add_func ("/conformance/M01/by-a-process", test_undisturbed);
  for (guint i = 0; i < N_VICTIMS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/M04/%s-killed", victims[i]);
      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_killed);
    }
  int status = g_test_run ();
  pair_free (pair);
  return status;
}
