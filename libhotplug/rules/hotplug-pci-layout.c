/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-printable-private.h"
#include "rules/hotplug-pci-layout-private.h"
#include "rules/hotplug-pci-quirks-private.h"

#define ROOTS_MAX 31

struct _HotplugPciLayout
{
  HotplugPciPlan plan;
  HotplugPciBuses buses;
};

/* The controller of the bus that a controller is on; NULL: it is on none */
static const HotplugPciSeat *
parent_of (const HotplugPciPlan *plan, const HotplugPciSeat *seat)
{
  const HotplugAddress *address = &seat->device.address;

  return address->kind == HOTPLUG_ADDRESS_PCI ? _hotplug_pci_plan_find_controller (plan, "pci", address->bus) : NULL;
}

static gboolean
check_parent (const HotplugPciPlan *plan, const HotplugPciSeat *seat, GError **error)
{
  const HotplugDevice *controller = &seat->device;
  guint steps = 0;

  if (controller->address.kind != HOTPLUG_ADDRESS_PCI)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "PCI controller with index %u, a %s, has no PCI address", controller->index, controller->model);
      return FALSE;
    }
  /* libvirt 9.0.0 src/qemu/qemu_domain_address.c:2884; it looks at no others */
  if (controller->address.bus >= controller->index && g_strcmp0 (controller->model, "pci-bridge") == 0)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "PCI controller with index %u, a %s, is on bus %u: its index must be the larger one",
                   controller->index, controller->model, controller->address.bus);
      return FALSE;
    }
  /* libvirt defines it, and QEMU can't start it */
  while (seat != NULL && steps++ < HOTPLUG_PCI_BUSES_MAX)
    seat = parent_of (plan, seat);
  if (seat != NULL)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                 "PCI controller with index %u, a %s, is behind itself", controller->index, controller->model);
  return seat == NULL;
}

static gboolean
check_parents (const HotplugPciPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugPciSeat *seat = &g_array_index (plan->controllers, HotplugPciSeat, i);
      if (g_strcmp0 (seat->device.type, "pci") == 0 && seat->need.class != HOTPLUG_PCI_CLASS_NONE
          && !check_parent (plan, seat, error))
        return FALSE;
    }
  return TRUE;
}

/* Of a pseries: target index 31, which libvirt gives to the next one, is out of its own range: MEASURED */
static gboolean
check_roots (const HotplugPciPlan *plan, GError **error)
{
  guint n_roots = 0;

  for (guint i = 0; i < plan->controllers->len; i++)
    {
      const HotplugDevice *controller = &g_array_index (plan->controllers, HotplugPciSeat, i).device;
      n_roots += g_strcmp0 (controller->type, "pci") == 0 && g_strcmp0 (controller->model, "pci-root") == 0;
    }
  if (n_roots <= ROOTS_MAX)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "%u PCI controllers are a pci-root: %d is the most", n_roots, ROOTS_MAX);
  return FALSE;
}

static gboolean
lay_out (HotplugPciLayout *self, const HotplugDomain *domain, GError **error)
{
  if (!_hotplug_pci_plan_init (&self->plan, domain, error))
    return FALSE;
  if (self->plan.machine->root == NULL)
    return TRUE;

  gboolean placed = domain->active ? _hotplug_pci_plan_occupy (&self->plan, &self->buses, error)
                                   : _hotplug_pci_plan_assign (&self->plan, &self->buses, error);
  if (!placed || !check_parents (&self->plan, error) || !check_roots (&self->plan, error))
    return FALSE;

  _hotplug_pci_plan_add_chipset (&self->plan, &self->buses);
  _hotplug_pci_plan_add_arguments (&self->plan, domain, &self->buses);
  _hotplug_pci_quirks_mark (&self->plan, domain, &self->buses);
  return TRUE;
}

HotplugPciLayout *
_hotplug_pci_layout_new (const HotplugDomain *domain, GError **error)
{
  g_autoptr (HotplugPciLayout) self = g_new0 (HotplugPciLayout, 1);
  g_autoptr (GError) refusal = NULL;

  _hotplug_pci_buses_init (&self->buses, 0);
  if (lay_out (self, domain, &refusal))
    return g_steal_pointer (&self);

  /* it quotes models and aliases of domain XML that anybody may have written */
  _hotplug_printable_error (refusal);
  g_propagate_error (error, g_steal_pointer (&refusal));
  return NULL;
}

