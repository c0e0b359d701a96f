/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* get datavolume [NAME]; @name may be %NULL: all */
gboolean data_volume_get (Hotplugctl *ctl, const char *name, GError **error);

/* Makes it, with a bar on a terminal if that takes long, and prints what was made */
gboolean data_volume_create (Hotplugctl *ctl, HotplugDataVolume *volume, GError **error);

/* The word of kubectl for this kind, or its short form, or its plural */
gboolean data_volume_is_kind (const char *word);

G_END_DECLS
