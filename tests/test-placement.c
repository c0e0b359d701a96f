/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-placement-private.h"
#include "words.h"

#define Q35 "q35 port:1 port:2 port:3 "
#define SCSI "scsi:0:virtio-scsi=0000:01:00.0 "
#define LSI "scsi:0:lsilogic=0000:01:00.0 "
#define HOLE "port:1 port:2 pci:0000:01:00.0 pci:0000:02:00.0 "

static const struct
{
  const char *row;
  const char *live;
  const char *template;
  HotplugBus bus;
  const char *target; /* NULL: no port */
  const char *address;
  const char *template_address;
  guint port; /* that the template gets */
} rows[] = {
  { "first", Q35 SCSI, Q35 SCSI, HOTPLUG_BUS_SCSI, "sda", "0:0:0:0", "0:0:0:0" },
  { "second", Q35 SCSI "sda@0:0:0:0", Q35 SCSI, HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "lowest", Q35 SCSI "sda@0:0:0:0 sdc@0:0:0:2", Q35 SCSI, HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "template-has-it", Q35 SCSI, Q35 SCSI "sda@0:0:0:0", HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "each-has-one", Q35 SCSI "sda@0:0:0:0", Q35 SCSI "sdb@0:0:0:1", HOTPLUG_BUS_SCSI, "sdc", "0:0:0:2", "0:0:0:2" },
  { "recorded", Q35 SCSI, Q35 SCSI "-sda@0:0:0:0", HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "name-without-place", Q35 SCSI "sda@0:0:0:9", Q35 SCSI, HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "place-without-name", Q35 SCSI "sdx@0:0:0:0", Q35 SCSI, HOTPLUG_BUS_SCSI, "sda", "0:0:0:1", "0:0:0:1" },
  { "other-controller", Q35 SCSI "scsi:1:virtio-scsi sdx@1:0:0:0", Q35 SCSI "scsi:1:virtio-scsi", HOTPLUG_BUS_SCSI,
    "sda", "0:0:0:0", "0:0:0:0" },
  { "controller-without-gap", Q35 "scsi:0:virtio-scsi scsi:3:virtio-scsi", Q35 "scsi:3:virtio-scsi", HOTPLUG_BUS_SCSI, "sda",
    "0:0:0:0", "0:0:0:0" },
  { "transient", Q35 SCSI "sda@0:0:0:0", NULL, HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "stopped", NULL, Q35 SCSI "sda@0:0:0:0", HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },

  { "port", Q35 SCSI, Q35 SCSI, HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0", "0000:02:00.0" },
  { "port-of-record", Q35 SCSI, Q35 SCSI "-vda@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdb", "0000:03:00.0",
    "0000:03:00.0" },
  { "port-free-in-both", Q35 "vda@0000:01:00.0", Q35 "vdb@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdc", "0000:03:00.0",
    "0000:03:00.0" },
  { "port-off", "q35 off:1 port:2", "q35 off:1 port:2", HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0", "0000:02:00.0" },
  { "port-of-live-alone", "q35 port:1 port:2 pci:0000:01:00.0", "q35 port:1", HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0",
    "0000:02:00.0", 2 },
  { "port-of-live-in-the-way", "q35 port:1 port:2 pci:0000:01:00.0", "q35 port:1 pci:0000:00:03.1", HOTPLUG_BUS_VIRTIO,
    "vda", "0000:02:00.0", NULL },
  { "port-without-function-0", "q35 port:1 port:2 pci:0000:01:00.0", "q35", HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0",
    NULL },
  { "port-off-in-template", "q35 port:1", "q35 off:1", HOTPLUG_BUS_VIRTIO, "vda", "0000:01:00.0", NULL },
  { "ports-taken", "q35 " HOLE, "q35 " HOLE, HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "no-ports", "q35", "q35", HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "only-off", "q35 off:1", "q35 off:1", HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "stopped-no-ports", NULL, "q35", HOTPLUG_BUS_VIRTIO, "vda", NULL, NULL },
  { "pc", "pc pci:0000:00:02.0", "pc", HOTPLUG_BUS_VIRTIO, "vda", "0000:00:03.0", "0000:00:03.0" },
  { "pc-not-slot-1", "pc", "pc", HOTPLUG_BUS_VIRTIO, "vda", "0000:00:02.0", "0000:00:02.0" },
  { "pc-bridge-of-both", "pc bridge:1", "pc bridge:1 pci:0000:00:02.0", HOTPLUG_BUS_VIRTIO, "vda", "0000:00:03.0",
    "0000:00:03.0" },
  { "pc-without-acpi", "pc noacpi", "pc noacpi", HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "function-takes-slot", "pc pci:0000:00:02.3", "pc", HOTPLUG_BUS_VIRTIO, "vda", "0000:00:03.0", "0000:00:03.0" },
};

/* A row of the faults that were met */
#define OWN_SDB "sdb@0:0:0:1"
static const struct
{
  const char *row;
  const char *live;
  const char *template;
  HotplugBus bus;
  const char *target;
  const char *address;
  const char *template_address;
} faults[] = {
  { "/conformance/FP02/target", Q35 SCSI "boot " OWN_SDB, Q35 SCSI "boot " OWN_SDB, HOTPLUG_BUS_SCSI, "sdc", "0:0:0:2", "0:0:0:2" },
  { "/conformance/FP02/target-stopped", NULL, Q35 SCSI "boot " OWN_SDB, HOTPLUG_BUS_SCSI, "sdc", "0:0:0:2", "0:0:0:2" },
  { "/conformance/FP02/target-of-template", Q35 SCSI "boot", Q35 SCSI "boot " OWN_SDB, HOTPLUG_BUS_SCSI, "sdc", "0:0:0:2",
    "0:0:0:2" },
  { "/conformance/FP02/sides-differ", Q35 SCSI "boot sdd@0:0:0:7", Q35 SCSI "boot " OWN_SDB, HOTPLUG_BUS_SCSI, "sde", "0:0:0:8",
    "0:0:0:8" },
  { "/conformance/FP02/unit", Q35 SCSI "boot sda@0:0:0:5", Q35 SCSI "boot sda@0:0:0:5", HOTPLUG_BUS_SCSI, "sdb", "0:0:0:6",
    "0:0:0:6" },
  { "/conformance/FP02/scsi-target", Q35 SCSI "boot sda@0:0:2:0", Q35 SCSI "boot sda@0:0:2:0", HOTPLUG_BUS_SCSI, "sdb", "0:0:2:1",
    "0:0:2:1" },
  { "/conformance/FP02/controller", Q35 "scsi:0:virtio-scsi scsi:1:virtio-scsi boot sda@1:0:0:0",
    Q35 "scsi:0:virtio-scsi scsi:1:virtio-scsi boot sda@1:0:0:0", HOTPLUG_BUS_SCSI, "sdb", "1:0:0:1", "1:0:0:1" },
  { "/conformance/FP02/ours-is-not-own", Q35 SCSI "boot sdb@0:0:0:1=ua-hpv-x", Q35 SCSI "boot sdb@0:0:0:1=ua-hpv-x",
    HOTPLUG_BUS_SCSI, "sda", "0:0:0:0", "0:0:0:0" },
  { "/conformance/FP02/of-another-bus", Q35 SCSI "boot vdc@0000:02:00.0", Q35 SCSI "boot vdc@0000:02:00.0", HOTPLUG_BUS_SCSI, "sda",
    "0:0:0:0", "0:0:0:0" },
  { "/conformance/FP02/virtio", Q35 "boot vdb@0000:02:00.0", Q35 "boot vdb@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdc", "0000:03:00.0",
    "0000:03:00.0" },
  { "/conformance/FP02/virtio-stopped", NULL, Q35 "boot vdb@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdc", NULL, "0000:03:00.0" },
  { "/conformance/FP02/virtio-only-before", Q35 "boot vda@0000:03:00.0", Q35 "boot vda@0000:03:00.0", HOTPLUG_BUS_VIRTIO, "vdb",
    "0000:01:00.0", "0000:01:00.0" },
  { "/conformance/FP02/virtio-pc", "pc boot vda@0000:00:07.0", "pc boot vda@0000:00:07.0", HOTPLUG_BUS_VIRTIO, "vdb",
    "0000:00:08.0", "0000:00:08.0" },
  { "/conformance/FP02/by-order", Q35 SCSI OWN_SDB, Q35 SCSI OWN_SDB, HOTPLUG_BUS_SCSI, "sda", "0:0:0:0", "0:0:0:0" },

  { "/conformance/FP03/live", Q35 SCSI "host@0:0:0:0", Q35 SCSI, HOTPLUG_BUS_SCSI, "sda", "0:0:0:1", "0:0:0:1" },
  { "/conformance/FP03/template", Q35 SCSI, Q35 SCSI "host@0:0:0:0 host@0:0:0:1", HOTPLUG_BUS_SCSI, "sda", "0:0:0:2", "0:0:0:2" },
  { "/conformance/FP03/other-controller", Q35 "scsi:0:virtio-scsi scsi:1:virtio-scsi host@1:0:0:0",
    Q35 "scsi:0:virtio-scsi scsi:1:virtio-scsi", HOTPLUG_BUS_SCSI, "sda", "0:0:0:0", "0:0:0:0" },
  { "/conformance/FP03/boot-target", Q35 SCSI "boot sda@0:0:1:0 host@0:0:1:1", Q35 SCSI "boot sda@0:0:1:0", HOTPLUG_BUS_SCSI, "sdb",
    "0:0:1:2", "0:0:1:2" },

  { "/conformance/FP04/gap", Q35 "scsi:1:virtio-scsi=0000:01:00.0", Q35 "scsi:1:virtio-scsi=0000:01:00.0", HOTPLUG_BUS_SCSI, "sda",
    "0:0:0:0", "0:0:0:0" },
  { "/conformance/FP04/gap-in-template", Q35 "scsi:0:lsilogic scsi:1:virtio-scsi", Q35 "scsi:1:virtio-scsi", HOTPLUG_BUS_SCSI,
    "sda", "1:0:0:0", "1:0:0:0" },
  { "/conformance/FP04/below-the-gap", Q35 "scsi:0:virtio-scsi scsi:2:virtio-scsi", Q35 "scsi:0:virtio-scsi scsi:2:virtio-scsi",
    HOTPLUG_BUS_SCSI, "sda", "0:0:0:0", "0:0:0:0" },
};

static void
test_fault (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = words_to_domain (faults[row].live, TRUE);
  g_autoptr (HotplugDomain) template = words_to_domain (faults[row].template, FALSE);
  HotplugSides sides = { .live = live, .template = template };
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_placement_choose (&sides, "data", faults[row].bus, &placement, &error));
  g_assert_no_error (error);
  g_autofree char *address = _hotplug_address_to_string (&placement.address);
  g_autofree char *template_address = _hotplug_address_to_string (&placement.template_address);
  g_assert_cmpstr (placement.target, ==, faults[row].target);
  g_assert_cmpstr (template_address, ==, faults[row].template_address);
  if (live != NULL)
    g_assert_cmpstr (address, ==, faults[row].address);
}

static void
assert_address (const HotplugAddress *address, const char *expected)
{
  g_autofree char *printed = _hotplug_address_to_string (address);

  g_assert_cmpstr (printed, ==, expected);
}

static void
test_place (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = words_to_domain (rows[row].live, TRUE);
  g_autoptr (HotplugDomain) template = words_to_domain (rows[row].template, FALSE);
  HotplugSides sides = { .live = live, .template = template };
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (GError) error = NULL;

  gboolean found = _hotplug_placement_choose (&sides, "data", rows[row].bus, &placement, &error);
  g_assert_true (found == (rows[row].target != NULL));
  g_assert_cmpstr (placement.target, ==, rows[row].target);
  if (!found)
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT);
      return;
    }
  assert_address (&placement.address, rows[row].address);
  assert_address (&placement.template_address, rows[row].template_address);
  g_assert_cmpuint (placement.port.port, ==, rows[row].port);
}

