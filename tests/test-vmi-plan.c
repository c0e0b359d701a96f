/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-enums-private.h"
#include "fake/fake-rig.h"
#include "xml/hotplug-template-xml-private.h"

/* What is planned is what is then done: what libvirt is given is compared with what the plan said it would be. */

static char *
describe_item (HotplugPlanItem *item)
{
  const char *target = hotplug_plan_item_get_target (item);
  const char *address = hotplug_plan_item_get_address (item);
  HotplugPlanAction action = hotplug_plan_item_get_action (item);
  HotplugPlanKind kind = hotplug_plan_item_get_kind (item);

  return g_strdup_printf ("%s %s %s %s %s %u%s%s%s", _hotplug_enum_to_nick (HOTPLUG_TYPE_PLAN_ACTION, (int)action),
                          _hotplug_enum_to_nick (HOTPLUG_TYPE_PLAN_KIND, (int)kind), hotplug_plan_item_get_name (item),
                          target != NULL ? target : "-", address != NULL ? address : "-",
                          hotplug_plan_item_get_slots (item), hotplug_plan_item_is_live (item) ? " live" : "",
                          hotplug_plan_item_is_persisted (item) ? " persisted" : "",
                          hotplug_plan_item_is_moving (item) ? " moving" : "");
}

static void
assert_items (HotplugPlan *plan, const char *expected)
{
  GPtrArray *items = hotplug_plan_get_items (plan);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (lines, describe_item (g_ptr_array_index (items, i)));
  g_ptr_array_add (lines, NULL);
  g_autofree char *text = g_strjoinv ("; ", (char **)lines->pdata);
  g_assert_cmpstr (text, ==, expected);
}

/* Plans of additions */

typedef struct
{
  const char *name;
  RigKind kind;
  HotplugBus bus;
  HotplugPlugFlags flags;
  guint volumes;
  void (*prepare) (Rig *rig);
  int slots;
  const char *items;
} AddRow;

/* Somebody has taken all places of the template since the start, and so the device can't stay where it will be. */
static void
fill_template (Rig *rig)
{
  for (int bus = 2; bus <= 4; bus++)
    {
      g_autofree char *xml = g_strdup_printf ("<interface type='user'><model type='virtio'/><address type='pci'"
                                              " domain='0x0000' bus='0x%02x' slot='0x00' function='0x0'/></interface>",
                                              bus);
      fake_machine_attach (rig->fake, RIG_UUID, HOTPLUG_SIDE_TEMPLATE, xml);
    }
}

/* Somebody has taken a root port out of it. */
static void
take_ports (Rig *rig)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  g_autofree char *start = g_strndup (text.template, (gsize)(strstr (text.template, "index='2'") - text.template));
  *strrchr (start, '<') = '\0';
  g_autofree char *changed = g_strconcat (start, strstr (text.template, "<controller type='scsi'"), NULL);
  fake_machine_define (rig->fake, RIG_UUID, changed);
}

/* for the template alone, so that it keeps what it has to spare */
#define PORT_5 "add controller pci.5 - 0000:00:01.4 0 persisted; "
#define PORT_6 "add controller pci.6 - 0000:00:01.5 0 persisted; "
#define CONTROLLER "add controller hpc-scsi0 - 0000:01:00.0 1"

