/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* A plan, and then the call: the machine is as the plan said. Each row leaves it as it found it, but for the last. */

static const LabMachine machine = { .name = "vmi-plan", .root_ports = 3, .bare = TRUE };

#define BRIDGE "br-plan"

static Rig *rig;

/* @interfaces: (nullable) */
static HotplugPlan *
plan_add (GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);
  HotplugPlan *plan = hotplug_vmi_plan_add_devices (rig->vmi, volumes, interfaces, flags, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_no_error (error);
  g_assert_cmpstr (before, ==, after);
  return plan;
}

static HotplugPlan *
plan_remove (const char *const *names, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);
  HotplugPlan *plan = hotplug_vmi_plan_remove_volumes (rig->vmi, names, flags, NULL, &error);
  g_autofree char *after = rig_picture (rig);

  g_assert_no_error (error);
  g_assert_cmpstr (before, ==, after);
  return plan;
}

static GPtrArray *
list_volumes (const char *const *names, HotplugBus bus)
{
  GPtrArray *volumes = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *image = rig_image (rig, names[i], 4);
      g_ptr_array_add (volumes, rig_volume (names[i], image, bus));
    }
  return volumes;
}

/* The element of the device with that alias, as libvirt writes it */
static char *
find_device (const char *xml, const char *alias)
{
  g_autofree char *mark = g_strdup_printf ("<alias name='%s'/>", alias);
  const char *at = strstr (xml, mark);

  if (at == NULL)
    g_error ("%s is not in %s", mark, xml);
  const char *disk = g_strrstr_len (xml, at - xml, "<disk ");
  const char *controller = g_strrstr_len (xml, at - xml, "<controller ");
  const char *nic = g_strrstr_len (xml, at - xml, "<interface ");
  const char *start = MAX (MAX (disk, controller), nic);
  const char *end = strstr (at, start == disk ? "</disk>" : start == nic ? "</interface>" : "</controller>");
  return g_strndup (start, (gsize)(end - start));
}

/* What libvirt was to get is what it has: each element with these attributes, to which it adds some of its own. */
static void
assert_is_as_planned (const char *xml, const char *alias, const char *planned)
{
  g_autofree char *device = find_device (xml, alias);
  g_auto (GStrv) lines = g_strsplit (planned, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strdelimit (g_strstrip (lines[i]), "\"", '\'');
      char *end = line + strcspn (line, ">");
      gboolean text = *end != '\0' && end[1] != '\0';
      if (g_str_has_prefix (line, "</"))
        continue;
      if (!text)
        *(end > line && end[-1] == '/' ? end - 1 : end) = '\0';
      if (strstr (device, line) == NULL)
        g_error ("%s is not in %s", line, device);
    }
}

static void
assert_interface_is_there (HotplugPlanItem *item)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVmiStatus) vmi = hotplug_vmi_query_status (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  HotplugInterfaceStatus *status = hotplug_vmi_status_get_interface (vmi, hotplug_plan_item_get_name (item));

  g_assert_cmpstr (hotplug_interface_status_get_address (status), ==, hotplug_plan_item_get_address (item));
  g_assert_cmpint (hotplug_interface_status_is_persisted (status), ==, hotplug_plan_item_is_persisted (item));
}

static void
assert_item_is_there (HotplugPlanItem *item)
{
  const char *alias = hotplug_plan_item_get_alias (item);

  if (hotplug_plan_item_is_live (item))
    {
      g_autofree char *live = lab_live_xml (rig->domain);
      assert_is_as_planned (live, alias, hotplug_plan_item_get_device_xml (item));
    }
  if (hotplug_plan_item_get_kind (item) == HOTPLUG_PLAN_KIND_INTERFACE)
    assert_interface_is_there (item);
  if (hotplug_plan_item_get_kind (item) != HOTPLUG_PLAN_KIND_VOLUME)
    return;

  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, hotplug_plan_item_get_name (item));
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, hotplug_plan_item_get_target (item));
  g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, hotplug_plan_item_get_address (item));
  g_assert_cmpint (hotplug_volume_status_is_persisted (status), ==, hotplug_plan_item_is_persisted (item));
}

static void
assert_template_is_as_planned (HotplugPlan *plan)
{
  const char *const *added = hotplug_plan_get_template_added (plan);
  g_autofree char *template = rig_template (rig);

  for (guint i = 0; added[i] != NULL; i++)
    {
      g_autofree char *tail = g_strdup (strstr (added[i], "<alias name=\"") + strlen ("<alias name=\""));
      tail[strcspn (tail, "\"")] = '\0';
      assert_is_as_planned (template, tail, added[i]);
    }
  if (hotplug_plan_get_records_added (plan) == NULL)
    return;

  g_autofree char *said = g_strdelimit (g_strdup (template), "\"", '\'');
  g_auto (GStrv) records = g_strsplit (hotplug_plan_get_records_added (plan), "\n", -1);
  for (guint i = 0; records[i] != NULL; i++)
    {
      /* libvirt gives the elements a prefix */
      const char *volume = strstr (g_strdelimit (records[i], "\"", '\''), "volume name=");
      if (volume != NULL && strstr (said, volume) == NULL)
        g_error ("%s is not in %s", volume, said);
    }
}

