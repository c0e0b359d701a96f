/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-migration-status.h>

G_BEGIN_DECLS

/* What one says; the strings are copied */
typedef struct
{
  HotplugMigrationPhase phase;
  const char *vmi_name;
  const char *source_uri;
  const char *destination_uri;
  const char *message; /* nullable */
  guint64 bytes_total;
  guint64 bytes_processed;
  guint64 bytes_remaining;
  guint elapsed_msec;
  guint downtime_msec;
  gint64 start_time; /* of g_get_real_time() */
  gint64 end_time;   /* 0: not yet */
} HotplugMigrationStatusFields;

HotplugMigrationStatus *_hotplug_migration_status_new (const HotplugMigrationStatusFields *fields);

/* The same in another phase, with another message: (nullable) */
HotplugMigrationStatus *_hotplug_migration_status_ended (HotplugMigrationStatus *self, HotplugMigrationPhase phase,
                                                         const char *message);

G_END_DECLS
