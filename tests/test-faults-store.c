/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "storage/hotplug-store-private.h"

/* A volume that is being made meets a full disk, a cancel, and the end of its process. */

#define MIB G_GUINT64_CONSTANT (1048576)
#define SIZE (4 * MIB)
#define KILLS 100
/* Longer than a whole create takes here, microseconds */
#define KILL_WITHIN 60000
#define PATIENCE (20 * G_TIME_SPAN_SECOND)

static const char *program;

typedef struct
{
  char *directory;
  char *path;
  char *source;
  HotplugStore *store;
} Fixture;

/* Bytes that a file can't leave out */
static void
write_source (const char *path, guint64 size)
{
  g_autofree char *bytes = g_malloc (size);

  for (guint64 i = 0; i < size; i++)
    bytes[i] = (char)(i * 7 + i / 4096 + 1);
  g_assert_true (g_file_set_contents (path, bytes, (gssize)size, NULL));
}

static HotplugStore *
open_store (const char *path)
{
  g_autoptr (GError) error = NULL;
  HotplugStore *store = _hotplug_store_open (NULL, path, FALSE, TRUE, &error);

  g_assert_no_error (error);
  return store;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->directory = g_dir_make_tmp ("hotplug-XXXXXX", NULL);
  self->path = g_build_filename (self->directory, "store", NULL);
  self->source = g_build_filename (self->directory, "source.img", NULL);
  write_source (self->source, SIZE);
  self->store = open_store (self->path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  const char *const argv[] = { "rm", "-rf", self->directory, NULL };

  _hotplug_store_free (self->store);
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL));
  g_free (self->directory);
  g_free (self->path);
  g_free (self->source);
}

static HotplugDataVolume *
create (HotplugStore *store, const char *source, gboolean preallocate, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugDataVolume)
      volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data", "size", SIZE, "source-path",
                               source, "preallocation", preallocate, NULL);
  return _hotplug_store_create (store, volume, NULL, cancellable, error);
}

static gboolean
skip_without_qemu_img (void)
{
  g_autofree char *found = g_find_program_in_path ("qemu-img");

  if (found == NULL)
    g_test_skip ("there is no qemu-img");
  return found == NULL;
}

static gboolean
is_clean (Fixture *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  gboolean clean = TRUE;

  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    clean &= g_strcmp0 (name, ".lock") == 0 || g_strcmp0 (name, "data") == 0;
  return clean;
}

/* After the sweep of a list nothing but volumes and the lock is there. A child that was forked and has not become
 * qemu-img yet holds its parent's descriptors, and what they lock, for a moment longer than the parent lives. */
static guint
count_volumes (Fixture *self)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;

  for (;;)
    {
      g_autoptr (GPtrArray) volumes = _hotplug_store_list (self->store, NULL);
      g_assert_nonnull (volumes);
      if (is_clean (self))
        return volumes->len;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (1000);
    }
}

/* Whole: succeeded, of its size, and with all that was copied into it */
static void
assert_whole (Fixture *self)
{
  g_autoptr (HotplugDataVolume) volume = _hotplug_store_get (self->store, "data", NULL);
  g_autofree char *expected = NULL;
  g_autofree char *found = NULL;
  gsize expected_length = 0;
  gsize found_length = 0;

  g_assert_nonnull (volume);
  g_assert_cmpint (hotplug_data_volume_get_phase (volume), ==, HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED);
  g_assert_cmpuint (hotplug_data_volume_get_size (volume), ==, SIZE);
  g_assert_true (g_file_get_contents (self->source, &expected, &expected_length, NULL));
  g_assert_true (g_file_get_contents (hotplug_data_volume_get_path (volume), &found, &found_length, NULL));
  g_assert_cmpmem (found, found_length, expected, expected_length);
}

static gboolean
mount_small (const char *path)
{
  return g_mkdir (path, 0700) == 0 && mount ("small", path, "tmpfs", 0, "size=2m,mode=0700") == 0;
}

