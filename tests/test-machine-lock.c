/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "host/hotplug-machine-lock-private.h"

#define UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"
#define OTHER_UUID "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49"
#define HOLDER "--holder"
#define SCRIBBLER "--scribbler"

typedef struct
{
  char *above;
  char *directory; /* is made by the first lock */
  gint inside;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->above = g_dir_make_tmp ("hotplug-XXXXXX", NULL);
  self->directory = g_build_filename (self->above, "run", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { UUID, OTHER_UUID };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->directory, names[i], NULL);
      g_unlink (path);
    }
  g_rmdir (self->directory);
  g_assert_cmpint (g_rmdir (self->above), ==, 0);
  g_free (self->directory);
  g_free (self->above);
}

static HotplugMachineLock *
take (Fixture *self, const char *uuid)
{
  g_autoptr (GError) error = NULL;
  HotplugMachineLock *lock = _hotplug_machine_lock_take (self->directory, uuid, NULL, &error);

  g_assert_no_error (error);
  return lock;
}

static void
test_words (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  HotplugMachineLock *lock = take (self, UUID);

  g_assert_null (_hotplug_machine_lock_read (lock));
  g_assert_true (_hotplug_machine_lock_write (lock, "a long text, of many words", &error));
  g_assert_true (_hotplug_machine_lock_write (lock, "short", &error));
  g_autofree char *peeked = _hotplug_machine_lock_peek (self->directory, UUID);
  g_assert_cmpstr (peeked, ==, "short");
  _hotplug_machine_lock_give (lock);

  lock = take (self, UUID);
  g_autofree char *read = _hotplug_machine_lock_read (lock);
  g_assert_cmpstr (read, ==, "short");
  g_assert_true (_hotplug_machine_lock_write (lock, NULL, &error));
  g_assert_null (_hotplug_machine_lock_read (lock));
  _hotplug_machine_lock_give (lock);
  g_assert_null (_hotplug_machine_lock_peek (self->directory, UUID));
  g_assert_null (_hotplug_machine_lock_peek (self->directory, OTHER_UUID));
}

/* Its writer was killed in the middle. */
static void
test_torn (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->directory, UUID, NULL);
  g_autoptr (HotplugMachineLock) lock = take (self, UUID);

  g_assert_true (g_file_set_contents_full (path, "[intent]\nkind=a", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_assert_null (_hotplug_machine_lock_peek (self->directory, UUID));
}

static gpointer
count (gpointer data)
{
  Fixture *self = data;

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (HotplugMachineLock) lock = take (self, UUID);
      g_assert_cmpint (g_atomic_int_add (&self->inside, 1), ==, 0);
      g_usleep (20);
      g_atomic_int_add (&self->inside, -1);
    }
  return NULL;
}

