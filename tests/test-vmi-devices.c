/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fake/fake-rig.h"
#include "storage/hotplug-configuration-file-private.h"
#include "vmi/hotplug-host-configuration-private.h"

/* Volumes and interfaces as one, and several interfaces: the plan, and what is then done */

/* What is asked for: names of volumes, and "NAME MAC [BRIDGE]" of interfaces */
typedef struct
{
  const char *volumes[4];
  const char *interfaces[4];
} Wanted;

static GPtrArray *
make_volumes (Rig *rig, const Wanted *wanted, HotplugBus bus)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; wanted->volumes[i] != NULL; i++)
    g_ptr_array_add (volumes, rig_volume (rig, wanted->volumes[i], bus));
  return volumes->len > 0 ? g_steal_pointer (&volumes) : NULL;
}

static GPtrArray *
make_interfaces (const Wanted *wanted)
{
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; wanted->interfaces[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (wanted->interfaces[i], " ", -1);
      const char *bridge = words[2] != NULL ? words[2] : FAKE_BRIDGE;
      g_autoptr (HotplugNetworkAttachment) lab = hotplug_network_attachment_new_for_bridge ("lab", bridge, &error);
      g_assert_no_error (error);
      g_ptr_array_add (interfaces, g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", words[0], "attachment",
                                                   lab, "mac", words[1], NULL));
      g_assert_no_error (error);
    }
  return interfaces->len > 0 ? g_steal_pointer (&interfaces) : NULL;
}

static GStrv
list_names (const char *const wanted[4])
{
  GStrv names = g_strdupv ((char **)wanted);

  for (guint i = 0; names[i] != NULL; i++)
    names[i][strcspn (names[i], " ")] = '\0';
  return names;
}

static char *
describe_item (HotplugPlanItem *item)
{
  HotplugPlanAction action = hotplug_plan_item_get_action (item);
  HotplugPlanKind kind = hotplug_plan_item_get_kind (item);

  return g_strdup_printf ("%c%s %s %s %u%s%s", action == HOTPLUG_PLAN_ACTION_ADD ? '+' : '-',
                          kind == HOTPLUG_PLAN_KIND_INTERFACE ? "nic"
                          : kind == HOTPLUG_PLAN_KIND_VOLUME  ? "disk"
                                                              : "controller",
                          hotplug_plan_item_get_name (item), hotplug_plan_item_get_address (item),
                          hotplug_plan_item_get_slots (item), hotplug_plan_item_is_live (item) ? " live" : "",
                          hotplug_plan_item_is_persisted (item) ? " persisted" : "");
}

static void
assert_items (HotplugPlan *plan, const char *expected)
{
  GPtrArray *items = hotplug_plan_get_items (plan);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  /* but the ports that go into the template with what is persisted: tests/test-vmi-plan.c */
  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (!g_str_has_prefix (hotplug_plan_item_get_name (item), "pci."))
        g_ptr_array_add (lines, describe_item (item));
    }
  g_ptr_array_add (lines, NULL);
  g_autofree char *text = g_strjoinv ("; ", (char **)lines->pdata);
  g_assert_cmpstr (text, ==, expected);
}

/* Since faults and counts were set last, the machines were looked at, and that is all. */
static void
assert_only_looked (Rig *rig, const char *before)
{
  g_autofree char *after = rig_state (rig);
  g_autofree char *intent = rig_intent (rig);

  for (int call = FAKE_ANY + 1; call < FAKE_N_CALLS; call++)
    {
      guint count = fake_connection_count (rig->fake, (FakeCall)call);
      if (call != FAKE_LIST && call != FAKE_READ && count > 0)
        g_error ("%u calls of kind %d", count, call);
    }
  g_assert_cmpstr (after, ==, before);
  g_assert_null (intent);
}

/* What the machine was given is what the plan says, in its order; several devices of the template are one definition,
 * and so is one with a record, an interface. */
