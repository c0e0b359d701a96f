/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-version-private.h"
#include "host/hotplug-peer-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

/* How long another machine's client may take before what it began is brought to an end for it, and how often its end is
 * looked for. Microseconds. */
#define FOREIGN_PATIENCE (10 * G_TIME_SPAN_SECOND)
#define FOREIGN_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

static void
drop_domains (HotplugSession *self)
{
  g_clear_pointer (&self->live, _hotplug_domain_free);
  g_clear_pointer (&self->template, _hotplug_domain_free);
  g_clear_pointer (&self->template_text, g_free);
  g_clear_pointer (&self->saved, _hotplug_domain_free);
  g_clear_pointer (&self->saved_text, g_free);
  self->asked_saved = FALSE;
  g_clear_pointer (&self->snapshots, g_hash_table_unref);
  g_clear_pointer (&self->looked_up, g_hash_table_unref);
  g_clear_pointer (&self->users, g_ptr_array_unref);
}

void
_hotplug_session_end (HotplugSession *self)
{
  drop_domains (self);
  g_clear_pointer (&self->holds, g_array_unref);
  g_clear_pointer (&self->journal, _hotplug_journal_free);
  g_clear_pointer (&self->other, _hotplug_machine_lock_give);
  g_clear_pointer (&self->lock, _hotplug_machine_lock_give);
  g_object_unref (self->vmi);
  g_free (self);
}

gboolean
_hotplug_session_refresh (HotplugSession *self, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };

  if (!_hotplug_connection_read_machine (self->connection, hotplug_vmi_get_uuid (self->vmi), self->look, &text, error))
    return FALSE;

  drop_domains (self);
  self->state = text.state;
  self->persistent = text.persistent;
  if (text.live != NULL && (self->live = _hotplug_domain_from_xml (text.live, error)) == NULL)
    return FALSE;
  if (text.template != NULL && (self->template = _hotplug_domain_from_xml (text.template, error)) == NULL)
    return FALSE;
  self->template_text = g_steal_pointer (&text.template);

  /* a start copies the template's metadata to the live side, where nobody keeps it true */
  if (self->live != NULL && self->template != NULL)
    {
      g_ptr_array_set_size (self->live->records, 0);
      g_ptr_array_set_size (self->live->names, 0);
      g_clear_pointer (&self->live->element, g_free);
    }
  _hotplug_domain_name_networks (self->template, self->template);
  _hotplug_domain_name_networks (self->live, self->template != NULL ? self->template : self->live);
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

/* Metadata travel: a copy of a machine, or of its definition, has what was under way on the host that it was copied
 * from. */
static gboolean
is_of_host (const HotplugIntent *intent, const char *host)
{
  if (intent->kind == HOTPLUG_INTENT_MIGRATE)
    return intent->source_host == NULL || intent->destination_host == NULL
           || g_strcmp0 (intent->source_host, host) == 0 || g_strcmp0 (intent->destination_host, host) == 0;
  return intent->host == NULL || g_strcmp0 (intent->host, host) == 0;
}

static void
hear_others (HotplugSession *self, HotplugJournal *journal)
{
  HotplugDomain *side = self->live != NULL ? self->live : self->template;
  g_autofree char *host = _hotplug_connection_dup_host (self->connection);
  g_autoptr (HotplugJournal) told = _hotplug_journal_from_text (side->intent);

  if (!is_of_host (&told->intent, host))
    {
      g_debug ("vmi \"%s\": an operation under way on another host, %s, came with its metadata, and is left to that",
               hotplug_vmi_get_name (self->vmi), told->intent.host);
      g_clear_pointer (&side->intent, g_free);
      return;
    }
  journal->intent = told->intent;
  journal->intent.heard = TRUE;
  told->intent = (HotplugIntent){ .kind = HOTPLUG_INTENT_NONE };
}

/* On another host the lock file is shared by the clients of this machine alone; for the others an operation under way
 * stands in the metadata. What stands there and not here is theirs, or was begun before this machine was last
 * started. */
