/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdarg.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-printable-private.h"
#include "base/hotplug-version-private.h"
#include "rules/hotplug-pci-defaults-private.h"
#include "rules/hotplug-pci-plan-private.h"
#include "rules/hotplug-target-private.h"

/* More than any machine has: what is done with them is quadratic, and the XML may be anybody's. */
#define CONTROLLERS_MAX 1024

/* It quotes what others wrote. */
#define QUOTED_MAX 200

static HotplugPciSeat *
controller_at (const HotplugPciPlan *self, guint i)
{
  return &g_array_index (self->controllers, HotplugPciSeat, i);
}

static gboolean
is_companion (const HotplugDevice *controller)
{
  return g_strcmp0 (controller->type, "usb") == 0 && controller->model != NULL
         && g_str_has_prefix (controller->model, "ich9-uhci");
}

/* -1 is none yet */
static int
number_of (const HotplugDevice *controller)
{
  return controller->index == HOTPLUG_CONTROLLER_INDEX_NONE ? -1 : (int)MIN (controller->index, (guint)G_MAXINT);
}

/* libvirt keeps controllers of a type by index, a USB controller before its companions: src/conf/domain_conf.c:15818 */
static guint
place_of (const HotplugPciPlan *self, const HotplugDevice *controller)
{
  guint place = self->controllers->len;
  gboolean behind = FALSE; /* one of its type has been met */

  for (guint i = self->controllers->len; i-- > 0;)
    {
      const HotplugDevice *current = &controller_at (self, i)->device;
      if (g_strcmp0 (current->type, controller->type) != 0)
        continue;

      if (number_of (controller) < 0)
        return i + 1;
      if (number_of (current) > number_of (controller)
          || (!is_companion (controller) && is_companion (current) && current->index == controller->index))
        place = i;
      else if (!behind)
        place = i + 1;
      behind = TRUE;
    }
  return place;
}

static gboolean
check_controller (const HotplugPciPlan *self, const HotplugDevice *controller, GError **error)
{
  if (self->controllers->len >= CONTROLLERS_MAX)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "more than %d controllers", CONTROLLERS_MAX);
      return FALSE;
    }
  if (g_strcmp0 (controller->type, "pci") != 0)
    return TRUE;

  if (_hotplug_pci_model_from_string (controller->model) == HOTPLUG_PCI_MODEL_NONE)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "a PCI controller has %s%s",
                   controller->model != NULL ? "a model that libvirt does not know: " : "no model",
                   controller->model != NULL ? controller->model : "");
      return FALSE;
    }
  if (number_of (controller) >= HOTPLUG_PCI_BUSES_MAX)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "PCI controller with index %u: indexes go up to %d", controller->index, HOTPLUG_PCI_BUSES_MAX - 1);
      return FALSE;
    }
  return TRUE;
}

/* On spapr-vio, whatever the address says: qemu_domain_address.c:225-262 */
static gboolean
is_vio (const HotplugDevice *device)
{
  return (device->kind == HOTPLUG_DEVICE_CONTROLLER && g_strcmp0 (device->model, "ibmvscsi") == 0)
         || (device->kind == HOTPLUG_DEVICE_INTERFACE && g_strcmp0 (device->model, "spapr-vlan") == 0);
}

static HotplugPciSeat
seat_for (const HotplugPciPlan *self, const HotplugDevice *device)
{
  HotplugPciSeat seat = { .device = *device, .need = _hotplug_pci_class_of (device, self->machine) };

  if (device->kind == HOTPLUG_DEVICE_CONTROLLER && device->model == NULL)
    {
      if (g_strcmp0 (device->type, "usb") == 0)
        seat.device.model = self->machine->usb_default;
      else if (g_strcmp0 (device->type, "scsi") == 0)
        seat.device.model = self->machine->scsi_default;
    }
  if (is_vio (&seat.device))
    seat.device.address.kind = HOTPLUG_ADDRESS_OTHER;
  return seat;
}

