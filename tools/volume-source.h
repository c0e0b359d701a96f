/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* Where a volume is, and what it may be used for: said by --source, else by the stores of the host.
 * @source: (nullable) */
char *volume_source_find (Hotplugctl *ctl, const char *source, const char *volume_name, int *access_mode, int *format,
                          GError **error);

G_END_DECLS
