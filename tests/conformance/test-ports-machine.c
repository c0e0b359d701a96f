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

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_qemu ();

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      g_print ("1..0 # SKIP %s\n", missing);
      return 0;
    }

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/conformance/P03/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_fill);
    }
  return g_test_run ();
}
