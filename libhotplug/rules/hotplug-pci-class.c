/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-pci-class-private.h"

/* libvirt 9.0.0 src/qemu/qemu_domain_address.c:592-1060 says what each device needs. A model that a table does not have
 * is none of PCI, unless its kind says otherwise. */
typedef struct
{
  const char *model;
  HotplugPciClass class;
  const char *word; /* nullable: the model itself */
  guint connect;
} Row;

#define ANY_MODEL NULL

static const Row nics[] = {
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "virtio-net" },
  { "virtio-non-transitional", HOTPLUG_PCI_CLASS_EITHER, "virtio-net" },
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-net" },
  { "rtl8139", HOTPLUG_PCI_CLASS_PCI },
  { "e1000", HOTPLUG_PCI_CLASS_PCI },
  { "e1000e", HOTPLUG_PCI_CLASS_PCIE },
  { "vmxnet3", HOTPLUG_PCI_CLASS_PCI },
  { "vmxnet2", HOTPLUG_PCI_CLASS_PCI },
  { "vmxnet", HOTPLUG_PCI_CLASS_PCI },
  { "vlance", HOTPLUG_PCI_CLASS_PCI },
  { "Am79C970A", HOTPLUG_PCI_CLASS_PCI },
  { "Am79C973", HOTPLUG_PCI_CLASS_PCI },
  { "82540EM", HOTPLUG_PCI_CLASS_PCI },
  { "82545EM", HOTPLUG_PCI_CLASS_PCI },
  { "82543GC", HOTPLUG_PCI_CLASS_PCI },
  { "usb-net", HOTPLUG_PCI_CLASS_NONE },
  { "spapr-vlan", HOTPLUG_PCI_CLASS_NONE },
  { "lan9118", HOTPLUG_PCI_CLASS_PCI },
  { "scm91c111", HOTPLUG_PCI_CLASS_PCI },
  { "netfront", HOTPLUG_PCI_CLASS_PCI },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_PCIE }, /* libvirt knows no other model, and takes it for a pool's host device: 755 */
};

static const Row disks[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-blk" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "virtio-blk" },
};

static const Row pci_controllers[] = {
  { "pci-bridge", HOTPLUG_PCI_CLASS_PCI, NULL, HOTPLUG_PCI_CONNECT_BRIDGE },
  { "pci-expander-bus", HOTPLUG_PCI_CLASS_PCI, NULL, HOTPLUG_PCI_CONNECT_EXPANDER },
  { "pcie-expander-bus", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_PCIE_EXPANDER },
  { "dmi-to-pci-bridge", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_DMI_BRIDGE },
  { "pcie-to-pci-bridge", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_PCIE_BRIDGE },
  { "pcie-root-port", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_ROOT_PORT | HOTPLUG_PCI_CONNECT_SHARE },
  { "pcie-switch-upstream-port", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_UPSTREAM_PORT },
  { "pcie-switch-downstream-port", HOTPLUG_PCI_CLASS_PCIE, NULL, HOTPLUG_PCI_CONNECT_DOWNSTREAM_PORT },
};

static const Row usb_controllers[] = {
  { "qemu-xhci", HOTPLUG_PCI_CLASS_PCIE, "qemu-xhci controller" },
  { "nec-xhci", HOTPLUG_PCI_CLASS_PCIE, "nec-xhci controller" },
  { "piix3-uhci", HOTPLUG_PCI_CLASS_PCI, "piix3-uhci controller" },
  { "piix4-uhci", HOTPLUG_PCI_CLASS_PCI, "piix4-uhci controller" },
  { "ehci", HOTPLUG_PCI_CLASS_PCI, "ehci controller" },
  { "ich9-ehci1", HOTPLUG_PCI_CLASS_PCI, "ich9-ehci1 controller" },
  { "ich9-uhci1", HOTPLUG_PCI_CLASS_PCI, "ich9-uhci1 controller" },
  { "ich9-uhci2", HOTPLUG_PCI_CLASS_PCI, "ich9-uhci2 controller" },
  { "ich9-uhci3", HOTPLUG_PCI_CLASS_PCI, "ich9-uhci3 controller" },
  { "vt82c686b-uhci", HOTPLUG_PCI_CLASS_PCI, "vt82c686b-uhci controller" },
  { "pci-ohci", HOTPLUG_PCI_CLASS_PCI, "pci-ohci controller" },
};