static void
assert_given (Rig *rig, HotplugPlan *plan)
{
  const char *const *added = hotplug_plan_get_template_added (plan);
  GPtrArray *items = hotplug_plan_get_items (plan);
  g_autofree char *given = fake_connection_take_given (rig->fake);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (g_strv_length ((char **)added) == 1 && strstr (added[0], "<interface") == NULL)
    g_ptr_array_add (lines, g_strconcat ("template ", added[0], NULL));
  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (hotplug_plan_item_is_live (item))
        g_ptr_array_add (lines, g_strconcat ("live ", hotplug_plan_item_get_device_xml (item), NULL));
    }
  g_ptr_array_add (lines, NULL);
  g_autofree char *planned = g_strjoinv ("\n", (char **)lines->pdata);
  g_assert_cmpstr (given, ==, planned);
}

static void
assert_statuses (HotplugPlan *plan, GPtrArray *volumes, GPtrArray *interfaces)
{
  GPtrArray *items = hotplug_plan_get_items (plan);
  guint n_volumes = 0;
  guint n_interfaces = 0;

  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (hotplug_plan_item_get_kind (item) == HOTPLUG_PLAN_KIND_VOLUME)
        {
          HotplugVolumeStatus *status = g_ptr_array_index (volumes, n_volumes++);
          g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, hotplug_plan_item_get_name (item));
          g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, hotplug_plan_item_get_address (item));
        }
      else if (hotplug_plan_item_get_kind (item) == HOTPLUG_PLAN_KIND_INTERFACE)
        {
          HotplugInterfaceStatus *status = g_ptr_array_index (interfaces, n_interfaces++);
          g_assert_cmpstr (hotplug_interface_status_get_name (status), ==, hotplug_plan_item_get_name (item));
          g_assert_cmpstr (hotplug_interface_status_get_address (status), ==, hotplug_plan_item_get_address (item));
          g_assert_cmpint (hotplug_interface_status_is_persisted (status), ==, hotplug_plan_item_is_persisted (item));
        }
    }
  g_assert_cmpuint (volumes->len, ==, n_volumes);
  g_assert_cmpuint (interfaces->len, ==, n_interfaces);
}

#define A "a 02:00:00:00:00:0a"
#define B "b 02:00:00:00:00:0b"
#define C "c 02:00:00:00:00:0c"

typedef struct
{
  const char *name;
  RigKind kind;
  HotplugBus bus;
  HotplugPlugFlags flags;
  Wanted wanted;
  int slots;
  const char *added;
  const char *removed;
} Row;

static const Row rows[] = {
  { "interface", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, { { NULL }, { A } }, 1,
    "+nic a 0000:02:00.0 1 live", "-nic a 0000:02:00.0 1 live" },
  { "interface-persist", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, { { NULL }, { A } }, 1,
    "+nic a 0000:02:00.0 1 live persisted", "-nic a 0000:02:00.0 1 live persisted" },
  { "interfaces-stopped", RIG_STOPPED, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, { { NULL }, { A, B } }, 2,
    "+nic a 0000:02:00.0 1 persisted; +nic b 0000:03:00.0 1 persisted",
    "-nic a 0000:02:00.0 1 persisted; -nic b 0000:03:00.0 1 persisted" },
  { "interfaces-transient", RIG_TRANSIENT, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, { { NULL }, { A, B } }, 2,
    "+nic a 0000:02:00.0 1 live; +nic b 0000:03:00.0 1 live",
    "-nic a 0000:02:00.0 1 live; -nic b 0000:03:00.0 1 live" },
  /* one name may be a volume's and an interface's */
  { "mixed", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, { { "a", "z" }, { A, B } }, 2,
    ("+disk a 0:0:0:0 0 live; +disk z 0:0:0:1 0 live; "
     "+nic a 0000:02:00.0 1 live; +nic b 0000:03:00.0 1 live"),
    ("-disk a 0:0:0:0 0 live; -disk z 0:0:0:1 0 live; "
     "-nic a 0000:02:00.0 1 live; -nic b 0000:03:00.0 1 live") },
  { "mixed-virtio-persist", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, { { "x" }, { A, B } }, 3,
    ("+disk x 0000:02:00.0 1 live persisted; +nic a 0000:03:00.0 1 live persisted; "
     "+nic b 0000:04:00.0 1 live persisted"),
    ("-disk x 0000:02:00.0 1 live persisted; -nic a 0000:03:00.0 1 live persisted; "
     "-nic b 0000:04:00.0 1 live persisted") },
  /* the controller that the volume brings takes a port first, and stays */
  { "mixed-controller", RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, { { "x" }, { A } }, 2,
    ("+controller hpc-scsi0 0000:01:00.0 1 live persisted; +disk x 0:0:0:0 0 live persisted; "
     "+nic a 0000:02:00.0 1 live persisted"),
    "-disk x 0:0:0:0 0 live persisted; -nic a 0000:02:00.0 1 live persisted" },
  { "mixed-remote", RIG_REMOTE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, { { "x" }, { A } }, 1,
    "+disk x 0:0:0:0 0 live persisted; +nic a 0000:02:00.0 1 live persisted",
    "-disk x 0:0:0:0 0 live persisted; -nic a 0000:02:00.0 1 live persisted" },
};

