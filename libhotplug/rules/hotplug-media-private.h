/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* The drive of that name, if media can come and go in it: HOTPLUG_ERROR_NOT_FOUND, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
 * HOTPLUG_ERROR_BUS_UNSUPPORTED.
 * @name: its user alias without `ua-`, else its target */
HotplugDisk *_hotplug_media_find_drive (const HotplugDomain *side, const char *name, GError **error);

G_END_DECLS
