/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "model/hotplug-volume-private.h"
#include "rules/hotplug-media-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-media-xml-private.h"

/* What is done to the drive on one side of the machine */
typedef struct
{
  HotplugDisk *drive; /* nullable: this side is none of the call's */
  char *before;       /* its XML; NULL with @after if it holds already what it shall hold */
  char *after;
} Step;

typedef struct
{
  HotplugVolume *volume; /* nullable: the drive is to hold nothing */
  HotplugDisk *medium;   /* nullable, as @volume */
  char *holds;           /* what the journal calls it */
  HotplugMachineText text;
  Step live;
  Step template;
} Change;

static void
clear_change (Change *self)
{
  g_clear_object (&self->volume);
  g_clear_pointer (&self->medium, _hotplug_disk_free);
  g_free (self->holds);
  _hotplug_machine_text_clear (&self->text);
  g_free (self->live.before);
  g_free (self->live.after);
  g_free (self->template.before);
  g_free (self->template.after);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, clear_change)

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);

  if ((flags & HOTPLUG_PLUG_PERSIST) && !session->persistent)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it has no template that a medium could be persisted in", vmi);
      return FALSE;
    }
  if (!(flags & HOTPLUG_PLUG_PERSIST) && session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running; with persist the medium in its template is changed", vmi);
      return FALSE;
    }
  return TRUE;
}

static gboolean
find_drives (HotplugSession *session, const char *drive, HotplugPlugFlags flags, Change *change, GError **error)
{
  if (session->live != NULL && (change->live.drive = _hotplug_media_find_drive (session->live, drive, error)) == NULL)
    return FALSE;
  return !(flags & HOTPLUG_PLUG_PERSIST)
         || (change->template.drive = _hotplug_media_find_drive (session->template, drive, error)) != NULL;
}

/* A medium is read, by as many as like to: of the volume its source and format count. */
static HotplugVolume *
make_read_only (HotplugVolume *volume, GError **error)
{
  return g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, error, "name", hotplug_volume_get_name (volume), "path",
                         hotplug_volume_get_path (volume), "uri", hotplug_volume_get_uri (volume), "format",
                         volume->options.format, "read-only", TRUE, "access-mode",
                         HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, NULL);
}

/* The template's, also if it is none of the call's sides; NULL if it has another disk there */
static HotplugDisk *
find_in_template (HotplugSession *session, const HotplugDisk *drive)
{
  HotplugDisk *same = drive != NULL && session->template != NULL
                          ? _hotplug_domain_find_target (session->template, drive->target)
                          : NULL;

  return same != NULL && g_strcmp0 (same->device, drive->device) == 0 ? same : NULL;
}

/* What the drive itself holds is in nobody else's use: while the source is looked for, it holds nothing. */
static gboolean
find_source (HotplugSession *session, Change *change, HotplugSource *source, GError **error)
{
  HotplugDisk *drives[] = { change->live.drive, change->template.drive != NULL
                                                    ? change->template.drive
                                                    : find_in_template (session, change->live.drive) };
  HotplugDisk held[G_N_ELEMENTS (drives)];

  for (guint i = 0; i < G_N_ELEMENTS (drives); i++)
    {
      if (drives[i] == NULL)
        continue;
      held[i] = *drives[i];
      drives[i]->path = drives[i]->uri = NULL;
    }

  gboolean found = _hotplug_obstacles_to_add (session, change->volume, source, error);
  for (guint i = 0; i < G_N_ELEMENTS (drives); i++)
    {
      if (drives[i] != NULL)
        *drives[i] = held[i];
    }
  return found;
}

static gboolean
find_medium (HotplugSession *session, HotplugVolume *volume, Change *change, GError **error)
{
  g_auto (HotplugSource) source = { 0 };
  const HotplugPlacement nowhere = { 0 };
  HotplugSides sides = _hotplug_session_sides (session);

  if (volume == NULL)
    {
      change->holds = g_strdup ("");
      return TRUE;
    }

  change->volume = make_read_only (volume, error);
  if (change->volume == NULL || !find_source (session, change, &source, error)
      || !_hotplug_volume_check_told (change->volume, &source, error))
    return FALSE;

  change->medium = _hotplug_volume_to_disk (change->volume, &source, &nowhere, &sides);
  change->holds = g_strdup (change->medium->path != NULL ? change->medium->path : change->medium->uri);
  return TRUE;
}

/* A guest that has opened the tray sees nothing of what is in it. */
static gboolean
is_ejected (const Step *step, const Change *change)
{
  return step == &change->live && change->medium != NULL
         && _hotplug_media_xml_is_open (change->text.live, step->drive->target);
}