static const AddRow add_rows[] = {
  { "scsi", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 1, NULL, 0, "add volume v0 sda 0:0:0:0 0 live" },
  { "scsi-persist", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 1, NULL, 0,
    "add volume v0 sda 0:0:0:0 0 live persisted" },
  { "virtio", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, 1, NULL, 1, "add volume v0 vda 0000:02:00.0 1 live" },
  { "virtio-persist", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, 2, NULL, 2,
    (PORT_5 "add volume v0 vda 0000:02:00.0 1 live persisted; " PORT_6
            "add volume v1 vdb 0000:03:00.0 1 live persisted") },
  { "controller", RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 1, NULL, 1,
    (CONTROLLER " live; add volume v0 sda 0:0:0:0 0 live") },
  { "controller-persist", RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 2, NULL, 1,
    (PORT_5 CONTROLLER " live persisted; add volume v0 sda 0:0:0:0 0 live persisted; "
                "add volume v1 sdb 0:0:0:1 0 live persisted") },
  { "stopped", RIG_STOPPED, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 1, NULL, 0,
    "add volume v0 sda 0:0:0:0 0 persisted" },
  { "stopped-virtio", RIG_STOPPED, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, 1, NULL, 1,
    (PORT_5 "add volume v0 vda 0000:02:00.0 1 persisted") },
  { "stopped-controller", RIG_STOPPED | RIG_BARE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 1, NULL, 1,
    (PORT_5 CONTROLLER " persisted; add volume v0 sda 0:0:0:0 0 persisted") },
  { "transient", RIG_TRANSIENT, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 1, NULL, 0, "add volume v0 sda 0:0:0:0 0 live" },
  { "remote", RIG_REMOTE, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 3, NULL, 0,
    ("add volume v0 sda 0:0:0:0 0 live persisted; add volume v1 sdb 0:0:0:1 0 live persisted; "
     "add volume v2 sdc 0:0:0:2 0 live persisted") },
  { "moving", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, 1, fill_template, 1,
    "add volume v0 vda 0000:02:00.0 1 live persisted moving" },
  /* the template's port is no slot of the running machine, which has it */
  { "port", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, 1, take_ports, 1,
    ("add controller pci.2 - 0000:00:01.1 0 persisted; add volume v0 vda 0000:02:00.0 1 live persisted") },
};

static GPtrArray *
list_volumes (Rig *rig, const AddRow *row)
{
  GPtrArray *volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < row->volumes; i++)
    {
      g_autofree char *name = g_strdup_printf ("v%u", i);
      g_ptr_array_add (volumes, rig_volume (rig, name, row->bus));
    }
  return volumes;
}

/* Live, what is given is what the items say; for the template it is one device, or a definition with them all. */
static void
assert_given (Rig *rig, HotplugPlan *plan, const char *template_before)
{
  const char *const *added = hotplug_plan_get_template_added (plan);
  guint n_added = g_strv_length ((char **)added);
  GPtrArray *items = hotplug_plan_get_items (plan);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *given = fake_connection_take_given (rig->fake);

  if (n_added == 1)
    g_ptr_array_add (lines, g_strconcat ("template ", added[0], NULL));
  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (hotplug_plan_item_is_live (item))
        g_ptr_array_add (lines, g_strconcat ("live ", hotplug_plan_item_get_device_xml (item), NULL));
    }
  g_ptr_array_add (lines, NULL);
  g_autofree char *expected = g_strjoinv ("\n", (char **)lines->pdata);
  g_assert_cmpstr (given, ==, expected);

  if (n_added > 1)
    {
      g_auto (HotplugMachineText) text = { 0 };
      g_autoptr (GPtrArray) devices = g_ptr_array_new ();
      for (guint i = 0; i < n_added; i++)
        g_ptr_array_add (devices, (char *)added[i]);
      g_autofree char *defined = _hotplug_template_add_devices (template_before, devices, NULL, NULL);
      fake_machine_read (rig->fake, RIG_UUID, &text);
      g_assert_cmpstr (text.template, ==, defined);
    }
}

static void
assert_records (Rig *rig, const char *planned)
{
  g_auto (HotplugMachineText) text = { 0 };

  fake_machine_read (rig->fake, RIG_UUID, &text);
  const char *volume = planned != NULL ? strstr (planned, "<volume ") : NULL;
  g_autofree char *element = volume != NULL ? g_strndup (volume, strcspn (volume, "\n")) : NULL;
  if (text.template != NULL && element != NULL && strstr (text.template, element) == NULL)
    g_error ("%s is not in %s", element, text.template);
  g_assert_true ((element != NULL) == (text.template != NULL && strstr (text.template, "<volume ") != NULL));
}

