/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "fake/fake-private.h"
#include "fake/fake-store.h"
#include "fake/fake-xml.h"

G_DEFINE_FINAL_TYPE (FakeConnection, fake_connection, HOTPLUG_TYPE_CONNECTION)

static FakeConnection *
SELF (HotplugConnection *connection)
{
  return FAKE_CONNECTION (connection);
}

/* One call: counted, hooked, made to fail */

static gboolean
break_off (FakeConnection *self, GError **error)
{
  g_mutex_lock (&self->lock);
  self->connected = FALSE;
  g_mutex_unlock (&self->lock);
  fake_queue (self, 0, fake_tell_lost, "the daemon closed it", NULL, FAKE_GUEST_LETS_GO);
  return fake_refuse (error, HOTPLUG_ERROR_CONNECTION, "the connection broke");
}

static gboolean
is_turn_of (FakeConnection *self, FakeCall wanted, guint *nth, FakeCall call)
{
  if (*nth == 0 || (wanted != FAKE_ANY && wanted != call) || self->counts[wanted] != *nth)
    return FALSE;
  *nth = 0;
  return TRUE;
}

gboolean
fake_begin (HotplugConnection *connection, FakeCall call, FakeTurn *turn, GError **error)
{
  FakeConnection *self = SELF (connection);

  *turn = (FakeTurn){ .self = self, .store = -1 };
  g_mutex_lock (&self->lock);
  self->counts[FAKE_ANY]++;
  self->counts[call]++;
  gboolean dead = self->closed || self->down;
  self->connected = !dead;
  turn->fails = is_turn_of (self, self->fault_call, &self->fault_nth, call);
  turn->fault = self->fault;
  FakeHook hook = is_turn_of (self, self->hook_call, &self->hook_nth, call) ? self->hook : NULL;
  g_mutex_unlock (&self->lock);

  if (dead)
    return fake_refuse (error, HOTPLUG_ERROR_CONNECTION, self->closed ? "it was closed" : "there is no daemon");
  if (hook != NULL)
    hook (self, self->hook_data);
  if (turn->fails && turn->fault == FAKE_REFUSES)
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "internal error: told to fail");
  if (turn->fails && turn->fault == FAKE_BREAKS_BEFORE)
    return break_off (self, error);
  if (turn->fails && turn->fault == FAKE_CLIENT_DIES_BEFORE)
    kill (getpid (), SIGKILL);

  turn->store = fake_store_lock (self);
  return TRUE;
}

gboolean
fake_end (FakeTurn *turn, gboolean done, GError **error)
{
  FakeConnection *self = turn->self;

  g_close (turn->store, NULL);
  if (!turn->fails)
    return done;
  if (turn->fault == FAKE_CLIENT_DIES_AFTER)
    kill (getpid (), SIGKILL);

  g_mutex_lock (&self->lock);
  self->down = turn->fault == FAKE_GOES_DOWN;
  g_mutex_unlock (&self->lock);
  g_clear_error (error);
  return break_off (self, error);
}

/* The calls */

static gboolean
ensure (HotplugConnection *connection, GError **error)
{
  FakeConnection *self = SELF (connection);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return !self->down || fake_refuse (error, HOTPLUG_ERROR_CONNECTION, "there is no daemon");
}

static void
close_for_good (HotplugConnection *connection)
{
  FakeConnection *self = SELF (connection);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->lent > 0)
    self->lent--;
  else
    self->closed = TRUE;
}

static gboolean
is_connected (HotplugConnection *connection)
{
  FakeConnection *self = SELF (connection);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->connected && !self->closed && !self->down;
}

static gboolean
is_local (HotplugConnection *connection)
{
  return !SELF (connection)->remote;
}

static gboolean
shares_user (HotplugConnection *connection)
{
  return TRUE;
}

static gboolean
delivers_events (HotplugConnection *connection)
{
  return TRUE;
}

static char *
dup_common_directory (HotplugConnection *connection)
{
  FakeConnection *self = SELF (connection);

  return self->runtime != NULL ? g_strdup (self->runtime) : g_build_filename (self->directory, "run", NULL);
}

static char *
find_machine (HotplugConnection *connection, const char *name_or_uuid, char **name, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_FIND, &turn, error))
    return NULL;

  g_autoptr (GPtrArray) found = fake_store_find (SELF (connection), name_or_uuid, name);
  gboolean done = found->len > 0 || fake_refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
  return fake_end (&turn, done, error) ? g_strdup (g_ptr_array_index (found, 0)) : NULL;
}

static GStrv
list_machines (HotplugConnection *connection, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_LIST, &turn, error))
    return NULL;

  g_autoptr (GPtrArray) found = fake_store_find (SELF (connection), NULL, NULL);
  if (!fake_end (&turn, TRUE, error))
    return NULL;

  GStrv uuids = g_new0 (char *, found->len + 1);
  for (guint i = 0; i < found->len; i++)
    uuids[i] = g_strdup (g_ptr_array_index (found, i));
  return uuids;
}

