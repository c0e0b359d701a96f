/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>

#include <hotplug/hotplug.h>

#include "fake/fake-migrate.h"
#include "fake/fake-peer.h"
#include "fake/fake-sweep.h"
#include "host/hotplug-machine-lock-private.h"

/* Two hosts that know one UUID, seen from one client machine: a standby copy, or a migration that left the definition
 * behind. What is under way on the one is nothing to the other. */

#define VICTIM "--victim"
#define PATIENCE (5 * G_TIME_SPAN_SECOND)

static const char *program;

/* Both have the volume; the second shares what the clients of this machine share */
static Rig *
new_twin (Rig *first, RigKind kind)
{
  Rig *second = rig_new (kind);
  g_autoptr (GError) error = NULL;

  fake_migrate_share_runtime (second->fake, first->fake);
  rig_find_vmi (second);
  must (rig_add (first, "data", HOTPLUG_PLUG_PERSIST, &error), error);
  must (rig_add (second, "data", HOTPLUG_PLUG_PERSIST, &error), error);
  return second;
}

/* In the process that dies: DIRECTORY KIND */
static int
be_victim (char **arguments)
{
  g_autoptr (Rig) rig = rig_join (arguments[0], (RigKind)g_ascii_strtoull (arguments[1], NULL, 10));

  fake_connection_fail (rig->fake, FAKE_REQUEST_DETACH, 1, FAKE_CLIENT_DIES_BEFORE);
  hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, 1000, NULL, NULL);
  return 0;
}

static void
kill_removal (Rig *rig, RigKind kind)
{
  g_autofree char *number = g_strdup_printf ("%d", (int)kind);
  const char *argv[] = { program, VICTIM, rig->directory, number, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFSIGNALED (status));
}

static void
begin_session (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

static void
test_killed (gconstpointer data)
{
  RigKind kind = (RigKind)GPOINTER_TO_INT (data);
  g_autoptr (Rig) first = rig_new (kind);
  g_autoptr (Rig) second = new_twin (first, kind);
  g_autofree char *before = rig_state (second);

  kill_removal (first, kind);
  rig_find_vmi (second);
  begin_session (second);
  g_autofree char *after = rig_state (second);
  g_assert_cmpstr (after, ==, before);

  g_assert_true (rig_state_has (first, "live has ua-hpv-data"));
  rig_find_vmi (first);
  begin_session (first);
  g_assert_false (rig_state_has (first, "ua-hpv-data"));
  g_autofree char *left = rig_state (second);
  g_assert_cmpstr (left, ==, before);
}

static gpointer
cancel_late (gpointer data)
{
  for (gint64 until = g_get_monotonic_time () + PATIENCE;
       !g_cancellable_is_cancelled (data) && g_get_monotonic_time () < until;)
    g_usleep (1000);
  g_cancellable_cancel (data);
  return NULL;
}

/* Whether a change goes on while somebody works on the machine of @holder */
static gboolean
goes_on (Rig *rig, Rig *holder)
{
  g_autofree char *directory = _hotplug_connection_dup_runtime_directory (HOTPLUG_CONNECTION (holder->fake));
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugMachineLock) lock = _hotplug_machine_lock_take (directory, RIG_UUID, NULL, &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GThread) thread = g_thread_new ("cancel-late", cancel_late, cancellable);

  g_assert_no_error (error);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, cancellable, &error));
  g_cancellable_cancel (cancellable);
  g_thread_join (g_steal_pointer (&thread));
  return g_error_matches (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* Nobody waits for the other host's */
static void
test_held (void)
{
  g_autoptr (Rig) first = rig_new (RIG_RUNNING);
  g_autoptr (Rig) second = new_twin (first, RIG_RUNNING);

  g_assert_true (goes_on (second, first));
}

/* One host is one, by whatever URI: by its socket and by TCP */
static void
test_other_uri (void)
{
  g_autoptr (Rig) first = rig_new (RIG_RUNNING);
  g_autoptr (Rig) again = rig_join (first->directory, RIG_REMOTE);

  fake_peer_set_uri (first->fake, "qemu:///system");
  fake_peer_set_uri (again->fake, "qemu+tcp://somewhere/system");
  g_assert_false (goes_on (again, first));
}

/* A user's own daemon has other machines than the system's. */
static void
test_session (void)
{
  g_autoptr (Rig) first = rig_new (RIG_RUNNING);
  g_autoptr (Rig) again = rig_join (first->directory, RIG_RUNNING);

  fake_peer_set_uri (first->fake, "qemu:///system");
  fake_peer_set_uri (again->fake, "qemu:///session");
  g_assert_true (goes_on (again, first));
}

/* A copy of a definition has what a client elsewhere has told the others in it: nothing of this host's machine. */
static void
test_told (void)
{
  g_autoptr (Rig) first = rig_new (RIG_REMOTE);
  g_autoptr (Rig) second = new_twin (first, RIG_REMOTE);
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) error = NULL;

  kill_removal (first, RIG_REMOTE);
  fake_machine_read (first->fake, RIG_UUID, &text);
  g_assert_nonnull (strstr (text.live, "kind=remove"));
  fake_machine_run (second->fake, RIG_UUID, text.live, HOTPLUG_VMI_STATE_RUNNING);
  rig_find_vmi (second);
  begin_session (second);
  g_assert_true (rig_state_has (second, "live has ua-hpv-data"));
  must (rig_add (second, "more", HOTPLUG_PLUG_PERSIST, &error), error);
  g_autofree char *intent = rig_intent (second);
  g_assert_cmpstr (intent, ==, NULL);
  g_assert_true (rig_state_has (second, "live has ua-hpv-data"));
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 4 && strcmp (argv[1], VICTIM) == 0)
    return be_victim (argv + 2);

  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/conformance/FM02/killed/local", GINT_TO_POINTER (RIG_RUNNING), test_killed);
  g_test_add_data_func ("/conformance/FM02/killed/remote", GINT_TO_POINTER (RIG_REMOTE), test_killed);
  g_test_add_func ("/conformance/FM02/held", test_held);
  g_test_add_func ("/conformance/FM02/other-uri", test_other_uri);
  g_test_add_func ("/conformance/FM02/session", test_session);
  g_test_add_func ("/conformance/FM02/told", test_told);

  return g_test_run ();
}
