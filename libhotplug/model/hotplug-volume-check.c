/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-serial.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "model/hotplug-volume-private.h"

#define BLOCK_SIZE_MIN 512u
#define BLOCK_SIZE_MAX (2u * 1024 * 1024)

/* QEMU and KubeVirt take 2 MiB here too, and Linux has no such disk: drivers/scsi/sd.c knows four sizes up to this, and
 * virtio-blk none beyond a page. */
#define LOGICAL_BLOCK_SIZE_MAX 4096u

static const char *
nick (GType type, int value)
{
  const char *found = _hotplug_enum_to_nick (type, value);

  return found != NULL ? found : "unknown";
}

G_GNUC_PRINTF (4, 5)
static gboolean
refuse (HotplugVolume *self, HotplugError code, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, HOTPLUG_ERROR, (int)code, "volume \"%s\": %s", self->name, why);
  return FALSE;
}

/* libvirt takes it as an attribute of XML, which has no other bytes than UTF-8, no control characters, and neither
 * U+FFFE nor U+FFFF (XML 1.0, production 2). */
static gboolean
fits_into_xml (const char *path)
{
  if (!g_utf8_validate (path, -1, NULL))
    return FALSE;

  for (const char *at = path; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);
      if (g_unichar_iscntrl (character) || character == 0xfffe || character == 0xffff)
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_path (HotplugVolume *self, GError **error)
{
  gboolean absolute = self->path != NULL && g_path_is_absolute (self->path);

  if (absolute && fits_into_xml (self->path))
    return TRUE;

  g_autofree char *shown = g_strescape (self->path != NULL ? self->path : "", NULL);
  g_set_error (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "volume \"%s\": source \"%s\" %s", self->name, shown,
      absolute ? "has bytes that libvirt can't be told: no UTF-8, or control characters" : "is no absolute path");
  return FALSE;
}

/* KubeVirt asks for the device first, then for its bus (pkg/storage/admitters/storagehotplug.go). */
static gboolean
check_device (HotplugVolume *self, GError **error)
{
  HotplugDiskType device = self->options.device;

  if (device == HOTPLUG_DISK_TYPE_DISK || device == HOTPLUG_DISK_TYPE_LUN)
    return TRUE;

  return refuse (self, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, error,
                 "a %s can't be hotplugged, a \"disk\" on bus \"scsi\" or \"virtio\" and a \"lun\" on bus \"scsi\" can",
                 nick (HOTPLUG_TYPE_DISK_TYPE, (int)device));
}

static gboolean
check_bus (HotplugVolume *self, GError **error)
{
  gboolean is_lun = self->options.device == HOTPLUG_DISK_TYPE_LUN;

  if (self->bus == HOTPLUG_BUS_SCSI || (self->bus == HOTPLUG_BUS_VIRTIO && !is_lun))
    return TRUE;

  return refuse (self, HOTPLUG_ERROR_BUS_UNSUPPORTED, error,
                 is_lun ? "bus \"%s\" takes no LUN, \"scsi\" does"
                        : "bus \"%s\" takes no hotplugged disk, \"scsi\" and \"virtio\" do",
                 nick (HOTPLUG_TYPE_BUS, (int)self->bus));
}

static gboolean
check_source (HotplugVolume *self, GError **error)
{
  if (self->uri == NULL)
    return check_path (self, error);
  if (self->path != NULL)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "its source is a path or a URI, not both");
  if (_hotplug_network_source_parse (self->uri, &self->network, error))
    return TRUE;

  g_prefix_error (error, "volume \"%s\": ", self->name);
  return FALSE;
}

/* What the hypervisor of a VMI shows of it is not known yet: it is asked when the volume is plugged. */
static gboolean
check_serial (HotplugVolume *self, GError **error)
{
  const char *serial = hotplug_volume_get_serial (self);

  if (self->options.device == HOTPLUG_DISK_TYPE_LUN && serial != NULL)
    return refuse (self, HOTPLUG_ERROR_SERIAL_INVALID, error,
                   "a LUN can't be given serial \"%s\": the guest sees its device's own", serial);
  if (serial == NULL || hotplug_serial_check (self->bus, HOTPLUG_DISK_TYPE_DISK, serial, 0, NULL, error))
    return TRUE;

  g_prefix_error (error, "volume \"%s\": ", self->name);
  return FALSE;
}

/* QEMU passes a LUN's own through; libvirt 9.0.0 src/conf/domain_validate.c:693 has which sources can be one. */
static gboolean
check_lun (HotplugVolume *self, GError **error)
{
  const HotplugVolumeOptions *options = &self->options;

  if (options->device != HOTPLUG_DISK_TYPE_LUN)
    return TRUE;
  if (options->format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "a LUN is a device, and holds no image of format \"%s\"",
                   nick (HOTPLUG_TYPE_IMAGE_FORMAT, (int)options->format));
  if (self->uri != NULL && g_strcmp0 (self->network.protocol, "iscsi") != 0)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "%s is no LUN, a SCSI device of the host or iscsi:// is", self->uri);
  if (options->logical_block_size != 0 || options->physical_block_size != 0 || options->match_block_size)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "a LUN has the block sizes of its device");
  return TRUE;
}