static void
remove_as_planned (Rig *rig, const Row *row, HotplugPlan *there)
{
  g_auto (GStrv) volumes = list_names (row->wanted.volumes);
  g_auto (GStrv) interfaces = list_names (row->wanted.interfaces);
  const char *const *these = (const char *const *)volumes;
  const char *const *those = (const char *const *)interfaces;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (rig);

  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_remove_devices (rig->vmi, these, those, row->flags, NULL, &error);
  g_assert_no_error (error);
  assert_only_looked (rig, before);
  assert_items (plan, row->removed);

  /* what was put in is what comes out */
  const char *const *added = hotplug_plan_get_template_added (there);
  const char *const *removed = hotplug_plan_get_template_removed (plan);
  for (guint i = 0; added[i] != NULL; i++)
    {
      gboolean stays = strstr (added[i], "virtio-scsi") != NULL;
      g_assert_true (stays || strstr (added[i], "pcie-root-port") != NULL || g_strv_contains (removed, added[i]));
    }
  g_assert_cmpstr (hotplug_plan_get_records_removed (plan), ==, hotplug_plan_get_records_added (there));

  g_assert_true (hotplug_vmi_remove_devices (rig->vmi, these, those, row->flags, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_state (rig);
  g_assert_null (strstr (after, "ua-hpv-"));
  g_assert_null (strstr (after, "ua-hpi-"));
}

static void
test_as_planned (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (Rig) rig = rig_new (row->kind);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &row->wanted, row->bus);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&row->wanted);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_state (rig);

  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_add_devices (rig->vmi, volumes, interfaces, row->flags, NULL, &error);
  g_assert_no_error (error);
  assert_only_looked (rig, before);
  assert_items (plan, row->added);
  g_assert_cmpint (hotplug_plan_get_slots (plan), ==, row->slots);

  g_autoptr (GPtrArray) volume_statuses = NULL;
  g_autoptr (GPtrArray) interface_statuses = NULL;
  fake_connection_keep_given (rig->fake);
  g_assert_true (hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, row->flags, &volume_statuses,
                                          &interface_statuses, NULL, &error));
  g_assert_no_error (error);
  assert_given (rig, plan);
  assert_statuses (plan, volume_statuses, interface_statuses);
  rig_assert_sound (rig);
  remove_as_planned (rig, row, plan);
}

/* Refused as a whole, before anything was touched, by the plan and by the call with the same words */

typedef struct
{
  const char *name;
  RigKind kind;
  HotplugPlugFlags flags;
  Wanted wanted;
  HotplugError code;
  const char *says;
} RefusedRow;

