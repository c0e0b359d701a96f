/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-pci-plan-private.h"

/* libvirt assigns twice: a dry run finds out which controllers it takes, and the second time it counts.
 * libvirt 9.0.0 src/qemu/qemu_domain_address.c:2590-2780 */
typedef struct
{
  HotplugPciPlan *plan;
  HotplugPciBuses *buses;
  GError **error;
} Assignment;

#define ON_BUS_0(slot, function) _hotplug_address_pci (0, 0, slot, function)

static HotplugPciSeat *
controller_at (const HotplugPciPlan *plan, guint i)
{
  return &g_array_index (plan->controllers, HotplugPciSeat, i);
}

static HotplugPciSeat *
seat_at (const HotplugPciPlan *plan, guint i)
{
  return &g_array_index (plan->seats, HotplugPciSeat, i);
}

static gboolean
is_controller (const HotplugPciSeat *seat, const char *type)
{
  return g_strcmp0 (seat->device.type, type) == 0;
}

static gboolean
has_model (const HotplugPciSeat *seat, const char *model)
{
  return g_strcmp0 (seat->device.model, model) == 0;
}

static gboolean
is_present (const HotplugPciSeat *seat)
{
  return seat->device.address.kind == HOTPLUG_ADDRESS_PCI;
}

static gboolean
is_wanted (const HotplugPciSeat *seat)
{
  return seat->device.address.kind == HOTPLUG_ADDRESS_NONE;
}

static gboolean
reserve (Assignment *self, HotplugAddress *address, guint connect, const char *what)
{
  return _hotplug_pci_buses_reserve (self->buses, address, connect, what, self->error);
}

/* A dry run keeps no address that it has found. */
static gboolean
reserve_next_function (Assignment *self, HotplugPciSeat *seat, int function)
{
  HotplugAddress address;

  if (!_hotplug_pci_buses_reserve_next (self->buses, _hotplug_pci_plan_connect (self->plan, seat), function,
                                        seat->need.word, &address, self->error))
    return FALSE;
  if (!self->buses->grows)
    seat->device.address = address;
  return TRUE;
}

static gboolean
reserve_next (Assignment *self, HotplugPciSeat *seat)
{
  return reserve_next_function (self, seat, -1);
}

/* The IDE and USB controllers of a PIIX3, which libvirt takes for given: qemu_domain_address.c:1556-1587 */
static gboolean
is_of_piix3 (const HotplugPciSeat *seat)
{
  const HotplugAddress *address = &seat->device.address;

  if (address->domain != 0 || address->bus != 0 || address->slot != 1 || seat->device.index != 0)
    return FALSE;

  return (is_controller (seat, "ide") && address->function == 1)
         || (is_controller (seat, "usb") && has_model (seat, "piix3-uhci") && address->function == 2);
}

static gboolean
collect (Assignment *self, HotplugPciSeat *seat)
{
  guint connect = _hotplug_pci_plan_connect (self->plan, seat);

  if (!is_present (seat))
    return TRUE;
  if (seat->device.kind == HOTPLUG_DEVICE_CONTROLLER && is_of_piix3 (seat) && !self->plan->pcie)
    return TRUE;

  return reserve (self, &seat->device.address, connect != 0 ? connect : HOTPLUG_PCI_CONNECT_PCI, seat->need.word);
}

/* Kinds of devices in the order in which libvirt walks over them: src/conf/domain_conf.c:15048. The controllers come
 * where CONTROLLER stands. Interfaces that are host devices come with these. */
static const HotplugDeviceKind walk[] = {
  HOTPLUG_DEVICE_DISK,       HOTPLUG_DEVICE_INTERFACE,  HOTPLUG_DEVICE_SOUND,      HOTPLUG_DEVICE_HOSTDEV,
  HOTPLUG_DEVICE_VIDEO,      HOTPLUG_DEVICE_CONTROLLER, HOTPLUG_DEVICE_SERIAL,     HOTPLUG_DEVICE_INPUT,
  HOTPLUG_DEVICE_FILESYSTEM, HOTPLUG_DEVICE_WATCHDOG,   HOTPLUG_DEVICE_MEMBALLOON, HOTPLUG_DEVICE_RNG,
  HOTPLUG_DEVICE_SHMEM,      HOTPLUG_DEVICE_OTHER,      HOTPLUG_DEVICE_MEMORY,     HOTPLUG_DEVICE_IOMMU,
  HOTPLUG_DEVICE_VSOCK,
};

