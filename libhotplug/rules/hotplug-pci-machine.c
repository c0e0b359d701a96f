/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-pci-machine-private.h"

/* The devices added: libvirt 9.0.0 src/qemu/qemu_domain.c:3985-4238. The default models: of USB qemu_domain.c:5551, of
 * SCSI qemu_domain_address.c:51, of interfaces qemu_domain.c:5096, of video qemu_domain.c:5703; with a QEMU that has
 * all the devices of its upstream. */
static const HotplugPciMachine pc = {
  .kind = HOTPLUG_PCI_MACHINE_PC,
  .root = "pci-root",
  .usb = "piix3-uhci",
  .usb_default = "piix3-uhci",
  .scsi_default = "lsilogic",
  .nic_default = "rtl8139",
  .video_default = "cirrus",
  .balloon = TRUE,
  .x86 = TRUE,
};

static const HotplugPciMachine q35 = {
  .kind = HOTPLUG_PCI_MACHINE_Q35,
  .root = "pcie-root",
  .usb = "qemu-xhci",
  .usb_default = "piix3-uhci",
  .scsi_default = "lsilogic",
  .nic_default = "rtl8139",
  .video_default = "cirrus",
  .balloon = TRUE,
  .sata = TRUE,
  .x86 = TRUE,
};

static const HotplugPciMachine arm_virt = {
  .kind = HOTPLUG_PCI_MACHINE_ARM_VIRT,
  .root = "pcie-root",
  .usb_default = "qemu-xhci",
  .scsi_default = "lsilogic",
  .nic_default = "virtio",
  .video_default = "virtio",
};

/* libvirt prefers qemu-xhci on aarch64 only */
static const HotplugPciMachine arm32_virt = {
  .kind = HOTPLUG_PCI_MACHINE_ARM_VIRT,
  .root = "pcie-root",
  .usb_default = "piix3-uhci",
  .scsi_default = "lsilogic",
  .nic_default = "virtio",
  .video_default = "virtio",
};

static const HotplugPciMachine riscv_virt = {
  .kind = HOTPLUG_PCI_MACHINE_RISCV_VIRT,
  .root = "pcie-root",
  .usb_default = "piix3-uhci",
  .scsi_default = "lsilogic",
  .nic_default = "virtio",
  .video_default = "virtio",
  .balloon = TRUE,
};

static const HotplugPciMachine pseries = {
  .kind = HOTPLUG_PCI_MACHINE_PSERIES,
  .root = "pci-root",
  .usb = "qemu-xhci",
  .usb_default = "qemu-xhci",
  .scsi_default = "ibmvscsi",
  .nic_default = "rtl8139",
  .video_default = "vga",
  .balloon = TRUE,
};

static const HotplugPciMachine other = {
  .kind = HOTPLUG_PCI_MACHINE_OTHER,
  .root = "pci-root",
  .usb = "piix3-uhci",
  .usb_default = "piix3-uhci",
  .scsi_default = "lsilogic",
  .nic_default = "rtl8139",
  .video_default = "cirrus",
  .balloon = TRUE,
};

#define WITHOUT(why)                                                                                                   \
  {                                                                                                                    \
    .kind = HOTPLUG_PCI_MACHINE_WITHOUT, .usb_default = "none", .scsi_default = "virtio-scsi",                         \
    .nic_default = "virtio", .video_default = "virtio", .reason = why                                                  \
  }

static const HotplugPciMachine microvm = WITHOUT (
    "a microvm has no PCI: its devices are virtio-mmio, which takes no hotplug");
static const HotplugPciMachine isapc = WITHOUT ("an isapc has no PCI");
static const HotplugPciMachine s390 = WITHOUT ("an s390x machine has its devices on CCW, which needs no PCI slots");
static const HotplugPciMachine unknown = WITHOUT ("libvirt gives this kind of machine no PCI bus");

/* Machine types of any architecture but x86, and what a machine without an arch attribute is taken for;
 * libvirt's tests of them: src/qemu/qemu_domain.c:8690-8870. Empty prefixes end each architecture. */
static const struct
{
  const char *arch; /* a prefix */
  const char *machine;
  gboolean exact;
  const HotplugPciMachine *is;
} machines[] = {
  { "aarch64", "virt", TRUE, &arm_virt },
  { "aarch64", "virt-", FALSE, &arm_virt },
  { "armv", "virt", TRUE, &arm32_virt },
  { "armv", "virt-", FALSE, &arm32_virt },
  { "armv", "versatilepb", TRUE, &other },
  { "riscv", "virt", TRUE, &riscv_virt },
  { "riscv", "virt-", FALSE, &riscv_virt },
  { "ppc64", "pseries", TRUE, &pseries },
  { "ppc64", "pseries-", FALSE, &pseries },
  { "ppc", "", FALSE, &other },
  { "s390", "", FALSE, &s390 },
  { "alpha", "", FALSE, &other },
  { "sh4", "", FALSE, &other },
  { "sparc64", "", FALSE, &other },
  { "mips", "malta", TRUE, &other },
  { "", "pseries", FALSE, &pseries },
  { "", "s390-", FALSE, &s390 },
  { "", "virt", FALSE, &arm_virt },
};

static const struct
{
  const char *machine;
  gboolean exact;
  const HotplugPciMachine *is;
} x86_machines[] = {
  { "q35", TRUE, &q35 },   { "pc-q35-", FALSE, &q35 },     { "pc", TRUE, &pc },
  { "pc-0.", FALSE, &pc }, { "pc-1.", FALSE, &pc },        { "pc-i440fx-", FALSE, &pc },
  { "rhel", FALSE, &pc },  { "microvm", FALSE, &microvm }, { "isapc", TRUE, &isapc },
};

static gboolean
fits (const char *pattern, gboolean exact, const char *text)
{
  return exact ? strcmp (text, pattern) == 0 : g_str_has_prefix (text, pattern);
}

const HotplugPciMachine *
_hotplug_pci_machine_of (const HotplugDomain *domain)
{
  const char *arch = domain->arch != NULL ? domain->arch : "";
  const char *machine = domain->machine != NULL ? domain->machine : "pc"; /* QEMU's default */
  gboolean x86 = strcmp (arch, "x86_64") == 0 || strcmp (arch, "i686") == 0;

  for (guint i = 0; i < G_N_ELEMENTS (x86_machines) && (x86 || *arch == '\0'); i++)
    {
      if (fits (x86_machines[i].machine, x86_machines[i].exact, machine))
        return x86_machines[i].is;
    }

  for (guint i = 0; i < G_N_ELEMENTS (machines) && !x86; i++)
    {
      gboolean here = machines[i].arch[0] != '\0' ? g_str_has_prefix (arch, machines[i].arch) : *arch == '\0';
      if (here && fits (machines[i].machine, machines[i].exact, machine))
        return machines[i].is;
    }
  return &unknown;
}
