/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-pci-budget.h>

#include "machine-xml.h"

#define NO_USB "<controller type='usb' model='none'/>"
#define NO_BALLOON "<memballoon model='none'/>"
#define BARE NO_USB NO_BALLOON
#define PORT "<controller type='pci' index='#' model='pcie-root-port'/>"
#define BRIDGE "<controller type='pci' index='#' model='pci-bridge'/>"
#define PCIE_ROOT "<controller type='pci' index='0' model='pcie-root'/>"
#define PCI_ROOT "<controller type='pci' index='0' model='pci-root'/>"
#define VIRTIO_SCSI "<controller type='scsi' model='virtio-scsi'/>"

static HotplugPciBudget *
budget_of (const MachineShape *shape, const char *devices)
{
  g_autofree char *xml = machine_xml (shape, devices);
  GError *error = NULL;
  HotplugPciBudget *budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_no_error (error);
  g_assert_nonnull (budget);
  return budget;
}

/* How many virtio NICs and e1000 NICs a started machine took, one after the other; MEASURED, QEMU 7.2. The same number
 * of virtio disks, and of e1000e in ports. */
static const struct
{
  const char *row;
  const char *machine;
  gboolean without_acpi;
  const char *repeated; /* nullable */
  guint first;
  guint n;
  const char *devices;
  guint virtio;
  guint conventional;
} measured[] = {
  { "q35-0-ports", "q35", FALSE, NULL, 0, 0, BARE, 0, 0 },
  { "q35-1-port", "q35", FALSE, PORT, 1, 1, PCIE_ROOT BARE, 1, 0 },
  { "q35-2-ports", "q35", FALSE, PORT, 1, 2, PCIE_ROOT BARE, 2, 0 },
  { "q35-4-ports", "q35", FALSE, PORT, 1, 4, PCIE_ROOT BARE, 4, 0 },
  { "q35-8-ports", "q35", FALSE, PORT, 1, 8, PCIE_ROOT BARE, 8, 0 },
  { "q35-16-ports", "q35", FALSE, PORT, 1, 16, PCIE_ROOT BARE, 16, 0 },
  { "q35-28-ports", "q35", FALSE, PORT, 1, 28, PCIE_ROOT BARE, 28, 0 },
  { "q35-32-ports", "q35", FALSE, PORT, 1, 32, PCIE_ROOT BARE, 32, 0 },
  { "q35-64-ports", "q35", FALSE, PORT, 1, 64, PCIE_ROOT BARE, 64, 0 },
  { "q35-100-ports", "q35", FALSE, PORT, 1, 100, PCIE_ROOT BARE, 100, 0 },
  { "q35-200-ports", "q35", FALSE, PORT, 1, 200, PCIE_ROOT BARE, 200, 0 },
  { "q35-240-ports", "q35", FALSE, PORT, 1, 240, PCIE_ROOT BARE, 240, 0 },
  { "q35-defaults-1-port", "q35", FALSE, PORT, 1, 1, PCIE_ROOT, 0, 0 },
  { "q35-defaults-2-ports", "q35", FALSE, PORT, 1, 2, PCIE_ROOT, 0, 0 },
  { "q35-defaults-3-ports", "q35", FALSE, PORT, 1, 3, PCIE_ROOT, 1, 0 },
  { "q35-defaults-4-ports", "q35", FALSE, PORT, 1, 4, PCIE_ROOT, 2, 0 },
  { "q35-defaults-8-ports", "q35", FALSE, PORT, 1, 8, PCIE_ROOT, 6, 0 },
  { "q35-defaults-scsi-4-ports", "q35", FALSE, PORT, 1, 4, PCIE_ROOT VIRTIO_SCSI, 1, 0 },
  { "q35-defaults-scsi-8-ports", "q35", FALSE, PORT, 1, 8, PCIE_ROOT VIRTIO_SCSI, 5, 0 },
  { "q35-video-takes-none", "q35", FALSE, PORT, 1, 4, PCIE_ROOT BARE "<video><model type='virtio'/></video>", 4, 0 },
  { "q35-nothing-named", "q35", FALSE, NULL, 0, 0, "", 1, 0 },
  { "q35-balloon-only", "q35", FALSE, NULL, 0, 0, NO_USB, 1, 0 },
  { "q35-bridge", "q35", FALSE, PORT, 1, 2,
    PCIE_ROOT BARE "<controller type='pci' index='3' model='pcie-to-pci-bridge'/>", 1, 31 },
  { "q35-no-acpi", "q35", TRUE, PORT, 1, 4, PCIE_ROOT BARE, 4, 0 },
  { "q35-switch", "q35", FALSE, "<controller type='pci' index='#' model='pcie-switch-downstream-port'/>", 3, 32,
    PCIE_ROOT BARE "<controller type='pci' index='1' model='pcie-root-port'/>"
                   "<controller type='pci' index='2' model='pcie-switch-upstream-port'/>",
    32, 0 },
  { "pc-bare", "pc", FALSE, NULL, 0, 0, BARE, 30, 30 },
  { "pc-defaults", "pc", FALSE, NULL, 0, 0, "", 29, 29 },
  { "pc-defaults-scsi", "pc", FALSE, NULL, 0, 0, VIRTIO_SCSI, 28, 28 },
  { "pc-defaults-scsi-video", "pc", FALSE, NULL, 0, 0, VIRTIO_SCSI "<video><model type='cirrus'/></video>", 27, 27 },
  { "pc-1-bridge", "pc", FALSE, BRIDGE, 1, 1, PCI_ROOT BARE, 60, 60 },
  { "pc-2-bridges", "pc", FALSE, BRIDGE, 1, 2, PCI_ROOT BARE, 90, 90 },
  { "pc-4-bridges", "pc", FALSE, BRIDGE, 1, 4, PCI_ROOT BARE, 150, 150 },
  { "pc-no-acpi", "pc", TRUE, NULL, 0, 0, BARE, 0, 0 },
  /* libvirt tries the root bus first, which has room */
  { "pc-no-acpi-1-bridge", "pc", TRUE, BRIDGE, 1, 1, PCI_ROOT BARE, 0, 0 },
  { "pc-root-off", "pc", FALSE, NULL, 0, 0,
    "<controller type='pci' index='0' model='pci-root'><target hotplug='off'/></controller>" BARE, 0, 0 },
  /* the same of an expander, which QEMU refuses, before a bridge */
  { "pc-expander", "pc", FALSE, NULL, 0, 0,
    PCI_ROOT "<controller type='pci' index='1' model='pci-expander-bus'/>"
             "<controller type='pci' index='2' model='pci-bridge'/>" BARE,
    28, 28 },
};