/* How many slots are free, before and after, is what the plan says. */
static guint
count_free (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return hotplug_pci_budget_get_free (budget);
}

static void
add_as_planned (const char *const *names, HotplugBus bus, HotplugPlugFlags flags, guint n_items)
{
  g_autoptr (GPtrArray) volumes = list_volumes (names, bus);
  g_autoptr (HotplugPlan) plan = plan_add (volumes, NULL, flags);
  g_autoptr (GError) error = NULL;
  GPtrArray *items = hotplug_plan_get_items (plan);
  guint free_before = count_free ();

  g_assert_cmpuint (items->len, ==, n_items);
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    assert_item_is_there (g_ptr_array_index (items, i));
  assert_template_is_as_planned (plan);
  g_assert_cmpint ((int)free_before - (int)count_free (), ==, hotplug_plan_get_slots (plan));
}

static void
remove_as_planned (const char *const *names, HotplugPlugFlags flags)
{
  g_autoptr (HotplugPlan) plan = plan_remove (names, flags);
  g_autoptr (GError) error = NULL;
  GPtrArray *items = hotplug_plan_get_items (plan);

  for (guint i = 0; i < items->len; i++)
    {
      HotplugPlanItem *item = g_ptr_array_index (items, i);
      if (hotplug_plan_item_get_kind (item) != HOTPLUG_PLAN_KIND_VOLUME)
        continue;
      g_autoptr (HotplugVolumeStatus) status = rig_status (rig, hotplug_plan_item_get_name (item));
      g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, hotplug_plan_item_get_target (item));
      g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, hotplug_plan_item_get_address (item));
      g_assert_null (hotplug_plan_item_get_device_xml (item));
    }
  g_assert_true (hotplug_vmi_remove_volumes (rig->vmi, names, flags, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_picture (rig);
  g_assert_null (strstr (after, "ua-hpv-"));
  g_assert_null (strstr (after, "state=\"attached\""));
}

/* The first SCSI volume brings its controller, in both places, and the template keeps the port that it had to spare. */
static void
test_controller (void)
{
  static const char *const names[] = { "first", NULL };

  add_as_planned (names, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 3);
  remove_as_planned (names, HOTPLUG_PLUG_PERSIST);
}

static void
test_batch (void)
{
  static const char *const names[] = { "a", "b", "c", NULL };

  add_as_planned (names, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 3);
  remove_as_planned (names, HOTPLUG_PLUG_NONE);
  add_as_planned (names, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, 3);
  remove_as_planned (names, HOTPLUG_PLUG_PERSIST);
}

static void
assert_same_refusal (HotplugVolume *volume, HotplugPlugFlags flags, HotplugError code)
{
  g_autoptr (GPtrArray) volumes = g_ptr_array_new ();
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;
  g_autofree char *before = rig_picture (rig);

  g_ptr_array_add (volumes, volume);
  g_assert_null (hotplug_vmi_plan_add_volumes (rig->vmi, volumes, flags, NULL, &planned));
  g_assert_null (hotplug_vmi_add_volumes (rig->vmi, volumes, flags, NULL, &real));
  g_assert_error (planned, HOTPLUG_ERROR, (int)code);
  g_assert_error (real, HOTPLUG_ERROR, (int)code);
  g_assert_cmpstr (planned->message, ==, real->message);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);
}

static void
assert_same_refusal_to_remove (const char *name, HotplugPlugFlags flags, HotplugError code)
{
  const char *const names[] = { name, NULL };
  g_autoptr (GError) planned = NULL;
  g_autoptr (GError) real = NULL;

  g_assert_null (hotplug_vmi_plan_remove_volumes (rig->vmi, names, flags, NULL, &planned));
  g_assert_false (hotplug_vmi_remove_volumes (rig->vmi, names, flags, -1, NULL, &real));
  g_assert_error (planned, HOTPLUG_ERROR, (int)code);
  g_assert_error (real, HOTPLUG_ERROR, (int)code);
  g_assert_cmpstr (planned->message, ==, real->message);
}

static void
test_refusals (void)
{
  static const char *const names[] = { "taken", NULL };
  g_autofree char *path = g_build_filename (rig->images, "taken", NULL);
  g_autofree char *other = rig_image (rig, "other", 4);
  g_autofree char *nowhere = g_build_filename (rig->images, "nowhere", NULL);
  g_autoptr (HotplugVolume) same_name = rig_volume ("taken", other, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolume) same_source = rig_volume ("other", path, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugVolume) missing = rig_volume ("missing", nowhere, HOTPLUG_BUS_SCSI);

  add_as_planned (names, HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_NONE, 1);
  assert_same_refusal (same_name, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_EXISTS);
  assert_same_refusal (same_source, HOTPLUG_PLUG_PERSIST, HOTPLUG_ERROR_SOURCE_IN_USE);
  assert_same_refusal (missing, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_SOURCE_MISSING);
  assert_same_refusal_to_remove ("nobody", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NOT_FOUND);
  remove_as_planned (names, HOTPLUG_PLUG_NONE);
}

