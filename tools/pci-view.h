/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* Which machine budget and topology look at */
typedef struct
{
  gboolean template;
  char *xml;
} PciSource;

#define PCI_SOURCE_ENTRIES(source)                                                                                     \
  { "template", 0, 0, G_OPTION_ARG_NONE, &(source)->template, "Look at what the next start will have", NULL },         \
  {                                                                                                                    \
    "xml", 0, 0, G_OPTION_ARG_FILENAME, &(source)->xml,                                                                \
        "Look at the domain XML in a file, or - for standard input; needs no host", "FILE"                             \
  }

void pci_source_clear (PciSource *source);

/* @name may be %NULL */
HotplugPciBudget *pci_source_load (Hotplugctl *ctl, const PciSource *source, const char *name, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PciSource, pci_source_clear)

/* A budget, as it is drawn: a tree */
typedef struct _PciView PciView;

/* A place on a bus: a slot, and if a port sits there, the only place behind it, so that both are drawn as one. */
typedef struct
{
  HotplugPciBus *on;
  HotplugPciSlot *slot;
  HotplugPciBus *port;    /* the bus of @behind; %NULL if no port sits on @slot */
  HotplugPciSlot *behind; /* %NULL: no port, or one that is empty and takes nothing */
  HotplugPciBus *below;   /* a bus that comes from here and is drawn below; %NULL if none does */
} PciPlace;

PciView *pci_view_new (HotplugPciBudget *budget);
void pci_view_free (PciView *self);

/* The PciPlaces of @bus by address; each bus is found once as somebody's below. */
GArray *pci_view_list_places (PciView *self, HotplugPciBus *bus);

/* The slot that counts: where a device is, or could be plugged in; %NULL for an empty port that takes nothing */
HotplugPciSlot *pci_place_get_end (const PciPlace *place);
gboolean pci_place_is_free (const PciPlace *place);
gboolean pci_place_is_hotplug (const PciPlace *place);

/* Whether the next virtio device, or the next conventional one where that is another place, lands there */
const char *pci_view_get_next_kind (PciView *self, const PciPlace *place);

/* An address without the domain that all machines have */
const char *pci_view_shorten (const char *address);

/* The ports among @places and the slots that accept hotplug, a slot of several functions once, and how many are free */
void pci_view_count (GArray *places, guint *n_ports, guint *n_free);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PciView, pci_view_free)

G_END_DECLS
