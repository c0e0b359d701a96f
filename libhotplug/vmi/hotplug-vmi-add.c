/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "vmi/hotplug-addition-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-report-private.h"

/* Where no lock is shared, two clients may choose the same place: libvirt refuses one of them, which chooses again. */
#define TRIES_MAX 32

/* Of a PCI bus */
#define SLOTS 32

/* libvirt has no place either: 9.0.0 src/conf/domain_addr.c:1165 */
#define NO_SLOTS "No more available PCI slots"

typedef enum {
  DONE,
  REFUSED,
  TRY_AGAIN,
} Outcome;

/* After a refusal: looks at what came of it. A connection that broke may have broken after the deed; else all is taken
 * back. What can't be taken back now stays written down, and the next session does it. */
static Outcome
conclude (HotplugSession *session, const HotplugAddition *addition, GError *refused)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);
  const char *first = session->journal->intent.devices[0];
  g_autoptr (GError) failed = NULL;

  if (!_hotplug_session_refresh (session, &failed))
    {
      g_debug ("vmi \"%s\": %s stays written down: %s", vmi, first, failed->message);
      return REFUSED;
    }
  gboolean lost = g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  if (lost && _hotplug_addition_is_done (addition, session))
    return DONE;

  if (!(lost ? _hotplug_session_take_lost_back : _hotplug_session_take_back) (session, &session->journal->intent,
                                                                              &failed))
    {
      g_debug ("vmi \"%s\": %s is not yet taken back: %s", vmi, first, failed->message);
      return REFUSED;
    }

  _hotplug_journal_strike (session->journal);
  return _hotplug_addition_was_crossed (addition, session) ? TRY_AGAIN : REFUSED;
}

/* @ready: they are in the running machine */
static void
report_all (HotplugSession *session, const HotplugAddition *addition, gboolean ready, HotplugAdded *added)
{
  for (guint i = 0; i < addition->items->len; i++)
    {
      const HotplugRecord *device = ((const HotplugAdditionItem *)g_ptr_array_index (addition->items, i))->device;
      gboolean there = ready && device->state != HOTPLUG_RECORD_PENDING;
      HotplugVolumePhase volume = there ? HOTPLUG_VOLUME_PHASE_READY : HOTPLUG_VOLUME_PHASE_PENDING;
      HotplugInterfacePhase interface = there ? HOTPLUG_INTERFACE_PHASE_READY : HOTPLUG_INTERFACE_PHASE_PENDING;

      if (device->disk != NULL)
        g_ptr_array_add (added->volumes, _hotplug_report_disk (session, device->disk, volume, NULL));
      else
        g_ptr_array_add (added->interfaces, _hotplug_report_nic (session, device->nic, interface, NULL));
    }
}

/* The one that the hypervisor refused is told so; the others of its batch are as if they had never been added. */
static void
tell_refused (HotplugSession *session, const HotplugAdditionItem *item, const GError *refused)
{
  const HotplugRecord *device = item->device;

  _hotplug_journal_set_refusal (session->journal, _hotplug_record_alias (device), refused->message);
  if (device->disk != NULL)
    {
      g_autoptr (HotplugVolumeStatus)
          status = _hotplug_report_disk (session, device->disk, HOTPLUG_VOLUME_PHASE_FAILED, refused->message);
      _hotplug_vmi_emit_status (session->vmi, status);
      return;
    }
  g_autoptr (HotplugInterfaceStatus)
      status = _hotplug_report_nic (session, device->nic, HOTPLUG_INTERFACE_PHASE_FAILED, refused->message);
  _hotplug_vmi_emit_interface_status (session->vmi, status);
}

static gboolean
intend (HotplugSession *session, const HotplugAddition *addition, GError **error)
{
  g_autofree const char **aliases = g_new0 (const char *, addition->items->len + 1);

  for (guint i = 0; i < addition->items->len; i++)
    {
      const HotplugAdditionItem *item = g_ptr_array_index (addition->items, i);

      aliases[i] = _hotplug_record_alias (item->device);
      /* this try's outcome is told instead, also if it is known only to the next session */
      _hotplug_journal_set_refusal (session->journal, aliases[i], NULL);
    }
  _hotplug_addition_tell (addition, &session->journal->intent);
  return _hotplug_session_intend (session, HOTPLUG_INTENT_ADD, aliases, error);
}

