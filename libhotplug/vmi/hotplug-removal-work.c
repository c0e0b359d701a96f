/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-removal-work-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-verbatim-private.h"

/* How long a removal keeps others off the machine. A guest that answers does so in a tenth of this; one that does not
 * is waited for with the lock given back and the removal recorded. */
#define LOCKED_WAIT (1 * G_TIME_SPAN_SECOND)

/* Whom a killed client has asked may be about to answer: QEMU takes some 50 ms to let go of a SCSI disk. Microseconds
 * */
#define ANSWER_LOOKS 15
#define ANSWER_INTERVAL (20 * G_TIME_SPAN_MILLISECOND)

static HotplugRemovalItem *
item_at (const GPtrArray *items, guint i)
{
  return g_ptr_array_index (items, i);
}

void
_hotplug_removal_item_free (HotplugRemovalItem *self)
{
  g_clear_pointer (&self->waiter, _hotplug_removal_free);
  g_clear_pointer (&self->live, _hotplug_record_free);
  g_clear_error (&self->refused);
  g_free (self->alias);
  g_free (self);
}

void
_hotplug_removal_work_clear (HotplugRemovalWork *self)
{
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

void
_hotplug_removal_work_init (HotplugRemovalWork *self, HotplugVmi *vmi, const char *const *aliases, gboolean persist,
                            gint64 until)
{
  g_autofree const char **each = _hotplug_removal_once (aliases);

  *self = (HotplugRemovalWork){ .vmi = vmi, .persist = persist, .until = until };
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_removal_item_free);
  for (guint i = 0; each[i] != NULL; i++)
    {
      HotplugRemovalItem *item = g_new0 (HotplugRemovalItem, 1);
      item->alias = g_strdup (each[i]);
      g_ptr_array_add (self->items, item);
    }
}

void
_hotplug_removal_work_look (HotplugRemovalWork *self, HotplugSession *session)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      HotplugRemovalItem *item = item_at (self->items, i);
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), item->alias);

      g_clear_pointer (&item->live, _hotplug_record_free);
      item->live = _hotplug_record_new_of (HOTPLUG_RECORD_REMOVING, session->live, item->alias);
      item->configured = _hotplug_domain_has_alias (session->template, item->alias);
      item->recorded = record != NULL && record->state == HOTPLUG_RECORD_ATTACHED;
      item->removing = record != NULL && record->state == HOTPLUG_RECORD_REMOVING;
    }
}

static void
tell_phase (HotplugSession *session, const HotplugRemovalItem *item, gboolean detaching)
{
  if (item->live == NULL)
    return;
  if (item->live->disk == NULL)
    {
      g_autoptr (HotplugInterfaceStatus) interface = _hotplug_report_nic (
          session, item->live->nic, detaching ? HOTPLUG_INTERFACE_PHASE_DETACHING : HOTPLUG_INTERFACE_PHASE_READY,
          NULL);
      _hotplug_vmi_emit_interface_status (session->vmi, interface);
      return;
    }

  g_autoptr (HotplugVolumeStatus) status = _hotplug_report_disk (
      session, item->live->disk, detaching ? HOTPLUG_VOLUME_PHASE_DETACHING : HOTPLUG_VOLUME_PHASE_READY, NULL);
  _hotplug_vmi_emit_status (session->vmi, status);
}

gboolean
_hotplug_removal_work_ask (HotplugRemovalWork *self, HotplugSession *session, GError **error)
{
  gboolean refused = FALSE;

  for (guint i = 0; i < self->items->len; i++)
    {
      HotplugRemovalItem *item = item_at (self->items, i);
      item->answer = refused ? HOTPLUG_REMOVAL_NOT_ASKED : HOTPLUG_REMOVAL_GONE;
      if (refused || item->live == NULL)
        continue;

      tell_phase (session, item, TRUE);
      item->waiter = _hotplug_removal_new (self->vmi, item->alias);
      if (_hotplug_removal_ask (item->waiter, &item->refused))
        continue;
      if (g_error_matches (item->refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
        {
          g_propagate_error (error, g_steal_pointer (&item->refused));
          return FALSE;
        }
      refused = TRUE;
      item->answer = HOTPLUG_REMOVAL_REFUSED;
      g_clear_pointer (&item->waiter, _hotplug_removal_free);
      if (!item->removing)
        tell_phase (session, item, FALSE);
    }
  return TRUE;
}

void
_hotplug_removal_work_wait (HotplugRemovalWork *self)
{
  gint64 until = MIN (self->until, g_get_monotonic_time () + LOCKED_WAIT);

  for (guint i = 0; i < self->items->len; i++)
    {
      HotplugRemovalItem *item = item_at (self->items, i);
      if (item->waiter != NULL)
        _hotplug_removal_wait (item->waiter, until, NULL, &item->answer, NULL);
    }
}

GPtrArray *
_hotplug_removal_work_filter (const GPtrArray *items, HotplugRemovalAnswer answer)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      if (item_at (items, i)->answer == answer)
        g_ptr_array_add (found, item_at (items, i));
    }
  return found;
}

