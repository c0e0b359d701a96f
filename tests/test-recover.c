/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include "fake/fake-sweep.h"

/* A client of its own process is killed at one of its calls; new handles bring to an end what it began. */

#define VICTIM "--victim"

static const char *program;

static const SweepCase *
find_case (const char *path)
{
  const struct
  {
    const SweepCase *cases;
    guint n_cases;
  } all[] = {
    { sweep_add_cases, sweep_n_add_cases },
    { sweep_remove_cases, sweep_n_remove_cases },
    { sweep_life_cases, sweep_n_life_cases },
    { sweep_media_cases, sweep_n_media_cases },
    { sweep_interface_cases, sweep_n_interface_cases },
  };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      for (guint j = 0; j < all[i].n_cases; j++)
        {
          if (strcmp (all[i].cases[j].path, path) == 0)
            return &all[i].cases[j];
        }
    }
  g_assert_not_reached ();
}

/* In the process that dies: DIRECTORY CASE NTH FAULT */
static int
be_victim (char **arguments)
{
  const SweepCase *test = find_case (arguments[1]);
  g_autoptr (Rig) rig = rig_join (arguments[0], test->kind);

  fake_connection_fail (rig->fake, FAKE_ANY, (guint)g_ascii_strtoull (arguments[2], NULL, 10),
                        (FakeFault)g_ascii_strtoull (arguments[3], NULL, 10));
  test->run (rig, NULL);
  return 0;
}

static void
kill_one (const SweepCase *test, guint nth, FakeFault fault, const char *before, const char *after)
{
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autoptr (GError) error = NULL;
  g_autofree char *call = g_strdup_printf ("%u", nth);
  g_autofree char *how = g_strdup_printf ("%d", (int)fault);
  const char *argv[] = { program, VICTIM, rig->directory, test->path, call, how, NULL };
  int status = 0;

  g_test_message ("%s: killed at call %u (%d)", test->path, nth, (int)fault);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  /* how often a wait looks is not the same each time */
  g_assert_true (WIFSIGNALED (status) || test->late);
  sweep_assert_ends (test, rig, before, after, TRUE);
}

static void
test_killed (gconstpointer data)
{
  const SweepCase *test = data;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = sweep_measure (test, &before, &after);

  for (guint nth = 1; nth <= calls; nth++)
    {
      if (sweep_takes_step ())
        kill_one (test, nth, FAKE_CLIENT_DIES_BEFORE, before, after);
      if (sweep_takes_step ())
        kill_one (test, nth, FAKE_CLIENT_DIES_AFTER, before, after);
    }
}

/* Opening is enough where the lock file says what was begun. */
static void
test_open (void)
{
  const SweepCase *test = find_case ("add/persist");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = sweep_measure (test, &before, &after);
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autofree char *last = g_strdup_printf ("%u", calls);
  const char *argv[] = { program, VICTIM, rig->directory, test->path, last, "4", NULL };

  g_assert_cmpint (FAKE_CLIENT_DIES_BEFORE, ==, 4);
  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, NULL));
  g_autofree char *intent = rig_intent (rig);
  g_assert_nonnull (intent);
  rig_reopen (rig);
  g_autofree char *state = rig_state (rig);
  g_assert_cmpstr (state, ==, before);
}

/* The hypervisor carries the dead client's call out after all, while the next one looks, or when it has done something.
 */
static void
start_late (FakeConnection *fake, gpointer data)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (fake, RIG_UUID, &text);
  fake_machine_run (fake, RIG_UUID, text.template, HOTPLUG_VMI_STATE_PAUSED);
}

static gboolean
recover_late (const SweepCase *test, guint nth, gboolean beside)
{
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autoptr (GError) error = NULL;
  g_autofree char *call = g_strdup_printf ("%u", nth);
  g_autofree char *how = g_strdup_printf ("%d", FAKE_CLIENT_DIES_BEFORE);
  const char *argv[] = { program, VICTIM, rig->directory, test->path, call, how, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error));
  g_autofree char *intent = rig_intent (rig);
  g_auto (HotplugMachineText) text = { 0 };
  fake_machine_read (rig->fake, RIG_UUID, &text);
  if (intent == NULL || text.live != NULL)
    return FALSE;

  if (beside)
    {
      must (rig_add (rig, "beside", HOTPLUG_PLUG_PERSIST, &error), error);
      start_late (rig->fake, NULL);
    }
  else
    fake_connection_hook (rig->fake, FAKE_READ, 4, start_late, NULL);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "none-such", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, HOTPLUG_VMI_STATE_RUNNING);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data"));
  return TRUE;
}

static void
test_late_start (gconstpointer beside)
{
  const SweepCase *test = find_case ("start/recorded");
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  guint calls = sweep_measure (test, &before, &after);
  guint late = 0;

  for (guint nth = 1; nth <= calls; nth++)
    late += recover_late (test, nth, GPOINTER_TO_INT (beside));
  g_assert_cmpuint (late, >, 0);
}

/* A client on another machine is at work: its intent stands in the metadata, and it can't be asked. */
#define FOREIGN_INTENT "[intent]\nkind=add\nvolume=theirs\nclient=elsewhere\n"

static void
set_foreign_intent (Rig *rig, gboolean set)
{
  g_autoptr (GError) error = NULL;

  _hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, HOTPLUG_SIDE_LIVE,
                                    set ? "<hotplug><intent>" FOREIGN_INTENT "</intent></hotplug>" : NULL, &error);
  g_assert_no_error (error);
}

static void
foreigner_ends (FakeConnection *fake, gpointer rig)
{
  set_foreign_intent (rig, FALSE);
}

static void
test_foreigner (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_REMOTE);
  g_autoptr (GError) error = NULL;

  set_foreign_intent (rig, TRUE);
  fake_connection_hook (rig->fake, FAKE_READ, 3, foreigner_ends, rig);
  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_no_error (error);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data sda"));
}

static void
cancel (FakeConnection *fake, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* Who waits for it may be told to stop, and leaves it alone. */
static void
test_foreigner_cancelled (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_REMOTE);
  g_autoptr (HotplugVolume) volume = rig_volume (rig, "data", HOTPLUG_BUS_SCSI);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  set_foreign_intent (rig, TRUE);
  fake_connection_hook (rig->fake, FAKE_READ, 2, cancel, cancellable);
  g_assert_null (hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autofree char *intent = rig_intent (rig);
  g_assert_cmpstr (intent, ==, FOREIGN_INTENT);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 6 && strcmp (argv[1], VICTIM) == 0)
    return be_victim (argv + 2);

  g_test_init (&argc, &argv, NULL);

  sweep_register ("/conformance/V27", sweep_add_cases, sweep_n_add_cases, test_killed);
  sweep_register ("/conformance/V27", sweep_remove_cases, sweep_n_remove_cases, test_killed);
  sweep_register ("/conformance/V27", sweep_life_cases, sweep_n_life_cases, test_killed);
  sweep_register ("/conformance/V27", sweep_media_cases, sweep_n_media_cases, test_killed);
  sweep_register ("/recover", sweep_interface_cases, sweep_n_interface_cases, test_killed);
  g_test_add_func ("/conformance/V27/open", test_open);
  g_test_add_data_func ("/recover/late-start", GINT_TO_POINTER (FALSE), test_late_start);
  g_test_add_data_func ("/conformance/FL06/late-start", GINT_TO_POINTER (TRUE), test_late_start);
  g_test_add_func ("/recover/foreigner", test_foreigner);
  g_test_add_func ("/recover/foreigner-cancelled", test_foreigner_cancelled);

  return g_test_run ();
}
