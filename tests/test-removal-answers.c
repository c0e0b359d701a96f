/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"

/* What a removal of several comes to if one of them is refused, and what one leaves that does not say persist */

#define NIC "nic"

static const char *const abc[] = { "a", "b", "c", NULL };

static void
add (Rig *rig, const char *name, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;

  must (rig_add (rig, name, flags, &error), error);
}

static void
add_nic (Rig *rig, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment)
      attachment = hotplug_network_attachment_new_for_bridge ("lab", FAKE_BRIDGE, NULL);
  g_autoptr (HotplugInterface)
      interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", NIC, "attachment", attachment, NULL);

  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_has (Rig *rig, const char *what)
{
  g_autofree char *state = rig_state (rig);

  if (strstr (state, what) == NULL)
    g_error ("\"%s\" is missing in:\n%s", what, state);
}

static void
assert_has_not (Rig *rig, const char *what)
{
  g_autofree char *state = rig_state (rig);

  if (strstr (state, what) != NULL)
    g_error ("\"%s\" is in:\n%s", what, state);
}

/* Another call of whoever it may be, with handles of its own: it finds nothing to carry on */
static void
call_unrelated (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  rig_reopen (rig);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

/* b is refused when a has gone and before c was asked for: of each the error tells how it stands, and it stays so. */
static void
test_one_refused (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; abc[i] != NULL; i++)
    add (rig, abc[i], i == 2 ? HOTPLUG_PLUG_NONE : HOTPLUG_PLUG_PERSIST);
  fake_connection_fail (rig->fake, FAKE_REQUEST_DETACH, 2, FAKE_REFUSES);
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, abc, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_assert_cmpstr (error->message, ==,
                   "vmi \"vmi\": volume \"b\": internal error: told to fail; volume \"a\" is gone; "
                   "volume \"c\" was not asked for and stays");
  for (guint i = 0; i < 2; i++)
    {
      assert_has_not (rig, "ua-hpv-a");
      assert_has (rig, "live has ua-hpv-b sdb");
      assert_has (rig, "template has ua-hpv-b sdb");
      assert_has (rig, "live has ua-hpv-c sdc");
      assert_has (rig, "template records ua-hpv-c sdc");
      assert_has_not (rig, "removes");
      call_unrelated (rig);
    }
}

/* Only what was asked for stays under way. */
static void
test_one_refused_one_waits (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; abc[i] != NULL; i++)
    add (rig, abc[i], HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  fake_connection_fail (rig->fake, FAKE_REQUEST_DETACH, 2, FAKE_REFUSES);
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, abc, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_assert_nonnull (
      strstr (error->message, "; volume \"a\" is Detaching until the guest lets go; volume \"c\" was not"));
  for (guint i = 0; i < 2; i++)
    {
      assert_has (rig, "template removes ua-hpv-a");
      assert_has_not (rig, "template has ua-hpv-a");
      assert_has (rig, "template has ua-hpv-b sdb");
      assert_has (rig, "template has ua-hpv-c sdc");
      assert_has_not (rig, "removes ua-hpv-b");
      assert_has_not (rig, "removes ua-hpv-c");
      call_unrelated (rig);
    }
}

/* Without persist it leaves the running machine, and the next start brings it. */
static void
test_leaves_running (gconstpointer data)
{
  gboolean volume = GPOINTER_TO_INT (data);
  const char *const names[] = { volume ? "a" : NIC, NULL };
  const char *const *volumes = volume ? names : NULL;
  const char *const *interfaces = volume ? NULL : names;
  const char *alias = volume ? "ua-hpv-a" : "ua-hpi-" NIC;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_auto (HotplugMachineText) before = { 0 };
  g_auto (HotplugMachineText) after = { 0 };

  if (volume)
    add (rig, "a", HOTPLUG_PLUG_PERSIST);
  else
    add_nic (rig, HOTPLUG_PLUG_PERSIST);
  /* the root port that came with it is in the running machine from the next start on */
  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
  g_autofree char *state = rig_state (rig);
  fake_machine_read (rig->fake, RIG_UUID, &before);

  g_autoptr (HotplugPlan)
      plan = hotplug_vmi_plan_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  HotplugPlanItem *item = g_ptr_array_index (hotplug_plan_get_items (plan), 0);
  g_assert_true (hotplug_plan_item_is_live (item));
  g_assert_false (hotplug_plan_item_is_persisted (item));
  g_assert_true (hotplug_plan_item_is_returning (item));
  g_assert_null (hotplug_plan_get_template_removed (plan)[0]);

  must (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, 5000, NULL, &error), error);
  fake_machine_read (rig->fake, RIG_UUID, &after);
  g_assert_cmpstr (after.template, ==, before.template);
  g_assert_null (strstr (after.live, alias));

  /* there is nothing more to leave, and its name is taken */
  g_assert_false (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, 5000, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "--persist"));
  g_clear_error (&error);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  const char *message = volume ? hotplug_volume_status_get_message (hotplug_vmi_status_get_volume (status, "a"))
                               : hotplug_interface_status_get_message (hotplug_vmi_status_get_interface (status, NIC));
  g_assert_nonnull (strstr (message, "it is back at the next start"));

  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
  g_autofree char *again = rig_state (rig);
  g_assert_cmpstr (again, ==, state);

  must (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, 5000, NULL, &error), error);
  assert_has_not (rig, alias);
  assert_has_not (rig, "template port 5");
}

