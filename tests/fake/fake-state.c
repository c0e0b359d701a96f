/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake/fake-private.h"
#include "fake/fake-store.h"

/* Why a machine stands still is in its mark that it does: "user", or "io-error", and each disk with "full" or
 * "broken". */

void
fake_machine_pause (FakeConnection *self, const char *uuid, const char *why)
{
  int store = fake_store_lock (self);

  fake_store_save (self, uuid, FAKE_PAUSED, why);
  g_close (store, NULL);
}

static HotplugPause
find_pause (HotplugConnection *connection, const char *uuid, GPtrArray *errors)
{
  g_autofree char *why = fake_store_load ((FakeConnection *)connection, uuid, FAKE_PAUSED);
  g_auto (GStrv) words = g_strsplit (why != NULL ? why : "", " ", -1);

  if (g_strcmp0 (words[0], "user") == 0)
    return HOTPLUG_PAUSE_USER;
  if (g_strcmp0 (words[0], "io-error") != 0)
    return HOTPLUG_PAUSE_OTHER;
  for (guint i = 1; words[i] != NULL && words[i + 1] != NULL; i += 2)
    g_ptr_array_add (errors, _hotplug_disk_error_new (words[i], strcmp (words[i + 1], "full") == 0));
  return HOTPLUG_PAUSE_IO_ERROR;
}

void
fake_machine_save (FakeConnection *self, const char *uuid)
{
  int store = fake_store_lock (self);
  g_autofree char *live = fake_store_load (self, uuid, FAKE_LIVE);

  fake_store_save (self, uuid, FAKE_SAVED, live);
  fake_store_halt (self, uuid);
  g_close (store, NULL);
}

static char *
read_saved (HotplugConnection *connection, const char *uuid)
{
  return fake_store_load ((FakeConnection *)connection, uuid, FAKE_SAVED);
}

void
fake_machine_keep_snapshot (FakeConnection *self, const char *uuid, const char *xml)
{
  int store = fake_store_lock (self);

  fake_store_save (self, uuid, FAKE_SNAPSHOT, xml);
  g_close (store, NULL);
}

static GPtrArray *
list_snapshots (HotplugConnection *connection, const char *uuid)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  char *xml = fake_store_load ((FakeConnection *)connection, uuid, FAKE_SNAPSHOT);

  if (xml != NULL)
    g_ptr_array_add (found, xml);
  return found;
}

void
fake_connection_set_patience (FakeConnection *self, gint64 patience)
{
  self->patience = patience;
}

static gint64
get_return_patience (HotplugConnection *connection)
{
  return ((FakeConnection *)connection)->patience;
}

void
fake_state_init (HotplugConnectionClass *class)
{
  class->get_return_patience = get_return_patience;
  class->find_job = fake_find_job;
  class->find_block_job = fake_find_block_job;
  class->find_pause = find_pause;
  class->read_saved = read_saved;
  class->list_snapshots = list_snapshots;
}
