/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "rules/hotplug-placement-private.h"

#define Q35 "q35 port:1 port:2 port:3 "
#define SCSI "scsi:0:virtio-scsi pci:0000:01:00.0 "
#define HOLE "port:1 port:2 pci:0000:01:00.0 pci:0000:02:00.0 "

static void
add_device (HotplugDomain *domain, const HotplugAddress *address)
{
  HotplugDevice device = { .element = "device", .address = *address };

  g_array_append_val (domain->devices, device);
}

/* A side in words: the machine; port:N, off:N, bridge:N, root; scsi:INDEX:MODEL; pci:ADDRESS, which is taken;
 * TARGET@ADDRESS for a disk, -TARGET@ADDRESS for a record */
static void
add_disk (HotplugDomain *domain, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (*word == '-' ? word + 1 : word, "@", 2);
  g_autoptr (HotplugDisk) disk = _hotplug_disk_new ();

  disk->target = g_strdup (parts[0]);
  disk->bus = g_str_has_prefix (parts[0], "vd") ? HOTPLUG_BUS_VIRTIO : HOTPLUG_BUS_SCSI;
  if (parts[1] != NULL)
    g_assert_true (_hotplug_address_from_string (parts[1], &disk->address));
  if (disk->address.kind == HOTPLUG_ADDRESS_PCI && *word != '-')
    add_device (domain, &disk->address);
  if (*word == '-')
    g_ptr_array_add (domain->records, _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, disk));
  else
    g_ptr_array_add (domain->disks, g_steal_pointer (&disk));
}

static void
add_controller (HotplugDomain *domain, const char *type, const char *model, const char *index, gboolean hotplug)
{
  HotplugController *controller = _hotplug_controller_new ();

  controller->type = g_strdup (type);
  controller->model = g_strdup (model);
  controller->index = (guint)g_ascii_strtoull (index, NULL, 10);
  controller->hotplug = hotplug;
  g_ptr_array_add (domain->controllers, controller);
}

static void
add_word (HotplugDomain *domain, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, ":", 3);

  if (strchr (word, '@') != NULL)
    add_disk (domain, word);
  else if (strcmp (parts[0], "port") == 0 || strcmp (parts[0], "off") == 0)
    add_controller (domain, "pci", "pcie-root-port", parts[1], *word == 'p');
  else if (strcmp (parts[0], "bridge") == 0)
    add_controller (domain, "pci", "pci-bridge", parts[1], TRUE);
  else if (strcmp (parts[0], "root") == 0)
    add_controller (domain, "pci", "pci-root", "0", TRUE);
  else if (strcmp (parts[0], "scsi") == 0)
    add_controller (domain, "scsi", parts[2], parts[1], TRUE);
  else if (strcmp (parts[0], "pci") == 0)
    {
      HotplugAddress address;
      g_assert_true (_hotplug_address_from_string (word + strlen ("pci:"), &address));
      add_device (domain, &address);
    }
  else
    domain->machine = g_strdup (word);
}

static HotplugDomain *
side (const char *words)
{
  g_auto (GStrv) split = g_strsplit (words != NULL ? words : "", " ", -1);
  HotplugDomain *domain = words != NULL ? _hotplug_domain_new () : NULL;

  for (guint i = 0; split[i] != NULL; i++)
    {
      if (*split[i] != '\0')
        add_word (domain, split[i]);
    }
  if (domain != NULL)
    domain->name = g_strdup ("vmi");
  return domain;
}

