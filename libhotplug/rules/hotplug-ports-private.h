/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

#include "rules/hotplug-sides-private.h"

G_BEGIN_DECLS

/* Where a PCI device goes that is plugged in. */
typedef struct
{
  HotplugAddress live;         /* of kind NONE if there is no live side */
  HotplugAddress template; /* of kind NONE if the hypervisor is to choose there: the device moves at the next start */
  guint port;                  /* the index of the root port that the template must get before; 0 for none */
  HotplugAddress port_address; /* and where that sits */
} HotplugPort;

/* Chooses the first place that is free on both sides and in the records; else one of the live side whose port the
 * template can get; else the live side's first. A template alone needs none: libvirt makes room when it is defined.
 * @what: the device, for the error: volume "data", …
 * HOTPLUG_ERROR_NO_PCI_SLOT if the live side has no place: says what sits on the ports, and the cure. If the sides ask,
 * the places are of kind NONE instead. */
gboolean _hotplug_port_choose (const HotplugSides *sides, HotplugPciClass class, const char *what, HotplugPort *out,
                               GError **error);

/* Whether a refusal by the hypervisor is about the place, so that another one may do; @bus: (out): of the whole bus */
gboolean _hotplug_port_is_refused (const char *message, gboolean *bus);

/* The same, but rather behind @behind than before it, in the order in which a guest finds its devices; @behind may be
 * of kind NONE */
gboolean _hotplug_port_choose_behind (const HotplugSides *sides, HotplugPciClass class, const HotplugAddress *behind,
                                      const char *what, HotplugPort *out, GError **error);

/* The place for a device that one side has at @address and the other is to get: there if it is free, else as above */
gboolean _hotplug_port_follow (const HotplugSides *sides, HotplugPciClass class, const char *what,
                               const HotplugAddress *address, HotplugPort *out, GError **error);

G_END_DECLS