static gboolean
plan_step (const Change *change, Step *step, const char *text, GError **error)
{
  if (step->drive == NULL)
    return TRUE;

  g_autofree char *held = _hotplug_session_medium_in (step->drive, text != NULL ? text : "");
  if (strcmp (held, change->holds) == 0 && !is_ejected (step, change))
    return TRUE;

  step->before = _hotplug_media_xml_keep (text != NULL ? text : "", step->drive->target, error);
  if (step->before == NULL)
    return FALSE;
  step->after = _hotplug_media_xml_change (text, step->drive->target, change->medium, error);
  return step->after != NULL;
}

static gboolean
check_jobs (HotplugSession *session, const char *drive, const Change *change, GError **error)
{
  g_autofree char *what = g_strdup_printf ("drive \"%s\"", drive);

  return change->live.after == NULL || _hotplug_session_check_block_job (session, what, change->live.drive, error);
}

/* All that can be checked */
static gboolean
plan (HotplugSession *session, const char *drive, HotplugVolume *volume, HotplugPlugFlags flags, Change *change,
      GError **error)
{
  if (!check_sides (session, flags, error) || !find_drives (session, drive, flags, change, error)
      || !find_medium (session, volume, change, error)
      || !_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi),
                                            HOTPLUG_LOOK_DEVICES, &change->text, error)
      || !plan_step (change, &change->live, change->text.live, error)
      || !plan_step (change, &change->template, change->text.template, error)
      || !check_jobs (session, drive, change, error))
    return FALSE;

  if (volume != NULL || change->live.after != NULL || change->template.after != NULL)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": drive \"%s\" holds no medium",
               hotplug_vmi_get_name (session->vmi), drive);
  return FALSE;
}

static gboolean
intend (HotplugSession *session, const char *drive, const Change *change, GError **error)
{
  const char *const names[] = { drive, NULL };
  HotplugIntent *intent = &session->journal->intent;

  intent->medium = g_strdup (change->holds);
  intent->live_before = g_strdup (change->live.before);
  intent->template_before = g_strdup (change->template.before);
  return _hotplug_session_intend (session, HOTPLUG_INTENT_MEDIA, names, error);
}

static gboolean
act (HotplugSession *session, const Change *change, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (session->vmi);
  const Step *live = &change->live;

  if (change->template.after != NULL
      && !_hotplug_connection_update (session->connection, uuid, HOTPLUG_SIDE_TEMPLATE, change->template.after, error))
    return FALSE;
  if (live->after == NULL)
    return TRUE;
  return is_ejected (live, change)
             ? _hotplug_session_reload_medium (session, change->text.live, live->drive->target, live->after, error)
             : _hotplug_connection_update (session->connection, uuid, HOTPLUG_SIDE_LIVE, live->after, error);
}

/* What came of it; a connection that broke may have broken after the deed. What can't be looked at now stays written
 * down, and the next session brings it to an end. */
static gboolean
was_done (HotplugSession *session, const GError *refused)
{
  gboolean done = FALSE;
  g_autoptr (GError) failed = NULL;

  if (!_hotplug_session_refresh (session, &failed)
      || !_hotplug_session_settle_media (session, &session->journal->intent, &done, &failed))
    {
      g_debug ("vmi \"%s\": a medium stays written down: %s", hotplug_vmi_get_name (session->vmi), failed->message);
      return FALSE;
    }
  _hotplug_session_strike (session);
  return done && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
}

static void
explain (HotplugSession *session, const char *drive, const Change *change, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);

  if (g_error_matches (*error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY) && strstr ((*error)->message, "open tray") != NULL)
    g_prefix_error (error,
                    "vmi \"%s\": the guest keeps the tray of drive \"%s\" locked; unmount the medium in the guest, "
                    "then try again: ",
                    vmi, drive);
  else if (change->volume != NULL)
    {
      _hotplug_obstacles_explain (session, change->volume, change->medium, error);
      g_prefix_error (error, "volume \"%s\": ", hotplug_volume_get_name (change->volume));
    }
}

