/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-removal-work-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"

/* Between two looks; microseconds */
#define ANSWER_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

/* How long a start that nobody sees begin is waited for, and how long it is not forgotten */
#define START_PATIENCE G_TIME_SPAN_SECOND
#define START_OVERDUE G_TIME_SPAN_MINUTE

static gboolean
is_pending (HotplugSession *self, const char *alias)
{
  const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (self), alias);

  return record != NULL && record->state == HOTPLUG_RECORD_PENDING;
}

/* The guest has all of them, but for those that wait for another host: all that an add does was done, since the
 * template or the record comes first. */
static gboolean
recover_add (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  const char *const *aliases = (const char *const *) intent->devices;
  gboolean all = TRUE;

  for (guint i = 0; aliases[i] != NULL; i++)
    all = all && (_hotplug_domain_has_alias (self->live, aliases[i]) || is_pending (self, aliases[i]));
  return all || _hotplug_session_take_lost_back (self, intent, error);
}

static gint64
age_of (const HotplugIntent *intent)
{
  gint64 age = g_get_monotonic_time () - intent->begun;

  /* of another machine's clock, perhaps */
  return intent->begun != 0 && age >= 0 ? age : G_MAXINT64;
}

/* The daemon may have read a killed client's call, and not begun with it. MEASURED: of some 100 machines whose start
 * was cut one started when the next client had looked already, on a busy host up to half a second later. */
static gboolean
await_start (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  for (;;)
    {
      if (!_hotplug_session_refresh (self, error))
        return FALSE;
      if (self->live != NULL || age_of (intent) > START_PATIENCE)
        return TRUE;
      g_usleep (ANSWER_INTERVAL);
    }
}

/* Its client left it paused, without what is recorded. */
static gboolean
complete_start (HotplugSession *self, GError **error)
{
  return self->live == NULL || self->state != HOTPLUG_VMI_STATE_PAUSED
         || (_hotplug_session_bring_back (self, error)
             && _hotplug_connection_resume (self->connection, hotplug_vmi_get_uuid (self->vmi), error));
}

/* @open: (out): it may start yet */
static gboolean
recover_start (HotplugSession *self, const HotplugIntent *intent, gboolean *open, GError **error)
{
  self->look = HOTPLUG_LOOK_ALL;
  if (!await_start (self, intent, error))
    return FALSE;
  *open = self->live == NULL && age_of (intent) < START_OVERDUE;
  return complete_start (self, error);
}

/* It may also come after another operation was begun on what was still a stopped machine. */
static gboolean
recover_late_start (HotplugSession *self, GError **error)
{
  gint64 age = g_get_monotonic_time () - self->journal->late_start;
  gboolean overdue = age < 0 || age >= START_OVERDUE;

  if (self->journal->late_start == 0 || (self->live == NULL && !overdue))
    return TRUE;
  self->look = HOTPLUG_LOOK_ALL;
  if (!_hotplug_session_refresh (self, error) || (!overdue && !complete_start (self, error)))
    return FALSE;
  self->journal->late_start = 0;
  return _hotplug_session_store (self, error);
}

static gboolean
recover_media (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  gboolean done;

  return _hotplug_session_settle_media (self, intent, &done, error);
}

/* It is where this session is not: on the source, whose journal then has no migration any more, or on the destination,
 * whose journal keeps it until a session there has done what waits for that. */
static void
leave_to_other (HotplugSession *self, gboolean moved)
{
  g_autoptr (GError) error = NULL;

  if (!moved)
    {
      g_autofree char *theirs = self->other != NULL ? _hotplug_machine_lock_read (self->other) : NULL;
      if (theirs != NULL)
        {
          _hotplug_journal_free (self->journal);
          self->journal = _hotplug_journal_from_text (theirs);
        }
      _hotplug_session_change_host (self);
      _hotplug_session_strike (self);
    }
  else if (self->other != NULL && !_hotplug_machine_lock_write (self->lock, NULL, &error))
    g_debug ("vmi \"%s\": the journal keeps what was done: %s", hotplug_vmi_get_name (self->vmi), error->message);
}

/* On the destination it is now, with what waited for that; on the source it is gone, if it is not there. What waits for
 * it on the destination is done by a session there. */
static gboolean
recover_migrate (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  gboolean moved;
  gboolean here = _hotplug_session_is_destination (self, intent);

  if (!_hotplug_session_lock_other (self, NULL, error)
      || !_hotplug_session_settle_migration (self, intent, &moved, error))
    return FALSE;
  if (moved && here)
    return _hotplug_session_refresh (self, error) && _hotplug_session_untell (self, error)
           && _hotplug_session_attach_pending (self, error);
  if (!moved && !here)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\" is on %s", hotplug_vmi_get_name (self->vmi),
               moved ? intent->destination : intent->source);
  leave_to_other (self, moved);
  return FALSE;
}

gboolean
_hotplug_session_recover (HotplugSession *self, GError **error)
{
  const HotplugIntent *intent = &self->journal->intent;
  gboolean done = TRUE;
  gboolean open = FALSE;

  if (!recover_late_start (self, error))
    return FALSE;
  if (intent->kind == HOTPLUG_INTENT_NONE)
    return TRUE;

  g_debug ("vmi \"%s\": what another client began is brought to an end (%d, %s)",
           hotplug_vmi_get_name (self->vmi), (int) intent->kind, intent->devices != NULL ? intent->devices[0] : "");
  if (intent->kind == HOTPLUG_INTENT_ADD && intent->devices != NULL)
    done = recover_add (self, intent, error);
  else if (intent->kind == HOTPLUG_INTENT_REMOVE && intent->devices != NULL)
    done = _hotplug_removal_carry_on (self, error);
  else if (intent->kind == HOTPLUG_INTENT_START)
    done = recover_start (self, intent, &open, error);
  else if (intent->kind == HOTPLUG_INTENT_MEDIA && intent->devices != NULL && intent->medium != NULL)
    done = recover_media (self, intent, error);
  else if (intent->kind == HOTPLUG_INTENT_UPDATE && intent->devices != NULL && intent->devices[0] != NULL)
    done = _hotplug_session_carry_on_update (self, intent, error);
  else if (intent->kind == HOTPLUG_INTENT_MIGRATE && intent->source != NULL && intent->destination != NULL)
    done = recover_migrate (self, intent, error);
  if (!done)
    return FALSE;

  if (!open)
    _hotplug_session_strike (self);
  return _hotplug_session_refresh (self, error);
}

