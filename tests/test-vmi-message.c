/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include <hotplug/hotplug.h>

#include "fake/fake-rig.h"

/* What a status says of the whole machine, and what a start makes of one that was saved. */

#define ELSEWHERE "11111111-2222-4333-8444-555555555555"

static HotplugVmiStatus *
query (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  HotplugVmiStatus *status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return status;
}

static void
assert_says (Rig *rig, const char *reason, const char *message)
{
  g_autoptr (HotplugVmiStatus) status = query (rig);

  g_assert_cmpstr (hotplug_vmi_status_get_reason (status), ==, reason);
  g_assert_cmpstr (hotplug_vmi_status_get_message (status), ==, message);
}

static void
assert_volume_says (Rig *rig, const char *name, const char *message)
{
  g_autoptr (HotplugVmiStatus) status = query (rig);
  HotplugVolumeStatus *volume = hotplug_vmi_status_get_volume (status, name);

  g_assert_nonnull (volume);
  g_assert_cmpint (hotplug_volume_status_get_phase (volume), ==, HOTPLUG_VOLUME_PHASE_PENDING);
  g_assert_cmpstr (hotplug_volume_status_get_message (volume), ==, message);
}

static void
test_paused (void)
{
  static const struct
  {
    const char *why;
    const char *reason;
    const char *message;
  } rows[] = {
    { "", NULL, NULL },
    { "user", "PausedByUser", "VMI was paused by user" },
    { "io-error", "PausedIOError", "VMI was paused, low-level IO error detected" },
    { "io-error sda full", "PausedIOError",
      "VMI was paused, low-level IO error detected; not enough space on volume data" },
    { "io-error sda broken sdz full", "PausedIOError",
      "VMI was paused, low-level IO error detected; IO error at the volume data; not enough space on volume sdz" },
  };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  assert_says (rig, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      fake_machine_pause (rig->fake, RIG_UUID, rows[i].why);
      assert_says (rig, rows[i].reason, rows[i].message);
    }

  g_autoptr (HotplugVmiStatus) status = query (rig);
  g_autofree char *json = hotplug_vmi_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_JSON);
  g_assert_nonnull (strstr (json, "\"reason\" : \"PausedIOError\""));
  g_assert_nonnull (strstr (json, "\"message\" : \"VMI was paused, low-level IO error detected; IO error"));
}

/* A clone has its original's metadata until its first change. */
static void
test_copied (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_STOPPED);
  g_autoptr (GError) error = NULL;

  must (_hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, HOTPLUG_SIDE_TEMPLATE,
                                          "<hotplug version='1' uuid='" ELSEWHERE "'/>", &error), error);
  assert_says (rig, NULL,
               "its metadata was copied from another VMI, " ELSEWHERE ": what that had plugged in is not acted upon "
               "here, and the next change drops it");
  must (rig_add (rig, "data", HOTPLUG_PLUG_PERSIST, &error), error);
  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);
  must (rig_add (rig, "more", HOTPLUG_PLUG_NONE, &error), error);
  assert_says (rig, NULL, NULL);
}

#define SAVED "when it starts it goes on from its saved state, with the devices of then"

/* What the template got after the machine was saved is not in what its next start goes on from, and what it lost is. */
static void
test_saved (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, "old", HOTPLUG_PLUG_PERSIST, &error), error);
  must (rig_add (rig, "lost", HOTPLUG_PLUG_PERSIST, &error), error);
  must (rig_add (rig, "kept", HOTPLUG_PLUG_NONE, &error), error);
  fake_machine_save (rig->fake, RIG_UUID);
  assert_says (rig, NULL, SAVED);
  assert_volume_says (rig, "old", "Volume old is attached when the VMI starts");
  assert_volume_says (rig, "kept", "Volume kept is attached when the VMI starts");

  g_autoptr (HotplugVolume) volume = rig_volume (rig, "new", HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_ptr_array_add (volumes, volume);
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_add_volumes (rig->vmi, volumes, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_plan_get_message (plan), ==,
                   SAVED "; what is changed now comes with the start after that");
  g_autoptr (HotplugVolumeStatus) added
      = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_status_get_message (added), ==,
                   "Volume new is not in the saved state that the VMI goes on from when it starts; it is attached by "
                   "the start after that");
  must (hotplug_vmi_remove_volume (rig->vmi, "lost", HOTPLUG_PLUG_PERSIST, -1, NULL, &error), error);
  assert_volume_says (rig, "lost",
                      "Volume lost is in the saved state that the VMI goes on from when it starts, and no longer in "
                      "its template");

  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);
  assert_says (rig, NULL, NULL);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-old"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-kept"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-lost"));
  g_assert_false (rig_state_has (rig, "live has ua-hpv-new"));
  assert_volume_says (rig, "new", "Volume new is not in the running VMI; it is back at the next start");
  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-new"));
  g_assert_true (rig_state_has (rig, "live has ua-hpv-kept"));
  g_assert_false (rig_state_has (rig, "ua-hpv-lost"));
}

/* The guest's memory is in it: what can't be brought back is no reason to stop the machine again. */
static void
test_saved_and_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_auto (HotplugMachineText) text = { 0 };

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autofree char *bare = rig_machine_xml (RIG_UUID, RIG_VMI, RIG_RUNNING);
  fake_machine_run (rig->fake, RIG_UUID, bare, HOTPLUG_VMI_STATE_RUNNING);
  fake_machine_save (rig->fake, RIG_UUID);
  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  must (hotplug_vmi_start (rig->vmi, NULL, &error), error);

  g_autoptr (HotplugVmiStatus) status = query (rig);
  g_assert_cmpint (hotplug_vmi_status_get_state (status), ==, HOTPLUG_VMI_STATE_RUNNING);
  g_assert_true (rig_state_has (rig, "template records ua-hpv-data"));
  fake_connection_fail (rig->fake, FAKE_ATTACH, 0, FAKE_REFUSES);
  g_autoptr (GPtrArray) back = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (back->len, ==, 1);
  g_assert_true (rig_state_has (rig, "live has ua-hpv-data"));
}

/* What was to come back and could not is listed once, and says why. */
static void
test_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_auto (HotplugMachineText) text = { 0 };
  guint found = 0;

  must (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error), error);
  fake_machine_read (rig->fake, RIG_UUID, &text);
  fake_machine_run (rig->fake, RIG_UUID, text.template, HOTPLUG_VMI_STATE_RUNNING);
  rig_reopen (rig);
  g_autofree char *path = rig_image (rig, "data");
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);

  g_autoptr (GPtrArray) all = hotplug_vmi_list_volume_statuses (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < all->len; i++)
    {
      HotplugVolumeStatus *status = g_ptr_array_index (all, i);
      if (g_strcmp0 (hotplug_volume_status_get_name (status), "data") != 0)
        continue;
      found++;
      g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_FAILED);
      g_assert_nonnull (strstr (hotplug_volume_status_get_message (status), path));
      g_assert_nonnull (hotplug_volume_status_get_target (status));
    }
  g_assert_cmpuint (found, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/conformance/FW10/paused", test_paused);
  g_test_add_func ("/conformance/FM01/told", test_copied);
  g_test_add_func ("/conformance/FW09/saved", test_saved);
  g_test_add_func ("/conformance/FW09/saved-and-refused", test_saved_and_refused);

  g_test_add_func ("/conformance/FW14/volume", test_refused);
  return g_test_run ();
}
