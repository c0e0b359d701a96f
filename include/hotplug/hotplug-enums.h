/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_ACCESS_MODE (hotplug_access_mode_get_type ())
#define HOTPLUG_TYPE_BUS (hotplug_bus_get_type ())
#define HOTPLUG_TYPE_CACHE (hotplug_cache_get_type ())
#define HOTPLUG_TYPE_DATA_VOLUME_PHASE (hotplug_data_volume_phase_get_type ())
#define HOTPLUG_TYPE_DISCARD (hotplug_discard_get_type ())
#define HOTPLUG_TYPE_DISK_TYPE (hotplug_disk_type_get_type ())
#define HOTPLUG_TYPE_ERROR_POLICY (hotplug_error_policy_get_type ())
#define HOTPLUG_TYPE_IMAGE_FORMAT (hotplug_image_format_get_type ())
#define HOTPLUG_TYPE_INTERFACE_PHASE (hotplug_interface_phase_get_type ())
#define HOTPLUG_TYPE_INTERFACE_STATE (hotplug_interface_state_get_type ())
#define HOTPLUG_TYPE_IO (hotplug_io_get_type ())
#define HOTPLUG_TYPE_MANIFEST_FORMAT (hotplug_manifest_format_get_type ())
#define HOTPLUG_TYPE_MIGRATE_FLAGS (hotplug_migrate_flags_get_type ())
#define HOTPLUG_TYPE_MIGRATION_PHASE (hotplug_migration_phase_get_type ())
#define HOTPLUG_TYPE_NETWORK_PLUGIN (hotplug_network_plugin_get_type ())
#define HOTPLUG_TYPE_PCI_CLASS (hotplug_pci_class_get_type ())
#define HOTPLUG_TYPE_PLAN_ACTION (hotplug_plan_action_get_type ())
#define HOTPLUG_TYPE_PLAN_KIND (hotplug_plan_kind_get_type ())
#define HOTPLUG_TYPE_PLUG_FLAGS (hotplug_plug_flags_get_type ())
#define HOTPLUG_TYPE_VMI_STATE (hotplug_vmi_state_get_type ())
#define HOTPLUG_TYPE_VOLUME_MODE (hotplug_volume_mode_get_type ())
#define HOTPLUG_TYPE_VOLUME_PHASE (hotplug_volume_phase_get_type ())

