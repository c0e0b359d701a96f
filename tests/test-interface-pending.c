/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fake/fake-peer.h"
#include "fake/fake-sweep.h"
#include "vmi/hotplug-host-configuration-private.h"

/* Interfaces that this host can't connect: recorded, told, and attached where and when it can be */

#define VICTIM "--victim"
#define MAC "02:00:00:00:00:07"
#define CONF "{\"cniVersion\":\"0.3.1\",\"name\":\"lab\",\"type\":\"bridge\",\"bridge\":\"%s\",\"mtu\":1300}"

static const char *program;

static void
configure (Rig *rig, gboolean by_migration)
{
  g_autofree char *file = g_build_filename (rig->directory, "hotplug.conf", NULL);
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_new (file);

  configuration->attaches_by_migration = by_migration;
  _hotplug_host_set_configuration (rig->host, configuration);
}

/* What the host says the attachment is */
static void
set_bridge (Rig *rig, const char *bridge)
{
  g_autofree char *directory = g_build_filename (rig->directory, "networks.d", NULL);
  g_autofree char *path = g_build_filename (directory, "lab.conf", NULL);
  g_autofree char *text = g_strdup_printf (CONF, bridge);
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (directory, 0755);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static Rig *
new_rig (RigKind kind, const char *bridge)
{
  Rig *rig = rig_new (kind);

  configure (rig, FALSE);
  set_bridge (rig, bridge);
  return rig;
}

static HotplugInterfaceStatus *
add (Rig *rig, const char *name, const char *mac, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (HotplugInterface) interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, error, "name", name, "network",
                                                           "lab", "mac", mac, NULL);

  g_assert_nonnull (interface);
  return hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, error);
}

static void
add_pending (Rig *rig, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugInterfaceStatus) status = add (rig, "nic", MAC, flags, &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpstr (hotplug_interface_status_get_reason (status), ==, "MigrationRequired");
}

static void
assert_refused (Rig *rig, const char *name, HotplugPlugFlags flags, HotplugError code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (rig);

  g_assert_null (add (rig, name, MAC, flags, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

static HotplugInterfaceStatus *
query (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  HotplugInterfaceStatus *nic = hotplug_vmi_status_get_interface (status, "nic");
  return nic != NULL ? hotplug_interface_status_ref (nic) : NULL;
}

static gboolean
manifest_has (Rig *rig, const char *what)
{
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, NULL);
  g_autofree char *text = hotplug_vmi_status_to_manifest (status, HOTPLUG_MANIFEST_FORMAT_YAML);

  return strstr (text, what) != NULL;
}

static void
assert_pending (Rig *rig)
{
  g_autoptr (HotplugInterfaceStatus) status = query (rig);

  g_assert_nonnull (status);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpstr (hotplug_interface_status_get_reason (status), ==, "MigrationRequired");
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "lab");
  g_assert_cmpstr (hotplug_interface_status_get_mac (status), ==, MAC);
  g_assert_null (hotplug_interface_status_get_info_source (status));
  g_assert_true (manifest_has (rig, "type: MigrationRequired"));
  g_assert_true (manifest_has (rig, "reason: AutoMigrationDueToLiveUpdate"));
  g_assert_true (manifest_has (rig, "networkName: lab"));
  g_assert_false (rig_state_has (rig, "live has ua-hpi-nic"));
}

static void
assert_ready (Rig *rig, gboolean persisted)
{
  g_autoptr (HotplugInterfaceStatus) status = query (rig);

  g_assert_nonnull (status);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_mac (status), ==, MAC);
  g_assert_cmpstr (hotplug_interface_status_get_network (status), ==, "lab");
  g_assert_cmpuint (hotplug_interface_status_get_mtu (status), ==, 1300);
  g_assert_true (hotplug_interface_status_is_persisted (status) == persisted);
  g_assert_false (manifest_has (rig, "MigrationRequired"));
  rig_assert_sound (rig);
}

static void
restart (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
}

static void
remove_it (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, "nic", HOTPLUG_PLUG_PERSIST, 5000, NULL, &error));
  g_assert_no_error (error);
}

/* Recorded, still so after a start without the bridge, there after one with it, and after the next, and nothing is
 * left */
