/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/rig.h"

/* hotplugctl watch beside a real libvirtd: machines that raw libvirt starts get their volumes, also after the daemon
 * was killed, and SIGTERM ends it in good order. */

#define MACHINE "watched"
#define WAIT_SECONDS 60

static LabDaemon *daemon_;
static char *images;
static const char *hotplugctl;

typedef struct
{
  virConnectPtr connect;
  virDomainPtr domain;
  HotplugHost *host;
  HotplugVmi *vmi;
  GSubprocess *watch;
  GDataInputStream *lines;
} Fixture;

/* Lines until one has that text */
static void
await_line (Fixture *fixture, const char *text)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *line = g_data_input_stream_read_line_utf8 (fixture->lines, NULL, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (line);
      g_test_message ("watch: %s", line);
      if (strstr (line, text) != NULL)
        return;
    }
}

static void
start_watch (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->watch = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, hotplugctl, "-c", lab_daemon_uri (daemon_),
                                     "watch", MACHINE, NULL);
  g_assert_no_error (error);
  fixture->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (fixture->watch));
}

static void
end_watch (Fixture *fixture)
{
  g_subprocess_send_signal (fixture->watch, SIGTERM);
  g_assert_true (g_subprocess_wait (fixture->watch, NULL, NULL));
  g_assert_true (g_subprocess_get_if_exited (fixture->watch));
  g_assert_cmpint (g_subprocess_get_exit_status (fixture->watch), ==, 0);
  g_clear_object (&fixture->lines);
  g_clear_object (&fixture->watch);
}

static void
add (Fixture *fixture, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (images, name, NULL);
  g_autofree char *image = g_file_test (path, G_FILE_TEST_EXISTS) ? g_strdup (path)
                                                                  : lab_image_new (images, name, 1 << 20);
  g_autoptr (HotplugVolume) volume = rig_volume (name, image, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (fixture->vmi, volume, flags, NULL, &error);

  g_assert_no_error (error);
}

static gboolean
has_volume (Fixture *fixture, const char *name)
{
  g_autofree char *live = lab_live_xml (fixture->domain);
  g_autofree char *alias = g_strdup_printf ("<alias name='ua-hpv-%s'/>", name);

  return strstr (live, alias) != NULL;
}

static void
open_lab (Fixture *fixture)
{
  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_lookup (fixture->connect, MACHINE);
}

static void
close_lab (Fixture *fixture)
{
  virDomainFree (fixture->domain);
  virConnectClose (fixture->connect);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const LabMachine machine
      = { .name = MACHINE, .directory = LAB_DAEMON_MACHINES, .root_ports = 4, .scsi = TRUE, .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autoptr (GError) error = NULL;

  fixture->connect = lab_connect (lab_daemon_uri (daemon_));
  fixture->domain = lab_define (fixture->connect, xml);
  lab_create (fixture->domain, TRUE);
  fixture->host = hotplug_host_open (lab_daemon_uri (daemon_), NULL, &error);
  g_assert_no_error (error);
  fixture->vmi = hotplug_host_get_vmi (fixture->host, MACHINE, NULL, &error);
  g_assert_no_error (error);
  add (fixture, "kept", HOTPLUG_PLUG_PERSIST);
  add (fixture, "passing", HOTPLUG_PLUG_NONE);
  lab_destroy (fixture->domain);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->vmi);
  g_clear_object (&fixture->host);
  if (lab_is_active (fixture->domain))
    lab_destroy (fixture->domain);
  lab_undefine (fixture->domain);
  close_lab (fixture);
}

static void
test_started_by_others (Fixture *fixture, gconstpointer data)
{
  start_watch (fixture);
  await_line (fixture, "watching ");
  lab_create (fixture->domain, TRUE);
  await_line (fixture, "VMI \"" MACHINE "\" was started");
  await_line (fixture, "volume \"passing\" is back: target sdb");
  g_assert_true (has_volume (fixture, "passing"));
  g_assert_true (has_volume (fixture, "kept"));
  end_watch (fixture);
}

/* It ran already when the watch began; what somebody takes out meanwhile stays out, also over the daemon's death. */
static void
test_daemon_dies (Fixture *fixture, gconstpointer data)
{
  lab_create (fixture->domain, TRUE);
  g_assert_false (has_volume (fixture, "passing"));
  start_watch (fixture);
  await_line (fixture, "volume \"passing\" is back");
  await_line (fixture, "watching ");
  g_assert_cmpint (virDomainDetachDeviceAlias (fixture->domain, "ua-hpv-passing", VIR_DOMAIN_AFFECT_LIVE), ==, 0);
  g_assert_true (lab_wait_gone (fixture->domain, "ua-hpv-passing", WAIT_SECONDS));

  close_lab (fixture);
  lab_daemon_kill (daemon_);
  await_line (fixture, "connection lost");
  lab_daemon_start (daemon_);
  await_line (fixture, "again");
  open_lab (fixture);
  g_assert_false (has_volume (fixture, "passing"));

  lab_destroy (fixture->domain);
  lab_create (fixture->domain, TRUE);
  await_line (fixture, "volume \"passing\" is back");
  g_assert_true (has_volume (fixture, "passing"));
  end_watch (fixture);
}

/* A start of ours brings them itself: the watch waits for it, and finds nothing to do. One whose source is gone does
 * not keep the other out, and its status says why. */
static void
test_missing_source (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  start_watch (fixture);
  await_line (fixture, "watching ");
  g_assert_true (hotplug_vmi_start (fixture->vmi, NULL, &error));
  g_assert_no_error (error);
  add (fixture, "another", HOTPLUG_PLUG_NONE);
  lab_destroy (fixture->domain);

  g_autofree char *image = g_build_filename (images, "passing", NULL);
  g_assert_cmpint (g_remove (image), ==, 0);
  lab_create (fixture->domain, TRUE);
  await_line (fixture, "volume \"passing\" is not back: ");
  await_line (fixture, "volume \"another\" is back");
  g_assert_true (has_volume (fixture, "another"));
  g_assert_false (has_volume (fixture, "passing"));
  end_watch (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (lab_missing_daemon () != NULL)
    {
      lab_skip (lab_missing_daemon ());
      return 0;
    }

  hotplugctl = g_getenv ("HOTPLUGCTL") != NULL ? g_getenv ("HOTPLUGCTL") : "tools/hotplugctl";
  daemon_ = lab_daemon_new ("watched", FALSE);
  images = lab_dir_new ();
  g_test_add ("/watch/started-by-others", Fixture, NULL, set_up, test_started_by_others, tear_down);
  g_test_add ("/watch/daemon-dies", Fixture, NULL, set_up, test_daemon_dies, tear_down);
  g_test_add ("/watch/missing-source", Fixture, NULL, set_up, test_missing_source, tear_down);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