static gboolean
read_machine (HotplugConnection *connection, const char *uuid, HotplugLook look, HotplugMachineText *out,
              GError **error)
{
  FakeTurn turn;

  *out = (HotplugMachineText){ 0 };
  if (!fake_begin (connection, FAKE_READ, &turn, error))
    return FALSE;
  if (fake_end (&turn, fake_store_look (SELF (connection), uuid, out, error), error))
    return TRUE;

  _hotplug_machine_text_clear (out);
  return FALSE;
}

static void
note (HotplugConnection *connection, HotplugSide side, const char *xml)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&SELF (connection)->lock);

  if (SELF (connection)->given != NULL)
    g_ptr_array_add (SELF (connection)->given,
                     g_strconcat (side == HOTPLUG_SIDE_LIVE ? "live " : "template ", xml, NULL));
}

static gboolean
attach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  FakeTurn turn;

  note (connection, side, xml);
  return fake_begin (connection, FAKE_ATTACH, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, side, fake_xml_attach, xml, error), error);
}

static gboolean
detach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_DETACH, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, side, fake_xml_detach, xml, error), error);
}

static gboolean
update (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  FakeEdit edit = side == HOTPLUG_SIDE_LIVE ? fake_xml_update_live : fake_xml_update;
  FakeTurn turn;

  note (connection, side, xml);
  return fake_begin (connection, FAKE_UPDATE, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, side, edit, xml, error), error);
}

static gboolean
ask (FakeConnection *self, const char *uuid, const char *alias, GError **error)
{
  g_autofree char *live = fake_store_load (self, uuid, FAKE_LIVE);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (live == NULL || !fake_xml_has_alias (live, alias))
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "device not found: no device found with that alias");
  if (fake_xml_has_mirror (live, alias))
    return fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Operation not supported: disk has active block job");
  if (!g_hash_table_add (self->asked, g_strconcat (uuid, " ", alias, NULL)))
    return fake_refuse (error, HOTPLUG_ERROR_BUSY, "Device is already in the process of unplug");
  if (self->guest != FAKE_GUEST_IS_SILENT)
    fake_queue (self, self->delay_msec, fake_answer_removal, uuid, alias, self->guest);
  return TRUE;
}

static gboolean
request_detach (HotplugConnection *connection, const char *uuid, const char *alias, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_REQUEST_DETACH, &turn, error)
         && fake_end (&turn, ask (SELF (connection), uuid, alias, error), error);
}

static char *
drop_alias (const char *domain, const char *alias, GError **error)
{
  char *without = fake_xml_drop_alias (domain, alias);

  if (without == NULL)
    fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "device not found: no device found with that alias");
  return without;
}

static gboolean
drop (HotplugConnection *connection, const char *uuid, const char *alias, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_DETACH, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, HOTPLUG_SIDE_TEMPLATE, drop_alias, alias, error),
                      error);
}

static char *
edit_metadata (const char *domain, const char *element, GError **error)
{
  return fake_xml_set_metadata (domain, HOTPLUG_METADATA_KEY, HOTPLUG_METADATA_URI, element);
}

static gboolean
set_metadata (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_SET_METADATA, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, side, edit_metadata, xml, error), error);
}

static char *
read_template (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_READ_TEMPLATE, &turn, error))
    return NULL;

  g_autofree char *xml = fake_store_load (SELF (connection), uuid, FAKE_TEMPLATE);
  gboolean done = xml != NULL || fake_refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
  return fake_end (&turn, done, error) ? g_steal_pointer (&xml) : NULL;
}

static char *
replace (const char *domain, const char *xml, GError **error)
{
  return g_strdup (xml);
}

static gboolean
define (HotplugConnection *connection, const char *uuid, const char *xml, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_DEFINE, &turn, error)
         && fake_end (&turn, fake_store_edit (SELF (connection), uuid, HOTPLUG_SIDE_TEMPLATE, replace, xml, error),
                      error);
}

static gboolean
start (HotplugConnection *connection, const char *uuid, gboolean paused, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_START, &turn, error)
         && fake_end (&turn, fake_store_boot (SELF (connection), uuid, paused, error), error);
}

static gboolean
resume (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeTurn turn;

  return fake_begin (connection, FAKE_RESUME, &turn, error)
         && fake_end (&turn, fake_store_resume (SELF (connection), uuid, error), error);
}

static gboolean
shut_down (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_SHUT_DOWN, &turn, error))
    return FALSE;
  if (SELF (connection)->obeys)
    fake_queue (SELF (connection), SELF (connection)->delay_msec, fake_halt_later, uuid, NULL, FAKE_GUEST_LETS_GO);
  return fake_end (&turn, TRUE, error);
}

static gboolean
destroy (HotplugConnection *connection, const char *uuid, GError **error)
{
  FakeTurn turn;

  if (!fake_begin (connection, FAKE_DESTROY, &turn, error))
    return FALSE;

  g_autofree char *live = fake_store_load (SELF (connection), uuid, FAKE_LIVE);
  fake_store_halt (SELF (connection), uuid);
  fake_queue (SELF (connection), 0, fake_tell_stopped, uuid, NULL, FAKE_GUEST_LETS_GO);
  return fake_end (&turn, live != NULL || fake_refuse (error, HOTPLUG_ERROR_HYPERVISOR, "domain is not running"),
                   error);
}

