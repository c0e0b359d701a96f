/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-pci-budget.h>

/* What no element of <devices> says: QEMU's command line, and devices that libvirt drops or that are newer */

#define PORTS                                                                                                          \
  "<controller type='pci' index='0' model='pcie-root'/><controller type='pci' index='1' model='pcie-root-port'/>"      \
  "<controller type='pci' index='2' model='pcie-root-port'/><controller type='pci' index='3' model='pcie-root-port'/>"
#define NO_USB "<controller type='usb' model='none'/>"
#define NO_BALLOON "<memballoon model='none'/>"
#define BARE NO_USB NO_BALLOON
#define AT_2 "<address type='pci' domain='0' bus='2' slot='0' function='0'/>"
#define ARG(value) "<qemu:arg value='" value "'/>"
#define DEVICE(value) ARG ("-device") ARG (value)
#define GLOBAL(value) ARG ("-global") ARG (value)

static const struct
{
  const char *row;
  const char *machine;
  const char *devices;
  const char *arguments;
  guint free;          /* MEASURED with libvirt 9.0.0 and QEMU 7.2, but for what these do not know */
  const char *next;    /* nullable: where a virtio device goes next */
  const char *warning; /* nullable: a word of it */
} rows[] = {
  { "/conformance/FP05/addresses", "pc", BARE,
    DEVICE ("virtio-rng-pci,bus=pci.0,addr=0x03") DEVICE ("ivshmem-plain,memdev=m,bus=pci.0,addr=0x4") ARG ("-object")
        ARG ("memory-backend-ram,id=m,size=1M,share=on"),
    28, "0000:00:02.0", NULL },
  { "/conformance/FP05/without-zero-x", "pc", BARE, DEVICE ("virtio-rng-pci,addr=2"), 29, "0000:00:03.0", NULL },
  { "/conformance/FP05/hexadecimal", "pc", BARE, DEVICE ("virtio-rng-pci,addr=1f"), 29, "0000:00:02.0", NULL },
  { "/conformance/FP05/function", "pc", BARE, DEVICE ("virtio-rng-pci,addr=2.1"), 29, "0000:00:03.0", NULL },
  { "/conformance/FP05/two-dashes", "pc", BARE, ARG ("--device") ARG ("e1000,addr=2"), 29, "0000:00:03.0", NULL },
  { "/conformance/FP05/first-free", "pc", BARE, DEVICE ("virtio-rng-pci"), 29, "0000:00:03.0", NULL },
  { "/conformance/FP05/none-of-pci", "pc", BARE, DEVICE ("isa-debugcon,chardev=x"), 30, "0000:00:02.0", NULL },
  { "/conformance/FP05/unknown", "pc", BARE, DEVICE ("future-device"), 30, "0000:00:02.0", "future-device" },
  { "/conformance/FP05/json", "pc", BARE, DEVICE ("{&quot;driver&quot;:&quot;e1000&quot;}"), 30, "0000:00:02.0", "JSON" },
  { "/conformance/FP05/option", "pc", BARE, ARG ("-vga") ARG ("std"), 30, "0000:00:02.0", "-vga" },
  { "/conformance/FP05/harmless", "pc", BARE, ARG ("-cpu") ARG ("host"), 30, "0000:00:02.0", NULL },
  { "/conformance/FP05/on-a-port", "q35", PORTS BARE, DEVICE ("virtio-rng-pci,bus=pci.1"), 2, "0000:02:00.0", NULL },
  { "/conformance/FP05/on-pcie-0", "q35", PORTS BARE, DEVICE ("virtio-rng-pci"), 3, "0000:01:00.0", NULL },
  { "/conformance/FP05/behind-its-own", "q35", PORTS BARE,
    DEVICE ("pcie-root-port,id=mine,bus=pcie.0,chassis=99") DEVICE ("virtio-rng-pci,bus=mine"), 3, "0000:01:00.0",
    NULL },
  { "/conformance/FP05/root-off", "pc", BARE, GLOBAL ("PIIX4_PM.acpi-root-pci-hotplug=off"), 0, NULL, NULL },
  { "/conformance/FP05/root-off-long", "pc", BARE, GLOBAL ("driver=PIIX4_PM,property=acpi-root-pci-hotplug,value=off"), 0, NULL,
    NULL },
  { "/conformance/FP05/root-on", "pc", BARE, GLOBAL ("PIIX4_PM.acpi-root-pci-hotplug=on"), 30, "0000:00:02.0", NULL },
  { "/conformance/FP05/ports-off", "q35", PORTS BARE, GLOBAL ("pcie-root-port.hotplug=off"), 0, NULL, NULL },
  { "/conformance/FP05/ports-off-but-one", "q35",
    PORTS BARE "<controller type='pci' index='4' model='pcie-root-port'><model name='ioh3420'/></controller>",
    GLOBAL ("pcie-root-port.hotplug=off"), 1, NULL, NULL },
  { "/conformance/FP05/unknown-global", "q35", PORTS BARE, GLOBAL ("ICH9-LPC.future-hotplug=off"), 3, "0000:01:00.0",
    "future-hotplug" },

  { "/conformance/FP06/usb", "q35", PORTS NO_BALLOON "<controller type='usb' index='0' model='none'>" AT_2 "</controller>", "", 3,
    "0000:01:00.0", NULL },
  { "/conformance/FP06/balloon", "q35", PORTS NO_USB "<memballoon model='none'>" AT_2 "</memballoon>", "", 3, "0000:01:00.0", NULL },
  { "/conformance/FP06/video", "q35", PORTS BARE "<video><model type='none'/>" AT_2 "</video>", "", 3, "0000:01:00.0", NULL },
  { "/conformance/FP06/mouse-has-one", "q35", PORTS BARE "<input type='mouse' bus='ps2'>" AT_2 "</input>", "", 2, "0000:01:00.0",
    NULL },
  { "/conformance/FP06/nvme", "q35", PORTS BARE "<controller type='nvme' index='0'/>", "", 2, "0000:02:00.0", NULL },
  { "/conformance/FP06/sound", "q35", PORTS BARE "<sound model='virtio'/>", "", 2, "0000:02:00.0", NULL },
  { "/conformance/FP06/unknown-element", "q35", PORTS BARE "<teleporter/>", "", 3, "0000:01:00.0", "<teleporter>" },
  { "/conformance/FP06/unknown-controller", "q35", PORTS BARE "<controller type='warp' index='0'/>", "", 3, "0000:01:00.0", "warp" },
  { "/conformance/FP06/unknown-with-address", "q35", PORTS BARE "<teleporter>" AT_2 "</teleporter>", "", 2, "0000:01:00.0", NULL },
};

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autofree char *xml = g_strdup_printf (
      "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>o</name>"
      "<memory unit='MiB'>64</memory><vcpu>4</vcpu><os><type arch='x86_64' machine='%s'>hvm</type></os>"
      "<features><acpi/></features><devices>%s</devices><qemu:commandline>%s</qemu:commandline></domain>",
      rows[row].machine, rows[row].devices, rows[row].arguments);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_no_error (error);
  const char *warning = hotplug_pci_budget_get_warning (budget);
  g_assert_cmpuint (hotplug_pci_budget_get_free (budget), ==, rows[row].free);
  g_assert_cmpstr (hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER), ==, rows[row].next);
  if (rows[row].warning != NULL)
    g_assert_nonnull (warning != NULL ? strstr (warning, rows[row].warning) : NULL);
  else if (warning != NULL)
    g_assert_null (strstr (warning, "not counted"));
}

static void
test_override (void)
{
  static const char *const xml
      = "<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>o</name><os>"
        "<type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features><devices>" PORTS BARE "</devices>"
        "<qemu:override><qemu:device alias='net0'><qemu:frontend><qemu:property name='addr' type='string' value='9'/>"
        "</qemu:frontend></qemu:device></qemu:override></domain>";
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugPciBudget) budget = hotplug_pci_budget_new_from_xml (xml, &error);

  g_assert_no_error (error);
  const char *warning = hotplug_pci_budget_get_warning (budget);
  g_assert_nonnull (warning != NULL ? strstr (warning, "net0") : NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    g_test_add_data_func (rows[row].row, GSIZE_TO_POINTER (row), test_row);
  g_test_add_func ("/conformance/FP05/override", test_override);

  return g_test_run ();
}