/* The drive as it is now, without a look at the machine */
static HotplugVolumeStatus *
report (HotplugSession *session, const Change *change)
{
  const HotplugDisk *drive = change->live.drive != NULL ? change->live.drive : change->template.drive;
  g_autoptr (HotplugDisk) now = _hotplug_disk_copy (drive);

  g_clear_pointer (&now->pool, g_free);
  g_clear_pointer (&now->pool_volume, g_free);
  g_free (now->path);
  g_free (now->uri);
  now->path = change->medium != NULL ? g_strdup (change->medium->path) : NULL;
  now->uri = change->medium != NULL ? g_strdup (change->medium->uri) : NULL;
  now->block = change->medium != NULL && change->medium->block;

  /* the template is to have it too, if it is one of the call's sides */
  HotplugDisk *configured = change->template.drive;
  const HotplugDisk before = configured != NULL ? *configured : (HotplugDisk){ 0 };
  if (configured != NULL)
    {
      configured->path = now->path;
      configured->uri = now->uri;
      configured->pool = now->pool;
      configured->pool_volume = now->pool_volume;
    }
  HotplugVolumeStatus *status = _hotplug_report_disk (
      session, now, change->live.drive != NULL ? HOTPLUG_VOLUME_PHASE_READY : HOTPLUG_VOLUME_PHASE_PENDING, NULL);
  if (configured != NULL)
    *configured = before;
  return status;
}

/* With all planned; @volume: (nullable): what the drive is to hold */
static HotplugSession *
begin (HotplugVmi *self, const char *drive, HotplugVolume *volume, HotplugPlugFlags flags, Change *change,
       GCancellable *cancellable, GError **error)
{
  if (!_hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_VOLUMES, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
  return session != NULL && plan (session, drive, volume, flags, change, error) ? g_steal_pointer (&session) : NULL;
}

/* @volume: (nullable): as above */
static HotplugVolumeStatus *
change_medium (HotplugVmi *self, const char *drive, HotplugVolume *volume, HotplugPlugFlags flags,
               GCancellable *cancellable, GError **error)
{
  g_auto (Change) change = { NULL };
  g_autoptr (GError) refused = NULL;
  g_autoptr (HotplugSession) session = begin (self, drive, volume, flags, &change, cancellable, error);

  if (session == NULL)
    return NULL;

  g_autoptr (HotplugVolumeStatus) status = report (session, &change);
  if ((flags & HOTPLUG_PLUG_DRY_RUN) || (change.live.after == NULL && change.template.after == NULL))
    return g_steal_pointer (&status);

  if (!intend (session, drive, &change, error))
    return NULL;
  if (act (session, &change, &refused))
    _hotplug_session_strike (session);
  else if (!was_done (session, refused))
    {
      explain (session, drive, &change, &refused);
      g_propagate_error (error, g_steal_pointer (&refused));
      return NULL;
    }

  _hotplug_vmi_emit_status (self, status);
  return g_steal_pointer (&status);
}

static GPtrArray *
list_text (char *xml)
{
  GPtrArray *texts = g_ptr_array_new ();

  if (xml != NULL)
    g_ptr_array_add (texts, xml);
  return texts;
}

static HotplugPlan *
to_plan (HotplugSession *session, const char *name, const Change *change)
{
  const HotplugDisk *drive = change->live.drive != NULL ? change->live.drive : change->template.drive;
  g_autofree char *address = _hotplug_address_to_string (&drive->address);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) before = list_text (change->template.before);
  g_autoptr (GPtrArray) after = list_text (change->template.after);

  const HotplugPlanItemFields item = {
    .kind = HOTPLUG_PLAN_KIND_DRIVE,
    .action = change->medium != NULL ? HOTPLUG_PLAN_ACTION_INSERT : HOTPLUG_PLAN_ACTION_EJECT,
    .name = name,
    .alias = drive->alias != NULL && g_str_has_prefix (drive->alias, HOTPLUG_USER_ALIAS_PREFIX) ? drive->alias : NULL,
    .target = drive->target,
    .address = address,
    .device_xml = change->live.after != NULL ? change->live.after : change->template.after,
    .live = change->live.after != NULL,
    .persisted = change->template.after != NULL,
  };
  g_ptr_array_add (items, _hotplug_plan_item_new (&item));

  const HotplugPlanFields fields = {
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .items = items,
    .template_added = after,
    .template_removed = before,
  };
  return _hotplug_plan_new (&fields);
}

HotplugPlan *
_hotplug_vmi_plan_media (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                         GCancellable *cancellable, GError **error)
{
  g_auto (Change) change = { NULL };
  g_autoptr (HotplugSession) session = begin (self, drive, medium, flags, &change, cancellable, error);

  return session != NULL ? to_plan (session, drive, &change) : NULL;
}

