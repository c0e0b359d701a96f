/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Things that libvirt or QEMU does from some version on. Whoever needs to know asks _hotplug_version_has(), so that all
 * that depends on a version stands in one table; docs/versions.md tells with which versions each was measured. */
typedef enum {
  HOTPLUG_TRAIT_QEMU_SCSI_DEVICE_ID,      /* page 0x83 of a SCSI disk has the whole serial */
  HOTPLUG_TRAIT_QEMU_LONG_SERIAL_REFUSED, /* scsi-disk refuses a serial that it would cut */
  HOTPLUG_TRAIT_LIBVIRT_BRIDGE_VLAN,      /* a port of a Linux bridge takes a VLAN */
  HOTPLUG_TRAIT_LIBVIRT_INDEXES_IN_ORDER, /* controllers that libvirt adds stand among the others by their index */
  HOTPLUG_TRAIT_LIBVIRT_USB_NET,          /* an interface of the model usb-net needs no address */
  HOTPLUG_TRAIT_LAST = HOTPLUG_TRAIT_LIBVIRT_USB_NET
} HotplugTrait;

/* @version: QEMU's or libvirt's, as the trait is; major * 1000000 + minor * 1000 + micro, and 0 where it is not known,
 * which stands for a recent one */
gboolean _hotplug_version_has (guint64 version, HotplugTrait trait);

/* Whether the copy of libvirt's rules in rules/ was held against that release of libvirt, and nothing differed; also of
 * 0, of which nothing else is known */
gboolean _hotplug_version_is_measured (guint64 libvirt_version);

G_END_DECLS