static HotplugJournal *
load_journal (HotplugSession *self)
{
  const char *directory = _hotplug_vmi_get_runtime_directory (self->vmi);
  g_autofree char *text = self->lock != NULL ? _hotplug_machine_lock_read (self->lock)
                                             : _hotplug_machine_lock_peek (directory, hotplug_vmi_get_uuid (self->vmi));
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (text);

  if (!_hotplug_connection_is_local (self->connection) && journal->intent.kind == HOTPLUG_INTENT_NONE)
    hear_others (self, journal);
  return g_steal_pointer (&journal);
}

void
_hotplug_session_name_leaving (HotplugSession *self)
{
  const HotplugIntent *intent = &self->journal->intent;

  if (intent->kind != HOTPLUG_INTENT_REMOVE || intent->devices == NULL || intent->networks == NULL)
    return;
  for (guint i = 0; intent->devices[i] != NULL && intent->networks[i] != NULL; i++)
    {
      if (intent->networks[i][0] != '\0')
        _hotplug_domain_name_network (self->live, intent->devices[i], intent->networks[i]);
    }
}

/* Between two hosts, when the one has it no more and the handle does not speak to the other yet */
static gboolean
look_once (HotplugVmi *vmi, HotplugConnection **asked, HotplugSession **out, GError **error)
{
  g_autoptr (HotplugSession) self = new_session (vmi);

  *asked = self->connection;
  self->look = HOTPLUG_LOOK_ALL;
  if (!_hotplug_session_refresh (self, error))
    return FALSE;
  *out = g_steal_pointer (&self);
  return TRUE;
}

HotplugSession *
_hotplug_session_look (HotplugVmi *vmi, GError **error)
{
  g_autoptr (HotplugSession) self = NULL;
  g_autoptr (GError) refused = NULL;
  HotplugConnection *asked;

  while (!look_once (vmi, &asked, &self, &refused))
    {
      if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND) || !_hotplug_vmi_has_moved (vmi, asked))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return NULL;
        }
      g_clear_error (&refused);
    }
  self->journal = load_journal (self);
  _hotplug_session_name_leaving (self);
  return g_steal_pointer (&self);
}

static gboolean
is_foreign (const HotplugIntent *intent)
{
  g_autofree char *us = _hotplug_runtime_client ();

  return intent->kind != HOTPLUG_INTENT_NONE && intent->client != NULL && strcmp (intent->client, us) != 0;
}

/* A client on another machine can't be asked whether it lives: it gets the time that any operation takes. */
static gboolean
await_foreigner (HotplugSession *self, GCancellable *cancellable, GError **error)
{
  gint64 until = g_get_monotonic_time () + FOREIGN_PATIENCE;

  while (is_foreign (&self->journal->intent) && g_get_monotonic_time () < until)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (FOREIGN_INTERVAL);
      if (!_hotplug_session_refresh (self, error))
        return FALSE;
      g_clear_pointer (&self->journal, _hotplug_journal_free);
      self->journal = load_journal (self);
    }
  return TRUE;
}

gboolean
_hotplug_vmi_check_idle (HotplugVmi *vmi, GError **error)
{
  const char *job = _hotplug_connection_find_job (_hotplug_vmi_get_connection (vmi), hotplug_vmi_get_uuid (vmi));

  if (job == NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "vmi \"%s\" %s; nothing can be changed meanwhile",
               hotplug_vmi_get_name (vmi), job);
  return FALSE;
}

/* A migration lasts as long as it does: no change waits for that. */
static gboolean
wait_for_holder (const char *text, gpointer vmi, GError **error)
{
  g_autoptr (HotplugJournal) journal = _hotplug_journal_from_text (text);

  if (journal->intent.kind != HOTPLUG_INTENT_MIGRATE)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY,
               "vmi \"%s\" is being migrated to %s; nothing can be changed meanwhile", hotplug_vmi_get_name (vmi),
               journal->intent.destination);
  return FALSE;
}

