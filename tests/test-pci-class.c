/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "machine-xml.h"
#include "rules/hotplug-pci-class-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define NONE HOTPLUG_PCI_CLASS_NONE
#define PCI HOTPLUG_PCI_CLASS_PCI
#define PCIE HOTPLUG_PCI_CLASS_PCIE
#define EITHER HOTPLUG_PCI_CLASS_EITHER

/* Sources: libvirt 9.0.0 src/qemu/qemu_domain_address.c (the numbers alone), src/qemu/qemu_domain.c (q:), and lab
 * measurements with QEMU 7.2 (MEASURED) */
static const struct
{
  const char *row;
  const char *arch;
  const char *machine;
  const char *device;
  HotplugPciClass class;
  const char *word; /* of a PCI device */
} rows[] = {
  /* disks: 785-815 */
  { "disk-virtio", "x86_64", "q35", "<disk><target dev='vda' bus='virtio'/></disk>", EITHER, "virtio-blk" },
  { "disk-by-target", "x86_64", "q35", "<disk><target dev='vda'/></disk>", EITHER, "virtio-blk" },
  { "disk-transitional", "x86_64", "q35", "<disk model='virtio-transitional'><target dev='vda' bus='virtio'/></disk>",
    PCI, "virtio-blk" },
  { "disk-non-transitional", "x86_64", "q35",
    "<disk model='virtio-non-transitional'><target dev='vda' bus='virtio'/></disk>", EITHER, "virtio-blk" },
  { "disk-scsi", "x86_64", "q35", "<disk><target dev='sda' bus='scsi'/></disk>", NONE, NULL },
  { "disk-sata", "x86_64", "q35", "<disk><target dev='sda' bus='sata'/></disk>", NONE, NULL },
  { "disk-usb", "x86_64", "q35", "<disk><target dev='sda' bus='usb'/></disk>", NONE, NULL },
  { "floppy", "x86_64", "pc", "<disk device='floppy'><target dev='fda'/></disk>", NONE, NULL },

  /* interfaces: 727-765; without a model q:5096, MEASURED that on q35 it finds no slot */
  { "nic-virtio", "x86_64", "q35", "<interface><model type='virtio'/></interface>", EITHER, "virtio-net" },
  { "nic-transitional", "x86_64", "q35", "<interface><model type='virtio-transitional'/></interface>", PCI,
    "virtio-net" },
  { "nic-rtl8139", "x86_64", "q35", "<interface><model type='rtl8139'/></interface>", PCI, "rtl8139" },
  { "nic-e1000", "x86_64", "q35", "<interface><model type='e1000'/></interface>", PCI, "e1000" },
  { "nic-e1000e", "x86_64", "q35", "<interface><model type='e1000e'/></interface>", PCIE, "e1000e" },
  { "nic-odd-case", "x86_64", "q35", "<interface><model type='E1000E'/></interface>", PCIE, "E1000E" },
  { "nic-that-libvirt-does-not-know", "x86_64", "q35", "<interface><model type='ne2k_pci'/></interface>", PCIE,
    "ne2k_pci" },
  { "nic-default-x86", "x86_64", "q35", "<interface/>", PCI, "rtl8139" },
  { "nic-default-pseries", "ppc64", "pseries", "<interface/>", PCI, "rtl8139" },
  { "nic-default-arm", "aarch64", "virt", "<interface/>", EITHER, "virtio-net" },
  { "nic-default-riscv", "riscv64", "virt", "<interface/>", EITHER, "virtio-net" },
  { "nic-vdpa", "x86_64", "q35", "<interface type='vdpa'/>", EITHER, "virtio-net" },
  { "nic-hostdev", "x86_64", "q35", "<interface type='hostdev'/>", PCIE, "host device" },
  { "nic-usb", "x86_64", "q35", "<interface><model type='usb-net'/></interface>", NONE, NULL },
  { "nic-spapr-vlan", "ppc64", "pseries", "<interface><model type='spapr-vlan'/></interface>", NONE, NULL },

  /* controllers: 604-702; SCSI without a model 51-74, USB without one q:5551 */
  { "scsi-virtio", "x86_64", "q35", "<controller type='scsi' model='virtio-scsi'/>", EITHER, "virtio-scsi controller" },
  { "scsi-transitional", "x86_64", "q35", "<controller type='scsi' model='virtio-transitional'/>", PCI,
    "virtio-scsi controller" },
  { "scsi-lsilogic", "x86_64", "q35", "<controller type='scsi' model='lsilogic'/>", PCI, "lsilogic controller" },
  { "scsi-default-x86", "x86_64", "q35", "<controller type='scsi'/>", PCI, "lsilogic controller" },
  { "scsi-default-pseries", "ppc64", "pseries", "<controller type='scsi'/>", NONE, NULL },
  { "scsi-ibmvscsi", "ppc64", "pseries", "<controller type='scsi' model='ibmvscsi'/>", NONE, NULL },
  { "usb-xhci", "x86_64", "q35", "<controller type='usb' model='qemu-xhci'/>", PCIE, "qemu-xhci controller" },
  { "usb-ehci", "x86_64", "q35", "<controller type='usb' model='ich9-ehci1'/>", PCI, "ich9-ehci1 controller" },
  { "usb-default-x86", "x86_64", "q35", "<controller type='usb'/>", PCI, "piix3-uhci controller" },
  { "usb-default-aarch64", "aarch64", "virt", "<controller type='usb'/>", PCIE, "qemu-xhci controller" },
  { "usb-default-armv7", "armv7l", "virt", "<controller type='usb'/>", PCI, "piix3-uhci controller" },
  { "usb-none", "x86_64", "q35", "<controller type='usb' model='none'/>", NONE, NULL },
  { "virtio-serial", "x86_64", "q35", "<controller type='virtio-serial'/>", EITHER, "virtio-serial controller" },
  { "sata", "x86_64", "q35", "<controller type='sata'/>", PCI, "SATA controller" },
  { "fdc", "x86_64", "q35", "<controller type='fdc'/>", NONE, NULL },
  { "ccid", "x86_64", "q35", "<controller type='ccid'/>", NONE, NULL },
  { "root-port", "x86_64", "q35", "<controller type='pci' model='pcie-root-port'/>", PCIE, "pcie-root-port" },
  { "pci-bridge", "x86_64", "pc", "<controller type='pci' model='pci-bridge'/>", PCI, "pci-bridge" },
  { "pci-root", "x86_64", "pc", "<controller type='pci' model='pci-root'/>", NONE, NULL },

  /* video: 929-955; without a model q:5703 */
  { "video-virtio", "x86_64", "q35", "<video><model type='virtio'/></video>", EITHER, "virtio-gpu" },
  { "video-qxl", "x86_64", "q35", "<video><model type='qxl'/></video>", PCI, "qxl" },
  { "video-bochs", "x86_64", "q35", "<video><model type='bochs'/></video>", PCIE, "bochs" },
  { "video-ramfb", "x86_64", "q35", "<video><model type='ramfb'/></video>", NONE, NULL },
  { "video-none", "x86_64", "q35", "<video><model type='none'/></video>", NONE, NULL },
  { "video-default-x86", "x86_64", "q35", "<video/>", PCI, "cirrus" },
  { "video-default-pseries", "ppc64", "pseries", "<video/>", PCI, "vga" },
  { "video-default-arm", "aarch64", "virt", "<video/>", EITHER, "virtio-gpu" },

  /* the rest: 707-723, 767-783, 831-890, 893-927, 957-1055 */
  { "filesystem", "x86_64", "q35", "<filesystem/>", EITHER, "filesystem" },
  { "sound-ich9", "x86_64", "q35", "<sound model='ich9'/>", PCI, "ich9 sound" },
  { "sound-usb", "x86_64", "q35", "<sound model='usb'/>", NONE, NULL },
  { "balloon", "x86_64", "q35", "<memballoon model='virtio'/>", EITHER, "memballoon" },
  { "balloon-transitional", "x86_64", "q35", "<memballoon model='virtio-transitional'/>", PCI, "memballoon" },
  { "balloon-none", "x86_64", "q35", "<memballoon model='none'/>", NONE, NULL },
  { "rng", "x86_64", "q35", "<rng model='virtio'/>", EITHER, "virtio-rng" },
  { "watchdog-i6300esb", "x86_64", "q35", "<watchdog model='i6300esb'/>", PCI, "i6300esb" },
  { "watchdog-itco", "x86_64", "q35", "<watchdog model='itco'/>", NONE, NULL },
  { "shmem", "x86_64", "q35", "<shmem><model type='ivshmem-plain'/></shmem>", PCI, "ivshmem" },
  { "input-virtio", "x86_64", "q35", "<input type='tablet' bus='virtio'/>", EITHER, "virtio-input" },
  { "input-passthrough", "x86_64", "q35", "<input type='passthrough'/>", EITHER, "virtio-input" },
  { "input-usb", "x86_64", "q35", "<input type='tablet' bus='usb'/>", NONE, NULL },
  { "input-ps2", "x86_64", "q35", "<input type='mouse' bus='ps2'/>", NONE, NULL },
  { "serial-pci", "x86_64", "q35", "<serial><target type='pci-serial'/></serial>", PCI, "pci-serial" },
  { "serial-isa", "x86_64", "q35", "<serial><target type='isa-serial'/></serial>", NONE, NULL },
  { "channel", "x86_64", "q35", "<channel><target type='virtio'/></channel>", NONE, NULL },
  { "vsock", "x86_64", "q35", "<vsock/>", EITHER, "vsock" },
  { "iommu-virtio", "x86_64", "q35", "<iommu model='virtio'/>", EITHER, "virtio-iommu" },
  { "iommu-intel", "x86_64", "q35", "<iommu model='intel'/>", NONE, NULL },
  { "memory-virtio-mem", "x86_64", "q35", "<memory model='virtio-mem'/>", EITHER, "virtio-mem" },
  { "memory-dimm", "x86_64", "q35", "<memory model='dimm'/>", NONE, NULL },
  { "hostdev-pci", "x86_64", "q35", "<hostdev mode='subsystem' type='pci'/>", PCIE, "host device" },
  { "hostdev-mdev", "x86_64", "q35", "<hostdev mode='subsystem' type='mdev' model='vfio-pci'/>", PCIE, "host device" },
  { "hostdev-mdev-ccw", "s390x", "s390-ccw-virtio", "<hostdev mode='subsystem' type='mdev' model='vfio-ccw'/>", NONE,
    NULL },
  { "hostdev-vhost-scsi", "x86_64", "q35", "<hostdev mode='subsystem' type='scsi_host'/>", EITHER, "vhost-scsi" },
  { "hostdev-usb", "x86_64", "q35", "<hostdev mode='subsystem' type='usb'/>", NONE, NULL },
  { "tpm", "x86_64", "q35", "<tpm model='tpm-tis'/>", NONE, NULL },
};

