/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "storage/hotplug-source-private.h"

/* Debian's and everybody's */
#define NOBODY 65534

#define OK 0
#define SIZE 4096

typedef struct
{
  char *directory;
} Fixture;

static char *
path_of (Fixture *self, const char *name)
{
  return g_build_filename (self->directory, name, NULL);
}

static void
make_file (Fixture *self, const char *name, gsize size)
{
  g_autofree char *path = path_of (self, name);
  g_autofree char *zeros = g_malloc0 (size + 1);

  g_assert_true (g_file_set_contents (path, zeros, (gssize)size, NULL));
}

static void
make_directory (Fixture *self, const char *name)
{
  g_autofree char *path = path_of (self, name);

  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->directory = g_dir_make_tmp ("hotplug-XXXXXX", NULL);
  g_autofree char *fifo = path_of (self, "fifo");
  g_autofree char *symlink_path = path_of (self, "symlink");
  g_autofree char *dangling = path_of (self, "dangling");
  g_autofree char *loop = path_of (self, "loop");
  g_autofree char *hard = path_of (self, "hard");
  g_autofree char *image = path_of (self, "image");
  g_autofree char *unreadable = path_of (self, "unreadable");

  make_file (self, "image", SIZE);
  make_file (self, "empty", 0);
  make_file (self, "unreadable", SIZE);
  make_directory (self, "with");
  make_file (self, "with/disk.img", SIZE);
  make_directory (self, "without");
  make_directory (self, "nested");
  make_directory (self, "nested/disk.img");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_cmpint (symlink ("image", symlink_path), ==, 0);
  g_assert_cmpint (symlink ("nowhere", dangling), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  g_assert_cmpint (link (image, hard), ==, 0);
  g_assert_cmpint (g_chmod (unreadable, 0), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "image", "empty",           "unreadable", "with/disk.img", "with", "without",
                                       "fifo",  "nested/disk.img", "nested",     "symlink",       "hard", "dangling",
                                       "loop" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = path_of (self, names[i]);
      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (self->directory), ==, 0);
  g_free (self->directory);
}

static const struct
{
  const char *name; /* an absolute one is no file of ours */
  int code;
  const char *found; /* NULL: @name */
  const char *says;
} rows[] = {
  { "image", OK, NULL, NULL },
  { "symlink", OK, NULL, NULL },
  { "hard", OK, NULL, NULL },
  { "with", OK, "with/disk.img", NULL },
  { "without", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, "a directory without disk.img" },
  { "nested", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, "a directory, not an image" },
  { "fifo", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, "a FIFO" },
  { "empty", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, "0 bytes" },
  { "missing", HOTPLUG_ERROR_SOURCE_MISSING, NULL, "No such file" },
  { "missing/below", HOTPLUG_ERROR_SOURCE_MISSING, NULL, "No such file" },
  { "image/below", HOTPLUG_ERROR_SOURCE_MISSING, NULL, "Not a directory" },
  { "dangling", HOTPLUG_ERROR_SOURCE_MISSING, NULL, "No such file" },
  { "loop", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, NULL },
  { "/dev/null", HOTPLUG_ERROR_SOURCE_NOT_READY, NULL, "a character device" },
};

static void
test_probe (Fixture *self, gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *path = *rows[row].name == '/' ? g_strdup (rows[row].name) : path_of (self, rows[row].name);
  g_auto (HotplugSource) source = { 0 };
  g_autoptr (GError) error = NULL;

  gboolean found = _hotplug_source_probe ("data", path, FALSE, TRUE, &source, &error);
  g_assert_true (found == (rows[row].code == OK));
  if (found)
    {
      g_autofree char *expected = path_of (self, rows[row].found != NULL ? rows[row].found : rows[row].name);
      g_assert_cmpstr (source.path, ==, expected);
      g_assert_cmpuint (source.size, ==, SIZE);
      g_assert_false (source.block);
      return;
    }
  g_assert_error (error, HOTPLUG_ERROR, rows[row].code);
  g_assert_true (g_str_has_prefix (error->message, "volume \"data\": source "));
  g_assert_nonnull (strstr (error->message, rows[row].name));
  g_assert_true (rows[row].says == NULL || strstr (error->message, rows[row].says) != NULL);
}

static void
test_is (Fixture *self, gconstpointer data)
{
  static const char *const same[] = { "image", "symlink", "hard" };
  static const char *const others[] = { "with/disk.img", "empty", "missing", "without" };
  g_autofree char *image = path_of (self, "image");
  g_auto (HotplugSource) source = { 0 };

  g_assert_true (_hotplug_source_probe ("data", image, TRUE, TRUE, &source, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (same); i++)
    {
      g_autofree char *path = path_of (self, same[i]);
      g_assert_true (_hotplug_source_is (&source, path));
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = path_of (self, others[i]);
      g_assert_false (_hotplug_source_is (&source, path));
    }
  g_assert_false (_hotplug_source_is (&source, NULL));
}

static void
test_size (Fixture *self, gconstpointer data)
{
  g_autofree char *image = path_of (self, "image");
  g_autofree char *missing = path_of (self, "missing");
  g_autofree char *fifo = path_of (self, "fifo");

  g_assert_cmpuint (_hotplug_source_capacity (image, HOTPLUG_IMAGE_FORMAT_RAW), ==, SIZE);
  g_assert_cmpuint (_hotplug_source_capacity (missing, HOTPLUG_IMAGE_FORMAT_RAW), ==, 0);
  g_assert_cmpuint (_hotplug_source_capacity (fifo, HOTPLUG_IMAGE_FORMAT_RAW), ==, 0);
  g_assert_cmpuint (_hotplug_source_capacity (NULL, HOTPLUG_IMAGE_FORMAT_RAW), ==, 0);
}

/* Where the hypervisor opens it as somebody else, it is not ours to refuse. */
static void
test_unreadable (Fixture *self, gconstpointer data)
{
  g_autofree char *path = path_of (self, "unreadable");
  g_auto (HotplugSource) source = { 0 };
  g_auto (HotplugSource) theirs = { 0 };
  g_autoptr (GError) error = NULL;

  /* root may read everything, so somebody else asks */
  gboolean as_root = geteuid () == 0;
  g_assert_cmpint (g_chmod (self->directory, 0755), ==, 0);
  if (as_root)
    g_assert_cmpint (seteuid (NOBODY), ==, 0);

  g_assert_false (_hotplug_source_probe ("data", path, FALSE, TRUE, &source, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
  g_assert_true (_hotplug_source_probe ("data", path, FALSE, FALSE, &theirs, NULL));
  if (as_root)
    g_assert_cmpint (seteuid (0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/source/probe/%s", rows[row].name);
      g_test_add (path, Fixture, GSIZE_TO_POINTER (row), set_up, test_probe, tear_down);
    }
  g_test_add ("/source/is", Fixture, NULL, set_up, test_is, tear_down);
  g_test_add ("/source/size", Fixture, NULL, set_up, test_size, tear_down);
  g_test_add ("/source/unreadable", Fixture, NULL, set_up, test_unreadable, tear_down);

  return g_test_run ();
}
