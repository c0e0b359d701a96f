/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "fake/fake-private.h"
#include "fake/fake-store.h"

/* Not the connection's last holder: it may end in this thread while more events are ready. */
typedef struct
{
  GWeakRef connection;
  char *uuid;
  char *alias;
  FakeGuest answer;
} Event;

static void
free_event (gpointer data)
{
  Event *event = data;

  g_weak_ref_clear (&event->connection);
  g_free (event->uuid);
  g_free (event->alias);
  g_free (event);
}

void
fake_queue (FakeConnection *self, guint delay_msec, GSourceFunc func, const char *uuid, const char *alias,
            FakeGuest answer)
{
  g_autoptr (GSource) source = g_timeout_source_new (delay_msec);
  Event *event = g_new0 (Event, 1);

  g_weak_ref_init (&event->connection, self);
  event->uuid = g_strdup (uuid);
  event->alias = g_strdup (alias);
  event->answer = answer;
  g_source_set_callback (source, func, event, free_event);
  g_source_attach (source, self->events);
}

gboolean
fake_tell_lost (gpointer data)
{
  Event *event = data;
  g_autoptr (HotplugConnection) connection = g_weak_ref_get (&event->connection);

  if (connection != NULL)
    _hotplug_connection_emit_lost (connection, event->uuid);
  return G_SOURCE_REMOVE;
}

gboolean
fake_tell_stopped (gpointer data)
{
  Event *event = data;
  g_autoptr (HotplugConnection) connection = g_weak_ref_get (&event->connection);

  if (connection != NULL)
    _hotplug_connection_emit_stopped (connection, event->uuid);
  return G_SOURCE_REMOVE;
}

gboolean
fake_halt_later (gpointer data)
{
  Event *event = data;
  g_autoptr (HotplugConnection) connection = g_weak_ref_get (&event->connection);
  FakeConnection *self = (FakeConnection *)connection;

  if (self == NULL)
    return G_SOURCE_REMOVE;

  int store = fake_store_lock (self);
  fake_store_halt (self, event->uuid);
  g_close (store, NULL);
  return fake_tell_stopped (data);
}

gboolean
fake_answer_removal (gpointer data)
{
  Event *event = data;
  g_autoptr (HotplugConnection) connection = g_weak_ref_get (&event->connection);
  FakeConnection *self = (FakeConnection *)connection;
  g_autofree char *key = g_strconcat (event->uuid, " ", event->alias, NULL);

  if (self == NULL)
    return G_SOURCE_REMOVE;

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

  int store = fake_store_lock (self);
  gboolean gone = fake_store_drop (self, event->uuid, event->alias);
  g_close (store, NULL);
  if (event->answer != FAKE_GUEST_LOSES_EVENTS && gone)
    _hotplug_connection_emit_device_removed (connection, event->uuid, event->alias);
  return G_SOURCE_REMOVE;
}
