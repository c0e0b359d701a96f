/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-host.h>

#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* Interfaces that wait to be moved to a network attachment which this host does not have, and the destination has: they
 * arrive there, and need nothing of where they were. */
typedef struct
{
  GPtrArray *aliases; /* and NULL at the end */
  char *live;         /* nullable: what the machine is to be there; not for a log */
  char *template;     /* nullable: and its template */
} HotplugMigrationMoves;

gboolean _hotplug_migration_plan_moves (HotplugSession *session, HotplugHost *destination, HotplugMigrationMoves *out,
                                        GError **error);
void _hotplug_migration_moves_clear (HotplugMigrationMoves *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugMigrationMoves, _hotplug_migration_moves_clear)

G_END_DECLS
