/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "oracle.h"

const OracleBoard oracle_boards[] = {
  { "x86_64", "q35", ORACLE_Q35, 40, "qemu-system-x86_64" },
  { "x86_64", "pc-q35-6.1", ORACLE_Q35, 3, "qemu-system-x86_64" }, /* hotplug by ACPI alone */
  { "x86_64", "pc-q35-6.0", ORACLE_Q35, 3, "qemu-system-x86_64" }, /* without it */
  { "x86_64", "pc-q35-2.9", ORACLE_Q35, 1, "qemu-system-x86_64" },
  { "x86_64", "pc", ORACLE_PC, 30, "qemu-system-x86_64" },
  { "", "q35", ORACLE_Q35, 2, "qemu-system-x86_64" }, /* of the host's arch, so that the tests need one of x86 */
  { "x86_64", "", ORACLE_PC, 2, "qemu-system-x86_64" },
  { "i686", "pc", ORACLE_PC, 2, "qemu-system-i386" },
  { "i686", "q35", ORACLE_Q35, 2, "qemu-system-i386" },
  { "armv7l", "virt", ORACLE_VIRT, 2, "qemu-system-arm" },
  { "x86_64", "pc-i440fx-5.0", ORACLE_PC, 3, "qemu-system-x86_64" },
  { "x86_64", "pc-i440fx-2.9", ORACLE_PC, 2, "qemu-system-x86_64" }, /* no SHPC */
  { "aarch64", "virt", ORACLE_VIRT, 8, "qemu-system-aarch64" },
  { "riscv64", "virt", ORACLE_VIRT, 6, "qemu-system-riscv64" },
  { "ppc64", "pseries", ORACLE_PSERIES, 6, "qemu-system-ppc64" },
  { "x86_64", "microvm", ORACLE_OTHER, 1, "qemu-system-x86_64" },
  { "x86_64", "isapc", ORACLE_OTHER, 1, "qemu-system-x86_64" },
  { "s390x", "s390-ccw-virtio", ORACLE_OTHER, 1, "qemu-system-s390x" },
  { NULL, NULL, 0, 0, NULL },
};

#define PORTS " pcie-root-port pcie-switch-downstream-port "
#define CONVENTIONAL " pci-root pci-bridge pci-expander-bus dmi-to-pci-bridge pcie-to-pci-bridge "

/* libvirt's conf/domain_addr.c:478-589 */
const OracleBus oracle_buses[] = {
  { "pci-root", ORACLE_PCI, 0, 1, 31, "", TRUE, TRUE, TRUE },
  { "pcie-root", ORACLE_PCIE, 0, 1, 31, "", FALSE, FALSE, FALSE },
  { "pci-root", ORACLE_PSERIES, 20, 1, 31, "", TRUE, TRUE, FALSE },
  { "pci-bridge", ORACLE_PC | ORACLE_PSERIES, 20, 1, 31, CONVENTIONAL, TRUE, TRUE, FALSE },
  { "pci-bridge", ORACLE_PCIE, 8, 1, 31, CONVENTIONAL, TRUE, TRUE, FALSE },
  { "pci-expander-bus", ORACLE_PC, 5, 0, 31, " pci-root ", TRUE, TRUE, FALSE },
  { "pcie-expander-bus", ORACLE_Q35, 4, 0, 31, " pcie-root ", FALSE, FALSE, FALSE },
  { "dmi-to-pci-bridge", ORACLE_PCIE, 5, 0, 31, " pcie-root pcie-expander-bus ", TRUE, FALSE, FALSE },
  { "pcie-to-pci-bridge", ORACLE_PCIE, 8, 1, 31, PORTS, TRUE, TRUE, FALSE },
  { "pcie-root-port", ORACLE_PCIE, 60, 0, 0, " pcie-root pcie-expander-bus ", FALSE, TRUE, TRUE },
  { "pcie-switch-upstream-port", ORACLE_PCIE, 5, 0, 31, PORTS, FALSE, FALSE, FALSE },
  { "pcie-switch-downstream-port", ORACLE_PCIE, 12, 0, 0, " pcie-switch-upstream-port ", FALSE, TRUE, TRUE },
  { NULL, 0, 0, 0, 0, NULL, FALSE, FALSE, FALSE },
};

#define HOST_SCSI(address)                                                                                             \
  "<hostdev mode='subsystem' type='scsi'><source><adapter name='scsi_host0'/>"                                         \
  "<address bus='0' target='0' unit='#'/></source>@" address "</hostdev>"
