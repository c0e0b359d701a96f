/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-pair.h"
#include "fake/fake-peer.h"
#include "fake/fake-sweep.h"
#include "host/hotplug-machine-lock-private.h"

/* What others can do while a machine is on its way, and what they find when nobody brings it to an end */

#define INTENT "[intent]\nkind=migrate\nsource=fake:///here\ndestination=fake:///there\n"

static gboolean
runs (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return text.live != NULL;
}

/* Somebody migrates it: each change is refused at once, and can be made afterwards. */
static void
test_busy (gconstpointer data)
{
  const SweepCase *test = data;
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (rig->fake));
  g_autoptr (GError) error = NULL;

  if (!runs (rig))
    return;

  g_autofree char *before = rig_state (rig);
  HotplugMachineLock *lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);
  must (_hotplug_machine_lock_write (lock, INTENT, &error), error);
  gint64 begun = g_get_monotonic_time ();
  g_assert_false (test->run (rig, &error));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 2 * G_TIME_SPAN_SECOND);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "\"vmi\" is being migrated to fake:///there"));
  g_autofree char *during = rig_state (rig);
  g_assert_cmpstr (during, ==, before);
  g_clear_error (&error);

  must (_hotplug_machine_lock_write (lock, NULL, &error), error);
  _hotplug_machine_lock_give (lock);
  must (test->run (rig, &error), error);
}

static void
register_busy (const SweepCase *cases, guint n_cases)
{
  for (guint i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strconcat ("/migrate/busy/", cases[i].path, NULL);
      /* libvirt's own job is what keeps a stop away, which is no session: test-busy has it */
      if (!g_str_has_prefix (cases[i].path, "stop/"))
        g_test_add_data_func (path, &cases[i], test_busy);
    }
}

