/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-volume-disk-private.h"

/* What a volume and its source become together */

typedef enum {
  HOLES,    /* an image with holes, on a file system that has O_DIRECT */
  WHOLE,    /* without holes */
  BUFFERED, /* one without holes, on a file system that has no O_DIRECT, as an old tmpfs */
  DEVICE,   /* a block device */
  UNSEEN,   /* one that could not be opened from here: of another user, or of a remote host */
  N_KINDS,
} Kind;

static HotplugSource
source_of (Kind kind)
{
  return (HotplugSource){
    .path = (char *)"/srv/data.img",
    .block = kind == DEVICE,
    .looked = kind != UNSEEN,
    .direct = kind == HOLES || kind == WHOLE || kind == DEVICE,
    .allocated = kind == WHOLE || kind == BUFFERED,
    .logical_block_size = kind == UNSEEN ? 0 : 4096,
    .physical_block_size = kind == UNSEEN ? 0 : 4096,
  };
}

#define REFUSED ((HotplugCache)99)
#define DEFAULTS HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_DEFAULT
#define RAW HOTPLUG_IMAGE_FORMAT_RAW
#define QCOW2 HOTPLUG_IMAGE_FORMAT_QCOW2

/* KubeVirt's rules, pkg/virt-launcher/virtwrap/converter: SetDriverCacheMode (cache "": none where an open with
 * O_DIRECT works, else writethrough; "none" where it does not: an error) and setDriverIOMode (io "": native if the
 * cache is none and the source is a block device or an image without holes). That native needs cache none is QEMU's:
 * block/file-posix.c. */
