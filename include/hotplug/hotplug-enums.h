/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_BUS (hotplug_bus_get_type ())
#define HOTPLUG_TYPE_CACHE (hotplug_cache_get_type ())
#define HOTPLUG_TYPE_DISK_TYPE (hotplug_disk_type_get_type ())
#define HOTPLUG_TYPE_MANIFEST_FORMAT (hotplug_manifest_format_get_type ())
#define HOTPLUG_TYPE_PCI_CLASS (hotplug_pci_class_get_type ())
#define HOTPLUG_TYPE_PLUG_FLAGS (hotplug_plug_flags_get_type ())
#define HOTPLUG_TYPE_VMI_STATE (hotplug_vmi_state_get_type ())
#define HOTPLUG_TYPE_VOLUME_PHASE (hotplug_volume_phase_get_type ())

/**
 * HotplugBus:
 * @HOTPLUG_BUS_SCSI: `scsi`, a LUN of the virtio-scsi controller; costs no PCI port. Since: 0.1
 * @HOTPLUG_BUS_VIRTIO: `virtio`, a PCI device of its own; costs a PCI port. Since: 0.1
 * @HOTPLUG_BUS_SATA: `sata`; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_IDE: `ide`; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_USB: `usb`; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_FDC: `fdc`, a floppy drive's; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_OTHER: `other`, any bus that is not named here; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_NVME: `nvme`; reported, never plugged. Since: 0.1
 * @HOTPLUG_BUS_SD: `sd`, a card reader's; reported, never plugged. Since: 0.1
 *
 * How a disk is connected to the guest. The nicks are libvirt's words for `<target bus='…'/>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_BUS_SCSI,
  HOTPLUG_BUS_VIRTIO,
  HOTPLUG_BUS_SATA,
  HOTPLUG_BUS_IDE,
  HOTPLUG_BUS_USB,
  HOTPLUG_BUS_FDC,
  HOTPLUG_BUS_OTHER,
  HOTPLUG_BUS_NVME,
  HOTPLUG_BUS_SD,
} HotplugBus;

/**
 * HotplugCache:
 * @HOTPLUG_CACHE_DEFAULT: `default`, the hypervisor's choice. Since: 0.1
 * @HOTPLUG_CACHE_NONE: `none`, past the host's page cache. Since: 0.1
 * @HOTPLUG_CACHE_WRITETHROUGH: `writethrough`, each write reaches the storage at once. Since: 0.1
 * @HOTPLUG_CACHE_WRITEBACK: `writeback`, the guest's flushes are honoured. Since: 0.1
 *
 * How the host caches a volume. The nicks are libvirt's words for `<driver cache='…'/>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_CACHE_DEFAULT,
  HOTPLUG_CACHE_NONE,
  HOTPLUG_CACHE_WRITETHROUGH,
  HOTPLUG_CACHE_WRITEBACK,
} HotplugCache;

/**
 * HotplugDiskType:
 * @HOTPLUG_DISK_TYPE_DISK: `disk`. Since: 0.1
 * @HOTPLUG_DISK_TYPE_LUN: `lun`, a SCSI device of the host that the guest speaks to itself. Since: 0.1
 * @HOTPLUG_DISK_TYPE_CDROM: `cdrom`. Since: 0.1
 * @HOTPLUG_DISK_TYPE_FLOPPY: `floppy`. Since: 0.1
 *
 * What a disk is to the guest. The nicks are libvirt's words for `<disk device='…'>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_DISK_TYPE_DISK,
  HOTPLUG_DISK_TYPE_LUN,
  HOTPLUG_DISK_TYPE_CDROM,
  HOTPLUG_DISK_TYPE_FLOPPY,
} HotplugDiskType;

/**
 * HotplugManifestFormat:
 * @HOTPLUG_MANIFEST_FORMAT_JSON: `json`. Since: 0.1
 * @HOTPLUG_MANIFEST_FORMAT_YAML: `yaml`. Since: 0.1
 *
 * How a manifest is written.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_MANIFEST_FORMAT_JSON,
  HOTPLUG_MANIFEST_FORMAT_YAML,
} HotplugManifestFormat;

/**
 * HotplugPciClass:
 * @HOTPLUG_PCI_CLASS_NONE: `none`, costs no PCI slot: a SCSI disk, a USB device, a serial port, … Since: 0.1
 * @HOTPLUG_PCI_CLASS_PCI: `pci`, a conventional PCI device such as an `rtl8139`. It does not fit a `pcie-root-port`. Since: 0.1
 * @HOTPLUG_PCI_CLASS_PCIE: `pcie`, a PCI Express device such as an `e1000e`; a port's, where the machine has PCI Express. Since: 0.1
 * @HOTPLUG_PCI_CLASS_EITHER: `either`, a virtio device: PCI Express where the machine has it, else conventional. Since: 0.1
 *
 * Which kind of PCI slot a device needs, or a bus has.
 *
 * On a machine whose root bus is a `pci-root`, libvirt puts devices of every class into its conventional slots. On one
 * with a `pcie-root` it puts those of the classes `pcie` and `either` behind ports, and never into a conventional slot.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_PCI_CLASS_NONE,
  HOTPLUG_PCI_CLASS_PCI,
  HOTPLUG_PCI_CLASS_PCIE,
  HOTPLUG_PCI_CLASS_EITHER,
} HotplugPciClass;

/**
 * HotplugPlugFlags:
 * @HOTPLUG_PLUG_NONE: plug into the running VMI; it comes back as hotplugged when libhotplug starts the VMI again. Since: 0.1
 * @HOTPLUG_PLUG_PERSIST: change the template too, so that the device is part of every later start. Since: 0.1
 * @HOTPLUG_PLUG_DRY_RUN: check everything, change nothing. Since: 0.1
 *
 * How a device is plugged or unplugged.
 *
 * Since: 0.1
 */
