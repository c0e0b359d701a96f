/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-placement-private.h"

G_BEGIN_DECLS

/* The places for a hotplugged virtio device. Which controllers have them: libvirt src/conf/domain_addr.c:478-589. */
typedef struct
{
  guint total; /* that accept hotplug */
  guint used;
  HotplugAddress free;          /* the first that is free on both sides, of kind NONE if there is none */
  HotplugAddress free_on_first; /* the first that is free on the live side (the template's, if there is no other) */
} HotplugPorts;

/* @also: (nullable): a place that is taken as well */
HotplugPorts _hotplug_ports_scan (const HotplugSides *sides, const HotplugAddress *also);

G_END_DECLS
