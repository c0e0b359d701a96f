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
  return g_test_run ();
}