static const struct
{
  const char *row;
  const char *live;
  const char *template;
  gboolean needs_live;
  gboolean needs_template;
  guint index;
  const char *live_address;
  const char *template_address;
} controllers[] = {
  { "there", Q35 SCSI, Q35 SCSI, FALSE, FALSE, 0, NULL, NULL },
  { "none", Q35, Q35, TRUE, TRUE, 0, "0000:01:00.0", "0000:01:00.0" },
  { "none-stopped", NULL, Q35, FALSE, TRUE, 0, NULL, "0000:01:00.0" },
  { "none-transient", Q35, NULL, TRUE, FALSE, 0, "0000:01:00.0", "0000:01:00.0" },
  { "lsilogic", Q35 LSI, Q35 LSI, TRUE, TRUE, 1, "0000:02:00.0", "0000:02:00.0" },
  { "virtio-at-1", Q35 LSI "scsi:1:virtio-scsi=0000:02:00.0", Q35 LSI "scsi:1:virtio-scsi=0000:02:00.0", FALSE, FALSE,
    1, NULL, NULL },
  { "transitional", Q35 "scsi:0:virtio-transitional=0000:01:00.0", Q35 "scsi:0:virtio-transitional=0000:01:00.0", FALSE,
    FALSE, 0, NULL, NULL },
  { "only-live", Q35 SCSI, Q35, FALSE, TRUE, 0, NULL, "0000:01:00.0" },
  { "only-live-place-taken", Q35 SCSI, Q35 "pci:0000:01:00.0", FALSE, TRUE, 0, NULL, "0000:02:00.0" },
  { "only-template", Q35, Q35 SCSI, TRUE, FALSE, 0, "0000:01:00.0", NULL },
  { "another-in-template", Q35 SCSI, Q35 LSI, TRUE, TRUE, 1, "0000:02:00.0", "0000:02:00.0" },
  { "ports-differ", "q35 port:1 port:2 pci:0000:01:00.0", "q35 port:1 port:2 pci:0000:02:00.0", TRUE, TRUE, 0,
    "0000:02:00.0", NULL },
};