/* Without a system nobody lets go of a PCI device: the machine goes with it, and the template is what is left. */
static void
test_ports_and_template (void)
{
  static const char *const ports[] = { "v", "w", NULL };
  static const char *const stopped[] = { "x", "y", NULL };
  g_autofree char *image = rig_image (rig, "z", 4);
  g_autoptr (HotplugVolume) one_too_many = rig_volume ("z", image, HOTPLUG_BUS_VIRTIO);

  add_as_planned (ports, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, 4);
  assert_same_refusal (one_too_many, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NO_PCI_SLOT);
  lab_destroy (rig->domain);

  assert_same_refusal (one_too_many, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  assert_same_refusal_to_remove ("v", HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_VMI_NOT_RUNNING);
  remove_as_planned (ports, HOTPLUG_PLUG_PERSIST);

  g_autoptr (GPtrArray) volumes = list_volumes (stopped, HOTPLUG_BUS_SCSI);
  g_autoptr (HotplugPlan) plan = plan_add (volumes, NULL, HOTPLUG_PLUG_PERSIST);
  g_autoptr (GError) error = NULL;
  g_assert_false (hotplug_plan_is_live (plan));
  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (rig->vmi, volumes, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_assert_no_error (error);
  assert_template_is_as_planned (plan);
  remove_as_planned (stopped, HOTPLUG_PLUG_PERSIST);
}

static HotplugInterface *
new_interface (const char *name, const char *mac)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_for_bridge ("lab", BRIDGE, &error);

  g_assert_no_error (error);
  HotplugInterface *interface = g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, &error, "name", name, "attachment",
                                                attachment, "mac", mac, NULL);
  g_assert_no_error (error);
  return interface;
}

/* Planned, which changes nothing, and then as planned; out of the template of the machine when it has stopped */
static void
test_interfaces (void)
{
  static const char *const disks[] = { "disk", NULL };
  static const char *const nics[] = { "nic", "nic2", NULL };
  g_autoptr (GPtrArray) volumes = list_volumes (disks, HOTPLUG_BUS_SCSI);
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GError) error = NULL;

  if (lab_skip_without_network ())
    return;
  g_assert_true (hotplug_vmi_start (rig->vmi, NULL, &error));
  g_assert_no_error (error);

  g_ptr_array_add (interfaces, new_interface ("nic", "02:00:00:00:00:01"));
  g_ptr_array_add (interfaces, new_interface ("nic2", "02:00:00:00:00:02"));
  g_autofree char *before = rig_template (rig);
  g_autoptr (HotplugPlan) plan = plan_add (volumes, interfaces, HOTPLUG_PLUG_PERSIST);
  GPtrArray *items = hotplug_plan_get_items (plan);
  guint free_before = count_free ();
  g_assert_cmpuint (items->len, ==, 5);
  g_assert_true (
      hotplug_vmi_add_devices (rig->vmi, volumes, interfaces, HOTPLUG_PLUG_PERSIST, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  for (guint i = 0; i < items->len; i++)
    assert_item_is_there (g_ptr_array_index (items, i));
  assert_template_is_as_planned (plan);
  g_assert_cmpint ((int)free_before - (int)count_free (), ==, hotplug_plan_get_slots (plan));

  lab_destroy (rig->domain);
  g_autofree char *stopped = rig_picture (rig);
  g_autoptr (HotplugPlan)
      removal = hotplug_vmi_plan_remove_devices (rig->vmi, disks, nics, HOTPLUG_PLUG_PERSIST, NULL, &error);
  g_autofree char *planned = rig_picture (rig);
  g_assert_no_error (error);
  g_assert_cmpstr (stopped, ==, planned);
  g_assert_cmpint (hotplug_plan_get_slots (removal), ==, -2);
  g_assert_true (hotplug_vmi_remove_devices (rig->vmi, disks, nics, HOTPLUG_PLUG_PERSIST, -1, NULL, &error));
  g_assert_no_error (error);
  g_autofree char *after = rig_template (rig);
  g_assert_cmpstr (after, ==, before);
}

static const RigRow rows[] = {
  { "/conformance/V03/controller", test_controller },
  { "/conformance/V03/batch", test_batch },
  { "/conformance/V03/refusals", test_refusals },
  { "/conformance/V03/ports-and-template", test_ports_and_template },
  /* on the machine that this one has stopped */
  { "/plan-machine/interfaces", test_interfaces },
};

int
main (int argc, char **argv)
{
  if (lab_missing_network () == NULL)
    {
      lab_network_enter ();
      lab_bridge_new (BRIDGE);
    }
  return rig_main (argc, argv, &machine, lab_missing_qemu (), &rig, rows, G_N_ELEMENTS (rows));
}
