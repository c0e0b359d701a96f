/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manifest/hotplug-manifest-private.h"
#include "model/hotplug-pci-budget-private.h"
#include "model/hotplug-vmi-status-private.h"
#include "model/hotplug-volume-status-private.h"

static const HotplugVolumeStatusFields root_disk = {
  .name = "vda",
  .target = "vda",
  .path = "/srv/vmi-fedora.img",
  .address = "0000:01:00.0",
  .size = G_GUINT64_CONSTANT (5368709120),
  .bus = HOTPLUG_BUS_VIRTIO,
  .phase = HOTPLUG_VOLUME_PHASE_READY,
  .persisted = TRUE,
};

static const HotplugVolumeStatusFields empty_drive = {
  .name = "sdb",
  .target = "sdb",
  .bus = HOTPLUG_BUS_SATA,
  .device = HOTPLUG_DISK_TYPE_CDROM,
  .error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE, /* as libvirt has it for a disk that says nothing */
  .read_only = TRUE,
  .persisted = TRUE,
};

static const HotplugVolumeStatusFields hotplugged = {
  .name = "data",
  .target = "sda",
  .reason = "VolumeReady",
  .message = "Successfully attach hotplugged volume data to VM",
  .path = "/srv/data.img",
  .serial = "1234567890",
  .address = "0:0:0:0",
  .attach_id = "hp-volume-7fmz4",
  .attach_uid = "62a7f6bf-474c-4e25-8db5-1db9725f0ed2",
  .size = G_GUINT64_CONSTANT (5368709120),
  .bus = HOTPLUG_BUS_SCSI,
  .cache = HOTPLUG_CACHE_NONE,
  .phase = HOTPLUG_VOLUME_PHASE_READY,
  .hotplugged = TRUE,
};

static const HotplugVolumeStatusFields detaching = {
  .name = "old",
  .target = "sdc",
  .path = "/srv/caf\xe9 \"1\".img",
  .attach_id = "hp-volume-00000",
  .bus = HOTPLUG_BUS_OTHER,
  .phase = HOTPLUG_VOLUME_PHASE_DETACHING,
  .hotplugged = TRUE,
};

static const HotplugVolumeStatusFields with_options = {
  .name = "options",
  .target = "vdb",
  .path = "/dev/sdz",
  .bus = HOTPLUG_BUS_VIRTIO,
  .cache = HOTPLUG_CACHE_NONE,
  .io = HOTPLUG_IO_NATIVE,
  .error_policy = HOTPLUG_ERROR_POLICY_REPORT,
  .phase = HOTPLUG_VOLUME_PHASE_READY,
  .logical_block_size = 512,
  .physical_block_size = 4096,
  .boot_order = 2,
  .dedicated_io_thread = TRUE,
  .block = TRUE,
  .shareable = TRUE,
};

static const HotplugVolumeStatusFields lun = {
  .name = "lun",
  .target = "sdd",
  .uri = "iscsi://host/iqn.2026-01.example:disk/1",
  .bus = HOTPLUG_BUS_SCSI,
  .device = HOTPLUG_DISK_TYPE_LUN,
  .phase = HOTPLUG_VOLUME_PHASE_READY,
  .physical_block_size = 2048,
};

static const HotplugVolumeStatusFields floppy = {
  .name = "fda",
  .target = "fda",
  .bus = HOTPLUG_BUS_FDC,
  .device = HOTPLUG_DISK_TYPE_FLOPPY,
};

static const HotplugVolumeStatusFields refused = {
  .name = "refused",
  .reason = "HotplugFailed",
  .message = "no",
  .phase = HOTPLUG_VOLUME_PHASE_FAILED,
  .hotplugged = TRUE,
};

static const HotplugVmiStatusFields running = {
  .name = "vmi-fedora",
  .uuid = "0e3bc3a5-43cf-4b09-9a37-2c47e3fe6b49",
  .machine = "pc-q35-7.2",
  .memory = G_GUINT64_CONSTANT (160) * 1024 * 1024,
  .vcpus = 2,
  .state = HOTPLUG_VMI_STATE_RUNNING,
  .persistent = TRUE,
};

static const HotplugVmiStatusFields paused = {
  .name = "yes",
  .uuid = "97cd8001-7cc9-4fc4-a49a-d9ddb0f3e1b7",
  .machine = "pc-i440fx-7.2",
  .memory = G_GUINT64_CONSTANT (1536) * 1024 * 1024,
  .vcpus = 1,
  .state = HOTPLUG_VMI_STATE_PAUSED,
};

static const HotplugVmiStatusFields stopped = {
  .name = "web",
  .uuid = "f3a5d3f6-6b5c-4ed4-8e6f-1b2dc0f32d65",
  .memory = 1000,
  .state = HOTPLUG_VMI_STATE_STOPPED,
  .persistent = TRUE,
};

static HotplugVmiStatus *
make_vmi (const HotplugVmiStatusFields *fields, const HotplugVolumeStatusFields *const *volumes)
{
  g_autoptr (GPtrArray) statuses = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_volume_status_unref);
  for (; *volumes != NULL; volumes++)
    g_ptr_array_add (statuses, _hotplug_volume_status_new (*volumes));
  return _hotplug_vmi_status_new (fields, statuses);
}

