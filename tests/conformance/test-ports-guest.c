/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "conformance/rig.h"

/* PCI ports in advance, and what a booted guest's own kernel finds on them. Each row has a machine of its own. */

#define MANY 100 /* or HOTPLUG_TEST_INTERFACES=N in the environment */
#define GUEST_PATIENCE 240

/* Every PCI function with what it is; the root ports alone */
#define FINGERPRINT "cd /sys/bus/pci/devices; for d in *; do echo $d $(cat $d/vendor $d/device $d/class); done"
#define ROOT_PORTS "cat /sys/bus/pci/devices/*/class | grep -c 0x0604"
#define INTERFACES "ls /sys/class/net | grep -vc '^lo$'"

static Rig *rig;

static HotplugPciBudget *
live_budget (void)
{
  g_autoptr (GError) error = NULL;
  HotplugPciBudget *budget = hotplug_vmi_get_pci_budget (rig->vmi, NULL, &error);

  g_assert_no_error (error);
  return budget;
}

static guint
count_root_ports (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  guint count = 0;

  for (guint i = 0; i < buses->len; i++)
    count += strcmp (hotplug_pci_bus_get_model (g_ptr_array_index (buses, i)), "pcie-root-port") == 0;
  return count;
}

static int
reserve (int ports, int keep_free, HotplugPlugFlags flags)
{
  g_autoptr (GError) error = NULL;
  int added = hotplug_vmi_reserve_ports (rig->vmi, ports, keep_free, flags, NULL, &error);

  g_assert_no_error (error);
  return added;
}

static void
restart (const LabMachine *machine)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (hotplug_vmi_restart (rig->vmi, 0, NULL, &error));
  g_assert_no_error (error);
  rig_wait_for_guest (rig, machine);
}

static guint
ask_number (const char *command)
{
  g_autofree char *answer = lab_guest_run (rig->guest, NULL, "%s", command);

  return (guint)g_ascii_strtoull (answer, NULL, 10);
}

/* KubeVirt's own end-to-end scenario: tests/hotplug/pci-topology */
static void
by_rule (guint memory, gboolean fourteen, guint free)
{
  /* with the balloon, USB and the SCSI controller that makes eight devices, and fourteen */
  static const char *const eight_devices[] = {
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<controller type='virtio-serial' index='0'/>",
    NULL,
  };
  static const char *const fourteen_devices[] = {
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<interface type='user'><model type='virtio'/></interface>",
    "<controller type='virtio-serial' index='0'/>",
    NULL,
  };
  const LabMachine machine = {
    .name = "vmi-rule",
    .memory = memory,
    .scsi = TRUE,
    .boots = TRUE,
    .devices = fourteen ? fourteen_devices : eight_devices,
  };

  rig = rig_new_unbooted (&machine);
  g_assert_cmpint (reserve (-1, -1, HOTPLUG_PLUG_NONE), >, 0);
  g_assert_cmpint (reserve (-1, -1, HOTPLUG_PLUG_NONE), ==, 0);
  restart (&machine);

  g_autoptr (HotplugPciBudget) budget = live_budget ();
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, free);
  g_assert_cmpuint (hotplug_pci_budget_get_free (budget), ==, free);
  g_assert_cmpuint (ask_number (ROOT_PORTS), ==, count_root_ports (budget));
  g_clear_pointer (&rig, rig_free);
}

static void
test_p01_small (void)
{
  by_rule (1024, FALSE, 3);
}

static void
test_p01_large (void)
{
  by_rule (2150, FALSE, 8);
}

static void
test_p01_large_and_full (void)
{
  by_rule (2150, TRUE, 6);
}

/* Every line of @before is one of @after */
static void
assert_keeps (const char *before, const char *after)
{
  g_auto (GStrv) lines = g_strsplit (before, "\n", -1);
  g_auto (GStrv) found = g_strsplit (after, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (!g_strv_contains ((const char *const *)found, lines[i]))
        g_error ("%s is not where it was:\n%s", lines[i], after);
    }
}