typedef enum /*< flags >*/ {
  HOTPLUG_PLUG_NONE = 0,
  HOTPLUG_PLUG_PERSIST = 1 << 0,
  HOTPLUG_PLUG_DRY_RUN = 1 << 1,
} HotplugPlugFlags;

/**
 * HotplugVmiState:
 * @HOTPLUG_VMI_STATE_STOPPED: `Stopped`, there is only a template. Since: 0.1
 * @HOTPLUG_VMI_STATE_RUNNING: `Running`. Since: 0.1
 * @HOTPLUG_VMI_STATE_PAUSED: `Paused`, the machine exists and its vCPUs stand still. Since: 0.1
 *
 * What a VMI is doing. The nicks are KubeVirt's words for a VM's `printableStatus`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_VMI_STATE_STOPPED,
  HOTPLUG_VMI_STATE_RUNNING,
  HOTPLUG_VMI_STATE_PAUSED,
} HotplugVmiState;

/**
 * HotplugVolumePhase:
 * @HOTPLUG_VOLUME_PHASE_PENDING: `Pending`, recorded, and not in the running machine. Since: 0.1
 * @HOTPLUG_VOLUME_PHASE_READY: `Ready`, in the running machine. Since: 0.1
 * @HOTPLUG_VOLUME_PHASE_DETACHING: `Detaching`, the guest was asked to let go and has not yet done so. Since: 0.1
 * @HOTPLUG_VOLUME_PHASE_FAILED: `Failed`, the hypervisor refused to attach it; nothing of it is left. Since: 0.1
 *
 * How far a hotplugged volume is. The nicks are KubeVirt's words for `status.volumeStatus[].phase`; KubeVirt itself
 * has no `Failed` and retries for ever.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_VOLUME_PHASE_PENDING,
  HOTPLUG_VOLUME_PHASE_READY,
  HOTPLUG_VOLUME_PHASE_DETACHING,
  HOTPLUG_VOLUME_PHASE_FAILED,
} HotplugVolumePhase;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_bus_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_cache_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_disk_type_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_manifest_format_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_pci_class_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plug_flags_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_vmi_state_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_volume_phase_get_type (void);

G_END_DECLS