static const RefusedRow refused_rows[] = {
  { "name", RIG_RUNNING, HOTPLUG_PLUG_NONE, { { "x" }, { "there 02:00:00:00:00:01" } }, HOTPLUG_ERROR_EXISTS, "there" },
  { "name-twice",
    RIG_RUNNING,
    HOTPLUG_PLUG_NONE,
    { { "x" }, { A, "a 02:00:00:00:00:01" } },
    HOTPLUG_ERROR_EXISTS,
    "\"a\"" },
  { "volume-twice", RIG_RUNNING, HOTPLUG_PLUG_NONE, { { "x", "x" }, { A } }, HOTPLUG_ERROR_EXISTS, "\"x\"" },
  { "mac-twice",
    RIG_RUNNING,
    HOTPLUG_PLUG_PERSIST,
    { { "x" }, { A, "b 02:00:00:00:00:0a" } },
    HOTPLUG_ERROR_MAC_IN_USE,
    "\"b\"" },
  { "bridge",
    RIG_STOPPED,
    HOTPLUG_PLUG_PERSIST,
    { { "x" }, { A, "b 02:00:00:00:00:0b br-none" } },
    HOTPLUG_ERROR_NETWORK_MISSING,
    "br-none" },
  /* the last of three has none: the machine has a port for one more */
  { "no-port", RIG_RUNNING, HOTPLUG_PLUG_NONE, { { "x" }, { A, B, C } }, HOTPLUG_ERROR_NO_PCI_SLOT, "\"c\"" },
  { "stopped", RIG_STOPPED, HOTPLUG_PLUG_NONE, { { "x" }, { A } }, HOTPLUG_ERROR_VMI_NOT_RUNNING, "not running" },
  { "transient", RIG_TRANSIENT, HOTPLUG_PLUG_PERSIST, { { "x" }, { A } }, HOTPLUG_ERROR_VMI_TRANSIENT, "transient" },
};

static void
fill_ports (Rig *rig, const RefusedRow *row)
{
  static const Wanted there = { { NULL }, { "there 02:00:00:00:00:ff" } };
  g_autoptr (GPtrArray) interfaces = make_interfaces (&there);
  g_autoptr (GError) error = NULL;
  HotplugPlugFlags flags = (row->kind & RIG_STOPPED) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;

  g_assert_true (hotplug_vmi_add_devices (rig->vmi, NULL, interfaces, flags, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
test_refused (gconstpointer data)
{
  const RefusedRow *row = data;
  g_autoptr (Rig) rig = rig_new (row->kind);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &row->wanted, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&row->wanted);
  g_autoptr (GPtrArray) volume_statuses = NULL;
  g_autoptr (GPtrArray) interface_statuses = NULL;
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;

  fill_ports (rig, row);
  g_autofree char *before = rig_state (rig);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_null (hotplug_vmi_plan_add_devices (rig->vmi, volumes, interfaces, row->flags, NULL, &planned));
  g_assert_error (planned, HOTPLUG_ERROR, (int)row->code);
  g_assert_nonnull (strstr (planned->message, row->says));
  g_assert_false (hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, row->flags, &volume_statuses,
                                           &interface_statuses, NULL, &real));
  g_assert_error (real, HOTPLUG_ERROR, (int)row->code);
  g_assert_cmpstr (real->message, ==, planned->message);
  g_assert_null (volume_statuses);
  g_assert_null (interface_statuses);
  assert_only_looked (rig, before);
}

static void
test_remove_refused (void)
{
  static const Wanted wanted = { { "x" }, { A } };
  static const char *const volumes[] = { "x", NULL };
  static const char *const interfaces[] = { "a", "nobody", NULL };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GPtrArray) disks = make_volumes (rig, &wanted, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) nics = make_interfaces (&wanted);
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;

  g_assert_true (hotplug_vmi_add_devices (rig->vmi, disks, nics, HOTPLUG_PLUG_NONE, NULL, NULL, NULL, &real));
  g_assert_no_error (real);
  g_autofree char *before = rig_state (rig);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);
  g_assert_null (hotplug_vmi_plan_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, NULL, &planned));
  g_assert_error (planned, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (planned->message, "interface \"nobody\""));
  g_assert_false (hotplug_vmi_remove_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, -1, NULL, &real));
  g_assert_error (real, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
  g_assert_cmpstr (real->message, ==, planned->message);
  assert_only_looked (rig, before);
}

