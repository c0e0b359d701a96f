/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* The controllers that a template needs so that it has the ports that are asked for. */
typedef struct
{
  const char *model; /* of the controllers: pcie-root-port, on a machine without PCI Express pci-bridge or pci-root */
  GArray *indexes;   /* guint, of each; empty if nothing is missing */
  GArray *places;    /* HotplugAddress, of each, and perhaps more */
  guint ports;       /* how many ports they bring */
} HotplugReservation;

void _hotplug_reservation_clear (HotplugReservation *self);

/* How many ports KubeVirt keeps free on a machine with that memory in bytes and that many PCI devices: v3 of its rule,
 * docs/pci-topology.md and pkg/virt-launcher/virtwrap/manager.go:1690-1830 */
guint _hotplug_reservation_rule (guint64 memory, guint devices);

/* What is missing so that at the next start @ports ports are there for hotplugged devices, in use by such or free, and
 * @keep_free of all are free. Each -1 if it does not matter; if neither does, KubeVirt's rule says how many are free.
 * HOTPLUG_ERROR_NO_PCI_SLOT, with the highest number possible, if so many don't fit. */
gboolean _hotplug_reservation_plan (const HotplugDomain *template, int ports, int keep_free, HotplugReservation *out,
                                    GError **error);

/* A root port more for a template whose bus 0 is PCI Express: behind all others if it fits there. FALSE if there is no
 * room for one. */
gboolean _hotplug_reservation_next_port (const HotplugDomain *template, guint *index, HotplugAddress *address);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugReservation, _hotplug_reservation_clear)

G_END_DECLS
