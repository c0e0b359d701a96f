/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "migration.h"

#include "progress.h"
#include "table.h"

/* A migration under way */
typedef struct
{
  GMainLoop *loop;
  GAsyncResult *result;
} Journey;

gboolean
migration_check_destination (const char *to, GError **error)
{
  if (to == NULL || *to != '\0')
    return TRUE;

  g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--to is empty; it is the URI of a host");
  return FALSE;
}

static void
on_migrated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Journey *self = user_data;

  self->result = g_object_ref (result);
  g_main_loop_quit (self->loop);
}

static void
show_progress (HotplugVmi *vmi, HotplugMigrationStatus *status, gpointer user_data)
{
  guint64 total = hotplug_migration_status_get_bytes_total (status);

  if (hotplug_migration_status_get_phase (status) != HOTPLUG_MIGRATION_PHASE_RUNNING || total == 0)
    return;

  g_autofree char *done = table_format_size (hotplug_migration_status_get_bytes_processed (status));
  g_autofree char *all = table_format_size (total);
  g_autofree char *more = g_strdup_printf ("%s of %s, %.1f s", done, all,
                                           hotplug_migration_status_get_elapsed_msec (status) / 1000.0);
  progress_show (hotplug_vmi_get_name (vmi), hotplug_migration_status_get_fraction (status), more);
}

static gboolean
migrate (Hotplugctl *ctl, HotplugVmi *vmi, HotplugHost *destination, const Migration *migration, GError **error)
{
  if (!progress_is_seen ())
    return hotplug_vmi_migrate (vmi, destination, migration->flags, migration->bandwidth, migration->timeout_msec,
                                ctl->cancellable, error);

  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Journey journey = { loop, NULL };
  gulong watch = g_signal_connect (vmi, "migration-status-changed", G_CALLBACK (show_progress), NULL);

  hotplug_vmi_migrate_async (vmi, destination, migration->flags, migration->bandwidth, migration->timeout_msec,
                             ctl->cancellable, on_migrated, &journey);
  g_main_loop_run (loop);
  g_signal_handler_disconnect (vmi, watch);
  progress_end ();

  g_autoptr (GAsyncResult) result = journey.result;
  return hotplug_vmi_migrate_finish (vmi, result, error);
}

static void
print (Hotplugctl *ctl, HotplugVmi *vmi, const Migration *migration)
{
  g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (vmi);

  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_migration_status_to_manifest (status, migration->name, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return;
    }

  gint64 took = hotplug_migration_status_get_end_time (status) - hotplug_migration_status_get_start_time (status);
  guint downtime = hotplug_migration_status_get_downtime_msec (status);
  hotplugctl_print (ctl, "VMI \"%s\" migrated to %s in %.1f s", hotplug_vmi_get_name (vmi),
                    hotplug_migration_status_get_destination_uri (status), (double)took / G_USEC_PER_SEC);
  if (downtime != 0)
    hotplugctl_print (ctl, ", downtime %u ms", downtime);
  hotplugctl_print (ctl, "\n");
}

gboolean
migration_run (Hotplugctl *ctl, const Migration *migration, GError **error)
{
  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, migration->vmi, error);
  if (vmi == NULL)
    return FALSE;

  g_autoptr (GError) failed = NULL;
  g_autoptr (HotplugHost) destination = hotplug_host_open (migration->to, ctl->cancellable, &failed);
  gboolean done = destination != NULL && migrate (ctl, vmi, destination, migration, &failed);
  if (done)
    print (ctl, vmi, migration);
  if (destination != NULL)
    hotplug_host_close (destination);
  if (g_error_matches (failed, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_prefix_error (&failed, "vmi \"%s\" stays on %s: ", migration->vmi, hotplug_host_get_uri (ctl->host));
  if (failed != NULL)
    g_propagate_error (error, g_steal_pointer (&failed));
  return done;
}