/**
 * HotplugAccessMode:
 * @HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE: `ReadWriteOnce`, one running VMI at a time. Since: 0.1
 * @HOTPLUG_ACCESS_MODE_READ_WRITE_MANY: `ReadWriteMany`, several VMIs, which all may write. Since: 0.1
 * @HOTPLUG_ACCESS_MODE_READ_ONLY_MANY: `ReadOnlyMany`, several VMIs, which only read. Since: 0.1
 *
 * Who may use a volume. The nicks are KubeVirt's words for `accessModes[]`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE,
  HOTPLUG_ACCESS_MODE_READ_WRITE_MANY,
  HOTPLUG_ACCESS_MODE_READ_ONLY_MANY,
} HotplugAccessMode;

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
 * HotplugDataVolumePhase:
 * @HOTPLUG_DATA_VOLUME_PHASE_PENDING: `Pending`, not begun. Since: 0.1
 * @HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS: `ImportInProgress`, a file is being copied into it. Since: 0.1
 * @HOTPLUG_DATA_VOLUME_PHASE_CLONE_IN_PROGRESS: `CloneInProgress`, another volume is being copied into it. Since: 0.1
 * @HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED: `Succeeded`, it is whole, and can be used. Since: 0.1
 * @HOTPLUG_DATA_VOLUME_PHASE_FAILED: `Failed`, what the store has of it is no volume that can be used. Since: 0.1
 *
 * How far a data volume is. The nicks are CDI's words for `status.phase`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_DATA_VOLUME_PHASE_PENDING,
  HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS,
  HOTPLUG_DATA_VOLUME_PHASE_CLONE_IN_PROGRESS,
  HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED,
  HOTPLUG_DATA_VOLUME_PHASE_FAILED,
} HotplugDataVolumePhase;

/**
 * HotplugDiscard:
 * @HOTPLUG_DISCARD_UNMAP: `unmap`, what the guest discards is given back to the storage. Since: 0.1
 * @HOTPLUG_DISCARD_IGNORE: `ignore`, what the guest discards stays allocated. Since: 0.1
 * @HOTPLUG_DISCARD_DEFAULT: `default`, ignored of a data volume that was allotted in advance, so that it stays so, and
 *   given back of others. Since: 0.1
 *
 * What becomes of blocks that the guest discards. The nicks are libvirt's words for `<driver discard='…'/>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_DISCARD_UNMAP,
  HOTPLUG_DISCARD_IGNORE,
  HOTPLUG_DISCARD_DEFAULT,
} HotplugDiscard;

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
 * HotplugErrorPolicy:
 * @HOTPLUG_ERROR_POLICY_STOP: `stop`, the VMI stands still until it is resumed. Since: 0.1
 * @HOTPLUG_ERROR_POLICY_IGNORE: `ignore`, as if nothing had happened. Since: 0.1
 * @HOTPLUG_ERROR_POLICY_REPORT: `report`, the guest is told. Since: 0.1
 * @HOTPLUG_ERROR_POLICY_ENOSPACE: `enospace`, the VMI stands still if the storage is full, else the guest is
 *   told. Since: 0.1
 *
 * What happens when the host can't read or write a volume. The nicks are libvirt's words for `<driver
 * error_policy='…'/>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_ERROR_POLICY_STOP,
  HOTPLUG_ERROR_POLICY_IGNORE,
  HOTPLUG_ERROR_POLICY_REPORT,
  HOTPLUG_ERROR_POLICY_ENOSPACE,
} HotplugErrorPolicy;

/**
 * HotplugImageFormat:
 * @HOTPLUG_IMAGE_FORMAT_RAW: `raw`, the file's bytes are the disk's. Since: 0.1
 * @HOTPLUG_IMAGE_FORMAT_QCOW2: `qcow2`. Since: 0.1
 * @HOTPLUG_IMAGE_FORMAT_DEFAULT: `default`, nothing is told: it is raw, and one that begins as an image of another
 *   format is not written to as such. Since: 0.1
 *
 * What an image's bytes mean. It is told, and never guessed from the bytes. The nicks are QEMU's words.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_IMAGE_FORMAT_RAW,
  HOTPLUG_IMAGE_FORMAT_QCOW2,
  HOTPLUG_IMAGE_FORMAT_DEFAULT,
} HotplugImageFormat;

/**
 * HotplugInterfacePhase:
 * @HOTPLUG_INTERFACE_PHASE_PENDING: `Pending`, not in the running machine, or its add is not yet done. Since: 0.1
 * @HOTPLUG_INTERFACE_PHASE_READY: `Ready`, in the running machine. Since: 0.1
 * @HOTPLUG_INTERFACE_PHASE_DETACHING: `Detaching`, the guest was asked to let go and has not yet done so. Since: 0.1
 * @HOTPLUG_INTERFACE_PHASE_FAILED: `Failed`, the hypervisor refused to attach it; nothing of it is left. Since: 0.1
 *
 * How far a hotplugged interface is. KubeVirt has such words for volumes only; these are the same.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_INTERFACE_PHASE_PENDING,
  HOTPLUG_INTERFACE_PHASE_READY,
  HOTPLUG_INTERFACE_PHASE_DETACHING,
  HOTPLUG_INTERFACE_PHASE_FAILED,
} HotplugInterfacePhase;

/**
 * HotplugInterfaceState:
 * @HOTPLUG_INTERFACE_STATE_UP: `up`, its link is up. Since: 0.1
 * @HOTPLUG_INTERFACE_STATE_DOWN: `down`, it is there, as if its cable was not plugged in. Since: 0.1
 * @HOTPLUG_INTERFACE_STATE_ABSENT: `absent`, it is to be removed. Since: 0.1
 * @HOTPLUG_INTERFACE_STATE_UNCHANGED: `unchanged`, of a change only: as it is. Since: 0.1
 *
 * What an interface is to be. The nicks are KubeVirt's words for `interfaces[].state`, but for the last.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_INTERFACE_STATE_UP,
  HOTPLUG_INTERFACE_STATE_DOWN,
  HOTPLUG_INTERFACE_STATE_ABSENT,
  HOTPLUG_INTERFACE_STATE_UNCHANGED,
} HotplugInterfaceState;

/**
 * HotplugIo:
 * @HOTPLUG_IO_DEFAULT: `default`, `native` with cache `none` for a block device or an image without holes. Since: 0.1
 * @HOTPLUG_IO_NATIVE: `native`, the kernel's own asynchronous input and output; with cache `none` only. Since: 0.1
 * @HOTPLUG_IO_THREADS: `threads`, threads of the hypervisor. Since: 0.1
 *
 * How the host reads and writes a volume. The nicks are libvirt's words for `<driver io='…'/>`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_IO_DEFAULT,
  HOTPLUG_IO_NATIVE,
  HOTPLUG_IO_THREADS,
} HotplugIo;

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
 * HotplugNetworkPlugin:
 * @HOTPLUG_NETWORK_PLUGIN_BRIDGE: `bridge`, a Linux bridge, or the one of a libvirt network. Since: 0.1
 * @HOTPLUG_NETWORK_PLUGIN_OVS: `ovs`, a bridge of Open vSwitch. Since: 0.1
 *
 * What a #HotplugNetworkAttachment connects to. The nicks are the types of CNI's configurations; `cnv-bridge` is
 * another name of `bridge`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_NETWORK_PLUGIN_BRIDGE,
  HOTPLUG_NETWORK_PLUGIN_OVS,
} HotplugNetworkPlugin;

/**
 * HotplugPciClass:
 * @HOTPLUG_PCI_CLASS_NONE: `none`, costs no PCI slot: a SCSI disk, a USB device, a serial port, … Since: 0.1
 * @HOTPLUG_PCI_CLASS_PCI: `pci`, a conventional PCI device such as an `rtl8139`. It does not fit a
 *   `pcie-root-port`. Since: 0.1
 * @HOTPLUG_PCI_CLASS_PCIE: `pcie`, a PCI Express device such as an `e1000e`; a port's, where the machine has PCI
 *   Express. Since: 0.1
 * @HOTPLUG_PCI_CLASS_EITHER: `either`, a virtio device: PCI Express where the machine has it, else
 *   conventional. Since: 0.1
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
 * HotplugPlanAction:
 * @HOTPLUG_PLAN_ACTION_ADD: `add`. Since: 0.1
 * @HOTPLUG_PLAN_ACTION_REMOVE: `remove`. Since: 0.1
 * @HOTPLUG_PLAN_ACTION_INSERT: `insert`, a medium into a drive. Since: 0.1
 * @HOTPLUG_PLAN_ACTION_EJECT: `eject`, the medium of a drive. Since: 0.1
 * @HOTPLUG_PLAN_ACTION_UPDATE: `update`, an interface that stays. Since: 0.1
 *
 * What a #HotplugPlan does with a device. Later versions may have more of them.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_PLAN_ACTION_ADD,
  HOTPLUG_PLAN_ACTION_REMOVE,
  HOTPLUG_PLAN_ACTION_INSERT,
  HOTPLUG_PLAN_ACTION_EJECT,
  HOTPLUG_PLAN_ACTION_UPDATE,
} HotplugPlanAction;

/**
 * HotplugPlanKind:
 * @HOTPLUG_PLAN_KIND_VOLUME: `volume`, a hotplugged disk. Since: 0.1
 * @HOTPLUG_PLAN_KIND_CONTROLLER: `controller`, one that another device needs: for SCSI disks, or a PCI port. Since: 0.1
 * @HOTPLUG_PLAN_KIND_DRIVE: `drive`, a CD-ROM drive of the machine. Since: 0.1
 * @HOTPLUG_PLAN_KIND_INTERFACE: `interface`, a network interface. Since: 0.1
 *
 * What kind of device an item of a #HotplugPlan is. Later versions may have more of them.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_PLAN_KIND_VOLUME,
  HOTPLUG_PLAN_KIND_CONTROLLER,
  HOTPLUG_PLAN_KIND_DRIVE,
  HOTPLUG_PLAN_KIND_INTERFACE,
} HotplugPlanKind;

/**
 * HotplugMigrateFlags:
 * @HOTPLUG_MIGRATE_NONE: the client leads both hosts, and must live until it is done. Since: 0.1
 * @HOTPLUG_MIGRATE_PEER_TO_PEER: the source leads the destination, which it must reach under its URI. Since: 0.1
 *
 * How a VMI is migrated.
 *
 * Since: 0.1
 */
