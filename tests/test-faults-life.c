/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake/fake-sweep.h"

static void
add (Rig *rig, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, name, flags, &error));
  g_assert_no_error (error);
}

static void
restart (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error));
  g_assert_no_error (error);
}

/* All is back where it was, persisted or not, and the guest boots with it. */
static void
test_restart (gconstpointer data)
{
  g_autoptr (Rig) rig = rig_new ((RigKind) GPOINTER_TO_INT (data));

  add (rig, "kept", HOTPLUG_PLUG_PERSIST);
  add (rig, "plain", HOTPLUG_PLUG_NONE);
  add (rig, "more", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state_but_ports (rig);
  for (int i = 0; i < 2; i++)
    {
      restart (rig);
      g_autofree char *after = rig_state_but_ports (rig);
      g_assert_cmpstr (after, ==, before);
    }
}

/* A start copies the template's records to the live side, where they grow old. */
static void
test_remove_after_restart (gconstpointer data)
{
  g_autoptr (Rig) rig = rig_new ((RigKind) GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;

  add (rig, "data", HOTPLUG_PLUG_NONE);
  restart (rig);
  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_no_error (error);
  add (rig, "data", HOTPLUG_PLUG_NONE);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data sda 0:0:0:0"));
}

/* It may be stopping still */
static void
assert_starts (Rig *rig, const char *state)
{
  gint64 until = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  g_autofree char *now = NULL;

  do
    {
      g_autoptr (GError) error = NULL;
      if (!hotplug_vmi_start (rig->vmi, NULL, &error))
        g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING);
      g_free (now);
      now = rig_state (rig);
      g_usleep (1000);
    }
  while (strcmp (now, state) != 0 && g_get_monotonic_time () < until);
  g_assert_cmpstr (now, ==, state);
}

/* Whatever fails in a restart: it runs as before, or it has stopped and nothing is forgotten. */
static void
test_restart_fails (gconstpointer data)
{
  static const FakeFault faults[] = { FAKE_REFUSES, FAKE_BREAKS_BEFORE, FAKE_BREAKS_AFTER, FAKE_GOES_DOWN };
  RigKind kind = (RigKind) GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      gboolean more = TRUE;
      for (guint nth = 1; more; nth++)
        {
          if (!sweep_takes_step ())
            continue;
          g_autoptr (Rig) rig = rig_new (kind);
          g_autoptr (GError) error = NULL;

          add (rig, "data", HOTPLUG_PLUG_NONE);
          g_autofree char *before = rig_state (rig);
          fake_connection_fail (rig->fake, FAKE_ANY, nth, faults[i]);
          hotplug_vmi_restart (rig->vmi, 50, NULL, &error);
          fake_connection_come_up (rig->fake);
          more = fake_connection_count (rig->fake, FAKE_ANY) >= nth;
          fake_connection_fail (rig->fake, FAKE_ANY, 0, faults[i]);
          g_test_message ("call %u, fault %d: %s", nth, (int) faults[i], error != NULL ? error->message : "done");

          g_clear_pointer (&error, g_error_free);
          assert_starts (rig, before);
        }
    }
}

/* What a start would refuse is refused while the machine still runs. */
static void
test_source_is_gone (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *image = rig_image (rig, "data");

  add (rig, "data", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (rig);
  g_unlink (image);
  g_assert_false (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);

  g_clear_error (&error);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_MISSING);
  g_assert_nonnull (strstr (error->message, "\"data\""));
  g_assert_true (rig_state_has (rig, "state 0"));
}

static void
test_states (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING);
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_stop (rig->vmi, -1, NULL, &error));
  g_assert_false (hotplug_vmi_stop (rig->vmi, -1, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_clear_error (&error);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_clear_error (&error);
  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, -1, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
}

/* A guest that does not obey is forced when its time is up. */
static void
test_disobeys (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_set_obeys (rig->fake, FALSE);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 50, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_DESTROY), ==, 1);
  g_assert_true (rig_state_has (rig, "state 0"));
}

static void
start_again (FakeConnection *fake, gpointer data G_GNUC_UNUSED)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (fake, RIG_UUID, &text);
  fake_machine_run (fake, RIG_UUID, text.template, HOTPLUG_VMI_STATE_RUNNING);
}

