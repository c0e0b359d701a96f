/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"

/* virConnectOpen() waits for its daemon without end: for one that is stopped, or that answers nobody because it turns
 * in a circle (MEASURED: libvirtd 11.3.0 after an upload to a pool that was full). So it is called in a thread of its
 * own, which is left behind when it takes too long, and closes what it opens after that. */

/* A daemon that has just been started asks each QEMU binary first what it can (MEASURED: 27 of them, 38 s). */
#define PATIENCE_SECONDS 60
/* Somebody may have to type a password. */
#define PATIENCE_SECONDS_SSH 180

typedef struct
{
  gatomicrefcount count;
  char *uri; /* nullable: libvirt's default */

  GMutex lock; /* over what follows */
  GCond changed;
  gboolean ended;
  gboolean abandoned;
  virConnectPtr connection; /* nullable */
  char *hostname;           /* nullable, likewise */
  GError *error;
} Opening;

static void
opening_unref (Opening *self)
{
  if (!g_atomic_ref_count_dec (&self->count))
    return;

  g_free (self->uri);
  g_free (self->hostname);
  g_clear_error (&self->error);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_unref)

static Opening *
opening_new (const char *uri)
{
  Opening *self = g_new0 (Opening, 1);

  g_atomic_ref_count_init (&self->count);
  self->uri = g_strdup (uri);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  return self;
}

static const char *
title_of (const char *uri)
{
  return uri != NULL ? uri : "(libvirt's default)";
}

static gpointer
open_in_thread (gpointer data)
{
  g_autoptr (Opening) self = data;
  g_autoptr (GError) error = NULL;
  virConnectPtr connection = virConnectOpen (self->uri);
  char *hostname = connection != NULL ? virConnectGetHostname (connection) : NULL;

  /* libvirt keeps its last error for the thread that made it */
  if (connection == NULL)
    {
      g_autofree char *what = g_strdup_printf ("host %s", title_of (self->uri));
      _hotplug_libvirt_set_error (NULL, what, &error);
    }

  g_mutex_lock (&self->lock);
  gboolean abandoned = self->abandoned;
  self->ended = TRUE;
  self->connection = abandoned ? NULL : connection;
  self->hostname = g_strdup (hostname);
  self->error = g_steal_pointer (&error);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);

  free (hostname);
  if (abandoned && connection != NULL)
    virConnectClose (connection);
  return NULL;
}

static gint64
patience_for (const char *uri)
{
  const char *wanted = g_getenv ("HOTPLUG_CONNECT_TIMEOUT");
  guint64 seconds = 0;

  if (wanted != NULL && g_ascii_string_to_unsigned (wanted, 10, 1, G_MAXINT, &seconds, NULL))
    return (gint64)seconds;
  return uri != NULL
                 && (strstr (uri, "+ssh:") != NULL || strstr (uri, "+libssh") != NULL || strstr (uri, "+ext:") != NULL)
             ? PATIENCE_SECONDS_SSH
             : PATIENCE_SECONDS;
}

virConnectPtr
_hotplug_libvirt_open (const char *uri, char **hostname, GError **error)
{
  g_autoptr (Opening) self = opening_new (uri);
  gint64 patience = patience_for (uri);
  gint64 deadline = g_get_monotonic_time () + patience * G_TIME_SPAN_SECOND;

  g_atomic_ref_count_inc (&self->count);
  GThread *thread = g_thread_try_new ("hotplug-open", open_in_thread, self, error);
  if (thread == NULL)
    {
      opening_unref (self);
      g_prefix_error (error, "host %s: ", title_of (uri));
      return NULL;
    }
  g_thread_unref (thread);

  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  while (!self->ended && g_cond_wait_until (&self->changed, &self->lock, deadline))
    ;
  self->abandoned = !self->ended;
  if (self->connection != NULL)
    {
      g_free (*hostname);
      *hostname = g_steal_pointer (&self->hostname);
      return g_steal_pointer (&self->connection);
    }

  if (self->error != NULL)
    g_propagate_error (error, g_steal_pointer (&self->error));
  else
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION,
                 "host %s: its daemon has not answered for %d s (HOTPLUG_CONNECT_TIMEOUT gives it another time)",
                 title_of (uri), (int)patience);
  return NULL;
}
