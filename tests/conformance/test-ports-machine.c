/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/rig.h"

/* Machines of many shapes, each filled with virtio volumes until the library refuses one: as many as its budget said.
 * What libvirt and QEMU take without the library is what tests/pci/oracle asks. */

#define BRIDGE(index) "<controller type='pci' index='" #index "' model='pci-bridge'/>"
#define CONVENTIONAL "<controller type='pci' index='4' model='pcie-to-pci-bridge'/>"
#define RNG "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"

static const char *const bridges[] = { BRIDGE (1), BRIDGE (2), NULL };
static const char *const conventional[] = { CONVENTIONAL, NULL };
static const char *const one_rng[] = { RNG, NULL };
static const char *const off[] = {
  "<controller type='pci' index='5' model='pcie-root-port'><target hotplug='off'/></controller>",
  "<controller type='pci' index='6' model='pcie-root-port'/>",
  NULL,
};

/* Measured with QEMU 7.2, by raw calls */
static const struct
{
  const char *row;
  LabMachine machine;
  guint fits;
} rows[] = {
  { "q35-none", { .bare = TRUE }, 0 },
  { "q35-spare", { .bare = TRUE, .devices = one_rng }, 1 },
  { "q35-one", { .bare = TRUE, .root_ports = 1 }, 1 },
  { "q35-default-devices", { .root_ports = 4 }, 2 },
  { "q35-scsi", { .root_ports = 4, .scsi = TRUE }, 1 },
  { "q35-32", { .bare = TRUE, .root_ports = 32 }, 32 },
  { "q35-off", { .bare = TRUE, .root_ports = 4, .devices = off }, 5 },
  { "q35-conventional", { .bare = TRUE, .root_ports = 3, .devices = conventional }, 2 },
  { "pc", { .bare = TRUE, .machine = "pc" }, 30 },
  { "pc-default-devices", { .machine = "pc" }, 29 },
  { "pc-scsi", { .machine = "pc", .scsi = TRUE }, 28 },
  { "pc-bridges", { .bare = TRUE, .machine = "pc", .devices = bridges }, 90 },
  { "pc-without-acpi", { .bare = TRUE, .machine = "pc", .no_acpi = TRUE }, 0 },
};

static void
test_fill (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  LabMachine machine = rows[row].machine;
  guint count = 0;

  machine.name = rows[row].row;
  g_autoptr (Rig) rig = rig_new (&machine);
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, rows[row].fits);

  for (;; count++)
    {
      g_autofree char *name = g_strdup_printf ("data-%u", count);
      g_autofree char *image = rig_image (rig, name, 1);
      g_autoptr (HotplugVolume) volume = rig_volume (name, image, HOTPLUG_BUS_VIRTIO);
      g_autofree char *before = rig_picture (rig);
      g_autoptr (GError) refused = NULL;
      g_autoptr (HotplugVolumeStatus)
          status = hotplug_vmi_add_volume (rig->vmi, volume, HOTPLUG_PLUG_NONE, NULL, &refused);

      if (status != NULL)
        continue;
      /* the library's own refusal: nothing was asked of libvirt, and so the volume has no failed status either */
      g_assert_error (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
      g_assert_null (rig_status (rig, name));
      g_autofree char *after = rig_picture (rig);
      g_assert_cmpstr (before, ==, after);
      break;
    }
  g_assert_cmpuint (count, ==, rows[row].fits);
}

static void
restart (Rig *rig)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
}

/* The number that a refusal names is one that libvirt defines and QEMU starts, and nothing was done before. */
static void
test_most (void)
{
  static const LabMachine machine = { .name = "vmi-most", .scsi = TRUE };
  g_autoptr (Rig) rig = rig_new (&machine);
  g_autoptr (GError) refused = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *before = rig_picture (rig);

  g_assert_cmpint (hotplug_vmi_reserve_ports (rig->vmi, -1, 1000, HOTPLUG_PLUG_NONE, NULL, &refused), ==, -1);
  g_assert_error (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
  g_autofree char *after = rig_picture (rig);
  g_assert_cmpstr (before, ==, after);

  const char *number = strstr (refused->message, "so that ");
  g_assert_nonnull (number);
  int most = (int)g_ascii_strtoll (number + strlen ("so that "), NULL, 10);
  g_assert_cmpint (most, >, 200);
  g_assert_cmpint (hotplug_vmi_reserve_ports (rig->vmi, -1, most, HOTPLUG_PLUG_NONE, NULL, &error), >, 0);
  g_assert_no_error (error);
  restart (rig);
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint ((int)hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, most);
  g_assert_nonnull (hotplug_pci_budget_get_warning (budget));
}

/* A pc whose root bus is full gets a bridge, and what is plugged behind it comes back there. */
static void
test_bridge (void)
{
  static const LabMachine machine = { .name = "vmi-bridge", .machine = "pc", .scsi = TRUE };
  g_autoptr (Rig) rig = rig_new (&machine);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (hotplug_vmi_reserve_ports (rig->vmi, -1, 20, HOTPLUG_PLUG_NONE, NULL, &error), ==, 0);
  g_assert_cmpint (hotplug_vmi_reserve_ports (rig->vmi, -1, 50, HOTPLUG_PLUG_NONE, NULL, &error), ==, 30);
  g_assert_no_error (error);
  restart (rig);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("data-%u", i);
      rig_add (rig, name, HOTPLUG_BUS_VIRTIO, i == 39 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE, NULL);
    }
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, "data-39");
  g_assert_true (g_str_has_prefix (hotplug_volume_status_get_address (status), "0000:01:"));
  restart (rig);
  g_autoptr (HotplugVolumeStatus) again = rig_status (rig, "data-39");
  g_assert_cmpstr (hotplug_volume_status_get_address (again), ==, hotplug_volume_status_get_address (status));
}

