/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "fake/fake-connection.h"
#include "fake/fake-xml.h"

#define LIVE "live"
#define TEMPLATE "template"
#define PAUSED "paused"

struct _FakeConnection
{
  HotplugConnection parent_instance;

  char *directory;
  GMainContext *events;
  GMainLoop *loop;
  GThread *thread;

  GMutex lock; /* over what follows */
  gboolean remote;
  gboolean closed;
  gboolean connected;
  gboolean down;
  FakeGuest guest;
  guint delay_msec;
  gboolean obeys;
  GHashTable *asked; /* "UUID alias" of the removals that a guest has not answered */

  guint counts[FAKE_N_CALLS];
  FakeCall fault_call;
  guint fault_nth; /* 0: none */
  FakeFault fault;
  FakeCall hook_call;
  guint hook_nth;
  FakeHook hook;
  gpointer hook_data;
};

G_DEFINE_FINAL_TYPE (FakeConnection, fake_connection, HOTPLUG_TYPE_CONNECTION)

static FakeConnection *
SELF (HotplugConnection *connection)
{
  return FAKE_CONNECTION (connection);
}

/* The store: one file a side, under one lock for all threads and processes */

static int
open_store (FakeConnection *self)
{
  g_autofree char *path = g_build_filename (self->directory, "store", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  while (flock (fd, LOCK_EX) != 0)
    ;
  return fd;
}

static char *
file_of (FakeConnection *self, const char *uuid, const char *side)
{
  return g_strdup_printf ("%s/%s.%s", self->directory, uuid, side);
}

static char *
load (FakeConnection *self, const char *uuid, const char *side)
{
  g_autofree char *path = file_of (self, uuid, side);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
save (FakeConnection *self, const char *uuid, const char *side, const char *text)
{
  g_autofree char *path = file_of (self, uuid, side);
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    g_unlink (path);
  else
    g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error);
  g_assert_no_error (error);
}

static const char *
name_of_side (HotplugSide side)
{
  return side == HOTPLUG_SIDE_LIVE ? LIVE : TEMPLATE;
}

/* Events, in a thread of their own */

typedef struct
{
  FakeConnection *self;
  char *uuid;
  char *alias;
  FakeGuest answer;
} Event;

static void
free_event (gpointer data)
{
  Event *event = data;

  g_free (event->uuid);
  g_free (event->alias);
  g_free (event);
}

static void
queue (FakeConnection *self, guint delay_msec, GSourceFunc func, const char *uuid, const char *alias, FakeGuest answer)
{
  g_autoptr (GSource) source = g_timeout_source_new (delay_msec);
  Event *event = g_new0 (Event, 1);

  *event = (Event){ self, g_strdup (uuid), g_strdup (alias), answer };
  g_source_set_callback (source, func, event, free_event);
  g_source_attach (source, self->events);
}

static gboolean
tell_lost (gpointer data)
{
  Event *event = data;

  _hotplug_connection_emit_lost (HOTPLUG_CONNECTION (event->self), event->uuid);
  return G_SOURCE_REMOVE;
}

static gboolean
tell_stopped (gpointer data)
{
  Event *event = data;

  _hotplug_connection_emit_stopped (HOTPLUG_CONNECTION (event->self), event->uuid);
  return G_SOURCE_REMOVE;
}

static void
halt (FakeConnection *self, const char *uuid)
{
  save (self, uuid, LIVE, NULL);
  save (self, uuid, PAUSED, NULL);
}

static gboolean
halt_later (gpointer data)
{
  Event *event = data;
  int store = open_store (event->self);

  halt (event->self, event->uuid);
  g_close (store, NULL);
  return tell_stopped (data);
}

static gboolean
answer_removal (gpointer data)
{
  Event *event = data;
  FakeConnection *self = event->self;
  HotplugConnection *connection = HOTPLUG_CONNECTION (self);
  g_autofree char *key = g_strconcat (event->uuid, " ", event->alias, NULL);

  g_mutex_lock (&self->lock);
  gboolean asked = g_hash_table_remove (self->asked, key);
  g_mutex_unlock (&self->lock);
  if (!asked)
    return G_SOURCE_REMOVE;
  if (event->answer == FAKE_GUEST_REFUSES)
    {
      _hotplug_connection_emit_device_removal_failed (connection, event->uuid, event->alias);
      return G_SOURCE_REMOVE;
    }

  int store = open_store (self);
  g_autofree char *live = load (self, event->uuid, LIVE);
  g_autofree char *without = live != NULL ? fake_xml_drop_alias (live, event->alias) : NULL;
  if (without != NULL)
    save (self, event->uuid, LIVE, without);
  g_close (store, NULL);
  if (event->answer != FAKE_GUEST_LOSES_EVENTS && without != NULL)
    _hotplug_connection_emit_device_removed (connection, event->uuid, event->alias);
  return G_SOURCE_REMOVE;
}

/* One call: counted, hooked, made to fail */

typedef struct
{
  FakeConnection *self;
  FakeFault fault;
  gboolean fails;
  int store;
} Turn;

static gboolean
refuse (GError **error, HotplugError code, const char *message)
{
  g_set_error_literal (error, HOTPLUG_ERROR, (int) code, message);
  return FALSE;
}

static gboolean
break_off (FakeConnection *self, GError **error)
{
  g_mutex_lock (&self->lock);
  self->connected = FALSE;
  g_mutex_unlock (&self->lock);
  queue (self, 0, tell_lost, "the daemon closed it", NULL, FAKE_GUEST_LETS_GO);
  return refuse (error, HOTPLUG_ERROR_CONNECTION, "the connection broke");
}

static gboolean
is_turn_of (FakeConnection *self, FakeCall wanted, guint *nth, FakeCall call)
{
  if (*nth == 0 || (wanted != FAKE_ANY && wanted != call) || self->counts[wanted] != *nth)
    return FALSE;
  *nth = 0;
  return TRUE;
}

static gboolean
begin (HotplugConnection *connection, FakeCall call, Turn *turn, GError **error)
{
  FakeConnection *self = SELF (connection);

  *turn = (Turn){ .self = self, .store = -1 };
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
    return refuse (error, HOTPLUG_ERROR_CONNECTION, self->closed ? "it was closed" : "there is no daemon");
  if (hook != NULL)
    hook (self, self->hook_data);
  if (turn->fails && turn->fault == FAKE_REFUSES)
    return refuse (error, HOTPLUG_ERROR_HYPERVISOR, "internal error: told to fail");
  if (turn->fails && turn->fault == FAKE_BREAKS_BEFORE)
    return break_off (self, error);
  if (turn->fails && turn->fault == FAKE_CLIENT_DIES_BEFORE)
    kill (getpid (), SIGKILL);

  turn->store = open_store (self);
  return TRUE;
}

static gboolean
end (Turn *turn, gboolean done, GError **error)
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
  return TRUE;
}