static gboolean
insert_controller (HotplugPciPlan *self, const HotplugDevice *device, GError **error)
{
  HotplugPciSeat seat = seat_for (self, device);

  if (!check_controller (self, &seat.device, error))
    return FALSE;

  guint place = place_of (self, &seat.device);
  g_array_insert_val (self->controllers, place, seat);
  return TRUE;
}

gboolean
_hotplug_pci_plan_add_controller (HotplugPciPlan *self, const char *type, guint index, const char *model,
                                  GError **error)
{
  HotplugDevice device = { .kind = HOTPLUG_DEVICE_CONTROLLER,
                           .element = "controller",
                           .type = type,
                           .model = model,
                           .index = index,
                           .hotplug = TRUE };
  HotplugPciSeat seat = seat_for (self, &device);

  seat.implied = TRUE;
  if (!check_controller (self, &seat.device, error))
    return FALSE;
  guint place = self->in_order ? place_of (self, &seat.device) : self->controllers->len;
  g_array_insert_val (self->controllers, place, seat);
  return TRUE;
}

void
_hotplug_pci_plan_sort_controllers (HotplugPciPlan *self)
{
  GArray *before = self->controllers;

  self->controllers = g_array_new (FALSE, FALSE, sizeof (HotplugPciSeat));
  for (guint i = 0; i < before->len; i++)
    {
      HotplugPciSeat seat = g_array_index (before, HotplugPciSeat, i);
      guint place = place_of (self, &seat.device);
      g_array_insert_val (self->controllers, place, seat);
    }
  g_array_unref (before);
}

HotplugPciSeat *
_hotplug_pci_plan_find_controller (const HotplugPciPlan *self, const char *type, guint index)
{
  for (guint i = 0; i < self->controllers->len; i++)
    {
      HotplugPciSeat *seat = controller_at (self, i);
      if (seat->device.index == index && g_strcmp0 (seat->device.type, type) == 0)
        return seat;
    }
  return NULL;
}

gboolean
_hotplug_pci_plan_has_bus (const HotplugPciPlan *self, guint number)
{
  return _hotplug_pci_plan_find_controller (self, "pci", number) != NULL;
}

guint
_hotplug_pci_plan_connect (const HotplugPciPlan *self, const HotplugPciSeat *seat)
{
  return _hotplug_pci_need_connect (&seat->need, self->pcie);
}

/* The parts of a USB2 controller may share an index, others of a type may not: src/conf/domain_conf.c:15460 */
static gboolean
check_indexes (const HotplugPciPlan *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->controllers->len; i++)
    {
      const HotplugDevice *controller = &controller_at (self, i)->device;
      if (controller->type == NULL || strcmp (controller->type, "usb") == 0)
        continue;

      if (!g_hash_table_add (seen, g_strdup_printf ("%s %u", controller->type, controller->index)))
        {
          g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "two %s controllers have the index %u",
                       controller->type, controller->index);
          return FALSE;
        }
    }
  return TRUE;
}

static int
compare_targets (gconstpointer a, gconstpointer b)
{
  const char *left = ((const HotplugPciSeat *)a)->device.target;
  const char *right = ((const HotplugPciSeat *)b)->device.target;

  return _hotplug_target_index (left) - _hotplug_target_index (right);
}

/* libvirt keeps disks of a bus by target, wherever the XML has them: src/conf/domain_conf.c:14228. Only virtio disks
 * have a seat; which other seats are before or behind them does not matter. */
static void
sort_disks (HotplugPciPlan *self)
{
  g_autoptr (GArray) disks = g_array_new (FALSE, FALSE, sizeof (HotplugPciSeat));
  guint kept = 0;

  for (guint i = 0; i < self->seats->len; i++)
    {
      const HotplugPciSeat *seat = &g_array_index (self->seats, HotplugPciSeat, i);
      if (seat->device.kind == HOTPLUG_DEVICE_DISK)
        g_array_append_vals (disks, seat, 1);
      else
        g_array_index (self->seats, HotplugPciSeat, kept++) = *seat;
    }

  g_array_sort (disks, compare_targets);
  g_array_set_size (self->seats, kept);
  g_array_append_vals (self->seats, disks->data, disks->len);
}