/**
 * hotplug_vmi_insert_media:
 * @self: a VMI
 * @drive: the name of a CD-ROM drive of it: its user alias without `ua-`, else its target, such as `sda`
 * @medium: what it is to hold; of it the source and the format count
 * @flags: with %HOTPLUG_PLUG_PERSIST the template is changed too; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Puts a medium into a drive of a running VMI, and with %HOTPLUG_PLUG_PERSIST into the same drive of its template. What
 * the drive holds already is swapped. On a stopped VMI the template alone is changed, also if the source is still to
 * come.
 *
 * The guest reads it only, and other VMIs may read it at the same time. Without %HOTPLUG_PLUG_PERSIST it is there until
 * it is ejected or the VMI stops: the next start puts in what the template says, as a start does for every part of a
 * machine that was not hotplugged.
 *
 * What begins as an image of another format, such as qcow2, is put in if its format is told, be it raw.
 *
 * A drive is part of the machine: it is never plugged into a running one, and media come and go in those on `sata` and
 * `scsi`, as in KubeVirt, and on `ide`. A call that fails leaves the template and what the drive holds as they were. A
 * guest that has mounted the old medium may keep the tray locked: it is asked, has five seconds, and is never forced.
 *
 * Returns: (transfer full): how the drive stands, or %NULL with %HOTPLUG_ERROR_NOT_FOUND (no such drive),
 *   %HOTPLUG_ERROR_NOT_HOTPLUGGABLE (no CD-ROM drive), %HOTPLUG_ERROR_BUS_UNSUPPORTED, %HOTPLUG_ERROR_SOURCE_MISSING,
 *   %HOTPLUG_ERROR_SOURCE_NOT_READY, %HOTPLUG_ERROR_SOURCE_IN_USE, %HOTPLUG_ERROR_PERMISSION,
 *   %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_BUSY (also of a locked tray),
 *   %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_insert_media (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                          GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (drive != NULL, NULL);
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (medium), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return change_medium (self, drive, medium, flags, cancellable, error);
}

/**
 * hotplug_vmi_eject_media:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @flags: see hotplug_vmi_insert_media()
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Takes the medium out of a drive of a running VMI, and with %HOTPLUG_PLUG_PERSIST out of the same drive of its
 * template.
 *
 * Returns: (transfer full): how the drive stands, or %NULL with an error of hotplug_vmi_insert_media(); a drive that
 *   holds nothing is %HOTPLUG_ERROR_NOT_FOUND
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_eject_media (HotplugVmi *self, const char *drive, HotplugPlugFlags flags, GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (drive != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return change_medium (self, drive, NULL, flags, cancellable, error);
}

typedef struct
{
  char *drive;
  HotplugVolume *medium; /* nullable */
  HotplugPlugFlags flags;
} MediaData;

static void
free_media_data (gpointer data)
{
  MediaData *wanted = data;

  g_free (wanted->drive);
  g_clear_object (&wanted->medium);
  g_free (wanted);
}

static gpointer
change_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const MediaData *wanted = data;

  return change_medium (HOTPLUG_VMI (source), wanted->drive, wanted->medium, wanted->flags, cancellable, error);
}

static void
run_change (HotplugVmi *self, gpointer tag, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  MediaData *data = g_new0 (MediaData, 1);

  data->drive = g_strdup (drive);
  data->medium = medium != NULL ? g_object_ref (medium) : NULL;
  data->flags = flags;
  _hotplug_task_run (self, tag, change_in_thread, data, free_media_data, (GDestroyNotify)hotplug_volume_status_unref,
                     cancellable, callback, user_data);
}

/**
 * hotplug_vmi_insert_media_async:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @medium: see hotplug_vmi_insert_media()
 * @flags: see hotplug_vmi_insert_media()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_insert_media().
 *
 * Since: 0.1
 */
void
hotplug_vmi_insert_media_async (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                                GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (drive != NULL);
  g_return_if_fail (HOTPLUG_IS_VOLUME (medium));

  run_change (self, hotplug_vmi_insert_media_async, drive, medium, flags, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_insert_media_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_insert_media()
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_insert_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_insert_media_async, error);
}

/**
 * hotplug_vmi_eject_media_async:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @flags: see hotplug_vmi_insert_media()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_eject_media().
 *
 * Since: 0.1
 */
void
hotplug_vmi_eject_media_async (HotplugVmi *self, const char *drive, HotplugPlugFlags flags, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (drive != NULL);

  run_change (self, hotplug_vmi_eject_media_async, drive, NULL, flags, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_eject_media_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_eject_media()
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_eject_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_eject_media_async, error);
}
