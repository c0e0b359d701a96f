/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-pci-defaults-private.h"
#include "rules/hotplug-target-private.h"

/* By target a controller has so many disks: libvirt 9.0.0 src/conf/domain_conf.c:6500-6598 */
static const struct
{
  const char *bus; /* and the type of its controller */
  int per_controller;
} drive_buses[] = {
  { "scsi", 7 },
  { "ide", 4 },
  { "sata", 6 },
};

/* What the devices without a slot tell of controllers and defaults, in one walk over all of them */
typedef struct
{
  int highest[G_N_ELEMENTS (drive_buses)]; /* the controller with the highest index that a disk is on, or -1 */
  GArray *serials;                         /* guint: controllers that channels and consoles are on */
  gboolean has_video;
  gboolean has_graphics;
  gboolean has_balloon;
} Wanted;

/* src/conf/domain_postparse.c:523-545 */
static const char *
bus_of (const HotplugDevice *disk)
{
  if (disk->bus != NULL)
    return disk->bus;
  if (g_strcmp0 (disk->type, "floppy") == 0)
    return "fdc";
  if (disk->target == NULL || g_str_has_prefix (disk->target, "hd"))
    return "ide";
  if (g_str_has_prefix (disk->target, "sd"))
    return "scsi";
  return g_str_has_prefix (disk->target, "vd") ? "virtio" : "ide";
}

static void
want_drive (Wanted *wanted, const HotplugDevice *disk)
{
  const char *bus = bus_of (disk);

  for (guint i = 0; i < G_N_ELEMENTS (drive_buses); i++)
    {
      if (strcmp (drive_buses[i].bus, bus) != 0)
        continue;

      int controller = -1;
      if (disk->address.kind == HOTPLUG_ADDRESS_DRIVE)
        controller = (int)MIN (disk->address.controller, (guint)G_MAXINT);
      else if (disk->address.kind == HOTPLUG_ADDRESS_NONE && _hotplug_target_index (disk->target) >= 0)
        controller = _hotplug_target_index (disk->target) / drive_buses[i].per_controller;
      wanted->highest[i] = MAX (wanted->highest[i], controller);
      return;
    }
}

static void
want_serial (Wanted *wanted, const HotplugDevice *port)
{
  if (g_strcmp0 (port->target, "virtio") == 0)
    g_array_append_val (wanted->serials, port->address.controller);
}

static gboolean
is_host_scsi (const HotplugDevice *device)
{
  return device->kind == HOTPLUG_DEVICE_HOSTDEV && g_strcmp0 (device->type, "scsi") == 0
         && g_strcmp0 (device->mode, "capabilities") != 0;
}

static void
want (Wanted *wanted, const HotplugDevice *device)
{
  if (device->kind == HOTPLUG_DEVICE_DISK)
    want_drive (wanted, device);
  else if (device->kind == HOTPLUG_DEVICE_CHANNEL || device->kind == HOTPLUG_DEVICE_CONSOLE)
    want_serial (wanted, device);

  wanted->has_video |= device->kind == HOTPLUG_DEVICE_VIDEO;
  wanted->has_graphics |= device->kind == HOTPLUG_DEVICE_GRAPHICS;
  wanted->has_balloon |= device->kind == HOTPLUG_DEVICE_MEMBALLOON;
}

static HotplugPciSeat *
controller_at (const HotplugPciPlan *plan, guint i)
{
  return &g_array_index (plan->controllers, HotplugPciSeat, i);
}

static gboolean
is_usb2 (const HotplugDevice *controller)
{
  return g_strcmp0 (controller->type, "usb") == 0 && controller->model != NULL
         && g_str_has_prefix (controller->model, "ich9-");
}

/* The index of the USB2 controller whose part the one at @i seems to be: the one before it, unless that has such a part
 * already. HOTPLUG_CONTROLLER_INDEX_NONE if there is none */
static guint
companions_index (const HotplugPciPlan *plan, guint i)
{
  const HotplugDevice *controller = &controller_at (plan, i)->device;
  guint before = i;

  do
    {
      if (before == 0)
        return HOTPLUG_CONTROLLER_INDEX_NONE;
      before--;
    }
  while (g_strcmp0 (controller_at (plan, before)->device.type, "usb") != 0);

  guint index = controller_at (plan, before)->device.index;
  if (!is_usb2 (&controller_at (plan, before)->device))
    return HOTPLUG_CONTROLLER_INDEX_NONE;

  for (guint other = 0; other < plan->controllers->len; other++)
    {
      const HotplugDevice *device = &controller_at (plan, other)->device;
      if (g_strcmp0 (device->type, "usb") == 0 && device->index == index
          && g_strcmp0 (device->model, controller->model) == 0)
        return HOTPLUG_CONTROLLER_INDEX_NONE;
    }
  return index;
}

/* The lowest that no controller of the type has; @next knows below which number there is none any more */
static guint
unused_index (const HotplugPciPlan *plan, const char *type, GHashTable *next)
{
  const char *key = type != NULL ? type : "";
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (next, key));

  while (_hotplug_pci_plan_find_controller (plan, type, index) != NULL)
    index++;
  g_hash_table_insert (next, (char *)key, GUINT_TO_POINTER (index));
  return index;
}

/* src/conf/domain_conf.c: virDomainAssignControllerIndexes. Where a part of a USB2 controller gets its index so, newer
 * ones sort all: MEASURED with 11.3.0, as HOTPLUG_TRAIT_LIBVIRT_INDEXES_IN_ORDER. */