static const Row scsi_controllers[] = {
  { "virtio-scsi", HOTPLUG_PCI_CLASS_EITHER, "virtio-scsi controller" },
  { "virtio-non-transitional", HOTPLUG_PCI_CLASS_EITHER, "virtio-scsi controller" },
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-scsi controller" },
  { "auto", HOTPLUG_PCI_CLASS_PCI, "SCSI controller" },
  { "buslogic", HOTPLUG_PCI_CLASS_PCI, "buslogic controller" },
  { "lsilogic", HOTPLUG_PCI_CLASS_PCI, "lsilogic controller" },
  { "lsisas1068", HOTPLUG_PCI_CLASS_PCI, "lsisas1068 controller" },
  { "lsisas1078", HOTPLUG_PCI_CLASS_PCI, "lsisas1078 controller" },
  { "vmpvscsi", HOTPLUG_PCI_CLASS_PCI, "vmpvscsi controller" },
  { "dc390", HOTPLUG_PCI_CLASS_PCI, "dc390 controller" },
  { "am53c974", HOTPLUG_PCI_CLASS_PCI, "am53c974 controller" },
  /* ibmvscsi is on spapr-vio: qemu_domain_address.c:232; ncr53c90 is on the board: 639 */
};

static const Row serial_controllers[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-serial controller" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "virtio-serial controller" },
};

/* libvirt 11.5.0 */
static const Row nvme_controllers[] = { { ANY_MODEL, HOTPLUG_PCI_CLASS_PCIE, "NVMe controller" } };

static const Row sata_controllers[] = { { ANY_MODEL, HOTPLUG_PCI_CLASS_PCI, "SATA controller" } };
static const Row ide_controllers[] = { { ANY_MODEL, HOTPLUG_PCI_CLASS_PCI, "IDE controller" } };

static const struct
{
  const char *type;
  const Row *rows;
  guint n_rows;
} controllers[] = {
  { "pci", pci_controllers, G_N_ELEMENTS (pci_controllers) },
  { "usb", usb_controllers, G_N_ELEMENTS (usb_controllers) },
  { "scsi", scsi_controllers, G_N_ELEMENTS (scsi_controllers) },
  { "virtio-serial", serial_controllers, G_N_ELEMENTS (serial_controllers) },
  { "sata", sata_controllers, G_N_ELEMENTS (sata_controllers) },
  { "ide", ide_controllers, G_N_ELEMENTS (ide_controllers) },
  { "nvme", nvme_controllers, G_N_ELEMENTS (nvme_controllers) },
};

static const Row videos[] = {
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "virtio-gpu" },
  { "vga", HOTPLUG_PCI_CLASS_PCI },
  { "cirrus", HOTPLUG_PCI_CLASS_PCI },
  { "vmvga", HOTPLUG_PCI_CLASS_PCI },
  { "xen", HOTPLUG_PCI_CLASS_PCI },
  { "vbox", HOTPLUG_PCI_CLASS_PCI },
  { "qxl", HOTPLUG_PCI_CLASS_PCI },
  { "parallels", HOTPLUG_PCI_CLASS_PCI },
  { "bochs", HOTPLUG_PCI_CLASS_PCIE },
};

static const Row sounds[] = {
  { "es1370", HOTPLUG_PCI_CLASS_PCI },
  { "ac97", HOTPLUG_PCI_CLASS_PCI },
  { "ich6", HOTPLUG_PCI_CLASS_PCI, "ich6 sound" },
  { "ich9", HOTPLUG_PCI_CLASS_PCI, "ich9 sound" },
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "virtio-sound" }, /* libvirt 10.4.0 */
};

static const Row balloons[] = {
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "memballoon" },
  { "virtio-non-transitional", HOTPLUG_PCI_CLASS_EITHER, "memballoon" },
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "memballoon" },
};

static const Row rngs[] = {
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "virtio-rng" },
  { "virtio-non-transitional", HOTPLUG_PCI_CLASS_EITHER, "virtio-rng" },
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-rng" },
};

static const Row vsocks[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "vsock" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "vsock" },
};

static const Row filesystems[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "filesystem" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "filesystem" },
};

static const Row virtio_inputs[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "virtio-input" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "virtio-input" },
};