static void
assert_done (GPtrArray *statuses, HotplugPlan *plan)
{
  GPtrArray *items = hotplug_plan_get_items (plan);
  guint done = 0;

  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (hotplug_plan_item_get_kind (item) != HOTPLUG_PLAN_KIND_VOLUME)
        continue;
      HotplugVolumeStatus *status = g_ptr_array_index (statuses, done++);
      g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, hotplug_plan_item_get_name (item));
      g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, hotplug_plan_item_get_target (item));
      g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, hotplug_plan_item_get_address (item));
      g_assert_cmpint (hotplug_volume_status_is_persisted (status), ==, hotplug_plan_item_is_persisted (item));
      const char *said = hotplug_volume_status_get_message (status);
      g_assert_cmpint (strstr (said, "another PCI address") != NULL, ==, hotplug_plan_item_is_moving (item));
    }
  g_assert_cmpuint (statuses->len, ==, done);
}

/* Machines are looked at, where sources can't be, all of them. */
static void
assert_nothing_done (Rig *rig)
{
  for (int call = FAKE_ANY + 1; call < FAKE_N_CALLS; call++)
    {
      guint count = fake_connection_count (rig->fake, (FakeCall)call);
      if (call != FAKE_LIST && call != FAKE_READ && count > 0)
        g_error ("%u calls of kind %d", count, call);
    }
}

static void
test_add (gconstpointer data)
{
  const AddRow *row = data;
  g_autoptr (Rig) rig = rig_new (row->kind);
  g_auto (HotplugMachineText) before = { 0 };
  g_auto (HotplugMachineText) planned = { 0 };
  g_autoptr (GError) error = NULL;

  if (row->prepare != NULL)
    row->prepare (rig);
  g_autoptr (GPtrArray) volumes = list_volumes (rig, row);
  fake_machine_read (rig->fake, RIG_UUID, &before);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);

  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_add_volumes (rig->vmi, volumes, row->flags, NULL, &error);
  g_assert_no_error (error);
  assert_nothing_done (rig);
  assert_items (plan, row->items);
  g_assert_cmpint (hotplug_plan_get_slots (plan), ==, row->slots);
  g_assert_cmpint (hotplug_plan_is_persisted (plan), ==, (row->flags & HOTPLUG_PLUG_PERSIST) != 0);
  g_assert_null (hotplug_plan_get_template_removed (plan)[0]);
  g_assert_null (hotplug_plan_get_records_removed (plan));
  fake_machine_read (rig->fake, RIG_UUID, &planned);
  g_assert_cmpstr (before.live, ==, planned.live);
  g_assert_cmpstr (before.template, ==, planned.template);
  g_autofree char *intent = rig_intent (rig);
  g_assert_null (intent);

  fake_connection_keep_given (rig->fake);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, row->flags, NULL, &error);
  g_assert_no_error (error);
  assert_done (statuses, plan);
  assert_given (rig, plan, before.template);
  assert_records (rig, hotplug_plan_get_records_added (plan));
}

/* Plans of removals */

typedef struct
{
  const char *name;
  RigKind kind;
  HotplugBus bus;
  HotplugPlugFlags flags;
  int slots;
  const char *items;
} RemoveRow;

#define REMOVED_PORTS                                                                                                  \
  "remove controller pci.5 - 0000:00:01.4 0 persisted; remove controller pci.6 - 0000:00:01.5 0 persisted"

static const RemoveRow remove_rows[] = {
  { "scsi", RIG_RUNNING, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 0,
    ("remove volume a sda 0:0:0:0 0 live; remove volume b sdb 0:0:0:1 0 live") },
  { "virtio-persist", RIG_RUNNING, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, -2,
    ("remove volume a vda 0000:02:00.0 1 live persisted; remove volume b vdb 0000:03:00.0 1 live persisted; "
     REMOVED_PORTS) },
  { "stopped", RIG_STOPPED, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, -2,
    ("remove volume a vda 0000:02:00.0 1 persisted; remove volume b vdb 0000:03:00.0 1 persisted; " REMOVED_PORTS) },
  { "transient", RIG_TRANSIENT, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, -2,
    ("remove volume a vda 0000:02:00.0 1 live; remove volume b vdb 0000:03:00.0 1 live") },
};

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

