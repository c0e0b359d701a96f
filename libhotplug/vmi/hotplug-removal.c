/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-removal-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* How often the machine itself is looked at: events get lost, when a daemon restarts and when an application's loop
 * that should deliver them is blocked by this very wait. Microseconds. */
#define LOOK_INTERVAL (1 * G_TIME_SPAN_SECOND)
#define LOOK_INTERVAL_WITHOUT_EVENTS (50 * G_TIME_SPAN_MILLISECOND)

/* A guest that was just starting, or just being given the device, loses a request: it is asked again soon, and then
 * less and less often. QEMU itself takes a request that a guest has not answered as void after five seconds. */
#define ASK_INTERVAL_FIRST (1 * G_TIME_SPAN_SECOND)

/* QEMU takes a SCSI disk away without the guest, in some 50 ms, and then libvirt must not be asked in the moment until
 * it has heard of it: it frees its own of the disk and writes that to the audit log afterwards (9.0.0
 * src/qemu/qemu_hotplug.c, qemuDomainDetachDeviceLive (), where qemuDomainDeleteDevice () returns -2). SEEN: a crash of
 * the daemon's code, on a busy host. What is there after this was not taken away. */
#define ASK_INTERVAL_SCSI (10 * G_TIME_SPAN_SECOND)
#define ASK_INTERVAL_MAX (8 * G_TIME_SPAN_SECOND)
#define ASK_MAX 20

struct _HotplugRemoval
{
  HotplugVmi *vmi;
  HotplugConnection *connection;
  char *alias;
  gulong handlers[3];
  gboolean scsi; /* it needs no guest to go */

  GMutex lock; /* over what follows */
  GCond changed;
  gboolean gone;
  gboolean refused;
  gboolean stopped; /* since the last look */
};

static void
set (HotplugRemoval *self, gboolean *what)
{
  g_mutex_lock (&self->lock);
  *what = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gboolean
is_mine (HotplugRemoval *self, const char *uuid, const char *alias)
{
  return g_strcmp0 (uuid, hotplug_vmi_get_uuid (self->vmi)) == 0
         && (alias == NULL || g_strcmp0 (alias, self->alias) == 0);
}

static void
on_removed (HotplugConnection *connection, const char *uuid, const char *alias, gpointer user_data)
{
  HotplugRemoval *self = user_data;

  if (is_mine (self, uuid, alias))
    set (self, &self->gone);
}

static void
on_removal_failed (HotplugConnection *connection, const char *uuid, const char *alias, gpointer user_data)
{
  HotplugRemoval *self = user_data;

  if (is_mine (self, uuid, alias))
    set (self, &self->refused);
}

/* It may be the end of the run before this one, told late: only a look says what the machine has. */
static void
on_stopped (HotplugConnection *connection, const char *uuid, gpointer user_data)
{
  HotplugRemoval *self = user_data;

  if (is_mine (self, uuid, NULL))
    set (self, &self->stopped);
}

static void
clear (gpointer data)
{
  HotplugRemoval *self = data;

  g_object_unref (self->connection);
  g_object_unref (self->vmi);
  g_free (self->alias);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

static void
release (gpointer data, GClosure *closure)
{
  g_atomic_rc_box_release_full (data, clear);
}

/* Each handler has a reference: it may be running in the event thread while it is disconnected in this one. */
static gulong
hear (HotplugRemoval *self, const char *signal, GCallback callback)
{
  return g_signal_connect_data (self->connection, signal, callback, g_atomic_rc_box_acquire (self), release,
                                (GConnectFlags) 0);
}

HotplugRemoval *
_hotplug_removal_new (HotplugVmi *vmi, const char *alias)
{
  HotplugRemoval *self = g_atomic_rc_box_new0 (HotplugRemoval);

  self->vmi = g_object_ref (vmi);
  self->connection = g_object_ref (_hotplug_vmi_get_connection (vmi));
  self->alias = g_strdup (alias);
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  _hotplug_vmi_expect_removal (vmi, alias);
  self->handlers[0] = hear (self, "device-removed", G_CALLBACK (on_removed));
  self->handlers[1] = hear (self, "device-removal-failed", G_CALLBACK (on_removal_failed));
  self->handlers[2] = hear (self, "stopped", G_CALLBACK (on_stopped));
  return self;
}

void
_hotplug_removal_free (HotplugRemoval *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->handlers); i++)
    g_signal_handler_disconnect (self->connection, self->handlers[i]);
  _hotplug_vmi_forget_removal (self->vmi, self->alias);
  release (self, NULL);
}

