/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

#include "rules/hotplug-pci-machine-private.h"

G_BEGIN_DECLS

/* What a device needs of a bus, and what a bus offers, in bits: as libvirt has them, src/conf/domain_addr.h:34 */
typedef enum {
  HOTPLUG_PCI_CONNECT_AUTO = 1 << 0,       /* libvirt may choose the place */
  HOTPLUG_PCI_CONNECT_HOTPLUG = 1 << 1,    /* while the machine runs */
  HOTPLUG_PCI_CONNECT_INTEGRATED = 1 << 2, /* only on bus 0 */
  HOTPLUG_PCI_CONNECT_SHARE = 1 << 3,      /* a function of a slot will do, if others like it have the rest */
  HOTPLUG_PCI_CONNECT_PCI = 1 << 4,
  HOTPLUG_PCI_CONNECT_PCIE = 1 << 5,
  HOTPLUG_PCI_CONNECT_ROOT_PORT = 1 << 6,
  HOTPLUG_PCI_CONNECT_UPSTREAM_PORT = 1 << 7,
  HOTPLUG_PCI_CONNECT_DOWNSTREAM_PORT = 1 << 8,
  HOTPLUG_PCI_CONNECT_DMI_BRIDGE = 1 << 9,
  HOTPLUG_PCI_CONNECT_EXPANDER = 1 << 10,
  HOTPLUG_PCI_CONNECT_PCIE_EXPANDER = 1 << 11,
  HOTPLUG_PCI_CONNECT_BRIDGE = 1 << 12,
  HOTPLUG_PCI_CONNECT_PCIE_BRIDGE = 1 << 13,
} HotplugPciConnect;

#define HOTPLUG_PCI_CONNECT_ENDPOINT (HOTPLUG_PCI_CONNECT_PCI | HOTPLUG_PCI_CONNECT_PCIE)
#define HOTPLUG_PCI_CONNECT_KINDS (~(guint)(HOTPLUG_PCI_CONNECT_ROOT_PORT - 1) | HOTPLUG_PCI_CONNECT_ENDPOINT)

/* A device as libvirt takes it: its class, and what it is called */
typedef struct
{
  HotplugPciClass class; /* NONE: no PCI device */
  guint connect;         /* that of the class apart: SHARE, INTEGRATED, and which controller it is */
  const char *word;      /* static, or the device's own */
} HotplugPciNeed;

/* @device as it is, with the models that libvirt gives it on @machine if it names none */
HotplugPciNeed _hotplug_pci_class_of (const HotplugDevice *device, const HotplugPciMachine *machine);

/* The bits of a class of endpoints where the root bus is a pcie-root, or is none */
guint _hotplug_pci_class_connect (HotplugPciClass class, gboolean pcie);

/* The bits of a need */
guint _hotplug_pci_need_connect (const HotplugPciNeed *need, gboolean pcie);

/* (nullable): the name that people know it by: that of its volume or interface, else its alias, else its target */
const char *_hotplug_pci_device_name (const HotplugDevice *device);

G_END_DECLS
