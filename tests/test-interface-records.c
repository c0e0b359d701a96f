/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "fake/fake-rig.h"
#include "host/hotplug-connection-private.h"

#define MAC "02:00:00:00:00:07"
#define RECORD(name, state, mac)                                                                                       \
  "<interface name='" name "' state='" state "' type='bridge' source='br0' network='net' mac='" mac "'/>"
#define RECORDS                                                                                                        \
  "<hotplug>" RECORD ("blue", "attached", "02:00:00:00:00:0a") RECORD ("red", "pending", "02:00:00:00:00:0b")          \
      RECORD ("old", "removing", "02:00:00:00:00:0c") "</hotplug>"

static gboolean
is_recorded (Rig *rig, const char *name)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autofree char *attribute = g_strdup_printf ("name=\"%s\"", name);
  g_autofree char *quoted = g_strdup_printf ("name='%s'", name);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  return strstr (text.template, attribute) != NULL || strstr (text.template, quoted) != NULL;
}

/* What is done with volumes neither trips over the records of interfaces nor loses them; a removal that the guest has
 * answered is settled. */
static void
test_volumes_beside (void)
{
  Rig *rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  _hotplug_connection_set_metadata (HOTPLUG_CONNECTION (rig->fake), RIG_UUID, HOTPLUG_SIDE_TEMPLATE, RECORDS, &error);
  g_assert_no_error (error);
  g_assert_true (is_recorded (rig, "old"));

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (status);
  g_assert_true (rig_add (rig, "plain", HOTPLUG_PLUG_NONE, &error));
  g_assert_true (rig_add_on (rig, "port", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, &error));
  g_assert_no_error (error);
  g_assert_false (is_recorded (rig, "old"));
  g_assert_true (is_recorded (rig, "plain"));

  g_assert_true (hotplug_vmi_remove_volume (rig->vmi, "port", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (is_recorded (rig, "blue"));
  g_assert_true (is_recorded (rig, "red"));
  rig_free (rig);
}

static void
plug (Rig *rig, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment
      = hotplug_network_attachment_new_for_bridge ("green/lab", FAKE_BRIDGE, &error);
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", "nic",
                                                           "attachment", attachment, "mac", MAC, NULL);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "green/lab");
}

static void
assert_status (Rig *rig, const char *network, HotplugInterfacePhase phase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  HotplugInterfaceStatus *nic = hotplug_vmi_status_get_interface (status, "nic");
  g_assert_nonnull (nic);
  g_assert_cmpstr (hotplug_interface_status_get_network (nic), ==, network);
  g_assert_cmpint (hotplug_interface_status_get_phase (nic), ==, phase);
}

/* Which does nothing but what a session does first */
static void
begin_session (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (hotplug_vmi_remove_volume (rig->vmi, "nobody", HOTPLUG_PLUG_DRY_RUN, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

static void
remove_nic (Rig *rig, HotplugError code)
{
  g_autoptr (GError) error = NULL;
  int patience = code == HOTPLUG_ERROR_TIMEOUT ? 0 : 5000;
  gboolean done = hotplug_vmi_remove_interface (rig->vmi, "nic", HOTPLUG_PLUG_PERSIST, patience, NULL, &error);

  if (code == HOTPLUG_ERROR_FAILED)
    g_assert_no_error (error);
  else
    g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_true (done == (error == NULL));
}

static const struct
{
  const char *path;
  RigKind kind;
  HotplugPlugFlags flags;
  gboolean restarts;
} named_rows[] = {
  { "/interface-records/named/plain", RIG_RUNNING, HOTPLUG_PLUG_NONE, TRUE },
  { "/interface-records/named/persist", RIG_RUNNING, HOTPLUG_PLUG_PERSIST, TRUE },
  { "/interface-records/named/remote", RIG_REMOTE, HOTPLUG_PLUG_PERSIST, TRUE },
  { "/interface-records/named/transient", RIG_TRANSIENT, HOTPLUG_PLUG_NONE, FALSE },
};

/* Its network attachment is known to every client, over restarts, while the guest keeps it, and nothing is left of
 * it. */
static void
test_named (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (named_rows[row].kind);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state_but_ports (rig);

  plug (rig, named_rows[row].flags);
  rig_reopen (rig);
  begin_session (rig);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_READY);
  if (named_rows[row].restarts)
    {
      g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
      g_assert_no_error (error);
      assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_READY);
    }

  fake_connection_set_guest (rig->fake, FAKE_GUEST_REFUSES, 0);
  remove_nic (rig, HOTPLUG_ERROR_HYPERVISOR);
  rig_reopen (rig);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_READY);

  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  remove_nic (rig, HOTPLUG_ERROR_TIMEOUT);
  rig_reopen (rig);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_DETACHING);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 0);
  remove_nic (rig, HOTPLUG_ERROR_FAILED);
  g_autofree char *after = rig_state_but_ports (rig);
  g_assert_cmpstr (after, ==, before);
}