static const Row memories[] = {
  { "virtio-pmem", HOTPLUG_PCI_CLASS_EITHER },
  { "virtio-mem", HOTPLUG_PCI_CLASS_EITHER },
};

static const Row iommus[] = {
  { "virtio", HOTPLUG_PCI_CLASS_EITHER, "virtio-iommu", HOTPLUG_PCI_CONNECT_INTEGRATED },
};

static const Row watchdogs[] = { { "i6300esb", HOTPLUG_PCI_CLASS_PCI } };
static const Row shmems[] = { { ANY_MODEL, HOTPLUG_PCI_CLASS_PCI, "ivshmem" } };
static const Row serials[] = { { "pci-serial", HOTPLUG_PCI_CLASS_PCI } };

static const Row vhost_scsis[] = {
  { "virtio-transitional", HOTPLUG_PCI_CLASS_PCI, "vhost-scsi" },
  { ANY_MODEL, HOTPLUG_PCI_CLASS_EITHER, "vhost-scsi" },
};

/* Conventional host devices are few; whether this one is can be seen only at its host: qemu_domain_address.c:873 */
static const Row host_devices[] = { { ANY_MODEL, HOTPLUG_PCI_CLASS_PCIE, "host device" } };

/* libvirt compares models of interfaces without case: src/conf/domain_conf.c:29441 */
static HotplugPciNeed
look_up (const Row *rows, guint n_rows, const char *model)
{
  for (guint i = 0; i < n_rows; i++)
    {
      const Row *row = &rows[i];
      if (row->model != ANY_MODEL && (model == NULL || g_ascii_strcasecmp (row->model, model) != 0))
        continue;

      return (HotplugPciNeed){ row->class, row->connect, row->word != NULL ? row->word : model };
    }
  return (HotplugPciNeed){ HOTPLUG_PCI_CLASS_NONE, 0, model };
}

#define LOOK_UP(rows, model) look_up (rows, G_N_ELEMENTS (rows), model)

static HotplugPciNeed
need_of_controller (const HotplugDevice *device, const HotplugPciMachine *machine)
{
  const char *model = device->model;

  if (model == NULL && g_strcmp0 (device->type, "usb") == 0)
    model = machine->usb_default;
  if (model == NULL && g_strcmp0 (device->type, "scsi") == 0)
    model = machine->scsi_default;

  for (guint i = 0; i < G_N_ELEMENTS (controllers); i++)
    {
      if (g_strcmp0 (controllers[i].type, device->type) == 0)
        return look_up (controllers[i].rows, controllers[i].n_rows, model);
    }
  return (HotplugPciNeed){ .word = device->type };
}

static HotplugPciNeed
need_of_interface (const HotplugDevice *device, const HotplugPciMachine *machine)
{
  if (g_strcmp0 (device->type, "hostdev") == 0)
    return LOOK_UP (host_devices, NULL);

  /* src/qemu/qemu_domain.c:6010 */
  if (device->model == NULL)
    return LOOK_UP (nics, g_strcmp0 (device->type, "vdpa") == 0 ? "virtio" : machine->nic_default);

  return LOOK_UP (nics, device->model);
}

/* Only virtio disks have an address of their own; the bus of one that names none is told by its target:
 * src/conf/domain_postparse.c:527 */
static HotplugPciNeed
need_of_disk (const HotplugDevice *device)
{
  gboolean virtio = device->bus != NULL ? strcmp (device->bus, "virtio") == 0
                                        : device->target != NULL && g_str_has_prefix (device->target, "vd")
                                              && g_strcmp0 (device->type, "floppy") != 0;

  return virtio ? LOOK_UP (disks, device->model) : (HotplugPciNeed){ .word = "disk" };
}

static HotplugPciNeed
need_of_hostdev (const HotplugDevice *device)
{
  if (g_strcmp0 (device->mode, "capabilities") == 0)
    return (HotplugPciNeed){ .word = "host device" };
  if (g_strcmp0 (device->type, "scsi_host") == 0)
    return LOOK_UP (vhost_scsis, device->model);
  if (g_strcmp0 (device->type, "pci") == 0)
    return LOOK_UP (host_devices, NULL);
  if (g_strcmp0 (device->type, "mdev") == 0 && g_strcmp0 (device->model, "vfio-pci") == 0)
    return LOOK_UP (host_devices, NULL);

  return (HotplugPciNeed){ .word = "host device" };
}