/* In the middle of it: this handle and another one */
static void
try_all (FakeConnection *fake, gpointer data)
{
  Pair *pair = data;
  g_autoptr (HotplugVmi) other = NULL;
  g_autoptr (GError) error = NULL;

  other = hotplug_host_get_vmi (pair->here->host, RIG_VMI, NULL, &error);
  g_assert_no_error (error);
  HotplugVmi *const vmis[] = { pair->here->vmi, other };
  for (guint i = 0; i < G_N_ELEMENTS (vmis); i++)
    {
      g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (vmis[i], NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, HOTPLUG_VMI_STATE_RUNNING);
      g_assert_false (hotplug_vmi_migrate (vmis[i], pair->there->host, HOTPLUG_MIGRATE_NONE, 0, -1, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
      g_clear_error (&error);
      g_assert_null (hotplug_vmi_bring_back_volumes (vmis[i], NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
      g_clear_error (&error);
    }
  g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (pair->here->vmi);
  g_assert_cmpint (hotplug_migration_status_get_phase (status), ==, HOTPLUG_MIGRATION_PHASE_PENDING);
}

static void
test_during (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);

  fake_connection_hook (pair->here->fake, FAKE_MIGRATE, 2, try_all, pair);
  must (pair_migrate (pair, NULL, &error), error);
  pair_assert_only (pair, pair->there, before);
}

/* A status is asked for when the source has it no more */
typedef struct
{
  Pair *pair;
  GThread *thread;
  gint entered;
  gint leave;
} Asker;

static gpointer
ask (gpointer data)
{
  Asker *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (self->pair->here->vmi, NULL, &error);

  g_assert_no_error (error);
  /* for the moment of the switch it stands still */
  g_assert_cmpint (hotplug_vmi_status_get_state (status), !=, HOTPLUG_VMI_STATE_STOPPED);
  return NULL;
}

static void
ask_at_switch (FakeConnection *fake, gpointer data)
{
  Asker *self = data;
  guint reads = fake_connection_count (fake, FAKE_READ);

  self->thread = g_thread_new ("asker", ask, self);
  while (fake_connection_count (fake, FAKE_READ) == reads)
    g_usleep (100);
}

static void
test_at_switch (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  Asker asker = { .pair = pair };

  fake_migrate_set_farewell (pair->here->fake, ask_at_switch, &asker);
  must (pair_migrate (pair, NULL, &error), error);
  g_thread_join (asker.thread);
}

static void
dwell (FakeConnection *fake, gpointer data)
{
  Asker *self = data;

  g_atomic_int_set (&self->entered, 1);
  while (!g_atomic_int_get (&self->leave))
    g_usleep (100);
}

/* It has begun to look at the source, and looks when all is over. */
static void
test_after_switch (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  Asker asker = { .pair = pair };

  fake_connection_hook (pair->here->fake, FAKE_READ, 1, dwell, &asker);
  asker.thread = g_thread_new ("asker", ask, &asker);
  while (!g_atomic_int_get (&asker.entered))
    g_usleep (100);
  must (pair_migrate (pair, NULL, &error), error);
  g_atomic_int_set (&asker.leave, 1);
  g_thread_join (asker.thread);
}

/* Who waits for it to stop must not take its departure for that. */
static gpointer
stop_it (gpointer data)
{
  Asker *self = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_stop (self->pair->here->vmi, 300, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (runs (self->pair->there));
  return NULL;
}

static void
test_stop (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  Asker asker = { .pair = pair };

  fake_connection_set_obeys (pair->here->fake, FALSE);
  /* the look by which it begins, that of its records, and the first of its wait */
  fake_connection_hook (pair->here->fake, FAKE_READ, 3, dwell, &asker);
  asker.thread = g_thread_new ("stopper", stop_it, &asker);
  while (!g_atomic_int_get (&asker.entered))
    g_usleep (100);
  must (pair_migrate (pair, NULL, &error), error);
  g_atomic_int_set (&asker.leave, 1);
  g_thread_join (asker.thread);
}

/* Several threads with one handle that goes to and fro */
#define N_THREADS 4
#define N_JOURNEYS 6

static gpointer
use (gpointer data)
{
  Asker *self = data;

  while (!g_atomic_int_get (&self->leave))
    {
      g_autoptr (GError) error = NULL;

      ask (self);
      g_assert_true (HOTPLUG_IS_HOST (hotplug_vmi_get_host (self->pair->here->vmi)));
      g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (self->pair->here->vmi);
      if (!hotplug_vmi_remove_volume (self->pair->here->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error)
          && !g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY))
        g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
    }
  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autofree char *before = rig_state (pair->here);
  Asker asker = { .pair = pair };
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("user", use, &asker);
  for (guint i = 0; i < N_JOURNEYS; i++)
    {
      HotplugHost *hosts[] = { pair->there->host, pair->here->host };
      g_autoptr (GError) error = NULL;
      while (!hotplug_vmi_migrate (pair->here->vmi, hosts[i % 2], HOTPLUG_MIGRATE_NONE, 0, -1, NULL, &error))
        g_error ("journey %u: %s", i, error->message);
    }
  g_atomic_int_set (&asker.leave, 1);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  pair_assert_only (pair, pair->here, before);
}

/* A guest lets go of a volume later, where it is then. */
static void
on_removed (HotplugVmi *vmi, const char *name, gpointer done)
{
  g_assert_cmpstr (name, ==, "data");
  *(gboolean *)done = TRUE;
}

static gboolean
is_heard (FakeConnection *fake)
{
  return g_signal_has_handler_pending (fake, g_signal_lookup ("device-removed", HOTPLUG_TYPE_CONNECTION), 0, TRUE);
}

static void
test_late_removal (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  gboolean done = FALSE;

  pair_add (pair, "data", HOTPLUG_PLUG_PERSIST);
  g_assert_true (is_heard (pair->here->fake) && !is_heard (pair->there->fake));
  must (pair_migrate (pair, NULL, &error), error);
  g_assert_true (!is_heard (pair->here->fake) && is_heard (pair->there->fake));

  g_signal_connect (pair->here->vmi, "volume-removed", G_CALLBACK (on_removed), &done);
  fake_connection_set_guest (pair->there->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (pair->here->vmi, "data", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  fake_connection_guest_wakes (pair->there->fake, FAKE_GUEST_LETS_GO);
  rig_iterate_until (&done);
  g_assert_false (rig_state_has (pair->there, "ua-hpv-data"));
}

/* Who dies on the way takes no one with him: a handle that is given back while its machine goes */
static void
drop_vmi (FakeConnection *fake, gpointer data)
{
  Pair *pair = data;

  g_clear_object (&pair->here->vmi);
}

static void
on_dropped (GObject *vmi, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;

  must (hotplug_vmi_migrate_finish (HOTPLUG_VMI (vmi), result, &error), error);
  *(gboolean *)done = TRUE;
}

static void
test_dropped (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autofree char *before = rig_state (pair->here);
  gboolean done = FALSE;

  fake_connection_hook (pair->here->fake, FAKE_MIGRATE, 2, drop_vmi, pair);
  hotplug_vmi_migrate_async (pair->here->vmi, pair->there->host, HOTPLUG_MIGRATE_NONE, 0, -1, NULL, on_dropped, &done);
  rig_iterate_until (&done);
  pair_assert_only (pair, pair->there, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  register_busy (sweep_add_cases, sweep_n_add_cases);
  register_busy (sweep_remove_cases, sweep_n_remove_cases);
  register_busy (sweep_life_cases, sweep_n_life_cases);
  register_busy (sweep_media_cases, sweep_n_media_cases);
  register_busy (sweep_interface_cases, sweep_n_interface_cases);
  g_test_add_func ("/migrate/during", test_during);
  g_test_add_func ("/migrate/at-switch", test_at_switch);
  g_test_add_func ("/migrate/after-switch", test_after_switch);
  g_test_add_func ("/migrate/stop", test_stop);
  g_test_add_func ("/migrate/threads", test_threads);
  g_test_add_func ("/migrate/late-removal", test_late_removal);
  g_test_add_func ("/migrate/dropped", test_dropped);

  return g_test_run ();
}
