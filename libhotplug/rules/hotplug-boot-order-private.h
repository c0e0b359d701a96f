/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* Whether a new device may have that boot order, on either side: HOTPLUG_ERROR_BOOT_ORDER
 * @kind: volume or interface; @order: 0 for none */
gboolean _hotplug_boot_order_check (const HotplugSides *sides, const char *kind, const char *name, guint order,
                                    GError **error);

G_END_DECLS
