/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-version-private.h"

#define SINCE(major, minor) (G_GUINT64_CONSTANT (1000000) * (major) + 1000 * (minor))

static const guint64 since[] = {
  /* Before scsi-disk had a device_id, page 0x83, of which Linux makes the name in /dev/disk/by-id, showed 20
   * characters. libvirt sets it to the whole serial (libvirt 9.0.0 src/qemu/qemu_command.c:1790). */
  [HOTPLUG_TRAIT_QEMU_SCSI_DEVICE_ID] = SINCE (4, 0),
  /* QEMU's commit 75997e182b69. A USB disk has a scsi-disk inside that gets the same serial
   * (hw/usb/dev-storage-classic.c) and has no device_id, so that it takes 20. MEASURED: 10.0.13 refuses 21, 7.2
   * nothing. */
  [HOTPLUG_TRAIT_QEMU_LONG_SERIAL_REFUSED] = SINCE (9, 1),
  /* libvirt's NEWS, 11.0.0; libvirt 9.0.0 refuses it when the interface is attached (src/conf/domain_validate.c:2046).
   * MEASURED: taken by 11.3.0. */
  [HOTPLUG_TRAIT_LIBVIRT_BRIDGE_VLAN] = SINCE (11, 0),
  /* MEASURED: in order with 11.3.0, behind all others with 9.0.0; those between were not at hand. */
  [HOTPLUG_TRAIT_LIBVIRT_INDEXES_IN_ORDER] = SINCE (10, 0),
  /* MEASURED: 9.0.0 refuses one without, 11.3.0 gives it one; those between are taken for newer, since of a definition
   * that libvirt refuses there is no machine. */
  [HOTPLUG_TRAIT_LIBVIRT_USB_NET] = SINCE (9, 1),
};

gboolean
_hotplug_version_has (guint64 version, HotplugTrait trait)
{
  return version == 0 || version >= since[trait];
}

/* Those that tests/pci/oracle has found no mismatch with */
static const struct
{
  guint major;
  guint minor;
} measured[] = {
  { 9, 0 },
  { 11, 3 },
};

gboolean
_hotplug_version_is_measured (guint64 libvirt_version)
{
  for (guint i = 0; i < G_N_ELEMENTS (measured); i++)
    {
      if (libvirt_version / 1000 == (guint64)measured[i].major * 1000 + measured[i].minor)
        return TRUE;
    }
  return libvirt_version == 0;
}
