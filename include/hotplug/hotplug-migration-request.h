/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include <hotplug/hotplug-macros.h>
#include <hotplug/hotplug-manifest.h>

G_BEGIN_DECLS

#define HOTPLUG_TYPE_MIGRATION_REQUEST (hotplug_migration_request_get_type ())

/**
 * HotplugMigrationRequest:
 *
 * What a `VirtualMachineInstanceMigration` of KubeVirt asks for: which VMI is to be migrated, and where to.
 *
 * It never changes and may be shared between threads. Every string that it returns lives as long as it does.
 *
 * Since: 0.1
 */
typedef struct _HotplugMigrationRequest HotplugMigrationRequest;

HOTPLUG_AVAILABLE_IN_0_1
GType hotplug_migration_request_get_type (void);

HOTPLUG_AVAILABLE_IN_0_1
HotplugMigrationRequest *hotplug_migration_request_new_from_manifest (HotplugManifest *manifest, GError **error);

HOTPLUG_AVAILABLE_IN_0_1
HotplugMigrationRequest *hotplug_migration_request_ref (HotplugMigrationRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
void hotplug_migration_request_unref (HotplugMigrationRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_request_get_name (HotplugMigrationRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_request_get_vmi_name (HotplugMigrationRequest *self);

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_migration_request_get_destination_uri (HotplugMigrationRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugMigrationRequest, hotplug_migration_request_unref)

G_END_DECLS
