/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-sweep.h"

#define JOB "is being migrated"

static gboolean
runs (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return text.live != NULL;
}

/* Every change of a running machine is refused at once while the hypervisor is at something longer, and then
 * succeeds. */
static void
test_refused (gconstpointer data)
{
  const SweepCase *test = data;
  g_autoptr (Rig) rig = sweep_prepare (test);
  g_autoptr (GError) error = NULL;

  if (!runs (rig))
    return;

  g_autofree char *before = rig_state (rig);
  fake_connection_set_job (rig->fake, JOB);
  gint64 begun = g_get_monotonic_time ();
  g_assert_false (test->run (rig, &error));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 5 * G_TIME_SPAN_SECOND);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "vmi \"vmi\" " JOB));
  g_autofree char *during = rig_state (rig);
  g_assert_cmpstr (during, ==, before);

  fake_connection_set_job (rig->fake, NULL);
  g_clear_error (&error);
  g_assert_true (test->run (rig, &error));
  g_assert_no_error (error);
}

static void
test_status (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  fake_connection_set_job (rig->fake, JOB);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) volumes = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (volumes->len, >, 0);
}

/* What a killed client began waits for the end of it, too */
static void
test_late_removal (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  fake_connection_set_job (rig->fake, JOB);
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);
  while (rig_state_has (rig, "live has ua-hpv-data"))
    g_usleep (1000);

  fake_connection_set_job (rig->fake, NULL);
  g_clear_error (&error);
  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  sweep_register ("/busy", sweep_add_cases, sweep_n_add_cases, test_refused);
  sweep_register ("/busy", sweep_remove_cases, sweep_n_remove_cases, test_refused);
  sweep_register ("/busy", sweep_life_cases, sweep_n_life_cases, test_refused);
  sweep_register ("/busy", sweep_media_cases, sweep_n_media_cases, test_refused);
  sweep_register ("/busy", sweep_interface_cases, sweep_n_interface_cases, test_refused);
  g_test_add_func ("/busy/status", test_status);
  g_test_add_func ("/busy/late-removal", test_late_removal);
  return g_test_run ();
}