static void
test_threads (Fixture *self, gconstpointer data)
{
  GThread *threads[] = { g_thread_new ("a", count, self), g_thread_new ("b", count, self) };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_machines (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugMachineLock) one = take (self, UUID);
  g_autoptr (HotplugMachineLock) another = take (self, OTHER_UUID);

  g_assert_true (one != another);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (20 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static gpointer
write_long_soon (gpointer lock)
{
  g_usleep (20 * 1000);
  g_assert_true (_hotplug_machine_lock_write (lock, "long", NULL));
  return NULL;
}

static gpointer
give_soon (gpointer lock)
{
  g_usleep (20 * 1000);
  _hotplug_machine_lock_give (lock);
  return NULL;
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugMachineLock) held = take (self, UUID);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("canceller", cancel_soon, cancellable);

  g_assert_null (_hotplug_machine_lock_take (self->directory, UUID, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

/* What the holder has written, as each question hears it; not waited for once it says "long" */
static gboolean
wait_unless_long (const char *text, gpointer heard, GError **error)
{
  g_string_append_printf (heard, "%s,", text != NULL ? text : "nothing");
  if (g_strcmp0 (text, "long") != 0)
    return TRUE;
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "it takes long");
  return FALSE;
}

/* One that nobody has is taken, whatever was left in it */
static void
test_nobody_asked (Fixture *self, gconstpointer data)
{
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  HotplugMachineLock *lock = take (self, UUID);

  g_assert_true (_hotplug_machine_lock_write (lock, "long", &error));
  _hotplug_machine_lock_give (lock);
  lock = _hotplug_machine_lock_take_or_leave (self->directory, UUID, wait_unless_long, heard, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (heard->str, ==, "");
  _hotplug_machine_lock_give (lock);
}

static void
test_left (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugMachineLock) held = take (self, UUID);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_machine_lock_write (held, "long", &error));
  g_assert_null (_hotplug_machine_lock_take_or_leave (self->directory, UUID, wait_unless_long, heard, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_cmpstr (heard->str, ==, "long,");
  g_clear_error (&error);

  /* nor is one whose work has become that meanwhile */
  g_assert_true (_hotplug_machine_lock_write (held, NULL, &error));
  GThread *thread = g_thread_new ("holder", write_long_soon, held);
  g_string_truncate (heard, 0);
  g_assert_null (_hotplug_machine_lock_take_or_leave (self->directory, UUID, wait_unless_long, heard, NULL, &error));
  g_thread_join (thread);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_true (g_str_has_prefix (heard->str, "nothing,") && g_str_has_suffix (heard->str, "long,"));
}

static void
test_waited_for (Fixture *self, gconstpointer data)
{
  HotplugMachineLock *held = take (self, UUID);
  g_autoptr (GString) heard = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_machine_lock_write (held, "short", &error));
  GThread *thread = g_thread_new ("holder", give_soon, held);
  g_autoptr (HotplugMachineLock) lock
      = _hotplug_machine_lock_take_or_leave (self->directory, UUID, wait_unless_long, heard, NULL, &error);
  g_thread_join (thread);
  g_assert_no_error (error);
  g_assert_nonnull (lock);
  g_assert_true (g_str_has_prefix (heard->str, "short,"));
}

static void
test_no_directory (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_machine_lock_take ("/dev/null/run", UUID, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/dev/null/run"));
}

/* In another process: takes it, says so, and holds it until it is killed */
static int
hold (const char *directory)
{
  HotplugMachineLock *lock = _hotplug_machine_lock_take (directory, UUID, NULL, NULL);

  _hotplug_machine_lock_write (lock, "what I was doing", NULL);
  g_print ("taken\n");
  pause ();
  return 0;
}

static const char *program;

static void
test_killed_holder (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess)
      holder = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, HOLDER, self->directory, NULL);
  char said[7] = { 0 };

  g_assert_no_error (error);
  g_assert_true (
      g_input_stream_read_all (g_subprocess_get_stdout_pipe (holder), said, sizeof said - 1, NULL, NULL, &error));
  g_assert_cmpstr (said, ==, "taken\n");

  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("canceller", cancel_soon, cancellable);
  g_assert_null (_hotplug_machine_lock_take (self->directory, UUID, cancellable, NULL));
  g_thread_join (thread);

  g_subprocess_send_signal (holder, SIGKILL);
  g_assert_true (g_subprocess_wait (holder, NULL, &error));
  g_autoptr (HotplugMachineLock) lock = take (self, UUID);
  g_autofree char *left = _hotplug_machine_lock_read (lock);
  g_assert_cmpstr (left, ==, "what I was doing");
}

/* Texts of all lengths that follow one another: below a page and far above it */
static char *
text_of (guint i)
{
  static const gsize lengths[] = { 5, 70000, 200, 5000, 4093, 4094, 20000, 10 };
  gsize length = lengths[i % G_N_ELEMENTS (lengths)];

  return g_strnfill (length, (char) ('a' + i % G_N_ELEMENTS (lengths)));
}

static gboolean
is_whole (const char *text)
{
  gboolean whole = FALSE;

  for (guint i = 0; i < 8; i++)
    {
      g_autofree char *one = text_of (i);
      whole = whole || strcmp (one, text) == 0;
    }
  return whole;
}

/* In another process: writes one after the other, until it is killed */
G_NORETURN static void
scribble (const char *directory)
{
  HotplugMachineLock *lock = _hotplug_machine_lock_take (directory, UUID, NULL, NULL);

  for (guint i = 0;; i++)
    {
      g_autofree char *text = text_of (i);
      _hotplug_machine_lock_write (lock, text, NULL);
      if (i == 0)
        g_print ("taken\n");
    }
}

/* Whenever its writer is killed, it is one of the texts, and all of it. */
static void
test_killed_writer (Fixture *self, gconstpointer data)
{
  for (guint round = 0; round < 200; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSubprocess)
          writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, SCRIBBLER, self->directory, NULL);
      char said[7] = { 0 };

      g_assert_no_error (error);
      g_assert_true (
          g_input_stream_read_all (g_subprocess_get_stdout_pipe (writer), said, sizeof said - 1, NULL, NULL, &error));
      g_usleep (g_test_rand_int_range (0, 400));
      g_subprocess_force_exit (writer);
      g_assert_true (g_subprocess_wait (writer, NULL, &error));
      g_autofree char *left = _hotplug_machine_lock_peek (self->directory, UUID);
      g_assert_nonnull (left);
      g_assert_true (is_whole (left));
    }
}

/* Who peeks while others write sees one of the texts too, and the file does not grow with their number. */
static void
test_peeked_while_written (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (self->directory, UUID, NULL);
  g_autoptr (GSubprocess)
      writer = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, SCRIBBLER, self->directory, NULL);
  char said[7] = { 0 };
  GStatBuf st;

  g_assert_no_error (error);
  g_assert_true (
      g_input_stream_read_all (g_subprocess_get_stdout_pipe (writer), said, sizeof said - 1, NULL, NULL, &error));
  for (guint i = 0; i < 2000; i++)
    {
      g_autofree char *seen = _hotplug_machine_lock_peek (self->directory, UUID);
      g_assert_nonnull (seen);
      g_assert_true (is_whole (seen));
    }
  g_subprocess_force_exit (writer);
  g_assert_true (g_subprocess_wait (writer, NULL, &error));
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_size, <, 400000);
}

#define ADD(path, test) g_test_add ("/machine-lock/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], HOLDER) == 0)
    return hold (argv[2]);
  if (argc == 3 && strcmp (argv[1], SCRIBBLER) == 0)
    scribble (argv[2]);

  g_test_init (&argc, &argv, NULL);

  ADD ("words", test_words);
  ADD ("torn", test_torn);
  ADD ("threads", test_threads);
  ADD ("machines", test_machines);
  ADD ("cancel", test_cancel);
  ADD ("left/nobody-asked", test_nobody_asked);
  ADD ("left/at-once", test_left);
  ADD ("left/waited-for", test_waited_for);
  ADD ("no-directory", test_no_directory);
  ADD ("killed-holder", test_killed_holder);
  ADD ("killed-writer", test_killed_writer);
  ADD ("peeked-while-written", test_peeked_while_written);

  return g_test_run ();
}