/* What is out of the running machine goes from the template alone with persist. */
static void
test_then_for_good (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, "a", HOTPLUG_PLUG_PERSIST);
  must (hotplug_vmi_remove_volume (rig->vmi, "a", HOTPLUG_PLUG_NONE, 5000, NULL, &error), error);
  g_assert_false (rig_add (rig, "a", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_assert_nonnull (strstr (error->message, "back at the next start"));
  g_clear_error (&error);
  must (hotplug_vmi_remove_volume (rig->vmi, "a", HOTPLUG_PLUG_PERSIST, 0, NULL, &error), error);
  assert_has_not (rig, "ua-hpv-a");
  add (rig, "a", HOTPLUG_PLUG_NONE);
}

/* One that is not persisted has nothing else to be in. */
static void
test_recorded_goes (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, "a", HOTPLUG_PLUG_NONE);
  add_nic (rig, HOTPLUG_PLUG_NONE);
  static const char *const nics[] = { NIC, NULL };
  static const char *const volumes[] = { "a", NULL };
  must (hotplug_vmi_remove_devices (rig->vmi, volumes, nics, HOTPLUG_PLUG_NONE, 5000, NULL, &error), error);
  assert_has_not (rig, "ua-hp");
}

/* A stopped machine has nothing to leave. */
static void
test_stopped (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, "a", HOTPLUG_PLUG_PERSIST);
  must (hotplug_vmi_stop (rig->vmi, 0, NULL, &error), error);
  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "a", HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  g_assert_nonnull (strstr (error->message, "--persist"));
  assert_has (rig, "template has ua-hpv-a");
}

/* A guest that is silent, and then lets go or refuses: the template has it all the while. */
static void
test_silent (gconstpointer data)
{
  gboolean refuses = GPOINTER_TO_INT (data);
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, "a", HOTPLUG_PLUG_PERSIST);
  add_nic (rig, HOTPLUG_PLUG_PERSIST);
  static const char *const volumes[] = { "a", NULL };
  static const char *const nics[] = { NIC, NULL };
  g_auto (HotplugMachineText) before = { 0 };
  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
  g_autofree char *state = rig_state (rig);
  fake_machine_read (rig->fake, RIG_UUID, &before);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_devices (rig->vmi, volumes, nics, HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  assert_has (rig, "template has ua-hpv-a sda");
  assert_has (rig, "template removes ua-hpv-a sda");
  assert_has (rig, "template removes ua-hpi-" NIC);

  fake_connection_set_guest (rig->fake, refuses ? FAKE_GUEST_REFUSES : FAKE_GUEST_LETS_GO, 0);
  if (refuses)
    {
      rig_renew (rig);
      fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
      rig_find_vmi (rig);
      g_assert_false (hotplug_vmi_remove_devices (rig->vmi, volumes, nics, HOTPLUG_PLUG_NONE, 5000, NULL, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
      g_autofree char *kept = rig_state (rig);
      g_assert_cmpstr (kept, ==, state);
      return;
    }
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);
  while (rig_state_has (rig, "removes"))
    g_usleep (1000);
  must (hotplug_vmi_restart (rig->vmi, 0, NULL, &error), error);
  g_autofree char *again = rig_state (rig);
  g_assert_cmpstr (again, ==, state);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FD06/one-refused", test_one_refused);
  g_test_add_func ("/conformance/FD06/one-refused-one-waits", test_one_refused_one_waits);
  g_test_add_data_func ("/conformance/FW02/leaves-running/volume", GINT_TO_POINTER (TRUE), test_leaves_running);
  g_test_add_data_func ("/conformance/FW02/leaves-running/interface", GINT_TO_POINTER (FALSE), test_leaves_running);
  g_test_add_func ("/conformance/FW02/then-for-good", test_then_for_good);
  g_test_add_func ("/conformance/FW02/recorded-goes", test_recorded_goes);
  g_test_add_func ("/conformance/FW02/stopped", test_stopped);
  g_test_add_data_func ("/conformance/FW02/silent/lets-go", GINT_TO_POINTER (FALSE), test_silent);
  g_test_add_data_func ("/conformance/FW02/silent/refuses", GINT_TO_POINTER (TRUE), test_silent);
  return g_test_run ();
}