/* Whether it is in the machine still; one of the same index that the next run begins with is not it */
static gboolean
is_doomed_there (const HotplugSession *self, const HotplugDoomed *doomed)
{
  return self->live != NULL && _hotplug_doomed_is (doomed, self->live, doomed->alias)
         && _hotplug_domain_has_alias (self->live, doomed->alias);
}

static void
settle_doomed (HotplugSession *self)
{
  GPtrArray *doomed = self->journal->doomed;
  gboolean changed = FALSE;

  for (guint i = doomed->len; i > 0; i--)
    {
      if (is_doomed_there (self, g_ptr_array_index (doomed, i - 1)))
        continue;
      g_ptr_array_remove_index (doomed, i - 1);
      changed = TRUE;
    }
  if (changed)
    _hotplug_session_store (self, NULL);
}

/* That it has moved is told of a device that the machine has, in the run in which it did. */
static void
settle_moved (HotplugSession *self)
{
  GPtrArray *moved = self->journal->moved;
  const char *run = self->live != NULL ? self->live->run : NULL;
  guint before = moved->len;

  for (guint i = moved->len; i > 0; i--)
    {
      const char *alias = ((const HotplugMoved *)g_ptr_array_index (moved, i - 1))->alias;
      if (_hotplug_journal_find_moved (self->journal, alias, run) == NULL
          || !_hotplug_domain_has_alias (self->live, alias))
        g_ptr_array_remove_index (moved, i - 1);
    }
  if (moved->len != before)
    _hotplug_session_store (self, NULL);
}

/* What might have gone back is known for as long as it leaves. */
static void
settle_leaving (HotplugSession *self)
{
  GPtrArray *leaving = self->journal->leaving;
  gboolean changed = FALSE;

  for (guint i = leaving->len; i > 0; i--)
    {
      const char *alias = ((const HotplugLeaving *)g_ptr_array_index (leaving, i - 1))->alias;
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (self), alias);
      if (record != NULL && record->state == HOTPLUG_RECORD_REMOVING && _hotplug_domain_has_alias (self->live, alias))
        continue;
      g_ptr_array_remove_index (leaving, i - 1);
      changed = TRUE;
    }
  if (changed)
    _hotplug_session_store (self, NULL);
}

/* Of interfaces that somebody else has taken out; no operation is under way */
static gboolean
drop_names_of_none (HotplugSession *self, GError **error)
{
  const HotplugDomain *side = _hotplug_session_record_side (self);
  g_autofree const char **aliases = g_new0 (const char *, side->names->len + 1);
  guint n = 0;

  for (guint i = 0; i < side->names->len; i++)
    {
      const char *alias = _hotplug_record_alias (g_ptr_array_index (side->names, i));
      if (!_hotplug_domain_has_alias (side, alias))
        aliases[n++] = alias;
    }
  return n == 0 || _hotplug_session_drop_records (self, aliases, error);
}

/* @aliases: ends with NULL; @template: (nullable) */
static gboolean
has_all (const HotplugDomain *template, const GPtrArray *aliases)
{
  for (guint i = 0; i + 1 < aliases->len; i++)
    {
      if (!_hotplug_domain_has_alias (template, g_ptr_array_index (aliases, i)))
        return FALSE;
    }
  return TRUE;
}

gboolean
_hotplug_session_settle (HotplugSession *self, GError **error)
{
  if (!drop_names_of_none (self, error))
    return FALSE;

  const GPtrArray *records = _hotplug_session_record_side (self)->records;
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);

  settle_doomed (self);
  settle_moved (self);
  for (guint i = 0; i < records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records, i);
      if (record->state == HOTPLUG_RECORD_REMOVING
          && !_hotplug_domain_has_alias (self->live, _hotplug_record_alias (record)))
        g_ptr_array_add (gone, g_strdup (_hotplug_record_alias (record)));
    }
  settle_leaving (self);
  if (gone->len == 0)
    return TRUE;

  /* what the template keeps keeps its name */
  static const char *const none[] = { NULL };
  g_ptr_array_add (gone, NULL);
  /* which looks at the machine again: the records are not touched any more */
  if (!has_all (self->template, gone) && !_hotplug_session_drop_left_ports (self, error))
    return FALSE;
  if (!_hotplug_session_change_records (self, (const char *const *) gone->pdata, none, NULL, error))
    return FALSE;
  for (guint i = 0; i + 1 < gone->len; i++)
    _hotplug_vmi_emit_removed (self->vmi, g_ptr_array_index (gone, i));
  return TRUE;
}

gboolean
_hotplug_session_add_controller (HotplugSession *self, const HotplugPlacement *placement, GError **error)
{
  g_autofree char *alias = _hotplug_controller_alias (placement->controller_index);
  const HotplugController controller = _hotplug_placement_scsi_controller (placement, alias, &placement->port.live);

  if (!placement->controller_live)
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (&controller);
  return _hotplug_connection_attach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_LIVE, xml, error);
}
