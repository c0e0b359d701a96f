/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "rules/hotplug-pci-plan-private.h"

/* libvirt hands on the arguments of <qemu:commandline> as they are and knows nothing of what they mean; QEMU refuses
 * what is plugged in where they have put something. */

/* Of globals those that are about hotplug */
static const struct
{
  const char *driver;
  const char *property;
  guint off; /* HotplugPciSwitches; 0: it makes no difference to whether a bus takes devices */
} globals[] = {
  { "PIIX4_PM", "acpi-root-pci-hotplug", HOTPLUG_PCI_OFF_ROOT },
  { "PIIX4_PM", "acpi-pci-hotplug-with-bridge-support", HOTPLUG_PCI_OFF_ACPI_BRIDGES },
  { "ICH9-LPC", "acpi-pci-hotplug-with-bridge-support", 0 },
  { "pcie-root-port", "hotplug", HOTPLUG_PCI_OFF_PORTS },
  { "pcie-root-port-base", "hotplug", HOTPLUG_PCI_OFF_PORTS },
  { "ioh3420", "hotplug", HOTPLUG_PCI_OFF_IOH3420 },
  { "xio3130-downstream", "hotplug", HOTPLUG_PCI_OFF_DOWNSTREAM },
  { "pcie-slot", "hotplug", HOTPLUG_PCI_OFF_PORTS | HOTPLUG_PCI_OFF_DOWNSTREAM | HOTPLUG_PCI_OFF_IOH3420 },
  { "pci-bridge", "shpc", HOTPLUG_PCI_OFF_SHPC },
};

/* Options that put nothing on a PCI bus */
static const char *const harmless[] = {
  "-D",       "-S",       "-accel",   "-acpitable",  "-add-fd",  "-append",     "-bios",    "-blockdev", "-boot",
  "-chardev", "-compat",  "-cpu",     "-d",          "-display", "-enable-kvm", "-fsdev",   "-fw_cfg",   "-gdb",
  "-global",  "-icount",  "-initrd",  "-k",          "-kernel",  "-m",          "-mem-path", "-mem-prealloc",
  "-mon",     "-monitor", "-msg",     "-name",       "-netdev",  "-no-reboot",  "-no-shutdown", "-numa", "-object",
  "-overcommit", "-pidfile", "-qmp",  "-rtc",        "-s",       "-sandbox",    "-seed",    "-serial",   "-smbios",
  "-smp",     "-spice",   "-trace",   "-uuid",       "-vnc",     "-device",     NULL,
};

/* How drivers begin that are on another bus; those of virtio without -pci are too */
static const char *const other_buses[] = { "usb-",      "isa-",  "scsi-", "ide-",    "virtserialport", "virtconsole",
                                           "tpm-",      "hda-",  "ipmi-", "pvpanic", "vmgenid",        "vmcoreinfo",
                                           "pc-dimm",   "nvdimm", "loader", "guest-loader", "floppy",  "sd-card",
                                           "ccid-card", "intel-iommu" };

static const char *const pci_drivers[] = { "e1000", "e1000e", "rtl8139", "ne2k_pci", "pcnet", "vmxnet3", "igb",
                                           "qemu-xhci", "nec-usb-xhci", "usb-ehci", "ich9-usb-ehci1", "piix3-usb-uhci",
                                           "piix4-usb-uhci", "pci-ohci", "ahci", "nvme", "megasas", "lsi", "mptsas1068",
                                           "pvscsi", "ivshmem-plain", "ivshmem-doorbell", "vfio-pci", "edu",
                                           "i6300esb", "AC97", "ES1370", "intel-hda", "ich9-intel-hda", "VGA", "qxl",
                                           "qxl-vga", "cirrus-vga", "bochs-display", "virtio-vga", "pci-serial",
                                           "pci-testdev", "pci-bridge", NULL };

/* The value of a key in "driver,key=value,…"; NULL: it has none. The first word is the driver's. */
static char *
value_of (char **words, const char *key)
{
  gsize length = strlen (key);

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (strncmp (words[i], key, length) == 0 && words[i][length] == '=')
        return words[i] + length + 1;
    }
  return NULL;
}

static gboolean
is_pci_driver (const char *driver)
{
  return g_strv_contains (pci_drivers, driver) || g_str_has_suffix (driver, "-pci")
         || g_str_has_suffix (driver, "-pci-transitional") || g_str_has_suffix (driver, "-pci-non-transitional");
}

static gboolean
is_elsewhere (const char *driver)
{
  for (guint i = 0; i < G_N_ELEMENTS (other_buses); i++)
    {
      if (g_str_has_prefix (driver, other_buses[i]))
        return TRUE;
    }
  return g_str_has_prefix (driver, "virtio-") && g_str_has_suffix (driver, "-device");
}

/* QEMU's name for a bus is its controller's alias, which libvirt makes of the index where nobody has given one. -1: it
 * is none of the machine's. */
static int
bus_number (const HotplugPciPlan *plan, const char *name)
{
  if (strcmp (name, "pci.0") == 0 || strcmp (name, "pcie.0") == 0)
    return 0;
  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugDevice *controller = &g_array_index (plan->controllers, HotplugPciSeat, i).device;
      g_autofree char *made = g_strdup_printf ("pci.%u", controller->index);
      const char *alias = controller->alias != NULL ? controller->alias : made;

      if (g_strcmp0 (controller->type, "pci") == 0 && strcmp (alias, name) == 0)
        return (int)controller->index;
    }
  return -1;
}