/* An add, over its tries */
typedef struct
{
  const GPtrArray *wanted;
  HotplugPlugFlags flags;
  gboolean last;     /* there is no other try */
  gboolean asks;     /* libvirt is asked for a place, since none was found: */
  GError *predicted; /* nullable: what was said of that */
  GArray *refused;   /* HotplugAddress: places that the hypervisor has refused, which are not chosen again */
  HotplugAdded *added;
} Add;

static void
clear_add (Add *self)
{
  g_clear_error (&self->predicted);
  g_array_unref (self->refused);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Add, clear_add)

/* A prediction explains; what it says will not go, libvirt is asked for, where it is not one that the prediction was
 * held against. */
static gboolean
asks_instead (HotplugSession *session, Add *self, GError *refused)
{
  if (self->asks || session->live == NULL || (self->flags & HOTPLUG_PLUG_DRY_RUN) != 0
      || !(g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT)
           || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT))
      || !_hotplug_session_doubts (session))
    return FALSE;

  self->asks = TRUE;
  self->predicted = g_error_copy (refused);
  return TRUE;
}

/* Keeps the place that was refused for a reason of its own, so that the next try is another one */
static gboolean
keep_refused_place (Add *self, const HotplugAdditionItem *item, const GError *refused)
{
  HotplugAddress place = item->placement.port.live;
  gboolean bus;

  if (place.kind != HOTPLUG_ADDRESS_PCI || !_hotplug_port_is_refused (refused->message, &bus))
    return FALSE;
  g_array_append_val (self->refused, place);
  for (place.slot = 0; bus && place.slot < SLOTS; place.slot++)
    g_array_append_val (self->refused, place);
  return TRUE;
}

/* @outcome: TRY_AGAIN with the error of this try */
static gboolean
try_to_add (HotplugSession *session, Add *self, Outcome *outcome, GError **error)
{
  const GPtrArray *wanted = self->wanted;
  HotplugPlugFlags flags = self->flags;
  HotplugAdded *added = self->added;
  g_autoptr (GError) refused = NULL;
  g_autoptr (HotplugAddition) addition = _hotplug_addition_plan (session, wanted, flags, &refused);
  const HotplugAdditionItem *failed;

  *outcome = REFUSED;
  if (addition == NULL)
    {
      *outcome = !self->last && asks_instead (session, self, refused) ? TRY_AGAIN : REFUSED;
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  if (flags & HOTPLUG_PLUG_DRY_RUN)
    {
      *outcome = DONE;
      report_all (session, addition, FALSE, added);
      return TRUE;
    }
  if (!intend (session, addition, error))
    return FALSE;

  failed = g_ptr_array_index (addition->items, 0);
  gboolean done = _hotplug_addition_promise (addition, session, &refused)
                  && _hotplug_addition_act (addition, session, &failed, &refused)
                  && _hotplug_addition_learn (addition, session, &refused);
  *outcome = done ? DONE : conclude (session, addition, refused);
  if (*outcome == DONE)
    {
      _hotplug_session_strike (session);
      report_all (session, addition, addition->live, added);
      return TRUE;
    }

  gboolean clean = session->journal->intent.kind == HOTPLUG_INTENT_NONE;
  if (*outcome == REFUSED && clean && keep_refused_place (self, failed, refused))
    *outcome = TRY_AGAIN;
  if (*outcome == TRY_AGAIN && self->last)
    *outcome = REFUSED;
  if (self->predicted != NULL && strstr (refused->message, NO_SLOTS) != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->predicted));
      _hotplug_session_store (session, NULL);
      return FALSE;
    }
  if (*outcome == REFUSED && clean)
    tell_refused (session, failed, refused);
  _hotplug_session_store (session, NULL);
  g_autofree char *what = _hotplug_alias_describe (_hotplug_record_alias (failed->device));
  g_propagate_prefixed_error (error, g_steal_pointer (&refused), "%s: ", what);
  return FALSE;
}

static void
tell_added (HotplugVmi *self, const HotplugAdded *added, gint64 start)
{
  g_debug ("vmi \"%s\": %u volumes and %u interfaces added in %.1f ms", hotplug_vmi_get_name (self),
           added->volumes->len, added->interfaces->len, (double)(g_get_monotonic_time () - start) / 1000);
  for (guint i = 0; i < added->volumes->len; i++)
    _hotplug_vmi_emit_status (self, g_ptr_array_index (added->volumes, i));
  for (guint i = 0; i < added->interfaces->len; i++)
    _hotplug_vmi_emit_interface_status (self, g_ptr_array_index (added->interfaces, i));
}