/* The video device that is primary is the first; there is but one: src/conf/domain_conf.c:18761 */
static void
move_to_front (GArray *seats, guint i)
{
  HotplugPciSeat seat = g_array_index (seats, HotplugPciSeat, i);

  g_array_remove_index (seats, i);
  g_array_prepend_val (seats, seat);
}

/* libvirt 9.0.0 looks for a slot for it as for any NIC, and no bus has what it asks for, which is nothing: it is
 * refused ("Cannot automatically add a new PCI bus"), unless its address is of USB: qemu_domain_address.c:744, 2120 */
static gboolean
check_usb_net (const HotplugPciPlan *self, const HotplugDevice *device, GError **error)
{
  if (self->usb_net || device->kind != HOTPLUG_DEVICE_INTERFACE || device->address.kind != HOTPLUG_ADDRESS_NONE
      || device->model == NULL || g_ascii_strcasecmp (device->model, "usb-net") != 0 || self->machine->root == NULL)
    return TRUE;

  g_set_error_literal (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
      "an interface of the model usb-net has no <address type='usb'>, without which libvirt refuses it");
  return FALSE;
}

void
_hotplug_pci_plan_set_uncounted (HotplugPciPlan *self, const char *format, ...)
{
  va_list arguments;

  if (self->uncounted != NULL)
    return;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->uncounted = _hotplug_printable (text, -1, QUOTED_MAX);
}

/* Elements that take no slot, and types of controllers that are known; a newer libvirt may have others that take one */
static const char *const known_elements[] = { "audio", "emulator", "hub", "lease", "panic", "parallel", "redirdev",
                                              "redirfilter", "tpm", NULL };
static const char *const known_controllers[] = { "ccid", "fdc", "ide", "isa", "nvme", "pci", "sata", "scsi", "usb",
                                                 "virtio-serial", "xenbus", NULL };

static void
check_known (HotplugPciPlan *self, const HotplugDevice *device)
{
  if (device->address.kind != HOTPLUG_ADDRESS_NONE)
    return;
  if (device->kind == HOTPLUG_DEVICE_OTHER && !g_strv_contains (known_elements, device->element))
    _hotplug_pci_plan_set_uncounted (self, "<%s> is not known here, and may take a slot that is not counted",
                                     device->element);
  if (device->kind == HOTPLUG_DEVICE_CONTROLLER && device->type != NULL
      && !g_strv_contains (known_controllers, device->type))
    _hotplug_pci_plan_set_uncounted (
        self, "a controller of type %s is not known here, and may take a slot that is not counted", device->type);
}

static gboolean
read_devices (HotplugPciPlan *self, const HotplugDomain *domain, GError **error)
{
  guint primary = 0;

  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (domain->devices, HotplugDevice, i);

      check_known (self, device);
      if (device->kind == HOTPLUG_DEVICE_CONTROLLER)
        {
          if (!insert_controller (self, device, error))
            return FALSE;
          continue;
        }

      if (is_vio (device))
        continue;
      if (!domain->active && !check_usb_net (self, device, error))
        return FALSE;

      HotplugPciSeat seat = { .device = *device, .need = _hotplug_pci_class_of (device, self->machine) };
      /* of video devices the first has a place of its own, or is none of PCI */
      if (seat.need.class != HOTPLUG_PCI_CLASS_NONE || device->address.kind == HOTPLUG_ADDRESS_PCI
          || device->kind == HOTPLUG_DEVICE_VIDEO)
        {
          if (device->kind == HOTPLUG_DEVICE_VIDEO && device->primary)
            primary = self->seats->len;
          g_array_append_val (self->seats, seat);
        }
    }
  if (primary > 0)
    move_to_front (self->seats, primary);
  return TRUE;
}

