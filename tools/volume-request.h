/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* What a file says, "-" for standard input: AddVolumeOptions, or RemoveVolumeOptions; at least one.
 * @dry_run: set if they ask for that, which they do all or none */

/* (element-type HotplugVolume): asks the host for their data volumes */
GPtrArray *volume_request_make_volumes (Hotplugctl *ctl, const char *file, gboolean *dry_run, GError **error);

char **volume_request_read_names (const char *file, gboolean *dry_run, GError **error);

G_END_DECLS