/* A client is gone between the records and the guest: who looks, and who carries its removal on, knows the name. */
static void
test_leaving (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (named_rows[row].kind);

  plug (rig, named_rows[row].flags);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  fake_connection_fail (rig->fake, FAKE_REQUEST_DETACH, 1, FAKE_BREAKS_BEFORE);
  remove_nic (rig, HOTPLUG_ERROR_CONNECTION);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_DETACHING);
  begin_session (rig);
  g_autofree char *intent = rig_intent (rig);
  g_assert_null (intent);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_DETACHING);
}

/* What others do to it: one that they take out is no obstacle, and one that they connect elsewhere has no name. */
static void
test_others (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_STOPPED);
  g_auto (HotplugMachineText) text = { 0 };
  g_autofree char *before = rig_state (rig);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  plug (rig, HOTPLUG_PLUG_PERSIST);
  assert_status (rig, "green/lab", HOTPLUG_INTERFACE_PHASE_PENDING);

  g_auto (HotplugMachineText) plugged = { 0 };
  fake_machine_read (rig->fake, RIG_UUID, &plugged);
  g_autoptr (GRegex) source = g_regex_new ("<source (bridge|network)=\"[^\"]*\"", 0, 0, NULL);
  g_autofree char *moved = g_regex_replace_literal (source, plugged.template, -1, 0, "<source network=\"else\"", 0,
                                                    NULL);
  g_assert_cmpstr (moved, !=, plugged.template);
  fake_machine_define (rig->fake, RIG_UUID, moved);
  assert_status (rig, "else", HOTPLUG_INTERFACE_PHASE_PENDING);

  fake_machine_define (rig->fake, RIG_UUID, plugged.template);
  fake_machine_detach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE,
                       "<interface type='network'><mac address='" MAC "'/><alias name='ua-hpi-nic'/></interface>");
  g_assert_true (is_recorded (rig, "nic"));
  begin_session (rig);
  g_assert_false (is_recorded (rig, "nic"));
  /* the port that came with it stays, for the next one: nobody has asked for anything */
  g_autofree char *after = rig_state (rig);
  g_autofree char *expected = g_strconcat (before, "\ntemplate port 5", NULL);
  g_assert_cmpstr (after, ==, expected);
  plug (rig, HOTPLUG_PLUG_PERSIST);
  g_assert_false (rig_state_has (rig, "template port 6"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/interface-records/volumes-beside", test_volumes_beside);
  for (gsize i = 0; i < G_N_ELEMENTS (named_rows); i++)
    {
      g_autofree char *leaving = g_strconcat (named_rows[i].path, "/leaving", NULL);
      g_test_add_data_func (named_rows[i].path, GSIZE_TO_POINTER (i), test_named);
      g_test_add_data_func (leaving, GSIZE_TO_POINTER (i), test_leaving);
    }
  g_test_add_func ("/interface-records/others", test_others);

  return g_test_run ();
}
