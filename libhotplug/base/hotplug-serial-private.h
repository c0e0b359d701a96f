/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

G_BEGIN_DECLS

/* How many characters of a serial the guest sees on @bus, measured with QEMU 7.2 and read from its source:
 * virtio 20 (VIRTIO_BLK_ID_BYTES), IDE and SATA 20 (hw/ide/core.c, drive_serial_str),
 * SCSI 36 (hw/scsi/scsi-disk.c, VPD page 0x80; newer QEMU refuses more), USB 126 (a string descriptor). */
guint _hotplug_serial_limit (HotplugBus bus);

/* HOTPLUG_ERROR_SERIAL_INVALID or HOTPLUG_ERROR_SERIAL_TOO_LONG if @serial would not arrive in the guest as it is */
gboolean _hotplug_serial_check (const char *volume, const char *serial, HotplugBus bus, GError **error);

/* Whether a guest could not tell the two disks by what it sees of their serials */
gboolean _hotplug_serial_collides (const char *a, HotplugBus a_bus, const char *b, HotplugBus b_bus);

G_END_DECLS