/* In no order: ports come before devices, and go after them */
static char *
join_sorted (const char *const *texts)
{
  g_autofree char **sorted = g_memdup2 (texts, (g_strv_length ((char **)texts) + 1) * sizeof *texts);

  qsort (sorted, g_strv_length (sorted), sizeof *sorted, compare_texts);
  return g_strjoinv ("\n", sorted);
}

static void
test_remove (gconstpointer data)
{
  const RemoveRow *row = data;
  const char *const names[] = { "a", "b", "a", NULL }; /* twice is once */
  g_autoptr (Rig) rig = rig_new (row->kind);
  g_auto (HotplugMachineText) empty = { 0 };
  g_auto (HotplugMachineText) before = { 0 };
  g_auto (HotplugMachineText) planned = { 0 };
  g_autoptr (GError) error = NULL;

  fake_machine_read (rig->fake, RIG_UUID, &empty);
  g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (volumes, rig_volume (rig, "a", row->bus));
  g_ptr_array_add (volumes, rig_volume (rig, "b", row->bus));
  g_autoptr (HotplugPlan) there = hotplug_vmi_plan_add_volumes (rig->vmi, volumes, row->flags, NULL, &error);
  g_autoptr (GPtrArray) added = hotplug_vmi_add_volumes (rig->vmi, volumes, row->flags, NULL, &error);
  g_assert_no_error (error);
  fake_machine_read (rig->fake, RIG_UUID, &before);
  fake_connection_fail (rig->fake, FAKE_ANY, 0, FAKE_REFUSES);

  g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_remove_volumes (rig->vmi, names, row->flags, NULL, &error);
  g_assert_no_error (error);
  assert_nothing_done (rig);
  assert_items (plan, row->items);
  g_assert_cmpint (hotplug_plan_get_slots (plan), ==, row->slots);
  fake_machine_read (rig->fake, RIG_UUID, &planned);
  g_assert_cmpstr (before.live, ==, planned.live);
  g_assert_cmpstr (before.template, ==, planned.template);

  /* what was put in is what comes out */
  g_autofree char *removed = join_sorted (hotplug_plan_get_template_removed (plan));
  g_autofree char *brought = join_sorted (hotplug_plan_get_template_added (there));
  g_assert_cmpstr (removed, ==, brought);
  g_assert_cmpstr (hotplug_plan_get_records_removed (plan), ==, hotplug_plan_get_records_added (there));
  g_assert_null (hotplug_plan_get_template_added (plan)[0]);
  g_assert_true (hotplug_vmi_remove_volumes (rig->vmi, names, row->flags, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *state = rig_state (rig);
  g_assert_null (strstr (state, "ua-hpv-"));
}

/* One that was refused has nothing but its status, and that goes. */
static void
test_remove_refused (void)
{
  const char *const names[] = { "data", NULL };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;

  fake_connection_fail (rig->fake, FAKE_ATTACH, 1, FAKE_REFUSES);
  g_assert_false (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_remove_volumes (rig->vmi, names, HOTPLUG_PLUG_NONE, NULL, &error);
      g_assert_no_error (error);
      assert_items (plan, "remove volume data - - 0");
      g_assert_false (hotplug_plan_is_live (plan));
    }
}

/* Plans of media */

static void
test_media (void)
{
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) medium = rig_volume (rig, "tools", HOTPLUG_BUS_SCSI);
  g_autofree char *before = rig_state (rig);

  g_autoptr (HotplugPlan)
      insert = hotplug_vmi_plan_insert_media (rig->vmi, "sdz", medium, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  assert_items (insert, "insert drive sdz sdz 0:0:0:0 0 live persisted");
  g_autofree char *after = rig_state (rig);
  g_assert_cmpstr (before, ==, after);
  fake_connection_keep_given (rig->fake);
  g_autoptr (HotplugVolumeStatus)
      status = hotplug_vmi_insert_media (rig->vmi, "sdz", medium, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  g_autofree char *given = fake_connection_take_given (rig->fake);
  g_autofree char *expected = g_strdup_printf (
      "template %s\nlive %s", hotplug_plan_get_template_added (insert)[0],
      hotplug_plan_item_get_device_xml (g_ptr_array_index (hotplug_plan_get_items (insert), 0)));
  g_assert_cmpstr (given, ==, expected);

  /* it holds it already */
  g_autoptr (HotplugPlan)
      again = hotplug_vmi_plan_insert_media (rig->vmi, "sdz", medium, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  assert_items (again, "insert drive sdz sdz 0:0:0:0 0");
  g_assert_null (hotplug_plan_get_template_added (again)[0]);

  g_autoptr (HotplugPlan) eject = hotplug_vmi_plan_eject_media (rig->vmi, "sdz", HOTPLUG_PLUG_NONE, NULL, &error);
  g_assert_no_error (error);
  assert_items (eject, "eject drive sdz sdz 0:0:0:0 0 live");
}

/* Refusals: the same as the call's, to the letter */

static void
assert_same_refusal (GError **planned, GError **real, const HotplugPlan *plan, HotplugError code)
{
  g_assert_null (plan);
  g_assert_error (*planned, HOTPLUG_ERROR, (int)code);
  g_assert_error (*real, HOTPLUG_ERROR, (int)code);
  g_assert_cmpstr ((*planned)->message, ==, (*real)->message);
  g_clear_error (planned);
  g_clear_error (real);
}

static void
assert_add_refused (Rig *rig, HotplugVolume *volume, HotplugPlugFlags flags, HotplugError code)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;

  g_ptr_array_add (volumes, volume);
  HotplugPlan *plan = hotplug_vmi_plan_add_volumes (rig->vmi, volumes, flags, NULL, &planned);
  g_assert_null (hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &real));
  assert_same_refusal (&planned, &real, plan, code);
}

static void
assert_remove_refused (Rig *rig, const char *name, HotplugPlugFlags flags, HotplugError code)
{
  const char *const names[] = { name, NULL };
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;
  HotplugPlan *plan = hotplug_vmi_plan_remove_volumes (rig->vmi, names, flags, NULL, &planned);

  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, names, flags, -1, NULL, &real));
  assert_same_refusal (&planned, &real, plan, code);
}