static char *
write_volume (HotplugManifestFormat format)
{
  g_autoptr (HotplugVolumeStatus) status = _hotplug_volume_status_new (&hotplugged);
  return hotplug_volume_status_to_manifest (status, format);
}

static char *
write_odd_volume (HotplugManifestFormat format)
{
  g_autoptr (HotplugVolumeStatus) status = _hotplug_volume_status_new (&detaching);
  return hotplug_volume_status_to_manifest (status, format);
}

static char *
write_vmi (HotplugManifestFormat format)
{
  static const HotplugVolumeStatusFields *const volumes[] = { &root_disk, &empty_drive, &hotplugged, NULL };
  g_autoptr (HotplugVmiStatus) status = make_vmi (&running, volumes);
  return hotplug_vmi_status_to_manifest (status, format);
}

/* KubeVirt's Disk, all that it has: api/core/v1/schema.go */
static char *
write_options (HotplugManifestFormat format)
{
  static const HotplugVolumeStatusFields *const volumes[] = { &with_options, &lun, &floppy, &refused, NULL };
  g_autoptr (HotplugVmiStatus) status = make_vmi (&running, volumes);
  return hotplug_vmi_status_to_manifest (status, format);
}

static char *
write_paused_vmi (HotplugManifestFormat format)
{
  static const HotplugVolumeStatusFields *const volumes[] = { NULL };
  g_autoptr (HotplugVmiStatus) status = make_vmi (&paused, volumes);
  return hotplug_vmi_status_to_manifest (status, format);
}

static char *
write_list (HotplugManifestFormat format)
{
  static const HotplugVolumeStatusFields *const volumes[] = { &root_disk, NULL };
  g_autoptr (GPtrArray) statuses = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_vmi_status_unref);
  g_ptr_array_add (statuses, make_vmi (&running, volumes));
  g_ptr_array_add (statuses, make_vmi (&stopped, volumes + 1));
  return hotplug_vmi_status_list_to_manifest (statuses, format);
}

static char *
write_empty_list (HotplugManifestFormat format)
{
  g_autoptr (GPtrArray) statuses = g_ptr_array_new ();
  return hotplug_vmi_status_list_to_manifest (statuses, format);
}

static GPtrArray *
make_slots (const HotplugPciSlotFields *fields, gsize n)
{
  GPtrArray *slots = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_pci_slot_unref);
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (slots, _hotplug_pci_slot_new (&fields[i]));
  return slots;
}

static void
add_bus (GPtrArray *buses, guint index, const char *model, const HotplugPciSlotFields *slots, gsize n)
{
  const HotplugPciBusFields fields = { .index = index, .model = model, .parent_index = index > 0 ? 0 : -1 };
  g_ptr_array_add (buses, _hotplug_pci_bus_new (&fields, make_slots (slots, n)));
}

static char *
write_budget (HotplugManifestFormat format)
{
  const HotplugAddress port = _hotplug_address_pci (0, 2, 0, 0);
  const HotplugPciBudgetFields fields = {
    .name = "web",
    .machine = "pc-q35-7.2",
    .warning = "2 ports need 10 \"vectors\"",
    .limit = 32,
    .total = 2,
    .used = 1,
    .hotpluggable = { 0, 0, 1, 1 },
    .next = { [HOTPLUG_PCI_CLASS_PCIE] = port, [HOTPLUG_PCI_CLASS_EITHER] = port },
    .vectors_needed = 10,
    .vectors_available = 200,
  };
  const HotplugPciSlotFields root[] = {
    { .address = _hotplug_address_pci (0, 0, 1, 0), .controller = "pcie-root", .device = "pcie-root-port" },
    { .address = _hotplug_address_pci (0, 0, 1, 1), .controller = "pcie-root", .device = "pcie-root-port" },
    { .address = _hotplug_address_pci (0, 0, 0x1f, 2), .controller = "pcie-root", .device = "SATA", .implied = TRUE },
  };
  const HotplugPciSlotFields first = {
    .address = _hotplug_address_pci (0, 1, 0, 0),
    .controller = "pcie-root-port",
    .device = "virtio-net",
    .name = "caf\xe9 \"1\"",
    .hotplug = TRUE,
  };
  const HotplugPciSlotFields second = { .address = port, .controller = "pcie-root-port", .hotplug = TRUE };
  GPtrArray *buses = g_ptr_array_new_with_free_func ((GDestroyNotify) hotplug_pci_bus_unref);
  add_bus (buses, 0, "pcie-root", root, G_N_ELEMENTS (root));
  add_bus (buses, 1, "pcie-root-port", &first, 1);
  add_bus (buses, 2, "pcie-root-port", &second, 1);

  g_autoptr (HotplugPciBudget) budget = _hotplug_pci_budget_new (&fields, buses);
  return hotplug_pci_budget_to_manifest (budget, format);
}