static HotplugDomain *
domain_with (const char *arch, const char *machine, const char *devices)
{
  MachineShape shape = { .arch = arch, .machine = machine };
  g_autofree char *xml = machine_xml (&shape, devices);
  GError *error = NULL;
  HotplugDomain *domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  return domain;
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) domain = domain_with (rows[row].arch, rows[row].machine, rows[row].device);
  const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, 0);
  HotplugPciNeed need = _hotplug_pci_class_of (device, _hotplug_pci_machine_of (domain));

  g_assert_cmpuint (domain->devices->len, ==, 1);
  g_assert_cmpint (need.class, ==, rows[row].class);
  if (rows[row].class != NONE)
    g_assert_cmpstr (need.word, ==, rows[row].word);
}

/* libvirt 9.0.0 src/qemu/qemu_domain.c:8690-8870 and 4005-4113 */
static const struct
{
  const char *row;
  const char *arch;
  const char *machine;
  HotplugPciMachineKind kind;
} machines[] = {
  { "pc", "x86_64", "pc", HOTPLUG_PCI_MACHINE_PC },
  { "pc-versioned", "x86_64", "pc-i440fx-7.2", HOTPLUG_PCI_MACHINE_PC },
  { "pc-i686", "i686", "pc-1.3", HOTPLUG_PCI_MACHINE_PC },
  { "rhel6", "x86_64", "rhel6.6.0", HOTPLUG_PCI_MACHINE_PC },
  { "q35", "x86_64", "q35", HOTPLUG_PCI_MACHINE_Q35 },
  { "q35-versioned", "x86_64", "pc-q35-rhel9.2.0", HOTPLUG_PCI_MACHINE_Q35 },
  { "q35-no-prefix", "x86_64", "q35-7.2", HOTPLUG_PCI_MACHINE_WITHOUT },
  { "microvm", "x86_64", "microvm", HOTPLUG_PCI_MACHINE_WITHOUT },
  { "isapc", "x86_64", "isapc", HOTPLUG_PCI_MACHINE_WITHOUT },
  { "aarch64", "aarch64", "virt-7.2", HOTPLUG_PCI_MACHINE_ARM_VIRT },
  { "aarch64-board", "aarch64", "raspi3b", HOTPLUG_PCI_MACHINE_WITHOUT },
  { "armv7", "armv7l", "virt", HOTPLUG_PCI_MACHINE_ARM_VIRT },
  { "riscv64", "riscv64", "virt", HOTPLUG_PCI_MACHINE_RISCV_VIRT },
  { "pseries", "ppc64le", "pseries-7.2", HOTPLUG_PCI_MACHINE_PSERIES },
  { "powernv", "ppc64", "powernv9", HOTPLUG_PCI_MACHINE_OTHER },
  { "s390x", "s390x", "s390-ccw-virtio-7.2", HOTPLUG_PCI_MACHINE_WITHOUT },
  { "malta", "mips64el", "malta", HOTPLUG_PCI_MACHINE_OTHER },
  { "q35-elsewhere", "aarch64", "q35", HOTPLUG_PCI_MACHINE_WITHOUT },
};