static void
test_controller (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = words_to_domain (controllers[row].live, TRUE);
  g_autoptr (HotplugDomain) template = words_to_domain (controllers[row].template, FALSE);
  HotplugSides sides = { .live = live, .template = template };
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, &error));
  g_assert_true (placement.controller_live == controllers[row].needs_live);
  g_assert_true (placement.controller_template == controllers[row].needs_template);
  g_assert_cmpuint (placement.controller_index, ==, controllers[row].index);
  g_assert_cmpuint (placement.address.controller, ==, controllers[row].index);
  if (controllers[row].needs_live)
    assert_address (&placement.port.live, controllers[row].live_address);
  if (controllers[row].needs_template)
    assert_address (&placement.port.template, controllers[row].template_address);
}

/* The message has the numbers and the cure. */
static void
test_messages (void)
{
  static const struct
  {
    const char *live;
    HotplugBus bus;
    const char *message;
  } messages[] = {
    { "q35 port:1 pci:0000:01:00.0=ua-hpi-default", HOTPLUG_BUS_VIRTIO,
      "vmi \"vmi\": no PCI port is free for volume \"data\": 1 of 1 hotpluggable port in use (0000:01:00.0 virtio-net "
      "\"default\"); reserve ports and restart the VMI" },
    { "q35 port:1 " SCSI, HOTPLUG_BUS_VIRTIO,
      "vmi \"vmi\": no PCI port is free for volume \"data\": 1 of 1 hotpluggable port in use (0000:01:00.0 virtio-scsi "
      "controller); reserve ports and restart the VMI, or use --bus=scsi for disks" },
    { "q35 " HOLE, HOTPLUG_BUS_SCSI,
      "vmi \"vmi\": no PCI port is free for the virtio-scsi controller that volume \"data\" needs: 2 of 2 hotpluggable "
      "ports in use (0000:01:00.0 virtio-net, 0000:02:00.0 virtio-net); reserve ports and restart the VMI" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (HotplugDomain) full = words_to_domain (messages[i].live, TRUE);
      HotplugSides sides = { .live = full };
      g_auto (HotplugPlacement) placement = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_false (_hotplug_placement_choose (&sides, "data", messages[i].bus, &placement, &error));
      g_assert_cmpstr (error->message, ==, messages[i].message);
    }
}

/* A controller that goes as soon as the guest lets it takes no disk. */
static void
test_doomed (void)
{
  g_autoptr (HotplugDomain) live = words_to_domain (Q35 SCSI, TRUE);
  g_autoptr (GPtrArray) doomed = g_ptr_array_new ();
  char alias[] = "ua-hpc-scsi0";
  char run[] = "1";
  HotplugDoomed ours = { alias, run };
  HotplugController *controller = _hotplug_domain_find_controller (live, "scsi", 0);
  HotplugSides sides = { .live = live, .doomed = doomed };
  const struct
  {
    const char *alias;
    const char *run;
    gboolean doomed;
  } lives[] = { { "ua-hpc-scsi0", "1", TRUE }, { "ua-hpc-scsi0", "2", FALSE }, { "scsi0", "1", FALSE } };

  g_ptr_array_add (doomed, &ours);
  for (gsize i = 0; i < G_N_ELEMENTS (lives); i++)
    {
      g_auto (HotplugPlacement) placement = { 0 };

      controller->alias = lives[i].alias;
      g_free (live->run);
      live->run = g_strdup (lives[i].run);
      g_assert_true (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, NULL));
      g_assert_true (placement.controller_live == lives[i].doomed);
      g_assert_cmpuint (placement.controller_index, ==, lives[i].doomed ? 1 : 0);
    }
}

/* Two thousand on one controller, each at a place of its own */
static void
test_many (void)
{
  g_autoptr (HotplugDomain) live = words_to_domain (Q35 SCSI, TRUE);
  HotplugSides sides = { .live = live };

  for (guint i = 0; i < 2000; i++)
    {
      g_auto (HotplugPlacement) placement = { 0 };
      HotplugDisk *disk = _hotplug_disk_new ();

      g_assert_true (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, NULL));
      g_assert_cmpuint (placement.address.unit, ==, i);
      disk->target = g_strdup (placement.target);
      disk->address = placement.address;
      g_ptr_array_add (live->disks, disk);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/placement/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_place);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (controllers); row++)
    {
      g_autofree char *path = g_strdup_printf ("/placement/controller/%s", controllers[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_controller);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (faults); row++)
    g_test_add_data_func (faults[row].row, GSIZE_TO_POINTER (row), test_fault);
  g_test_add_func ("/placement/messages", test_messages);
  g_test_add_func ("/conformance/FP09/doomed-by-alias-and-run", test_doomed);
  g_test_add_func ("/placement/many", test_many);

  return g_test_run ();
}