static const struct
{
  const char *name;
  RigKind kind;
  const char *volume; /* of those below, or one to be removed if @removes */
  gboolean removes;
  HotplugPlugFlags flags;
  HotplugError code;
} refused_rows[] = {
  { "name", RIG_RUNNING, "there", FALSE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_EXISTS },
  { "serial", RIG_RUNNING, "serial", FALSE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SERIAL_IN_USE },
  { "source", RIG_RUNNING, "source", FALSE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_IN_USE },
  { "missing", RIG_RUNNING, "missing", FALSE, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_MISSING },
  { "no-port", RIG_NO_PORTS, "new", FALSE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NO_PCI_SLOT },
  { "stopped", RIG_STOPPED, "new", FALSE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING },
  { "transient", RIG_TRANSIENT, "new", FALSE, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_VMI_TRANSIENT },
  { "remove-nobody", RIG_RUNNING, "nobody", TRUE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND },
  { "remove-others", RIG_RUNNING, "sdz", TRUE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_HOTPLUGGABLE },
  { "remove-stopped", RIG_STOPPED, "there", TRUE, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING },
};

static HotplugVolume *
refused_volume (Rig *rig, const char *name)
{
  gboolean taken = strcmp (name, "source") == 0;
  g_autofree char *path = strcmp (name, "missing") == 0 ? g_strdup ("/nowhere/disk.img")
                                                        : rig_image (rig, taken ? "there" : name);
  g_autoptr (GError) error = NULL;
  HotplugVolume *volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", name, "path", path, "serial",
                                          strcmp (name, "serial") == 0 ? "there" : name, NULL);

  g_assert_no_error (error);
  return volume;
}