static void
test_p02 (void)
{
  static const char *const devices[] = {
    "<interface type='user'><model type='virtio'/></interface>",
    "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>",
    NULL,
  };
  const LabMachine machine = {
    .name = "vmi-fingerprint", .scsi = TRUE, .root_ports = 8, .boots = TRUE, .devices = devices
  };

  rig = rig_new (&machine);
  g_autofree char *before = lab_guest_run (rig->guest, NULL, FINGERPRINT);
  rig_add (rig, "first", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vda");
  rig_add (rig, "second", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_PERSIST, "vdb");
  rig_add (rig, "third", HOTPLUG_BUS_VIRTIO, HOTPLUG_PLUG_NONE, "vdc");
  rig_add (rig, "fourth", HOTPLUG_BUS_SCSI, HOTPLUG_PLUG_PERSIST, "sda");
  rig_assert_link (rig, RIG_VIRTIO_LINK "third");
  rig_remove (rig, "first");
  g_autofree char *plugged = lab_guest_run (rig->guest, NULL, FINGERPRINT);
  assert_keeps (before, plugged);

  g_assert_cmpint (reserve (20, -1, HOTPLUG_PLUG_NONE), >, 0);
  restart (&machine);
  g_autofree char *after = lab_guest_run (rig->guest, NULL, FINGERPRINT);
  assert_keeps (plugged, after);

  rig_remove (rig, "second");
  rig_remove (rig, "third");
  rig_remove (rig, "fourth");
  restart (&machine);
  g_autofree char *clean = lab_guest_run (rig->guest, NULL, FINGERPRINT);
  assert_keeps (before, clean);
  g_clear_pointer (&rig, rig_free);
}

static const char *
name_at (HotplugPciBudget *budget, const char *address)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (buses, i));
      for (guint k = 0; k < slots->len; k++)
        {
          HotplugPciSlot *slot = g_ptr_array_index (slots, k);
          if (g_strcmp0 (hotplug_pci_slot_get_address (slot), address) == 0)
            return hotplug_pci_slot_get_name (slot);
        }
    }
  return NULL;
}

/* libvirt's own word for where the device with that alias is, written as ours: 0000:01:00.0 */
static char *
address_of (const char *alias)
{
  g_autofree char *live = lab_live_xml (rig->domain);
  g_autofree char *mark = g_strdup_printf ("<alias name='%s'/>", alias);
  const char *at = strstr (live, mark);
  guint domain = 0, bus = 0, slot = 0, function = 0;

  g_assert_nonnull (at);
  at = strstr (at, "<address type='pci'");
  g_assert_nonnull (at);
  g_assert_cmpint (sscanf (at, "<address type='pci' domain='0x%x' bus='0x%x' slot='0x%x' function='0x%x'/>", &domain,
                           &bus, &slot, &function),
                   ==, 4);
  return g_strdup_printf ("%04x:%02x:%02x.%x", domain, bus, slot, function);
}

/* An interface, which libvirt puts where the budget said that the next goes */
static void
plug_interface (guint number)
{
  g_autoptr (HotplugPciBudget) budget = live_budget ();
  g_autofree char *expected = g_strdup (hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER));
  g_autofree char *name = g_strdup_printf ("nic-%u", number);
  g_autofree char *alias = g_strconcat ("ua-", name, NULL);
  g_autofree char *xml
      = g_strdup_printf ("<interface type='user'><model type='virtio'/><alias name='%s'/></interface>", alias);

  g_assert_nonnull (expected);
  g_assert_null (name_at (budget, expected));
  lab_attach (rig->domain, xml, VIR_DOMAIN_AFFECT_LIVE);
  g_autofree char *found = address_of (alias);
  g_assert_cmpstr (found, ==, expected);

  g_autoptr (HotplugPciBudget) after = live_budget ();
  g_assert_cmpstr (name_at (after, expected), ==, name);
  g_assert_cmpuint (hotplug_pci_budget_get_used (after), ==, hotplug_pci_budget_get_used (budget) + 1);
}

static guint
how_many (void)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_INTERFACES");

  return wanted != NULL ? (guint)g_ascii_strtoull (wanted, NULL, 10) : MANY;
}

