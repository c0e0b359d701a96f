/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conformance/rig.h"

static const LabMachine machine = { .name = "vmi-host", .root_ports = 3, .scsi = TRUE, .bare = TRUE };

static Rig *rig;
static char *program;

static void
assert_refused (const char *uri, HotplugError code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  g_assert_null (host);
  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_nonnull (strstr (error->message, mentions));
  g_assert_null (strchr (error->message, '\n'));
}

static void
test_embed_refused (void)
{
  g_autofree char *long_name = g_strnfill (90, 'x');
  g_autofree char *long_uri = g_strconcat ("qemu:///embed?root=/tmp/", long_name, NULL);
  g_autofree char *other = lab_root_new ();
  g_autofree char *second = g_strconcat ("qemu:///embed?root=", other, NULL);

  assert_refused ("qemu:///embed", HOTPLUG_ERROR_INVALID_ARGUMENT, "root");
  assert_refused ("qemu:///embed?root=here", HOTPLUG_ERROR_INVALID_ARGUMENT, "root");
  assert_refused (long_uri, HOTPLUG_ERROR_INVALID_ARGUMENT, "95 characters");
  assert_refused (second, HOTPLUG_ERROR_BUSY, lab_embed_root ());
  assert_refused ("nonsense:///here", HOTPLUG_ERROR_CONNECTION, "nonsense");
  assert_refused ("qemu+unix:///system?socket=/nonexistent", HOTPLUG_ERROR_CONNECTION, "nonexistent");
}

/* A root with a slash behind it is the same root, though not to libvirt. */
static void
test_embed_same (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = g_strconcat (lab_embed_uri (), "/", NULL);
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_host_get_uri (host), ==, lab_embed_uri ());
  g_assert_true (hotplug_host_is_connected (host));
}

/* In a process of its own, which has a root of its own: PROGRAM --open ROOT [hold] */
static int
open_root (char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *uri = g_strconcat ("qemu:///embed?root=", argv[2], NULL);
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);

  if (host == NULL)
    {
      printf ("%d %s\n", error->code, error->message);
      return EXIT_FAILURE;
    }
  puts ("open");
  fflush (stdout);
  if (argv[3] != NULL)
    getchar ();
  return EXIT_SUCCESS;
}

static void
test_embed_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *parent = lab_root_new ();
  g_autofree char *root = g_build_filename (parent, "new", NULL);
  g_autofree char *conf = g_build_filename (root, "etc", "qemu.conf", NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GSubprocess) opener
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, program, "--open", root, NULL);
  struct stat st;

  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (opener, NULL, NULL));
  g_assert_cmpint (stat (root, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 07777, ==, 0700);
  g_assert_true (g_file_get_contents (conf, &contents, NULL, NULL));
  g_assert_nonnull (strstr (contents, "stdio_handler = \"file\""));
}

static void
test_embed_held (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *root = lab_root_new ();
  g_autofree char *said = NULL;
  g_autoptr (GSubprocess) holder = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                                     &error, program, "--open", root, "hold", NULL);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (holder));
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
  g_assert_cmpstr (line, ==, "open");

  g_autoptr (GSubprocess) second
      = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "--open", root, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (second, NULL, NULL, &said, NULL, NULL));
  g_assert_cmpint (g_subprocess_get_exit_status (second), ==, EXIT_FAILURE);
  g_assert_cmpint (atoi (said), ==, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (said, root));
  g_assert_nonnull (strstr (said, g_subprocess_get_identifier (holder)));
  g_output_stream_close (g_subprocess_get_stdin_pipe (holder), NULL, NULL);
  g_assert_true (g_subprocess_wait_check (holder, NULL, NULL));
}

static void
test_vmis (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) by_uuid = hotplug_host_get_vmi (rig->host, hotplug_vmi_get_uuid (rig->vmi), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_vmi_get_name (by_uuid), ==, "vmi-host");
  g_assert_true (hotplug_vmi_get_host (by_uuid) == rig->host);

  g_autoptr (GPtrArray) all = hotplug_host_list_vmis (rig->host, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 1);
  g_assert_cmpstr (hotplug_vmi_get_uuid (g_ptr_array_index (all, 0)), ==, hotplug_vmi_get_uuid (rig->vmi));

  g_assert_null (hotplug_host_get_vmi (rig->host, "nobody", NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "nobody"));
}