/* What a newer libhotplug does with this machine, or has to say of it, is not known here. */
static gboolean
check_version (HotplugSession *self, GError **error)
{
  const HotplugDomain *side = _hotplug_session_record_side (self);
  gboolean known = side->version <= HOTPLUG_ELEMENT_VERSION;

  if (_hotplug_domain_is_borrowed (side))
    g_debug ("vmi \"%s\": its metadata is of another machine, %s, and is not acted upon",
             hotplug_vmi_get_name (self->vmi), side->owner);
  if (known && self->journal->intent.kind != HOTPLUG_INTENT_UNKNOWN)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY, "vmi \"%s\": %s made by a newer libhotplug; "
               "finish with that one, nothing is changed here", hotplug_vmi_get_name (self->vmi),
               known ? "an operation under way was" : "its metadata was");
  return FALSE;
}

/* Who held it before may have moved the machine: then it is another one. */
static gboolean
take_lock (HotplugSession *self, GCancellable *cancellable, GError **error)
{
  do
    {
      g_clear_pointer (&self->lock, _hotplug_machine_lock_give);
      self->connection = _hotplug_vmi_get_connection (self->vmi);
      self->lock = _hotplug_machine_lock_take_or_leave (_hotplug_vmi_get_runtime_directory (self->vmi),
                                                        hotplug_vmi_get_uuid (self->vmi), wait_for_holder, self->vmi,
                                                        cancellable, error);
    }
  while (self->lock != NULL && self->connection != _hotplug_vmi_get_connection (self->vmi));
  return self->lock != NULL;
}

HotplugSession *
_hotplug_session_begin (HotplugVmi *vmi, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) self = new_session (vmi);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  if (!take_lock (self, cancellable, error) || !_hotplug_session_refresh (self, error)
      || (self->live != NULL && !_hotplug_vmi_check_idle (vmi, error)))
    return NULL;

  self->journal = load_journal (self);
  if (!check_version (self, error) || !await_foreigner (self, cancellable, error)
      || !_hotplug_session_recover (self, error) || !_hotplug_session_settle (self, error)
      || !_hotplug_session_drop_copy (self, error) || !_hotplug_session_follow (self, self->live, error))
    return NULL;
  return g_steal_pointer (&self);
}

HotplugSides
_hotplug_session_sides (HotplugSession *self)
{
  return (HotplugSides){ .live = self->live, .template = self->template, .doomed = self->journal->doomed,
                          .refused = self->refused, .asks = self->asks };
}

gboolean
_hotplug_session_doubts (HotplugSession *self)
{
  return !_hotplug_version_is_measured (_hotplug_connection_get_libvirt_version (self->connection));
}

HotplugDomain *
_hotplug_session_record_side (HotplugSession *self)
{
  return self->template != NULL ? self->template : self->live;
}

gboolean
_hotplug_session_is_saved (HotplugSession *self)
{
  if (self->live == NULL && !self->asked_saved)
    {
      self->asked_saved = TRUE;
      self->saved_text = _hotplug_connection_read_saved (self->connection, hotplug_vmi_get_uuid (self->vmi));
      self->saved = self->saved_text != NULL ? _hotplug_domain_from_xml (self->saved_text, NULL) : NULL;
    }
  return self->live == NULL && self->saved_text != NULL;
}

/* Our element of one side, with all that stands in it */
static gboolean
write_as_it_is (HotplugSession *self, HotplugDomain *side, GError **error)
{
  g_autofree char *xml = _hotplug_element_to_xml (side);
  if (!_hotplug_connection_set_metadata (self->connection, hotplug_vmi_get_uuid (self->vmi),
                                         side == self->live ? HOTPLUG_SIDE_LIVE : HOTPLUG_SIDE_TEMPLATE, xml, error))
    return FALSE;
  side->has_element = xml != NULL;
  return TRUE;
}

static gboolean
write_element (HotplugSession *self, HotplugDomain *side, GError **error)
{
  if (self->live != NULL)
    _hotplug_session_see (self, side, self->live);
  return write_as_it_is (self, side, error);
}

