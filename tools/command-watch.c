/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

#define RETRY_MSEC 1000

typedef struct
{
  Hotplugctl *ctl;
  char **names;      /* the VMIs to watch; none: all */
  GHashTable *held;  /* HotplugVmi by UUID: while one is held, its records follow what others do to the machine */
  GHashTable *cared; /* UUIDs of those that ran when they were last looked at: what they lack now, somebody took out */
  GQueue *started;   /* UUIDs, to be cared for */
  GHashTable *busy;  /* UUIDs of those that the hypervisor was at: just arrived by a migration, for one */
  GMainContext *context;
  gboolean lost;
} Watch;

/* A line an event. It is written at once: who reads it may be a journal. */
static void G_GNUC_PRINTF (1, 2)
say (const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  printf ("%s\n", g_strdelimit (text, "\r\n", ' '));
  fflush (stdout);
}

static gboolean
is_watched (const Watch *self, HotplugVmi *vmi)
{
  const char *const *names = (const char *const *)self->names;

  return self->names[0] == NULL || g_strv_contains (names, hotplug_vmi_get_name (vmi))
         || g_strv_contains (names, hotplug_vmi_get_uuid (vmi));
}

static void
say_status (HotplugVmi *vmi, HotplugVolumeStatus *status)
{
  const char *name = hotplug_volume_status_get_name (status);

  if (hotplug_volume_status_get_phase (status) == HOTPLUG_VOLUME_PHASE_READY)
    say ("VMI \"%s\": volume \"%s\" is back: target %s", hotplug_vmi_get_name (vmi), name,
         hotplug_volume_status_get_target (status));
  else
    say ("VMI \"%s\": volume \"%s\" is not back: %s", hotplug_vmi_get_name (vmi), name,
         hotplug_volume_status_get_message (status));
}

typedef struct
{
  Watch *watch;
  char *uuid;
} Busy;

static gboolean
look_again (gpointer data)
{
  Busy *busy = data;

  g_queue_push_tail (busy->watch->started, g_strdup (busy->uuid));
  return G_SOURCE_REMOVE;
}

static void
free_busy (gpointer data)
{
  Busy *busy = data;

  g_free (busy->uuid);
  g_free (busy);
}

/* Nobody tells when the hypervisor is done; that it is at something is said once. */
static void
wait_for (Watch *self, HotplugVmi *vmi, const char *message)
{
  Busy *busy = g_new0 (Busy, 1);

  if (g_hash_table_add (self->busy, g_strdup (hotplug_vmi_get_uuid (vmi))))
    say ("%s", message);
  busy->watch = self;
  busy->uuid = g_strdup (hotplug_vmi_get_uuid (vmi));
  g_timeout_add_full (G_PRIORITY_DEFAULT, RETRY_MSEC, look_again, busy, free_busy);
}

/* FALSE only if the connection is lost, and all is to be looked at again */
static gboolean
care_for (Watch *self, HotplugVmi *vmi)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (vmi, self->ctl->cancellable, &error);

  if (statuses == NULL)
    {
      if (g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
        return FALSE;
      if (g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY))
        wait_for (self, vmi, error->message);
      else if (!g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING)
               && !g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND)
               && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        say ("%s", error->message);
      if (!g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY))
        g_hash_table_remove (self->busy, hotplug_vmi_get_uuid (vmi));
      return TRUE;
    }

  g_hash_table_remove (self->busy, hotplug_vmi_get_uuid (vmi));
  g_hash_table_add (self->cared, g_strdup (hotplug_vmi_get_uuid (vmi)));
  for (guint i = 0; i < statuses->len; i++)
    say_status (vmi, g_ptr_array_index (statuses, i));
  return TRUE;
}

static gboolean
is_running (HotplugVmi *vmi)
{
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmi, NULL, NULL);

  return status != NULL && hotplug_vmi_status_get_state (status) != HOTPLUG_VMI_STATE_STOPPED;
}

/* The first handle stays: what others did while there was no connection is made good through it, in a thread. */
static void
hold (Watch *self, HotplugVmi *vmi)
{
  if (!g_hash_table_contains (self->held, hotplug_vmi_get_uuid (vmi)))
    g_hash_table_insert (self->held, g_strdup (hotplug_vmi_get_uuid (vmi)), g_object_ref (vmi));
}

