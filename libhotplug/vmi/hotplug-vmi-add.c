/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-serial.h>

#include "base/hotplug-task-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-volume-disk-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"

/* Where no lock is shared, two clients may choose the same place: libvirt refuses one of them, which chooses again. */
#define TRIES_MAX 32

#define DEVICE_DIRECTORY "/dev/"

/* What an add is going to do */
typedef struct
{
  HotplugDisk *disk;
  HotplugPlacement placement;
  gboolean live;
  gboolean persist;
} Plan;

static void
clear_plan (Plan *plan)
{
  g_clear_pointer (&plan->disk, _hotplug_disk_free);
  _hotplug_placement_clear (&plan->placement);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Plan, clear_plan)

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);
  gboolean persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;

  if (persist && !session->persistent)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it has no template that a volume could be persisted in", vmi);
      return FALSE;
    }
  if (!persist && session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running; with persist a volume is added to its template", vmi);
      return FALSE;
    }
  return TRUE;
}

/* The search for a disk that has the new volume's source */
typedef struct
{
  HotplugSession *session;
  HotplugVolume *volume;
  const HotplugSource *source;
  GHashTable *seen; /* paths: most disks are on both sides, and each look asks the kernel */
  gboolean local;
} Search;

static gboolean
check_not_used_by (const Search *search, const HotplugDisk *disk, GError **error)
{
  const HotplugSource *source = search->source;

  if (disk->path == NULL || !g_hash_table_add (search->seen, disk->path))
    return TRUE;
  if (search->local ? !_hotplug_source_is (source, disk->path) : strcmp (source->path, disk->path) != 0)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
               "vmi \"%s\": source %s of volume \"%s\" is the source of \"%s\" already",
               hotplug_vmi_get_name (search->session->vmi), source->path, hotplug_volume_get_name (search->volume),
               _hotplug_disk_name (disk));
  return FALSE;
}

