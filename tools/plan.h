/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* What a dry run prints: the manifest if one is asked for; else a table, the XML of the devices and what would be
 * another in the template. @plan: (nullable): NULL was refused. %TRUE if it was not */
gboolean plan_print (Hotplugctl *ctl, HotplugPlan *plan);

G_END_DECLS
