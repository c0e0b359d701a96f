/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* A controller that goes as soon as the guest lets it. Of another run of the machine, or under another alias, one with
 * its index is another one. */
typedef struct
{
  char *alias;
  char *run; /* "" where the hypervisor does not count them */
} HotplugDoomed;

/* The two sides of a machine, of which one may be missing, for rules that ask both. */
typedef struct
{
  const HotplugDomain *live;
  const HotplugDomain *template;
  const GPtrArray *doomed; /* nullable: HotplugDoomed, virtio-scsi controllers that take no more disks */
  const GArray *refused; /* nullable: HotplugAddress, places that the hypervisor has refused, as free as they look */
  gboolean asks; /* where no place is found the hypervisor is to choose: the rules here are not held against this one */
} HotplugSides;

/* Whether a controller of that alias is doomed in this run of the machine */
gboolean _hotplug_doomed_is (const HotplugDoomed *self, const HotplugDomain *live, const char *alias);

/* The machine's name, for errors */
const char *_hotplug_sides_vmi (const HotplugSides *sides);

/* (nullable) */
HotplugRecord *_hotplug_sides_find_record (const HotplugSides *sides, const char *alias);

/* Whether no device and no record has @alias; a device that has the name under another alias is the caller's to find,
 * and tells it by @named.
 * @what: volume, interface
 * HOTPLUG_ERROR_EXISTS */
gboolean _hotplug_sides_check_name (const HotplugSides *sides, const char *what, const char *name, const char *alias,
                                    gboolean named, GError **error);

G_END_DECLS
