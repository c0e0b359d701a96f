/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-sweep.h"
#include "host/hotplug-machine-lock-private.h"
#include "vmi/hotplug-vmi-private.h"

/* Changes of interfaces, on a host whose every call can fail */

#define NAME "nic"
#define OWN_MAC "52:54:00:00:00:77"
#define HOSTDEV_MAC "52:54:00:00:00:78"

static HotplugNetworkAttachment *
attachment (const char *name, const char *bridge, guint mtu, gboolean check)
{
  g_autoptr (GError) error = NULL;
  HotplugNetworkAttachment *made = g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", name,
                                                   "bridge", bridge, "mtu", mtu, "mac-spoof-check", check, NULL);

  g_assert_no_error (error);
  return made;
}

static void
add (Rig *rig, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) near = attachment ("near", FAKE_BRIDGE, 1400, FALSE);
  g_autoptr (HotplugInterface) interface = hotplug_interface_new (NAME, near, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_add_interface (rig->vmi, interface, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (status);
}

static HotplugInterfaceStatus *
query (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_status_get_interface (vmi, name);

  return status != NULL ? hotplug_interface_status_ref (status) : NULL;
}

/* @to: (nullable) */
static HotplugInterfaceStatus *
update (Rig *rig, const char *name, HotplugInterfaceState state, HotplugNetworkAttachment *to, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  HotplugInterfaceStatus *status = hotplug_vmi_update_interface (rig->vmi, name, state, to, flags, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_interface_status_get_name (status), ==, name);
  return status;
}

static void
set_link (Rig *rig, const char *name, HotplugInterfaceState state, HotplugPlugFlags flags)
{
  g_autoptr (HotplugInterfaceStatus) told = update (rig, name, state, NULL, flags);
  g_autoptr (HotplugInterfaceStatus) found = query (rig, name);

  g_assert_cmpint (hotplug_interface_status_get_link_state (told), ==, (int)state);
  g_assert_cmpint (hotplug_interface_status_get_link_state (found), ==, (int)state);
}

static HotplugInterfaceState
link_after_restart (Rig *rig, const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) status = query (rig, name);
  return hotplug_interface_status_get_link_state (status);
}