static gboolean
check_not_used (HotplugSession *session, const HotplugSource *source, HotplugVolume *volume, GError **error)
{
  const HotplugDomain *sides[] = { session->live, session->template };
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const Search search = { session, volume, source, seen, _hotplug_connection_is_local (session->connection) };

  for (guint side = 0; side < G_N_ELEMENTS (sides); side++)
    {
      for (guint i = 0; sides[side] != NULL && i < sides[side]->disks->len; i++)
        {
          if (!check_not_used_by (&search, g_ptr_array_index (sides[side]->disks, i), error))
            return FALSE;
        }
      for (guint i = 0; sides[side] != NULL && i < sides[side]->records->len; i++)
        {
          const HotplugRecord *record = g_ptr_array_index (sides[side]->records, i);
          if (!check_not_used_by (&search, record->disk, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* A path that can't be looked at from here tells by its name alone what it is. */
static void
guess_source (HotplugVolume *volume, HotplugSource *source)
{
  _hotplug_source_clear (source);
  source->path = g_strdup (hotplug_volume_get_path (volume));
  source->block = g_str_has_prefix (source->path, DEVICE_DIRECTORY);
}

/* For a template alone the source may come later: the start asks for it. */
static gboolean
find_source (HotplugSession *session, HotplugVolume *volume, HotplugSource *source, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_connection_is_local (session->connection))
    {
      guess_source (volume, source);
      return TRUE;
    }

  if (_hotplug_source_probe (hotplug_volume_get_name (volume), hotplug_volume_get_path (volume),
                             hotplug_volume_get_read_only (volume),
                             _hotplug_connection_shares_user (session->connection), source, &refused))
    return TRUE;

  if (session->live == NULL && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING))
    {
      guess_source (volume, source);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* Asked only where it counts, 0 elsewhere: of a long serial an old hypervisor shows less. */
static guint64
find_hypervisor_version (HotplugSession *session, HotplugVolume *volume)
{
  guint any_shows = hotplug_serial_get_limit (hotplug_volume_get_bus (volume), HOTPLUG_DISK_TYPE_DISK, 1);

  return strlen (hotplug_volume_get_serial (volume)) > any_shows
             ? _hotplug_connection_get_hypervisor_version (session->connection)
             : 0;
}

static gboolean
make_plan (HotplugSession *session, HotplugVolume *volume, HotplugPlugFlags flags, Plan *plan, GError **error)
{
  g_auto (HotplugSource) source = { 0 };
  HotplugSides sides = _hotplug_session_sides (session);
  guint64 version = find_hypervisor_version (session, volume);

  if (!check_sides (session, flags, error) || !_hotplug_admission_add (&sides, volume, version, error)
      || !find_source (session, volume, &source, error) || !check_not_used (session, &source, volume, error)
      || !_hotplug_placement_choose (&sides, hotplug_volume_get_name (volume), hotplug_volume_get_bus (volume),
                                     &plan->placement, error))
    return FALSE;

  plan->disk = _hotplug_volume_to_disk (volume, &source, &plan->placement);
  plan->live = session->live != NULL;
  plan->persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;
  return TRUE;
}

static gboolean
attach (HotplugSession *session, HotplugSide side, const HotplugDisk *disk, GError **error)
{
  g_autofree char *xml = _hotplug_disk_to_xml (disk);

  return _hotplug_connection_attach (session->connection, hotplug_vmi_get_uuid (session->vmi), side, xml, error);
}

static gboolean
promise (HotplugSession *session, const Plan *plan, GError **error)
{
  if (!plan->persist)
    return session->template == NULL || _hotplug_session_write_record (session, HOTPLUG_RECORD_ATTACHED, plan->disk, error);

  HotplugDisk configured = *plan->disk;
  configured.address = plan->placement.template_address;
  return _hotplug_session_add_port (session, &plan->placement, error)
         && _hotplug_session_add_controller (session, HOTPLUG_SIDE_TEMPLATE, &plan->placement, error)
         && attach (session, HOTPLUG_SIDE_TEMPLATE, &configured, error);
}

static gboolean
act (HotplugSession *session, const Plan *plan, GError **error)
{
  return promise (session, plan, error)
         && (!plan->live
             || (_hotplug_session_add_controller (session, HOTPLUG_SIDE_LIVE, &plan->placement, error)
                 && attach (session, HOTPLUG_SIDE_LIVE, plan->disk, error)));
}

/* Whether somebody else took the place between the look and the act; asked when what we did is taken back, since our own
 * half in the template would count as somebody else's */
static gboolean
place_was_taken (HotplugSession *session, const Plan *plan)
{
  const HotplugDomain *sides[] = { session->live, session->template };

  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      const HotplugDisk *named = _hotplug_domain_find_target (sides[i], plan->disk->target);
      const HotplugDisk *placed = _hotplug_domain_find_drive (sides[i], HOTPLUG_BUS_SCSI, &plan->disk->address);

      if ((named != NULL && g_strcmp0 (named->alias, plan->disk->alias) != 0)
          || (placed != NULL && g_strcmp0 (placed->alias, plan->disk->alias) != 0)
          || _hotplug_domain_has_pci (sides[i], &plan->disk->address))
        return TRUE;
    }
  return FALSE;
}

typedef enum {
  DONE,
  REFUSED,
  TRY_AGAIN,
} Outcome;

/* After a refusal: looks at what came of it. A connection that broke may have broken after the deed; else all is taken
 * back. What can't be taken back now stays written down, and the next session does it. */
static Outcome
conclude (HotplugSession *session, const Plan *plan, GError *refused)
{
  g_autoptr (GError) failed = NULL;
  gboolean broke = g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  const char *name = session->journal->intent.volume;

  if (!_hotplug_session_refresh (session, &failed))
    {
      g_debug ("vmi \"%s\": volume \"%s\" stays written down: %s", hotplug_vmi_get_name (session->vmi), name, failed->message);
      return REFUSED;
    }
  if (broke && plan->live && _hotplug_domain_find_alias (session->live, plan->disk->alias) != NULL)
    return DONE;
  if (broke && !plan->live && _hotplug_domain_find_alias (session->template, plan->disk->alias) != NULL)
    return DONE;

  if (!_hotplug_session_take_back (session, &session->journal->intent, &failed))
    {
      g_debug ("vmi \"%s\": volume \"%s\" is not yet taken back: %s", hotplug_vmi_get_name (session->vmi), name,
               failed->message);
      return REFUSED;
    }

  _hotplug_journal_strike (session->journal);
  return place_was_taken (session, plan) ? TRY_AGAIN : REFUSED;
}

static HotplugVolumeStatus *
report (HotplugSession *session, const Plan *plan)
{
  HotplugVolumePhase phase = plan->live ? HOTPLUG_VOLUME_PHASE_READY : HOTPLUG_VOLUME_PHASE_PENDING;

  /* the snapshot is from before the act */
  if (plan->persist && _hotplug_domain_find_alias (session->template, plan->disk->alias) == NULL)
    {
      HotplugDisk *configured = _hotplug_disk_copy (plan->disk);
      configured->address = plan->placement.template_address;
      g_ptr_array_add (session->template->disks, configured);
    }
  return _hotplug_report_disk (session, plan->disk, phase, NULL);
}

/* @outcome: TRY_AGAIN with the error of this try */
static HotplugVolumeStatus *
try_to_add (HotplugSession *session, HotplugVolume *volume, HotplugPlugFlags flags, Outcome *outcome, GError **error)
{
  g_auto (Plan) plan = { 0 };
  g_autoptr (GError) refused = NULL;
  HotplugIntent *intent = &session->journal->intent;
  const char *name = hotplug_volume_get_name (volume);

  *outcome = REFUSED;
  if (!make_plan (session, volume, flags, &plan, error))
    return NULL;
  if (flags & HOTPLUG_PLUG_DRY_RUN)
    {
      *outcome = DONE;
      return _hotplug_report_disk (session, plan.disk, HOTPLUG_VOLUME_PHASE_PENDING, NULL);
    }

  /* this try's outcome is told instead, also if it is known only to the next session */
  _hotplug_journal_set_refusal (session->journal, name, NULL);
  intent->controller_live = plan.live && plan.placement.controller_live;
  intent->controller_template = plan.persist && plan.placement.controller_template;
  intent->controller_index = plan.placement.controller_index;
  intent->port = plan.persist ? plan.placement.port.port : 0;
  if (!_hotplug_session_intend (session, HOTPLUG_INTENT_ADD, name, error))
    return NULL;

  *outcome = act (session, &plan, &refused) ? DONE : conclude (session, &plan, refused);
  if (*outcome == DONE)
    {
      _hotplug_session_strike (session);
      return report (session, &plan);
    }

  if (*outcome == REFUSED && intent->kind == HOTPLUG_INTENT_NONE)
    {
      g_autoptr (HotplugVolumeStatus) status
          = _hotplug_report_disk (session, plan.disk, HOTPLUG_VOLUME_PHASE_FAILED, refused->message);
      _hotplug_journal_set_refusal (session->journal, name, refused->message);
      _hotplug_vmi_emit_status (session->vmi, status);
    }
  _hotplug_session_store (session, NULL);
  g_propagate_prefixed_error (error, g_steal_pointer (&refused), "volume \"%s\": ", name);
  return NULL;
}

static HotplugVolumeStatus *
add_volume (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags, GCancellable *cancellable, GError **error)
{
  gint64 start = g_get_monotonic_time ();

  if (!_hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_VOLUMES, error))
    return NULL;
  for (guint tries = 1;; tries++)
    {
      g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
      g_autoptr (GError) refused = NULL;
      Outcome outcome;

      if (session == NULL)
        return NULL;

      HotplugVolumeStatus *status = try_to_add (session, volume, flags, &outcome, &refused);
      if (status != NULL)
        {
          g_debug ("vmi \"%s\": volume \"%s\" added as %s in %.1f ms", hotplug_vmi_get_name (self),
                   hotplug_volume_get_name (volume), hotplug_volume_status_get_target (status),
                   (double) (g_get_monotonic_time () - start) / 1000);
          if (!(flags & HOTPLUG_PLUG_DRY_RUN))
            _hotplug_vmi_emit_status (self, status);
          return status;
        }
      if (outcome != TRY_AGAIN || tries >= TRIES_MAX)
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return NULL;
        }
    }
}

/**
 * hotplug_vmi_add_volume:
 * @self: a VMI
 * @volume: what to plug
 * @flags: with %HOTPLUG_PLUG_PERSIST the template is changed too; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs a volume into a running VMI, and with %HOTPLUG_PLUG_PERSIST into its template at the same address. On a stopped VMI
 * the template alone is changed, also if the source is still to come.
 *
 * Everything that can be checked is checked before the machine is touched. A call that fails leaves the running machine, the
 * template and the metadata as they were, and the volume has a status of phase %HOTPLUG_VOLUME_PHASE_FAILED until it is
 * added or removed, if it was the hypervisor that refused.
 *
 * A SCSI volume goes to the machine's virtio-scsi controller, whose unit is the target's number, so that `sda` is unit 0. A
 * machine without such a controller gets one, if a PCI port is free for it.
 *
 * Returns: (transfer full): how the volume stands, or %NULL with
 *   %HOTPLUG_ERROR_EXISTS, %HOTPLUG_ERROR_SERIAL_IN_USE, %HOTPLUG_ERROR_SERIAL_TOO_LONG (on a QEMU older than 4.0),
 *   %HOTPLUG_ERROR_SOURCE_MISSING, %HOTPLUG_ERROR_SOURCE_NOT_READY, %HOTPLUG_ERROR_SOURCE_IN_USE,
 *   %HOTPLUG_ERROR_PERMISSION, %HOTPLUG_ERROR_NO_PCI_SLOT, %HOTPLUG_ERROR_VMI_NOT_RUNNING,
 *   %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_BUSY, %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_add_volume (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags, GCancellable *cancellable,
                        GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (volume), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return add_volume (self, volume, flags, cancellable, error);
}

typedef struct
{
  HotplugVolume *volume;
  HotplugPlugFlags flags;
} AddData;

static void
free_add_data (gpointer data)
{
  AddData *add = data;

  g_object_unref (add->volume);
  g_free (add);
}

static gpointer
add_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  AddData *add = data;

  return add_volume (HOTPLUG_VMI (source), add->volume, add->flags, cancellable, error);
}

/**
 * hotplug_vmi_add_volume_async:
 * @self: a VMI
 * @volume: what to plug
 * @flags: see hotplug_vmi_add_volume()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async): called when it is done
 * @user_data: (closure): data for @callback
 *
 * The asynchronous twin of hotplug_vmi_add_volume().
 *
 * Since: 0.1
 */
void
hotplug_vmi_add_volume_async (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (HOTPLUG_IS_VOLUME (volume));

  AddData *data = g_new0 (AddData, 1);
  data->volume = g_object_ref (volume);
  data->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_add_volume_async, add_in_thread, data, free_add_data,
                     (GDestroyNotify) hotplug_volume_status_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_add_volume_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_add_volume()
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_add_volume_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_add_volume_async, error);
}
