/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"

/* An application gives a host back at the very moment at which the event thread tells something of it. What ends
 * with the host must not end in that thread: closing a connection there waits for the thread that it is in, for
 * good. */

static struct
{
  GMutex lock;
  GCond changed;
  gboolean arrived; /* the event thread is in the handler */
  gboolean go_on;
  GThread *events;
  GThread *disposed_in;
} moment;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, "MESSAGE") != 0 || strstr (fields[i].value, "connection lost") == NULL)
        continue;
      g_mutex_lock (&moment.lock);
      moment.events = g_thread_self ();
      moment.arrived = TRUE;
      g_cond_broadcast (&moment.changed);
      while (!moment.go_on)
        g_cond_wait (&moment.changed, &moment.lock);
      g_mutex_unlock (&moment.lock);
    }
  return (level & G_LOG_LEVEL_DEBUG) != 0 ? G_LOG_WRITER_HANDLED : g_log_writer_default (level, fields, n_fields, data);
}

static void
on_disposed (gpointer data G_GNUC_UNUSED, GObject *object G_GNUC_UNUSED)
{
  g_mutex_lock (&moment.lock);
  moment.disposed_in = g_thread_self ();
  g_cond_broadcast (&moment.changed);
  g_mutex_unlock (&moment.lock);
}

static void
test_host (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_object_weak_ref (G_OBJECT (rig->host), on_disposed, NULL);
  fake_connection_fail (rig->fake, FAKE_READ, 1, FAKE_GOES_DOWN);
  g_autoptr (HotplugVmiStatus) none = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);

  g_mutex_lock (&moment.lock);
  while (!moment.arrived)
    g_cond_wait (&moment.changed, &moment.lock);
  g_mutex_unlock (&moment.lock);
  g_clear_object (&rig->vmi);
  g_clear_object (&rig->host);

  g_mutex_lock (&moment.lock);
  moment.go_on = TRUE;
  g_cond_broadcast (&moment.changed);
  while (moment.disposed_in == NULL)
    g_cond_wait (&moment.changed, &moment.lock);
  g_assert_true (moment.disposed_in != moment.events);
  g_mutex_unlock (&moment.lock);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  g_test_add_func ("/conformance/FX02/host", test_host);
  return g_test_run ();
}