/* Somebody has taken ports out of the template since the start: it gets back the one that is needed. */
static void
test_template_gets_port (void)
{
  static const LabMachine machine = { .name = "vmi-fewer-ports", .root_ports = 4, .scsi = TRUE, .bare = TRUE };
  g_autoptr (Rig) rig = rig_new (&machine);
  LabMachine fewer = machine;
  char uuid[VIR_UUID_STRING_BUFLEN];

  virDomainGetUUIDString (rig->domain, uuid);
  fewer.uuid = uuid;
  fewer.root_ports = 1;
  g_autofree char *xml = lab_machine_xml (&fewer);
  virDomainFree (lab_define (rig->connect, xml));

  rig_add (rig, "kept", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vda");
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, "kept");
  g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, "0000:02:00.0");
  g_assert_null (strstr (hotplug_volume_status_get_message (status), "another PCI address"));
  restart (rig);
  g_autoptr (HotplugVolumeStatus) again = rig_status (rig, "kept");
  g_assert_cmpstr (hotplug_volume_status_get_address (again), ==, "0000:02:00.0");
}

/* There it is in use by another device: the volume moves at the next start, and its status says so before. */
static void
test_moves (void)
{
  static const char *const in_the_way[] = {
    "<interface type='user'><model type='virtio'/><address type='pci' bus='2' slot='0' function='0'/></interface>",
    NULL,
  };
  static const LabMachine machine = { .name = "vmi-moves", .root_ports = 2, .scsi = TRUE, .bare = TRUE };
  g_autoptr (Rig) rig = rig_new (&machine);
  LabMachine other = machine;
  char uuid[VIR_UUID_STRING_BUFLEN];

  virDomainGetUUIDString (rig->domain, uuid);
  other.uuid = uuid;
  other.devices = in_the_way;
  g_autofree char *xml = lab_machine_xml (&other);
  virDomainFree (lab_define (rig->connect, xml));

  rig_add (rig, "kept", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vda");
  g_autoptr (HotplugVolumeStatus) status = rig_status (rig, "kept");
  g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, "0000:02:00.0");
  g_assert_nonnull (strstr (hotplug_volume_status_get_message (status), "another PCI address"));
  restart (rig);
  g_autoptr (HotplugVolumeStatus) again = rig_status (rig, "kept");
  g_assert_cmpint (hotplug_volume_status_get_phase (again), ==, HOTPLUG_VOLUME_PHASE_READY);
  g_assert_cmpstr (hotplug_volume_status_get_address (again), !=, "0000:02:00.0");
  g_assert_null (strstr (hotplug_volume_status_get_message (again), "another PCI address"));
}

static guint
count_free (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER);
}

/* libvirt gives a new q35 one port to spare; it is there again after each restart. */
static void
test_spare_stays (void)
{
  static const LabMachine machine = { .name = "vmi-spare", .bare = TRUE, .devices = one_rng };
  static const char *const targets[] = { "vda", "vdb", "vdc" };
  g_autoptr (Rig) rig = rig_new (&machine);

  for (gsize i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *name = g_strdup_printf ("kept-%zu", i);

      g_assert_cmpuint (count_free (rig), ==, 1);
      rig_add (rig, name, HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, targets[i]);
      g_assert_cmpuint (count_free (rig), ==, 0);
      restart (rig);
    }
  g_assert_cmpuint (count_free (rig), ==, 1);
}

/* A volume takes the port that was foretold, and libvirt makes no controller by itself, in the template neither. */
static void
test_gap (void)
{
  static const char *const gap[] = { "<controller type='scsi' index='1' model='virtio-scsi'/>", NULL };
  static const LabMachine machine = { .name = "vmi-gap", .bare = TRUE, .root_ports = 4, .devices = gap };
  g_autoptr (Rig) rig = rig_new (&machine);
  guint before = count_free (rig);

  rig_add (rig, "kept", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  g_assert_cmpuint (count_free (rig), ==, before - 1);
  rig_add (rig, "more", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sdb");
  g_assert_cmpuint (count_free (rig), ==, before - 1);
  g_autofree char *template = rig_template (rig);
  g_assert_null (strstr (template, "lsilogic"));
  g_assert_null (strstr (template, "pcie-to-pci-bridge"));
  restart (rig);
  g_assert_cmpuint (count_free (rig), ==, before);
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_qemu ();

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/P03/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_fill);
    }
  g_test_add_func ("/conformance/P03/most", test_most);
  g_test_add_func ("/conformance/P03/bridge", test_bridge);
  g_test_add_func ("/conformance/V15/template-gets-port", test_template_gets_port);
  g_test_add_func ("/conformance/V15/moves", test_moves);
  g_test_add_func ("/conformance/FP07/started", test_spare_stays);
  g_test_add_func ("/conformance/FP04/started", test_gap);
  return g_test_run ();
}
