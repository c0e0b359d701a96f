/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-placement-private.h"
#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* The way back of what is recorded */
typedef struct
{
  HotplugDomain *live;           /* the side that it comes back to, or a picture of it */
  const HotplugDomain *template; /* nullable: whose records are to come back */
  gboolean asks;                 /* where no place is found, the hypervisor chooses */
} HotplugReturn;

/* Gives @device, a copy of a record, the place that it had, and where others have taken that, another one.
 * @placement: the controller that comes before, if it needs one: HOTPLUG_ERROR_NO_PCI_SLOT */
gboolean _hotplug_return_choose (const HotplugReturn *self, HotplugRecord *device, HotplugPlacement *placement,
                                 GError **error);

/* What is back is in the snapshot, for the next to see. */
void _hotplug_return_show (const HotplugReturn *self, const HotplugRecord *device);

/* The machine as it is when a start has brought back what its template's records say, each at its place of then.
 * @waits: (nullable): aliases of those that come later
 * @refused: (nullable): gets a GError for each that has no place */
HotplugDomain *_hotplug_return_foresee (HotplugSession *session, GHashTable *waits, GPtrArray *refused);

/* Whether a start brings it back */
gboolean _hotplug_return_is_to_come (const HotplugDomain *side, const HotplugRecord *record);

G_END_DECLS