/* What is persisted comes back as its template says, what is not as it was last. */
static void
test_link (gconstpointer kind)
{
  const HotplugPlugFlags persist = HOTPLUG_PLUG_PERSIST;
  g_autoptr (Rig) rig = rig_new ((RigKind)GPOINTER_TO_INT (kind));

  add (rig, persist);
  set_link (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_NONE);
  g_assert_cmpint (link_after_restart (rig, NAME), ==, HOTPLUG_INTERFACE_STATE_UP);
  set_link (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, persist);
  g_assert_cmpint (link_after_restart (rig, NAME), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  set_link (rig, NAME, HOTPLUG_INTERFACE_STATE_UP, persist);
  g_assert_cmpint (link_after_restart (rig, NAME), ==, HOTPLUG_INTERFACE_STATE_UP);

  g_autoptr (Rig) other = rig_new ((RigKind)GPOINTER_TO_INT (kind));
  add (other, HOTPLUG_PLUG_NONE);
  set_link (other, NAME, HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_NONE);
  g_assert_cmpint (link_after_restart (other, NAME), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_true (rig_state_has (other, "template records ua-hpi-nic fake"));
}

/* Same MAC address, same place, same tap device, another network; the MTU of the running one is libvirt's to keep */
static void
test_move (gconstpointer data)
{
  HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) far = attachment ("far", FAKE_OTHER_BRIDGE, 1300, FALSE);

  add (rig, flags);
  g_autoptr (HotplugInterfaceStatus) before = query (rig, NAME);
  g_autoptr (HotplugInterfaceStatus) told = update (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, far, flags);
  g_assert_cmpstr (hotplug_interface_status_get_network (told), ==, "far");
  g_assert_cmpint (hotplug_interface_status_get_link_state (told), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_nonnull (strstr (hotplug_interface_status_get_message (told), "keeps its MTU of 1400"));
  g_assert_true (rig_state_has (rig, "live has ua-hpi-nic other"));

  g_autoptr (HotplugInterfaceStatus) after = query (rig, NAME);
  g_assert_cmpstr (hotplug_interface_status_get_network (after), ==, "far");
  g_assert_cmpstr (hotplug_interface_status_get_mac (after), ==, hotplug_interface_status_get_mac (before));
  g_assert_cmpstr (hotplug_interface_status_get_address (after), ==, hotplug_interface_status_get_address (before));
  g_assert_cmpstr (hotplug_interface_status_get_tap (after), ==, hotplug_interface_status_get_tap (before));
  g_assert_cmpuint (hotplug_interface_status_get_mtu (after), ==, 1400);

  g_assert_true (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) again = query (rig, NAME);
  g_assert_true (rig_state_has (rig, "live has ua-hpi-nic other"));
  g_assert_cmpuint (hotplug_interface_status_get_mtu (again), ==, 1300);
  g_assert_cmpint (hotplug_interface_status_get_link_state (again), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_cmpstr (hotplug_interface_status_get_mac (again), ==, hotplug_interface_status_get_mac (before));
  g_assert_cmpstr (hotplug_interface_status_get_address (again), ==, hotplug_interface_status_get_address (before));
}

static guint
count (const char *text, const char *what)
{
  guint n = 0;

  for (const char *at = strstr (text, what); at != NULL; at = strstr (at + 1, what))
    n++;
  return n;
}

/* First what restricts, then the move, then what lets go */
static void
test_order (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugNetworkAttachment) far = attachment ("far", FAKE_OTHER_BRIDGE, 0, TRUE);
  g_autoptr (HotplugNetworkAttachment) near = attachment ("near", FAKE_BRIDGE, 0, FALSE);

  add (rig, HOTPLUG_PLUG_NONE);
  fake_connection_keep_given (rig->fake);
  hotplug_interface_status_unref (update (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, far, HOTPLUG_PLUG_NONE));
  g_autofree char *there = fake_connection_take_given (rig->fake);
  g_assert_cmpuint (count (there, "live <interface"), ==, 2);
  g_assert_cmpuint (count (there, "no-mac-spoofing"), ==, 2);
  g_assert_cmpuint (count (there, "state=\"down\""), ==, 2);
  g_assert_true (strstr (there, "network=\"fake\"") < strstr (there, "network=\"other\""));

  hotplug_interface_status_unref (update (rig, NAME, HOTPLUG_INTERFACE_STATE_UP, near, HOTPLUG_PLUG_NONE));
  g_autofree char *back = fake_connection_take_given (rig->fake);
  g_assert_cmpuint (count (back, "live <interface"), ==, 2);
  g_assert_cmpuint (count (back, "network=\"fake\""), ==, 2);
  g_assert_cmpuint (count (back, "no-mac-spoofing"), ==, 1);
  g_assert_cmpuint (count (back, "state=\"down\""), ==, 1);

  /* of one thing one call */
  hotplug_interface_status_unref (update (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, NULL, HOTPLUG_PLUG_NONE));
  g_autofree char *down = fake_connection_take_given (rig->fake);
  g_assert_cmpuint (count (down, "live <interface"), ==, 1);
}

/* What is so already is not done again, and nothing is asked of the hypervisor that changes anything. */
static void
test_unchanged (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugNetworkAttachment) near = attachment ("near", FAKE_BRIDGE, 1400, FALSE);

  add (rig, HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (rig);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  for (guint i = 0; i < 2; i++)
    hotplug_interface_status_unref (
        update (rig, NAME, HOTPLUG_INTERFACE_STATE_UP, near, i == 0 ? HOTPLUG_PLUG_NONE : HOTPLUG_PLUG_PERSIST));
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_UPDATE), ==, 0);
  g_assert_cmpuint (fake_connection_count (rig->fake, FAKE_SET_METADATA), ==, 0);

  /* nor is anything done where it is only asked for */
  hotplug_interface_status_unref (update (rig, NAME, HOTPLUG_INTERFACE_STATE_DOWN, near, HOTPLUG_PLUG_DRY_RUN));
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

static HotplugPlan *
plan (Rig *rig, HotplugInterfaceState state, HotplugNetworkAttachment *to, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (rig);
  HotplugPlan *made = hotplug_vmi_plan_update_interface (rig->vmi, NAME, state, to, flags, NULL, &error);
  g_autofree char *after = rig_state (rig);

  g_assert_no_error (error);
  g_assert_cmpstr (before, ==, after);
  /* with what is gone for good goes its port */
  gboolean port = state == HOTPLUG_INTERFACE_STATE_ABSENT && hotplug_plan_get_template_removed (made)[0] != NULL;
  g_assert_cmpuint (hotplug_plan_get_items (made)->len, ==, port ? 2 : 1);
  g_assert_cmpint (hotplug_plan_get_slots (made), ==, state == HOTPLUG_INTERFACE_STATE_ABSENT ? -1 : 0);
  return made;
}

/* What it tells is what libvirt is given. */
static void
test_plan (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugNetworkAttachment) far = attachment ("far", FAKE_OTHER_BRIDGE, 1300, FALSE);

  add (rig, HOTPLUG_PLUG_PERSIST);
  g_autoptr (HotplugPlan) wanted = plan (rig, HOTPLUG_INTERFACE_STATE_UNCHANGED, far, HOTPLUG_PLUG_PERSIST);
  HotplugPlanItem *item = g_ptr_array_index (hotplug_plan_get_items (wanted), 0);
  g_assert_cmpint (hotplug_plan_item_get_action (item), ==, HOTPLUG_PLAN_ACTION_UPDATE);
  g_assert_cmpint (hotplug_plan_item_get_kind (item), ==, HOTPLUG_PLAN_KIND_INTERFACE);
  g_assert_cmpstr (hotplug_plan_item_get_alias (item), ==, "ua-hpi-nic");
  fake_connection_keep_given (rig->fake);
  hotplug_interface_status_unref (update (rig, NAME, HOTPLUG_INTERFACE_STATE_UNCHANGED, far, HOTPLUG_PLUG_PERSIST));
  g_autofree char *given = fake_connection_take_given (rig->fake);
  g_autofree char *told = g_strdup_printf ("template %s\nlive %s", hotplug_plan_get_template_added (wanted)[0],
                                           hotplug_plan_item_get_device_xml (item));
  g_assert_cmpstr (given, ==, told);
  g_assert_nonnull (strstr (hotplug_plan_get_template_removed (wanted)[0], "\"fake\""));
  g_assert_nonnull (strstr (hotplug_plan_get_records_added (wanted), "network=\"far\""));

  g_autoptr (HotplugPlan) again = plan (rig, HOTPLUG_INTERFACE_STATE_UNCHANGED, far, HOTPLUG_PLUG_PERSIST);
  HotplugPlanItem *same = g_ptr_array_index (hotplug_plan_get_items (again), 0);
  g_assert_false (hotplug_plan_item_is_live (same));
  g_assert_false (hotplug_plan_item_is_persisted (same));
  g_assert_null (hotplug_plan_item_get_device_xml (same));
  g_assert_null (hotplug_plan_get_template_added (again)[0]);

  g_autoptr (HotplugPlan) absent = plan (rig, HOTPLUG_INTERFACE_STATE_ABSENT, NULL, HOTPLUG_PLUG_PERSIST);
  g_assert_cmpint (hotplug_plan_item_get_action (g_ptr_array_index (hotplug_plan_get_items (absent), 0)), ==,
                   HOTPLUG_PLAN_ACTION_REMOVE);
}

