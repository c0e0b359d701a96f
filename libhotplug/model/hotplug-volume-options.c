/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-volume-private.h"

static const struct
{
  const char *name;
  gsize offset;
} options[] = {
  { "device", G_STRUCT_OFFSET (HotplugVolumeOptions, device) },
  { "io", G_STRUCT_OFFSET (HotplugVolumeOptions, io) },
  { "error-policy", G_STRUCT_OFFSET (HotplugVolumeOptions, error_policy) },
  { "discard", G_STRUCT_OFFSET (HotplugVolumeOptions, discard) },
  { "format", G_STRUCT_OFFSET (HotplugVolumeOptions, format) },
  { "access-mode", G_STRUCT_OFFSET (HotplugVolumeOptions, access_mode) },
  { "logical-block-size", G_STRUCT_OFFSET (HotplugVolumeOptions, logical_block_size) },
  { "physical-block-size", G_STRUCT_OFFSET (HotplugVolumeOptions, physical_block_size) },
  { "match-block-size", G_STRUCT_OFFSET (HotplugVolumeOptions, match_block_size) },
  { "boot-order", G_STRUCT_OFFSET (HotplugVolumeOptions, boot_order) },
  { "dedicated-io-thread", G_STRUCT_OFFSET (HotplugVolumeOptions, dedicated_io_thread) },
  { "allow-mounted", G_STRUCT_OFFSET (HotplugVolumeOptions, allow_mounted) },
  { "shareable", G_STRUCT_OFFSET (HotplugVolumeOptions, shareable) },
};

static guint first;

#define OPTION(self, id) G_STRUCT_MEMBER (int, self, options[(id)-first].offset)

gboolean
_hotplug_volume_options_get (const HotplugVolumeOptions *self, guint id, GValue *value)
{
  if (id < first || id >= first + G_N_ELEMENTS (options))
    return FALSE;

  if (G_VALUE_HOLDS_ENUM (value))
    g_value_set_enum (value, OPTION (self, id));
  else if (G_VALUE_HOLDS_UINT (value))
    g_value_set_uint (value, (guint)OPTION (self, id));
  else
    g_value_set_boolean (value, OPTION (self, id));
  return TRUE;
}

gboolean
_hotplug_volume_options_set (HotplugVolumeOptions *self, guint id, const GValue *value)
{
  if (id < first || id >= first + G_N_ELEMENTS (options))
    return FALSE;

  OPTION (self, id) = G_VALUE_HOLDS_ENUM (value)   ? g_value_get_enum (value)
                      : G_VALUE_HOLDS_UINT (value) ? (int)g_value_get_uint (value)
                                                   : g_value_get_boolean (value);
  return TRUE;
}

static GParamSpec **
make_words (GParamSpec **spec)
{
  GParamFlags flags = (GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * HotplugVolume:device:
   *
   * What the disk is to the guest: %HOTPLUG_DISK_TYPE_DISK, or %HOTPLUG_DISK_TYPE_LUN for a SCSI device of the host
   * that the guest speaks to itself, on bus SCSI and without a serial of ours. Others are refused with
   * %HOTPLUG_ERROR_DEVICE_UNSUPPORTED, as in KubeVirt (pkg/storage/admitters/storagehotplug.go).
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("device", NULL, NULL, HOTPLUG_TYPE_DISK_TYPE, HOTPLUG_DISK_TYPE_DISK, flags);

  /**
   * HotplugVolume:io:
   *
   * How the host reads and writes the volume. %HOTPLUG_IO_NATIVE goes with #HotplugVolume:cache none only.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("io", NULL, NULL, HOTPLUG_TYPE_IO, HOTPLUG_IO_DEFAULT, flags);

  /**
   * HotplugVolume:error-policy:
   *
   * What happens when the host can't read or write the volume.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("error-policy", NULL, NULL, HOTPLUG_TYPE_ERROR_POLICY, HOTPLUG_ERROR_POLICY_STOP,
                                  flags);

  /**
   * HotplugVolume:discard:
   *
   * What becomes of blocks that the guest discards.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("discard", NULL, NULL, HOTPLUG_TYPE_DISCARD, HOTPLUG_DISCARD_DEFAULT, flags);

  /**
   * HotplugVolume:format:
   *
   * How the image is written. It is never guessed; a qcow2 image that refers to other files is refused. If nothing is
   * told it is raw, and a source that begins as an image of another format is refused unless it is only read.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("format", NULL, NULL, HOTPLUG_TYPE_IMAGE_FORMAT, HOTPLUG_IMAGE_FORMAT_DEFAULT,
                                  flags);

  /**
   * HotplugVolume:access-mode:
   *
   * How many running VMIs may use the source. With %HOTPLUG_ACCESS_MODE_READ_WRITE_MANY the disk is
   * #HotplugVolume:shareable, with %HOTPLUG_ACCESS_MODE_READ_ONLY_MANY it is #HotplugVolume:read-only.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_enum ("access-mode", NULL, NULL, HOTPLUG_TYPE_ACCESS_MODE,
                                  HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, flags);

  return spec;
}

static GParamSpec **
make_numbers (GParamSpec **spec)
{
  GParamFlags flags = (GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * HotplugVolume:logical-block-size:
   *
   * The sector size that the guest sees in bytes, 0 for the hypervisor's choice: a power of two from 512 to 4096, since
   * Linux has no disk with larger ones.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_uint ("logical-block-size", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugVolume:physical-block-size:
   *
   * The block size that the guest is told to write in, in bytes, 0 for #HotplugVolume:logical-block-size: a power of
   * two, at least that and at most 2 MiB.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_uint ("physical-block-size", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugVolume:match-block-size:
   *
   * Whether the block sizes are those of the source: of a block device its own, of an image those of its file system.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_boolean ("match-block-size", NULL, NULL, FALSE, flags);

  /**
   * HotplugVolume:boot-order:
   *
   * When the firmware tries to boot from the disk, from 1, each number once in a VMI; 0 for never.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_uint ("boot-order", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugVolume:dedicated-io-thread:
   *
   * Whether the disk is served by one of the VMI's IO threads, on bus virtio only. The one that serves the fewest disks
   * is taken; a VMI that has none refuses with %HOTPLUG_ERROR_NO_IO_THREAD.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_boolean ("dedicated-io-thread", NULL, NULL, FALSE, flags);

  /**
   * HotplugVolume:allow-mounted:
   *
   * Whether the guest may write to what the host itself has mounted, or swaps to. Two that write to one file system
   * without knowing of each other end it, so that it is refused otherwise.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_boolean ("allow-mounted", NULL, NULL, FALSE, flags);

  /**
   * HotplugVolume:shareable:
   *
   * Whether several VMIs may write to the source at once; past the host's page cache, so with #HotplugVolume:cache none
   * only. True with %HOTPLUG_ACCESS_MODE_READ_WRITE_MANY.
   *
   * Since: 0.1
   */
  *spec++ = g_param_spec_boolean ("shareable", NULL, NULL, FALSE, flags);

  return spec;
}

void
_hotplug_volume_options_install (GObjectClass *class, guint first_id)
{
  GParamSpec *specs[G_N_ELEMENTS (options)];

  first = first_id;
  make_numbers (make_words (specs));
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_assert (g_str_equal (g_param_spec_get_name (specs[i]), options[i].name));
      g_object_class_install_property (class, first + i, specs[i]);
    }
}

