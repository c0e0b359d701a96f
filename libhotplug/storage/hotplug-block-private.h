/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-source-info-private.h"

G_BEGIN_DECLS

/* How block devices lie upon each other, by what the kernel tells in sysfs */

/* Whether both are block devices and one has bytes of the other: a disk and its partition, a volume and the device that
 * it is mapped to */
gboolean _hotplug_block_overlaps (const HotplugSource *self, const HotplugSource *other);

/* Whether a block device is behind @device: a PCI address 0000:01:00.0, or a SCSI address 0:0:0:0 */
gboolean _hotplug_block_is_behind (const HotplugSource *self, const char *device);

/* Where the host itself has mounted what is on a block device, or in a file that a loop device is made of, and "swap"
 * for what it swaps to; NULL: nowhere */
char *_hotplug_block_find_mount (const HotplugSource *self);

G_END_DECLS