static gboolean
leaves (const HotplugRemovalItem *item)
{
  return item->answer == HOTPLUG_REMOVAL_GONE || item->answer == HOTPLUG_REMOVAL_WAITING;
}

/* Of those that leave the aliases, or only of those that the template does not keep. The strings are the items'. */
static const char **
list_leaving (const HotplugRemovalWork *self, HotplugSession *session, gboolean kept_too)
{
  const char **list = g_new0 (const char *, self->items->len + 1);
  guint n = 0;

  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugRemovalItem *item = item_at (self->items, i);
      gboolean kept = item->configured && !self->persist && session->template != NULL;
      if (leaves (item) && (kept_too || !kept))
        list[n++] = item->alias;
    }
  return list;
}

static const HotplugTemplateDevice *
find_device (const GPtrArray *devices, const char *alias)
{
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const HotplugTemplateDevice *device = g_ptr_array_index (devices, i);
      if (g_strcmp0 (device->alias, alias) == 0)
        return device;
    }
  return NULL;
}

/* Before the template lets go of what the guest has not let go of. What an earlier removal knew still counts. */
static gboolean
remember (const HotplugRemovalWork *self, HotplugSession *session, const GPtrArray *waiting, GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autofree const char **aliases = g_new0 (const char *, waiting->len + 1);
  gboolean changed = FALSE;
  guint n = 0;

  for (guint i = 0; self->persist && i < waiting->len; i++)
    {
      if (item_at (waiting, i)->configured)
        aliases[n++] = item_at (waiting, i)->alias;
    }
  if (n > 0 && (devices = _hotplug_session_list_template (session, aliases, error)) == NULL)
    return FALSE;

  for (guint i = 0; i < waiting->len; i++)
    {
      const HotplugRemovalItem *item = item_at (waiting, i);
      const HotplugLeaving *known = _hotplug_journal_find_leaving (session->journal, item->alias);
      const HotplugTemplateDevice *device = find_device (devices, item->alias);
      if (device == NULL && !item->recorded)
        continue;
      _hotplug_journal_set_leaving (session->journal, item->alias, device,
                                    item->recorded || (known && known->recorded));
      changed = TRUE;
    }
  return !changed || _hotplug_session_store (session, error);
}

static gboolean
record_answers (const HotplugRemovalWork *self, HotplugSession *session, const GPtrArray *waiting, GError **error)
{
  g_autofree const char **leaving = list_leaving (self, session, TRUE);
  g_autofree const char **nameless = list_leaving (self, session, FALSE);
  g_autoptr (GPtrArray) added = g_ptr_array_new ();

  for (guint i = 0; i < waiting->len; i++)
    g_ptr_array_add (added, item_at (waiting, i)->live);
  return _hotplug_session_change_records (session, leaving, nameless, added, error);
}

/* What a removal has had in its hands before it was refused, or the one before it: not what stays Detaching */
static GPtrArray *
list_kept (const HotplugRemovalWork *self, HotplugSession *session)
{
  GPtrArray *kept = g_ptr_array_new ();

  for (guint i = 0; i < self->items->len; i++)
    {
      HotplugRemovalItem *item = item_at (self->items, i);
      gboolean known = _hotplug_journal_find_leaving (session->journal, item->alias) != NULL;
      gboolean by_guest = item->answer == HOTPLUG_REMOVAL_REFUSED && item->refused == NULL;
      if ((by_guest && (known || item->removing)) || (!leaves (item) && known && !item->removing))
        g_ptr_array_add (kept, item);
    }
  return kept;
}

gboolean
_hotplug_removal_work_settle (HotplugRemovalWork *self, HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) gone = _hotplug_removal_work_filter (self->items, HOTPLUG_REMOVAL_GONE);
  g_autoptr (GPtrArray) waiting = _hotplug_removal_work_filter (self->items, HOTPLUG_REMOVAL_WAITING);
  g_autofree const char **leaving = list_leaving (self, session, TRUE);

  if (!remember (self, session, waiting, error)
      || (self->persist && !_hotplug_session_drop_from_template (session, leaving, error))
      || !record_answers (self, session, waiting, error))
    return FALSE;

  for (guint i = 0; i < gone->len; i++)
    {
      _hotplug_journal_forget_leaving (session->journal, item_at (gone, i)->alias);
      _hotplug_vmi_emit_removed (self->vmi, item_at (gone, i)->alias);
    }
  return TRUE;
}

/* Whether one is gone that the template does not keep */
static gboolean
is_any_gone_for_good (const HotplugRemovalWork *self)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      const HotplugRemovalItem *item = item_at (self->items, i);
      if (item->answer == HOTPLUG_REMOVAL_GONE && (self->persist || !item->configured))
        return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_removal_work_end (HotplugRemovalWork *self, HotplugSession *session, GError **error)
{
  return !is_any_gone_for_good (self) || _hotplug_session_drop_left_ports (session, error);
}

gboolean
_hotplug_removal_work_keep (HotplugRemovalWork *self, HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) kept = list_kept (self, session);

  return kept->len == 0 || _hotplug_removal_work_put_back (kept, session, error);
}