static void
test_measured (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  MachineShape shape = { .arch = "x86_64",
                         .machine = measured[row].machine,
                         .without_acpi = measured[row].without_acpi };
  g_autofree char *many = repeat (measured[row].repeated != NULL ? measured[row].repeated : "", measured[row].first,
                                  measured[row].n);
  g_autofree char *devices = g_strconcat (measured[row].devices, many, NULL);

  HotplugPciBudget *budget = budget_of (&shape, devices);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, measured[row].virtio);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCIE), ==, measured[row].virtio);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCI), ==,
                    measured[row].conventional);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_NONE), ==, 0);
  g_assert_true ((hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER) != NULL)
                 == (measured[row].virtio > 0));
  hotplug_pci_budget_unref (budget);
}

/* A bus that QEMU refuses is not counted, one that libvirt does not come to by itself is. */
static const struct
{
  const char *row;
  const char *arch;
  const char *machine;
  gboolean without_acpi;
  const char *devices;
  guint total;
  guint used;
  const char *next_virtio; /* nullable */
  const char *next_pci;    /* nullable */
  gboolean reason;
} counted[] = {
  { "pc", "x86_64", "pc", FALSE, BARE, 31, 1, "0000:00:02.0", "0000:00:02.0", FALSE },
  { "pc-no-acpi", "x86_64", "pc", TRUE, BARE, 0, 0, NULL, NULL, TRUE },
  { "pc-no-acpi-bridge", "x86_64", "pc", TRUE, PCI_ROOT "<controller type='pci' index='1' model='pci-bridge'/>" BARE,
    31, 0, NULL, NULL, FALSE },
  { "q35", "x86_64", "q35", FALSE, "", 3, 2, "0000:03:00.0", NULL, FALSE },
  { "q35-off", "x86_64", "q35", FALSE,
    PCIE_ROOT "<controller type='pci' index='1' model='pcie-root-port'><target hotplug='off'/></controller>"
              "<controller type='pci' index='2' model='pcie-root-port'/>" BARE,
    1, 0, "0000:02:00.0", NULL, FALSE },
  { "virt", "aarch64", "virt", FALSE, "<rng model='virtio'/>", 2, 1, "0000:02:00.0", NULL, FALSE },
  { "riscv", "riscv64", "virt", FALSE, "", 2, 1, "0000:02:00.0", NULL, FALSE },
  { "pseries", "ppc64", "pseries", FALSE, BARE, 31, 0, "0000:00:01.0", "0000:00:01.0", FALSE },
  { "pseries-2", "ppc64", "pseries", FALSE, "<controller type='pci' model='pci-root' index='1'/>" BARE, 62, 0,
    "0000:00:01.0", "0000:00:01.0", FALSE },
  { "microvm", "x86_64", "microvm", FALSE, "", 0, 0, NULL, NULL, TRUE },
  { "isapc", "x86_64", "isapc", FALSE, "", 0, 0, NULL, NULL, TRUE },
  { "s390x", "s390x", "s390-ccw-virtio", FALSE, "", 0, 0, NULL, NULL, TRUE },
};

