/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* The root port that goes into a template with a device that is persisted, so that the template keeps the ports that it
 * has to spare: libvirt gives a new machine one, and none for it any more when it is taken.
 * @place: where the device goes in the template; of kind NONE where libvirt chooses
 * FALSE if none is needed: the device takes no spare port, or one of ours is left over from a device that was removed;
 * or if there is no room for one */
gboolean _hotplug_spare_port_plan (const HotplugDomain *template, const HotplugAddress *place, guint *index,
                                   HotplugAddress *address);

/* Whether it has a port of ours at all; @template: (nullable) */
gboolean _hotplug_spare_port_has_any (const HotplugDomain *template);

/* Ports of ours with nothing on them that the template has for devices that are gone from it: the last ones first.
 * HotplugController of @template
 * @leaving: (nullable): the aliases of devices that count as gone */
GPtrArray *_hotplug_spare_port_list_left_over (const HotplugDomain *template, const char *const *leaving);

G_END_DECLS
