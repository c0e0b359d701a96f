/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-class-private.h"

G_BEGIN_DECLS

#define HOTPLUG_PCI_BUSES_MAX 256
#define HOTPLUG_PCI_SLOTS 32
#define HOTPLUG_PCI_FUNCTIONS 8

/* The models of controllers, and what QEMU makes of them */
typedef enum {
  HOTPLUG_PCI_MODEL_NONE,
  HOTPLUG_PCI_MODEL_PCI_ROOT,
  HOTPLUG_PCI_MODEL_PCIE_ROOT,
  HOTPLUG_PCI_MODEL_PCI_BRIDGE,
  HOTPLUG_PCI_MODEL_DMI_TO_PCI_BRIDGE,
  HOTPLUG_PCI_MODEL_PCIE_TO_PCI_BRIDGE,
  HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT,
  HOTPLUG_PCI_MODEL_PCIE_SWITCH_UPSTREAM_PORT,
  HOTPLUG_PCI_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT,
  HOTPLUG_PCI_MODEL_PCI_EXPANDER_BUS,
  HOTPLUG_PCI_MODEL_PCIE_EXPANDER_BUS,
} HotplugPciModel;

/* NONE for a model that libvirt does not know */
HotplugPciModel _hotplug_pci_model_from_string (const char *model);
const char *_hotplug_pci_model_to_string (HotplugPciModel model);

/* What sits in a slot, a bit for each function */
typedef struct
{
  HotplugPciModel model;
  guint connect; /* what it takes */
  guint first;
  guint last;
  guint8 functions[HOTPLUG_PCI_SLOTS];
  guint32 shared;   /* slots whose devices let others like them have the other functions */
  gboolean refuses; /* QEMU takes no hotplug here, whatever libvirt tries */
} HotplugPciBusState;

/* libvirt's set of PCI addresses: src/conf/domain_addr.c */
typedef struct
{
  GArray *buses;       /* HotplugPciBusState, by number */
  gboolean grows;      /* buses that are needed are added: libvirt's dry run */
  gboolean many_roots; /* by further pci-roots */
} HotplugPciBuses;

void _hotplug_pci_buses_init (HotplugPciBuses *self, guint n_buses);
void _hotplug_pci_buses_clear (HotplugPciBuses *self);

HotplugPciBusState *_hotplug_pci_buses_get (const HotplugPciBuses *self, guint number);

void _hotplug_pci_bus_set_model (HotplugPciBusState *self, HotplugPciModel model, gboolean hotplug);
gboolean _hotplug_pci_bus_is_full (const HotplugPciBusState *self);
guint _hotplug_pci_bus_n_slots (const HotplugPciBusState *self);
guint _hotplug_pci_bus_n_free (const HotplugPciBusState *self);

/* Whether libvirt lets a device that needs @connect be on bus @number; @given: the address was in the XML, which allows
 * more */
gboolean _hotplug_pci_buses_accepts (const HotplugPciBuses *self, guint number, guint connect, gboolean given);

/* Takes the place of a device whose address is in the XML; a bus that is not there is added if the set grows, which may
 * move @address to the bus behind it. @what names the device in errors. */
gboolean _hotplug_pci_buses_reserve (HotplugPciBuses *self, HotplugAddress *address, guint connect, const char *what,
                                     GError **error);

/* Without a look at what the bus takes: it is there, so libvirt took it. */
gboolean _hotplug_pci_buses_occupy (HotplugPciBuses *self, const HotplugAddress *address, const char *what,
                                    GError **error);

/* Takes the first place that libvirt finds for a device; @function: -1 for any */
gboolean _hotplug_pci_buses_reserve_next (HotplugPciBuses *self, guint connect, int function, const char *what,
                                          HotplugAddress *out, GError **error);

/* The first place, without taking it: from @bus and @slot on. FALSE if there is none. */
gboolean _hotplug_pci_buses_find (const HotplugPciBuses *self, guint connect, guint bus, guint slot,
                                  HotplugAddress *out);

G_END_DECLS
