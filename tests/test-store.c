/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "storage/hotplug-store-maker-private.h"
#include "storage/hotplug-store-private.h"

#define MIB G_GUINT64_CONSTANT (1048576)
#define PATTERN "what was copied"

typedef struct
{
  char *directory;
  char *path;
  HotplugStore *store;
} Fixture;

static char *
path_of (Fixture *self, const char *name)
{
  return g_build_filename (self->directory, name, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->directory = g_dir_make_tmp ("hotplug-XXXXXX", NULL);
  self->path = path_of (self, "store");
  self->store = _hotplug_store_open ("local", self->path, FALSE, TRUE, &error);
  g_assert_no_error (error);
}

G_GNUC_PRINTF (1, 2)
static int
run (const char *format, ...)
{
  va_list args;
  int status = -1;

  va_start (args, format);
  g_autofree char *command = g_strdup_vprintf (format, args);
  va_end (args);
  const char *const argv[] = { "sh", "-c", command, NULL };
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  return status;
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->store, _hotplug_store_free);
  g_assert_cmpint (run ("rm -rf '%s'", self->directory), ==, 0);
  g_free (self->path);
  g_free (self->directory);
}

/* An image of @size bytes with the pattern at its end */
static char *
make_source (Fixture *self, const char *name, guint64 size)
{
  char *path = path_of (self, name);
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, (off_t)size), ==, 0);
  g_assert_cmpint (pwrite (fd, PATTERN, sizeof PATTERN, (off_t)(size - 512)), ==, sizeof PATTERN);
  close (fd);
  return path;
}

static void
assert_pattern (const char *path, guint64 at)
{
  char found[sizeof PATTERN] = { 0 };
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  g_assert_cmpint (pread (fd, found, sizeof found, (off_t)at), ==, sizeof found);
  g_assert_cmpmem (found, sizeof found, PATTERN, sizeof PATTERN);
  close (fd);
}

static HotplugDataVolume *
make (Fixture *self, HotplugDataVolume *volume, HotplugDataVolume *source)
{
  g_autoptr (GError) error = NULL;
  HotplugDataVolume *made = _hotplug_store_create (self->store, volume, source, NULL, &error);

  g_assert_no_error (error);
  return made;
}

static HotplugDataVolume *
make_blank (Fixture *self, const char *name)
{
  g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_blank (name, MIB, NULL);
  return make (self, volume, NULL);
}

static HotplugDataVolume *
describe_import (const char *name, const char *path, guint64 size, HotplugImageFormat from, HotplugImageFormat format)
{
  g_autoptr (GError) error = NULL;
  HotplugDataVolume *volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, &error, "name", name, "source-path", path,
                                              "size", size, "source-format", from, "format", format, NULL);
  g_assert_no_error (error);
  return volume;
}

static void
assert_names (Fixture *self, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) volumes = _hotplug_store_list (self->store, &error);
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < volumes->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
                            hotplug_data_volume_get_name (g_ptr_array_index (volumes, i)));
  g_assert_cmpstr (names->str, ==, expected);
}

/* Nothing but whole volumes, and the lock */
static void
assert_no_rest (Fixture *self)
{
  g_assert_cmpint (run ("test -z \"$(find '%s' -mindepth 1 -maxdepth 1 -name '.*' ! -name .lock)\"", self->path), ==,
                   0);
}

static void
test_blank (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume) made = make_blank (self, "data");
  g_autofree char *image = g_build_filename (self->path, "data", "disk.img", NULL);
  struct stat st;

  g_assert_cmpstr (hotplug_data_volume_get_path (made), ==, image);
  g_assert_cmpstr (hotplug_data_volume_get_store (made), ==, "local");
  g_assert_cmpuint (hotplug_data_volume_get_size (made), ==, MIB);
  g_assert_cmpint (hotplug_data_volume_get_phase (made), ==, HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED);
  g_assert_cmpint (stat (image, &st), ==, 0);
  g_assert_cmpuint (st.st_size, ==, MIB);
  g_assert_cmpuint (st.st_blocks, ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0600);
  g_assert_cmpint (stat (self->path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0700);
  assert_names (self, "data");
  assert_no_rest (self);
}

