/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/rig.h"

/* A real libvirtd: many clients at once, a daemon that dies, and a client that takes it for a host far away. */

#define N_PROCESSES 20
#define N_THREADS 8

static LabDaemon *daemon_;
static char *program;
static char *images;

typedef struct
{
  virConnectPtr connect;
  virDomainPtr domain;
  HotplugHost *host;
  HotplugVmi *vmi;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer uri_of)
{
  const LabMachine machine = {
    .name = "crowded", .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .scsi = TRUE, .bare = TRUE
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *xml = lab_machine_xml (&machine);
  const char *(*get_uri) (LabDaemon *) = (const char *(*) (LabDaemon *) ) uri_of;

  fixture->host = hotplug_host_open (get_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_define (fixture->connect, xml);
  lab_create (fixture->domain, TRUE);
  fixture->vmi = hotplug_host_get_vmi (fixture->host, machine.name, NULL, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer uri_of)
{
  g_clear_object (&fixture->vmi);
  g_clear_object (&fixture->host);
  if (lab_is_active (fixture->domain))
    lab_destroy (fixture->domain);
  lab_undefine (fixture->domain);
  virDomainFree (fixture->domain);
  virConnectClose (fixture->connect);
}

static HotplugVolumeStatus *
add (HotplugVmi *vmi, const char *name, HotplugPlugFlags flags, GError **error)
{
  g_autofree char *path = g_build_filename (images, name, NULL);
  g_autofree char *image = g_file_test (path, G_FILE_TEST_EXISTS) ? g_strdup (path)
                                                                  : lab_image_new (images, name, 1 << 20);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path (name, image, error);

  return volume != NULL ? hotplug_vmi_add_volume (vmi, volume, flags, NULL, error) : NULL;
}

/* The program as a client of its own: PROGRAM --add URI VMI IMAGE persist|- */
static int
be_client (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (argv[2], NULL, &error);
  g_autoptr (HotplugVmi) vmi = host != NULL ? hotplug_host_get_vmi (host, argv[3], NULL, &error) : NULL;
  g_autofree char *name = g_path_get_basename (argv[4]);
  g_autoptr (HotplugVolume) volume = vmi != NULL ? hotplug_volume_new_for_path (name, argv[4], &error) : NULL;
  HotplugPlugFlags flags = strcmp (argv[5], "persist") == 0 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  g_autoptr (HotplugVolumeStatus) status
      = volume != NULL ? hotplug_vmi_add_volume (vmi, volume, flags, NULL, &error) : NULL;

  if (status == NULL)
    fprintf (stderr, "%s\n", error->message);
  return status != NULL ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Each volume has a target, an address and a record of its own */
static void
assert_all_different (HotplugVmi *vmi, guint count)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = hotplug_vmi_list_volume_statuses (vmi, NULL, &error);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_no_error (error);
  g_assert_cmpuint (statuses->len, ==, count);
  for (guint i = 0; i < statuses->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, i);
      g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_READY);
      g_assert_true (g_hash_table_add (seen, (gpointer) hotplug_volume_status_get_target (status)));
      g_assert_true (g_hash_table_add (seen, (gpointer) hotplug_volume_status_get_address (status)));
      g_assert_true (g_hash_table_add (seen, (gpointer) hotplug_volume_status_get_serial (status)));
    }
}

static void
test_processes (Fixture *fixture, gconstpointer uri_of)
{
  const char *(*get_uri) (LabDaemon *) = (const char *(*) (LabDaemon *) ) uri_of;
  GSubprocess *clients[N_PROCESSES];

  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strdup_printf ("process-%s-%u", get_uri == lab_daemon_uri ? "local" : "remote", i);
      g_autofree char *image = lab_image_new (images, name, 1 << 20);
      clients[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, program, "--add", get_uri (daemon_), "crowded",
                                     image, i % 2 ? "persist" : "-", NULL);
      g_assert_no_error (error);
    }
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      g_assert_true (g_subprocess_wait_check (clients[i], NULL, NULL));
      g_object_unref (clients[i]);
    }

  assert_all_different (fixture->vmi, N_PROCESSES);
  g_autofree char *inactive = lab_inactive_xml (fixture->domain);
  guint configured = 0;
  guint recorded = 0;
  for (const char *at = inactive; (at = strstr (at, "<alias name='ua-hpv-")) != NULL; at++)
    configured++;
  for (const char *at = inactive; (at = strstr (at, "<hotplug:volume ")) != NULL; at++)
    recorded++;
  g_assert_cmpuint (configured, ==, N_PROCESSES / 2);
  g_assert_cmpuint (recorded, ==, N_PROCESSES / 2);
}

