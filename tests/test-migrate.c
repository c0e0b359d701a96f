/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-pair.h"

/* A VMI that goes to another host and back: what its handle tells, and what is refused meanwhile */

static gboolean
go_back (Pair *pair, GError **error)
{
  return hotplug_vmi_migrate (pair->here->vmi, pair->here->host, HOTPLUG_MIGRATE_NONE, 0, -1, NULL, error);
}

static void
assert_no_intent (Pair *pair)
{
  g_autofree char *here = rig_intent (pair->here);
  g_autofree char *there = rig_intent (pair->there);

  g_assert_cmpstr (here, ==, NULL);
  g_assert_cmpstr (there, ==, NULL);
}

/* All is the same there; the source has nothing; and the same again on the way back. */
static void
test_to_and_fro (gconstpointer data)
{
  RigKind kind = (RigKind)GPOINTER_TO_INT (data);
  g_autoptr (Pair) pair = pair_new (kind);
  g_autoptr (GError) error = NULL;

  pair_add (pair, "plain", HOTPLUG_PLUG_NONE);
  if (!(kind & RIG_TRANSIENT))
    pair_add (pair, "kept", HOTPLUG_PLUG_PERSIST);
  g_autofree char *before = rig_state (pair->here);
  for (int i = 0; i < 2; i++)
    {
      must (pair_migrate (pair, NULL, &error), error);
      pair_assert_only (pair, pair->there, before);
      g_assert_true (hotplug_vmi_get_host (pair->here->vmi) == pair->there->host);
      assert_no_intent (pair);

      must (go_back (pair, &error), error);
      pair_assert_only (pair, pair->here, before);
      g_assert_true (hotplug_vmi_get_host (pair->here->vmi) == pair->here->host);
      assert_no_intent (pair);
    }
}

/* Its handle changes it there as it did here. */
static void
test_changes (gconstpointer data)
{
  g_autoptr (Pair) pair = pair_new ((RigKind)GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;

  pair_add (pair, "first", HOTPLUG_PLUG_PERSIST);
  must (pair_migrate (pair, NULL, &error), error);
  pair_add (pair, "second", HOTPLUG_PLUG_NONE);
  g_assert_true (rig_state_has (pair->there, "live has ua-hpv-second"));
  must (hotplug_vmi_remove_volume (pair->here->vmi, "first", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error), error);
  g_assert_false (rig_state_has (pair->there, "ua-hpv-first"));
  g_assert_cmpuint (fake_connection_count (pair->here->fake, FAKE_MIGRATE), ==, 3);
}

/* The machine stood still before, and does so afterwards */
static void
test_paused (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (pair->here->fake, RIG_UUID, &text);
  fake_machine_run (pair->here->fake, RIG_UUID, text.live, HOTPLUG_VMI_STATE_PAUSED);
  g_autofree char *before = rig_state (pair->here);
  must (pair_migrate (pair, NULL, &error), error);
  pair_assert_only (pair, pair->there, before);
}

/* What the handle tells, each with the thread it was told in */
typedef struct
{
  GString *heard;
  GThread *thread;
} Ear;

static void
on_status (HotplugVmi *vmi, HotplugMigrationStatus *status, gpointer data)
{
  static const char *const phases[] = {
    [HOTPLUG_MIGRATION_PHASE_PENDING] = "pending",
    [HOTPLUG_MIGRATION_PHASE_RUNNING] = "running",
    [HOTPLUG_MIGRATION_PHASE_SUCCEEDED] = "succeeded",
    [HOTPLUG_MIGRATION_PHASE_FAILED] = "failed",
  };
  Ear *ear = data;

  g_assert_true (g_thread_self () == ear->thread);
  g_string_append_printf (ear->heard, "%s %.2f, ", phases[hotplug_migration_status_get_phase (status)],
                          hotplug_migration_status_get_fraction (status));
}

static void
on_notify (HotplugVmi *vmi, GParamSpec *property, gpointer data)
{
  Ear *ear = data;

  g_assert_true (g_thread_self () == ear->thread);
  g_string_append_printf (ear->heard, "%s, ", property->name);
}

typedef struct
{
  gboolean done;
  gboolean migrated;
  GError *error;
} End;

static void
on_end (GObject *vmi, GAsyncResult *result, gpointer data)
{
  End *end = data;

  end->migrated = hotplug_vmi_migrate_finish (HOTPLUG_VMI (vmi), result, &end->error);
  end->done = TRUE;
}

static void
begin_to_migrate (Pair *pair, GCancellable *cancellable, End *end)
{
  hotplug_vmi_migrate_async (pair->here->vmi, pair->there->host, HOTPLUG_MIGRATE_NONE, 0, -1, cancellable, on_end, end);
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

#define GOING "pending 0.00, running 0.25, running 0.50, running 0.75, running 1.00, "

static void
test_signals (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GString) heard = g_string_new (NULL);
  Ear ear = { heard, g_thread_self () };
  End end = { FALSE };

  g_assert_null (hotplug_vmi_dup_migration_status (pair->here->vmi));
  g_signal_connect (pair->here->vmi, "migration-status-changed", G_CALLBACK (on_status), &ear);
  g_signal_connect (pair->here->vmi, "notify::host", G_CALLBACK (on_notify), &ear);
  begin_to_migrate (pair, NULL, &end);
  rig_iterate_until (&end.done);
  must (end.migrated, end.error);
  iterate ();
  g_assert_cmpstr (heard->str, ==, GOING "host, succeeded 1.00, ");

  g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (pair->here->vmi);
  g_assert_cmpint (hotplug_migration_status_get_phase (status), ==, HOTPLUG_MIGRATION_PHASE_SUCCEEDED);
  g_assert_cmpstr (hotplug_migration_status_get_source_uri (status), ==, hotplug_host_get_uri (pair->here->host));
  g_assert_cmpstr (hotplug_migration_status_get_destination_uri (status), ==, hotplug_host_get_uri (pair->there->host));
}

/* Who connects to "notify" hears of every property. */
static void
test_notify (gconstpointer name)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GString) heard = g_string_new (NULL);
  Ear ear = { heard, g_thread_self () };
  End end = { FALSE };

  g_signal_connect (pair->here->vmi, name, G_CALLBACK (on_notify), &ear);
  begin_to_migrate (pair, NULL, &end);
  rig_iterate_until (&end.done);
  must (end.migrated, end.error);
  iterate ();
  g_assert_nonnull (strstr (heard->str, "migration-status, migration-status, "));
  g_assert_true ((strstr (heard->str, "host, ") != NULL) == (strcmp (name, "notify") == 0));
}