static void
test_counted (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  MachineShape shape = { .arch = counted[row].arch,
                         .machine = counted[row].machine,
                         .without_acpi = counted[row].without_acpi };
  HotplugPciBudget *budget = budget_of (&shape, counted[row].devices);

  g_assert_cmpuint (hotplug_pci_budget_get_total (budget), ==, counted[row].total);
  g_assert_cmpuint (hotplug_pci_budget_get_used (budget), ==, counted[row].used);
  g_assert_cmpstr (hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER), ==,
                   counted[row].next_virtio);
  g_assert_cmpstr (hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_PCI), ==, counted[row].next_pci);
  g_assert_true ((hotplug_pci_budget_get_reason (budget) != NULL) == counted[row].reason);
  g_assert_cmpuint (hotplug_pci_budget_get_limit (budget), ==, hotplug_pci_budget_get_buses (budget)->len > 0 ? 32 : 0);
  hotplug_pci_budget_unref (budget);
}

/* MEASURED in a Linux guest: of 100 NICs behind 100 ports one vCPU shows 31, four show all; one shows all of 32 */
static const struct
{
  const char *row;
  const char *arch;
  const char *machine;
  guint n_ports;
  guint vcpus;
  const char *warning; /* nullable: a part of it */
} vectors[] = {
  { "100-ports-1-vcpu", "x86_64", "q35", 100, 1,
    "the 1 vCPU serves about 200 interrupt vectors, and with 100 more virtio devices" },
  { "100-ports-1-vcpu-work", "x86_64", "q35", 100, 1,
    " would be needed: about 31 of them will work; give the machine more vCPUs" },
  { "100-ports-4-vcpus", "x86_64", "q35", 100, 4, NULL },
  { "32-ports-1-vcpu", "x86_64", "q35", 32, 1, NULL },
  { "240-ports-1-vcpu", "x86_64", "q35", 240, 1,
    " would be needed: hardly one of them will work; give the machine more vCPUs" },
  { "not-known", "aarch64", "virt", 100, 1, NULL },
};