void
_hotplug_added_clear (HotplugAdded *self)
{
  g_clear_pointer (&self->volumes, g_ptr_array_unref);
  g_clear_pointer (&self->interfaces, g_ptr_array_unref);
}

gboolean
_hotplug_vmi_add_devices (HotplugVmi *self, const GPtrArray *wanted, HotplugPlugFlags flags, GCancellable *cancellable,
                          HotplugAdded *added, GError **error)
{
  g_auto (Add) add = { .wanted = wanted,
                       .flags = flags,
                       .refused = g_array_new (FALSE, FALSE, sizeof (HotplugAddress)),
                       .added = added };
  gint64 start = g_get_monotonic_time ();

  added->volumes = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_volume_status_unref);
  added->interfaces = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_interface_status_unref);
  for (guint tries = 1;; tries++)
    {
      g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
      g_autoptr (GError) refused = NULL;
      Outcome outcome;

      if (session == NULL)
        return FALSE;
      session->refused = add.refused;
      session->asks = add.asks;
      add.last = tries >= TRIES_MAX;
      if (try_to_add (session, &add, &outcome, &refused))
        {
          if (!(flags & HOTPLUG_PLUG_DRY_RUN))
            tell_added (self, added, start);
          return TRUE;
        }
      if (outcome != TRY_AGAIN)
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
    }
}

GPtrArray *
_hotplug_vmi_add_volumes (HotplugVmi *self, const GPtrArray *volumes, HotplugPlugFlags flags, GCancellable *cancellable,
                          GError **error)
{
  g_auto (HotplugAdded) added = { NULL };

  return _hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_VOLUMES, error)
                 && _hotplug_vmi_add_devices (self, volumes, flags, cancellable, &added, error)
             ? g_steal_pointer (&added.volumes)
             : NULL;
}

static HotplugVolumeStatus *
add_volume (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();

  g_ptr_array_add (volumes, volume);
  g_autoptr (GPtrArray) statuses = _hotplug_vmi_add_volumes (self, volumes, flags, cancellable, error);
  return statuses != NULL ? hotplug_volume_status_ref (g_ptr_array_index (statuses, 0)) : NULL;
}

/**
 * hotplug_vmi_add_volume:
 * @self: a VMI
 * @volume: what to plug
 * @flags: with %HOTPLUG_PLUG_PERSIST the template is changed too; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs a volume into a running VMI, and with %HOTPLUG_PLUG_PERSIST into its template at the same address. On a stopped
 * VMI the template alone is changed, also if the source is still to come.
 *
 * Everything that can be checked is checked before the machine is touched. A call that fails leaves the running
 * machine, the template and the metadata as they were, and the volume has a status of phase
 * %HOTPLUG_VOLUME_PHASE_FAILED until it is added or removed, if it was the hypervisor that refused.
 *
 * A SCSI volume goes to the machine's virtio-scsi controller, whose unit is the target's number, so that `sda` is unit
 * 0. A machine without such a controller gets one, if a PCI port is free for it.
 *
 * Returns: (transfer full): how the volume stands, or %NULL with
 *   %HOTPLUG_ERROR_EXISTS, %HOTPLUG_ERROR_SERIAL_IN_USE, %HOTPLUG_ERROR_SERIAL_TOO_LONG (on a QEMU older than 4.0),
 *   %HOTPLUG_ERROR_SOURCE_MISSING, %HOTPLUG_ERROR_SOURCE_NOT_READY, %HOTPLUG_ERROR_SOURCE_IN_USE,
 *   %HOTPLUG_ERROR_PERMISSION, %HOTPLUG_ERROR_ACCESS_MODE (another running VMI has a ReadWriteOnce volume),
 *   %HOTPLUG_ERROR_CACHE_UNSUPPORTED, %HOTPLUG_ERROR_BOOT_ORDER, %HOTPLUG_ERROR_NO_IO_THREAD,
 *   %HOTPLUG_ERROR_NO_PCI_SLOT, %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_VMI_NOT_RUNNING,
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
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_add_volume().
 *
 * Since: 0.1
 */
void
hotplug_vmi_add_volume_async (HotplugVmi *self, HotplugVolume *volume, HotplugPlugFlags flags,
                              GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (HOTPLUG_IS_VOLUME (volume));

  AddData *data = g_new0 (AddData, 1);
  data->volume = g_object_ref (volume);
  data->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_add_volume_async, add_in_thread, data, free_add_data,
                     (GDestroyNotify)hotplug_volume_status_unref, cancellable, callback, user_data);
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