static void
test_preallocated (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume)
      volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data", "size", MIB, "preallocation", TRUE,
                               "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, NULL);
  g_autoptr (HotplugDataVolume) made = make (self, volume, NULL);
  struct stat st;

  g_assert_cmpint (stat (hotplug_data_volume_get_path (made), &st), ==, 0);
  g_assert_cmpuint ((guint64)st.st_blocks * 512, >=, MIB);
  g_assert_true (hotplug_data_volume_get_preallocation (made));
  g_assert_cmpint (hotplug_data_volume_get_access_mode (made), ==, HOTPLUG_ACCESS_MODE_READ_ONLY_MANY);
}

static gboolean
skip_without_qemu_img (void)
{
  g_autofree char *found = g_find_program_in_path ("qemu-img");

  if (found == NULL)
    g_test_skip ("there is no qemu-img");
  return found == NULL;
}

/* Sources: CDI doc/datavolumes.md (what is asked for may be larger), and the formats both ways */
static void
test_import (Fixture *self, gconstpointer data)
{
  if (skip_without_qemu_img ())
    return;

  g_autofree char *raw = make_source (self, "source.img", 3 * MIB);
  g_autofree char *qcow2 = path_of (self, "source.qcow2");
  g_autofree char *back = path_of (self, "back.img");
  g_assert_cmpint (run ("qemu-img convert -f raw -O qcow2 '%s' '%s'", raw, qcow2), ==, 0);

  g_autoptr (HotplugDataVolume)
      as_it_is = describe_import ("a", raw, 0, HOTPLUG_IMAGE_FORMAT_RAW, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDataVolume) a = make (self, as_it_is, NULL);
  g_assert_cmpuint (hotplug_data_volume_get_size (a), ==, 3 * MIB);
  assert_pattern (hotplug_data_volume_get_path (a), 3 * MIB - 512);

  g_autoptr (HotplugDataVolume)
      larger = describe_import ("b", qcow2, 5 * MIB, HOTPLUG_IMAGE_FORMAT_QCOW2, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDataVolume) b = make (self, larger, NULL);
  g_assert_cmpuint (hotplug_data_volume_get_size (b), ==, 5 * MIB);
  assert_pattern (hotplug_data_volume_get_path (b), 3 * MIB - 512);

  g_autoptr (HotplugDataVolume)
      kept = describe_import ("c", raw, 0, HOTPLUG_IMAGE_FORMAT_RAW, HOTPLUG_IMAGE_FORMAT_QCOW2);
  g_autoptr (HotplugDataVolume) c = make (self, kept, NULL);
  g_assert_cmpint (hotplug_data_volume_get_format (c), ==, HOTPLUG_IMAGE_FORMAT_QCOW2);
  g_assert_cmpuint (hotplug_data_volume_get_size (c), ==, 3 * MIB);
  g_assert_cmpint (run ("qemu-img convert -f qcow2 -O raw '%s' '%s'", hotplug_data_volume_get_path (c), back), ==, 0);
  assert_pattern (back, 3 * MIB - 512);

  /* a qcow2 header in a raw image is bytes of the disk, and stays that */
  g_autoptr (HotplugDataVolume)
      bytes = describe_import ("d", qcow2, 0, HOTPLUG_IMAGE_FORMAT_RAW, HOTPLUG_IMAGE_FORMAT_RAW);
  g_autoptr (HotplugDataVolume) d = make (self, bytes, NULL);
  g_assert_cmpint (run ("head -c 4 '%s' | od -An -tx1 | grep -q '51 46 49 fb'", hotplug_data_volume_get_path (d)), ==,
                   0);

  g_autoptr (HotplugDataVolume)
      copy = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "e", "source-volume", "c", NULL);
  g_autoptr (HotplugDataVolume) e = make (self, copy, c);
  assert_pattern (hotplug_data_volume_get_path (e), 3 * MIB - 512);
  g_assert_cmpstr (hotplug_data_volume_get_source_volume (e), ==, "c");
  assert_names (self, "a b c d e");
  assert_no_rest (self);
}

