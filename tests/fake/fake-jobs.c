/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-private.h"
#include "fake/fake-store.h"
#include "fake/fake-xml.h"

void
fake_connection_set_job (FakeConnection *self, const char *job)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  g_free (self->job);
  self->job = g_strdup (job);
}

const char *
fake_find_job (HotplugConnection *connection, const char *uuid)
{
  FakeConnection *self = (FakeConnection *)connection;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->job != NULL ? g_intern_string (self->job) : NULL;
}

HotplugBlockJob
fake_find_block_job (HotplugConnection *connection, const char *uuid, const char *target)
{
  g_autofree char *live = fake_store_load ((FakeConnection *)connection, uuid, FAKE_LIVE);
  g_autofree char *job = live != NULL ? fake_xml_find_mirror (live, target) : NULL;

  if (job == NULL)
    return HOTPLUG_BLOCK_JOB_NONE;
  return strcmp (job, "copy") == 0 ? HOTPLUG_BLOCK_JOB_COPY : HOTPLUG_BLOCK_JOB_ACTIVE_COMMIT;
}