/**
 * hotplug_volume_get_access_mode:
 * @self: a volume
 *
 * Returns: how many running VMIs may use the source
 *
 * Since: 0.1
 */
HotplugAccessMode
hotplug_volume_get_access_mode (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);

  return self->options.access_mode;
}

/**
 * hotplug_volume_get_boot_order:
 * @self: a volume
 *
 * Returns: when the firmware tries to boot from the disk, 0 for never
 *
 * Since: 0.1
 */
guint
hotplug_volume_get_boot_order (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), 0);

  return self->options.boot_order;
}

/**
 * hotplug_volume_get_dedicated_io_thread:
 * @self: a volume
 *
 * Returns: whether the disk is served by one of the VMI's IO threads
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_get_dedicated_io_thread (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), FALSE);

  return self->options.dedicated_io_thread;
}

/**
 * hotplug_volume_get_device:
 * @self: a volume
 *
 * Returns: what the disk is to the guest
 *
 * Since: 0.1
 */
HotplugDiskType
hotplug_volume_get_device (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_DISK_TYPE_DISK);

  return self->options.device;
}

/**
 * hotplug_volume_get_discard:
 * @self: a volume
 *
 * Returns: what becomes of blocks that the guest discards
 *
 * Since: 0.1
 */
HotplugDiscard
hotplug_volume_get_discard (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_DISCARD_DEFAULT);

  return self->options.discard;
}

/**
 * hotplug_volume_get_error_policy:
 * @self: a volume
 *
 * Returns: what happens when the host can't read or write the volume
 *
 * Since: 0.1
 */
HotplugErrorPolicy
hotplug_volume_get_error_policy (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_ERROR_POLICY_STOP);

  return self->options.error_policy;
}

/**
 * hotplug_volume_get_format:
 * @self: a volume
 *
 * Returns: how the image is written: raw where nothing was told
 *
 * Since: 0.1
 */
HotplugImageFormat
hotplug_volume_get_format (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_IMAGE_FORMAT_RAW);

  return self->options.format == HOTPLUG_IMAGE_FORMAT_QCOW2 ? HOTPLUG_IMAGE_FORMAT_QCOW2 : HOTPLUG_IMAGE_FORMAT_RAW;
}

/**
 * hotplug_volume_get_io:
 * @self: a volume
 *
 * Returns: how the host reads and writes the volume
 *
 * Since: 0.1
 */
HotplugIo
hotplug_volume_get_io (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_IO_DEFAULT);

  return self->options.io;
}

/**
 * hotplug_volume_get_logical_block_size:
 * @self: a volume
 *
 * Returns: the sector size that the guest sees in bytes, 0 for the hypervisor's choice
 *
 * Since: 0.1
 */
guint
hotplug_volume_get_logical_block_size (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), 0);

  return self->options.logical_block_size;
}

/**
 * hotplug_volume_get_match_block_size:
 * @self: a volume
 *
 * Returns: whether the block sizes are those of the source
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_get_match_block_size (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), FALSE);

  return self->options.match_block_size;
}

/**
 * hotplug_volume_get_physical_block_size:
 * @self: a volume
 *
 * Returns: the block size that the guest is told to write in, 0 for the hypervisor's choice
 *
 * Since: 0.1
 */
guint
hotplug_volume_get_physical_block_size (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), 0);

  return self->options.physical_block_size;
}

/**
 * hotplug_volume_get_shareable:
 * @self: a volume
 *
 * Returns: whether several VMIs may write to the source at once
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_get_shareable (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), FALSE);

  return self->options.shareable || self->options.access_mode == HOTPLUG_ACCESS_MODE_READ_WRITE_MANY;
}