/* Names that mean something to printf, XML and terminals: libvirt's message has them, and so has ours, on one line */
static void
test_odd_names (void)
{
  const struct
  {
    const char *name, *shown;
  } names[] = {
    { "%s%n%s", "%s%n%s" }, { "<a>&\"'", "<a>&\"'" },       { "]]>", "]]>" },
    { "a\nb", "a b" },      { "\033[1ma", " [1ma" },        { "caf\xc3\xa9", "caf\xc3\xa9" },
    { "caf\xe9", "caf\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *mention = g_strdup_printf ("'%s'", names[i].shown);

      g_assert_null (hotplug_host_get_vmi (rig->host, names[i].name, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_null (strchr (error->message, '\n'));
      g_assert_nonnull (strstr (error->message, mention));
    }
}

static void
test_closed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (lab_embed_uri (), NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, "vmi-host", NULL, &error);
  g_assert_no_error (error);

  hotplug_host_close (host);
  g_assert_false (hotplug_host_is_connected (host));
  g_assert_null (hotplug_vmi_query_status (vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);

  /* the other host of this process goes on */
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, NULL);
  g_assert_nonnull (status);
}

static void
assert_state (HotplugVmiState state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, (int) state);
  g_assert_true (hotplug_vmi_status_is_persistent (status));
  g_assert_nonnull (strstr (hotplug_vmi_status_get_machine (status), "q35"));
  g_assert_cmpuint (hotplug_vmi_status_get_memory (status), ==, 160 << 20);
  g_assert_cmpuint (hotplug_vmi_status_get_vcpus (status), ==, 1);
}

static void
test_life (void)
{
  g_autoptr (GError) error = NULL;

  assert_state (HOTPLUG_VMI_STATE_RUNNING);
  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING);
  g_clear_error (&error);
  lab_suspend (rig->domain);
  assert_state (HOTPLUG_VMI_STATE_PAUSED);
  lab_resume (rig->domain);

  /* no system in it that would answer: after its time it is forced, and not before */
  gint64 start = g_get_monotonic_time ();
  g_assert_true (hotplug_vmi_stop (rig->vmi, 700, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 700 * G_TIME_SPAN_MILLISECOND);
  assert_state (HOTPLUG_VMI_STATE_STOPPED);
  g_assert_false (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_clear_error (&error);

  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  assert_state (HOTPLUG_VMI_STATE_RUNNING);

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  g_assert_false (hotplug_vmi_stop (rig->vmi, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_state (HOTPLUG_VMI_STATE_RUNNING);
}

/* On a stopped machine the template alone is changed, also before the source is there; the start names what is
 * missing. */
static void
test_v04 (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *clean = rig_template (rig);
  g_autofree char *later = g_build_filename (rig->images, "later.img", NULL);
  g_autoptr (HotplugVolume) volume = rig_volume ("later", later, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolume) virtio = rig_volume ("later-virtio", later, HOTPLUG_BUS_VIRTIO);

  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  rig_refused_add (rig, volume, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING, "persist");
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_PENDING);
  rig_assert_status (rig, "later", HOTPLUG_VOLUME_PHASE_PENDING, "sda", TRUE);
  rig_refused_add (rig, virtio, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE, "later");

  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
  g_assert_nonnull (strstr (error->message, "\"later\""));
  g_clear_error (&error);
  assert_state (HOTPLUG_VMI_STATE_STOPPED);

  g_free (lab_image_new (rig->images, "later.img", 4 << 20));
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_no_error (error);
  rig_assert_status (rig, "later", HOTPLUG_VOLUME_PHASE_READY, "sda", TRUE);

  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  rig_refused_remove (rig, "later", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "later", HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, clean);
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, &error));
}

/* More often than libvirt's table of drivers has room for */
static void
test_embed_often (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugHost) host = hotplug_host_open (lab_embed_uri (), NULL, &error);
      g_assert_no_error (error);
      g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (host, machine.name, NULL, &error);
      g_assert_no_error (error);
      hotplug_host_close (host);
      g_assert_false (hotplug_host_is_connected (host));
    }
  rig_add (rig, "still-works", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, "sda");
  rig_remove (rig, "still-works");
}

static const RigRow rows[] = {
  { "/host/embed/refused", test_embed_refused },
  { "/host/embed/same", test_embed_same },
  { "/host/embed/new", test_embed_new },
  { "/host/embed/held", test_embed_held },
  { "/host/embed/often", test_embed_often },
  { "/host/vmis", test_vmis },
  { "/host/odd-names", test_odd_names },
  { "/host/closed", test_closed },
  { "/vmi/life", test_life },
  { "/conformance/V04", test_v04 },
};

int
main (int argc, char **argv)
{
  if (argc >= 3 && strcmp (argv[1], "--open") == 0)
    return open_root (argv);

  program = argv[0];
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