/* libvirt makes virtio devices of arm and riscv virtio-mmio ones if any is: qemu_domain_address.c:483-513, 335-418 */
static gboolean
may_be_mmio (const HotplugPciSeat *seat)
{
  if (seat->device.kind == HOTPLUG_DEVICE_CONTROLLER)
    return g_strcmp0 (seat->device.type, "scsi") == 0 || g_strcmp0 (seat->device.type, "virtio-serial") == 0;
  if (seat->device.kind == HOTPLUG_DEVICE_FILESYSTEM || seat->device.kind == HOTPLUG_DEVICE_VSOCK)
    return FALSE;
  /* libvirt does not look at the model */
  if (seat->device.kind == HOTPLUG_DEVICE_MEMBALLOON || seat->device.kind == HOTPLUG_DEVICE_RNG)
    return seat->need.class != HOTPLUG_PCI_CLASS_NONE;

  return seat->need.class == HOTPLUG_PCI_CLASS_EITHER || g_strcmp0 (seat->need.word, "virtio-net") == 0
         || g_strcmp0 (seat->need.word, "virtio-blk") == 0;
}

static gboolean
any_mmio (const GArray *seats)
{
  for (guint i = 0; i < seats->len; i++)
    {
      const HotplugPciSeat *seat = &g_array_index (seats, HotplugPciSeat, i);
      if (seat->device.address.kind == HOTPLUG_ADDRESS_OTHER && may_be_mmio (seat))
        return TRUE;
    }
  return FALSE;
}

static void
make_mmio (GArray *seats)
{
  for (guint i = 0; i < seats->len; i++)
    {
      HotplugPciSeat *seat = &g_array_index (seats, HotplugPciSeat, i);
      if (seat->device.address.kind == HOTPLUG_ADDRESS_NONE && !seat->device.wants_pci && may_be_mmio (seat))
        seat->device.address.kind = HOTPLUG_ADDRESS_OTHER;
    }
}

static void
choose_mmio (HotplugPciPlan *self)
{
  gboolean possible = self->machine->kind == HOTPLUG_PCI_MACHINE_ARM_VIRT
                      || self->machine->kind == HOTPLUG_PCI_MACHINE_RISCV_VIRT;

  if (possible && (any_mmio (self->seats) || any_mmio (self->controllers)))
    {
      make_mmio (self->seats);
      make_mmio (self->controllers);
    }
}

gboolean
_hotplug_pci_plan_init (HotplugPciPlan *self, const HotplugDomain *domain, GError **error)
{
  *self = (HotplugPciPlan){
    .machine = _hotplug_pci_machine_of (domain),
    .usb_net = _hotplug_version_has (domain->libvirt_version, HOTPLUG_TRAIT_LIBVIRT_USB_NET),
    .in_order = _hotplug_version_has (domain->libvirt_version, HOTPLUG_TRAIT_LIBVIRT_INDEXES_IN_ORDER),
    .seats = g_array_new (FALSE, FALSE, sizeof (HotplugPciSeat)),
    .controllers = g_array_new (FALSE, FALSE, sizeof (HotplugPciSeat)),
  };

  if (!read_devices (self, domain, error))
    return FALSE;

  if (!domain->active)
    {
      sort_disks (self);
      if (!_hotplug_pci_defaults_add (self, domain, error))
        return FALSE;
      choose_mmio (self);
    }

  HotplugPciSeat *root = _hotplug_pci_plan_find_controller (self, "pci", 0);
  self->pcie = root != NULL && g_strcmp0 (root->device.model, "pcie-root") == 0;
  return check_indexes (self, error);
}

void
_hotplug_pci_plan_clear (HotplugPciPlan *self)
{
  g_clear_pointer (&self->seats, g_array_unref);
  g_clear_pointer (&self->controllers, g_array_unref);
  g_clear_pointer (&self->uncounted, g_free);
  g_clear_pointer (&self->words, g_string_chunk_free);
}