static void
close_for_good (HotplugConnection *connection)
{
  g_mutex_lock (&SELF (connection)->lock);
  SELF (connection)->closed = TRUE;
  g_mutex_unlock (&SELF (connection)->lock);
}

static gboolean
is_connected (HotplugConnection *connection)
{
  FakeConnection *self = SELF (connection);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->connected && !self->closed && !self->down;
}

static const char *
get_uri (HotplugConnection *connection)
{
  return "fake:///";
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
dup_runtime_directory (HotplugConnection *connection)
{
  FakeConnection *self = SELF (connection);

  return g_build_filename (self->directory, "run", NULL);
}

/* @named: (nullable): only the machine of that name, or UUID */
static GPtrArray *
machines (FakeConnection *self, const char *named, char **name)
{
  g_autoptr (GDir) dir = g_dir_open (self->directory, 0, NULL);
  GPtrArray *uuids = g_ptr_array_new_with_free_func (g_free);

  for (const char *file = g_dir_read_name (dir); file != NULL; file = g_dir_read_name (dir))
    {
      g_auto (GStrv) parts = g_strsplit (file, ".", 2);
      if (g_strcmp0 (parts[1], LIVE) != 0 && g_strcmp0 (parts[1], TEMPLATE) != 0)
        continue;

      g_autofree char *text = load (self, parts[0], parts[1]);
      g_autofree char *found = fake_xml_name (text);
      if ((named != NULL && strcmp (named, found) != 0 && strcmp (named, parts[0]) != 0)
          || g_ptr_array_find_with_equal_func (uuids, parts[0], g_str_equal, NULL))
        continue;
      g_ptr_array_add (uuids, g_strdup (parts[0]));
      if (name != NULL && *name == NULL)
        *name = g_steal_pointer (&found);
    }
  return uuids;
}

static char *
find_machine (HotplugConnection *connection, const char *name_or_uuid, char **name, GError **error)
{
  Turn turn;

  if (!begin (connection, FAKE_FIND, &turn, error))
    return NULL;

  g_autoptr (GPtrArray) found = machines (SELF (connection), name_or_uuid, name);
  gboolean done = found->len > 0 || refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
  return end (&turn, done, error) ? g_strdup (g_ptr_array_index (found, 0)) : NULL;
}

static GStrv
list_machines (HotplugConnection *connection, GError **error)
{
  Turn turn;

  if (!begin (connection, FAKE_LIST, &turn, error))
    return NULL;

  g_autoptr (GPtrArray) found = machines (SELF (connection), NULL, NULL);
  if (!end (&turn, TRUE, error))
    return NULL;

  GStrv uuids = g_new0 (char *, found->len + 1);
  for (guint i = 0; i < found->len; i++)
    uuids[i] = g_strdup (g_ptr_array_index (found, i));
  return uuids;
}

static gboolean
look (FakeConnection *self, const char *uuid, HotplugMachineText *out, GError **error)
{
  g_autofree char *paused = load (self, uuid, PAUSED);

  *out = (HotplugMachineText){ .live = load (self, uuid, LIVE), .template = load (self, uuid, TEMPLATE) };
  out->persistent = out->template != NULL;
  out->state = out->live == NULL ? HOTPLUG_VMI_STATE_STOPPED
               : paused != NULL  ? HOTPLUG_VMI_STATE_PAUSED
                                 : HOTPLUG_VMI_STATE_RUNNING;
  return out->live != NULL || out->template != NULL || refuse (error, HOTPLUG_ERROR_NOT_FOUND, "Domain not found");
}

static gboolean
read_machine (HotplugConnection *connection, const char *uuid, HotplugMachineText *out, GError **error)
{
  Turn turn;

  *out = (HotplugMachineText){ 0 };
  if (!begin (connection, FAKE_READ, &turn, error))
    return FALSE;
  if (end (&turn, look (SELF (connection), uuid, out, error), error))
    return TRUE;

  _hotplug_machine_text_clear (out);
  return FALSE;
}

typedef char *(*Edit) (const char *domain, const char *device, GError **error);

static gboolean
edit (FakeConnection *self, const char *uuid, HotplugSide side, Edit func, const char *xml, GError **error)
{
  g_autofree char *old = load (self, uuid, name_of_side (side));
  g_autofree char *new = NULL;

  if (old == NULL)
    return refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is not running");
  new = func (old, xml, error);
  if (new == NULL)
    return FALSE;
  save (self, uuid, name_of_side (side), new);
  return TRUE;
}

static gboolean
attach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_ATTACH, &turn, error)
         && end (&turn, edit (SELF (connection), uuid, side, fake_xml_attach, xml, error), error);
}

