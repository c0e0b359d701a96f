/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake/fake-rig.h"
#include "vmi/hotplug-host-configuration-private.h"

/* An application forks a child that does not exec, as Python's multiprocessing does, while a call is under way. The
 * child has all that is open then, and keeps nothing from being done. */

#define PATIENCE (20 * G_TIME_SPAN_SECOND)

static pid_t child;

static void
fork_now (FakeConnection *fake G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  child = fork ();
  if (child == 0)
    {
      pause ();
      _exit (0);
    }
}

static void
reap (void)
{
  g_assert_cmpint (child, >, 0);
  kill (child, SIGKILL);
  waitpid (child, NULL, 0);
  child = 0;
}

/* Ends a wait that would last as long as the child */
typedef struct
{
  GCancellable *cancellable;
  GMutex lock;
  GCond changed;
  gboolean done;
} Clock;

static gpointer
run_clock (gpointer data)
{
  Clock *clock = data;
  gint64 until = g_get_monotonic_time () + PATIENCE;
  gboolean in_time = TRUE;

  g_mutex_lock (&clock->lock);
  while (!clock->done && in_time)
    in_time = g_cond_wait_until (&clock->changed, &clock->lock, until);
  g_mutex_unlock (&clock->lock);
  if (!in_time)
    g_cancellable_cancel (clock->cancellable);
  return NULL;
}

static void
stop_clock (Clock *clock, GThread *thread)
{
  g_mutex_lock (&clock->lock);
  clock->done = TRUE;
  g_cond_signal (&clock->changed);
  g_mutex_unlock (&clock->lock);
  g_thread_join (thread);
}

/* A machine's lock */
static void
test_machine (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Clock clock = { .cancellable = cancellable };

  fake_connection_hook (rig->fake, FAKE_ATTACH, 1, fork_now, NULL);
  rig_add (rig, "one", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);

  GThread *thread = g_thread_new ("clock", run_clock, &clock);
  g_autoptr (HotplugVolume) two = rig_volume (rig, "two", HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_add_volume (rig->vmi, two, HOTPLUG_PLUG_NONE, cancellable, &error);
  stop_clock (&clock, thread);
  reap ();
  g_assert_no_error (error);
}

/* A store's, and the hold on a data volume that is being plugged */
static void
test_store (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new ("/etc/test.conf");
  HotplugStoreEntry *entry = _hotplug_store_entry_new ("volumes");
  g_autoptr (GError) error = NULL;

  entry->path = g_build_filename (rig->directory, "volumes", NULL);
  entry->is_default = TRUE;
  g_ptr_array_add (configuration->stores, entry);
  _hotplug_host_set_configuration (rig->host, configuration);

  g_autoptr (HotplugDataVolume) wanted = hotplug_data_volume_new_blank ("data", 1 << 20, NULL);
  g_autoptr (HotplugDataVolume) made = hotplug_host_create_data_volume (rig->host, wanted, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_data_volume (made, &error);
  g_assert_no_error (error);

  fake_connection_hook (rig->fake, FAKE_ATTACH, 1, fork_now, NULL);
  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  hotplug_host_delete_data_volume (rig->host, "data", NULL, &error);
  reap ();
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FL05/machine", test_machine);
  g_test_add_func ("/conformance/FL05/store", test_store);
  return g_test_run ();
}
