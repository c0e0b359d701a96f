/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-pci-budget.h>

#include "model/hotplug-address-private.h"

G_BEGIN_DECLS

#define HOTPLUG_PCI_N_CLASSES (HOTPLUG_PCI_CLASS_EITHER + 1)

/* What the three values are made of; the strings are copied. */
typedef struct
{
  HotplugAddress address;
  const char *controller; /* the model of its bus */
  const char *device;     /* nullable: nothing sits there */
  const char *name;       /* nullable */
  HotplugPciClass class;  /* the device's; of a free place that of what it accepts */
  gboolean hotplug;
  gboolean implied;
  int bus_index; /* -1 if no bus is behind it */
} HotplugPciSlotFields;

HotplugPciSlot *_hotplug_pci_slot_new (const HotplugPciSlotFields *fields);

typedef struct
{
  guint index;
  const char *model;
  HotplugAddress address; /* of kind NONE: a root bus */
  int parent_index;       /* -1: a root bus */
  HotplugPciClass class;
  gboolean hotplug;
  guint first_slot;
  guint last_slot;
} HotplugPciBusFields;

/* @slots: (transfer full): HotplugPciSlot, by address */
HotplugPciBus *_hotplug_pci_bus_new (const HotplugPciBusFields *fields, GPtrArray *slots);

typedef struct
{
  const char *name;
  const char *machine;
  const char *reason;  /* nullable */
  const char *warning; /* nullable */
  guint limit;
  guint total;
  guint used;
  guint hotpluggable[HOTPLUG_PCI_N_CLASSES];
  HotplugAddress next[HOTPLUG_PCI_N_CLASSES]; /* each of kind NONE where nothing fits */
  guint vectors_needed;
  guint vectors_available;
} HotplugPciBudgetFields;

/* @buses: (transfer full): HotplugPciBus, by index */
HotplugPciBudget *_hotplug_pci_budget_new (const HotplugPciBudgetFields *fields, GPtrArray *buses);

G_END_DECLS