static void
test_full_disk (Fixture *self, gconstpointer data)
{
  if (skip_without_qemu_img ())
    return;

  _hotplug_store_free (self->store);
  g_free (self->path);
  self->path = g_build_filename (self->directory, "small", NULL);
  gboolean mounted = mount_small (self->path);
  self->store = open_store (self->path);
  if (!mounted)
    {
      g_test_skip ("a small file system can't be mounted");
      return;
    }

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (create (self->store, i == 0 ? self->source : NULL, i == 1, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
      g_assert_nonnull (strstr (error->message, "No space left"));
      g_assert_cmpuint (count_volumes (self), ==, 0);
    }

  g_clear_pointer (&self->store, _hotplug_store_free);
  g_assert_cmpint (umount (self->path), ==, 0);
  self->store = open_store (self->path);
}

/* A qemu-img that says how far it is, writes down who it is, and then stands still */
static char *
put_slow_tool (Fixture *self)
{
  g_autofree char *bin = g_build_filename (self->directory, "bin", NULL);
  g_autofree char *tool = g_build_filename (bin, "qemu-img", NULL);
  g_autofree char *text = g_strdup_printf (
      "#!/bin/sh\necho $$ >'%s/pid'\nprintf '    (12.50/100%%%%)\\r'\nexec sleep 300\n", self->directory);
  g_autofree char *path = g_strconcat (bin, ":", g_getenv ("PATH"), NULL);
  char *before = g_strdup (g_getenv ("PATH"));

  g_assert_cmpint (g_mkdir (bin, 0700), ==, 0);
  g_assert_true (g_file_set_contents (tool, text, -1, NULL));
  g_assert_cmpint (g_chmod (tool, 0700), ==, 0);
  g_setenv ("PATH", path, TRUE);
  return before;
}

static void
wait_until_copied (Fixture *self)
{
  gint64 until = g_get_monotonic_time () + PATIENCE;

  for (;;)
    {
      g_autoptr (HotplugDataVolume) volume = _hotplug_store_get (self->store, "data", NULL);
      if (volume != NULL && hotplug_data_volume_get_progress (volume) > 12)
        {
          g_assert_cmpint (hotplug_data_volume_get_phase (volume), ==, HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS);
          g_assert_null (hotplug_data_volume_get_path (volume));
          return;
        }
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_usleep (5000);
    }
}

/* The tool went with who had called it */
static void
assert_tool_gone (Fixture *self)
{
  g_autofree char *file = g_build_filename (self->directory, "pid", NULL);
  g_autofree char *text = NULL;
  gint64 until = g_get_monotonic_time () + PATIENCE;

  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_autofree char *stat_file = g_strdup_printf ("/proc/%d/stat", atoi (text));
  for (gboolean gone = FALSE; !gone; g_usleep (5000))
    {
      g_autofree char *state = NULL;
      gone = !g_file_get_contents (stat_file, &state, NULL, NULL) || strstr (state, ") Z ") != NULL;
      g_assert_cmpint (g_get_monotonic_time (), <, until);
    }
}

typedef struct
{
  Fixture *fixture;
  GCancellable *cancellable;
  GError *error;
} Work;

static gpointer
create_in_thread (gpointer data)
{
  Work *work = data;

  return create (work->fixture->store, work->fixture->source, FALSE, work->cancellable, &work->error);
}

static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autofree char *path = put_slow_tool (self);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) twice = NULL;
  g_autoptr (GError) deleted = NULL;
  Work work = { self, cancellable, NULL };
  GThread *thread = g_thread_new ("create", create_in_thread, &work);

  wait_until_copied (self);
  g_autoptr (GPtrArray) listed = _hotplug_store_list (self->store, NULL);
  g_assert_cmpuint (listed->len, ==, 1);
  g_assert_null (create (self->store, NULL, FALSE, NULL, &twice));
  g_assert_error (twice, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_false (_hotplug_store_delete (self->store, "data", &deleted));
  g_assert_error (deleted, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);

  g_cancellable_cancel (cancellable);
  g_assert_null (g_thread_join (thread));
  g_assert_error (work.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&work.error);
  g_assert_cmpuint (count_volumes (self), ==, 0);
  assert_tool_gone (self);
  g_setenv ("PATH", path, TRUE);
}