static void
test_vectors (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  MachineShape shape = { .arch = vectors[row].arch, .machine = vectors[row].machine, .vcpus = vectors[row].vcpus };
  g_autofree char *ports = repeat (PORT, 1, vectors[row].n_ports);
  g_autofree char *devices = g_strconcat (PCIE_ROOT BARE, ports, NULL);
  HotplugPciBudget *budget = budget_of (&shape, devices);
  const char *warning = hotplug_pci_budget_get_warning (budget);
  gboolean x86 = g_str_equal (vectors[row].arch, "x86_64");

  g_assert_cmpuint (hotplug_pci_budget_get_vectors_available (budget), ==, x86 ? 200 * vectors[row].vcpus : 0);
  g_assert_cmpuint (hotplug_pci_budget_get_vectors_needed (budget), >, 4 * vectors[row].n_ports);
  g_assert_true ((warning != NULL) == (vectors[row].warning != NULL));
  if (warning != NULL)
    g_assert_nonnull (strstr (warning, vectors[row].warning));

  /* it warns, and refuses nothing */
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, vectors[row].n_ports);
  hotplug_pci_budget_unref (budget);
}

#define NIC_AT(bus, slot, function)                                                                                    \
  "<interface><model type='virtio'/><address type='pci' domain='0' bus='" bus "' slot='" slot "' function='" function  \
  "'/></interface>"
#define CONTROLLER(index, model) "<controller type='pci' index='" index "' model='" model "'/>"
#define CONTROLLER_AT(index, model, bus, slot)                                                                         \
  "<controller type='pci' index='" index "' model='" model "'><address type='pci' domain='0' bus='" bus                \
  "' slot='" slot "' function='0'/></controller>"