/* Of what comes back into the template, or the live list of a transient machine, the name of its network attachment */
static gboolean
is_named_again (const HotplugSession *session, const HotplugLeaving *known, const HotplugRecord *had)
{
  gboolean listed = session->template == NULL || (known != NULL && known->device != NULL);

  return listed && had->nic != NULL && had->nic->attachment != NULL;
}

/* The record of the removal is what the live device was when the guest was asked. */
static gboolean
put_records_back (const GPtrArray *items, HotplugSession *session, GError **error)
{
  g_autofree const char **aliases = g_new0 (const char *, items->len + 1);
  g_autofree const char **named = g_new0 (const char *, items->len + 1);
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);
  guint n_named = 0;

  for (guint i = 0; i < items->len; i++)
    {
      const char *alias = item_at (items, i)->alias;
      const HotplugLeaving *known = _hotplug_journal_find_leaving (session->journal, alias);
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), alias);
      const HotplugRecord *had = record != NULL ? record : item_at (items, i)->live;
      gboolean recorded = known != NULL && known->recorded;

      aliases[i] = alias;
      if (had == NULL || (!recorded && !is_named_again (session, known, had)))
        continue;
      HotplugRecord *back = _hotplug_record_copy (had);
      back->state = recorded ? HOTPLUG_RECORD_ATTACHED : HOTPLUG_RECORD_NAMED;
      g_ptr_array_add (added, back);
      if (!recorded)
        named[n_named++] = alias;
    }
  return _hotplug_session_change_records (session, aliases, named, added, error);
}

/* What the template had, of a disk that others have moved on since with the file that it has now: libvirt could not
 * follow where there was none. */
static HotplugTemplateDevice *
bring_up_to_date (const HotplugSession *session, const HotplugTemplateDevice *device)
{
  const HotplugDisk *live = session->live != NULL ? _hotplug_domain_find_alias (session->live, device->alias) : NULL;
  g_autofree char *moved = live != NULL && live->xml != NULL ? _hotplug_verbatim_move (device->xml, live->xml) : NULL;

  return _hotplug_template_device_new (device->alias, moved != NULL ? moved : device->xml, device->position);
}

gboolean
_hotplug_removal_work_put_back (const GPtrArray *items, HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_template_device_free);

  for (guint i = 0; i < items->len; i++)
    {
      const HotplugLeaving *known = _hotplug_journal_find_leaving (session->journal, item_at (items, i)->alias);
      if (known != NULL && known->device != NULL)
        g_ptr_array_add (devices, bring_up_to_date (session, known->device));
    }
  if (!_hotplug_session_restore_in_template (session, devices, error) || !put_records_back (items, session, error))
    {
      g_prefix_error (error, "the guest has refused a removal, and what was out of the template can't be put back: ");
      return FALSE;
    }

  for (guint i = 0; i < items->len; i++)
    {
      _hotplug_journal_forget_leaving (session->journal, item_at (items, i)->alias);
      tell_phase (session, item_at (items, i), FALSE);
    }
  return _hotplug_session_store (session, error);
}

/* libvirt 9.0 takes a second request for a disk that is just going badly: MEASURED, it leaves the disk's nodes and
 * their lock in QEMU, or the daemon dies. */
static gboolean
await_answers (HotplugSession *session, const HotplugRemovalWork *work, GError **error)
{
  for (guint look = 0; look < ANSWER_LOOKS; look++)
    {
      gboolean any = FALSE;

      if (!_hotplug_session_refresh (session, error))
        return FALSE;
      for (guint i = 0; i < work->items->len; i++)
        any = any || _hotplug_domain_has_alias (session->live, item_at (work->items, i)->alias);
      if (!any)
        return TRUE;
      g_usleep (ANSWER_INTERVAL);
    }
  return TRUE;
}

/* A refusal is no failure of whoever carries it on: what was refused stays. Where others have taken its place in the
 * template meanwhile, that must not keep the machine from all other work. */
gboolean
_hotplug_removal_carry_on (HotplugSession *session, GError **error)
{
  const HotplugIntent *intent = &session->journal->intent;
  g_auto (HotplugRemovalWork) work = { 0 };

  _hotplug_removal_work_init (&work, session->vmi, (const char *const *)intent->devices, intent->persist, G_MAXINT64);
  if (!await_answers (session, &work, error))
    return FALSE;
  _hotplug_session_name_leaving (session);
  _hotplug_removal_work_look (&work, session);
  if (!_hotplug_removal_work_ask (&work, session, error))
    return FALSE;
  _hotplug_removal_work_wait (&work);
  if (!_hotplug_removal_work_settle (&work, session, error))
    return FALSE;

  g_autoptr (GError) failed = NULL;
  if (_hotplug_removal_work_keep (&work, session, &failed) && _hotplug_removal_work_end (&work, session, &failed))
    return TRUE;
  if (g_error_matches (failed, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  g_debug ("%s", failed->message);
  return TRUE;
}