static void
define_own (Rig *rig, gboolean live)
{
  static const char own[] = "<interface type='user'><mac address='" OWN_MAC "'/><model type='virtio'/></interface>"
                            "<interface type='hostdev'><mac address='" HOSTDEV_MAC "'/></interface></devices>";
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) end = g_regex_new ("</devices>", 0, 0, NULL);

  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autofree char *xml = g_regex_replace_literal (end, text.template, -1, 0, own, 0, NULL);
  fake_machine_define (rig->fake, RIG_UUID, xml);
  if (live)
    g_assert_true (hotplug_vmi_restart (rig->vmi, 1000, NULL, &error));
  g_assert_no_error (error);
}

/* The machine's own, by its MAC address: KubeVirt sets the link of any (pkg/network/launcher/nichotplug.go) */
static void
test_own (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  define_own (rig, TRUE);
  set_link (rig, OWN_MAC, HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_NONE);
  g_assert_cmpint (link_after_restart (rig, OWN_MAC), ==, HOTPLUG_INTERFACE_STATE_UP);
  set_link (rig, OWN_MAC, HOTPLUG_INTERFACE_STATE_DOWN, HOTPLUG_PLUG_PERSIST);
  g_assert_cmpint (link_after_restart (rig, OWN_MAC), ==, HOTPLUG_INTERFACE_STATE_DOWN);
}