gboolean
_hotplug_session_confirm (HotplugSession *self, const HotplugDomain *live, GError **error)
{
  if (self->template == NULL)
    return TRUE;
  _hotplug_session_see (self, self->template, live);
  return write_as_it_is (self, self->template, error);
}

/* libvirt copies the template's metadata to the live side at each start, where nobody keeps it true. It would come back
 * with the next definition that somebody makes of the running machine's XML. */
gboolean
_hotplug_session_drop_copy (HotplugSession *self, GError **error)
{
  if (self->live == NULL || self->template == NULL || !self->live->has_element || self->live->intent != NULL)
    return TRUE;
  return write_element (self, self->live, error);
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

/* What an intent says is all that another machine's clients need to know of our journal. A start copies the template's,
 * which is struck first: left behind by a client that was killed, it would be taken for a new one when the machine has
 * stopped. */
static gboolean
publish_intent (HotplugSession *self, GError **error)
{
  g_autoptr (HotplugJournal) only_intent = _hotplug_journal_from_text (NULL);
  only_intent->intent = self->journal->intent;
  g_autofree char *intent = _hotplug_journal_to_text (only_intent);
  only_intent->intent = (HotplugIntent){ .kind = HOTPLUG_INTENT_NONE };

  return write_intent (self, self->template, self->live == NULL ? intent : NULL, error)
         && write_intent (self, self->live, intent, error);
}

gboolean
_hotplug_session_store (HotplugSession *self, GError **error)
{
  g_autofree char *text = _hotplug_journal_to_text (self->journal);

  return _hotplug_machine_lock_write (self->lock, text, error)
         && (self->other == NULL || _hotplug_machine_lock_write (self->other, text, error))
         && (_hotplug_connection_is_local (self->connection) || publish_intent (self, error));
}

gboolean
_hotplug_session_untell (HotplugSession *self, GError **error)
{
  return write_intent (self, self->template, NULL, error) && write_intent (self, self->live, NULL, error);
}

gboolean
_hotplug_session_intend (HotplugSession *self, HotplugIntentKind kind, const char *const *devices, GError **error)
{
  HotplugIntent *intent = &self->journal->intent;

  if (kind == HOTPLUG_INTENT_START)
    self->journal->late_start = 0;
  else if (intent->kind == HOTPLUG_INTENT_START)
    self->journal->late_start = intent->begun;
  intent->kind = kind;
  g_strfreev (intent->devices);
  intent->devices = g_strdupv ((char **) devices);
  if (intent->client == NULL)
    intent->client = _hotplug_runtime_client ();
  if (intent->host == NULL)
    intent->host = _hotplug_connection_dup_host (self->connection);
  intent->begun = g_get_monotonic_time ();
  if (_hotplug_session_store (self, error))
    return TRUE;

  _hotplug_session_strike (self);
  return FALSE;
}

void
_hotplug_session_strike (HotplugSession *self)
{
  g_autoptr (GError) error = NULL;

  /* the journal that is left last is that of the host that has the machine */
  _hotplug_session_leave_other (self);
  _hotplug_journal_strike (self->journal);
  if (!_hotplug_session_store (self, &error))
    g_debug ("vmi \"%s\": the journal keeps what was done: %s", hotplug_vmi_get_name (self->vmi), error->message);
}

/* Copies of all but those of @aliases */
static GPtrArray *
copy_others (const GPtrArray *records, const char *const *aliases)
{
  GPtrArray *others = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_record_free);

  for (guint i = 0; i < records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records, i);
      if (!g_strv_contains (aliases, _hotplug_record_alias (record)))
        g_ptr_array_add (others, _hotplug_record_copy (record));
    }
  return others;
}

static gboolean
write_with_devices (HotplugSession *self, const HotplugDomain *side, const GPtrArray *devices, GError **error)
{
  g_autofree char *xml = _hotplug_element_to_xml (side);

  return _hotplug_session_define_with (self, devices, xml, error);
}

static void
swap (GPtrArray **one, GPtrArray **other)
{
  GPtrArray *kept = *one;

  *one = *other;
  *other = kept;
}