typedef struct
{
  HotplugVmi *vmi;
  guint number;
} Worker;

static gpointer
work (gpointer data)
{
  Worker *worker = data;

  for (guint round = 0; round < 6; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *name = g_strdup_printf ("thread-%u-%u", worker->number, round % 3);
      g_autoptr (HotplugVolumeStatus) status
          = add (worker->vmi, name, round % 2 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE, &error);
      g_assert_no_error (error);
      if (round < 3)
        {
          g_assert_true (hotplug_vmi_remove_volume (worker->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
          g_assert_no_error (error);
        }
    }
  return NULL;
}

static void
test_threads (Fixture *fixture, gconstpointer uri_of)
{
  Worker workers[N_THREADS];
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    {
      workers[i] = (Worker){ fixture->vmi, i };
      threads[i] = g_thread_new ("worker", work, &workers[i]);
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_all_different (fixture->vmi, 3 * N_THREADS);
}

static void
on_lost (HotplugHost *host, const char *message, gboolean *lost)
{
  *lost = TRUE;
}

static void
test_daemon_dies (Fixture *fixture, gconstpointer uri_of)
{
  g_autoptr (GError) error = NULL;
  gboolean lost = FALSE;

  g_signal_connect (fixture->host, "connection-lost", G_CALLBACK (on_lost), &lost);
  g_autoptr (HotplugVolumeStatus) before = add (fixture->vmi, "before", HOTPLUG_PLUG_PERSIST, &error);
  g_assert_no_error (error);

  lab_daemon_kill (daemon_);
  for (guint i = 0; i < 500 && !lost; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10 * 1000);
    }
  g_assert_true (lost);
  g_assert_false (hotplug_host_is_connected (fixture->host));
  g_assert_null (add (fixture->vmi, "meanwhile", HOTPLUG_PLUG_PERSIST, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_clear_error (&error);

  lab_daemon_start (daemon_);
  g_autoptr (HotplugVolumeStatus) after = add (fixture->vmi, "after", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
  g_assert_true (hotplug_host_is_connected (fixture->host));
  assert_all_different (fixture->vmi, 2);

  /* events are heard again: without them the wait would look at the machine after a second */
  gint64 start = g_get_monotonic_time ();
  g_assert_true (hotplug_vmi_remove_volume (fixture->vmi, "before", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_test_message ("removed in %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - start) / 1000);

  /* the lab's own connection died with the daemon */
  virDomainFree (fixture->domain);
  virConnectClose (fixture->connect);
  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_lookup (fixture->connect, "crowded");
}

/* The daemon dies before the guest lets go: the event goes to nobody, and the record follows all the same. */
static void
test_daemon_misses_removal (Fixture *fixture, gconstpointer uri_of)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *image = lab_image_new (images, "unheard", 1 << 20);
  g_autoptr (HotplugVolume) volume = rig_volume ("unheard", image, HOTPLUG_BUS_VIRTIO);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (fixture->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);

  g_assert_false (hotplug_vmi_remove_volume (fixture->vmi, "unheard", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  lab_daemon_kill (daemon_);
  lab_daemon_start (daemon_);
  virDomainFree (fixture->domain);
  virConnectClose (fixture->connect);
  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_lookup (fixture->connect, "crowded");
  lab_reset (fixture->domain);
  g_assert_true (lab_wait_gone (fixture->domain, "ua-hpv-unheard", 30));

  g_autoptr (HotplugVolumeStatus) next = add (fixture->vmi, "next", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
  assert_all_different (fixture->vmi, 1);
  g_autofree char *metadata = lab_metadata (fixture->domain, "urn:libhotplug:1", FALSE);
  g_assert_null (strstr (metadata, "unheard"));
}

/* Over a remote connection the journal stands in the live metadata while an operation is under way, and no longer. */
static void
test_remote (Fixture *fixture, gconstpointer uri_of)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *template = lab_inactive_xml (fixture->domain);
  g_autoptr (HotplugVolumeStatus) status = add (fixture->vmi, "far-away", HOTPLUG_PLUG_PERSIST, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, "sda");
  g_assert_null (lab_metadata (fixture->domain, "urn:libhotplug:1", TRUE));

  /* there is no look at the file from here: the attach itself is the check */
  g_autoptr (HotplugVolume) missing = rig_volume ("missing", "/there/is/none", HOTPLUG_BUS_SCSI);
  g_assert_null (hotplug_vmi_add_volume (fixture->vmi, missing, HOTPLUG_PLUG_PERSIST, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
  g_clear_error (&error);

  g_assert_true (hotplug_vmi_remove_volume (fixture->vmi, "far-away", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (lab_metadata (fixture->domain, "urn:libhotplug:1", TRUE));
  g_autofree char *after = lab_inactive_xml (fixture->domain);
  g_assert_cmpstr (template, ==, after);
}

static void
add_test (const char *path, const char *(*get_uri) (LabDaemon *), void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, get_uri, set_up, test, tear_down);
}

/* By its socket and by TCP it is one host, with one lock for the machine. */
static void
test_one_lock (Fixture *fixture, gconstpointer uri_of)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) far = hotplug_host_open (lab_daemon_tcp_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVmi) same = hotplug_host_get_vmi (far, hotplug_vmi_get_name (fixture->vmi), NULL, &error);
  g_assert_no_error (error);
  g_autofree char *hostname = virConnectGetHostname (fixture->connect);
  g_autofree char *runtime = g_dir_make_tmp ("hotplug-run-XXXXXX", NULL);
  g_autofree char *locks = g_build_filename (runtime, hostname, NULL);
  g_autofree char *lock = g_build_filename (locks, hotplug_vmi_get_uuid (same), NULL);

  g_setenv ("HOTPLUG_RUNTIME_DIR", runtime, TRUE);
  g_autoptr (HotplugVolumeStatus) near = add (fixture->vmi, "near", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_unlink (lock), ==, 0);
  g_autoptr (HotplugVolumeStatus) by_tcp = add (same, "by-tcp", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
  g_unsetenv ("HOTPLUG_RUNTIME_DIR");
  g_assert_cmpint (g_unlink (lock), ==, 0);
  g_assert_cmpint (g_rmdir (locks), ==, 0);
  g_assert_cmpint (g_rmdir (runtime), ==, 0);
}

int
main (int argc, char **argv)
{
  if (argc == 6 && strcmp (argv[1], "--add") == 0)
    return be_client (argv);

  g_test_init (&argc, &argv, NULL);
  program = argv[0];

  if (lab_missing_daemon () != NULL)
    {
      lab_skip (lab_missing_daemon ());
      return 0;
    }

  daemon_ = lab_daemon_new ("crowd", TRUE);
  images = lab_dir_new ();
  add_test ("/conformance/V25/processes/local", lab_daemon_uri, test_processes);
  add_test ("/conformance/V25/processes/remote", lab_daemon_tcp_uri, test_processes);
  add_test ("/conformance/V25/threads", lab_daemon_uri, test_threads);
  add_test ("/conformance/V26/between", lab_daemon_uri, test_daemon_dies);
  add_test ("/conformance/V26/missed-removal", lab_daemon_uri, test_daemon_misses_removal);
  add_test ("/conformance/FM02/one-lock", lab_daemon_uri, test_one_lock);
  add_test ("/volumes/remote", lab_daemon_tcp_uri, test_remote);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