typedef enum /*< flags >*/ {
  HOTPLUG_MIGRATE_NONE = 0,
  HOTPLUG_MIGRATE_PEER_TO_PEER = 1 << 0,
} HotplugMigrateFlags;

/**
 * HotplugMigrationPhase:
 * @HOTPLUG_MIGRATION_PHASE_PENDING: `Pending`, it is being checked whether the VMI can go. Since: 0.1
 * @HOTPLUG_MIGRATION_PHASE_RUNNING: `Running`, its memory is on the way. Since: 0.1
 * @HOTPLUG_MIGRATION_PHASE_SUCCEEDED: `Succeeded`, the VMI is on the destination. Since: 0.1
 * @HOTPLUG_MIGRATION_PHASE_FAILED: `Failed`, the VMI is where it was. Since: 0.1
 *
 * Where a migration stands. The nicks are KubeVirt's words for a VirtualMachineInstanceMigration.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_MIGRATION_PHASE_PENDING,
  HOTPLUG_MIGRATION_PHASE_RUNNING,
  HOTPLUG_MIGRATION_PHASE_SUCCEEDED,
  HOTPLUG_MIGRATION_PHASE_FAILED,
} HotplugMigrationPhase;

/**
 * HotplugPlugFlags:
 * @HOTPLUG_PLUG_NONE: plug into the running VMI; it comes back as hotplugged when libhotplug starts the VMI
 *   again. Since: 0.1
 * @HOTPLUG_PLUG_PERSIST: change the template too: the device is part of every later start, or of none. Since: 0.1
 * @HOTPLUG_PLUG_DRY_RUN: check everything, change nothing, and answer as if it were done; a #HotplugPlan tells
 *   more. Since: 0.1
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
 * HotplugVolumeMode:
 * @HOTPLUG_VOLUME_MODE_FILESYSTEM: `Filesystem`, an image file. Since: 0.1
 * @HOTPLUG_VOLUME_MODE_BLOCK: `Block`, a block device. Since: 0.1
 *
 * What a volume is on the host. The nicks are KubeVirt's words for `volumeMode`.
 *
 * Since: 0.1
 */
typedef enum {
  HOTPLUG_VOLUME_MODE_FILESYSTEM,
  HOTPLUG_VOLUME_MODE_BLOCK,
} HotplugVolumeMode;

/**
 * HotplugVolumePhase:
 * @HOTPLUG_VOLUME_PHASE_PENDING: `Pending`, not in the running machine, or its add is not yet done. Since: 0.1
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
GType hotplug_access_mode_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_bus_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_cache_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_data_volume_phase_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_discard_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_disk_type_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_error_policy_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_image_format_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_interface_phase_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_interface_state_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_io_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_manifest_format_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_migrate_flags_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_migration_phase_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_network_plugin_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_pci_class_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plan_action_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plan_kind_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_plug_flags_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_vmi_state_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_volume_mode_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_volume_phase_get_type (void);

G_END_DECLS
