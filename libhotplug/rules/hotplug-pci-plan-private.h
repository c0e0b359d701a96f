/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-bus-private.h"

G_BEGIN_DECLS

/* A device of a machine with what it needs; the strings are the domain's or static. */
typedef struct
{
  HotplugDevice device; /* with the model that libvirt gives it, and the address that it gets */
  HotplugPciNeed need;
  gboolean implied; /* the XML does not have it */
} HotplugPciSeat;

/* Kinds of hotplug that globals of QEMU's command line have switched off */
typedef enum {
  HOTPLUG_PCI_OFF_ROOT = 1 << 0,         /* ACPI's on the root bus of a pc */
  HOTPLUG_PCI_OFF_ACPI_BRIDGES = 1 << 1, /* and behind it */
  HOTPLUG_PCI_OFF_PORTS = 1 << 2,
  HOTPLUG_PCI_OFF_DOWNSTREAM = 1 << 3,
  HOTPLUG_PCI_OFF_SHPC = 1 << 4,
  HOTPLUG_PCI_OFF_IOH3420 = 1 << 5,      /* ports of that name */
} HotplugPciSwitches;

/* A machine's devices, as far as they are on PCI: what the XML names, and what libvirt adds to it. */
typedef struct
{
  const HotplugPciMachine *machine;
  gboolean pcie;       /* bus 0 is a pcie-root */
  gboolean in_order;   /* HOTPLUG_TRAIT_LIBVIRT_INDEXES_IN_ORDER */
  gboolean usb_net;    /* HOTPLUG_TRAIT_LIBVIRT_USB_NET */
  GArray *seats;       /* HotplugPciSeat: all but controllers */
  GArray *controllers; /* HotplugPciSeat, in libvirt's order, also those without a slot */
  guint switched_off;  /* HotplugPciSwitches: what the hypervisor's command line says */
  char *uncounted;     /* nullable: what may take a slot that nobody but the hypervisor knows */
  GStringChunk *words; /* nullable: of seats whose words are neither the domain's nor static */
} HotplugPciPlan;

/* Of a side that is live its devices, of another one those that libvirt will have given it too */
gboolean _hotplug_pci_plan_init (HotplugPciPlan *self, const HotplugDomain *domain, GError **error);
void _hotplug_pci_plan_clear (HotplugPciPlan *self);

/* What a seat needs on this machine */
guint _hotplug_pci_plan_connect (const HotplugPciPlan *self, const HotplugPciSeat *seat);

/* Among those of its type each stands by its index, as libvirt inserts them. */
void _hotplug_pci_plan_sort_controllers (HotplugPciPlan *self);

/* (nullable) */
HotplugPciSeat *_hotplug_pci_plan_find_controller (const HotplugPciPlan *self, const char *type, guint index);
gboolean _hotplug_pci_plan_has_bus (const HotplugPciPlan *self, guint number);

/* Adds a controller where libvirt does: by its index, or behind all others */
gboolean _hotplug_pci_plan_add_controller (HotplugPciPlan *self, const char *type, guint index, const char *model,
                                           GError **error);

/* Gives all seats the addresses that libvirt gives them, and adds the controllers that this takes:
 * a machine's buses with what is on them */
gboolean _hotplug_pci_plan_assign (HotplugPciPlan *self, HotplugPciBuses *buses, GError **error);

/* Puts the seats where they are: @buses of a machine that runs */
gboolean _hotplug_pci_plan_occupy (HotplugPciPlan *self, HotplugPciBuses *buses, GError **error);

/* Says of the first such thing that it is not counted */
void _hotplug_pci_plan_set_uncounted (HotplugPciPlan *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Seats for the devices of QEMU's command line, of which libvirt knows nothing */
void _hotplug_pci_plan_add_arguments (HotplugPciPlan *self, const HotplugDomain *domain, HotplugPciBuses *buses);

/* Seats for the parts of the chipset that no XML has; their places are taken on @buses. */
void _hotplug_pci_plan_add_chipset (HotplugPciPlan *self, HotplugPciBuses *buses);

G_END_DECLS