/* The hypervisor takes the volume and refuses the interface: both are taken back, and only the one has failed. */
static void
test_taken_back (void)
{
  static const Wanted wanted = { { "x" }, { A, B } };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &wanted, HOTPLUG_BUS_VIRTIO);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&wanted);
  g_autofree char *before = rig_state (rig);
  g_autoptr (GError) error = NULL;

  /* the template is written as a whole, so that these are all live */
  fake_connection_fail (rig->fake, FAKE_ATTACH, 3, FAKE_REFUSES);
  g_assert_false (
      hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, NULL, NULL, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR);
  g_assert_nonnull (strstr (error->message, "interface \"b\""));
  g_clear_error (&error);
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (after, ==, before);

  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (hotplug_vmi_status_get_volume (status, "x"));
  g_assert_null (hotplug_vmi_status_get_interface (status, "a"));
  HotplugInterfaceStatus *failed = hotplug_vmi_status_get_interface (status, "b");
  g_assert_cmpint (hotplug_interface_status_get_phase (failed), ==, HOTPLUG_INTERFACE_PHASE_FAILED);
}

/* What is not yet all there may still be taken back: who looks on meanwhile is not told that it is ready. */
static void
look_on (FakeConnection *fake, gpointer data)
{
  Rig *rig = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  HotplugVolumeStatus *volume = hotplug_vmi_status_get_volume (status, "x");
  HotplugInterfaceStatus *interface = hotplug_vmi_status_get_interface (status, "a");
  g_assert_true (rig_state_has (rig, "live has ua-hpv-x"));
  g_assert_cmpint (hotplug_volume_status_get_phase (volume), ==, HOTPLUG_VOLUME_PHASE_PENDING);
  g_assert_cmpstr (hotplug_volume_status_get_message (volume), ==, "Another client is still attaching volume x");
  g_assert_cmpint (hotplug_interface_status_get_phase (interface), ==, HOTPLUG_INTERFACE_PHASE_PENDING);
  g_assert_cmpstr (hotplug_interface_status_get_message (interface), ==,
                   "Another client is still attaching interface a");
}

static void
test_looked_on (void)
{
  static const Wanted wanted = { { "x" }, { A, B } };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &wanted, HOTPLUG_BUS_VIRTIO);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&wanted);
  g_autoptr (GError) error = NULL;

  fake_connection_hook (rig->fake, FAKE_ATTACH, 3, look_on, rig);
  must (hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, NULL, NULL, NULL, &error), error);
  g_autoptr (HotplugVmiStatus) status = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_status_get_phase (hotplug_vmi_status_get_volume (status, "x")), ==,
                   HOTPLUG_VOLUME_PHASE_READY);
  g_assert_cmpint (hotplug_interface_status_get_phase (hotplug_vmi_status_get_interface (status, "a")), ==,
                   HOTPLUG_INTERFACE_PHASE_READY);
}