static void
test_refused_imports (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *prepare; /* in the directory */
    HotplugImageFormat format;
    guint64 size;
    HotplugError code;
    const char *says;
  } rows[] = {
    { "true", HOTPLUG_IMAGE_FORMAT_RAW, 0, HOTPLUG_ERROR_SOURCE_MISSING, "No such file" },
    { "truncate -s 0 x", HOTPLUG_IMAGE_FORMAT_RAW, 0, HOTPLUG_ERROR_SOURCE_NOT_READY, "empty" },
    { "mkdir x", HOTPLUG_IMAGE_FORMAT_RAW, 0, HOTPLUG_ERROR_SOURCE_NOT_READY, "no image" },
    { "mkfifo x", HOTPLUG_IMAGE_FORMAT_RAW, 0, HOTPLUG_ERROR_SOURCE_NOT_READY, "no image" },
    { "ln -s x x", HOTPLUG_IMAGE_FORMAT_RAW, 0, HOTPLUG_ERROR_SOURCE_NOT_READY, "symbolic links" },
    { "truncate -s 2M x", HOTPLUG_IMAGE_FORMAT_RAW, 1048576, HOTPLUG_ERROR_INVALID_ARGUMENT, "2097152 bytes" },
    { "truncate -s 2M x", HOTPLUG_IMAGE_FORMAT_QCOW2, 0, HOTPLUG_ERROR_SOURCE_NOT_READY, "no qcow2" },
    { "truncate -s 1M y && qemu-img create -q -f qcow2 -b y -F raw x", HOTPLUG_IMAGE_FORMAT_QCOW2, 0,
      HOTPLUG_ERROR_SOURCE_NOT_READY, "backing file" },
    { "qemu-img create -q -f qcow2 -o data_file=y x 1M", HOTPLUG_IMAGE_FORMAT_QCOW2, 0, HOTPLUG_ERROR_SOURCE_NOT_READY,
      "another file" },
    { "qemu-img create -q -f qcow2 x 1M && printf '\\377' | dd of=x bs=1 seek=23 conv=notrunc 2>/dev/null",
      HOTPLUG_IMAGE_FORMAT_QCOW2, 0, HOTPLUG_ERROR_FAILED, "qemu-img" },
  };

  if (skip_without_qemu_img ())
    return;

  g_autofree char *path = path_of (self, "x");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].prepare);
      g_assert_cmpint (run ("cd '%s' && rm -rf x y && %s", self->directory, rows[i].prepare), ==, 0);
      g_autoptr (HotplugDataVolume)
          volume = describe_import ("data", path, rows[i].size, rows[i].format, HOTPLUG_IMAGE_FORMAT_RAW);
      g_assert_null (_hotplug_store_create (self->store, volume, NULL, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, (int)rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].says));
      assert_names (self, "");
      assert_no_rest (self);
    }
}

static void
test_names (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "", ".", "..", "../x", "/etc", "a/b", ".data.new", "Data", "a b", "-a" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) get = NULL;
      g_autoptr (GError) delete = NULL;

      g_assert_null (_hotplug_store_get (self->store, names[i], &get));
      g_assert_error (get, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
      g_assert_false (_hotplug_store_delete (self->store, names[i], &delete));
      g_assert_error (delete, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
    }
}

static void
test_exists (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume) made = make_blank (self, "data");
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_store_create (self->store, made, NULL, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  assert_names (self, "data");
}

