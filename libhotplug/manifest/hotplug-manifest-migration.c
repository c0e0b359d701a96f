/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-migration-status.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-host-uri-private.h"
#include "manifest/hotplug-manifest-members-private.h"

/* KubeVirt's types: api/core/v1/types.go, VirtualMachineInstanceMigration and VirtualMachineInstanceMigrationState,
 * whose members are left out while they are false or not known */

static void
add_time (JsonObject *object, const char *name, gint64 when)
{
  g_autoptr (GDateTime) time = when != 0 ? g_date_time_new_from_unix_utc (when / G_USEC_PER_SEC) : NULL;
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  _hotplug_manifest_add_string (object, name, text);
}

static void
add_true (JsonObject *object, const char *name, gboolean value)
{
  if (value)
    json_object_set_boolean_member (object, name, TRUE);
}

static void
add_state (JsonObject *status, HotplugMigrationStatus *migration)
{
  HotplugMigrationPhase phase = hotplug_migration_status_get_phase (migration);
  JsonObject *state = _hotplug_manifest_add_object (status, "migrationState");

  add_true (state, "completed", hotplug_migration_status_get_end_time (migration) != 0);
  add_time (state, "endTimestamp", hotplug_migration_status_get_end_time (migration));
  add_true (state, "failed", phase == HOTPLUG_MIGRATION_PHASE_FAILED);
  _hotplug_manifest_add_string (state, "failureReason", hotplug_migration_status_get_message (migration));
  if (phase == HOTPLUG_MIGRATION_PHASE_RUNNING || phase == HOTPLUG_MIGRATION_PHASE_SUCCEEDED)
    _hotplug_manifest_add_string (state, "mode", "PreCopy");
  _hotplug_manifest_add_string (state, "sourceNode", hotplug_migration_status_get_source_uri (migration));
  add_time (state, "startTimestamp", hotplug_migration_status_get_start_time (migration));
  _hotplug_manifest_add_string (state, "targetNode", hotplug_migration_status_get_destination_uri (migration));
}

/* As long as the total is not known, nothing of it is. */
static void
add_numbers (JsonObject *status, HotplugMigrationStatus *migration)
{
  guint64 total = hotplug_migration_status_get_bytes_total (migration);
  JsonObject *own = _hotplug_manifest_add_object (status, "libhotplug");

  if (total != 0)
    {
      json_object_set_int_member (own, "bytesTotal", (gint64)total);
      json_object_set_int_member (own, "bytesProcessed",
                                  (gint64)hotplug_migration_status_get_bytes_processed (migration));
      json_object_set_int_member (own, "bytesRemaining",
                                  (gint64)hotplug_migration_status_get_bytes_remaining (migration));
    }
  _hotplug_manifest_add_number (own, "elapsedMilliseconds", hotplug_migration_status_get_elapsed_msec (migration));
  _hotplug_manifest_add_number (own, "downtimeMilliseconds", hotplug_migration_status_get_downtime_msec (migration));
}

static JsonObject *
build_migration (HotplugMigrationStatus *migration, const char *name)
{
  const char *vmi = hotplug_migration_status_get_vmi_name (migration);
  int phase = (int)hotplug_migration_status_get_phase (migration);
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "apiVersion", "kubevirt.io/v1");
  _hotplug_manifest_add_string (object, "kind", "VirtualMachineInstanceMigration");
  JsonObject *metadata = _hotplug_manifest_add_object (object, "metadata");
  const char *destination = hotplug_migration_status_get_destination_uri (migration);
  if (destination != NULL && _hotplug_host_uri_is_plain (destination))
    _hotplug_manifest_add_string (_hotplug_manifest_add_object (metadata, "annotations"), "libhotplug/destination",
                                  destination);
  _hotplug_manifest_add_string (metadata, "name", name != NULL ? name : vmi);
  _hotplug_manifest_add_string (_hotplug_manifest_add_object (object, "spec"), "vmiName", vmi);
  JsonObject *status = _hotplug_manifest_add_object (object, "status");
  add_state (status, migration);
  _hotplug_manifest_add_string (status, "phase", _hotplug_enum_to_nick (HOTPLUG_TYPE_MIGRATION_PHASE, phase));
  add_numbers (status, migration);
  return object;
}

/**
 * hotplug_migration_status_to_manifest:
 * @self: a migration's status
 * @name: (nullable): what the migration is called, %NULL for the VMI's name
 * @format: how to write it
 *
 * Writes @self as KubeVirt's `VirtualMachineInstanceMigration`, with `status.phase` and `status.migrationState`; its
 * nodes are the hosts' URIs. The destination is in the annotation `libhotplug/destination` too, where
 * hotplug_migration_request_new_from_manifest() looks for it, if it is one that may stand there. What KubeVirt has no
 * field for is in an object named `libhotplug` of `status`: `bytesTotal`, `bytesProcessed`, `bytesRemaining`,
 * `elapsedMilliseconds` and `downtimeMilliseconds`. What is not known is left out.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_migration_status_to_manifest (HotplugMigrationStatus *self, const char *name, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _hotplug_manifest_object_to_string (build_migration (self, name), format);
}
