/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* What a dry run prints: the manifest if one is asked for; else a table, the XML of the devices and what would be
 * another in the template. @plan: (nullable): NULL was refused. %TRUE if it was not */
gboolean plan_print (Hotplugctl *ctl, HotplugPlan *plan);

/* Of a removal that is about to be done, what its answer ends with: which of the devices the template keeps, or "".
 * @volumes, @interfaces: (nullable) */
char *plan_tell_returning (Hotplugctl *ctl, HotplugVmi *vmi, const char *const *volumes, const char *const *interfaces,
                           HotplugPlugFlags flags);

G_END_DECLS