static GPtrArray *
list_networks (HotplugConnection *connection, GError **error)
{
  return fake_networks_list ();
}

static gboolean
has_network_filter (HotplugConnection *connection, const char *name)
{
  return TRUE;
}

/* The object */

static gpointer
run_events (gpointer data)
{
  g_autoptr (GMainLoop) loop = data;

  g_main_loop_run (loop);
  return NULL;
}

static void
fake_connection_init (FakeConnection *self)
{
  g_mutex_init (&self->lock);
  self->connected = TRUE;
  self->obeys = TRUE;
  self->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->events = g_main_context_new ();
  self->loop = g_main_loop_new (self->events, FALSE);
  self->thread = g_thread_new ("fake-events", run_events, g_main_loop_ref (self->loop));
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The last reference may go while an event is told. */
static void
finalize (GObject *object)
{
  FakeConnection *self = FAKE_CONNECTION (object);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, quit, self->loop, NULL);
  g_source_attach (source, self->events);
  if (self->thread == g_thread_self ())
    g_thread_unref (self->thread);
  else
    g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->events);
  g_hash_table_unref (self->asked);
  g_clear_pointer (&self->given, g_ptr_array_unref);
  fake_addresses_clear (self);
  g_free (self->directory);
  g_free (self->runtime);
  g_free (self->job);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (fake_connection_parent_class)->finalize (object);
}

static void
fake_connection_class_init (FakeConnectionClass *class)
{
  HotplugConnectionClass *connection_class = (HotplugConnectionClass *)class;

  G_OBJECT_CLASS (class)->finalize = finalize;
  connection_class->ensure = ensure;
  connection_class->close = close_for_good;
  connection_class->is_connected = is_connected;
  fake_addresses_init (connection_class);
  fake_peer_init (connection_class);
  fake_migrate_init (connection_class);
  connection_class->list_networks = list_networks;
  connection_class->has_network_filter = has_network_filter;
  connection_class->is_local = is_local;
  connection_class->shares_user = shares_user;
  connection_class->delivers_events = delivers_events;
  connection_class->dup_common_directory = dup_common_directory;
  connection_class->find_machine = find_machine;
  connection_class->list_machines = list_machines;
  connection_class->read_machine = read_machine;
  connection_class->attach = attach;
  connection_class->detach = detach;
  connection_class->update = update;
  connection_class->request_detach = request_detach;
  connection_class->drop = drop;
  connection_class->set_metadata = set_metadata;
  connection_class->read_template = read_template;
  connection_class->define = define;
  fake_state_init (connection_class);
  connection_class->start = start;
  connection_class->resume = resume;
  connection_class->shut_down = shut_down;
  connection_class->destroy = destroy;
}

FakeConnection *
fake_connection_new (const char *directory)
{
  FakeConnection *self = g_object_new (FAKE_TYPE_CONNECTION, NULL);

  self->directory = g_strdup (directory);
  return self;
}

/* What a test tells it */

void
fake_connection_set_remote (FakeConnection *self)
{
  self->remote = TRUE;
}

void
fake_connection_set_guest (FakeConnection *self, FakeGuest guest, guint delay_msec)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->guest = guest;
  self->delay_msec = delay_msec;
}

void
fake_connection_set_obeys (FakeConnection *self, gboolean obeys)
{
  self->obeys = obeys;
}

void
fake_connection_guest_wakes (FakeConnection *self, FakeGuest guest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, self->asked);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_auto (GStrv) parts = g_strsplit (key, " ", 2);
      fake_queue (self, 0, fake_answer_removal, parts[0], parts[1], guest);
    }
}

void
fake_connection_fail (FakeConnection *self, FakeCall call, guint nth, FakeFault fault)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  memset (self->counts, 0, sizeof self->counts);
  self->fault_call = call;
  self->fault_nth = nth;
  self->fault = fault;
}

void
fake_connection_hook (FakeConnection *self, FakeCall call, guint nth, FakeHook hook, gpointer user_data)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  memset (self->counts, 0, sizeof self->counts);
  self->hook_call = call;
  self->hook_nth = nth;
  self->hook = hook;
  self->hook_data = user_data;
}

void
fake_connection_go_down (FakeConnection *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->down = TRUE;
}

void
fake_connection_come_up (FakeConnection *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->down = FALSE;
}

void
fake_connection_keep_given (FakeConnection *self)
{
  self->given = g_ptr_array_new_with_free_func (g_free);
}

char *
fake_connection_take_given (FakeConnection *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_ptr_array_add (self->given, NULL);
  char *given = g_strjoinv ("\n", (char **)self->given->pdata);
  g_ptr_array_set_size (self->given, 0);
  return given;
}

guint
fake_connection_count (FakeConnection *self, FakeCall call)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->counts[call];
}

const char *
fake_connection_get_directory (FakeConnection *self)
{
  return self->directory;
}

GThread *
fake_connection_get_thread (FakeConnection *self)
{
  return self->thread;
}