/* Whether the machine has it no longer; one that can't be looked at just now may still have it, unless it is gone
 * itself */
static gboolean
look (HotplugRemoval *self)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_connection_read_machine (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_LOOK_DEVICES,
                                         &text, &refused))
    return g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  if (text.live == NULL)
    return TRUE;

  g_autoptr (HotplugDomain) live = _hotplug_domain_from_xml (text.live, NULL);
  const HotplugDisk *disk = _hotplug_domain_find_alias (live, self->alias);
  self->scsi = disk != NULL && disk->bus == HOTPLUG_BUS_SCSI;
  return live != NULL && !_hotplug_domain_has_alias (live, self->alias);
}

gboolean
_hotplug_removal_ask (HotplugRemoval *self, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_request_detach (self->connection, hotplug_vmi_get_uuid (self->vmi), self->alias, &refused)
      || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY))
    return TRUE;

  /* libvirt has no code of its own for an alias that is gone */
  if (look (self))
    {
      set (self, &self->gone);
      return TRUE;
    }

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  HotplugRemoval *self = user_data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Until an answer, the machine's end, the time, or a cancel */
static HotplugRemovalAnswer
sleep_until (HotplugRemoval *self, gint64 until, GCancellable *cancellable)
{
  HotplugRemovalAnswer answer = HOTPLUG_REMOVAL_WAITING;

  g_mutex_lock (&self->lock);
  while (!self->gone && !self->refused && !self->stopped && !g_cancellable_is_cancelled (cancellable)
         && g_cond_wait_until (&self->changed, &self->lock, until))
    ;
  if (self->gone)
    answer = HOTPLUG_REMOVAL_GONE;
  else if (self->refused)
    answer = HOTPLUG_REMOVAL_REFUSED;
  self->stopped = FALSE;
  g_mutex_unlock (&self->lock);
  return answer;
}

static HotplugRemovalAnswer
wait_for_answer (HotplugRemoval *self, gint64 until, GCancellable *cancellable)
{
  gint64 interval = _hotplug_connection_delivers_events (self->connection) ? LOOK_INTERVAL
                                                                           : LOOK_INTERVAL_WITHOUT_EVENTS;
  gint64 ask_interval = ASK_INTERVAL_FIRST;
  gint64 begun = g_get_monotonic_time ();
  gint64 next_ask = begun + ask_interval;
  guint asked = 1;

  for (;;)
    {
      gint64 now = g_get_monotonic_time ();
      HotplugRemovalAnswer answer = sleep_until (self, MIN (until, now + interval), cancellable);

      if (answer != HOTPLUG_REMOVAL_WAITING)
        return answer;
      if (g_cancellable_is_cancelled (cancellable))
        return HOTPLUG_REMOVAL_WAITING;
      if (look (self))
        return HOTPLUG_REMOVAL_GONE;

      now = g_get_monotonic_time ();
      if (now >= until)
        return HOTPLUG_REMOVAL_WAITING;
      if (now >= next_ask && asked < ASK_MAX && (!self->scsi || now >= begun + ASK_INTERVAL_SCSI))
        {
          g_autoptr (GError) refused = NULL;
          if (!_hotplug_removal_ask (self, &refused))
            g_debug ("vmi \"%s\": %s asked again: %s", hotplug_vmi_get_name (self->vmi), self->alias, refused->message);
          ask_interval = MIN (2 * ask_interval, ASK_INTERVAL_MAX);
          next_ask = now + ask_interval;
          asked++;
        }
    }
}

gboolean
_hotplug_removal_wait (HotplugRemoval *self, gint64 until, GCancellable *cancellable, HotplugRemovalAnswer *answer,
                       GError **error)
{
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL) : 0;

  *answer = wait_for_answer (self, until, cancellable);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, handler);

  return *answer != HOTPLUG_REMOVAL_WAITING || !g_cancellable_set_error_if_cancelled (cancellable, error);
}