static const struct
{
  const char *row;
  const char *live;
  const char *template;
  HotplugBus bus;
  const char *target; /* NULL: no port */
  const char *address;
  const char *template_address;
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
  { "shared-controller", Q35 "scsi:0:virtio-scsi scsi:3:virtio-scsi", Q35 "scsi:3:virtio-scsi", HOTPLUG_BUS_SCSI, "sda",
    "3:0:0:0", "3:0:0:0" },
  { "transient", Q35 SCSI "sda@0:0:0:0", NULL, HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },
  { "stopped", NULL, Q35 SCSI "sda@0:0:0:0", HOTPLUG_BUS_SCSI, "sdb", "0:0:0:1", "0:0:0:1" },

  { "port", Q35 SCSI, Q35 SCSI, HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0", "0000:02:00.0" },
  { "port-of-record", Q35 SCSI, Q35 SCSI "-vda@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdb", "0000:03:00.0",
    "0000:03:00.0" },
  { "port-free-in-both", Q35 "vda@0000:01:00.0", Q35 "vdb@0000:02:00.0", HOTPLUG_BUS_VIRTIO, "vdc", "0000:03:00.0",
    "0000:03:00.0" },
  { "port-off", "q35 off:1 port:2", "q35 off:1 port:2", HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0", "0000:02:00.0" },
  { "port-of-live-alone", "q35 port:1 port:2 pci:0000:01:00.0", "q35 port:1", HOTPLUG_BUS_VIRTIO, "vda", "0000:02:00.0",
    NULL },
  { "ports-taken", "q35 " HOLE, "q35 " HOLE, HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "no-ports", "q35", "q35", HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "only-off", "q35 off:1", "q35 off:1", HOTPLUG_BUS_VIRTIO, NULL, NULL, NULL },
  { "stopped-no-ports", NULL, "q35", HOTPLUG_BUS_VIRTIO, "vda", NULL, NULL },
  { "pc", "pc-i440fx-7.2 root pci:0000:00:01.1 pci:0000:00:02.0", "pc-i440fx-7.2 root pci:0000:00:01.1",
    HOTPLUG_BUS_VIRTIO, "vda", "0000:00:03.0", "0000:00:03.0" },
  { "pc-not-slot-1", "pc-i440fx-7.2 root", "pc-i440fx-7.2 root", HOTPLUG_BUS_VIRTIO, "vda", "0000:00:02.0",
    "0000:00:02.0" },
  { "bridge", "q35 bridge:4 pci:0000:04:01.0", "q35 bridge:4", HOTPLUG_BUS_VIRTIO, "vda", "0000:04:02.0",
    "0000:04:02.0" },
  { "function-takes-slot", "q35 bridge:4 pci:0000:04:01.3", "q35 bridge:4", HOTPLUG_BUS_VIRTIO, "vda", "0000:04:02.0",
    "0000:04:02.0" },
};

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
  g_autoptr (HotplugDomain) live = side (rows[row].live);
  g_autoptr (HotplugDomain) template = side (rows[row].template);
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
}

static const struct
{
  const char *row;
  const char *live;
  const char *template;
  gboolean needs_live;
  gboolean needs_template;
  guint index;
  const char *address;
} controllers[] = {
  { "there", Q35 SCSI, Q35 SCSI, FALSE, FALSE, 0, NULL },
  { "none", Q35, Q35, TRUE, TRUE, 0, "0000:01:00.0" },
  { "none-stopped", NULL, Q35, FALSE, TRUE, 0, "0000:01:00.0" },
  { "none-transient", Q35, NULL, TRUE, FALSE, 0, "0000:01:00.0" },
  { "lsilogic", Q35 "scsi:0:lsilogic", Q35 "scsi:0:lsilogic", TRUE, TRUE, 1, "0000:01:00.0" },
  { "virtio-at-1", Q35 "scsi:0:lsilogic scsi:1:virtio-scsi", Q35 "scsi:0:lsilogic scsi:1:virtio-scsi", FALSE, FALSE, 1,
    NULL },
  { "transitional", Q35 "scsi:2:virtio-transitional", Q35 "scsi:2:virtio-transitional", FALSE, FALSE, 2, NULL },
  { "only-live", Q35 SCSI, Q35, FALSE, TRUE, 0, NULL },
  { "only-template", Q35, Q35 SCSI, TRUE, FALSE, 0, NULL },
  { "another-in-template", Q35 "scsi:0:virtio-scsi", Q35 "scsi:0:lsilogic", TRUE, TRUE, 1, "0000:01:00.0" },
  { "ports-differ", "q35 port:1 port:2 pci:0000:01:00.0", "q35 port:1 port:2 pci:0000:02:00.0", TRUE, TRUE, 0, NULL },
};

static void
test_controller (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) live = side (controllers[row].live);
  g_autoptr (HotplugDomain) template = side (controllers[row].template);
  HotplugSides sides = { .live = live, .template = template };
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, &error));
  g_assert_true (placement.controller_live == controllers[row].needs_live);
  g_assert_true (placement.controller_template == controllers[row].needs_template);
  g_assert_cmpuint (placement.controller_index, ==, controllers[row].index);
  g_assert_cmpuint (placement.address.controller, ==, controllers[row].index);
  assert_address (&placement.controller_address, controllers[row].address);
}

/* The message has the numbers and the cure. */
static void
test_messages (void)
{
  g_autoptr (HotplugDomain) full = side ("q35 " HOLE);
  HotplugSides sides = { .live = full };
  g_auto (HotplugPlacement) placement = { 0 };
  g_autoptr (GError) virtio = NULL;
  g_autoptr (GError) scsi = NULL;

  g_assert_false (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_VIRTIO, &placement, &virtio));
  g_assert_cmpstr (
      virtio->message, ==,
      "vmi \"vmi\": no PCI port is free for volume \"data\": 2 of 2 hotpluggable ports in use; use bus scsi, or "
      "add ports to the template and restart the VMI");
  g_assert_false (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, &scsi));
  g_assert_cmpstr (
      scsi->message, ==,
      "vmi \"vmi\": no PCI port is free for the virtio-scsi controller that it lacks and that needs one for "
      "volume \"data\": 2 of 2 hotpluggable ports in use; add such a controller, or ports, to the template and "
      "restart the VMI");
}

/* A controller that goes as soon as the guest lets it takes no disk. */
static void
test_doomed (void)
{
  g_autoptr (HotplugDomain) live = side (Q35 SCSI);
  g_autoptr (GArray) doomed = g_array_new (FALSE, TRUE, sizeof (guint));
  HotplugSides sides = { .live = live, .doomed = g_array_set_size (doomed, 1) };
  g_auto (HotplugPlacement) placement = { 0 };

  g_assert_true (_hotplug_placement_choose (&sides, "data", HOTPLUG_BUS_SCSI, &placement, NULL));
  g_assert_true (placement.controller_live);
  g_assert_cmpuint (placement.controller_index, ==, 1);
}

/* Two thousand on one controller, each at a place of its own */
static void
test_many (void)
{
  g_autoptr (HotplugDomain) live = side (Q35 SCSI);
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
  g_test_add_func ("/placement/messages", test_messages);
  g_test_add_func ("/placement/doomed", test_doomed);
  g_test_add_func ("/placement/many", test_many);

  return g_test_run ();
}