/* A gate stands before its own kind, and before a batch that has one of it. */
static void
test_gates (void)
{
  static const char text[] = "[gates]\nHotplugNICs=false\n";
  static const Wanted wanted = { { "x" }, { A } };
  static const char *const names[] = { "x", NULL };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &wanted, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&wanted);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugConfiguration) configuration
      = _hotplug_configuration_parse (text, strlen (text), "/etc/hotplug/hotplug.conf", &error);

  g_assert_no_error (error);
  _hotplug_host_set_configuration (rig->host, configuration);
  g_assert_false (hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, NULL, NULL, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED);
  g_clear_error (&error);
  g_assert_null (hotplug_vmi_plan_add_devices (rig->vmi, NULL, interfaces, HOTPLUG_PLUG_NONE, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED);
  g_clear_error (&error);
  g_assert_false (hotplug_vmi_remove_devices (rig->vmi, NULL, names, HOTPLUG_PLUG_NONE, 0, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FEATURE_DISABLED);
  g_clear_error (&error);

  g_assert_true (hotplug_vmi_add_devices (rig->vmi, volumes, NULL, HOTPLUG_PLUG_NONE, NULL, NULL, NULL, &error));
  g_assert_true (hotplug_vmi_remove_devices (rig->vmi, names, NULL, HOTPLUG_PLUG_NONE, -1, NULL, &error));
  g_assert_no_error (error);
}

/* The asynchronous twins */

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

static GAsyncResult *
await (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (result);
}

static void
test_async (void)
{
  static const Wanted wanted = { { "x" }, { A } };
  static const char *const disks[] = { "x", NULL };
  static const char *const nics[] = { "a", NULL };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GPtrArray) volumes = make_volumes (rig, &wanted, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) interfaces = make_interfaces (&wanted);
  g_autoptr (GError) error = NULL;
  GAsyncResult *result = NULL;

  hotplug_vmi_plan_add_devices_async (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  g_autoptr (GAsyncResult) planned = await (&result);
  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_add_devices_finish (rig->vmi, planned, &error);
  g_assert_no_error (error);
  assert_items (plan, "+disk x 0:0:0:0 0 live; +nic a 0000:02:00.0 1 live");

  g_autoptr (GPtrArray) volume_statuses = NULL;
  g_autoptr (GPtrArray) interface_statuses = NULL;
  hotplug_vmi_add_devices_async (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  g_autoptr (GAsyncResult) added = await (&result);
  g_assert_true (hotplug_vmi_add_devices_finish (rig->vmi, added, &volume_statuses, &interface_statuses, &error));
  g_assert_no_error (error);
  assert_statuses (plan, volume_statuses, interface_statuses);

  /* again: it is there, and nobody took the result of the first */
  hotplug_vmi_add_devices_async (rig->vmi, NULL, interfaces, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  g_autoptr (GAsyncResult) refused = await (&result);
  g_assert_false (hotplug_vmi_add_devices_finish (rig->vmi, refused, NULL, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS);
  g_clear_error (&error);

  hotplug_vmi_plan_remove_devices_async (rig->vmi, disks, nics, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  g_autoptr (GAsyncResult) removal = await (&result);
  g_autoptr (HotplugPlan) removed = hotplug_vmi_plan_remove_devices_finish (rig->vmi, removal, &error);
  g_assert_no_error (error);
  assert_items (removed, "-disk x 0:0:0:0 0 live; -nic a 0000:02:00.0 1 live");
  hotplug_vmi_remove_devices_async (rig->vmi, disks, nics, HOTPLUG_PLUG_NONE, -1, NULL, take_result, &result);
  g_autoptr (GAsyncResult) gone = await (&result);
  g_assert_true (hotplug_vmi_remove_devices_finish (rig->vmi, gone, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/vmi-devices/as-planned/", rows[i].name, NULL);
      g_test_add_data_func (path, &rows[i], test_as_planned);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (refused_rows); i++)
    {
      g_autofree char *path = g_strconcat ("/vmi-devices/refused/", refused_rows[i].name, NULL);
      g_test_add_data_func (path, &refused_rows[i], test_refused);
    }
  g_test_add_func ("/vmi-devices/remove-refused", test_remove_refused);
  g_test_add_func ("/vmi-devices/taken-back", test_taken_back);
  g_test_add_func ("/vmi-devices/looked-on", test_looked_on);
  g_test_add_func ("/vmi-devices/gates", test_gates);
  g_test_add_func ("/vmi-devices/async", test_async);
  return g_test_run ();
}