/* KubeVirt: "a sharable disk requires cache = none" (pkg/virt-launcher/virtwrap/converter). That native input and
 * output needs it too is QEMU's rule: block/file-posix.c, "aio=native was specified, but it requires
 * cache.direct=on". */
static gboolean
check_cache (HotplugVolume *self, GError **error)
{
  const HotplugVolumeOptions *options = &self->options;
  const char *cache = nick (HOTPLUG_TYPE_CACHE, (int)self->cache);

  if (self->cache == HOTPLUG_CACHE_DEFAULT || self->cache == HOTPLUG_CACHE_NONE)
    return TRUE;
  if (options->shareable)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "a shareable disk needs cache \"none\", not \"%s\"",
                   cache);
  if (options->access_mode == HOTPLUG_ACCESS_MODE_READ_WRITE_MANY)
    return refuse (self, HOTPLUG_ERROR_ACCESS_MODE, error, "access mode ReadWriteMany needs cache \"none\", not \"%s\"",
                   cache);
  if (options->io == HOTPLUG_IO_NATIVE)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "io \"native\" needs cache \"none\", not \"%s\"",
                   cache);
  return TRUE;
}

/* Two that write to one qcow2 image at once destroy it; libvirt 9.0.0 src/qemu/qemu_validate.c:3247. */
static gboolean
check_sharing (HotplugVolume *self, GError **error)
{
  const HotplugVolumeOptions *options = &self->options;
  gboolean many = options->access_mode == HOTPLUG_ACCESS_MODE_READ_WRITE_MANY;

  if ((many || options->shareable) && options->format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    return refuse (self, many ? HOTPLUG_ERROR_ACCESS_MODE : HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "only a raw image can be shared, not one of format \"%s\"",
                   nick (HOTPLUG_TYPE_IMAGE_FORMAT, (int)options->format));
  if (options->shareable && options->access_mode == HOTPLUG_ACCESS_MODE_READ_ONLY_MANY)
    return refuse (self, HOTPLUG_ERROR_ACCESS_MODE, error,
                   "access mode ReadOnlyMany is not for a shareable disk, which is written to");
  return TRUE;
}

static gboolean
check_block_size (HotplugVolume *self, const char *which, guint size, guint most, GError **error)
{
  if (size == 0 || (size >= BLOCK_SIZE_MIN && size <= most && (size & (size - 1)) == 0))
    return TRUE;

  return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                 "a %s block size of %u bytes can't be, a power of two from %u to %u can", which, size, BLOCK_SIZE_MIN,
                 most);
}

/* KubeVirt's rules: pkg/storage/admitters/disks.go, validateBlockSize */
static gboolean
check_block_sizes (HotplugVolume *self, GError **error)
{
  const HotplugVolumeOptions *options = &self->options;
  guint logical = options->logical_block_size;
  guint physical = options->physical_block_size;

  if (options->match_block_size && (logical != 0 || physical != 0))
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "block sizes are given or matched to the source's, not both");
  if (options->match_block_size && self->uri != NULL)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "block sizes of a source on the network can't be matched: they are not known here");
  if (!check_block_size (self, "logical", logical, LOGICAL_BLOCK_SIZE_MAX, error)
      || !check_block_size (self, "physical", physical, BLOCK_SIZE_MAX, error))
    return FALSE;
  if (physical != 0 && MAX (logical, BLOCK_SIZE_MIN) > physical)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "the logical block size of %u bytes is larger than the physical one of %u", logical, physical);
  return TRUE;
}

/* The limit is QEMU's: bootindex is an int32. */
static gboolean
check_boot_order (HotplugVolume *self, GError **error)
{
  return self->options.boot_order <= G_MAXINT
         || refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "a boot order of %u can't be, from 1 to %d can",
                    self->options.boot_order, G_MAXINT);
}

/* KubeVirt: pkg/storage/admitters/storagehotplug.go, "requires virtio bus for IOThreads" */
static gboolean
check_io_thread (HotplugVolume *self, GError **error)
{
  return !self->options.dedicated_io_thread || self->bus == HOTPLUG_BUS_VIRTIO
         || refuse (self, HOTPLUG_ERROR_BUS_UNSUPPORTED, error,
                    "a disk on bus \"%s\" has no dedicated IO thread, one on bus \"virtio\" can have",
                    nick (HOTPLUG_TYPE_BUS, (int)self->bus));
}

gboolean
_hotplug_volume_check (HotplugVolume *self, GError **error)
{
  return _hotplug_name_check ("volume", self->name, error) && check_source (self, error) && check_device (self, error)
         && check_bus (self, error) && check_serial (self, error) && check_lun (self, error)
         && check_cache (self, error) && check_sharing (self, error) && check_block_sizes (self, error)
         && check_boot_order (self, error) && check_io_thread (self, error);
}

const HotplugNetworkSource *
_hotplug_volume_peek_network (HotplugVolume *self)
{
  return self->uri != NULL ? &self->network : NULL;
}