static void
test_story (gconstpointer data)
{
  HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  gboolean persisted = (flags & HOTPLUG_PLUG_PERSIST) != 0;
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING, "br-none-such");
  g_autofree char *before = rig_state_but_ports (rig);

  add_pending (rig, flags | HOTPLUG_PLUG_DRY_RUN);
  g_assert_null (query (rig));
  add_pending (rig, flags);
  assert_pending (rig);
  assert_refused (rig, "nic", flags, HOTPLUG_ERROR_EXISTS);
  assert_refused (rig, "other", flags, HOTPLUG_ERROR_MAC_IN_USE);
  restart (rig);
  assert_pending (rig);

  set_bridge (rig, FAKE_BRIDGE);
  restart (rig);
  assert_ready (rig, persisted);
  restart (rig);
  assert_ready (rig, persisted);
  remove_it (rig);
  g_autofree char *after = rig_state_but_ports (rig);
  g_assert_cmpstr (after, ==, before);
}

/* One that never came only loses its record. */
static void
test_removed (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING, "br-none-such");
  g_autofree char *before = rig_state (rig);

  add_pending (rig, HOTPLUG_PLUG_PERSIST);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  remove_it (rig);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_REQUEST_DETACH), ==, 0);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
  g_assert_null (query (rig));
}

/* Where nothing can wait, it is an error as before. */
static void
test_refused (void)
{
  g_autoptr (Rig) stopped = new_rig (RIG_STOPPED, "br-none-such");
  assert_refused (stopped, "nic", HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_NETWORK_MISSING);
  g_clear_pointer (&stopped, rig_free);

  g_autoptr (Rig) transient = new_rig (RIG_TRANSIENT, "br-none-such");
  assert_refused (transient, "nic", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NETWORK_MISSING);
}

/* hotplug.conf says that a running machine gets none here. */
static void
test_by_migration (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING, FAKE_BRIDGE);

  configure (rig, TRUE);
  add_pending (rig, HOTPLUG_PLUG_NONE);
  assert_pending (rig);
  restart (rig);
  assert_ready (rig, FALSE);
}

/* Another machine's links are libvirt's to tell: what it does not know of is left to the attach. */
static void
test_remote (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_REMOTE, "br-far");
  g_autoptr (GError) error = NULL;

  fake_peer_set_sight (rig->fake, "br-far", HOTPLUG_SIGHT_MISSING);
  add_pending (rig, HOTPLUG_PLUG_NONE);
  assert_pending (rig);
  fake_peer_fail (rig->fake, FAKE_PEER_FIND_LINK, FAKE_BREAKS_BEFORE);
  g_assert_null (add (rig, "other", "02:00:00:00:00:08", HOTPLUG_PLUG_NONE, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_clear_error (&error);

  fake_peer_set_sight (rig->fake, "br-far", HOTPLUG_SIGHT_UNKNOWN);
  g_autoptr (HotplugInterfaceStatus) status = add (rig, "other", "02:00:00:00:00:08", HOTPLUG_PLUG_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_phase (status), ==, HOTPLUG_INTERFACE_PHASE_READY);
  restart (rig);
  assert_ready (rig, FALSE);
}

static void
on_status (HotplugVmi *vmi, HotplugInterfaceStatus *status, gpointer phase)
{
  *(int *)phase = (int)hotplug_interface_status_get_phase (status);
}

/* A machine that others have started, or that has come to another host */
static void
test_brought_back (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_RUNNING, "br-none-such");
  g_autoptr (GError) error = NULL;
  int phase = -1;

  add_pending (rig, HOTPLUG_PLUG_PERSIST);
  g_signal_connect (rig->vmi, "interface-status-changed", G_CALLBACK (on_status), &phase);
  set_bridge (rig, FAKE_BRIDGE);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (statuses->len, ==, 0);
  assert_ready (rig, TRUE);
  while (phase != HOTPLUG_INTERFACE_PHASE_READY)
    g_main_context_iteration (NULL, TRUE);
}

