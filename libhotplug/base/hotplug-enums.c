/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-enums.h>

#include "base/hotplug-enums-private.h"

G_DEFINE_ENUM_TYPE (HotplugAccessMode, hotplug_access_mode,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, "ReadWriteOnce"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, "ReadWriteMany"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, "ReadOnlyMany"))

G_DEFINE_ENUM_TYPE (HotplugBus, hotplug_bus,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_SCSI, "scsi"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_VIRTIO, "virtio"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_SATA, "sata"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_IDE, "ide"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_USB, "usb"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_FDC, "fdc"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_OTHER, "other"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_NVME, "nvme"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_BUS_SD, "sd"))

G_DEFINE_ENUM_TYPE (HotplugCache, hotplug_cache,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_CACHE_DEFAULT, "default"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_CACHE_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_CACHE_WRITETHROUGH, "writethrough"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_CACHE_WRITEBACK, "writeback"))

G_DEFINE_ENUM_TYPE (HotplugDataVolumePhase, hotplug_data_volume_phase,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DATA_VOLUME_PHASE_PENDING, "Pending"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS, "ImportInProgress"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DATA_VOLUME_PHASE_CLONE_IN_PROGRESS, "CloneInProgress"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, "Succeeded"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DATA_VOLUME_PHASE_FAILED, "Failed"))

G_DEFINE_ENUM_TYPE (HotplugDiscard, hotplug_discard,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISCARD_UNMAP, "unmap"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISCARD_IGNORE, "ignore"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISCARD_DEFAULT, "default"))

G_DEFINE_ENUM_TYPE (HotplugDiskType, hotplug_disk_type,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISK_TYPE_DISK, "disk"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISK_TYPE_LUN, "lun"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISK_TYPE_CDROM, "cdrom"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_DISK_TYPE_FLOPPY, "floppy"))

G_DEFINE_ENUM_TYPE (HotplugErrorPolicy, hotplug_error_policy,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_POLICY_STOP, "stop"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_POLICY_IGNORE, "ignore"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_POLICY_REPORT, "report"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_ERROR_POLICY_ENOSPACE, "enospace"))

G_DEFINE_ENUM_TYPE (HotplugImageFormat, hotplug_image_format,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IMAGE_FORMAT_RAW, "raw"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IMAGE_FORMAT_QCOW2, "qcow2"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IMAGE_FORMAT_DEFAULT, "default"))

G_DEFINE_ENUM_TYPE (HotplugInterfacePhase, hotplug_interface_phase,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_PHASE_PENDING, "Pending"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_PHASE_READY, "Ready"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_PHASE_DETACHING, "Detaching"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_PHASE_FAILED, "Failed"))

G_DEFINE_ENUM_TYPE (HotplugInterfaceState, hotplug_interface_state,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_STATE_UP, "up"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_STATE_DOWN, "down"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_STATE_ABSENT, "absent"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_INTERFACE_STATE_UNCHANGED, "unchanged"))

G_DEFINE_ENUM_TYPE (HotplugIo, hotplug_io,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IO_DEFAULT, "default"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IO_NATIVE, "native"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_IO_THREADS, "threads"))

G_DEFINE_ENUM_TYPE (HotplugManifestFormat, hotplug_manifest_format,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MANIFEST_FORMAT_JSON, "json"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MANIFEST_FORMAT_YAML, "yaml"))

G_DEFINE_FLAGS_TYPE (HotplugMigrateFlags, hotplug_migrate_flags,
                     G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATE_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATE_PEER_TO_PEER, "peer-to-peer"))

G_DEFINE_ENUM_TYPE (HotplugMigrationPhase, hotplug_migration_phase,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATION_PHASE_PENDING, "Pending"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATION_PHASE_RUNNING, "Running"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATION_PHASE_SUCCEEDED, "Succeeded"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_MIGRATION_PHASE_FAILED, "Failed"))

G_DEFINE_ENUM_TYPE (HotplugNetworkPlugin, hotplug_network_plugin,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_NETWORK_PLUGIN_BRIDGE, "bridge"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_NETWORK_PLUGIN_OVS, "ovs"))

G_DEFINE_ENUM_TYPE (HotplugPciClass, hotplug_pci_class,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PCI_CLASS_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PCI_CLASS_PCI, "pci"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PCI_CLASS_PCIE, "pcie"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PCI_CLASS_EITHER, "either"))

G_DEFINE_ENUM_TYPE (HotplugPlanAction, hotplug_plan_action,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_ACTION_ADD, "add"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_ACTION_REMOVE, "remove"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_ACTION_INSERT, "insert"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_ACTION_EJECT, "eject"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_ACTION_UPDATE, "update"))

G_DEFINE_ENUM_TYPE (HotplugPlanKind, hotplug_plan_kind,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_KIND_VOLUME, "volume"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_KIND_CONTROLLER, "controller"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_KIND_DRIVE, "drive"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_PLAN_KIND_INTERFACE, "interface"))

G_DEFINE_FLAGS_TYPE (HotplugPlugFlags, hotplug_plug_flags,
                     G_DEFINE_ENUM_VALUE (HOTPLUG_PLUG_NONE, "none"),
                     G_DEFINE_ENUM_VALUE (HOTPLUG_PLUG_PERSIST, "persist"),
                     G_DEFINE_ENUM_VALUE (HOTPLUG_PLUG_DRY_RUN, "dry-run"))

G_DEFINE_ENUM_TYPE (HotplugVmiState, hotplug_vmi_state,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VMI_STATE_STOPPED, "Stopped"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VMI_STATE_RUNNING, "Running"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VMI_STATE_PAUSED, "Paused"))

G_DEFINE_ENUM_TYPE (HotplugVolumeMode, hotplug_volume_mode,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_MODE_FILESYSTEM, "Filesystem"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_MODE_BLOCK, "Block"))

G_DEFINE_ENUM_TYPE (HotplugVolumePhase, hotplug_volume_phase,
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_PHASE_PENDING, "Pending"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_PHASE_READY, "Ready"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_PHASE_DETACHING, "Detaching"),
                    G_DEFINE_ENUM_VALUE (HOTPLUG_VOLUME_PHASE_FAILED, "Failed"))

const char *
_hotplug_enum_to_nick (GType type, int value)
{
  g_autoptr (GEnumClass) class = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value (class, value);

  return found != NULL ? found->value_nick : NULL;
}

int
_hotplug_enum_from_nick (GType type, const char *nick, int fallback)
{
  if (nick == NULL)
    return fallback;

  g_autoptr (GEnumClass) class = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value_by_nick (class, nick);

  return found != NULL ? found->value : fallback;
}
