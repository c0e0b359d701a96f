/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "machine-xml.h"

#include "rules/hotplug-budget-private.h"
#include "xml/hotplug-domain-xml-private.h"

#define NO_USB "<controller type='usb' model='none'/>"
#define NO_BALLOON "<memballoon model='none'/>"
#define BARE NO_USB NO_BALLOON
#define NIC "<interface><model type='virtio'/></interface>"
#define DISK(target) "<disk><target dev='" target "' bus='virtio'/></disk>"

/* What libvirt 9.0.0 made of each when it was defined, and 11.3.0 where that differs: MEASURED. The rule behind it
 * is named, of src/qemu/qemu_domain_address.c unless said. "-": a row's chipset, which is the same for all of a
 * machine */
static const struct
{
  const char *row;
  const char *arch;
  const char *machine;
  const char *devices;
  const char *expected; /* without the chipset */
  const char *newer;    /* nullable: what 11.3.0 makes of it */
} rows[] = {
  /* what is added: src/qemu/qemu_domain.c:3985-4238; one spare port: 2695-2723 */
  { "q35-empty", "x86_64", "q35", "",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:00:01.2 (pcie-root-port)\n"
    "0000:01:00.0 (qemu-xhci controller)\n0000:02:00.0 (memballoon)\n" },
  /* a part of a USB2 controller without an index has newer ones sort all by theirs */
  { "q35-usb2-without-index", "x86_64", "q35",
    NO_BALLOON "<controller type='pci' index='0' model='pcie-root'/>"
               "<controller type='pci' index='3' model='pcie-root-port'/>"
               "<controller type='pci' model='pcie-root-port'/>"
               "<controller type='usb' model='ich9-uhci1'/><controller type='usb' index='1' model='qemu-xhci'/>",
    "0000:00:01.0 pcie-root-port\n0000:00:01.1 pcie-root-port\n0000:00:01.2 (pcie-root-port)\n"
    "0000:00:1d.0 ich9-uhci1 controller\n0000:01:00.0 qemu-xhci controller\n",
    "0000:00:01.0 pcie-root-port\n0000:00:01.1 (pcie-root-port)\n0000:00:01.2 pcie-root-port\n"
    "0000:00:1d.0 ich9-uhci1 controller\n0000:01:00.0 qemu-xhci controller\n" },
  { "q35-nothing-to-place", "x86_64", "q35", BARE, "" },
  { "q35-named-ports-no-spare", "x86_64", "q35", BARE NIC "<controller type='pci' index='1' model='pcie-root-port'/>",
    "0000:00:01.0 pcie-root-port\n0000:01:00.0 virtio-net\n" },
  { "pc-empty", "x86_64", "pc", "", "0000:00:01.2 (piix3-uhci controller)\n0000:00:02.0 (memballoon)\n" },
  { "virt-empty", "aarch64", "virt", "", "" },
  { "riscv-empty", "riscv64", "virt", "",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:01:00.0 (memballoon)\n" },
  { "pseries-empty", "ppc64", "pseries", "", "0000:00:01.0 (qemu-xhci controller)\n0000:00:02.0 (memballoon)\n" },

  /* kinds of devices have an order: 2083-2432; disks by target: src/conf/domain_conf.c:14228 */
  { "pc-order", "x86_64", "pc",
    BARE "<rng model='virtio'/>" DISK ("vdb")
        DISK ("vda") "<controller type='scsi' model='virtio-scsi'/>"
                     "<watchdog model='i6300esb'/><sound model='ac97'/>" NIC
                     "<filesystem/><vsock/><shmem><model type='ivshmem-plain'/></shmem>",
    "0000:00:02.0 filesystem\n0000:00:03.0 virtio-net\n0000:00:04.0 ac97\n0000:00:05.0 virtio-scsi controller\n"
    "0000:00:06.0 virtio-blk\n0000:00:07.0 virtio-blk\n0000:00:08.0 virtio-rng\n0000:00:09.0 i6300esb\n"
    "0000:00:0a.0 ivshmem\n0000:00:0b.0 vsock\n" },

  /* the primary video has a slot of its own, if that is free: 1827 and 1986 */
  { "pc-video", "x86_64", "pc", BARE NIC "<video><model type='vga'/></video>",
    "0000:00:02.0 vga\n0000:00:03.0 virtio-net\n" },
  { "pc-graphics-only", "x86_64", "pc", BARE "<graphics type='vnc'/>", "0000:00:02.0 (cirrus)\n" },
  { "pc-video-slot-taken", "x86_64", "pc",
    BARE
    "<interface><model type='virtio'/><address type='pci' bus='0' slot='2'/></interface><video><model type='vga'/>"
    "</video>",
    "0000:00:02.0 virtio-net\n0000:00:03.0 vga\n" },
  { "pc-video-ramfb", "x86_64", "pc", BARE NIC "<video><model type='ramfb'/></video>", "0000:00:02.0 virtio-net\n" },
  { "pc-video-primary", "x86_64", "pc",
    BARE "<video><model type='virtio'/></video><video><model type='vga' primary='yes'/></video>",
    "0000:00:02.0 vga\n0000:00:03.0 virtio-gpu\n" },
  { "q35-video", "x86_64", "q35",
    BARE "<video><model type='virtio'/></video><controller type='pci' index='1' model='pcie-root-port'/>",
    "0000:00:01.0 virtio-gpu\n0000:00:02.0 pcie-root-port\n" },

  /* where the hardware has them: 1865-2040 */
  { "q35-ich9", "x86_64", "q35",
    NO_BALLOON
    "<controller type='usb' index='0' model='ich9-ehci1'/><controller type='usb' index='0' model='ich9-uhci1'/>"
    "<controller type='usb' index='0' model='ich9-uhci2'/><controller type='usb' index='0' model='ich9-uhci3'/>"
    "<sound model='ich9'/><controller type='pci' index='1' model='dmi-to-pci-bridge'/>",
    "0000:00:1b.0 ich9 sound\n0000:00:1d.0 ich9-uhci1 controller\n0000:00:1d.1 ich9-uhci2 controller\n"
    "0000:00:1d.2 ich9-uhci3 controller\n0000:00:1d.7 ich9-ehci1 controller\n0000:00:1e.0 dmi-to-pci-bridge\n" },
  /* parts of a USB2 controller share a slot, also where none is theirs: 2199-2252 */
  { "pc-usb2", "x86_64", "pc",
    NO_BALLOON "<controller type='usb' model='ich9-ehci1'/><controller type='usb' model='ich9-uhci1'/>"
               "<controller type='usb' model='ich9-uhci2'/><controller type='usb' model='ich9-uhci3'/>",
    "0000:00:02.0 ich9-uhci1 controller\n0000:00:02.1 ich9-uhci2 controller\n0000:00:02.2 ich9-uhci3 controller\n"
    "0000:00:02.7 ich9-ehci1 controller\n" },

  /* a conventional device on a machine of ports: src/conf/domain_addr.c:654-705 */
  { "q35-conventional", "x86_64", "q35", BARE "<interface><model type='e1000'/></interface>",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:01:00.0 (pcie-to-pci-bridge)\n"
    "0000:02:01.0 e1000\n" },
  /* ports are functions of one slot: src/conf/domain_addr.c:1043-1070 */
  { "q35-nine-nics", "x86_64", "q35", BARE NIC NIC NIC NIC NIC NIC NIC NIC,
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:00:01.2 (pcie-root-port)\n"
    "0000:00:01.3 (pcie-root-port)\n"
    "0000:00:01.4 (pcie-root-port)\n0000:00:01.5 (pcie-root-port)\n0000:00:01.6 (pcie-root-port)\n"
    "0000:00:01.7 (pcie-root-port)\n"
    "0000:00:02.0 (pcie-root-port)\n0000:01:00.0 virtio-net\n0000:02:00.0 virtio-net\n0000:03:00.0 virtio-net\n"
    "0000:04:00.0 virtio-net\n0000:05:00.0 virtio-net\n0000:06:00.0 virtio-net\n0000:07:00.0 virtio-net\n"
    "0000:08:00.0 virtio-net\n" },
  /* an address on a bus that is not there makes the buses up to it: 645-789 */
  { "q35-gap", "x86_64", "q35",
    BARE "<interface><model type='virtio'/><address type='pci' bus='2' slot='0'/></interface>",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:02:00.0 virtio-net\n" },
  { "q35-index-gap", "x86_64", "q35", BARE "<controller type='pci' index='2' model='pcie-root-port'/>",
    "0000:00:01.0 pcie-root-port\n0000:00:01.1 (pcie-root-port)\n",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 pcie-root-port\n" },
  /* addresses that are there are kept, all zeros is none: src/conf/device_conf.c:170 */
  { "pc-given", "x86_64", "pc",
    BARE "<interface><model type='virtio'/><address type='pci' bus='0' slot='0x1f'/></interface>"
         "<interface><model type='e1000'/><address type='pci' bus='0' slot='0'/></interface>",
    "0000:00:02.0 e1000\n0000:00:1f.0 virtio-net\n" },

  /* controllers that disks and ports want: src/conf/domain_conf.c:21434-21581 */
  { "pc-scsi-disk", "x86_64", "pc", BARE "<disk><target dev='sda' bus='scsi'/></disk>",
    "0000:00:02.0 (lsilogic controller)\n" },
  { "pc-eighth-scsi-disk", "x86_64", "pc",
    BARE "<controller type='scsi' index='0' model='virtio-scsi'/><disk><target dev='sdh' bus='scsi'/></disk>",
    "0000:00:02.0 virtio-scsi controller\n0000:00:03.0 (lsilogic controller)\n" },
  { "pc-scsi-disk-by-address", "x86_64", "pc",
    BARE "<controller type='scsi' index='0' model='virtio-scsi'/><disk><target dev='sdh' bus='scsi'/>"
         "<address type='drive' controller='0' bus='0' target='0' unit='7'/></disk>",
    "0000:00:02.0 virtio-scsi controller\n" },
  { "pc-channel", "x86_64", "pc", BARE "<channel type='unix'><target type='virtio'/></channel>",
    "0000:00:02.0 (virtio-serial controller)\n" },
  { "pc-channel-elsewhere", "x86_64", "pc",
    BARE "<controller type='virtio-serial' index='1'/><channel type='unix'><target type='virtio'/>"
         "<address type='virtio-serial' controller='1' bus='0' port='1'/></channel>",
    "0000:00:02.0 virtio-serial controller\n" },
  { "pc-sata-disk", "x86_64", "pc", BARE "<disk><target dev='sda' bus='sata'/></disk>",
    "0000:00:02.0 (SATA controller)\n" },
  { "q35-sata-disk", "x86_64", "q35", BARE "<disk><target dev='sda' bus='sata'/></disk>", "" },
  { "pseries-scsi-disk", "ppc64", "pseries", BARE "<disk><target dev='sda' bus='scsi'/></disk>", "" },

  /* one virtio-mmio device makes the others virtio-mmio: 483-513 */
  { "virt-mmio", "aarch64", "virt",
    NIC "<disk><target dev='vda' bus='virtio'/><address type='virtio-mmio'/></disk><rng model='virtio'/>", "" },
  /* … but those whose address says PCI, and nothing more; a balloon of any model */
  { "virt-mmio-but-pci", "aarch64", "virt",
    "<rng model='virtio'><address type='virtio-mmio'/></rng><memballoon model='virtio-transitional'/>"
    "<disk><target dev='vda' bus='virtio'/><address type='pci'/></disk>",
    "0000:00:01.0 (pcie-root-port)\n0000:00:01.1 (pcie-root-port)\n0000:01:00.0 virtio-blk\n" },
  /* on VIO, whatever the address says: 225-262 */
  { "pseries-vio-with-address", "ppc64", "pseries",
    BARE "<controller type='scsi' model='ibmvscsi'><address type='pci' bus='0' slot='9'/></controller>", "" },
  /* a chipset's place is for a bridge that has no address, not for one with an empty address: 1939 */
  { "q35-dmi", "x86_64", "q35", BARE "<controller type='pci' index='1' model='dmi-to-pci-bridge'/>",
    "0000:00:1e.0 dmi-to-pci-bridge\n" },
  { "q35-dmi-empty-address", "x86_64", "q35",
    BARE "<controller type='pci' index='1' model='dmi-to-pci-bridge'><address type='pci'/></controller>",
    "0000:00:01.0 dmi-to-pci-bridge\n" },
  /* the first console is the first serial port once more: src/conf/domain_conf.c:27449 */
  { "pc-console-of-a-serial-port", "x86_64", "pc",
    BARE "<serial type='null'><target type='pci-serial'/><address type='pci' bus='0' slot='9'/></serial>"
         "<console type='null'><target type='serial'/><address type='pci' bus='0' slot='9'/></console>",
    "0000:00:09.0 pci-serial\n" },
  /* a bus may have a higher number than what is on it, unless that is a pci-bridge: 2884 */
  { "q35-child-before-parent", "x86_64", "q35",
    BARE "<controller type='pci' index='0' model='pcie-root'/><controller type='pci' model='pcie-root-port'/>"
         "<controller type='pci' index='1' model='pcie-switch-upstream-port'/>",
    "0000:00:01.0 pcie-root-port\n0000:02:00.0 pcie-switch-upstream-port\n" },
  /* an iommu is integrated, without a port: 1007 */
  { "q35-iommu", "x86_64", "q35", BARE "<iommu model='virtio'/>", "0000:00:01.0 virtio-iommu\n" },
};

static void
remove_chipset (GString *list)
{
  static const char *const parts[] = { "0000:00:00.0 (host bridge)\n",    "0000:00:01.0 (ISA bridge)\n",
                                       "0000:00:01.1 (IDE controller)\n", "0000:00:01.3 (power management)\n",
                                       "0000:00:1f.0 (ISA bridge)\n",     "0000:00:1f.2 (SATA controller)\n",
                                       "0000:00:1f.3 (SMBus)\n" };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_string_replace (list, parts[i], "", 0);
}

/* The releases say so themselves: what the process has loaded is another thing on each Debian. */
static void
check_row (gsize row, guint64 libvirt_version, const char *expected)
{
  MachineShape shape = { .arch = rows[row].arch, .machine = rows[row].machine };
  g_autofree char *xml = machine_xml (&shape, rows[row].devices);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, &error);

  g_assert_no_error (error);
  domain->libvirt_version = libvirt_version;

  HotplugPciBudget *budget = _hotplug_budget_compute (domain, &error);

  g_assert_no_error (error);
  g_autofree char *all = list_devices (budget);
  g_autoptr (GString) list = g_string_new (all);
  remove_chipset (list);
  g_assert_cmpstr (list->str, ==, expected);
  hotplug_pci_budget_unref (budget);
}

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  check_row (row, 9000000, rows[row].expected);
  check_row (row, 11003000, rows[row].newer != NULL ? rows[row].newer : rows[row].expected);
}

static void
test_usb_net (void)
{
  MachineShape shape = { .arch = "x86_64", .machine = "q35" };
  g_autofree char *xml = machine_xml (&shape, "<interface type='user'><model type='usb-net'/></interface>");
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (xml, NULL);
  g_autoptr (GError) error = NULL;

  domain->libvirt_version = 9000000;
  g_assert_null (_hotplug_budget_compute (domain, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  domain->libvirt_version = 11003000;
  g_autoptr (HotplugPciBudget) budget = _hotplug_budget_compute (domain, &error);
  g_assert_no_error (error);
}

/* A pci-root keeps a slot for a bridge in time: 2650-2687. The 29th NIC that has no such slot any more brings it. */
static void
test_bridge_in_time (void)
{
  MachineShape shape = { .arch = "x86_64", .machine = "pc" };

  for (guint n = 28; n <= 31; n++)
    {
      g_autofree char *nics = repeat (NIC, 0, n);
      g_autofree char *devices = g_strconcat (BARE, nics, NULL);
      g_autofree char *xml = machine_xml (&shape, devices);
      GError *error = NULL;
      HotplugPciBudget *budget = hotplug_pci_budget_new_from_xml (xml, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (hotplug_pci_budget_get_buses (budget)->len, ==, n <= 29 ? 1 : 2);
      hotplug_pci_budget_unref (budget);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/pci-assign/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  g_test_add_func ("/pci-assign/usb-net", test_usb_net);
  g_test_add_func ("/pci-assign/bridge-in-time", test_bridge_in_time);
  return g_test_run ();
}
