/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fake/fake-private.h"

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