static void
test_refused (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (Rig) rig = rig_new (refused_rows[row].kind);
  g_autoptr (GError) error = NULL;

  if (!(refused_rows[row].kind & RIG_NO_PORTS))
    {
      HotplugPlugFlags flags = (refused_rows[row].kind & RIG_STOPPED) ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
      g_assert_true (rig_add (rig, "there", flags, &error));
      g_assert_no_error (error);
    }
  if (refused_rows[row].removes)
    {
      assert_remove_refused (rig, refused_rows[row].volume, refused_rows[row].flags, refused_rows[row].code);
      return;
    }
  g_autoptr (HotplugVolume) volume = refused_volume (rig, refused_rows[row].volume);
  assert_add_refused (rig, volume, refused_rows[row].flags, refused_rows[row].code);
}

/* The asynchronous twins */

static void
take_result (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **kept = data;

  *kept = g_object_ref (result);
}

typedef HotplugPlan *(*Finish) (HotplugVmi *vmi, GAsyncResult *result, GError **error);

static void
assert_finishes (Rig *rig, GAsyncResult **result, Finish finish, const char *items)
{
  g_autoptr (GError) error = NULL;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_autoptr (HotplugPlan) plan = finish (rig->vmi, *result, &error);
  g_assert_no_error (error);
  assert_items (plan, items);
  g_clear_object (result);
}

static void
test_async (void)
{
  const char *const names[] = { "data", NULL };
  g_autoptr (Rig) rig = rig_new (RIG_RUNNING);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (rig_add (rig, "data", HOTPLUG_PLUG_NONE, &error));
  {
    g_autoptr (GPtrArray) volumes = g_ptr_array_new_with_free_func (g_object_unref);
    g_ptr_array_add (volumes, rig_volume (rig, "more", HOTPLUG_BUS_SCSI));
    hotplug_vmi_plan_add_volumes_async (rig->vmi, volumes, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  }
  assert_finishes (rig, &result, hotplug_vmi_plan_add_volumes_finish, "add volume more sdb 0:0:0:1 0 live");
  hotplug_vmi_plan_remove_volumes_async (rig->vmi, names, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  assert_finishes (rig, &result, hotplug_vmi_plan_remove_volumes_finish, "remove volume data sda 0:0:0:0 0 live");
  {
    g_autoptr (HotplugVolume) medium = rig_volume (rig, "tools", HOTPLUG_BUS_SCSI);
    hotplug_vmi_plan_insert_media_async (rig->vmi, "sdz", medium, HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  }
  assert_finishes (rig, &result, hotplug_vmi_plan_insert_media_finish, "insert drive sdz sdz 0:0:0:0 0 live");
  hotplug_vmi_plan_eject_media_async (rig->vmi, "sdz", HOTPLUG_PLUG_NONE, NULL, take_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (hotplug_vmi_plan_eject_media_finish (rig->vmi, result, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

static void
add_row (const char *group, const char *name, gconstpointer data, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/vmi-plan/%s/%s", group, name);

  g_test_add_data_func (path, data, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (add_rows); i++)
    add_row ("add", add_rows[i].name, &add_rows[i], test_add);
  for (gsize i = 0; i < G_N_ELEMENTS (remove_rows); i++)
    add_row ("remove", remove_rows[i].name, &remove_rows[i], test_remove);
  g_test_add_func ("/vmi-plan/remove/refused-before", test_remove_refused);
  g_test_add_func ("/vmi-plan/media", test_media);
  for (gsize i = 0; i < G_N_ELEMENTS (refused_rows); i++)
    add_row ("refused", refused_rows[i].name, GSIZE_TO_POINTER (i), test_refused);
  g_test_add_func ("/vmi-plan/async", test_async);

  return g_test_run ();
}