static void
number_controllers (HotplugPciPlan *plan)
{
  g_autoptr (GHashTable) next = g_hash_table_new (g_str_hash, g_str_equal);
  gboolean sorts = FALSE;

  for (guint i = 0; i < plan->controllers->len; i++)
    {
      HotplugDevice *controller = &controller_at (plan, i)->device;
      if (controller->index != HOTPLUG_CONTROLLER_INDEX_NONE)
        continue;

      sorts = sorts || is_usb2 (controller);
      guint index = is_usb2 (controller) ? companions_index (plan, i) : HOTPLUG_CONTROLLER_INDEX_NONE;
      controller->index = index != HOTPLUG_CONTROLLER_INDEX_NONE ? index : unused_index (plan, controller->type, next);
    }
  if (sorts && plan->in_order)
    _hotplug_pci_plan_sort_controllers (plan);
}

static gboolean
add_missing (HotplugPciPlan *plan, const char *type, guint index, const char *model, GError **error)
{
  return _hotplug_pci_plan_find_controller (plan, type, index) != NULL
         || _hotplug_pci_plan_add_controller (plan, type, index, model, error);
}

static gboolean
add_up_to (HotplugPciPlan *plan, const char *type, int highest, const char *model, GError **error)
{
  for (int index = 0; index <= highest; index++)
    {
      if (!add_missing (plan, type, (guint)index, model, error))
        return FALSE;
    }
  return TRUE;
}

/* src/qemu/qemu_domain.c:4127 and 5622-5650 */
static gboolean
check_roots (const HotplugPciPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugDevice *controller = &controller_at (plan, i)->device;
      if (g_strcmp0 (controller->type, "pci") != 0)
        continue;

      gboolean is_root = g_str_has_suffix (controller->model, "-root");
      gboolean right = strcmp (controller->model, plan->machine->root) == 0;
      if (controller->index == 0 ? right : (!is_root || (right && plan->machine->kind == HOTPLUG_PCI_MACHINE_PSERIES)))
        continue;

      g_set_error (
          error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
          "PCI controller with index %u is a %s; on this kind of machine that with index 0 is a %s, and no other",
          controller->index, controller->model, plan->machine->root);
      return FALSE;
    }
  return TRUE;
}

/* In libvirt's order: src/qemu/qemu_domain.c:4116-4180 */
static gboolean
add_of_machine (HotplugPciPlan *plan, GError **error)
{
  const HotplugPciMachine *machine = plan->machine;

  if (machine->usb != NULL && !add_missing (plan, "usb", 0, machine->usb, error))
    return FALSE;
  if (machine->sata && !add_missing (plan, "sata", 0, NULL, error))
    return FALSE;

  return check_roots (plan, error) && add_missing (plan, "pci", 0, machine->root, error);
}

static void
add_device (HotplugPciPlan *plan, HotplugDeviceKind kind, const char *element, const char *model)
{
  HotplugDevice device = { .kind = kind, .element = element, .model = model, .hotplug = TRUE };
  HotplugPciSeat seat = { .device = device, .need = _hotplug_pci_class_of (&device, plan->machine), .implied = TRUE };

  g_array_append_val (plan->seats, seat);
}

/* A host's SCSI device gets its controller, and those below it, while the XML is read: before controllers without an
 * index are numbered, and before those of the machine. Its model is that of the last one that such a device found. One
 * without an address is on controller 0: src/conf/domain_conf.c:16564, MEASURED */
static gboolean
add_of_host_scsi (HotplugPciPlan *plan, const HotplugDomain *domain, GError **error)
{
  const char *model = NULL;
  int highest = -1;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, i);
      int controller = (int)MIN (device->address.controller, (guint)G_MAXINT);

      if (!is_host_scsi (device) || controller <= highest)
        continue;
      const HotplugPciSeat *seat = _hotplug_pci_plan_find_controller (plan, "scsi", (guint)controller);
      if (seat != NULL && seat->device.model != NULL)
        model = seat->device.model;
      highest = controller;
      if (!add_up_to (plan, "scsi", highest, model, error))
        return FALSE;
    }
  return TRUE;
}

/* src/conf/domain_conf.c:21549-21600 */
static gboolean
add_of_devices (HotplugPciPlan *plan, const Wanted *wanted, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (drive_buses); i++)
    {
      if (!add_up_to (plan, drive_buses[i].bus, wanted->highest[i], NULL, error))
        return FALSE;
    }
  for (guint i = 0; i < wanted->serials->len; i++)
    {
      if (!add_missing (plan, "virtio-serial", g_array_index (wanted->serials, guint, i), NULL, error))
        return FALSE;
    }

  if (wanted->has_graphics && !wanted->has_video)
    add_device (plan, HOTPLUG_DEVICE_VIDEO, "video", plan->machine->video_default);
  return TRUE;
}

gboolean
_hotplug_pci_defaults_add (HotplugPciPlan *plan, const HotplugDomain *domain, GError **error)
{
  g_autoptr (GArray) serials = g_array_new (FALSE, FALSE, sizeof (guint));
  Wanted wanted = { .highest = { -1, -1, -1 }, .serials = serials };

  if (plan->machine->root != NULL && !add_of_host_scsi (plan, domain, error))
    return FALSE;
  number_controllers (plan);
  if (plan->machine->root == NULL)
    return TRUE;
  if (!add_of_machine (plan, error))
    return FALSE;

  for (guint i = 0; i < domain->devices->len; i++)
    want (&wanted, &g_array_index (domain->devices, HotplugDevice, i));
  if (plan->machine->balloon && !wanted.has_balloon)
    add_device (plan, HOTPLUG_DEVICE_MEMBALLOON, "memballoon", "virtio");
  return add_of_devices (plan, &wanted, error);
}