static gboolean
detach (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_DETACH, &turn, error)
         && end (&turn, edit (SELF (connection), uuid, side, fake_xml_detach, xml, error), error);
}

static gboolean
ask (FakeConnection *self, const char *uuid, const char *alias, GError **error)
{
  g_autofree char *live = load (self, uuid, LIVE);
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (live == NULL || !fake_xml_has_alias (live, alias))
    return refuse (error, HOTPLUG_ERROR_HYPERVISOR, "device not found: no device found with that alias");
  if (!g_hash_table_add (self->asked, g_strconcat (uuid, " ", alias, NULL)))
    return refuse (error, HOTPLUG_ERROR_BUSY, "Device is already in the process of unplug");
  if (self->guest != FAKE_GUEST_IS_SILENT)
    queue (self, self->delay_msec, answer_removal, uuid, alias, self->guest);
  return TRUE;
}

static gboolean
request_detach (HotplugConnection *connection, const char *uuid, const char *alias, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_REQUEST_DETACH, &turn, error)
         && end (&turn, ask (SELF (connection), uuid, alias, error), error);
}

static char *
edit_metadata (const char *domain, const char *element, GError **error)
{
  return fake_xml_set_metadata (domain, HOTPLUG_METADATA_KEY, HOTPLUG_METADATA_URI, element);
}

static gboolean
set_metadata (HotplugConnection *connection, const char *uuid, HotplugSide side, const char *xml, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_SET_METADATA, &turn, error)
         && end (&turn, edit (SELF (connection), uuid, side, edit_metadata, xml, error), error);
}

static gboolean
boot (FakeConnection *self, const char *uuid, gboolean paused, GError **error)
{
  g_autofree char *template = load (self, uuid, TEMPLATE);
  g_autofree char *old = load (self, uuid, LIVE);

  if (template == NULL || old != NULL)
    return refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is already running");

  g_autofree char *live = fake_xml_start (template);
  save (self, uuid, PAUSED, paused ? "" : NULL);
  save (self, uuid, LIVE, live);
  return TRUE;
}

