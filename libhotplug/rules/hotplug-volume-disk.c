/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "model/hotplug-volume-private.h"
#include "rules/hotplug-io-thread-private.h"
#include "rules/hotplug-volume-disk-private.h"

#define BLOCK_SIZE_MAX (2u * 1024 * 1024)

/* Linux has no disk with larger sectors: drivers/scsi/sd.c on SCSI, a page on virtio */
#define LOGICAL_BLOCK_SIZE_MAX 4096u

#define SECTOR 512

G_GNUC_PRINTF (5, 6)
static gboolean
refuse (HotplugVolume *volume, const HotplugSource *source, HotplugError code, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, HOTPLUG_ERROR, (int) code, "volume \"%s\": source %s %s", hotplug_volume_get_name (volume),
               source->path, why);
  return FALSE;
}

static gboolean
needs_no_cache (HotplugVolume *volume)
{
  return hotplug_volume_get_cache (volume) == HOTPLUG_CACHE_NONE || hotplug_volume_get_shareable (volume)
         || hotplug_volume_get_io (volume) == HOTPLUG_IO_NATIVE;
}

/* QEMU counts sectors of 512 bytes, rounds up to them, and does not write to what ends between two of what it reads and
 * writes at once (block.c, bdrv_node_check_perm). Inside of an image of another format it does. */
static gboolean
fits_direct (HotplugVolume *volume, const HotplugSource *source)
{
  guint64 size = (source->size + SECTOR - 1) / SECTOR * SECTOR;

  return source->alignment == 0 || size % source->alignment == 0 || hotplug_volume_get_read_only (volume)
         || hotplug_volume_get_format (volume) != HOTPLUG_IMAGE_FORMAT_RAW;
}

static gboolean
check_alignment (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  if (!source->looked || !needs_no_cache (volume) || fits_direct (volume, source))
    return TRUE;

  guint64 rest = source->size % source->alignment;
  return refuse (volume, source, HOTPLUG_ERROR_CACHE_UNSUPPORTED, error,
                 "has %" G_GUINT64_FORMAT " bytes, and cache \"none\" needs a multiple of %u there; truncate -s %"
                 G_GUINT64_FORMAT " makes it one%s",
                 source->size, source->alignment, source->size - rest + source->alignment,
                 hotplug_volume_get_cache (volume) == HOTPLUG_CACHE_NONE ? ", or \"writethrough\" works" : "");
}

/* The first words are KubeVirt's (pkg/virt-launcher/virtwrap/converter). */
static gboolean
check_cache (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  if (!source->looked || source->direct || !needs_no_cache (volume))
    return TRUE;

  return refuse (volume, source, HOTPLUG_ERROR_CACHE_UNSUPPORTED, error,
                 "can't have cache \"none\": its file system does not support direct I/O%s",
                 hotplug_volume_get_cache (volume) == HOTPLUG_CACHE_NONE ? "; \"writethrough\" and \"writeback\" work"
                 : hotplug_volume_get_shareable (volume)                 ? ", which a shareable disk needs"
                                                                         : ", which io \"native\" needs");
}

gboolean
_hotplug_volume_check_told (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  if (source->header == NULL || volume->options.format != HOTPLUG_IMAGE_FORMAT_DEFAULT)
    return TRUE;

  gboolean known = g_str_equal (source->header, "qcow2");
  return refuse (volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error,
                 "begins as a %s image, and its format is not told; %s, or format raw if its bytes are the disk's",
                 source->header,
                 known ? "format qcow2 if it is one" : "qemu-img convert or its own tool makes a raw one of it");
}

/* A raw disk that is written to where an image of another format stands would end it. */
static gboolean
check_raw (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  return hotplug_volume_get_read_only (volume) || _hotplug_volume_check_told (volume, source, error);
}

static gboolean
check_format (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  if (!source->looked || hotplug_volume_get_format (volume) != HOTPLUG_IMAGE_FORMAT_QCOW2)
    return !source->looked || check_raw (volume, source, error);
  if (!source->qcow2)
    return refuse (volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error, "is no qcow2 image");
  if (source->encrypted)
    return refuse (volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error,
                   "is an encrypted qcow2 image, and no passphrase can be given; qemu-img convert makes a plain one");
  return !source->refers
         || refuse (
             volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error,
             "is a qcow2 image that needs another file, which is not followed; qemu-img convert makes a whole one");
}

static gboolean
check_lun (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  if (hotplug_volume_get_device (volume) != HOTPLUG_DISK_TYPE_LUN || source->path == NULL)
    return TRUE;
  if (!source->block)
    return refuse (volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error, "is no block device, which a LUN needs");
  return !source->looked || source->scsi
         || refuse (volume, source, HOTPLUG_ERROR_SOURCE_NOT_READY, error, "is no SCSI device, which a LUN needs");
}

static gboolean
check_block_size (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  guint size = source->logical_block_size;

  if (!hotplug_volume_get_match_block_size (volume)
      || (size >= 512 && size <= BLOCK_SIZE_MAX && (size & (size - 1)) == 0))
    return TRUE;
  if (!source->looked)
    return refuse (volume, source, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "can't be looked at from here, so its block sizes can't be matched; they can be given");
  return refuse (volume, source, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "has blocks of %u bytes, which no disk has",
                 size);
}