static void
test_delete (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume) made = make_blank (self, "data");
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_store_delete (self->store, "data", &error));
  g_assert_no_error (error);
  assert_names (self, "");
  assert_no_rest (self);
  g_assert_false (_hotplug_store_delete (self->store, "data", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);

  /* what is not ours in it is not thrown away */
  g_autoptr (HotplugDataVolume) again = make_blank (self, "data");
  g_assert_cmpint (run ("mkdir '%s/data/mine'", self->path), ==, 0);
  g_clear_error (&error);
  g_assert_false (_hotplug_store_delete (self->store, "data", &error));
  g_assert_nonnull (strstr (error->message, "data/mine"));
  assert_names (self, "data");
}

/* What stands in a store and was not made by us, and what it is then */
static void
test_found (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *prepare; /* in the store */
    HotplugDataVolumePhase phase;
    const char *says; /* NULL: nothing */
  } rows[] = {
    { "mkdir data && truncate -s 1M data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, NULL },
    { "mkdir data", HOTPLUG_DATA_VOLUME_PHASE_FAILED, "no disk.img" },
    { "mkdir data && touch data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_FAILED, "empty" },
    { "mkdir -p data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_FAILED, "no file" },
    { "mkdir data && ln -s /etc/passwd data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_FAILED, "link" },
    { "mkdir data && mkfifo data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_FAILED, "no file" },
    { "mkdir data && truncate -s 1M data/disk.img && echo '[DataVolume]\nsize=2097152' >data/volume.conf",
      HOTPLUG_DATA_VOLUME_PHASE_FAILED, "cut" },
    { "mkdir data && truncate -s 1M data/disk.img && echo nonsense >data/volume.conf", HOTPLUG_DATA_VOLUME_PHASE_FAILED,
      "volume.conf" },
    { "mkdir data && truncate -s 1M data/disk.img && echo '[DataVolume]\nsize=512\naccess-mode=Anybody' >data/volume.conf",
      HOTPLUG_DATA_VOLUME_PHASE_FAILED, "access-mode" },
    { "mkdir data && truncate -s 1M data/disk.img && ln -s /etc/passwd data/volume.conf",
      HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", rows[i].prepare);
      g_assert_cmpint (run ("cd '%s' && rm -rf data && %s", self->path, rows[i].prepare), ==, 0);
      g_autoptr (HotplugDataVolume) volume = _hotplug_store_get (self->store, "data", &error);
      g_assert_no_error (error);
      g_assert_cmpint (hotplug_data_volume_get_phase (volume), ==, rows[i].phase);
      if (rows[i].says == NULL)
        g_assert_null (hotplug_data_volume_get_message (volume));
      else
        g_assert_nonnull (strstr (hotplug_data_volume_get_message (volume), rows[i].says));
    }
}

static void
test_links (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) get = NULL;
  g_autoptr (GError) delete = NULL;

  g_assert_cmpint (
      run ("cd '%s' && mkdir elsewhere && touch elsewhere/disk.img && ln -s ../elsewhere store/data", self->directory),
      ==, 0);
  g_assert_null (_hotplug_store_get (self->store, "data", &get));
  g_assert_nonnull (strstr (get->message, "never leaves"));
  g_assert_false (_hotplug_store_delete (self->store, "data", &delete));
  g_assert_cmpint (run ("test -e '%s/elsewhere/disk.img'", self->directory), ==, 0);
  assert_names (self, "");
}

static void
test_world_writable (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_chmod (self->path, 0777), ==, 0);
  g_assert_null (_hotplug_store_open (NULL, self->path, FALSE, TRUE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_PERMISSION);
}

static void
test_shared (Fixture *self, gconstpointer data)
{
  g_autofree char *path = path_of (self, "shared");
  g_autoptr (HotplugStore) store = _hotplug_store_open (NULL, path, TRUE, TRUE, NULL);
  g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_blank ("data", MIB, NULL);
  g_autoptr (HotplugDataVolume) made = _hotplug_store_create (store, volume, NULL, NULL, NULL);
  g_autofree char *inner = g_build_filename (path, "data", NULL);
  struct stat st;

  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0750);
  g_assert_cmpint (stat (inner, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0750);
  g_assert_cmpint (stat (hotplug_data_volume_get_path (made), &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 07777, ==, 0660);
}

static void
write_maker (Fixture *self, const char *directory, const char *from, const char *to)
{
  g_autofree char *path = g_build_filename (self->path, directory, "maker", NULL);
  g_autofree char *ours = _hotplug_store_maker_tell ();
  g_autoptr (GString) text = g_string_new (ours);

  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

/* One of a process of this host that ended, another one of an earlier boot, and what was just being deleted */
static void
test_leftovers (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (run ("cd '%s' && mkdir .a.new .b.old .c.new .keep .site-x && touch .a.new/disk.img .b.old/disk.img",
                        self->path),
                   ==, 0);
  write_maker (self, ".a.new", "\nstart=", "\nstart=1");
  write_maker (self, ".c.new", "\nboot=", "\nboot=x");
  g_assert_cmpint (run ("sed -i 's/^time=.*/time=1/' '%s/.c.new/maker'", self->path), ==, 0);
  write_maker (self, ".site-x", "\nstart=", "\nstart=1");
  g_autofree char *lives = _hotplug_store_maker_to_name ();
  g_auto (GStrv) pieces = g_strsplit (lives, "-", -1);
  g_assert_cmpint (run ("cd '%s' && mkdir .site-%s .site-%s-%s-1-x .site-far-1-1-x", self->path, lives, pieces[0],
                        pieces[1]),
                   ==, 0);
  assert_names (self, "");
  g_assert_cmpint (run ("cd '%s' && test ! -e .a.new && test ! -e .b.old && test ! -e .c.new && test ! -e .site-x "
                        "&& test -d .keep && test -d .site-%s && test ! -e .site-%s-%s-1-x && test -d .site-far-1-1-x",
                        self->path, lives, pieces[0], pieces[1]),
                   ==, 0);
}

/* A store on NFS, where no lock of another host is seen: what it is just making is left to it */
static void
test_another_host (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("data", MIB, NULL);

  g_assert_cmpint (run ("cd '%s' && mkdir .data.new && touch .data.new/disk.img", self->path), ==, 0);
  write_maker (self, ".data.new", "\nhost=", "\nhost=far-");
  assert_names (self, "data");
  g_autoptr (HotplugDataVolume) seen = _hotplug_store_get (self->store, "data", NULL);
  g_assert_cmpint (hotplug_data_volume_get_phase (seen), ==, HOTPLUG_DATA_VOLUME_PHASE_PENDING);
  g_assert_nonnull (strstr (hotplug_data_volume_get_message (seen), "on far-"));

  g_assert_null (_hotplug_store_create (self->store, wanted, NULL, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "on far-"));
  g_clear_error (&error);
  g_assert_cmpint (run ("test -e '%s/.data.new/disk.img'", self->path), ==, 0);

  /* and somebody's word takes it away */
  g_assert_true (_hotplug_store_delete (self->store, "data", &error));
  g_assert_no_error (error);
  assert_names (self, "");
}

/* One that does not say whose it is, or is of a process that lives, as one of this process */
static void
test_unknown_makers (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (run ("cd '%s' && mkdir .a.new .b.new .c.new", self->path), ==, 0);
  write_maker (self, ".b.new", NULL, NULL);
  write_maker (self, ".c.new", "\npid-namespace=", "\npid-namespace=1");
  assert_names (self, "a b c");
  g_assert_false (_hotplug_store_delete (self->store, "b", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
}

/* What somebody else put beside the image stays, and so does the image */
static void
test_foreign_file (Fixture *self, gconstpointer data)
{
  g_autoptr (HotplugDataVolume) made = make_blank (self, "data");
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (run ("touch '%s/data/disk.snap1'", self->path), ==, 0);
  g_assert_false (_hotplug_store_delete (self->store, "data", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "data/disk.snap1"));
  g_clear_error (&error);
  g_assert_cmpint (run ("cd '%s/data' && test -e disk.img && test -e disk.snap1", self->path), ==, 0);

  /* nor in what a killed process left half deleted */
  g_assert_cmpint (run ("cd '%s' && mv data .data.old", self->path), ==, 0);
  assert_names (self, "");
  g_assert_cmpint (run ("cd '%s/.data.old' && test -e disk.snap1", self->path), ==, 0);
}

/* CDI's sizes, which every QEMU writes to past the page cache */
static void
test_whole_mebibytes (Fixture *self, gconstpointer data)
{
  static const struct
  {
    guint64 asked;
    guint64 size;
  } rows[] = { { 1, MIB }, { 1000000, MIB }, { MIB, MIB }, { MIB + 1, 2 * MIB }, { 5000000, 5 * MIB } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strdup_printf ("data%zu", i);
      g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank (name, rows[i].asked, NULL);
      g_autoptr (HotplugDataVolume) made = make (self, wanted, NULL);
      struct stat st;

      g_assert_cmpuint (hotplug_data_volume_get_size (made), ==, rows[i].size);
      g_assert_cmpint (stat (hotplug_data_volume_get_path (made), &st), ==, 0);
      g_assert_cmpuint ((guint64)st.st_size, ==, rows[i].size);
    }
}

static void
test_import_of_foreign (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *prepare;
    const char *says;
  } rows[] = {
    { "head -c 1M /dev/zero | gzip > x && truncate -s 1M x", "begins as a gzip image" },
    { "printf KDMV > x && truncate -s 1M x", "begins as a vmdk image" },
    { "printf vhdxfile > x && truncate -s 1M x", "begins as a VHDX image" },
    { "printf 'LUKS\\272\\276\\0\\1' > x && truncate -s 1M x", "begins as a LUKS image" },
    { "printf 'QFI\\373\\0\\0\\0\\3' > x && truncate -s 1M x", "source format qcow2" },
  };

  if (skip_without_qemu_img ())
    return;
  g_autofree char *path = path_of (self, "x");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (run ("cd '%s' && rm -rf x && %s", self->directory, rows[i].prepare), ==, 0);
      g_autoptr (HotplugDataVolume) untold
          = describe_import ("data", path, 0, HOTPLUG_IMAGE_FORMAT_DEFAULT, HOTPLUG_IMAGE_FORMAT_RAW);
      g_assert_null (_hotplug_store_create (self->store, untold, NULL, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
      g_assert_nonnull (strstr (error->message, rows[i].says));
      assert_names (self, "");

      g_autoptr (HotplugDataVolume) told
          = describe_import ("data", path, 0, HOTPLUG_IMAGE_FORMAT_RAW, HOTPLUG_IMAGE_FORMAT_RAW);
      g_autoptr (HotplugDataVolume) made = make (self, told, NULL);
      g_assert_true (_hotplug_store_delete (self->store, "data", NULL));
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*test) (Fixture *self, gconstpointer data);
  } tests[] = {
    { "/store/blank", test_blank },   { "/store/preallocated", test_preallocated },
    { "/store/import", test_import }, { "/store/refused-imports", test_refused_imports },
    { "/store/names", test_names },   { "/store/exists", test_exists },
    { "/store/delete", test_delete }, { "/store/found", test_found },
    { "/store/links", test_links },   { "/store/world-writable", test_world_writable },
    { "/store/shared", test_shared }, { "/store/leftovers", test_leftovers },
    { "/conformance/FD03/store-foreign-file", test_foreign_file },
    { "/conformance/FP01/store-whole-mebibytes", test_whole_mebibytes },
    { "/conformance/FW05/store-import-of-foreign", test_import_of_foreign },
    { "/conformance/FD05/store-another-host", test_another_host },
    { "/conformance/FD05/store-unknown-makers", test_unknown_makers },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
