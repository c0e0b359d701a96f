/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-volume-status-private.h"

/**
 * hotplug_volume_status_get_boot_order:
 * @self: a volume status
 *
 * Returns: when the firmware tries to boot from the disk, 0 for never
 *
 * Since: 0.1
 */
guint
hotplug_volume_status_get_boot_order (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return _hotplug_volume_status_peek (self)->boot_order;
}

/**
 * hotplug_volume_status_get_cache:
 * @self: a volume status
 *
 * Returns: how the host caches it; %HOTPLUG_CACHE_DEFAULT also for a mode that has no name here
 *
 * Since: 0.1
 */
HotplugCache
hotplug_volume_status_get_cache (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_CACHE_DEFAULT);

  return _hotplug_volume_status_peek (self)->cache;
}

/**
 * hotplug_volume_status_get_dedicated_io_thread:
 * @self: a volume status
 *
 * Returns: whether one of the VMI's IO threads serves it
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_status_get_dedicated_io_thread (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return _hotplug_volume_status_peek (self)->dedicated_io_thread;
}

/**
 * hotplug_volume_status_get_device:
 * @self: a volume status
 *
 * Returns: what the disk is to the guest
 *
 * Since: 0.1
 */
HotplugDiskType
hotplug_volume_status_get_device (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_DISK_TYPE_DISK);

  return _hotplug_volume_status_peek (self)->device;
}

/**
 * hotplug_volume_status_get_discard:
 * @self: a volume status
 *
 * Returns: what becomes of blocks that the guest discards
 *
 * Since: 0.1
 */
HotplugDiscard
hotplug_volume_status_get_discard (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_DISCARD_IGNORE);

  return _hotplug_volume_status_peek (self)->discard;
}

/**
 * hotplug_volume_status_get_error_policy:
 * @self: a volume status
 *
 * Returns: what happens when the host can't read or write it; of a disk whose definition does not say it, QEMU's
 *   default, %HOTPLUG_ERROR_POLICY_ENOSPACE
 *
 * Since: 0.1
 */
HotplugErrorPolicy
hotplug_volume_status_get_error_policy (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_ERROR_POLICY_STOP);

  return _hotplug_volume_status_peek (self)->error_policy;
}

/**
 * hotplug_volume_status_get_io:
 * @self: a volume status
 *
 * Returns: how the host reads and writes it; %HOTPLUG_IO_DEFAULT also for a mode that has no name here
 *
 * Since: 0.1
 */
HotplugIo
hotplug_volume_status_get_io (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_IO_DEFAULT);

  return _hotplug_volume_status_peek (self)->io;
}

/**
 * hotplug_volume_status_get_logical_block_size:
 * @self: a volume status
 *
 * Returns: the sector size that the guest sees in bytes, 0 for the hypervisor's choice
 *
 * Since: 0.1
 */
guint
hotplug_volume_status_get_logical_block_size (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return _hotplug_volume_status_peek (self)->logical_block_size;
}

/**
 * hotplug_volume_status_get_physical_block_size:
 * @self: a volume status
 *
 * Returns: the block size that the guest is told to write in, in bytes, 0 for the hypervisor's choice
 *
 * Since: 0.1
 */
guint
hotplug_volume_status_get_physical_block_size (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return _hotplug_volume_status_peek (self)->physical_block_size;
}

/**
 * hotplug_volume_status_get_read_only:
 * @self: a volume status
 *
 * Returns: whether the guest can only read it
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_status_get_read_only (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return _hotplug_volume_status_peek (self)->read_only;
}

/**
 * hotplug_volume_status_get_shareable:
 * @self: a volume status
 *
 * Returns: whether other VMIs may write to its source at the same time
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_status_get_shareable (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return _hotplug_volume_status_peek (self)->shareable;
}

/**
 * hotplug_volume_status_get_uri:
 * @self: a volume status
 *
 * Returns: (transfer none) (nullable): where the hypervisor finds the source on the network, or %NULL for a source with
 *   a path, or one of a kind that libhotplug does not plug
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_uri (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _hotplug_volume_status_peek (self)->uri;
}