gboolean
_hotplug_volume_check_source (HotplugVolume *volume, const HotplugSource *source, GError **error)
{
  return check_format (volume, source, error) && check_lun (volume, source, error)
         && check_cache (volume, source, error) && check_alignment (volume, source, error)
         && check_block_size (volume, source, error);
}

/* Who reads only and who shares lets others be: QEMU's own rule (hw/block/block.c, blkconf_apply_backend_options). */
gboolean
_hotplug_volume_is_held (HotplugVolume *volume, const HotplugSourceLocks *locks)
{
  if (hotplug_volume_get_shareable (volume))
    return locks->keeps_writers;
  if (hotplug_volume_get_access_mode (volume) == HOTPLUG_ACCESS_MODE_READ_ONLY_MANY)
    return locks->written;
  return locks->held;
}

void
_hotplug_volume_set_in_use (HotplugVolume *volume, const char *source, const char *who, GError **error)
{
  HotplugAccessMode mode = hotplug_volume_get_shareable (volume) ? HOTPLUG_ACCESS_MODE_READ_WRITE_MANY
                                                                 : hotplug_volume_get_access_mode (volume);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "source %s is in use by %s, and access mode %s allows %s", source,
               who != NULL ? who : "another VMI or process",
               _hotplug_enum_to_nick (HOTPLUG_TYPE_ACCESS_MODE, (int)mode),
               mode == HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE   ? "one running VMI at a time"
               : mode == HOTPLUG_ACCESS_MODE_READ_WRITE_MANY ? "only others that share it"
                                                             : "only others that read");
}

/* KubeVirt's rules: pkg/virt-launcher/virtwrap/converter, SetDriverCacheMode and setDriverIOMode. Of a source that
 * could not be looked at the hypervisor chooses; a disk that is shared, or read natively, has cache none wherever it
 * is. */
static void
choose_cache_and_io (HotplugVolume *volume, const HotplugSource *source, HotplugDisk *disk)
{
  disk->cache = hotplug_volume_get_cache (volume);
  disk->io = hotplug_volume_get_io (volume);

  if (disk->cache == HOTPLUG_CACHE_DEFAULT && needs_no_cache (volume))
    disk->cache = HOTPLUG_CACHE_NONE;
  else if (disk->cache == HOTPLUG_CACHE_DEFAULT && source->looked)
    disk->cache = source->direct && fits_direct (volume, source) ? HOTPLUG_CACHE_NONE : HOTPLUG_CACHE_WRITETHROUGH;

  gboolean whole = source->block || (source->allocated && disk->format == HOTPLUG_IMAGE_FORMAT_RAW);
  if (disk->io == HOTPLUG_IO_DEFAULT && disk->cache == HOTPLUG_CACHE_NONE && source->looked && whole)
    disk->io = HOTPLUG_IO_NATIVE;
}

static void
choose_block_sizes (HotplugVolume *volume, const HotplugSource *source, HotplugDisk *disk)
{
  gboolean match = hotplug_volume_get_match_block_size (volume);
  guint logical = match ? MIN (source->logical_block_size, LOGICAL_BLOCK_SIZE_MAX)
                        : hotplug_volume_get_logical_block_size (volume);
  guint physical = match ? source->physical_block_size : hotplug_volume_get_physical_block_size (volume);

  disk->logical_block_size = logical;
  disk->physical_block_size = physical != 0 ? physical : logical;
}

HotplugDisk *
_hotplug_volume_to_disk (HotplugVolume *volume, const HotplugSource *source, const HotplugPlacement *placement,
                         const HotplugSides *sides)
{
  const HotplugNetworkSource *network = _hotplug_volume_peek_network (volume);
  HotplugDisk *disk = _hotplug_disk_new ();

  disk->alias = _hotplug_volume_alias (hotplug_volume_get_name (volume));
  disk->device = g_strdup (_hotplug_enum_to_nick (HOTPLUG_TYPE_DISK_TYPE, (int) hotplug_volume_get_device (volume)));
  disk->target = g_strdup (placement->target);
  disk->path = network == NULL ? g_strdup (source->path) : NULL;
  disk->uri = network != NULL ? _hotplug_network_source_to_uri (network) : NULL;
  disk->serial = g_strdup (hotplug_volume_get_serial (volume));
  disk->bus = hotplug_volume_get_bus (volume);
  disk->format = hotplug_volume_get_format (volume);
  disk->error_policy = hotplug_volume_get_error_policy (volume);
  disk->discard = hotplug_volume_get_discard (volume);
  if (disk->discard == HOTPLUG_DISCARD_DEFAULT && !source->preallocated && !volume->options.preallocated)
    disk->discard = HOTPLUG_DISCARD_UNMAP;
  disk->boot_order = hotplug_volume_get_boot_order (volume);
  disk->io_thread = hotplug_volume_get_dedicated_io_thread (volume) ? _hotplug_io_thread_choose (sides) : 0;
  disk->block = source->block;
  disk->read_only = hotplug_volume_get_read_only (volume);
  disk->shareable = hotplug_volume_get_shareable (volume);
  disk->address = placement->address;
  choose_cache_and_io (volume, source, disk);
  choose_block_sizes (volume, source, disk);
  return disk;
}
