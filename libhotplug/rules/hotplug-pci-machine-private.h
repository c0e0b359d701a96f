/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

typedef enum {
  HOTPLUG_PCI_MACHINE_PC,
  HOTPLUG_PCI_MACHINE_Q35,
  HOTPLUG_PCI_MACHINE_ARM_VIRT,
  HOTPLUG_PCI_MACHINE_RISCV_VIRT,
  HOTPLUG_PCI_MACHINE_PSERIES,
  HOTPLUG_PCI_MACHINE_OTHER, /* has a pci-root, and nothing of its own */
  HOTPLUG_PCI_MACHINE_WITHOUT,
} HotplugPciMachineKind;

/* What libvirt does for a kind of machine by itself; the strings are static. */
typedef struct
{
  HotplugPciMachineKind kind;
  const char *root;          /* nullable: the model of bus 0 */
  const char *usb;           /* nullable: the USB controller that is added to a machine without one */
  const char *usb_default;   /* of a USB controller that names no model */
  const char *scsi_default;  /* of a SCSI controller that names no model */
  const char *nic_default;   /* of an interface that names no model */
  const char *video_default; /* of a display that has graphics and no video device */
  gboolean balloon;          /* is added to a machine without one */
  gboolean sata;             /* the same, of the SATA controller 0 */
  gboolean x86;
  const char *reason; /* nullable: why there is no PCI */
} HotplugPciMachine;

const HotplugPciMachine *_hotplug_pci_machine_of (const HotplugDomain *domain);

G_END_DECLS
