/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-pci-plan-private.h"

G_BEGIN_DECLS

/* The interrupt vectors of a guest, estimated: as a Linux guest asks for them */
typedef struct
{
  guint available;  /* 0: not known for this kind of machine */
  guint present;    /* what the machine itself takes, and what sits on its buses */
  guint per_device; /* what a virtio device more takes */
} HotplugPciVectors;

HotplugPciVectors _hotplug_pci_vectors_estimate (const HotplugPciPlan *plan, guint vcpus);

/* How many virtio devices more can be served, up to @n */
guint _hotplug_pci_vectors_n_served (const HotplugPciVectors *self, guint n);

G_END_DECLS