static gboolean
for_controllers (Assignment *self, gboolean (*function) (Assignment *self, HotplugPciSeat *seat))
{
  for (guint i = 0; i < self->plan->controllers->len; i++)
    {
      if (!function (self, controller_at (self->plan, i)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
for_kind (Assignment *self, HotplugDeviceKind kind, gboolean (*function) (Assignment *self, HotplugPciSeat *seat))
{
  for (guint i = 0; i < self->plan->seats->len; i++)
    {
      HotplugPciSeat *seat = seat_at (self->plan, i);
      if (seat->device.kind == kind && !function (self, seat))
        return FALSE;
    }
  return TRUE;
}

static void
set_models (Assignment *self)
{
  const HotplugPciPlan *plan = self->plan;
  HotplugPciModel gap = self->buses->many_roots ? HOTPLUG_PCI_MODEL_PCI_ROOT
                        : plan->pcie            ? HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT
                                                : HOTPLUG_PCI_MODEL_PCI_BRIDGE;

  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugPciSeat *seat = controller_at (plan, i);
      if (is_controller (seat, "pci"))
        _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (self->buses, seat->device.index),
                                    _hotplug_pci_model_from_string (seat->device.model), seat->device.hotplug);
    }
  for (guint i = 0; i < self->buses->buses->len; i++)
    {
      HotplugPciBusState *bus = _hotplug_pci_buses_get (self->buses, i);
      if (bus->model == HOTPLUG_PCI_MODEL_NONE)
        _hotplug_pci_bus_set_model (bus, gap, TRUE);
    }
}

/* qemu_domain_address.c:1645-1750 */
static gboolean
create_buses (Assignment *self, guint n_buses, gboolean grows)
{
  _hotplug_pci_buses_clear (self->buses);
  _hotplug_pci_buses_init (self->buses, n_buses);
  self->buses->grows = grows;
  self->buses->many_roots = self->plan->machine->kind == HOTPLUG_PCI_MACHINE_PSERIES;
  set_models (self);

  for (guint i = 0; i < G_N_ELEMENTS (walk); i++)
    {
      if (!(walk[i] == HOTPLUG_DEVICE_CONTROLLER ? for_controllers (self, collect) : for_kind (self, walk[i], collect)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
place_or_check (Assignment *self, HotplugPciSeat *seat, const HotplugAddress *address)
{
  if (is_present (seat) && !_hotplug_address_equal (&seat->device.address, address))
    {
      g_autofree char *text = _hotplug_address_to_string (address);
      g_set_error (self->error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "the %s with index 0 is always at %s",
                   seat->need.word, text);
      return FALSE;
    }
  seat->device.address = *address;
  return TRUE;
}

static gboolean
slot_in_use (const Assignment *self, guint slot)
{
  return _hotplug_pci_buses_get (self->buses, 0)->functions[slot] != 0;
}

/* The first video device, that the chipset expects in a certain slot: qemu_domain_address.c:1827 and 1986 */
static gboolean
place_video (Assignment *self, guint slot, guint connect)
{
  for (guint i = 0; i < self->plan->seats->len; i++)
    {
      HotplugPciSeat *seat = seat_at (self->plan, i);
      if (seat->device.kind != HOTPLUG_DEVICE_VIDEO)
        continue;

      HotplugAddress address = ON_BUS_0 (slot, 0);
      if (seat->need.class == HOTPLUG_PCI_CLASS_NONE || !is_wanted (seat))
        return TRUE;
      if (slot_in_use (self, slot))
        return reserve_next (self, seat);
      if (!reserve (self, &address, connect, seat->need.word))
        return FALSE;

      seat->device.address = address;
      return TRUE;
    }
  return TRUE;
}

static gboolean
reserve_chipset (Assignment *self, guint slot, guint function, guint connect, const char *what)
{
  HotplugAddress address = ON_BUS_0 (slot, function);

  return reserve (self, &address, connect, what);
}

static gboolean
place_on_piix3 (Assignment *self, HotplugPciSeat *seat)
{
  HotplugAddress address;

  if (seat->device.index != 0)
    return TRUE;
  if (is_controller (seat, "ide"))
    address = ON_BUS_0 (1, 1);
  else if (is_controller (seat, "usb") && has_model (seat, "piix3-uhci"))
    address = ON_BUS_0 (1, 2);
  else
    return TRUE;

  return place_or_check (self, seat, &address)
         && reserve (self, &address, HOTPLUG_PCI_CONNECT_AUTO | HOTPLUG_PCI_CONNECT_PCI, seat->need.word);
}

/* qemu_domain_address.c:1755-1861 */
static gboolean
place_chipset_pc (Assignment *self)
{
  guint connect = HOTPLUG_PCI_CONNECT_AUTO | HOTPLUG_PCI_CONNECT_PCI;

  return for_controllers (self, place_on_piix3) && reserve_chipset (self, 1, 0, connect, "the PIIX3's ISA bridge")
         && reserve_chipset (self, 1, 3, connect, "the PIIX3's power management") && place_video (self, 2, connect);
}

/* Where real hardware has it, unless that is taken */
static gboolean
place_if_free (Assignment *self, HotplugPciSeat *seat, guint slot)
{
  HotplugAddress address = ON_BUS_0 (slot, 0);

  if (!is_wanted (seat) || slot_in_use (self, slot))
    return TRUE;
  if (!reserve (self, &address, HOTPLUG_PCI_CONNECT_PCIE, seat->need.word))
    return FALSE;

  seat->device.address = address;
  return TRUE;
}

static gboolean
place_on_ich9 (Assignment *self, HotplugPciSeat *seat)
{
  HotplugAddress sata = ON_BUS_0 (0x1f, 2);

  if (is_controller (seat, "sata") && seat->device.index == 0)
    return place_or_check (self, seat, &sata);
  /* an empty address is one too: 1902, 1939; not so of sound: 2027 */
  if (seat->device.wants_pci)
    return TRUE;
  if (is_controller (seat, "usb") && has_model (seat, "ich9-uhci1"))
    return place_if_free (self, seat, 0x1d) && place_if_free (self, seat, 0x1a);
  if (is_controller (seat, "pci") && has_model (seat, "dmi-to-pci-bridge"))
    return place_if_free (self, seat, 0x1e);
  return TRUE;
}

static gboolean
place_sound_on_ich9 (Assignment *self, HotplugPciSeat *seat)
{
  return has_model (seat, "ich9") ? place_if_free (self, seat, 0x1b) : TRUE;
}

/* qemu_domain_address.c:1865-2040 */
static gboolean
place_chipset_q35 (Assignment *self)
{
  guint connect = HOTPLUG_PCI_CONNECT_PCIE;

  return for_controllers (self, place_on_ich9) && reserve_chipset (self, 0x1f, 0, connect, "the ICH9's ISA bridge")
         && reserve_chipset (self, 0x1f, 3, connect, "the ICH9's SMBus") && place_video (self, 1, connect)
         && for_kind (self, HOTPLUG_DEVICE_SOUND, place_sound_on_ich9);
}

static gboolean
place_chipset (Assignment *self)
{
  if (self->plan->machine->kind == HOTPLUG_PCI_MACHINE_PC)
    return place_chipset_pc (self);

  return self->plan->machine->kind == HOTPLUG_PCI_MACHINE_Q35 ? place_chipset_q35 (self) : TRUE;
}

static gboolean
place_pci_controller (Assignment *self, HotplugPciSeat *seat)
{
  if (!is_controller (seat, "pci") || seat->need.class == HOTPLUG_PCI_CLASS_NONE || !is_wanted (seat))
    return TRUE;

  return reserve_next (self, seat);
}

/* The function that a part of a USB2 controller has; -1 for any other device: qemu_domain_address.c:2211-2228 */
static int
usb2_function (const HotplugPciSeat *seat)
{
  static const struct
  {
    const char *model;
    int function;
  } parts[] = { { "ich9-ehci1", 7 }, { "ich9-uhci1", 0 }, { "ich9-uhci2", 1 }, { "ich9-uhci3", 2 } };

  for (guint i = 0; is_controller (seat, "usb") && i < G_N_ELEMENTS (parts); i++)
    {
      if (has_model (seat, parts[i].model))
        return parts[i].function;
    }
  return -1;
}

/* Beside the parts that have a place: all share one slot */
static gboolean
place_usb2 (Assignment *self, HotplugPciSeat *seat, int function)
{
  for (guint i = 0; i < self->plan->controllers->len; i++)
    {
      const HotplugPciSeat *other = controller_at (self->plan, i);
      if (usb2_function (other) < 0 || other->device.index != seat->device.index || !is_present (other))
        continue;

      HotplugAddress address = other->device.address;
      address.function = (guint)function;
      if (!reserve (self, &address, _hotplug_pci_plan_connect (self->plan, seat), seat->need.word))
        return FALSE;

      seat->device.address = address;
      return TRUE;
    }
  return reserve_next_function (self, seat, function);
}

static gboolean
place_other_controller (Assignment *self, HotplugPciSeat *seat)
{
  if (is_controller (seat, "pci") || seat->need.class == HOTPLUG_PCI_CLASS_NONE || !is_wanted (seat))
    return TRUE;
  if (is_controller (seat, "ide") && seat->device.index == 0)
    return TRUE;

  int function = usb2_function (seat);
  return function >= 0 ? place_usb2 (self, seat, function) : reserve_next (self, seat);
}

static gboolean
is_host_device (const HotplugPciSeat *seat)
{
  return seat->device.kind == HOTPLUG_DEVICE_HOSTDEV
         || (seat->device.kind == HOTPLUG_DEVICE_INTERFACE && g_strcmp0 (seat->device.type, "hostdev") == 0);
}

static gboolean
place_device (Assignment *self, HotplugPciSeat *seat)
{
  return seat->need.class == HOTPLUG_PCI_CLASS_NONE || !is_wanted (seat) || reserve_next (self, seat);
}

static gboolean
place_interface (Assignment *self, HotplugPciSeat *seat)
{
  return is_host_device (seat) || place_device (self, seat);
}

static gboolean
place_host_device (Assignment *self, HotplugPciSeat *seat)
{
  return !is_host_device (seat) || place_device (self, seat);
}

/* qemu_domain_address.c:2083-2432 */
static gboolean
place_all (Assignment *self)
{
  static const HotplugDeviceKind behind[] = {
    HOTPLUG_DEVICE_MEMBALLOON, HOTPLUG_DEVICE_RNG,    HOTPLUG_DEVICE_WATCHDOG, HOTPLUG_DEVICE_VIDEO,
    HOTPLUG_DEVICE_SHMEM,      HOTPLUG_DEVICE_INPUT,  HOTPLUG_DEVICE_SERIAL,   HOTPLUG_DEVICE_IOMMU,
    HOTPLUG_DEVICE_VSOCK,      HOTPLUG_DEVICE_MEMORY,
  };

  if (!for_controllers (self, place_pci_controller) || !for_kind (self, HOTPLUG_DEVICE_FILESYSTEM, place_device)
      || !for_kind (self, HOTPLUG_DEVICE_INTERFACE, place_interface)
      || !for_kind (self, HOTPLUG_DEVICE_SOUND, place_device) || !for_controllers (self, place_other_controller)
      || !for_kind (self, HOTPLUG_DEVICE_DISK, place_device)
      || !for_kind (self, HOTPLUG_DEVICE_INTERFACE, place_host_device)
      || !for_kind (self, HOTPLUG_DEVICE_HOSTDEV, place_host_device))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (behind); i++)
    {
      if (!for_kind (self, behind[i], place_device))
        return FALSE;
    }
  return TRUE;
}

static gboolean
all_full (const HotplugPciBuses *buses)
{
  for (guint i = 0; i < buses->buses->len; i++)
    {
      if (!_hotplug_pci_bus_is_full (_hotplug_pci_buses_get (buses, i)))
        return FALSE;
    }
  return TRUE;
}

/* A place for nothing: so that a machine with a pci-root gets one more bridge in time (2650-2687), and a new one with a
 * pcie-root one free port (2695-2723) */
static gboolean
reserve_spare (Assignment *self, HotplugPciClass class)
{
  HotplugPciSeat nothing = { .need = { .class = class, .word = "a spare" } };

  return reserve_next (self, &nothing);
}

/* The controllers that the dry run found missing, each with a place: 2725-2772 */
static gboolean
add_controllers (Assignment *self)
{
  for (guint i = 1; i < self->buses->buses->len; i++)
    {
      HotplugPciModel model = _hotplug_pci_buses_get (self->buses, i)->model;
      if (_hotplug_pci_plan_has_bus (self->plan, i))
        continue;

      if (!_hotplug_pci_plan_add_controller (self->plan, "pci", i, _hotplug_pci_model_to_string (model), self->error))
        return FALSE;
      if (!place_pci_controller (self, _hotplug_pci_plan_find_controller (self->plan, "pci", i)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
run_dry (Assignment *self, guint n_buses)
{
  if (!create_buses (self, n_buses, TRUE) || !place_chipset (self))
    return FALSE;
  if (!self->plan->pcie && !all_full (self->buses) && !reserve_spare (self, HOTPLUG_PCI_CLASS_PCI))
    return FALSE;
  if (!place_all (self))
    return FALSE;
  if (self->plan->pcie && n_buses == 1 && self->buses->buses->len > 1 && !reserve_spare (self, HOTPLUG_PCI_CLASS_PCIE))
    return FALSE;

  return add_controllers (self);
}

static guint
count_buses (const HotplugPciPlan *plan)
{
  guint n = 0;

  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugPciSeat *seat = controller_at (plan, i);
      if (is_controller (seat, "pci"))
        n = MAX (n, seat->device.index + 1);
    }
  return n;
}

gboolean
_hotplug_pci_plan_assign (HotplugPciPlan *plan, HotplugPciBuses *buses, GError **error)
{
  Assignment self = { .plan = plan, .buses = buses, .error = error };

  if (!run_dry (&self, count_buses (plan)))
    return FALSE;

  return create_buses (&self, buses->buses->len, FALSE) && place_chipset (&self) && place_all (&self);
}

static gboolean
occupy (Assignment *self, HotplugPciSeat *seat)
{
  return !is_present (seat)
         || _hotplug_pci_buses_occupy (self->buses, &seat->device.address, seat->need.word, self->error);
}

gboolean
_hotplug_pci_plan_occupy (HotplugPciPlan *plan, HotplugPciBuses *buses, GError **error)
{
  Assignment self = { .plan = plan, .buses = buses, .error = error };

  _hotplug_pci_buses_clear (buses);
  _hotplug_pci_buses_init (buses, count_buses (plan));
  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugPciSeat *seat = controller_at (plan, i);
      if (is_controller (seat, "pci"))
        _hotplug_pci_bus_set_model (_hotplug_pci_buses_get (buses, seat->device.index),
                                    _hotplug_pci_model_from_string (seat->device.model), seat->device.hotplug);
    }

  for (guint i = 0; i < plan->seats->len; i++)
    {
      if (!occupy (&self, seat_at (plan, i)))
        return FALSE;
    }
  return for_controllers (&self, occupy);
}