/* Somebody starts it again before anybody has seen that it stopped: that run was not asked for. */
static void
test_next_run (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_set_obeys (rig->fake, FALSE);
  fake_connection_hook (rig->fake, FAKE_SHUT_DOWN, 1, start_again, NULL);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 50, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (rig_state_has (rig, "state 1"));
}

/* What nobody could see before leaves it stopped, and that is said: else nothing would have changed. */
static void
test_restart_stops (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_START, 1, FAKE_REFUSES);
  g_assert_false (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_nonnull (error);
  g_assert_true (rig_state_has (rig, "state 0"));
  g_assert_nonnull (strstr (error->message, "was stopped, and starting it failed"));
}

static void
test_transient (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_TRANSIENT);
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT);
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* A stop answers what a guest never did. */
static void
test_stop_settles (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  restart (rig);
  g_assert_false (rig_state_has (rig, "ua-hpv-data"));
  add (rig, "data", HOTPLUG_PLUG_PERSIST);
}

/* Somebody else started it: what is refused does not keep the others out, and comes at the next call. */
static void
test_bring_back (gconstpointer data)
{
  g_autoptr (Rig) rig = rig_new ((RigKind) GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;
  HotplugMachineText text = { 0 };

  add (rig, "refused", HOTPLUG_PLUG_NONE);
  add (rig, "plain", HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (rig);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_null (hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_clear_error (&error);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  fake_machine_run (rig->fake, RIG_UUID, text.template, HOTPLUG_VMI_STATE_RUNNING);
  _hotplug_machine_text_clear (&text);
  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (statuses->len, ==, 2);
  g_assert_cmpstr (hotplug_volume_status_get_name (statuses->pdata[0]), ==, "refused");
  g_assert_cmpint (hotplug_volume_status_get_phase (statuses->pdata[0]), ==, HOTPLUG_VOLUME_PHASE_FAILED);
  g_assert_nonnull (hotplug_volume_status_get_message (statuses->pdata[0]));
  g_assert_cmpstr (hotplug_volume_status_get_name (statuses->pdata[1]), ==, "plain");
  g_assert_cmpint (hotplug_volume_status_get_phase (statuses->pdata[1]), ==, HOTPLUG_VOLUME_PHASE_READY);

  g_autoptr (GPtrArray) again = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 1);
  g_assert_cmpint (hotplug_volume_status_get_phase (again->pdata[0]), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  sweep_register ("/faults", sweep_life_cases, sweep_n_life_cases, sweep_fail);
  g_test_add_data_func ("/restart/local", GINT_TO_POINTER (RIG_RUNNING), test_restart);
  g_test_add_data_func ("/restart/without-controller", GINT_TO_POINTER (RIG_BARE), test_restart);
  g_test_add_data_func ("/restart/remote", GINT_TO_POINTER (RIG_REMOTE), test_restart);
  g_test_add_data_func ("/conformance/V24/local", GINT_TO_POINTER (RIG_RUNNING), test_remove_after_restart);
  g_test_add_data_func ("/conformance/V24/remote", GINT_TO_POINTER (RIG_REMOTE), test_remove_after_restart);
  g_test_add_data_func ("/restart/fails/local", GINT_TO_POINTER (RIG_RUNNING), test_restart_fails);
  g_test_add_data_func ("/restart/fails/remote", GINT_TO_POINTER (RIG_REMOTE), test_restart_fails);
  g_test_add_func ("/life/source-is-gone", test_source_is_gone);
  g_test_add_func ("/restart/stops", test_restart_stops);
  g_test_add_func ("/life/states", test_states);
  g_test_add_func ("/life/disobeys", test_disobeys);
  g_test_add_func ("/conformance/FL06/next-run", test_next_run);
  g_test_add_func ("/conformance/V28/life", test_transient);
  g_test_add_data_func ("/life/bring-back/local", GINT_TO_POINTER (RIG_RUNNING), test_bring_back);
  g_test_add_data_func ("/life/bring-back/remote", GINT_TO_POINTER (RIG_REMOTE), test_bring_back);
  g_test_add_data_func ("/life/bring-back/without-controller", GINT_TO_POINTER (RIG_BARE), test_bring_back);
  g_test_add_func ("/life/stop-settles", test_stop_settles);

  return g_test_run ();
}
