/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

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
assert_removes (Rig *rig, int timeout_msec)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, timeout_msec, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (rig_state_has (rig, "ua-hpv-data"));
}

static void
assert_fails (Rig *rig, int timeout_msec, HotplugError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, timeout_msec, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int) code);
}

static HotplugVolumePhase
phase (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return hotplug_volume_status_get_phase (hotplug_vmi_status_get_volume (status, "data"));
}

static const struct
{
  const char *name;
  RigKind kind;
  HotplugPlugFlags flags;
} rows[] = {
  { "plain", RIG_RUNNING, HOTPLUG_PLUG_NONE },
  { "persisted", RIG_RUNNING, HOTPLUG_PLUG_PERSIST },
  { "transient", RIG_TRANSIENT, HOTPLUG_PLUG_NONE },
  { "remote", RIG_REMOTE, HOTPLUG_PLUG_PERSIST },
};

static void
test_silent (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (rows[row].kind);
  g_autoptr (GError) error = NULL;

  add (rig, "data", rows[row].flags);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  assert_fails (rig, 30, HOTPLUG_ERROR_TIMEOUT);
  g_assert_cmpint (phase (rig), ==, HOTPLUG_VOLUME_PHASE_DETACHING);
  g_assert_true (rig_state_has (rig, "removes ua-hpv-data"));
  g_assert_false (rig_state_has (rig, "template has ua-hpv-data"));

  /* the name and the place stay taken */
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  add (rig, "more", HOTPLUG_PLUG_NONE);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-more sdb"));

  /* asked again it is still silent, and then it answers */
  assert_fails (rig, 30, HOTPLUG_ERROR_TIMEOUT);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 0);
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);
  while (rig_state_has (rig, "ua-hpv-data"))
    g_usleep (1000);
  add (rig, "data", HOTPLUG_PLUG_NONE);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data sda"));
  rig_assert_sound (rig);
}

/* As before, whichever side it was on */
static void
test_refuses (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (rows[row].kind);

  add (rig, "data", rows[row].flags);
  g_autofree char *before = rig_state (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
  assert_fails (rig, 5000, HOTPLUG_ERROR_HYPERVISOR);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (phase (rig), ==, HOTPLUG_VOLUME_PHASE_READY);

  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 0);
  assert_removes (rig, 5000);
}

/* A second removal that the hypervisor refuses does not undo the first. */
static void
test_again_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  assert_fails (rig, 0, HOTPLUG_ERROR_TIMEOUT);
  g_autofree char *before = rig_state (rig);
  fake_connection_fail (rig->fake, FAKE_REQUEST_DETACH, 1, FAKE_REFUSES);
  assert_fails (rig, 0, HOTPLUG_ERROR_HYPERVISOR);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (phase (rig), ==, HOTPLUG_VOLUME_PHASE_DETACHING);
}

/* An answer that comes after the lock was given back, and before the deadline */
static void
test_late (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (rows[row].kind);

  add (rig, "data", rows[row].flags);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 1200);
  assert_removes (rig, 5000);
}

static void
test_late_refusal (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  g_autofree char *before = rig_state (rig);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 1200);
  assert_fails (rig, 5000, HOTPLUG_ERROR_HYPERVISOR);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

static void
test_lost_event (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_LOSES_EVENTS, 0);
  assert_removes (rig, 5000);
}

static void
test_again_at_once (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  for (int i = 0; i < 10; i++)
    {
      add (rig, "data", HOTPLUG_PLUG_PERSIST);
      g_assert_true (rig_state_has (rig, "template has ua-hpv-data sda 0:0:0:0"));
      assert_removes (rig, 5000);
    }
}

/* What is not ours stays, and so does what is not there. */
static void
test_not_ours (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  assert_fails (rig, 0, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "sdz", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_HOTPLUGGABLE);
}

/* Somebody took it out by hand: nothing is left to ask for. */
static void
test_gone_by_hand (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  fake_machine_detach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, "<disk><target dev='sda'/></disk>");
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  assert_removes (rig, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_REQUEST_DETACH), ==, 0);
}

static void
power_off (FakeConnection *fake, gpointer data)
{
  fake_machine_run (fake, RIG_UUID, NULL, HOTPLUG_VMI_STATE_STOPPED);
}

static void
test_stops_meanwhile (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, "data", HOTPLUG_PLUG_PERSIST);
  fake_connection_hook (rig->fake, FAKE_REQUEST_DETACH, 1, power_off, NULL);
  assert_removes (rig, 5000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  sweep_register ("/faults", sweep_remove_cases, sweep_n_remove_cases, sweep_fail);
  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *silent = g_strdup_printf ("/conformance/V23/silent/%s", rows[row].name);
      g_autofree char *refuses = g_strdup_printf ("/remove/refuses/%s", rows[row].name);
      g_autofree char *late = g_strdup_printf ("/remove/late/%s", rows[row].name);
      g_test_add_data_func (silent, GSIZE_TO_POINTER (row), test_silent);
      g_test_add_data_func (refuses, GSIZE_TO_POINTER (row), test_refuses);
      g_test_add_data_func (late, GSIZE_TO_POINTER (row), test_late);
    }
  g_test_add_func ("/remove/late-refusal", test_late_refusal);
  g_test_add_func ("/remove/again-refused", test_again_refused);
  g_test_add_func ("/remove/lost-event", test_lost_event);
  g_test_add_func ("/conformance/V24", test_again_at_once);
  g_test_add_func ("/remove/not-ours", test_not_ours);
  g_test_add_func ("/remove/gone-by-hand", test_gone_by_hand);
  g_test_add_func ("/remove/stops-meanwhile", test_stops_meanwhile);

  return g_test_run ();
}