/* Topologies that no machine can have; those of templates libvirt refuses too, or QEMU at the start */
static const struct
{
  const char *row;
  const char *machine;
  gboolean live;
  const char *devices;
  const char *message; /* nullable: the reader tells it, with the line */
} refused[] = {
  { "two-of-one-index", "q35", FALSE, PCIE_ROOT CONTROLLER ("1", "pcie-root-port") CONTROLLER ("1", "pcie-root-port"),
    NULL },
  { "missing-bus", "q35", TRUE, PCIE_ROOT NIC_AT ("5", "0", "0"),
    "virtio-net is at 0000:05:00.0: the machine has no PCI controller with index 5" },
  { "missing-bus-in-a-gap", "q35", TRUE,
    PCIE_ROOT CONTROLLER_AT ("9", "pcie-root-port", "0", "1") NIC_AT ("5", "0", "0"),
    "virtio-net is at 0000:05:00.0: the machine has no PCI controller with index 5" },
  { "no-root", "q35", TRUE, NIC_AT ("0", "1", "0"),
    "virtio-net is at 0000:00:01.0: the machine has no PCI controller with index 0" },
  { "two-at-one-function", "pc", FALSE, NIC_AT ("0", "5", "0") NIC_AT ("0", "5", "0"), NULL },
  { "on-the-chipset", "pc", FALSE, NIC_AT ("0", "1", "3"),
    "the PIIX3's power management is at 0000:00:01.3, and so is another device" },
  { "slot-32", "pc", FALSE, NIC_AT ("0", "32", "0"), NULL },
  { "function-8", "pc", FALSE, NIC_AT ("0", "5", "8"), NULL },
  { "bus-256", "pc", FALSE, NIC_AT ("256", "5", "0"), NULL },
  { "index-256", "pc", FALSE, CONTROLLER ("256", "pci-bridge"), NULL },
  { "domain-1", "q35", FALSE,
    "<interface><model type='virtio'/><address type='pci' domain='1' bus='0' slot='5' function='0'/></interface>",
    "virtio-net is at 0001:00:05.0: there is no PCI domain but 0" },
  { "slot-of-a-port", "q35", FALSE, PCIE_ROOT CONTROLLER ("1", "pcie-root-port") NIC_AT ("1", "3", "0"),
    "virtio-net is at 0000:01:03.0: a pcie-root-port has slots from 0 to 0" },
  { "slot-0-of-a-bridge", "pc", FALSE, CONTROLLER ("1", "pci-bridge") NIC_AT ("1", "0", "0"),
    "virtio-net is at 0000:01:00.0: a pci-bridge has slots from 1 to 31" },
  { "device-on-a-switch", "q35", FALSE,
    PCIE_ROOT CONTROLLER ("1", "pcie-root-port") CONTROLLER ("2", "pcie-switch-upstream-port") NIC_AT ("2", "3", "0"),
    "virtio-net is at 0000:02:03.0: a pcie-switch-upstream-port takes no such device" },
  { "bridge-behind-itself", "pc", FALSE,
    CONTROLLER_AT ("1", "pci-bridge", "2", "3") CONTROLLER_AT ("2", "pci-bridge", "1", "3"),
    "PCI controller with index 1, a pci-bridge, is on bus 2: its index must be the larger one" },
  { "switch-behind-itself", "q35", FALSE,
    CONTROLLER_AT ("1", "pcie-switch-upstream-port", "2", "0")
        CONTROLLER_AT ("2", "pcie-switch-downstream-port", "1", "3"),
    "PCI controller with index 1, a pcie-switch-upstream-port, is behind itself" },
  { "switch-behind-itself-live", "q35", TRUE,
    PCIE_ROOT CONTROLLER_AT ("1", "pcie-switch-upstream-port", "2", "0")
        CONTROLLER_AT ("2", "pcie-switch-downstream-port", "1", "3"),
    "PCI controller with index 1, a pcie-switch-upstream-port, is behind itself" },
  { "live-without-address", "q35", TRUE, PCIE_ROOT CONTROLLER ("1", "pcie-root-port"),
    "PCI controller with index 1, a pcie-root-port, has no PCI address" },
  { "bridge-without-port", "q35", FALSE, PCIE_ROOT CONTROLLER ("1", "pcie-to-pci-bridge"),
    "no PCI slot is left for pcie-to-pci-bridge, and libvirt adds no controller for one" },
  { "too-many-ports", "q35", FALSE, NULL,
    "no PCI slot is left for pcie-root-port, and libvirt adds no controller for one" },
  { "root-of-another-machine", "q35", FALSE, PCI_ROOT,
    "PCI controller with index 0 is a pci-root; on this kind of machine that with index 0 "
    "is a pcie-root, and no other" },
  { "second-root", "pc", FALSE, PCI_ROOT CONTROLLER ("1", "pci-root"),
    "PCI controller with index 1 is a pci-root; on this kind of machine that with index 0 "
    "is a pci-root, and no other" },
  { "no-model", "pc", FALSE, "<controller type='pci' index='1'/>", "a PCI controller has no model" },
  { "odd-model", "pc", FALSE, CONTROLLER ("1", "pci-tunnel"),
    "a PCI controller has a model that libvirt does not know: pci-tunnel" },
  { "sata-elsewhere", "q35", FALSE,
    "<controller type='sata' index='0'><address type='pci' domain='0' bus='0' slot='3' function='0'/></controller>",
    "the SATA controller with index 0 is always at 0000:00:1f.2" },
  { "many-scsi-controllers", "pc", FALSE,
    "<disk><target dev='sda' bus='scsi'/><address type='drive' controller='60000' bus='0' target='0' unit='0'/></disk>",
    "more than 1024 controllers" },
};