/* One that waits to be moved is still known by where it is. */
static gboolean
all_wait (const GPtrArray *added)
{
  for (guint i = 0; added != NULL && i < added->len; i++)
    {
      if (((const HotplugRecord *)g_ptr_array_index (added, i))->state != HOTPLUG_RECORD_PENDING)
        return FALSE;
    }
  return added != NULL;
}

/* One write of what the records without those of @aliases and the names without those of @nameless, and with @added,
 * are to be; what they were, if it fails.
 * @devices: (nullable): XML of what comes into the template with them */
static gboolean
replace_records (HotplugSession *self, const char *const *aliases, const char *const *nameless, const GPtrArray *added,
                 const GPtrArray *devices, GError **error)
{
  HotplugDomain *side = _hotplug_session_record_side (self);
  g_autoptr (GPtrArray) records = copy_others (side->records, aliases);
  g_autoptr (GPtrArray) names = copy_others (side->names, nameless);

  if (added == NULL && records->len == side->records->len && names->len == side->names->len)
    return TRUE;
  for (guint i = 0; added != NULL && i < added->len; i++)
    {
      HotplugRecord *record = _hotplug_record_copy (g_ptr_array_index (added, i));
      g_ptr_array_add (record->state == HOTPLUG_RECORD_NAMED ? names : records, record);
    }

  swap (&side->records, &records);
  swap (&side->names, &names);
  if (devices != NULL ? write_with_devices (self, side, devices, error) : write_element (self, side, error))
    return TRUE;

  swap (&side->records, &records);
  swap (&side->names, &names);
  return FALSE;
}

static gboolean
put_records (HotplugSession *self, const GPtrArray *records, const GPtrArray *devices, GError **error)
{
  static const char *const none[] = { NULL };
  g_autofree const char **aliases = g_new0 (const char *, records->len + 1);

  for (guint i = 0; i < records->len; i++)
    aliases[i] = _hotplug_record_alias (g_ptr_array_index (records, i));
  return replace_records (self, aliases, all_wait (records) ? none : aliases, records, devices, error);
}

gboolean
_hotplug_session_put_records (HotplugSession *self, const GPtrArray *records, GError **error)
{
  return put_records (self, records, NULL, error);
}

gboolean
_hotplug_session_add_recorded (HotplugSession *self, const GPtrArray *devices, const GPtrArray *records, GError **error)
{
  return put_records (self, records, devices, error);
}

gboolean
_hotplug_session_write_records (HotplugSession *self, HotplugRecordState state, const GPtrArray *devices,
                                GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify) _hotplug_record_free);

  for (guint i = 0; i < devices->len; i++)
    {
      HotplugRecord *record = _hotplug_record_copy (g_ptr_array_index (devices, i));
      record->state = state;
      g_ptr_array_add (records, record);
    }
  return _hotplug_session_put_records (self, records, error);
}

gboolean
_hotplug_session_drop_records (HotplugSession *self, const char *const *aliases, GError **error)
{
  return replace_records (self, aliases, aliases, NULL, NULL, error);
}

gboolean
_hotplug_session_change_records (HotplugSession *self, const char *const *aliases, const char *const *nameless,
                                 const GPtrArray *added, GError **error)
{
  return replace_records (self, aliases, nameless, added != NULL && added->len > 0 ? added : NULL, NULL, error);
}

static gboolean
is_named (const HotplugRecord *device)
{
  return device->nic != NULL && device->nic->attachment != NULL;
}

gboolean
_hotplug_session_write_names (HotplugSession *self, const GPtrArray *devices, GError **error)
{
  g_autoptr (GPtrArray) named = g_ptr_array_new ();

  for (guint i = 0; i < devices->len; i++)
    {
      if (is_named (g_ptr_array_index (devices, i)))
        g_ptr_array_add (named, g_ptr_array_index (devices, i));
    }
  return named->len == 0 || _hotplug_session_write_records (self, HOTPLUG_RECORD_NAMED, named, error);
}