static void
test_p04 (void)
{
  guint many = how_many ();

  /* one vCPU has interrupt vectors for 31 of them */
  const LabMachine machine = {
    .name = "vmi-hundred", .memory = 256, .vcpus = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE
  };

  rig = rig_new_unbooted (&machine);
  g_assert_cmpint (reserve (many, -1, HOTPLUG_PLUG_NONE), ==, many - 1);
  g_assert_cmpint (reserve (many, -1, HOTPLUG_PLUG_NONE), ==, 0);
  restart (&machine);

  g_autoptr (HotplugPciBudget) budget = live_budget ();
  g_assert_cmpuint (hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER), ==, many);
  g_assert_null (hotplug_pci_budget_get_warning (budget));
  g_assert_cmpuint (ask_number (ROOT_PORTS), ==, count_root_ports (budget));

  for (guint i = 0; i < many; i++)
    plug_interface (i);
  g_autofree char *all = g_strdup_printf ("test $(" INTERFACES ") = %u", many);
  g_assert_true (lab_guest_wait_for (rig->guest, all, GUEST_PATIENCE));

  /* the next is refused by the library, and would be by libvirt */
  g_autofree char *image = rig_image (rig, "surplus", 8);
  g_autofree char *in_use = g_strdup_printf ("%u of %u hotpluggable ports in use", many + 1, many + 1);
  g_autoptr (HotplugVolume) surplus = rig_volume ("surplus", image, HOTPLUG_BUS_VIRTIO);
  rig_refused_add (rig, surplus, HOTPLUG_PLUG_NONE, HOTPLUG_ERROR_NO_PCI_SLOT, in_use);
  g_assert_cmpint (virDomainAttachDeviceFlags (rig->domain, "<interface type='user'><model type='virtio'/></interface>",
                                               VIR_DOMAIN_AFFECT_LIVE),
                   <, 0);
  g_clear_pointer (&rig, rig_free);
}

/* Reserved, filled, restarted: every device at its place, and the guest has them */
static void
test_v15_reserve_and_fill (void)
{
  const LabMachine machine = { .name = "vmi-filled", .scsi = TRUE, .bare = TRUE, .boots = TRUE };
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  rig = rig_new_unbooted (&machine);
  g_assert_cmpint (reserve (-1, 6, HOTPLUG_PLUG_DRY_RUN), ==, 5);
  g_assert_cmpint (reserve (-1, 6, HOTPLUG_PLUG_NONE), ==, 5);
  restart (&machine);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("filled-%u", i);
      rig_add (rig, name, HOTPLUG_BUS_VIRTIO, i % 2 == 0 ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE, NULL);
      g_autoptr (HotplugVolumeStatus) status = rig_status (rig, name);
      g_hash_table_insert (places, g_strdup (name), g_strdup (hotplug_volume_status_get_address (status)));
    }

  /* They are ports for hotplugged devices, all of them in use, and three came with those that are persisted. */
  g_assert_cmpint (reserve (6, -1, HOTPLUG_PLUG_DRY_RUN), ==, 0);
  g_assert_cmpint (reserve (-1, 3, HOTPLUG_PLUG_DRY_RUN), ==, 0);
  g_assert_cmpint (reserve (-1, 4, HOTPLUG_PLUG_DRY_RUN), ==, 1);
  restart (&machine);
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *name = g_strdup_printf ("filled-%u", i);
      g_autofree char *link = g_strconcat (RIG_VIRTIO_LINK, name, NULL);
      g_autoptr (HotplugVolumeStatus) status = rig_status (rig, name);

      g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, g_hash_table_lookup (places, name));
      rig_assert_link (rig, link);
    }
  g_clear_pointer (&rig, rig_free);
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest ();

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  g_test_add_func ("/conformance/P01/small", test_p01_small);
  g_test_add_func ("/conformance/P01/large", test_p01_large);
  g_test_add_func ("/conformance/P01/large-and-full", test_p01_large_and_full);
  g_test_add_func ("/conformance/P02", test_p02);
  g_test_add_func ("/conformance/V15/reserve-and-fill", test_v15_reserve_and_fill);
  g_test_add_func ("/conformance/P04", test_p04);
  return g_test_run ();
}
