/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

#define MIGRATION_KIND "VirtualMachineInstanceMigration"

/* What is to be done */
typedef struct
{
  const char *name; /* nullable: what a manifest calls it */
  const char *vmi;
  const char *to; /* the destination's URI */
  HotplugMigrateFlags flags;
  guint64 bandwidth;
  int timeout_msec;
} Migration;

/* Where to, if the command line says it; @to: nullable */
gboolean migration_check_destination (const char *to, GError **error);

/* The VMI of the host of @ctl goes there; on a terminal a bar tells how far it is */
gboolean migration_run (Hotplugctl *ctl, const Migration *migration, GError **error);

G_END_DECLS
