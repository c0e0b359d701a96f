/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* Where a new disk goes, and the controller that it needs before. */
typedef struct
{
  char *target;
  HotplugAddress address;
  HotplugAddress
      template_address; /* of kind NONE where the hypervisor is to choose it: the disk moves at the next start */

  gboolean controller_live;     /* the live side needs a virtio-scsi controller first */
  gboolean controller_template; /* and so does the template */
  guint controller_index;
  HotplugPort port; /* the disk's own, or that of the controller to be added */

  guint spare; /* the index of a root port that the template gets besides, so that as many stay free; 0: none */
  HotplugAddress spare_address;
} HotplugPlacement;

void _hotplug_placement_clear (HotplugPlacement *self);

/* Chooses the lowest target that is free, and an address for it that is free, in both sides and in the records.
 * @sides: at least one
 * HOTPLUG_ERROR_NO_PCI_SLOT if the disk, or the controller that it needs, has no port. */
gboolean _hotplug_placement_choose (const HotplugSides *sides, const char *volume, HotplugBus bus,
                                    HotplugPlacement *out, GError **error);

/* The controllers that it brings, as they will be: the one for SCSI disks at @address, and the template's root port.
 * @alias: of the former; kept, not copied */
HotplugController _hotplug_placement_scsi_controller (const HotplugPlacement *self, const char *alias,
                                                      const HotplugAddress *address);
HotplugController _hotplug_placement_root_port (const HotplugPlacement *self);
/* And the one for the next device; of index 0 if there is none */
HotplugController _hotplug_placement_spare_port (const HotplugPlacement *self, const char *alias);

/* Plans that one, for a device that is persisted */
void _hotplug_placement_keep_spare (HotplugPlacement *self, const HotplugDomain *template);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugPlacement, _hotplug_placement_clear)

G_END_DECLS