HotplugPciNeed
_hotplug_pci_class_of (const HotplugDevice *device, const HotplugPciMachine *machine)
{
  switch (device->kind)
    {
    case HOTPLUG_DEVICE_CONTROLLER:
      return need_of_controller (device, machine);
    case HOTPLUG_DEVICE_DISK:
      return need_of_disk (device);
    case HOTPLUG_DEVICE_INTERFACE:
      return need_of_interface (device, machine);
    case HOTPLUG_DEVICE_HOSTDEV:
      return need_of_hostdev (device);
    case HOTPLUG_DEVICE_VIDEO:
      return LOOK_UP (videos, device->model != NULL ? device->model : machine->video_default);
    case HOTPLUG_DEVICE_SOUND:
      return LOOK_UP (sounds, device->model);
    case HOTPLUG_DEVICE_MEMBALLOON:
      return LOOK_UP (balloons, device->model);
    case HOTPLUG_DEVICE_RNG:
      return LOOK_UP (rngs, device->model);
    case HOTPLUG_DEVICE_VSOCK:
      return LOOK_UP (vsocks, device->model);
    case HOTPLUG_DEVICE_FILESYSTEM:
      return LOOK_UP (filesystems, device->model);
    case HOTPLUG_DEVICE_INPUT:
      if (g_strcmp0 (device->bus, "virtio") == 0 || g_strcmp0 (device->type, "passthrough") == 0)
        return LOOK_UP (virtio_inputs, device->model);
      break;
    case HOTPLUG_DEVICE_MEMORY:
      return LOOK_UP (memories, device->model);
    case HOTPLUG_DEVICE_IOMMU:
      return LOOK_UP (iommus, device->model);
    case HOTPLUG_DEVICE_WATCHDOG:
      return LOOK_UP (watchdogs, device->model);
    case HOTPLUG_DEVICE_SHMEM:
      return LOOK_UP (shmems, device->model);
    case HOTPLUG_DEVICE_SERIAL:
      return LOOK_UP (serials, device->target);
    case HOTPLUG_DEVICE_CHANNEL:
    case HOTPLUG_DEVICE_CONSOLE:
    case HOTPLUG_DEVICE_GRAPHICS:
    case HOTPLUG_DEVICE_SMARTCARD:
    case HOTPLUG_DEVICE_OTHER:
    default:
      break;
    }
  return (HotplugPciNeed){ .word = device->element };
}

guint
_hotplug_pci_class_connect (HotplugPciClass class, gboolean pcie)
{
  switch (class)
    {
    case HOTPLUG_PCI_CLASS_PCI:
      return HOTPLUG_PCI_CONNECT_AUTO | HOTPLUG_PCI_CONNECT_PCI;
    case HOTPLUG_PCI_CLASS_PCIE:
    case HOTPLUG_PCI_CLASS_EITHER:
      return HOTPLUG_PCI_CONNECT_AUTO | (pcie ? HOTPLUG_PCI_CONNECT_PCIE : HOTPLUG_PCI_CONNECT_PCI);
    case HOTPLUG_PCI_CLASS_NONE:
    default:
      return 0;
    }
}

guint
_hotplug_pci_need_connect (const HotplugPciNeed *need, gboolean pcie)
{
  /* a controller is no endpoint, and libvirt leaves out AUTO: src/conf/domain_addr.c:221-263 */
  if ((need->connect & HOTPLUG_PCI_CONNECT_KINDS) != 0)
    return need->connect;

  return _hotplug_pci_class_connect (need->class, pcie) | need->connect;
}

#define USER_ALIAS_PREFIX "ua-"

static const char *const our_prefixes[] = { HOTPLUG_VOLUME_ALIAS_PREFIX, HOTPLUG_INTERFACE_ALIAS_PREFIX, "ua-hpc-",
                                            USER_ALIAS_PREFIX };

const char *
_hotplug_pci_device_name (const HotplugDevice *device)
{
  for (guint i = 0; device->alias != NULL && i < G_N_ELEMENTS (our_prefixes); i++)
    {
      if (g_str_has_prefix (device->alias, our_prefixes[i]))
        return device->alias + strlen (our_prefixes[i]);
    }
  return device->kind == HOTPLUG_DEVICE_DISK ? device->target : NULL;
}
