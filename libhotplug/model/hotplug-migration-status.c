/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-migration-status-private.h"

struct _HotplugMigrationStatus
{
  HotplugMigrationStatusFields fields;
};

G_DEFINE_BOXED_TYPE (HotplugMigrationStatus, hotplug_migration_status, hotplug_migration_status_ref,
                     hotplug_migration_status_unref)

HotplugMigrationStatus *
_hotplug_migration_status_new (const HotplugMigrationStatusFields *fields)
{
  HotplugMigrationStatus *self = g_atomic_rc_box_new0 (HotplugMigrationStatus);

  self->fields = *fields;
  self->fields.vmi_name = g_strdup (fields->vmi_name);
  self->fields.source_uri = g_strdup (fields->source_uri);
  self->fields.destination_uri = g_strdup (fields->destination_uri);
  self->fields.message = g_strdup (fields->message);
  return self;
}

HotplugMigrationStatus *
_hotplug_migration_status_ended (HotplugMigrationStatus *self, HotplugMigrationPhase phase, const char *message)
{
  HotplugMigrationStatusFields fields = self->fields;

  fields.phase = phase;
  fields.message = message;
  fields.end_time = g_get_real_time ();
  if (phase == HOTPLUG_MIGRATION_PHASE_SUCCEEDED)
    fields.bytes_remaining = 0;
  return _hotplug_migration_status_new (&fields);
}

static void
clear (gpointer data)
{
  HotplugMigrationStatus *self = data;

  g_free ((char *)self->fields.vmi_name);
  g_free ((char *)self->fields.source_uri);
  g_free ((char *)self->fields.destination_uri);
  g_free ((char *)self->fields.message);
}

/**
 * hotplug_migration_status_ref:
 * @self: a migration's status
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugMigrationStatus *
hotplug_migration_status_ref (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_migration_status_unref:
 * @self: (transfer full): a migration's status
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_migration_status_unref (HotplugMigrationStatus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_migration_status_get_phase:
 * @self: a migration's status
 *
 * Returns: where it stands
 *
 * Since: 0.1
 */
HotplugMigrationPhase
hotplug_migration_status_get_phase (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_MIGRATION_PHASE_FAILED);

  return self->fields.phase;
}

/**
 * hotplug_migration_status_get_vmi_name:
 * @self: a migration's status
 *
 * Returns: (transfer none): the VMI that is migrated
 *
 * Since: 0.1
 */
const char *
hotplug_migration_status_get_vmi_name (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.vmi_name;
}

/**
 * hotplug_migration_status_get_source_uri:
 * @self: a migration's status
 *
 * Returns: (transfer none): the URI of the host that the VMI comes from
 *
 * Since: 0.1
 */
const char *
hotplug_migration_status_get_source_uri (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.source_uri;
}

/**
 * hotplug_migration_status_get_destination_uri:
 * @self: a migration's status
 *
 * Returns: (transfer none): the URI of the host that it goes to
 *
 * Since: 0.1
 */
const char *
hotplug_migration_status_get_destination_uri (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.destination_uri;
}

/**
 * hotplug_migration_status_get_message:
 * @self: a migration's status
 *
 * Returns: (transfer none) (nullable): why it failed, %NULL if it did not
 *
 * Since: 0.1
 */
const char *
hotplug_migration_status_get_message (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.message;
}

/**
 * hotplug_migration_status_get_bytes_total:
 * @self: a migration's status
 *
 * Returns: how many bytes are to be carried over: the guest's memory; 0 as long as that is not known
 *
 * Since: 0.1
 */
guint64
hotplug_migration_status_get_bytes_total (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.bytes_total;
}

/**
 * hotplug_migration_status_get_bytes_processed:
 * @self: a migration's status
 *
 * What the guest writes meanwhile is carried over again, so that this may become more than
 * hotplug_migration_status_get_bytes_total().
 *
 * Returns: how many bytes were carried over
 *
 * Since: 0.1
 */
guint64
hotplug_migration_status_get_bytes_processed (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.bytes_processed;
}

/**
 * hotplug_migration_status_get_bytes_remaining:
 * @self: a migration's status
 *
 * Returns: how many bytes are still to be carried over. It grows when the guest writes faster.
 *
 * Since: 0.1
 */
guint64
hotplug_migration_status_get_bytes_remaining (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.bytes_remaining;
}

/**
 * hotplug_migration_status_get_fraction:
 * @self: a migration's status
 *
 * Returns: how much of it is done, from 0 to 1: for a progress bar. It goes back when the guest writes faster than its
 *   memory is carried over.
 *
 * Since: 0.1
 */
double
hotplug_migration_status_get_fraction (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  const HotplugMigrationStatusFields *fields = &self->fields;
  if (fields->phase == HOTPLUG_MIGRATION_PHASE_SUCCEEDED)
    return 1;
  if (fields->bytes_total == 0 || fields->bytes_remaining >= fields->bytes_total)
    return 0;
  return 1 - (double)fields->bytes_remaining / (double)fields->bytes_total;
}

/**
 * hotplug_migration_status_get_elapsed_msec:
 * @self: a migration's status
 *
 * Returns: how long it has been on its way, in milliseconds
 *
 * Since: 0.1
 */
guint
hotplug_migration_status_get_elapsed_msec (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.elapsed_msec;
}

/**
 * hotplug_migration_status_get_downtime_msec:
 * @self: a migration's status
 *
 * Returns: how long the guest stood still at the end, in milliseconds; while it is
 *   %HOTPLUG_MIGRATION_PHASE_RUNNING how long it is expected to; 0 as long as that is not known
 *
 * Since: 0.1
 */
guint
hotplug_migration_status_get_downtime_msec (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.downtime_msec;
}

/**
 * hotplug_migration_status_get_start_time:
 * @self: a migration's status
 *
 * Returns: when it began, as g_get_real_time() tells the time
 *
 * Since: 0.1
 */
gint64
hotplug_migration_status_get_start_time (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.start_time;
}

/**
 * hotplug_migration_status_get_end_time:
 * @self: a migration's status
 *
 * Returns: when it ended, as g_get_real_time() tells the time; 0 as long as it is under way
 *
 * Since: 0.1
 */
gint64
hotplug_migration_status_get_end_time (HotplugMigrationStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.end_time;
}