static const struct
{
  const char *row;
  Kind kind;
  HotplugImageFormat format;
  gboolean shareable;
  HotplugCache asked_cache;
  HotplugIo asked_io;
  HotplugCache cache;
  HotplugIo io;
} rows[] = {
  { "holes", HOLES, RAW, FALSE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  { "whole", WHOLE, RAW, FALSE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_NATIVE },
  { "device", DEVICE, RAW, FALSE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_NATIVE },
  { "buffered", BUFFERED, RAW, FALSE, DEFAULTS, HOTPLUG_CACHE_WRITETHROUGH, HOTPLUG_IO_DEFAULT },
  /* the size of a qcow2 file says nothing of the holes in its disk */
  { "qcow2", WHOLE, QCOW2, FALSE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  { "qcow2-device", DEVICE, QCOW2, FALSE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_NATIVE },
  /* nothing is guessed */
  { "unseen", UNSEEN, RAW, FALSE, DEFAULTS, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_DEFAULT },
  { "unseen-none", UNSEEN, RAW, FALSE, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  { "unseen-native", UNSEEN, RAW, FALSE, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_NATIVE, HOTPLUG_CACHE_NONE,
    HOTPLUG_IO_NATIVE },
  { "unseen-shared", UNSEEN, RAW, TRUE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  /* what is asked for stays */
  { "writeback", WHOLE, RAW, FALSE, HOTPLUG_CACHE_WRITEBACK, HOTPLUG_IO_DEFAULT, HOTPLUG_CACHE_WRITEBACK,
    HOTPLUG_IO_DEFAULT },
  { "writethrough", DEVICE, RAW, FALSE, HOTPLUG_CACHE_WRITETHROUGH, HOTPLUG_IO_DEFAULT, HOTPLUG_CACHE_WRITETHROUGH,
    HOTPLUG_IO_DEFAULT },
  { "none", HOLES, RAW, FALSE, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  { "none-whole", WHOLE, RAW, FALSE, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT, HOTPLUG_CACHE_NONE, HOTPLUG_IO_NATIVE },
  { "threads", WHOLE, RAW, FALSE, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_THREADS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_THREADS },
  { "native-holes", HOLES, RAW, FALSE, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_NATIVE, HOTPLUG_CACHE_NONE,
    HOTPLUG_IO_NATIVE },
  { "threads-buffered", BUFFERED, RAW, FALSE, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_THREADS, HOTPLUG_CACHE_WRITETHROUGH,
    HOTPLUG_IO_THREADS },
  { "shared", HOLES, RAW, TRUE, DEFAULTS, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT },
  /* and what can't be is refused */
  { "none-buffered", BUFFERED, RAW, FALSE, HOTPLUG_CACHE_NONE, HOTPLUG_IO_DEFAULT, REFUSED, HOTPLUG_IO_DEFAULT },
  { "native-buffered", BUFFERED, RAW, FALSE, HOTPLUG_CACHE_DEFAULT, HOTPLUG_IO_NATIVE, REFUSED, HOTPLUG_IO_DEFAULT },
  { "shared-buffered", BUFFERED, RAW, TRUE, DEFAULTS, REFUSED, HOTPLUG_IO_DEFAULT },
};

static HotplugVolume *
make (gsize row)
{
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", "/srv/data.img",
                                          "format", rows[row].format, "shareable", rows[row].shareable, "cache",
                                          rows[row].asked_cache, "io", rows[row].asked_io, NULL);

  g_assert_no_error (error);
  return volume;
}

static void
test_cache_and_io (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = make (row);
  HotplugSource source = source_of (rows[row].kind);
  const HotplugPlacement placement = { .target = (char *)"sda" };
  const HotplugSides sides = { 0 };

  source.qcow2 = rows[row].format == QCOW2;
  gboolean possible = _hotplug_volume_check_source (volume, &source, &error);
  if (rows[row].cache == REFUSED)
    {
      g_assert_false (possible);
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CACHE_UNSUPPORTED);
      g_assert_nonnull (strstr (error->message, "does not support direct I/O"));
      return;
    }

  g_assert_no_error (error);
  g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (volume, &source, &placement, &sides);
  g_assert_cmpint (disk->cache, ==, rows[row].cache);
  g_assert_cmpint (disk->io, ==, rows[row].io);
}

/* pkg/virt-launcher/virtwrap/converter: matchVolume takes those of the device, or of the image's file system */
static void
test_block_sizes (void)
{
  const HotplugPlacement placement = { .target = (char *)"sda" };
  const HotplugSides sides = { 0 };

  for (Kind kind = HOLES; kind < N_KINDS; kind++)
    {
      g_autoptr (GError) error = NULL;
      HotplugSource source = source_of (kind);
      g_autoptr (HotplugVolume) matched = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                          "/srv/data.img", "match-block-size", TRUE, NULL);
      g_autoptr (HotplugVolume)
          plain = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/srv/data.img", NULL);
      g_autoptr (HotplugDisk) its_own = _hotplug_volume_to_disk (plain, &source, &placement, &sides);

      g_assert_cmpuint (its_own->logical_block_size, ==, 0);
      g_assert_cmpuint (its_own->physical_block_size, ==, 0);
      if (!_hotplug_volume_check_source (matched, &source, &error))
        {
          g_assert_cmpint (kind, ==, UNSEEN);
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
          continue;
        }
      g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (matched, &source, &placement, &sides);
      g_assert_cmpuint (disk->logical_block_size, ==, 4096);
      g_assert_cmpuint (disk->physical_block_size, ==, 4096);
    }
}

/* A file system of large blocks: no guest has sectors of that size, and all can be told to write so much at once */
static void
test_large_blocks (void)
{
  const HotplugPlacement placement = { .target = (char *)"sda" };
  const HotplugSides sides = { 0 };
  HotplugSource source = source_of (HOLES);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) matched = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                      "/srv/data.img", "match-block-size", TRUE, NULL);

  source.logical_block_size = source.physical_block_size = 131072;
  g_assert_true (_hotplug_volume_check_source (matched, &source, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (matched, &source, &placement, &sides);
  g_assert_cmpuint (disk->logical_block_size, ==, 4096);
  g_assert_cmpuint (disk->physical_block_size, ==, 131072);
}

/* What QEMU says "not a multiple of request alignment" of */
static void
test_alignment (void)
{
  static const struct
  {
    guint64 size;
    guint alignment;
    const char *option; /* nullable */
    int value;
    gboolean refused;
    HotplugCache cache;
  } cases[] = {
    { 1048576, 4096, NULL, 0, FALSE, HOTPLUG_CACHE_NONE },
    { 1000000, 4096, NULL, 0, FALSE, HOTPLUG_CACHE_WRITETHROUGH },
    { 1000000, 4096, "cache", HOTPLUG_CACHE_NONE, TRUE, HOTPLUG_CACHE_NONE },
    { 1000000, 4096, "cache", HOTPLUG_CACHE_WRITEBACK, FALSE, HOTPLUG_CACHE_WRITEBACK },
    { 1000000, 4096, "shareable", TRUE, TRUE, HOTPLUG_CACHE_NONE },
    { 1000000, 4096, "io", HOTPLUG_IO_NATIVE, TRUE, HOTPLUG_CACHE_NONE },
    { 1000000, 4096, "read-only", TRUE, FALSE, HOTPLUG_CACHE_NONE },
    { 1000000, 4096, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, FALSE, HOTPLUG_CACHE_NONE },
    /* sectors of 512 bytes are the least, and QEMU counts a part of one as one */
    { 1000000, 512, NULL, 0, FALSE, HOTPLUG_CACHE_NONE },
    { 1000, 512, NULL, 0, FALSE, HOTPLUG_CACHE_NONE },
  };
  const HotplugPlacement placement = { .target = (char *)"sda" };
  const HotplugSides sides = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugSource source = source_of (HOLES);
      g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path",
                                                         "/srv/data.img", cases[i].option, cases[i].value, NULL);

      g_assert_no_error (error);
      source.size = cases[i].size;
      source.alignment = cases[i].alignment;
      source.qcow2 = TRUE;
      gboolean possible = _hotplug_volume_check_source (volume, &source, &error);
      g_assert_cmpint (possible, ==, !cases[i].refused);
      if (cases[i].refused)
        {
          g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CACHE_UNSUPPORTED);
          g_assert_nonnull (strstr (error->message, "multiple of 4096"));
          continue;
        }
      g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (volume, &source, &placement, &sides);
      g_assert_cmpint (disk->cache, ==, cases[i].cache);
    }
}