/* Without a port it waits on, and the start succeeds. */
static void
test_no_port (void)
{
  g_autoptr (Rig) rig = new_rig (RIG_NO_PORTS, "br-none-such");

  add_pending (rig, HOTPLUG_PLUG_NONE);
  set_bridge (rig, FAKE_BRIDGE);
  restart (rig);
  assert_pending (rig);
}

static Rig *
stopped_with_pending (HotplugPlugFlags flags)
{
  Rig *rig = new_rig (RIG_RUNNING, "br-none-such");
  g_autoptr (GError) error = NULL;

  add_pending (rig, flags);
  g_assert_true (hotplug_vmi_stop (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  set_bridge (rig, FAKE_BRIDGE);
  return rig;
}

/* In the process that dies: DIRECTORY NTH FAULT */
static int
be_victim (char **arguments)
{
  g_autoptr (Rig) rig = rig_join (arguments[0], RIG_RUNNING);

  configure (rig, FALSE);
  fake_connection_fail (rig->fake, FAKE_ANY, (guint)g_ascii_strtoull (arguments[1], NULL, 10),
                        (FakeFault)g_ascii_strtoull (arguments[2], NULL, 10));
  hotplug_vmi_start (rig->vmi, NULL, NULL);
  return 0;
}

static void
start_and_fail (Rig *rig, guint nth, FakeFault fault)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *call = g_strdup_printf ("%u", nth);
  g_autofree char *how = g_strdup_printf ("%d", (int)fault);
  const char *argv[] = { program, VICTIM, rig->directory, call, how, NULL };

  g_test_message ("call %u, fault %d", nth, (int)fault);
  if (fault < FAKE_CLIENT_DIES_BEFORE)
    {
      fake_connection_fail (rig->fake, FAKE_ANY, nth, fault);
      hotplug_vmi_start (rig->vmi, NULL, NULL);
      fake_connection_come_up (rig->fake);
      fake_connection_fail (rig->fake, FAKE_ANY, 0, fault);
      return;
    }
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  rig_reopen (rig);
  configure (rig, FALSE);
}

/* Whatever a start ends with, it is never half there for long: the next start, or bringing back, does the rest. */
static void
test_start_faults (gconstpointer data)
{
  HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  g_autoptr (Rig) whole = stopped_with_pending (flags);

  fake_connection_fail (whole->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_true (hotplug_vmi_start (whole->vmi, NULL, NULL));
  guint calls = fake_connection_count (whole->fake, FAKE_ANY);
  g_autofree char *after = rig_state_but_ports (whole);
  assert_ready (whole, (flags & HOTPLUG_PLUG_PERSIST) != 0);

  for (guint nth = 1; nth <= calls; nth++)
    {
      for (int fault = FAKE_REFUSES; fault <= FAKE_CLIENT_DIES_AFTER; fault++)
        {
          if (!sweep_takes_step ())
            continue;
          g_autoptr (Rig) rig = stopped_with_pending (flags);
          g_autoptr (GError) error = NULL;

          start_and_fail (rig, nth, (FakeFault)fault);
          if (!hotplug_vmi_start (rig->vmi, NULL, &error))
            g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_RUNNING);
          g_clear_error (&error);
          g_autoptr (GPtrArray) statuses = hotplug_vmi_bring_back_volumes (rig->vmi, NULL, &error);
          g_assert_no_error (error);
          g_autofree char *state = rig_state_but_ports (rig);
          g_assert_cmpstr (state, ==, after);
          g_autofree char *intent = rig_intent (rig);
          g_assert_null (intent);
        }
    }
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 5 && strcmp (argv[1], VICTIM) == 0)
    return be_victim (argv + 2);

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/interface-pending/start/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_start_faults);
  g_test_add_data_func ("/interface-pending/start/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_start_faults);
  g_test_add_data_func ("/interface-pending/story/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_story);
  g_test_add_data_func ("/interface-pending/story/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_story);
  g_test_add_func ("/interface-pending/removed", test_removed);
  g_test_add_func ("/interface-pending/refused", test_refused);
  g_test_add_func ("/interface-pending/by-migration", test_by_migration);
  g_test_add_func ("/interface-pending/remote", test_remote);
  g_test_add_func ("/interface-pending/brought-back", test_brought_back);
  g_test_add_func ("/interface-pending/no-port", test_no_port);
  return g_test_run ();
}