static void
refused (Rig *rig, const char *name, HotplugInterfaceState state, const char *bridge, HotplugPlugFlags flags,
         HotplugError code, const char *mentions)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) to = bridge != NULL ? attachment ("there", bridge, 0, FALSE) : NULL;
  g_autofree char *before = rig_state (rig);

  g_assert_null (hotplug_vmi_update_interface (rig->vmi, name, state, to, flags, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_autoptr (GError) planned = NULL;
  g_assert_null (hotplug_vmi_plan_update_interface (rig->vmi, name, state, to, flags, NULL, &planned));
  g_assert_error (planned, HOTPLUG_ERROR, (int)code);
  g_assert_cmpstr (planned->message, ==, error->message);
  g_assert_nonnull (strstr (error->message, mentions));
  g_assert_null (strchr (error->message, '\n'));
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
  g_autofree char *intent = rig_intent (rig);
  g_assert_null (intent);
}

static void
test_refused (void)
{
  const HotplugInterfaceState up = HOTPLUG_INTERFACE_STATE_UP, down = HOTPLUG_INTERFACE_STATE_DOWN;
  const HotplugInterfaceState same = HOTPLUG_INTERFACE_STATE_UNCHANGED, absent = HOTPLUG_INTERFACE_STATE_ABSENT;
  const HotplugPlugFlags none = HOTPLUG_PLUG_NONE, persist = HOTPLUG_PLUG_PERSIST;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (Rig) stopped = rig_new (RIG_STOPPED);
  g_autoptr (Rig) transient = rig_new (RIG_TRANSIENT);

  define_own (rig, TRUE);
  add (rig, none);
  refused (rig, "nobody", down, NULL, none, HOTPLUG_ERROR_NOT_FOUND, "\"nobody\"");
  refused (rig, "../\"", down, NULL, none, HOTPLUG_ERROR_NOT_FOUND, "interface");
  refused (rig, NAME, same, NULL, none, HOTPLUG_ERROR_INVALID_ARGUMENT, "changed in nothing");
  refused (rig, NAME, absent, FAKE_OTHER_BRIDGE, none, HOTPLUG_ERROR_INVALID_ARGUMENT, "absent");
  refused (rig, NAME, down, "br-none-such", none, HOTPLUG_ERROR_NETWORK_MISSING, "br-none-such");
  refused (rig, NAME, down, "lo", none, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, "no Linux bridge");
  refused (rig, OWN_MAC, same, FAKE_OTHER_BRIDGE, none, HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "the primary one");
  refused (rig, OWN_MAC, absent, NULL, none, HOTPLUG_ERROR_NOT_HOTPLUGGABLE, "the primary one");
  refused (rig, HOSTDEV_MAC, down, NULL, none, HOTPLUG_ERROR_BINDING_UNSUPPORTED, "hostdev");

  add (stopped, persist);
  refused (stopped, NAME, down, NULL, none, HOTPLUG_ERROR_VMI_NOT_RUNNING, "with persist");
  add (transient, none);
  refused (transient, NAME, down, NULL, persist, HOTPLUG_ERROR_VMI_TRANSIENT, "transient");
  refused (transient, NAME, up, FAKE_OTHER_BRIDGE, persist, HOTPLUG_ERROR_VMI_TRANSIENT, "transient");
  refused (transient, NAME, same, "br-none-such", none, HOTPLUG_ERROR_NETWORK_MISSING, "br-none-such");
}

/* In the template it is to wait there too; moved in the guest alone, it waits no more, and its template is as it
 * was. */
static void
test_waits_no_more (void)
{
  const HotplugInterfaceState same = HOTPLUG_INTERFACE_STATE_UNCHANGED;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugNetworkAttachment) far = attachment ("far", "br-none-such", 0, FALSE);
  g_autoptr (HotplugNetworkAttachment) there = attachment ("there", FAKE_OTHER_BRIDGE, 0, FALSE);

  add (rig, HOTPLUG_PLUG_PERSIST);
  refused (rig, NAME, same, "br-none-such", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NETWORK_MISSING, "br-none-such");
  g_autofree char *before = rig_state (rig);
  g_autoptr (HotplugInterfaceStatus) waits = update (rig, NAME, same, far, HOTPLUG_PLUG_PERSIST);
  refused (rig, NAME, same, "br-none-such", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NETWORK_MISSING, "br-none-such");

  g_autoptr (HotplugInterfaceStatus) moved = update (rig, NAME, same, there, HOTPLUG_PLUG_NONE);
  g_assert_cmpstr (hotplug_interface_status_get_reason (moved), ==, "InterfaceReady");
  g_assert_true (hotplug_interface_status_is_persisted (moved));
  g_assert_false (rig_state_has (rig, "br-none-such"));
  g_autoptr (HotplugNetworkAttachment) near = attachment ("near", FAKE_BRIDGE, 1400, FALSE);
  g_autoptr (HotplugInterfaceStatus) back = update (rig, NAME, same, near, HOTPLUG_PLUG_NONE);
  g_assert_cmpstr (hotplug_interface_status_get_network (back), ==, "near");
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

/* To a network that another host may have: it stays where it is, and is known to wait, until it is told otherwise. */
static void
test_waits (gconstpointer data)
{
  const HotplugPlugFlags flags = (HotplugPlugFlags)GPOINTER_TO_INT (data);
  const HotplugInterfaceState same = HOTPLUG_INTERFACE_STATE_UNCHANGED;
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (HotplugNetworkAttachment) far = attachment ("far", "br-none-such", 0, FALSE);
  g_autoptr (HotplugNetworkAttachment) there = attachment ("there", FAKE_OTHER_BRIDGE, 0, FALSE);
  g_autoptr (GError) error = NULL;

  add (rig, flags);
  g_autofree char *before = rig_state (rig);
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_update_interface (rig->vmi, NAME, same, far, flags, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (hotplug_plan_get_records_added (plan), "br-none-such"));
  g_autofree char *planned = rig_state (rig);
  g_assert_cmpstr (planned, ==, before);

  g_autoptr (HotplugInterfaceStatus) told = update (rig, NAME, same, far, flags);
  g_assert_cmpint (hotplug_interface_status_get_phase (told), ==, HOTPLUG_INTERFACE_PHASE_READY);
  g_assert_cmpstr (hotplug_interface_status_get_reason (told), ==, "MigrationRequired");
  g_assert_nonnull (strstr (hotplug_interface_status_get_message (told), "is moved to far"));
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_autofree char *manifest = hotplug_vmi_status_to_manifest (vmi, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_nonnull (strstr (manifest, "type: MigrationRequired"));
  g_assert_false (rig_state_has (rig, "live has br-none-such"));

  g_autoptr (HotplugInterfaceStatus) moved = update (rig, NAME, same, there, flags);
  g_assert_cmpstr (hotplug_interface_status_get_reason (moved), ==, "InterfaceReady");
  g_assert_cmpstr (hotplug_interface_status_get_network (moved), ==, "there");
  g_autoptr (HotplugInterfaceStatus) waits = update (rig, NAME, same, far, flags);
  g_assert_true (hotplug_vmi_remove_interface (rig->vmi, NAME, flags, 1000, NULL, &error));
  g_assert_no_error (error);
  g_assert_null (query (rig, NAME));
  g_assert_false (rig_state_has (rig, "br-none-such"));
}

/* It is in one of the two only, since others have changed the machine. */
static void
test_one_side (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  define_own (rig, FALSE);
  refused (rig, OWN_MAC, HOTPLUG_INTERFACE_STATE_DOWN, NULL, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND,
           "with persist");
  g_autoptr (HotplugInterfaceStatus)
      told = update (rig, OWN_MAC, HOTPLUG_INTERFACE_STATE_DOWN, NULL, HOTPLUG_PLUG_PERSIST);
  g_assert_cmpint (hotplug_interface_status_get_phase (told), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpint (link_after_restart (rig, OWN_MAC), ==, HOTPLUG_INTERFACE_STATE_DOWN);
}

/* Nothing can be done any more with what is being removed, and it can't be called off. */
static void
test_absent (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  add (rig, HOTPLUG_PLUG_PERSIST);
  fake_connection_set_guest (rig->fake, FAKE_GUEST_IS_SILENT, 0);
  g_assert_false (hotplug_vmi_remove_interface (rig->vmi, NAME, HOTPLUG_PLUG_PERSIST, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT);
  g_clear_error (&error);
  refused (rig, NAME, HOTPLUG_INTERFACE_STATE_UP, NULL, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_BUSY, "is being removed");
  refused (rig, NAME, HOTPLUG_INTERFACE_STATE_UNCHANGED, FAKE_OTHER_BRIDGE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_BUSY,
           "is being removed");

  fake_connection_set_guest (rig->fake, FAKE_GUEST_LETS_GO, 0);
  fake_connection_guest_wakes (rig->fake, FAKE_GUEST_LETS_GO);
  hotplug_vmi_update_interface (rig->vmi, NAME, HOTPLUG_INTERFACE_STATE_ABSENT, NULL, HOTPLUG_PLUG_PERSIST, NULL,
                                &error);
  /* it may have gone before it was asked for */
  if (error != NULL)
    g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_autoptr (HotplugInterfaceStatus) gone = query (rig, NAME);
  g_assert_null (gone);
}

/* What a journal says is not believed further than it goes: it changes nothing, and is struck. */
static void
test_forged (void)
{
  static const char *const texts[] = {
    "[intent]\nkind=update\n",
    "[intent]\nkind=update\ndevices=;\nlive-after=<interface/>\n",
    "[intent]\nkind=update\ndevices=ua-hpi-nic;\nlive-before=<interface/>\n",
    "[intent]\nkind=update\ndevices=ua-hpi-nic;\ntemplate-after=<interface/>\n",
    "[intent]\nkind=update\ndevices=ua-hpi-nic;\nrecord-before=<hotplug/>\n",
    "[intent]\nkind=update\ndevices=ua-hpi-nic;\nlive-before=<interface\nlive-after=x\n",
    "[intent]\nkind=update\ndevices=ua-hpi-nic;\nrecord-before=<hotplug/>\nrecord-after=<x\n",
    "[intent]\nkind=update\ndevices=nobody;\nlive-before=<interface/>\nlive-after=<interface type='user'/>\n",
  };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);

  add (rig, HOTPLUG_PLUG_NONE);
  g_autofree char *before = rig_state (rig);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugMachineLock *lock = _hotplug_machine_lock_take (_hotplug_vmi_get_runtime_directory (rig->vmi), RIG_UUID,
                                                             NULL, &error);
      g_assert_no_error (error);
      g_assert_true (_hotplug_machine_lock_write (lock, texts[i], &error));
      _hotplug_machine_lock_give (lock);
      refused (rig, "nobody", HOTPLUG_INTERFACE_STATE_UP, NULL, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND, "nobody");
    }
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);
}

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static void
count_signal (HotplugVmi *vmi, HotplugInterfaceStatus *status, gpointer data)
{
  if (hotplug_interface_status_get_link_state (status) == HOTPLUG_INTERFACE_STATE_DOWN)
    ++*(guint *)data;
}

/* The callback comes, and whoever watches is told; absent has no status. */
static void
test_async (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) changed = NULL;
  g_autoptr (GAsyncResult) removed = NULL;
  g_autoptr (GAsyncResult) planned = NULL;
  guint signals = 0;

  add (rig, HOTPLUG_PLUG_PERSIST);
  g_signal_connect (rig->vmi, "interface-status-changed", G_CALLBACK (count_signal), &signals);
  hotplug_vmi_update_interface_async (rig->vmi, NAME, HOTPLUG_INTERFACE_STATE_DOWN, NULL, HOTPLUG_PLUG_PERSIST, NULL,
                                      take_result, &changed);
  while (changed == NULL || signals == 0)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (HotplugInterfaceStatus) status = hotplug_vmi_update_interface_finish (rig->vmi, changed, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_interface_status_get_link_state (status), ==, HOTPLUG_INTERFACE_STATE_DOWN);
  g_assert_cmpuint (signals, ==, 1);

  hotplug_vmi_plan_update_interface_async (rig->vmi, NAME, HOTPLUG_INTERFACE_STATE_UP, NULL, HOTPLUG_PLUG_NONE, NULL,
                                           take_result, &planned);
  while (planned == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (HotplugPlan) found = hotplug_vmi_plan_update_interface_finish (rig->vmi, planned, &error);
  g_assert_no_error (error);
  g_assert_nonnull (found);

  hotplug_vmi_update_interface_async (rig->vmi, NAME, HOTPLUG_INTERFACE_STATE_ABSENT, NULL, HOTPLUG_PLUG_PERSIST, NULL,
                                      take_result, &removed);
  while (removed == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (hotplug_vmi_update_interface_finish (rig->vmi, removed, &error));
  g_assert_no_error (error);
  g_autoptr (HotplugInterfaceStatus) gone = query (rig, NAME);
  g_assert_null (gone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/interface-update/link/local", GINT_TO_POINTER (RIG_RUNNING), test_link);
  g_test_add_data_func ("/interface-update/link/remote", GINT_TO_POINTER (RIG_REMOTE), test_link);
  g_test_add_data_func ("/interface-update/move/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_move);
  g_test_add_data_func ("/interface-update/move/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_move);
  g_test_add_data_func ("/interface-update/waits/plain", GINT_TO_POINTER (HOTPLUG_PLUG_NONE), test_waits);
  g_test_add_data_func ("/interface-update/waits/persist", GINT_TO_POINTER (HOTPLUG_PLUG_PERSIST), test_waits);
  g_test_add_func ("/interface-update/waits/no-more", test_waits_no_more);
  g_test_add_func ("/interface-update/order", test_order);
  g_test_add_func ("/interface-update/unchanged", test_unchanged);
  g_test_add_func ("/interface-update/plan", test_plan);
  g_test_add_func ("/interface-update/own", test_own);
  g_test_add_func ("/interface-update/refused", test_refused);
  g_test_add_func ("/interface-update/one-side", test_one_side);
  g_test_add_func ("/interface-update/absent", test_absent);
  g_test_add_func ("/interface-update/forged", test_forged);
  g_test_add_func ("/interface-update/async", test_async);

  return g_test_run ();
}
