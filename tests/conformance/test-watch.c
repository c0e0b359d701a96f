/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/rig.h"

/* hotplugctl watch beside a real libvirtd: machines that raw libvirt starts get their volumes, also after the daemon
 * was killed, their records follow what others do to their disks, and SIGTERM ends it in good order. */

#define MACHINE "watched"
#define WAIT_SECONDS 60
#define TARGET "sdb" /* of "passing" */

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

  images = lab_dir_new ();
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
  g_clear_pointer (&images, g_free);
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

/* Whoever follows from here on, it is not this process. */
static void
leave (Fixture *fixture)
{
  g_clear_object (&fixture->vmi);
  g_clear_object (&fixture->host);
}

static char *
start_copy (Fixture *fixture, const char *name)
{
  char *path = g_build_filename (images, name, NULL);
  g_autofree char *xml = g_strdup_printf ("<disk type='file'><driver type='raw'/><source file='%s'/></disk>", path);

  g_assert_cmpint (
      virDomainBlockCopy (fixture->domain, TARGET, xml, NULL, 0, VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB), ==, 0);
  return path;
}

/* Until the job has done what it does by itself */
static void
await_job (Fixture *fixture, gboolean pivots)
{
  gint64 until = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;

  for (;;)
    {
      virDomainBlockJobInfo info = { 0 };
      int found = virDomainGetBlockJobInfo (fixture->domain, TARGET, &info, 0);
      gboolean ready = found == 1 && info.end != 0 && info.cur == info.end;

      if (pivots ? ready
                       && virDomainBlockJobAbort (fixture->domain, TARGET, VIR_DOMAIN_BLOCK_JOB_ABORT_PIVOT) == 0
                 : found == 0)
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
}

static char *
snapshot (Fixture *fixture, const char *name)
{
  char *path = g_build_filename (images, name, NULL);
  g_autofree char *xml
      = g_strdup_printf ("<domainsnapshot><disks><disk name='sda' snapshot='no'/><disk name='" TARGET "' "
                         "snapshot='external'><source file='%s'/></disk></disks></domainsnapshot>",
                         path);
  virDomainSnapshotPtr made = virDomainSnapshotCreateXML (
      fixture->domain, xml, VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY | VIR_DOMAIN_SNAPSHOT_CREATE_NO_METADATA);

  g_assert_nonnull (made);
  virDomainSnapshotFree (made);
  return path;
}

/* Until the template, which has no other place for it than its record, has the word, or has it no more */
static void
await_record (Fixture *fixture, const char *word, gboolean there)
{
  gint64 until = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;

  for (;;)
    {
      g_autofree char *template = lab_inactive_xml (fixture->domain);
      const char *records = strstr (template, "<metadata>");
      g_assert_nonnull (records);
      g_autofree char *text = g_strndup (records, (gsize)(strstr (records, "</metadata>") - records));

      if ((strstr (text, word) != NULL) == there)
        return;
      if (g_get_monotonic_time () >= until)
        g_error ("%s is %s in %s", word, there ? "not" : "still", text);
      g_usleep (50 * G_TIME_SPAN_MILLISECOND);
    }
}

static void
await_file (Fixture *fixture, const char *path, gboolean there)
{
  g_autofree char *word = g_strdup_printf ("\"%s\"", path);

  await_record (fixture, word, there);
}

static void
tune (Fixture *fixture, guint64 operations)
{
  virTypedParameter *parameters = NULL;
  int n = 0;
  int size = 0;

  virTypedParamsAddULLong (&parameters, &n, &size, VIR_DOMAIN_BLOCK_IOTUNE_TOTAL_IOPS_SEC, operations);
  g_assert_cmpint (virDomainSetBlockIoTune (fixture->domain, TARGET, parameters, n, VIR_DOMAIN_AFFECT_LIVE), ==, 0);
  virTypedParamsFree (parameters, n);
}

/* Copied, committed in the middle and at the top, and tuned, and then ended by others: it starts as it was. */
static void
move_on (Fixture *fixture)
{
  g_autofree char *copy = start_copy (fixture, "passing.copy");
  await_job (fixture, TRUE);
  await_file (fixture, copy, TRUE);

  g_autofree char *first = snapshot (fixture, "passing.first");
  g_autofree char *second = snapshot (fixture, "passing.second");
  g_assert_cmpint (virDomainBlockCommit (fixture->domain, TARGET, copy, first, 0, 0), ==, 0);
  await_job (fixture, FALSE);
  await_file (fixture, second, TRUE);
  await_file (fixture, first, FALSE);

  g_assert_cmpint (
      virDomainBlockCommit (fixture->domain, TARGET, NULL, NULL, 0, VIR_DOMAIN_BLOCK_COMMIT_ACTIVE), ==, 0);
  await_job (fixture, TRUE);
  await_file (fixture, second, FALSE);
  await_file (fixture, copy, TRUE);

  tune (fixture, 4711);
  await_record (fixture, "4711", TRUE);
}

static void
assert_moved_on (Fixture *fixture)
{
  g_autofree char *live = lab_live_xml (fixture->domain);

  g_assert_true (has_volume (fixture, "passing"));
  g_assert_nonnull (strstr (live, "passing.copy'"));
  g_assert_nonnull (strstr (live, "<total_iops_sec>4711<"));
}

static void
test_watch_follows (Fixture *fixture, gconstpointer data)
{
  leave (fixture);
  lab_create (fixture->domain, TRUE);
  start_watch (fixture);
  await_line (fixture, "watching ");
  move_on (fixture);

  lab_destroy (fixture->domain);
  lab_create (fixture->domain, TRUE);
  await_line (fixture, "volume \"passing\" is back");
  assert_moved_on (fixture);
  end_watch (fixture);
}

/* A program that has the VMI, and does nothing */
static void
test_handle_follows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_start (fixture->vmi, NULL, &error));
  g_assert_no_error (error);
  move_on (fixture);

  lab_destroy (fixture->domain);
  g_assert_true (hotplug_vmi_start (fixture->vmi, NULL, &error));
  g_assert_no_error (error);
  assert_moved_on (fixture);
}

/* The job's end is told by a daemon that nobody listens to yet. */
static void
test_unheard (Fixture *fixture, gconstpointer data)
{
  leave (fixture);
  lab_create (fixture->domain, TRUE);
  start_watch (fixture);
  await_line (fixture, "watching ");
  g_autofree char *copy = start_copy (fixture, "passing.unheard");

  g_subprocess_send_signal (fixture->watch, SIGSTOP);
  close_lab (fixture);
  lab_daemon_kill (daemon_);
  lab_daemon_start (daemon_);
  open_lab (fixture);
  await_job (fixture, TRUE);
  await_job (fixture, FALSE);
  g_subprocess_send_signal (fixture->watch, SIGCONT);
  await_line (fixture, "again");
  await_file (fixture, copy, TRUE);
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
  g_test_add ("/watch/started-by-others", Fixture, NULL, set_up, test_started_by_others, tear_down);
  g_test_add ("/watch/daemon-dies", Fixture, NULL, set_up, test_daemon_dies, tear_down);
  g_test_add ("/watch/missing-source", Fixture, NULL, set_up, test_missing_source, tear_down);
  g_test_add ("/conformance/FD02/watch-follows", Fixture, NULL, set_up, test_watch_follows, tear_down);
  g_test_add ("/conformance/FD02/handle-follows", Fixture, NULL, set_up, test_handle_follows, tear_down);
  g_test_add ("/conformance/FD02/unheard", Fixture, NULL, set_up, test_unheard, tear_down);
  int result = g_test_run ();
  lab_daemon_free (daemon_);
  return result;
}
