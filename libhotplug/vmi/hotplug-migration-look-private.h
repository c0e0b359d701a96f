/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "host/hotplug-connection-private.h"
#include "rules/hotplug-migration-admission-private.h"

G_BEGIN_DECLS

/* A look at what a machine needs, on the host that has it and on the one where it is to go */
typedef struct
{
  HotplugConnection *source;
  HotplugConnection *destination;
  const char *prefix; /* of the names of pools that the look makes, and of nobody else's */
  HotplugMigrationOutlook *outlook;
  GCancellable *cancellable;
  gboolean seen; /* (out): a file that the machine writes to was seen on both */
} HotplugMigrationLook;

/* Each adds what is in the way to the outlook. They fail only where a connection does, and when they are cancelled. */
gboolean _hotplug_migration_look_at_files (HotplugMigrationLook *self, GError **error);
gboolean _hotplug_migration_look_at_networks (HotplugMigrationLook *self, GError **error);

G_END_DECLS
