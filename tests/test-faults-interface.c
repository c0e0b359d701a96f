/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-sweep.h"

static HotplugInterfaceStatus *
add (Rig *rig, const char *name, const char *mac, const char *bridge, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("lab", bridge, NULL);
  g_autoptr (HotplugInterface) interface
      = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, NULL, "name", name, "attachment", attachment, "mac", mac, NULL);

  g_assert_nonnull (interface);
  return hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, error);
}

static HotplugInterfaceStatus *
status_of (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  HotplugInterfaceStatus *found = hotplug_vmi_status_get_interface (status, name);
  return found != NULL ? hotplug_interface_status_ref (found) : NULL;
}

/* The whole story: plugged, told, back after a restart at the same place, gone */
static void
test_story (gconstpointer data)
{
  HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state_but_ports (rig);
  g_autoptr (HotplugInterfaceStatus) added = add (rig, "dyniface1", NULL, "br-fake", flags, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_phase (added), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_true (g_str_has_prefix (hotplug_interface_status_get_mac (added), "02:"));
  g_assert_true (g_str_has_prefix (hotplug_interface_status_get_tap (added), "tap"));
  g_assert_cmpstr (hotplug_interface_status_get_info_source (added), ==, "domain");
  g_assert_cmpuint (hotplug_interface_status_get_queue_count (added), ==, 1);
  g_assert_true (hotplug_interface_status_is_hotplugged (added));

  g_assert_true (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) again = status_of (rig, "dyniface1");
  g_assert_nonnull (again);
  g_assert_cmpint (hotplug_interface_status_get_phase (again), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_mac (again), ==, hotplug_interface_status_get_mac (added));
  g_assert_cmpstr (hotplug_interface_status_get_address (again), ==, hotplug_interface_status_get_address (added));
  g_assert_true (hotplug_interface_status_is_persisted (again) == ((flags & HOTPLUG_PLUG_PERSIST) != 0));

  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, "dyniface1", flags, 5000, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) gone = status_of (rig, "dyniface1");
  g_assert_null (gone);
  g_autofree char *after = rig_state_but_ports (rig);
  g_assert_cmpstr (after, ==, before);
}

/* Nothing is asked of the hypervisor that changes anything. */
static void
assert_refused (Rig *rig, const char *name, const char *mac, const char *bridge, HotplugPlugFlags flags,
                HotplugError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (rig);

  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_null (add (rig, name, mac, bridge, flags, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, code == HOTPLUG_ERROR_NETWORK_MISSING ? bridge : name));
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_ATTACH), ==, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_SET_METADATA), ==, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_DEFINE), ==, 0);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

static void
test_refused (void)
{
  static const char mac[] = "02:aa:bb:cc:dd:01";
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmi) other = rig_add_machine (rig, RIG_OTHER_UUID, RIG_OTHER);
  g_autoptr (HotplugInterfaceStatus) first = add (rig, "first", mac, "br-fake", HOTPLUG_PLUG_NONE, &error);

  g_assert_no_error (error);
  assert_refused (rig, "first", NULL, "br-fake", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_EXISTS);
  assert_refused (rig, "second", mac, "br-fake", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_MAC_IN_USE);

  /* another machine of the host has it */
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("lab", "br-fake", NULL);
  g_autoptr (HotplugInterface) same = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "first",
                                                      "attachment", attachment, "mac", mac, NULL);
  g_assert_no_error (error);
  g_assert_null (hotplug_vmi_add_interface (other, same, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MAC_IN_USE);
  g_assert_nonnull (strstr (error->message, "\"" RIG_VMI "\""));
}

/* The bridge of a machine that runs may be waited for, see test-interface-pending. */
static void
test_stopped_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_STOPPED);

  assert_refused (rig, "nic", NULL, "br-none-such", HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_NETWORK_MISSING);
}

static void
test_remove_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_remove_interface (rig->vmi, "none-such", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (hotplug_vmi_remove_interface (rig->vmi, "../\"x", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* A guest that is silent keeps it, and lets go later. */
static void
test_silent (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus) added = add (rig, "nic", NULL, "br-fake", HOTPLUG_PLUG_PERSIST, &error);

  g_assert_no_error (error);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_interface (rig->vmi, "nic", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (error->message, "interface \"nic\""));
  g_autoptr (HotplugInterfaceStatus) status = status_of (rig, "nic");
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_DETACHING);
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);

  /* the event alone settles it: nobody calls */
  gint64 until = g_get_monotonic_time () + 5 * G_TIME_SPAN_SECOND;
  while (rig_state_has (rig, "ua-hpi-nic") && g_get_monotonic_time () < until)
    g_usleep (1000);
  g_assert_false (rig_state_has (rig, "ua-hpi-nic"));
}

/* What somebody else calls as we call a volume, or an interface, keeps the name, and is left alone. */
static void
test_foreign_alias (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  static const char nic[] = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br0'/>"
                            "<model type='virtio'/><alias name='ua-hpv-data'/></interface>";

  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_LIVE, nic);
  fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, nic);
  g_auto (HotplugMachineText) before = { 0 };
  fake_machine_read (rig->fake, RIG_UUID, &before);

  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_PERSIST, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "data", HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_auto (HotplugMachineText) after = { 0 };
  fake_machine_read (rig->fake, RIG_UUID, &after);
  g_assert_cmpstr (after.live, ==, before.live);
  g_assert_cmpstr (after.template, ==, before.template);
}

/* The hypervisor's refusal is a status until the interface is added or removed. */
static void
test_failed (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  g_assert_null (add (rig, "nic", NULL, "br-fake", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_autoptr (HotplugInterfaceStatus) status = status_of (rig, "nic");
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_FAILED);
  g_clear_error (&error);
  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, "nic", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) gone = status_of (rig, "nic");
  g_assert_null (gone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/interface/story/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_story);
  g_test_add_data_func ("/interface/story/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_story);
  g_test_add_func ("/interface/refused", test_refused);
  g_test_add_func ("/interface/stopped-refused", test_stopped_refused);
  g_test_add_func ("/interface/remove-refused", test_remove_refused);
  g_test_add_func ("/interface/silent", test_silent);
  g_test_add_func ("/interface/failed", test_failed);
  g_test_add_func ("/interface/foreign-alias", test_foreign_alias);
  sweep_register ("/faults", sweep_interface_cases, sweep_n_interface_cases, sweep_fail);
  return g_test_run ();
}