static void
test_machine (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) domain = domain_with (machines[row].arch, machines[row].machine, "");
  const HotplugPciMachine *machine = _hotplug_pci_machine_of (domain);

  g_assert_cmpint (machine->kind, ==, machines[row].kind);
  g_assert_true ((machine->root == NULL) == (machine->reason != NULL));
}

static const struct
{
  const char *row;
  const char *device;
  const char *name;
} names[] = {
  { "volume", "<disk><target dev='vda' bus='virtio'/><alias name='ua-hpv-data'/></disk>", "data" },
  { "interface", "<interface><alias name='ua-hpi-blue'/></interface>", "blue" },
  { "controller", "<controller type='scsi'><alias name='ua-hpc-scsi0'/></controller>", "scsi0" },
  { "user-alias", "<disk><target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>", "root" },
  { "target", "<disk><target dev='vda' bus='virtio'/><alias name='virtio-disk0'/></disk>", "vda" },
  { "none", "<interface><alias name='net0'/></interface>", NULL },
};

static void
test_name (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) domain = domain_with ("x86_64", "q35", names[row].device);

  g_assert_cmpstr (_hotplug_pci_device_name (&g_array_index (domain->devices, HotplugDevice, 0)), ==, names[row].name);
}

#define ADD_ROWS(folder, table, function)                                                                              \
  for (gsize row = 0; row < G_N_ELEMENTS (table); row++)                                                               \
    {                                                                                                                  \
      g_autofree char *path = g_strconcat (folder, table[row].row, NULL);                                              \
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), function);                                                   \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_ROWS ("/pci-class/class/", rows, test_row)
  ADD_ROWS ("/pci-class/machine/", machines, test_machine)
  ADD_ROWS ("/pci-class/name/", names, test_name)
  return g_test_run ();
}