#define COMMAND(option, value) ORACLE_ARGUMENT "'" option "'/>" ORACLE_ARGUMENT "'" value "'/>"
#define NIC(model, ...) "<interface type='user'><model type='" model "'/>@</interface>", __VA_ARGS__
#define DISK(attributes, bus, ...)                                                                                     \
  "<disk type='file' device='disk'" attributes "><driver name='qemu' type='raw'/><source file='~/image'/>"             \
  "<target dev='%' bus='" bus "'/><shareable/>@</disk>",                                                               \
      __VA_ARGS__
#define CONTROLLER(type, model, ...) "<controller type='" type "'^" model ">@</controller>", __VA_ARGS__
#define SCSI(model, ...) CONTROLLER ("scsi", " model='" model "'", __VA_ARGS__)
#define USB(model, ...) CONTROLLER ("usb", " model='" model "'", __VA_ARGS__)
#define ICH9(model, master) "<controller type='usb'^ model='ich9-" model "'>" master "@</controller>"
#define VIDEO(model, attributes, ...) "<video><model type='" model "'" attributes "/>@</video>", __VA_ARGS__

const OracleKind oracle_kinds[] = {
  /* interfaces */
  { NIC ("virtio", ORACLE_ANY, 60, 0, "pcie") },
  { NIC ("virtio-non-transitional", ORACLE_ANY, 4, 0, "pcie") },
  { NIC ("virtio-transitional", ORACLE_ANY, 6, 0, "pci") },
  { "<interface type='user'>@</interface>", ORACLE_ANY, 10, 0, "pci" },
  { NIC ("e1000", ORACLE_ANY, 12, 0, "pci") },
  { NIC ("e1000e", ORACLE_ANY, 12, 0, "pcie") },
  { NIC ("rtl8139", ORACLE_ANY, 8, 0, "pci") },
  { NIC ("ne2k_pci", ORACLE_ANY, 2, 0, "pci") },
  { NIC ("pcnet", ORACLE_ANY, 2, 0, "pci") },
  { NIC ("vmxnet3", ORACLE_X86, 2, 0, "pci") },
  { NIC ("i82551", ORACLE_X86, 1, 0, "pci") },
  { NIC ("usb-net", ORACLE_ANY, 1, ORACLE_USB, NULL) },
  { "<interface type='user'><model type='usb-net'/>@<address type='usb'/></interface>", ORACLE_ANY, 2,
    ORACLE_USB | ORACLE_UNSTARTABLE, NULL },
  { NIC ("spapr-vlan", ORACLE_PSERIES, 20, 0, "pci") },
  { "<interface type='network'><source network='nowhere'/>@</interface>", ORACLE_ANY, 1, ORACLE_UNSTARTABLE, "pci" },
  /* disks */
  { DISK ("", "virtio", ORACLE_ANY, 60, 0, "pcie") },
  { DISK (" model='virtio-non-transitional'", "virtio", ORACLE_ANY, 4, 0, "pcie") },
  { DISK (" model='virtio-transitional'", "virtio", ORACLE_ANY, 6, 0, "pci") },
  { DISK ("", "scsi", ORACLE_ANY, 12, 0, NULL) },
  { DISK ("", "sata", ORACLE_X86, 8, 0, NULL) },
  { DISK ("", "usb", ORACLE_ANY, 4, ORACLE_USB, NULL) },
  { "<disk type='file' device='cdrom'><target dev='%' bus='ide'/></disk>", ORACLE_PC, 4, 0, NULL },
  { "<disk type='file' device='cdrom'><target dev='%' bus='sata'/></disk>", ORACLE_X86, 4, 0, NULL },
  { "<disk type='file' device='floppy'><target dev='%' bus='fdc'/></disk>", ORACLE_X86, 2, ORACLE_ONCE, NULL },
  /* controllers but those of PCI */
  { SCSI ("virtio-scsi", ORACLE_ANY, 12, 0, "pcie") },
  { SCSI ("virtio-transitional", ORACLE_ANY, 3, 0, "pci") },
  { SCSI ("virtio-non-transitional", ORACLE_ANY, 3, 0, "pcie") },
  { SCSI ("lsilogic", ORACLE_ANY, 5, 0, "pci") },
  { SCSI ("lsisas1068", ORACLE_X86, 2, 0, "pci") },
  { SCSI ("lsisas1078", ORACLE_ANY, 3, 0, "pci") },
  { SCSI ("vmpvscsi", ORACLE_X86, 2, 0, "pci") },
  { SCSI ("dc390", ORACLE_X86, 1, ORACLE_UNSTARTABLE, "pci") },
  { SCSI ("am53c974", ORACLE_X86, 1, 0, "pci") },
  { SCSI ("ibmvscsi", ORACLE_PSERIES, 10, 0, "pci") },
  { CONTROLLER ("scsi", "", ORACLE_ANY, 3, 0, "pci") },
  { USB ("qemu-xhci", ORACLE_ANY, 10, 0, "pcie") },
  { USB ("nec-xhci", ORACLE_ANY, 4, 0, "pcie") },
  { USB ("piix3-uhci", ORACLE_ANY, 5, 0, "pci") },
  { USB ("piix4-uhci", ORACLE_X86, 3, 0, "pci") },
  { USB ("ehci", ORACLE_ANY, 4, 0, "pci") },
  { USB ("ich9-ehci1", ORACLE_ANY, 4, 0, "pci") },
  { USB ("ich9-uhci1", ORACLE_X86, 2, 0, "pci") },
  { USB ("pci-ohci", ORACLE_ANY, 4, 0, "pci") },
  { CONTROLLER ("usb", "", ORACLE_ANY, 4, 0, "pci") },
  { ICH9 ("ehci1", "") ICH9 ("uhci1", "<master startport='0'/>") ICH9 ("uhci2", "<master startport='2'/>")
        ICH9 ("uhci3", "<master startport='4'/>"),
    ORACLE_ANY, 10, 0, NULL },
  { CONTROLLER ("virtio-serial", "", ORACLE_ANY, 6, 0, "pcie") },
  { CONTROLLER ("virtio-serial", " model='virtio-transitional'", ORACLE_ANY, 2, 0, "pci") },
  { CONTROLLER ("virtio-serial", " model='virtio-non-transitional'", ORACLE_ANY, 1, 0, "pcie") },
  { CONTROLLER ("sata", "", ORACLE_X86, 5, 0, "pci") },
  { CONTROLLER ("ide", "", ORACLE_PC, 2, 0, NULL) },
  { CONTROLLER ("fdc", "", ORACLE_X86, 1, 0, NULL) },
  { CONTROLLER ("ccid", "", ORACLE_X86, 1, ORACLE_USB, NULL) },
  /* character devices */
  { "<channel type='null'><target type='virtio' name='channel.#'/>@</channel>", ORACLE_ANY, 10, 0, NULL },
  { "<console type='null'><target type='virtio'/>@</console>", ORACLE_ANY, 4, 0, NULL },
  { "<console type='null'/>", ORACLE_ANY, 2, 0, NULL },
  { "<serial type='null'/>", ORACLE_ANY, 4, ORACLE_ONCE, NULL },
  { "<serial type='null'><target type='pci-serial'/>@</serial>", ORACLE_ANY, 5, 0, "pci" },
  { "<serial type='null'><target type='usb-serial'/>@</serial>", ORACLE_ANY, 2, ORACLE_USB, NULL },
  { "<parallel type='null'/>", ORACLE_X86, 1, ORACLE_ONCE, NULL },
  /* controllers that are there because something is on them, and places that are none of PCI */
  { "<channel type='null'><target type='virtio' name='channel.#'/>@"
    "<address type='virtio-serial' controller='2' bus='0' port='#'/></channel>",
    ORACLE_ANY, 2, 0, NULL },
  { "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='~/image'/>"
    "<target dev='%' bus='scsi'/><shareable/>@<address type='drive' controller='3' bus='0' target='0' unit='3'/></disk>",
    ORACLE_ANY, 2, ORACLE_ONCE, NULL },
  { "<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='~/image'/>"
    "<target dev='%' bus='sata'/><shareable/>@<address type='drive' controller='1' bus='0' target='0' unit='2'/></disk>",
    ORACLE_X86, 2, ORACLE_ONCE, NULL },
  { "<input type='tablet' bus='usb'>@<address type='usb' bus='2' port='1'/></input>", ORACLE_ANY, 1, ORACLE_USB, NULL },
  { "<rng model='virtio'><backend model='builtin'/>@<address type='virtio-mmio'/></rng>", ORACLE_VIRT, 4, 0, NULL },
  { "<controller type='usb' index='0' model='ich9-ehci1'>@<address type='pci' bus='0' slot='9' function='7'/></controller>"
    "<controller type='usb' index='0' model='ich9-uhci1'><master startport='0'/>@"
    "<address type='pci' bus='0' slot='9' function='0' multifunction='on'/></controller>",
    ORACLE_X86, 2, ORACLE_ONCE, NULL },
  /* the rest */
  { "<iommu model='smmuv3'/>", ORACLE_VIRT, 2, ORACLE_ONCE, NULL },
  { "<redirdev bus='usb' type='tcp'><source mode='bind' host='localhost' service='4#'/>@</redirdev>", ORACLE_ANY, 1,
    ORACLE_USB | ORACLE_UNSTARTABLE, NULL },
  { "<panic model='pseries'/>", ORACLE_PSERIES, 1, ORACLE_ONCE, NULL },
  { "<interface type='vhostuser'><source type='unix' path='~/vhost#' mode='client'/><model type='virtio'/>@</interface>",
    ORACLE_ANY, 1, ORACLE_UNSTARTABLE, "pcie" },
  { "<interface type='ethernet'>@</interface>", ORACLE_ANY, 1, ORACLE_UNSTARTABLE, "pci" },
  { "<filesystem type='mount'><source dir='~'/><target dir='fs#'/>@</filesystem>", ORACLE_ANY, 5, 0, "pcie" },
  { "<filesystem type='mount' model='virtio-transitional'><source dir='~'/><target dir='fs#'/>@</filesystem>",
    ORACLE_ANY, 2, 0, "pci" },
  { "<rng model='virtio'><backend model='random'>/dev/urandom</backend>@</rng>", ORACLE_ANY, 10, 0, "pcie" },
  { "<rng model='virtio-transitional'><backend model='builtin'/>@</rng>", ORACLE_ANY, 2, 0, "pci" },
  { "<rng model='virtio-non-transitional'><backend model='builtin'/>@</rng>", ORACLE_ANY, 2, 0, "pcie" },
  { "<memballoon model='none'/>", ORACLE_ANY, 25, ORACLE_ONCE, NULL },
  { "<memballoon model='virtio'>@</memballoon>", ORACLE_ANY, 10, ORACLE_ONCE, "pcie" },
  { "<memballoon model='virtio-transitional'>@</memballoon>", ORACLE_ANY, 3, ORACLE_ONCE, "pci" },
  { "<memballoon model='virtio-non-transitional'>@</memballoon>", ORACLE_ANY, 2, ORACLE_ONCE, "pcie" },
  { "<watchdog model='i6300esb' action='none'>@</watchdog>", ORACLE_ANY, 8, ORACLE_ONCE, "pci" },
  { "<watchdog model='ib700' action='none'>@</watchdog>", ORACLE_X86, 2, ORACLE_ONCE, NULL },
  { "<sound model='ich9'>@</sound>", ORACLE_X86, 6, 0, "pci" },
  { "<sound model='ich6'>@</sound>", ORACLE_X86, 5, 0, "pci" },
  { "<sound model='ac97'>@</sound>", ORACLE_ANY, 3, 0, "pci" },
  { "<sound model='es1370'>@</sound>", ORACLE_ANY, 3, 0, "pci" },
  { "<sound model='sb16'/>", ORACLE_X86, 1, ORACLE_ONCE, NULL },
  { "<sound model='usb'>@</sound>", ORACLE_X86, 1, ORACLE_USB, NULL },
  { VIDEO ("vga", "", ORACLE_ANY, 6, 0, "pci") },
  { VIDEO ("cirrus", "", ORACLE_X86, 4, 0, "pci") },
  { VIDEO ("qxl", "", ORACLE_X86, 6, 0, "pci") },
  { VIDEO ("virtio", "", ORACLE_ANY, 12, 0, "pcie") },
  { VIDEO ("virtio", " primary='yes'", ORACLE_ANY, 4, 0, "pcie") },
  { VIDEO ("bochs", "", ORACLE_ANY, 5, 0, "pcie") },
  { VIDEO ("ramfb", "", ORACLE_ANY, 2, 0, NULL) },
  { "<video><model type='none'/></video>", ORACLE_ANY, 3, ORACLE_ONCE, NULL },
  { "<graphics type='vnc'><listen type='none'/></graphics>", ORACLE_ANY, 8, ORACLE_ONCE, NULL },
  { "<input type='mouse' bus='virtio'>@</input>", ORACLE_ANY, 6, 0, "pcie" },
  { "<input type='tablet' bus='usb'>@</input>", ORACLE_ANY, 4, ORACLE_USB, NULL },
  { "<input type='keyboard' bus='ps2'/>", ORACLE_X86, 2, ORACLE_ONCE, NULL },
  { "<hub type='usb'>@</hub>", ORACLE_ANY, 1, ORACLE_USB, NULL },
  { "<vsock model='virtio'><cid auto='no' address='7#'/>@</vsock>", ORACLE_ANY, 3, ORACLE_ONCE | ORACLE_UNSTARTABLE,
    "pcie" },
  { "<vsock model='virtio-transitional'><cid auto='no' address='7#'/>@</vsock>", ORACLE_ANY, 1,
    ORACLE_ONCE | ORACLE_UNSTARTABLE, "pci" },
  { "<shmem name='oracle-#'><model type='ivshmem-plain'/><size unit='M'>1</size>@</shmem>", ORACLE_ANY, 3,
    ORACLE_UNSTARTABLE, "pci" },
  { "<iommu model='virtio'>@</iommu>", ORACLE_PCIE, 2, ORACLE_ONCE, "root" },
  { "<iommu model='intel'/>", ORACLE_Q35, 2, ORACLE_ONCE, NULL },
  { "<memory model='virtio-mem'><target><size unit='MiB'>128</size><node>0</node><block unit='MiB'>2</block>"
    "<requested unit='MiB'>64</requested></target>@</memory>",
    ORACLE_X86, 3, 0, "pcie" },
  { "<memory model='virtio-pmem' access='shared'><source><path>~/pmem</path></source>"
    "<target><size unit='MiB'>64</size></target>@</memory>",
    ORACLE_X86, 1, ORACLE_UNSTARTABLE, "pcie" },
  { "<memory model='dimm'><target><size unit='MiB'>64</size><node>0</node></target></memory>", ORACLE_X86, 1, 0, NULL },
  { "<panic model='isa'/>", ORACLE_X86, 1, ORACLE_ONCE, NULL },
  { "<hostdev mode='subsystem' type='scsi_host'><source protocol='vhost' wwpn='naa.5123456789abcde0'/>@</hostdev>",
    ORACLE_ANY, 1, ORACLE_ONCE | ORACLE_UNSTARTABLE, "pcie" },
  { "<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source>"
    "<address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source>@</hostdev>",
    ORACLE_ANY, 1, ORACLE_ONCE | ORACLE_UNSTARTABLE, "pcie" },
  /* host devices among disks, controllers with a gap below, and what has an address and is none */
  { HOST_SCSI (""), ORACLE_ANY, 3, ORACLE_UNSTARTABLE, NULL },
  { HOST_SCSI ("<address type='drive' controller='2' bus='0' target='0' unit='#'/>"), ORACLE_ANY, 2, ORACLE_UNSTARTABLE,
    NULL },
  { "<controller type='scsi' index='2' model='virtio-scsi'>@</controller>", ORACLE_ANY, 4, ORACLE_ONCE, "pcie" },
  { "<controller type='scsi' index='4' model='lsilogic'>@</controller>", ORACLE_ANY, 2, ORACLE_ONCE, "pci" },
  { "<memballoon model='none'>@</memballoon>", ORACLE_ANY, 8, ORACLE_ONCE, "pcie" },
  { "<video><model type='none'/>@</video>", ORACLE_ANY, 2, ORACLE_ONCE, "pcie" },
  /* of QEMU's command line: what stands behind all of libvirt's devices */
  { COMMAND ("-device", "virtio-rng-pci,bus=pci.0,addr=0x12"), ORACLE_PC, 4, ORACLE_ONCE, NULL },
  { COMMAND ("-device", "virtio-rng-pci,addr=15"), ORACLE_PC, 3, 0, NULL },
  { COMMAND ("-device", "e1000,romfile="), ORACLE_PC, 3, 0, NULL },
  { COMMAND ("-device", "virtio-rng-pci,bus=pcie.0,addr=0x13"), ORACLE_PCIE, 4, ORACLE_ONCE, NULL },
  { COMMAND ("-device", "virtio-rng-pci,bus=pci.1"), ORACLE_Q35, 4, ORACLE_ONCE, NULL },
  { COMMAND ("-global", "PIIX4_PM.acpi-root-pci-hotplug=off"), ORACLE_PC, 2, ORACLE_ONCE, NULL },
  { COMMAND ("-global", "pcie-root-port.hotplug=off"), ORACLE_Q35, 2, ORACLE_ONCE, NULL },
  { NULL, 0, 0, 0, NULL },
};

const OracleBus *
oracle_bus_find (const char *model, OracleBoards board)
{
  for (const OracleBus *bus = oracle_buses; bus->model != NULL; bus++)
    {
      if (g_str_equal (bus->model, model) && (bus->boards & board) != 0)
        return bus;
    }

  return NULL;
}