static void
test_refused (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  MachineShape shape = { .arch = "x86_64", .machine = refused[row].machine, .live = refused[row].live };
  g_autofree char *ports = repeat (PORT, 1, 248);
  g_autofree char *xml = machine_xml (&shape, refused[row].devices != NULL ? refused[row].devices : ports);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_pci_budget_new_from_xml (xml, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  if (refused[row].message != NULL)
    g_assert_cmpstr (error->message, ==, refused[row].message);
  else
    g_assert_nonnull (strstr (error->message, "line "));
}

/* Buses and slots as values: a bridge behind a port, with a device and a free place */
static void
test_tree (void)
{
  MachineShape shape = { .arch = "x86_64", .machine = "q35" };
  HotplugPciBudget *budget = budget_of (&shape, PCIE_ROOT CONTROLLER ("1", "pcie-root-port")
                                                    CONTROLLER ("2", "pcie-to-pci-bridge") BARE
                                        "<interface><model type='e1000'/><alias name='ua-hpi-blue'/></interface>");
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  g_autofree char *devices = list_devices (budget);

  g_assert_cmpstr (devices, ==,
                   "0000:00:00.0 (host bridge)\n0000:00:01.0 pcie-root-port\n0000:00:1f.0 (ISA bridge)\n"
                   "0000:00:1f.2 (SATA controller)\n0000:00:1f.3 (SMBus)\n0000:01:00.0 pcie-to-pci-bridge\n"
                   "0000:02:01.0 e1000\n");
  g_assert_cmpuint (buses->len, ==, 3);

  HotplugPciBus *root = g_ptr_array_index (buses, 0), *port = g_ptr_array_index (buses, 1);
  HotplugPciBus *bridge = g_ptr_array_index (buses, 2);
  g_assert_cmpint (hotplug_pci_bus_get_parent_index (root), ==, -1);
  g_assert_null (hotplug_pci_bus_get_address (root));
  g_assert_false (hotplug_pci_bus_is_hotplug (root));
  g_assert_cmpint (hotplug_pci_bus_get_class (root), ==, HOTPLUG_PCI_CLASS_NONE);
  g_assert_cmpint (hotplug_pci_bus_get_class (port), ==, HOTPLUG_PCI_CLASS_PCIE);
  g_assert_cmpint (hotplug_pci_bus_get_parent_index (bridge), ==, 1);
  g_assert_cmpstr (hotplug_pci_bus_get_address (bridge), ==, "0000:01:00.0");
  g_assert_cmpint (hotplug_pci_bus_get_class (bridge), ==, HOTPLUG_PCI_CLASS_PCI);
  g_assert_cmpuint (hotplug_pci_bus_get_first_slot (bridge), ==, 1);

  GPtrArray *slots = hotplug_pci_bus_get_slots (bridge);
  g_assert_cmpuint (slots->len, ==, 31);
  g_assert_cmpstr (hotplug_pci_slot_get_name (g_ptr_array_index (slots, 0)), ==, "blue");
  g_assert_true (hotplug_pci_slot_is_free (g_ptr_array_index (slots, 1)));
  g_assert_cmpstr (hotplug_pci_slot_get_address (g_ptr_array_index (slots, 1)), ==, "0000:02:02.0");
  g_assert_cmpint (hotplug_pci_slot_get_bus_index (g_ptr_array_index (hotplug_pci_bus_get_slots (port), 0)), ==, 2);
  hotplug_pci_budget_unref (budget);
}

/* What is plugged in by hand is where it is, also where libvirt would not have put it. */
static void
test_live (void)
{
  MachineShape shape = { .arch = "x86_64", .machine = "q35", .live = TRUE };
  HotplugPciBudget *budget = budget_of (
      &shape,
      PCIE_ROOT CONTROLLER_AT ("1", "pcie-root-port", "0", "2") CONTROLLER_AT ("2", "pcie-root-port", "0", "3")
          CONTROLLER_AT ("4", "pcie-root-port", "0",
                         "4") "<interface><model type='e1000'/><address type='pci' bus='1' slot='0'/></interface>");
  g_autofree char *devices = list_devices (budget);

  g_assert_nonnull (strstr (devices, "0000:01:00.0 e1000\n"));
  g_assert_null (strstr (devices, "memballoon"));
  g_assert_cmpuint (hotplug_pci_budget_get_total (budget), ==, 3);
  g_assert_cmpuint (hotplug_pci_budget_get_used (budget), ==, 1);
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, 2);
  g_assert_cmpstr (hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER), ==, "0000:02:00.0");
  hotplug_pci_budget_unref (budget);
}

#define ADD_ROWS(folder, table, function)                                                                              \
  for (gsize row = 0; row < G_N_ELEMENTS (table); row++)                                                               \
    {                                                                                                                  \
      g_autofree char *path = g_strconcat (folder, table[row].row, NULL);                                              \
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), function);                                                   \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_ROWS ("/budget/measured/", measured, test_measured)
  ADD_ROWS ("/budget/counted/", counted, test_counted)
  ADD_ROWS ("/budget/vectors/", vectors, test_vectors)
  ADD_ROWS ("/budget/refused/", refused, test_refused)
  g_test_add_func ("/budget/tree", test_tree);
  g_test_add_func ("/budget/live", test_live);
  return g_test_run ();
}
