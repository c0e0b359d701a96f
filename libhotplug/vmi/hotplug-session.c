/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

static void
drop_domains (HotplugSession *self)
{
  g_clear_pointer (&self->live, _hotplug_domain_free);
  g_clear_pointer (&self->template, _hotplug_domain_free);
}

void
_hotplug_session_end (HotplugSession *self)
{
  drop_domains (self);
  g_clear_pointer (&self->journal, _hotplug_journal_free);
  g_clear_pointer (&self->lock, _hotplug_machine_lock_give);
  g_object_unref (self->vmi);
  g_free (self);
}

gboolean
_hotplug_session_refresh (HotplugSession *self, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };

  if (!_hotplug_connection_read_machine (self->connection, hotplug_vmi_get_uuid (self->vmi), &text, error))
    return FALSE;

  drop_domains (self);
  self->state = text.state;
  self->persistent = text.persistent;
  if (text.live != NULL && (self->live = _hotplug_domain_from_xml (text.live, error)) == NULL)
    return FALSE;
  if (text.template != NULL && (self->template = _hotplug_domain_from_xml (text.template, error)) == NULL)
    return FALSE;

  /* a start copies the template's metadata to the live side, where nobody keeps it true */
  if (self->live != NULL && self->template != NULL)
    g_ptr_array_set_size (self->live->records, 0);
  if (self->live != NULL || self->template != NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\" is gone", hotplug_vmi_get_name (self->vmi));
  return FALSE;
}

static HotplugSession *
new_session (HotplugVmi *vmi)
{
  HotplugSession *self = g_new0 (HotplugSession, 1);

  self->vmi = g_object_ref (vmi);
  self->connection = _hotplug_vmi_get_connection (vmi);
  return self;
}

/* Where no lock file can be shared, an operation under way stands in the metadata, for every client to see, and
 * refusals in this process. */
static HotplugJournal *
load_journal (HotplugSession *self)
{
  const char *directory = _hotplug_vmi_get_runtime_directory (self->vmi);
  g_autofree char *text = NULL;

  if (self->lock != NULL)
    text = _hotplug_machine_lock_read (self->lock);
  else if (directory != NULL)
    text = _hotplug_machine_lock_peek (directory, hotplug_vmi_get_uuid (self->vmi));
  else
    text = _hotplug_vmi_dup_journal_text (self->vmi);

  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (text);
  if (directory == NULL)
    {
      g_autoptr (HotplugJournal) told = _hotplug_journal_from_text ((self->live != NULL ? self->live : self->template)->intent);
      _hotplug_journal_strike (journal);
      journal->intent = told->intent;
      told->intent = (HotplugIntent){ .kind = HOTPLUG_INTENT_NONE };
    }
  return g_steal_pointer (&journal);
}

HotplugSession *
_hotplug_session_look (HotplugVmi *vmi, GError **error)
{
  g_autoptr (HotplugSession) self = new_session (vmi);

  if (!_hotplug_session_refresh (self, error))
    return NULL;
  self->journal = load_journal (self);
  return g_steal_pointer (&self);
}

HotplugSession *
_hotplug_session_begin (HotplugVmi *vmi, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) self = new_session (vmi);
  const char *directory = _hotplug_vmi_get_runtime_directory (vmi);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (directory != NULL)
    {
      self->lock = _hotplug_machine_lock_take (directory, hotplug_vmi_get_uuid (vmi), cancellable, error);
      if (self->lock == NULL)
        return NULL;
    }

  if (!_hotplug_session_refresh (self, error))
    return NULL;
  self->journal = load_journal (self);
  if (!_hotplug_session_recover (self, error) || !_hotplug_session_settle (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

HotplugSides
_hotplug_session_sides (HotplugSession *self)
{
  return (HotplugSides){ .live = self->live, .template = self->template, .doomed = self->journal->doomed };
}

HotplugDomain *
_hotplug_session_record_side (HotplugSession *self)
{
  return self->template != NULL ? self->template : self->live;
}

/* Our element of one side, with all that stands in it */
static gboolean
write_element (HotplugSession *self, const HotplugDomain *side, GError **error)
{
  g_autofree char *xml = _hotplug_records_to_xml (side->records, side->intent);

  return _hotplug_connection_set_metadata (self->connection, hotplug_vmi_get_uuid (self->vmi),
                                           side == self->live ? HOTPLUG_SIDE_LIVE : HOTPLUG_SIDE_TEMPLATE, xml, error);
}

static gboolean
write_intent (HotplugSession *self, HotplugDomain *side, const char *intent, GError **error)
{
  if (side == NULL || g_strcmp0 (side->intent, intent) == 0)
    return TRUE;

  g_autofree char *old = side->intent;
  side->intent = g_strdup (intent);
  if (write_element (self, side, error))
    return TRUE;

  g_free (side->intent);
  side->intent = g_steal_pointer (&old);
  return FALSE;
}

/* What an intent says is all that a remote client needs to know of our journal. A start copies the template's, which is
 * struck first: left behind by a client that was killed, it would be taken for a new one when the machine has stopped. */
static gboolean
store_remote (HotplugSession *self, const char *text, GError **error)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GArray) none_doomed = g_array_new (FALSE, FALSE, sizeof (guint));
  HotplugJournal only_intent = { self->journal->intent, none, none_doomed };
  g_autofree char *intent = _hotplug_journal_to_text (&only_intent);

  _hotplug_vmi_set_journal_text (self->vmi, text);
  return write_intent (self, self->template, self->live == NULL ? intent : NULL, error)
         && write_intent (self, self->live, intent, error);
}

gboolean
_hotplug_session_store (HotplugSession *self, GError **error)
{
  g_autofree char *text = _hotplug_journal_to_text (self->journal);

  return self->lock != NULL ? _hotplug_machine_lock_write (self->lock, text, error) : store_remote (self, text, error);
}

gboolean
_hotplug_session_intend (HotplugSession *self, HotplugIntentKind kind, const char *volume, GError **error)
{
  HotplugIntent *intent = &self->journal->intent;

  intent->kind = kind;
  g_free (intent->volume);
  intent->volume = g_strdup (volume);
  if (_hotplug_session_store (self, error))
    return TRUE;

  _hotplug_journal_strike (self->journal);
  return FALSE;
}

void
_hotplug_session_strike (HotplugSession *self)
{
  g_autoptr (GError) error = NULL;

  _hotplug_journal_strike (self->journal);
  if (!_hotplug_session_store (self, &error))
    g_debug ("vmi \"%s\": the journal keeps what was done: %s", hotplug_vmi_get_name (self->vmi), error->message);
}

gboolean
_hotplug_session_write_record (HotplugSession *self, HotplugRecordState state, const HotplugDisk *disk, GError **error)
{
  GPtrArray *records = _hotplug_session_record_side (self)->records;
  HotplugRecord *old = _hotplug_domain_find_record (_hotplug_session_record_side (self), disk->alias);
  HotplugRecord *new = _hotplug_record_new (state, disk);

  if (old != NULL)
    g_ptr_array_remove (records, old);
  g_ptr_array_add (records, new);
  if (write_element (self, _hotplug_session_record_side (self), error))
    return TRUE;

  g_ptr_array_remove (records, new);
  return FALSE;
}

gboolean
_hotplug_session_drop_record (HotplugSession *self, const char *alias, GError **error)
{
  HotplugDomain *side = _hotplug_session_record_side (self);
  HotplugRecord *old = _hotplug_domain_find_record (side, alias);

  if (old == NULL)
    return TRUE;

  g_ptr_array_remove (side->records, old);
  return write_element (self, side, error);
}
