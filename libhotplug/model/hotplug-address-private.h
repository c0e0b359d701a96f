/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  HOTPLUG_ADDRESS_NONE,
  HOTPLUG_ADDRESS_DRIVE,
  HOTPLUG_ADDRESS_PCI,
  HOTPLUG_ADDRESS_OTHER,
} HotplugAddressKind;

/* Where a device sits, as libvirt's <address> has it: a plain value.
 * A drive is controller:bus:target:unit, a PCI device domain:bus:slot.function. */
typedef struct
{
  HotplugAddressKind kind;
  guint controller; /* drive, and of an OTHER one that names a controller: virtio-serial */
  guint target;     /* drive */
  guint unit;       /* drive */
  guint domain;     /* PCI */
  guint bus;        /* drive and PCI */
  guint slot;       /* PCI */
  guint function;   /* PCI */
} HotplugAddress;

HotplugAddress _hotplug_address_drive (guint controller, guint bus, guint target, guint unit);

HotplugAddress _hotplug_address_pci (guint domain, guint bus, guint slot, guint function);

gboolean _hotplug_address_equal (const HotplugAddress *a, const HotplugAddress *b);

/* `0:0:0:3` for a drive, `0000:01:00.0` for PCI, NULL for any other */
char *_hotplug_address_to_string (const HotplugAddress *self);

/* What to_string() prints; %FALSE, and an address of kind NONE, for any other text */
gboolean _hotplug_address_from_string (const char *text, HotplugAddress *out);

G_END_DECLS