/* What was started while nobody watched: before this program, or while there was no connection */
static gboolean
look_at_all (Watch *self, GError **error)
{
  g_autoptr (GPtrArray) vmis = hotplug_host_list_vmis (self->ctl->host, self->ctl->cancellable, error);

  if (vmis == NULL)
    return FALSE;

  for (guint i = 0; i < vmis->len; i++)
    {
      HotplugVmi *vmi = g_ptr_array_index (vmis, i);

      if (!is_watched (self, vmi))
        continue;
      hold (self, vmi);
      if (!is_running (vmi))
        g_hash_table_remove (self->cared, hotplug_vmi_get_uuid (vmi));
      else if (!g_hash_table_contains (self->cared, hotplug_vmi_get_uuid (vmi)) && !care_for (self, vmi))
        self->lost = TRUE;
    }
  return TRUE;
}

static void
on_started (HotplugHost *host, const char *uuid, Watch *self)
{
  g_queue_push_tail (self->started, g_strdup (uuid));
}

static void
on_lost (HotplugHost *host, const char *message, Watch *self)
{
  say ("connection lost: %s", message);
  self->lost = TRUE;
}

static void
care_for_started (Watch *self)
{
  while (!g_queue_is_empty (self->started) && !g_cancellable_is_cancelled (self->ctl->cancellable))
    {
      g_autofree char *uuid = g_queue_pop_head (self->started);
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugVmi) vmi = hotplug_host_get_vmi (self->ctl->host, uuid, self->ctl->cancellable, &error);

      if (vmi == NULL || !is_watched (self, vmi))
        continue;
      if (!g_hash_table_contains (self->busy, uuid))
        say ("VMI \"%s\" was started", hotplug_vmi_get_name (vmi));
      hold (self, vmi);
      g_hash_table_remove (self->cared, uuid);
      if (!care_for (self, vmi))
        self->lost = TRUE;
    }
}

static gboolean
wake (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
reconnect (Watch *self)
{
  g_autoptr (GError) error = NULL;

  self->lost = FALSE;
  if (look_at_all (self, &error))
    {
      say ("connected to %s again", hotplug_host_get_uri (self->ctl->host));
      return;
    }
  self->lost = TRUE;
  g_timeout_add (RETRY_MSEC, wake, NULL);
  g_main_context_iteration (self->context, TRUE);
}

static void
on_cancelled (GCancellable *cancellable, GMainContext *context)
{
  g_main_context_wakeup (context);
}

static gboolean
watch (Watch *self, GError **error)
{
  GCancellable *cancellable = self->ctl->cancellable;

  if (!look_at_all (self, error))
    return FALSE;

  say ("watching %s", hotplug_host_get_uri (self->ctl->host));
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self->context, NULL);
  while (!g_cancellable_is_cancelled (cancellable))
    {
      care_for_started (self);
      if (self->lost)
        reconnect (self);
      else if (g_queue_is_empty (self->started))
        g_main_context_iteration (self->context, TRUE);
    }
  g_cancellable_disconnect (cancellable, handler);
  return TRUE;
}

gboolean
hotplugctl_watch (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) names = hotplugctl_parse (ctl, NULL, 0, G_MAXUINT, argc, argv, error);
  HotplugHost *host = names != NULL ? hotplugctl_get_host (ctl, error) : NULL;
  if (host == NULL)
    return FALSE;

  g_autoptr (GHashTable) cared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  Watch self = {
    .ctl = ctl, .names = names, .held = held, .cared = cared,
    .started = g_queue_new (), .busy = busy, .context = g_main_context_default ()
  };
  gulong started = g_signal_connect (host, "vmi-started", G_CALLBACK (on_started), &self);
  gulong lost = g_signal_connect (host, "connection-lost", G_CALLBACK (on_lost), &self);

  gboolean done = watch (&self, error);
  g_signal_handler_disconnect (host, started);
  g_signal_handler_disconnect (host, lost);
  g_queue_free_full (self.started, g_free);
  return done || (g_cancellable_is_cancelled (ctl->cancellable) && (g_clear_error (error), TRUE));
}