/* A format is never guessed: what begins as another one is raw only at somebody's word. */
static void
test_foreign_headers (void)
{
  static const struct
  {
    const char *header;
    const char *option; /* nullable */
    int value;
    const char *refused; /* nullable */
  } cases[] = {
    { "qcow2", NULL, 0, "format qcow2" },
    { "vmdk", NULL, 0, "begins as a vmdk image" },
    { "LUKS", NULL, 0, "format raw" },
    { "qcow2", "format", HOTPLUG_IMAGE_FORMAT_RAW, NULL },
    { "gzip", "format", HOTPLUG_IMAGE_FORMAT_RAW, NULL },
    { "qcow2", "read-only", TRUE, NULL },
    { "qcow2", "format", HOTPLUG_IMAGE_FORMAT_QCOW2, NULL },
    { NULL, NULL, 0, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugSource source = source_of (HOLES);
      g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path",
                                                         "/srv/data.img", cases[i].option, cases[i].value, NULL);

      source.header = cases[i].header;
      source.qcow2 = g_strcmp0 (cases[i].header, "qcow2") == 0;
      gboolean possible = _hotplug_volume_check_source (volume, &source, &error);
      g_assert_cmpint (possible, ==, cases[i].refused == NULL);
      if (cases[i].refused == NULL)
        continue;
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
      g_assert_nonnull (strstr (error->message, cases[i].refused));
    }
}

static void
test_encrypted (void)
{
  HotplugSource source = source_of (HOLES);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume
      = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/srv/data.img", "format",
                        HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);

  source.qcow2 = source.encrypted = TRUE;
  g_assert_false (_hotplug_volume_check_source (volume, &source, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, "encrypted"));
}

/* The first trim of a guest would give back what was allotted in advance. */
static void
test_preallocated (void)
{
  static const struct
  {
    gboolean preallocated;
    HotplugDiscard asked;
    HotplugDiscard discard;
  } cases[] = {
    { TRUE, HOTPLUG_DISCARD_DEFAULT, HOTPLUG_DISCARD_DEFAULT },
    { TRUE, HOTPLUG_DISCARD_UNMAP, HOTPLUG_DISCARD_UNMAP },
    { TRUE, HOTPLUG_DISCARD_IGNORE, HOTPLUG_DISCARD_IGNORE },
    { FALSE, HOTPLUG_DISCARD_DEFAULT, HOTPLUG_DISCARD_UNMAP },
    { FALSE, HOTPLUG_DISCARD_IGNORE, HOTPLUG_DISCARD_IGNORE },
  };
  const HotplugPlacement placement = { .target = (char *)"sda" };
  const HotplugSides sides = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      HotplugSource source = source_of (WHOLE);
      g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                         "/srv/data.img", "discard", cases[i].asked, NULL);

      source.preallocated = cases[i].preallocated;
      g_autoptr (HotplugDisk) disk = _hotplug_volume_to_disk (volume, &source, &placement, &sides);
      g_assert_cmpint (disk->discard, ==, cases[i].discard);
    }
}

/* A disk that is the only one of its thread, and others without: rules/hotplug-io-thread.c has the choice */
static void
test_io_thread (void)
{
  g_autoptr (HotplugDomain) domain = _hotplug_domain_new ();
  g_autoptr (HotplugVolume)
      dedicated = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/srv/data.img", "bus",
                                  HOTPLUG_BUS_VIRTIO, "dedicated-io-thread", TRUE, NULL);
  g_autoptr (HotplugVolume) plain = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path",
                                                    "/srv/data.img", "bus", HOTPLUG_BUS_VIRTIO, NULL);
  HotplugSource source = source_of (HOLES);
  const HotplugPlacement placement = { .target = (char *)"vda" };
  const HotplugSides sides = { .template = domain };

  _hotplug_domain_number_io_threads (domain, 1);
  g_autoptr (HotplugDisk) with = _hotplug_volume_to_disk (dedicated, &source, &placement, &sides);
  g_autoptr (HotplugDisk) without = _hotplug_volume_to_disk (plain, &source, &placement, &sides);
  g_assert_cmpuint (with->io_thread, ==, 1);
  g_assert_cmpuint (without->io_thread, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/volume-disk/cache-and-io/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_cache_and_io);
    }
  g_test_add_func ("/volume-disk/block-sizes", test_block_sizes);
  g_test_add_func ("/volume-disk/io-thread", test_io_thread);
  g_test_add_func ("/conformance/FD04/volume-disk-preallocated", test_preallocated);
  g_test_add_func ("/conformance/FP01/FS03/volume-disk-alignment", test_alignment);
  g_test_add_func ("/conformance/FS03/volume-disk-encrypted", test_encrypted);
  g_test_add_func ("/conformance/FW05/volume-disk-foreign-headers", test_foreign_headers);
  g_test_add_func ("/conformance/FW07/volume-disk-large-blocks", test_large_blocks);
  return g_test_run ();
}