/* As QEMU reads it: hexadecimal, SLOT or SLOT.FUNCTION (hw/core/qdev-properties-system.c, set_pci_devfn ()) */
static gboolean
read_place (const char *text, HotplugAddress *out)
{
  char *end;
  guint64 slot = g_ascii_strtoull (text, &end, 16);
  guint64 function = *end == '.' ? g_ascii_strtoull (end + 1, &end, 16) : 0;

  if (end == text || *end != '\0' || slot >= HOTPLUG_PCI_SLOTS || function >= HOTPLUG_PCI_FUNCTIONS)
    return FALSE;
  out->slot = (guint)slot;
  out->function = (guint)function;
  return TRUE;
}

/* Where QEMU puts what names no place: the first slot that is empty */
static gboolean
find_place (const HotplugPciBusState *bus, HotplugAddress *out)
{
  for (guint slot = bus->first; slot <= bus->last && slot < HOTPLUG_PCI_SLOTS; slot++)
    {
      if ((bus->functions[slot] & 1) == 0)
        {
          out->slot = slot;
          return TRUE;
        }
    }
  return FALSE;
}

static void
add_seat (HotplugPciPlan *self, HotplugPciBusState *bus, const HotplugAddress *address, const char *driver)
{
  guint8 bit = (guint8)(1U << address->function);

  if ((bus->functions[address->slot] & bit) != 0)
    return;
  if (self->words == NULL)
    self->words = g_string_chunk_new (64);

  const char *word = g_string_chunk_insert_const (self->words, driver);
  HotplugPciSeat seat = { .device = { .element = "commandline", .address = *address, .hotplug = TRUE },
                          .need = { .class = HOTPLUG_PCI_CLASS_EITHER, .word = word },
                          .implied = TRUE };
  bus->functions[address->slot] |= bit;
  g_array_append_val (self->seats, seat);
}

static void
read_device (HotplugPciPlan *self, HotplugPciBuses *buses, const char *text, GHashTable *ids)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  const char *driver = words[0] != NULL && g_str_has_prefix (words[0], "driver=") ? words[0] + 7 : words[0];
  const char *id = value_of (words, "id");
  const char *bus_name = value_of (words, "bus");
  const char *place = value_of (words, "addr");

  if (driver == NULL || *text == '{')
    {
      _hotplug_pci_plan_set_uncounted (self, "QEMU's command line has a -device in JSON: its slot is not counted");
      return;
    }
  if (id != NULL)
    g_hash_table_add (ids, g_strdup (id));
  gboolean on_pci = place != NULL || is_pci_driver (driver);
  int number = bus_name != NULL ? bus_number (self, bus_name) : 0;
  if (!on_pci && (is_elsewhere (driver) || (number < 0 && !g_hash_table_contains (ids, bus_name))))
    return;
  /* behind a device of the command line, where libvirt puts nothing */
  if (number < 0)
    return;

  HotplugPciBusState *bus = _hotplug_pci_buses_get (buses, (guint)number);
  HotplugAddress address = _hotplug_address_pci (0, (guint)number, 0, 0);
  if (bus == NULL || (!on_pci && bus_name == NULL))
    {
      _hotplug_pci_plan_set_uncounted (self, "QEMU's command line has -device %s, whose slot is not counted", driver);
      return;
    }
  if (place != NULL ? read_place (place, &address) : find_place (bus, &address))
    add_seat (self, bus, &address, driver);
}

static void
read_global (HotplugPciPlan *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  const char *driver = value_of (words, "driver");
  const char *property = value_of (words, "property");
  const char *value = value_of (words, "value");
  g_auto (GStrv) sides = g_strsplit (text, "=", 2);
  char *dot = driver == NULL && sides[0] != NULL && sides[1] != NULL ? strchr (sides[0], '.') : NULL;

  if (dot != NULL)
    {
      *dot = '\0';
      driver = sides[0];
      property = dot + 1;
      value = sides[1];
    }
  if (driver == NULL || property == NULL || value == NULL)
    return;

  static const char *const off[] = { "off", "no", "false", "n", NULL };
  for (guint i = 0; i < G_N_ELEMENTS (globals); i++)
    {
      if (strcmp (globals[i].driver, driver) != 0 || strcmp (globals[i].property, property) != 0)
        continue;
      if (g_strv_contains (off, value))
        self->switched_off |= globals[i].off;
      return;
    }
  if (strstr (property, "hotplug") != NULL || strstr (property, "shpc") != NULL)
    _hotplug_pci_plan_set_uncounted (self, "QEMU's command line has -global %s.%s, and what it changes is not counted",
                                     driver, property);
}

void
_hotplug_pci_plan_add_arguments (HotplugPciPlan *self, const HotplugDomain *domain, HotplugPciBuses *buses)
{
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < domain->arguments->len; i++)
    {
      const char *option = g_ptr_array_index (domain->arguments, i);
      const char *value = i + 1 < domain->arguments->len ? g_ptr_array_index (domain->arguments, i + 1) : "";

      if (*option != '-')
        continue;
      option += g_str_has_prefix (option, "--") ? 1 : 0;
      if (strcmp (option, "-device") == 0)
        read_device (self, buses, value, ids);
      else if (strcmp (option, "-global") == 0)
        read_global (self, value);
      else if (!g_strv_contains (harmless, option))
        _hotplug_pci_plan_set_uncounted (self, "QEMU's command line has %s, and what it adds is not counted", option);
    }
  if (domain->overridden != NULL)
    _hotplug_pci_plan_set_uncounted (self, "<qemu:override> moves the device \"%s\", and where to is not counted",
                                     domain->overridden);
}