static gboolean
start (HotplugConnection *connection, const char *uuid, gboolean paused, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_START, &turn, error)
         && end (&turn, boot (SELF (connection), uuid, paused, error), error);
}

static gboolean
go_on (FakeConnection *self, const char *uuid, GError **error)
{
  g_autofree char *paused = load (self, uuid, PAUSED);

  save (self, uuid, PAUSED, NULL);
  return paused != NULL || refuse (error, HOTPLUG_ERROR_HYPERVISOR, "Requested operation is not valid: domain is not paused");
}

static gboolean
resume (HotplugConnection *connection, const char *uuid, GError **error)
{
  Turn turn;

  return begin (connection, FAKE_RESUME, &turn, error) && end (&turn, go_on (SELF (connection), uuid, error), error);
}

static gboolean
shut_down (HotplugConnection *connection, const char *uuid, GError **error)
{
  Turn turn;

  if (!begin (connection, FAKE_SHUT_DOWN, &turn, error))
    return FALSE;
  if (SELF (connection)->obeys)
    queue (SELF (connection), SELF (connection)->delay_msec, halt_later, uuid, NULL, FAKE_GUEST_LETS_GO);
  return end (&turn, TRUE, error);
}

static gboolean
destroy (HotplugConnection *connection, const char *uuid, GError **error)
{
  Turn turn;

  if (!begin (connection, FAKE_DESTROY, &turn, error))
    return FALSE;

  g_autofree char *live = load (SELF (connection), uuid, LIVE);
  halt (SELF (connection), uuid);
  queue (SELF (connection), 0, tell_stopped, uuid, NULL, FAKE_GUEST_LETS_GO);
  return end (&turn, live != NULL || refuse (error, HOTPLUG_ERROR_HYPERVISOR, "domain is not running"), error);
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
  g_free (self->directory);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (fake_connection_parent_class)->finalize (object);
}

static void
fake_connection_class_init (FakeConnectionClass *class)
{
  HotplugConnectionClass *connection_class = (HotplugConnectionClass *) class;

  G_OBJECT_CLASS (class)->finalize = finalize;
  connection_class->ensure = ensure;
  connection_class->close = close_for_good;
  connection_class->is_connected = is_connected;
  connection_class->get_uri = get_uri;
  connection_class->is_local = is_local;
  connection_class->shares_user = shares_user;
  connection_class->delivers_events = delivers_events;
  connection_class->dup_runtime_directory = dup_runtime_directory;
  connection_class->find_machine = find_machine;
  connection_class->list_machines = list_machines;
  connection_class->read_machine = read_machine;
  connection_class->attach = attach;
  connection_class->detach = detach;
  connection_class->request_detach = request_detach;
  connection_class->set_metadata = set_metadata;
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
      queue (self, 0, answer_removal, parts[0], parts[1], guest);
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
fake_connection_come_up (FakeConnection *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->down = FALSE;
}

guint
fake_connection_count (FakeConnection *self, FakeCall call)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->counts[call];
}

GThread *
fake_connection_get_thread (FakeConnection *self)
{
  return self->thread;
}

void
fake_machine_define (FakeConnection *self, const char *uuid, const char *template)
{
  save (self, uuid, TEMPLATE, template);
}

void
fake_machine_run (FakeConnection *self, const char *uuid, const char *live, HotplugVmiState state)
{
  g_autofree char *with_id = live != NULL ? fake_xml_start (live) : NULL;

  save (self, uuid, PAUSED, state == HOTPLUG_VMI_STATE_PAUSED ? "" : NULL);
  save (self, uuid, LIVE, with_id);
}

void
fake_machine_read (FakeConnection *self, const char *uuid, HotplugMachineText *out)
{
  int store = open_store (self);

  look (self, uuid, out, NULL);
  g_close (store, NULL);
}

static void
edit_past (FakeConnection *self, const char *uuid, HotplugSide side, Edit func, const char *xml)
{
  g_autoptr (GError) error = NULL;
  int store = open_store (self);

  edit (self, uuid, side, func, xml, &error);
  g_close (store, NULL);
  g_assert_no_error (error);
}

void
fake_machine_attach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml)
{
  edit_past (self, uuid, side, fake_xml_attach, xml);
}

void
fake_machine_detach (FakeConnection *self, const char *uuid, HotplugSide side, const char *xml)
{
  edit_past (self, uuid, side, fake_xml_detach, xml);
}