static GPid
start_client (Fixture *self)
{
  const char *const argv[] = { program, "--create", self->path, self->source, NULL };
  GPid pid = 0;

  g_assert_true (g_spawn_async (NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL));
  return pid;
}

static int
kill_client (GPid pid)
{
  int status = 0;

  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  return status;
}

static void
test_killed_in_copy (Fixture *self, gconstpointer data)
{
  g_autofree char *path = put_slow_tool (self);
  GPid pid = start_client (self);

  wait_until_copied (self);
  g_assert_true (WIFSIGNALED (kill_client (pid)));
  g_assert_cmpuint (count_volumes (self), ==, 0);
  assert_tool_gone (self);

  g_setenv ("PATH", path, TRUE);
  g_autoptr (HotplugDataVolume) made = create (self->store, NULL, FALSE, NULL, NULL);
  g_assert_nonnull (made);
}

static void
test_killed_anywhere (Fixture *self, gconstpointer data)
{
  guint whole = 0;
  guint killed = 0;

  if (skip_without_qemu_img ())
    return;

  for (guint i = 0; i < KILLS; i++)
    {
      GPid pid = start_client (self);

      g_usleep ((gulong)g_test_rand_int_range (0, KILL_WITHIN));
      killed += WIFSIGNALED (kill_client (pid));
      if (count_volumes (self) == 0)
        continue;

      g_autoptr (GError) error = NULL;
      assert_whole (self);
      whole++;
      _hotplug_store_delete (self->store, "data", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count_volumes (self), ==, 0);
    }
  g_test_message ("%u clients, %u killed; %u volumes whole, the others not there", KILLS, killed, whole);
  g_assert_cmpuint (killed, >, 0);
}

/* What a killed delete leaves, at each of its steps */
static void
test_killed_delete (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume) made = create (self->store, NULL, FALSE, NULL, NULL);
  g_autofree char *from = g_build_filename (self->path, "data", NULL);
  g_autofree char *to = g_build_filename (self->path, ".data.old", NULL);

  g_assert_cmpint (g_rename (from, to), ==, 0);
  g_assert_cmpuint (count_volumes (self), ==, 0);
}

static int
run_client (const char *path, const char *source)
{
  g_autoptr (HotplugStore) store = open_store (path);
  g_autoptr (HotplugDataVolume) made = create (store, source, FALSE, NULL, NULL);

  return made != NULL ? 0 : 1;
}

int
main (int argc, char **argv)
{
  if (argc == 4 && g_strcmp0 (argv[1], "--create") == 0)
    return run_client (argv[2], argv[3]);

  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  /* mounts of ours are nobody else's */
  if (unshare (CLONE_NEWNS) != 0 || mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
    g_test_message ("no mounts of our own: %s", g_strerror (errno));
  g_test_add ("/faults/store/full-disk", Fixture, NULL, set_up, test_full_disk, tear_down);
  g_test_add ("/faults/store/cancel", Fixture, NULL, set_up, test_cancel, tear_down);
  g_test_add ("/faults/store/killed-in-copy", Fixture, NULL, set_up, test_killed_in_copy, tear_down);
  g_test_add ("/faults/store/killed-anywhere", Fixture, NULL, set_up, test_killed_anywhere, tear_down);
  g_test_add ("/faults/store/killed-delete", Fixture, NULL, set_up, test_killed_delete, tear_down);
  return g_test_run ();
}