/* What fails, and what it is then told as */
static void
assert_failed (Pair *pair, const char *before, const GError *error, GQuark domain, int code)
{
  g_autoptr (HotplugMigrationStatus) status = hotplug_vmi_dup_migration_status (pair->here->vmi);

  g_assert_error (error, domain, code);
  g_assert_cmpint (hotplug_migration_status_get_phase (status), ==, HOTPLUG_MIGRATION_PHASE_FAILED);
  g_assert_cmpstr (hotplug_migration_status_get_message (status), ==, error->message);
  pair_assert_only (pair, pair->here, before);
  assert_no_intent (pair);
  g_assert_true (hotplug_vmi_get_host (pair->here->vmi) == pair->here->host);
}

static void
cancel (FakeConnection *fake, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* @call: of the source's calls, the one at which it is cancelled */
static void
cancel_at (FakeCall call, guint nth)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  pair_add (pair, "data", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (pair->here);
  fake_connection_hook (pair->here->fake, call, nth, cancel, cancellable);
  g_assert_false (pair_migrate (pair, cancellable, &error));
  assert_failed (pair, before, error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  must (pair_migrate (pair, NULL, &error), error);
  pair_assert_only (pair, pair->there, before);
}

static void
test_cancel (void)
{
  cancel_at (FAKE_READ, 1);
  cancel_at (FAKE_MIGRATE, 1);
  cancel_at (FAKE_MIGRATE, 2);
}

/* It has arrived: that it was cancelled then does not hide it. */
static void
test_cancel_late (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);

  fake_connection_hook (pair->here->fake, FAKE_MIGRATE, 3, cancel, cancellable);
  must (pair_migrate (pair, cancellable, &error), error);
  pair_assert_only (pair, pair->there, before);
}

static void
test_timeout (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);

  fake_migrate_set_duration (pair->here->fake, 200);
  g_assert_false (hotplug_vmi_migrate (pair->here->vmi, pair->there->host, HOTPLUG_MIGRATE_NONE, 0, 20, NULL, &error));
  assert_failed (pair, before, error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  must (hotplug_vmi_migrate (pair->here->vmi, pair->there->host, HOTPLUG_MIGRATE_NONE, 0, 10000, NULL, &error), error);
}

static void
close_it (FakeConnection *fake, gpointer host)
{
  hotplug_host_close (host);
}

/* A host that goes meanwhile, and is not there: what it has left of the machine is looked at when it is there again. */
static void
test_no_destination (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);

  fake_connection_hook (pair->here->fake, FAKE_MIGRATE, 1, close_it, pair->there->host);
  for (int i = 0; i < 2; i++)
    {
      g_assert_false (pair_migrate (pair, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
      g_clear_error (&error);
      g_autofree char *after = rig_state (pair->here);
      g_autofree char *intent = rig_intent (pair->here);
      g_assert_cmpstr (after, ==, before);
      g_assert_nonnull (intent);
    }

  pair_reopen (pair);
  g_assert_true (rig_add (pair->here, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_no_error (error);
  assert_no_intent (pair);
}

static void
test_refused (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (pair->here);

  g_assert_false (go_back (pair, &error));
  assert_failed (pair, before, error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);

  must (hotplug_vmi_stop (pair->here->vmi, 0, NULL, &error), error);
  g_assert_false (pair_migrate (pair, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  assert_no_intent (pair);
}

/* Afterwards it does not matter what becomes of the host that it came from. */
static void
test_source_closed (void)
{
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (pair_migrate (pair, NULL, &error), error);
  hotplug_host_close (pair->here->host);
  pair_add (pair, "data", HOTPLUG_PLUG_PERSIST);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (pair->here->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, HOTPLUG_VMI_STATE_RUNNING);
}

/* An interface whose network the destination alone has is there when the guest goes on, and both sides say so. */
static void
test_moved (gconstpointer data)
{
  const HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  g_autoptr (Pair) pair = pair_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment)
      near = hotplug_network_attachment_new_for_bridge ("near", FAKE_OTHER_BRIDGE, &error);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new ("mover", near, &error);
  g_autoptr (HotplugNetworkAttachment) far
      = hotplug_host_get_network_attachment (pair->here->host, "lab", NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus)
      added = hotplug_vmi_add_interface (pair->here->vmi, interface, flags, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) waits = hotplug_vmi_update_interface (
      pair->here->vmi, "mover", HOTPLUG_INTERFACE_STATE_UNCHANGED, far, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_status_get_reason (waits), ==, "MigrationRequired");

  fake_connection_keep_given (pair->there->fake);
  must (pair_migrate (pair, NULL, &error), error);
  g_autofree char *given = fake_connection_take_given (pair->there->fake);
  g_assert_cmpstr (given, ==, "");
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (pair->here->vmi, NULL, &error);
  HotplugInterfaceStatus *status = hotplug_vmi_status_get_interface (vmi, "mover");
  g_assert_cmpstr (hotplug_interface_status_get_reason (status), ==, "InterfaceReady");
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "lab");
  g_assert_cmpstr (hotplug_interface_status_get_mac (status), ==, hotplug_interface_status_get_mac (added));
  g_assert_cmpstr (hotplug_interface_status_get_address (status), ==, hotplug_interface_status_get_address (added));
  g_assert_cmpint (hotplug_interface_status_is_persisted (status), ==, flags == HOTPLUG_PLUG_PERSIST);
  assert_no_intent (pair);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/migrate/to-and-fro/local", GINT_TO_POINTER (RIG_RUNNING), test_to_and_fro);
  g_test_add_data_func ("/migrate/to-and-fro/remote", GINT_TO_POINTER (RIG_REMOTE), test_to_and_fro);
  g_test_add_data_func ("/migrate/to-and-fro/transient", GINT_TO_POINTER (RIG_TRANSIENT), test_to_and_fro);
  g_test_add_data_func ("/migrate/to-and-fro/transient-remote", GINT_TO_POINTER (RIG_TRANSIENT | RIG_REMOTE),
                        test_to_and_fro);
  g_test_add_data_func ("/migrate/changes/local", GINT_TO_POINTER (RIG_RUNNING), test_changes);
  g_test_add_data_func ("/migrate/changes/remote", GINT_TO_POINTER (RIG_REMOTE), test_changes);
  g_test_add_func ("/migrate/paused", test_paused);
  g_test_add_func ("/migrate/signals", test_signals);
  g_test_add_data_func ("/migrate/notify/one", "notify::migration-status", test_notify);
  g_test_add_data_func ("/migrate/notify/all", "notify", test_notify);
  g_test_add_func ("/migrate/cancel", test_cancel);
  g_test_add_func ("/migrate/cancel-late", test_cancel_late);
  g_test_add_func ("/migrate/timeout", test_timeout);
  g_test_add_func ("/migrate/no-destination", test_no_destination);
  g_test_add_func ("/migrate/refused", test_refused);
  g_test_add_func ("/migrate/source-closed", test_source_closed);
  g_test_add_data_func ("/migrate/moved/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_moved);
  g_test_add_data_func ("/migrate/moved/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_moved);

  return g_test_run ();
}