static char *
write_no_budget (HotplugManifestFormat format)
{
  const HotplugPciBudgetFields fields = { .name = "web", .reason = "a microvm has no PCI bus" };
  g_autoptr (HotplugPciBudget) budget = _hotplug_pci_budget_new (&fields, g_ptr_array_new ());
  return hotplug_pci_budget_to_manifest (budget, format);
}

static const struct
{
  const char *name; /* of the two golden files too */
  char *(*write) (HotplugManifestFormat format);
} golden[] = {
  { "volume", write_volume },
  { "volume-detaching", write_odd_volume },
  { "vmi", write_vmi },
  { "vmi-options", write_options },
  { "vmi-paused", write_paused_vmi },
  { "list", write_list },
  { "list-empty", write_empty_list },
  { "budget", write_budget },
  { "budget-none", write_no_budget },
};

static void
check_golden (gsize row, HotplugManifestFormat format, const char *suffix)
{
  g_autofree char *name = g_strconcat (golden[row].name, ".", suffix, NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "manifest", name, NULL);
  g_autofree char *written = golden[row].write (format);
  g_autofree char *expected = NULL;
  g_autoptr (GError) error = NULL;

  if (g_getenv ("UPDATE_GOLDEN") != NULL)
    g_file_set_contents (path, written, -1, &error);
  else
    g_file_get_contents (path, &expected, NULL, &error);
  g_assert_no_error (error);

  if (expected != NULL)
    g_assert_cmpstr (written, ==, expected);
}

static void
test_json (gconstpointer data)
{
  check_golden (GPOINTER_TO_SIZE (data), HOTPLUG_MANIFEST_FORMAT_JSON, "json");
}

static void
test_yaml (gconstpointer data)
{
  check_golden (GPOINTER_TO_SIZE (data), HOTPLUG_MANIFEST_FORMAT_YAML, "yaml");
}

static const struct
{
  const char *name;
  const char *json;
  const char *yaml;
} scalars[] = {
  { "word", "\"web\"", "web\n" },
  { "quantity", "\"160Mi\"", "160Mi\n" },
  { "empty", "\"\"", "\"\"\n" },
  { "no", "\"no\"", "\"no\"\n" },
  { "On", "\"On\"", "\"On\"\n" },
  { "y", "\"y\"", "\"y\"\n" },
  { "true", "\"TRUE\"", "\"TRUE\"\n" },
  { "null-word", "\"null\"", "\"null\"\n" },
  { "tilde", "\"~\"", "\"~\"\n" },
  { "integer", "\"1234567890\"", "\"1234567890\"\n" },
  { "octal", "\"0o17\"", "\"0o17\"\n" },
  { "hexadecimal", "\"0x1F\"", "\"0x1F\"\n" },
  { "float", "\"1e5\"", "\"1e5\"\n" },
  { "infinity", "\"-.Inf\"", "\"-.Inf\"\n" },
  { "base-60", "\"0000:01:00.0\"", "\"0000:01:00.0\"\n" },
  { "date", "\"2026-08-01\"", "\"2026-08-01\"\n" },
  { "merge", "\"<<\"", "\"<<\"\n" },
  { "colon", "\"a: b\"", "'a: b'\n" },
  { "comment", "\"a #b\"", "'a #b'\n" },
  { "dash", "\"- a\"", "\"- a\"\n" },
  { "alias", "\"*a\"", "'*a'\n" },
  { "blanks", "\" a \"", "' a '\n" },
  { "lines", "\"a\\nb\"", "\"a\\nb\"\n" },
  { "control", "\"a\\u0001b\"", "\"a\\x01b\"\n" },
  { "unicode", "\"caf\u00e9\"", "caf\u00e9\n" },
  { "number", "5368709120", "5368709120\n" },
  { "negative", "-1", "-1\n" },
  { "boolean", "true", "true\n" },
  { "null", "null", "null\n" },
  { "empty-array", "[]", "[]\n" },
  { "empty-object", "{}", "{}\n" },
  { "nested", "{\"on\": [[1, {}], {\"a\": null}]}", "\"on\":\n- - 1\n  - {}\n- a: null\n" },
};

static void
test_scalar (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (scalars[row].json, &error);
  g_assert_no_error (error);

  g_autofree char *yaml = _hotplug_manifest_to_string (node, HOTPLUG_MANIFEST_FORMAT_YAML);
  g_assert_cmpstr (yaml, ==, scalars[row].yaml);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (golden); row++)
    {
      g_autofree char *json = g_strdup_printf ("/manifest/json/%s", golden[row].name);
      g_autofree char *yaml = g_strdup_printf ("/manifest/yaml/%s", golden[row].name);
      g_test_add_data_func (json, GSIZE_TO_POINTER (row), test_json);
      g_test_add_data_func (yaml, GSIZE_TO_POINTER (row), test_yaml);
    }

  for (gsize row = 0; row < G_N_ELEMENTS (scalars); row++)
    {
      g_autofree char *path = g_strdup_printf ("/manifest/yaml-scalar/%s", scalars[row].name);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_scalar);
    }

  return g_test_run ();
}
