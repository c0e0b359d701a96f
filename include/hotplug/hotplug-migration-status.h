/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-enums.h>
#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_MIGRATION_STATUS (hotplug_migration_status_get_type ())

/**
 * HotplugMigrationStatus:
 *
 * How a migration of a #HotplugVmi stands, or how its last one ended.
 *
 * A snapshot: it never changes and may be shared between threads. Every string that it returns lives as long as it
 * does.
 *
 * Since: 0.1
 */
typedef struct _HotplugMigrationStatus HotplugMigrationStatus;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_migration_status_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugMigrationStatus *hotplug_migration_status_ref (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_migration_status_unref (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
HotplugMigrationPhase hotplug_migration_status_get_phase (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_status_get_vmi_name (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_status_get_source_uri (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_status_get_destination_uri (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_status_get_message (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_migration_status_get_bytes_total (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_migration_status_get_bytes_processed (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint64 hotplug_migration_status_get_bytes_remaining (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
double hotplug_migration_status_get_fraction (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_migration_status_get_elapsed_msec (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
guint hotplug_migration_status_get_downtime_msec (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gint64 hotplug_migration_status_get_start_time (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
gint64 hotplug_migration_status_get_end_time (HotplugMigrationStatus *self);

HOTPLUG_AVAILABLE_IN_0_1
char *hotplug_migration_status_to_manifest (HotplugMigrationStatus *self, const char *name,
                                            HotplugManifestFormat format);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugMigrationStatus, hotplug_migration_status_unref)

G_END_DECLS
