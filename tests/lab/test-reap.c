/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>

#include "lab.h"

/* A test program that is ended in the middle leaves nothing: no daemon, no target, no machine, no loop device, no mount
 * no directory and no network. The program runs itself below reap, sets all that up, and is then killed. */

#define HOLD "--hold"
#define READY "ready"
#define MACHINE "interrupted"
#define BRIDGE "br-reap"
#define IMAGE_SIZE (1024 * 1024)

/* What must be gone, a line each: a directory, a word of a command line, or a network namespace */
static void
tell (const char *what)
{
  puts (what);
  fflush (stdout);
}

/* As the kernel calls it */
#define NETWORK "net:["

static void
hold_network (void)
{
  lab_network_enter ();
  lab_bridge_new (BRIDGE);
  g_autofree char *network = g_file_read_link ("/proc/self/ns/net", NULL);
  tell (network);
}

static void
hold_all (void)
{
  static const char *const devices[]
      = { "<interface type='bridge'><source bridge='" BRIDGE "'/><model type='virtio'/></interface>", NULL };
  LabMachine machine = { .name = MACHINE, .root_ports = 2, .bare = TRUE };

  if (lab_missing_network () == NULL)
    {
      hold_network ();
      machine.devices = devices;
    }

  g_autofree char *dir = lab_dir_new ();
  g_autofree char *image = lab_image_new (dir, "image", IMAGE_SIZE);

  tell (dir);
  if (lab_missing_loop () == NULL)
    g_free (lab_loop_attach (image));
  if (lab_missing_target () == NULL)
    {
      LabTarget *target = lab_target_new ();
      g_autofree char *uri = lab_target_add (target, 1, image);
      g_auto (GStrv) parts = g_strsplit (uri, "/", 4);
      g_autofree char *portal = g_strconcat ("portal=", parts[2], NULL);
      tell (portal);
    }
  if (lab_missing_qemu () == NULL)
    {
      g_autofree char *xml = lab_machine_xml (&machine);
      lab_run_event_loop ();
      lab_create_transient (lab_connect (lab_embed_uri ()), xml, TRUE);
      tell (lab_embed_root ());
    }
  if (lab_missing_daemon () == NULL)
    tell (lab_daemon_dir (lab_daemon_new ("lab-reap", FALSE)));
  tell (READY);
  pause ();
}

/* A command line, with blanks between its words; "" if there is none */
static char *
command_of (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "cmdline", NULL);
  char *text = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return g_strdup ("");
  for (gsize i = 0; i + 1 < length; i++)
    {
      if (text[i] == '\0')
        text[i] = ' ';
    }
  return text;
}

static gboolean
is_in_network (const char *pid, const char *network)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "ns", "net", NULL);
  g_autofree char *its = g_file_read_link (path, NULL);

  return g_strcmp0 (its, network) == 0;
}

/* The kernel forgets a process that was killed some time after it */
static gboolean
no_process_has (const char *word)
{
  gboolean network = g_str_has_prefix (word, NETWORK);
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);

  for (const char *name = NULL; (name = g_dir_read_name (processes)) != NULL;)
    {
      g_autofree char *command = g_ascii_isdigit (*name) ? command_of (name) : g_strdup ("");
      if (network ? is_in_network (name, word) : strstr (command, word) != NULL)
        {
          g_test_message ("%s: %s", name, command);
          return FALSE;
        }
    }
  return TRUE;
}

static void
assert_not_in (const char *file, const char *word)
{
  g_autofree char *text = NULL;

  if (g_file_get_contents (file, &text, NULL, NULL))
    g_assert_null (strstr (text, word));
}

static void
assert_gone (const char *what)
{
  g_autoptr (GDir) blocks = g_dir_open ("/sys/block", 0, NULL);

  g_assert_true (no_process_has (what));
  if (*what != '/')
    return;
  g_assert_false (g_file_test (what, G_FILE_TEST_EXISTS));
  assert_not_in ("/proc/self/mountinfo", what);
  for (const char *name = NULL; blocks != NULL && (name = g_dir_read_name (blocks)) != NULL;)
    {
      g_autofree char *backing = g_build_filename ("/sys/block", name, "loop", "backing_file", NULL);
      assert_not_in (backing, what);
    }
}

/* @to_test: the program is killed, and not asked; else reap is told to end, as by an interrupted make */
static void
test_killed (gconstpointer to_test)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = g_path_get_dirname (self);
  g_autofree char *reap = g_build_filename (directory, "reap", NULL);
  const char *const argv[] = { reap, self, HOLD, NULL };
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));

  for (char *line; (line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL;)
    {
      g_ptr_array_add (told, line);
      if (strcmp (line, READY) == 0)
        break;
    }
  g_assert_cmpuint (told->len, >=, 2);
  g_assert_cmpstr (g_ptr_array_index (told, told->len - 1), ==, READY);
  for (guint i = 0; i + 1 < told->len; i++)
    {
      const char *what = g_ptr_array_index (told, i);
      g_assert_true (*what == '/' ? g_file_test (what, G_FILE_TEST_IS_DIR) : !no_process_has (what));
    }

  if (to_test != NULL)
    {
      const char *pid = g_subprocess_get_identifier (process);
      g_autofree char *children = g_strdup_printf ("/proc/%s/task/%s/children", pid, pid);
      g_autofree char *list = NULL;
      g_assert_true (g_file_get_contents (children, &list, NULL, NULL));
      g_assert_cmpint (kill ((pid_t) g_ascii_strtoll (list, NULL, 10), SIGKILL), ==, 0);
    }
  else
    g_subprocess_send_signal (process, SIGTERM);
  g_subprocess_wait (process, NULL, NULL);

  for (guint i = 0; i + 1 < told->len; i++)
    assert_gone (g_ptr_array_index (told, i));
}

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], HOLD) == 0)
    hold_all ();
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/reap/program-killed", GINT_TO_POINTER (TRUE), test_killed);
  g_test_add_data_func ("/reap/interrupted", NULL, test_killed);
  return g_test_run ();
}
