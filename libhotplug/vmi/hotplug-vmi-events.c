/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-session-private.h"
#include "vmi/hotplug-vmi-events-private.h"

/* The VMI has one reference, and each handler and each thread at work another. */
struct _HotplugVmiEvents
{
  char *uuid;
  GWeakRef vmi;
  HotplugConnection *connection; /* nullable, and the VMI's: what is listened to */
  gulong removed_handler;
  gulong changed_handler;

  GMutex lock;          /* over what follows */
  GHashTable *expected; /* aliases */
  gboolean settling;
};

static void
clear (gpointer data)
{
  HotplugVmiEvents *self = data;

  g_free (self->uuid);
  g_weak_ref_clear (&self->vmi);
  g_hash_table_unref (self->expected);
  g_mutex_clear (&self->lock);
}

static void
release (gpointer self)
{
  g_atomic_rc_box_release_full (self, clear);
}

static void
release_closure (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  release (data);
}

/* A guest let go of a volume that nobody waits for any more, or others have moved a disk on: the records follow.
 * Beginning a session sees to both. */
static gpointer
settle (gpointer data)
{
  HotplugVmiEvents *self = data;

  g_mutex_lock (&self->lock);
  self->settling = FALSE;
  g_mutex_unlock (&self->lock);

  g_autoptr (HotplugVmi) vmi = g_weak_ref_get (&self->vmi);
  release (self);
  if (vmi == NULL)
    return NULL;

  g_autoptr (GError) failed = NULL;
  g_autoptr (HotplugSession) session = _hotplug_session_begin (vmi, NULL, &failed);
  if (session == NULL || !_hotplug_session_affirm (session, session->live, &failed))
    g_debug ("vmi \"%s\": the records are as they were until the next call: %s", hotplug_vmi_get_name (vmi),
             failed->message);
  return NULL;
}

/* A process that can have no more threads is left as it is: the next call settles too. */
static void
run (HotplugVmiEvents *self)
{
  g_autoptr (GError) failed = NULL;
  GThread *thread = g_thread_try_new ("hotplug-settle", settle, g_atomic_rc_box_acquire (self), &failed);

  if (thread != NULL)
    {
      g_thread_unref (thread);
      return;
    }
  g_debug ("vmi %s: the records are as they were until the next call: %s", self->uuid, failed->message);
  g_mutex_lock (&self->lock);
  self->settling = FALSE;
  g_mutex_unlock (&self->lock);
  release (self);
}

/* Not here: libvirt can't be called from the thread that its events come from.
 * @alias: (nullable): of what was removed */
static void
begin_to_settle (HotplugVmiEvents *self, const char *alias)
{
  g_mutex_lock (&self->lock);
  gboolean first = !self->settling && (alias == NULL || !g_hash_table_contains (self->expected, alias));
  self->settling = self->settling || first;
  g_mutex_unlock (&self->lock);
  if (first)
    run (self);
}

static void
on_device_removed (HotplugConnection *connection G_GNUC_UNUSED, const char *uuid, const char *alias,
                   gpointer user_data)
{
  HotplugVmiEvents *self = user_data;

  if (g_strcmp0 (uuid, self->uuid) == 0
      && (_hotplug_volume_name_from_alias (alias) != NULL || _hotplug_interface_name_from_alias (alias) != NULL))
    begin_to_settle (self, alias);
}

static void
on_changed (HotplugConnection *connection G_GNUC_UNUSED, const char *uuid, gpointer user_data)
{
  HotplugVmiEvents *self = user_data;

  if (uuid == NULL || strcmp (uuid, self->uuid) == 0)
    begin_to_settle (self, NULL);
}

static void
stop_listening (HotplugVmiEvents *self)
{
  if (self->connection == NULL)
    return;
  g_clear_signal_handler (&self->removed_handler, self->connection);
  g_clear_signal_handler (&self->changed_handler, self->connection);
  self->connection = NULL;
}

static gulong
hear (HotplugVmiEvents *self, const char *name, GCallback handler)
{
  return g_signal_connect_data (self->connection, name, handler, g_atomic_rc_box_acquire (self), release_closure,
                                (GConnectFlags)0);
}

void
_hotplug_vmi_events_listen (HotplugVmiEvents *self, HotplugConnection *connection)
{
  stop_listening (self);
  self->connection = connection;
  if (connection == NULL)
    return;
  self->removed_handler = hear (self, "device-removed", G_CALLBACK (on_device_removed));
  self->changed_handler = hear (self, "changed", G_CALLBACK (on_changed));
}

HotplugVmiEvents *
_hotplug_vmi_events_new (HotplugVmi *vmi, const char *uuid)
{
  HotplugVmiEvents *self = g_atomic_rc_box_new0 (HotplugVmiEvents);

  self->uuid = g_strdup (uuid);
  g_weak_ref_init (&self->vmi, vmi);
  g_mutex_init (&self->lock);
  self->expected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
_hotplug_vmi_events_free (HotplugVmiEvents *self)
{
  stop_listening (self);
  release (self);
}

void
_hotplug_vmi_events_expect (HotplugVmiEvents *self, const char *alias)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_add (self->expected, g_strdup (alias));
}

void
_hotplug_vmi_events_forget (HotplugVmiEvents *self, const char *alias)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_hash_table_remove (self->expected, alias);
}
