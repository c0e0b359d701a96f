/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* Where a volume is, and what it may be used for: said by --source, else by the stores of the host.
 * @source: (nullable)
 * @data_volume: (out) (nullable): what a store has of it */
char *volume_source_find (Hotplugctl *ctl, const char *source, const char *volume_name,
                          HotplugDataVolume **data_volume, GError **error);

G_END_DECLS