void
_hotplug_pci_layout_free (HotplugPciLayout *self)
{
  _hotplug_pci_plan_clear (&self->plan);
  _hotplug_pci_buses_clear (&self->buses);
  g_free (self);
}

const HotplugPciPlan *
_hotplug_pci_layout_get_plan (const HotplugPciLayout *self)
{
  return &self->plan;
}

const HotplugPciBuses *
_hotplug_pci_layout_get_buses (const HotplugPciLayout *self)
{
  return &self->buses;
}

/* The bits of a device that is plugged in; 0 if it is none of PCI */
static guint
live_connect (const HotplugPciLayout *self, HotplugPciClass class)
{
  guint connect = _hotplug_pci_class_connect (class, self->plan.pcie);

  return connect != 0 ? connect | HOTPLUG_PCI_CONNECT_HOTPLUG : 0;
}

gboolean
_hotplug_pci_layout_next (const HotplugPciLayout *self, HotplugPciClass class, HotplugAddress *out)
{
  guint connect = live_connect (self, class);

  if (connect != 0 && _hotplug_pci_buses_find (&self->buses, connect, 0, 0, out)
      && !_hotplug_pci_buses_get (&self->buses, out->bus)->refuses)
    return TRUE;

  *out = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  return FALSE;
}

gboolean
_hotplug_pci_layout_next_after (const HotplugPciLayout *self, HotplugPciClass class, const HotplugAddress *after,
                                HotplugAddress *out)
{
  guint connect = live_connect (self, class);
  guint bus = 0, slot = 0;

  if (after->kind == HOTPLUG_ADDRESS_PCI)
    {
      bus = after->bus;
      slot = after->slot + 1;
    }
  while (connect != 0 && _hotplug_pci_buses_find (&self->buses, connect, bus, slot, out))
    {
      if (!_hotplug_pci_buses_get (&self->buses, out->bus)->refuses)
        return TRUE;
      bus = out->bus + 1;
      slot = 0;
    }

  *out = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  return FALSE;
}

/* libvirt always tries the first place, so that what is behind one that QEMU refuses is never reached. */
guint
_hotplug_pci_layout_count (const HotplugPciLayout *self, HotplugPciClass class)
{
  guint connect = live_connect (self, class);
  guint n = 0;

  for (guint i = 0; connect != 0 && i < self->buses.buses->len; i++)
    {
      const HotplugPciBusState *bus = _hotplug_pci_buses_get (&self->buses, i);
      guint n_free = _hotplug_pci_bus_n_free (bus);

      if (n_free == 0 || !_hotplug_pci_buses_accepts (&self->buses, i, connect, FALSE))
        continue;
      if (bus->refuses)
        break;
      n += n_free;
    }
  return n;
}

gboolean
_hotplug_pci_layout_accepts (const HotplugPciLayout *self, HotplugPciClass class, const HotplugAddress *address)
{
  guint connect = live_connect (self, class);

  if (connect == 0 || address->kind != HOTPLUG_ADDRESS_PCI || address->domain != 0 || address->function != 0)
    return FALSE;
  if (!_hotplug_pci_buses_accepts (&self->buses, address->bus, connect, TRUE))
    return FALSE;

  const HotplugPciBusState *bus = _hotplug_pci_buses_get (&self->buses, address->bus);
  return !bus->refuses && address->slot >= bus->first && address->slot <= bus->last
         && bus->functions[address->slot] == 0;
}

void
_hotplug_pci_layout_take (HotplugPciLayout *self, const HotplugAddress *address)
{
  HotplugPciBusState *bus = address->kind == HOTPLUG_ADDRESS_PCI ? _hotplug_pci_buses_get (&self->buses, address->bus)
                                                                 : NULL;

  if (bus != NULL && address->slot < HOTPLUG_PCI_SLOTS && address->function < HOTPLUG_PCI_FUNCTIONS)
    bus->functions[address->slot] |= (guint8)(1U << address->function);
}
