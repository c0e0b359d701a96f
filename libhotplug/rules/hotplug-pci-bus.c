/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-pci-bus-private.h"

#define LAST_SLOT (HOTPLUG_PCI_SLOTS - 1)

#define TAKES_PCI (HOTPLUG_PCI_CONNECT_AUTO | HOTPLUG_PCI_CONNECT_PCI | HOTPLUG_PCI_CONNECT_BRIDGE)
#define TAKES_PCIE                                                                                                     \
  (HOTPLUG_PCI_CONNECT_AUTO | HOTPLUG_PCI_CONNECT_PCIE | HOTPLUG_PCI_CONNECT_UPSTREAM_PORT                             \
   | HOTPLUG_PCI_CONNECT_PCIE_BRIDGE)

/* libvirt 9.0.0 src/conf/domain_addr.c:478-589 */
static const struct
{
  const char *name;
  guint connect;
  guint first;
  guint last;
  gboolean hotplug;
} models[] = {
  [HOTPLUG_PCI_MODEL_NONE] = { NULL },
  [HOTPLUG_PCI_MODEL_PCI_ROOT] = { "pci-root", TAKES_PCI | HOTPLUG_PCI_CONNECT_EXPANDER, 1, LAST_SLOT, TRUE },
  [HOTPLUG_PCI_MODEL_PCIE_ROOT] = { "pcie-root",
                                    HOTPLUG_PCI_CONNECT_PCIE | HOTPLUG_PCI_CONNECT_ROOT_PORT
                                        | HOTPLUG_PCI_CONNECT_DMI_BRIDGE | HOTPLUG_PCI_CONNECT_PCIE_EXPANDER,
                                    1, LAST_SLOT, FALSE },
  [HOTPLUG_PCI_MODEL_PCI_BRIDGE] = { "pci-bridge", TAKES_PCI, 1, LAST_SLOT, TRUE },
  [HOTPLUG_PCI_MODEL_DMI_TO_PCI_BRIDGE] = { "dmi-to-pci-bridge", HOTPLUG_PCI_CONNECT_PCI | HOTPLUG_PCI_CONNECT_BRIDGE,
                                            0, LAST_SLOT, FALSE },
  [HOTPLUG_PCI_MODEL_PCIE_TO_PCI_BRIDGE] = { "pcie-to-pci-bridge", TAKES_PCI, 1, LAST_SLOT, TRUE },
  [HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT] = { "pcie-root-port", TAKES_PCIE, 0, 0, TRUE },
  [HOTPLUG_PCI_MODEL_PCIE_SWITCH_UPSTREAM_PORT] = { "pcie-switch-upstream-port", HOTPLUG_PCI_CONNECT_DOWNSTREAM_PORT, 0,
                                                    LAST_SLOT, FALSE },
  [HOTPLUG_PCI_MODEL_PCIE_SWITCH_DOWNSTREAM_PORT] = { "pcie-switch-downstream-port", TAKES_PCIE, 0, 0, TRUE },
  [HOTPLUG_PCI_MODEL_PCI_EXPANDER_BUS] = { "pci-expander-bus", TAKES_PCI, 0, LAST_SLOT, TRUE },
  [HOTPLUG_PCI_MODEL_PCIE_EXPANDER_BUS] = { "pcie-expander-bus",
                                            HOTPLUG_PCI_CONNECT_ROOT_PORT | HOTPLUG_PCI_CONNECT_DMI_BRIDGE, 0,
                                            LAST_SLOT, FALSE },
};

HotplugPciModel
_hotplug_pci_model_from_string (const char *model)
{
  for (guint i = 1; model != NULL && i < G_N_ELEMENTS (models); i++)
    {
      if (strcmp (models[i].name, model) == 0)
        return (HotplugPciModel)i;
    }
  return HOTPLUG_PCI_MODEL_NONE;
}

const char *
_hotplug_pci_model_to_string (HotplugPciModel model)
{
  return models[model].name;
}

void
_hotplug_pci_buses_init (HotplugPciBuses *self, guint n_buses)
{
  *self = (HotplugPciBuses){ .buses = g_array_new (FALSE, TRUE, sizeof (HotplugPciBusState)) };
  g_array_set_size (self->buses, n_buses);
}

void
_hotplug_pci_buses_clear (HotplugPciBuses *self)
{
  g_clear_pointer (&self->buses, g_array_unref);
}

HotplugPciBusState *
_hotplug_pci_buses_get (const HotplugPciBuses *self, guint number)
{
  return number < self->buses->len ? &g_array_index (self->buses, HotplugPciBusState, number) : NULL;
}

void
_hotplug_pci_bus_set_model (HotplugPciBusState *self, HotplugPciModel model, gboolean hotplug)
{
  self->model = model;
  self->connect = models[model].connect;
  self->first = models[model].first;
  self->last = models[model].last;
  /* libvirt means to heed hotplug='off' of a pci-root too, and forgets it: it takes model 0 for none at
   * src/qemu/qemu_domain_address.c:1696; MEASURED: QEMU refuses then */
  if (models[model].hotplug && (hotplug || model == HOTPLUG_PCI_MODEL_PCI_ROOT))
    self->connect |= HOTPLUG_PCI_CONNECT_HOTPLUG;
}

guint
_hotplug_pci_bus_n_slots (const HotplugPciBusState *self)
{
  return self->last - self->first + 1;
}

guint
_hotplug_pci_bus_n_free (const HotplugPciBusState *self)
{
  guint n = 0;

  if (self->model == HOTPLUG_PCI_MODEL_NONE)
    return 0;
  for (guint slot = self->first; slot <= self->last; slot++)
    n += self->functions[slot] == 0 ? 1 : 0;
  return n;
}

gboolean
_hotplug_pci_bus_is_full (const HotplugPciBusState *self)
{
  return _hotplug_pci_bus_n_free (self) == 0;
}

/* src/conf/domain_addr.c:299-395 */
static gboolean
accepts (const HotplugPciBusState *bus, gboolean first_bus, guint connect, gboolean given)
{
  guint offer = bus->connect;

  if ((connect & HOTPLUG_PCI_CONNECT_INTEGRATED) != 0)
    {
      if (!first_bus)
        return FALSE;
      offer |= HOTPLUG_PCI_CONNECT_AUTO;
    }

  if (given)
    {
      if ((offer & HOTPLUG_PCI_CONNECT_ENDPOINT) != 0)
        offer |= HOTPLUG_PCI_CONNECT_ENDPOINT;
      if ((connect & HOTPLUG_PCI_CONNECT_BRIDGE) != 0)
        connect |= HOTPLUG_PCI_CONNECT_PCI;
    }
  else if ((connect & ~offer & HOTPLUG_PCI_CONNECT_AUTO) != 0)
    return FALSE;

  return (connect & ~offer & HOTPLUG_PCI_CONNECT_HOTPLUG) == 0 && (connect & offer & HOTPLUG_PCI_CONNECT_KINDS) != 0;
}

gboolean
_hotplug_pci_buses_accepts (const HotplugPciBuses *self, guint number, guint connect, gboolean given)
{
  const HotplugPciBusState *bus = _hotplug_pci_buses_get (self, number);

  return bus != NULL && accepts (bus, number == 0, connect, given);
}

static gboolean
takes_bridges (const HotplugPciBuses *self)
{
  for (guint i = 0; i < self->buses->len; i++)
    {
      if ((_hotplug_pci_buses_get (self, i)->connect & HOTPLUG_PCI_CONNECT_BRIDGE) != 0)
        return TRUE;
    }
  return FALSE;
}

/* The controller that libvirt adds so that a device gets a place, NONE if it adds none for it */
static HotplugPciModel
model_to_add (const HotplugPciBuses *self, guint connect)
{
  if ((connect & HOTPLUG_PCI_CONNECT_PCI) != 0)
    return self->many_roots ? HOTPLUG_PCI_MODEL_PCI_ROOT : HOTPLUG_PCI_MODEL_PCI_BRIDGE;
  if ((connect & (HOTPLUG_PCI_CONNECT_PCIE | HOTPLUG_PCI_CONNECT_UPSTREAM_PORT)) != 0)
    return HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT;

  return HOTPLUG_PCI_MODEL_NONE;
}

static void
add_bus (HotplugPciBuses *self, HotplugPciModel model)
{
  HotplugPciBusState bus = { 0 };

  _hotplug_pci_bus_set_model (&bus, model, TRUE);
  g_array_append_val (self->buses, bus);
}

/* A machine of ports only gets its first conventional slots by a pcie-to-pci-bridge, and a port for that one, which
 * nothing else may have for now: src/conf/domain_addr.c:654-705 and 762-780 */
static void
add_bridge_behind_port (HotplugPciBuses *self)
{
  add_bus (self, HOTPLUG_PCI_MODEL_PCIE_ROOT_PORT);
  _hotplug_pci_buses_get (self, self->buses->len - 1)->connect = HOTPLUG_PCI_CONNECT_PCIE_BRIDGE;
  add_bus (self, HOTPLUG_PCI_MODEL_PCIE_TO_PCI_BRIDGE);
}

/* Adds the buses up to that of @address: src/conf/domain_addr.c:627-789 */
static gboolean
grow (HotplugPciBuses *self, HotplugAddress *address, guint connect, const char *what, GError **error)
{
  if (address->bus < self->buses->len)
    return TRUE;

  HotplugPciModel model = model_to_add (self, connect);
  gboolean bridge_behind_port = model == HOTPLUG_PCI_MODEL_PCI_BRIDGE && !takes_bridges (self);

  if (model == HOTPLUG_PCI_MODEL_NONE)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "no PCI slot is left for %s, and libvirt adds no controller for one", what);
      return FALSE;
    }

  if (bridge_behind_port && address->bus == self->buses->len)
    address->bus++;
  if (address->bus >= HOTPLUG_PCI_BUSES_MAX)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                   "%s needs a PCI bus more than the %u that can be", what, HOTPLUG_PCI_BUSES_MAX);
      return FALSE;
    }

  if (bridge_behind_port)
    add_bridge_behind_port (self);
  while (self->buses->len <= address->bus)
    add_bus (self, model);
  return TRUE;
}

static gboolean
check_bounds (const HotplugPciBuses *self, const HotplugAddress *address, const char *what, GError **error)
{
  g_autofree char *text = _hotplug_address_to_string (address);
  const HotplugPciBusState *bus = _hotplug_pci_buses_get (self, address->bus);

  if (address->domain != 0)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s is at %s: there is no PCI domain but 0",
                 what, text);
  else if (bus == NULL || bus->model == HOTPLUG_PCI_MODEL_NONE)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                 "%s is at %s: the machine has no PCI controller with index %u", what, text, address->bus);
  else if (address->function >= HOTPLUG_PCI_FUNCTIONS || address->slot >= HOTPLUG_PCI_SLOTS)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
                 "%s is at %s: slots go from 0 to %u, functions from 0 to %u", what, text, LAST_SLOT,
                 HOTPLUG_PCI_FUNCTIONS - 1);
  else if (address->slot < bus->first || address->slot > bus->last)
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s is at %s: a %s has slots from %u to %u",
                 what, text, _hotplug_pci_model_to_string (bus->model), bus->first, bus->last);
  else
    return TRUE;
  return FALSE;
}

static gboolean
take (HotplugPciBusState *bus, const HotplugAddress *address, guint connect, const char *what, GError **error)
{
  guint bit = 1U << address->function;
  guint8 *functions = &bus->functions[address->slot];

  if ((*functions & bit) != 0)
    {
      g_autofree char *text = _hotplug_address_to_string (address);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s is at %s, and so is another device", what,
                   text);
      return FALSE;
    }

  if (*functions == 0 && (connect & HOTPLUG_PCI_CONNECT_SHARE) != 0)
    bus->shared |= 1U << address->slot;
  *functions |= bit;
  return TRUE;
}

gboolean
_hotplug_pci_buses_occupy (HotplugPciBuses *self, const HotplugAddress *address, const char *what, GError **error)
{
  return check_bounds (self, address, what, error)
         && take (_hotplug_pci_buses_get (self, address->bus), address, 0, what, error);
}

gboolean
_hotplug_pci_buses_reserve (HotplugPciBuses *self, HotplugAddress *address, guint connect, const char *what,
                            GError **error)
{
  if (self->grows && !grow (self, address, connect, what, error))
    return FALSE;
  if (!check_bounds (self, address, what, error))
    return FALSE;

  HotplugPciBusState *bus = _hotplug_pci_buses_get (self, address->bus);
  if (!accepts (bus, address->bus == 0, connect, TRUE))
    {
      g_autofree char *text = _hotplug_address_to_string (address);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s is at %s: a %s takes no such device", what,
                   text, _hotplug_pci_model_to_string (bus->model));
      return FALSE;
    }
  return take (bus, address, connect, what, error);
}

/* The first place of a bus, from @slot on: src/conf/domain_addr.c:1027-1086. @function is wanted, -1: any */
static gboolean
find_on_bus (const HotplugPciBusState *bus, guint slot, guint connect, int function, HotplugAddress *out)
{
  for (guint at = MAX (slot, bus->first); at <= bus->last; at++)
    {
      guint8 functions = bus->functions[at];

      out->slot = at;
      out->function = (guint)MAX (function, 0);
      if (functions == 0)
        return TRUE;
      if ((connect & HOTPLUG_PCI_CONNECT_SHARE) == 0 || (bus->shared & (1U << at)) == 0 || functions == 0xff)
        continue;

      if (function < 0)
        out->function = (guint)g_bit_nth_lsf (~(gulong)functions, -1);
      if ((functions & (1U << out->function)) == 0)
        return TRUE;
    }
  return FALSE;
}

gboolean
_hotplug_pci_buses_find (const HotplugPciBuses *self, guint connect, guint bus, guint slot, HotplugAddress *out)
{
  *out = _hotplug_address_pci (0, 0, 0, 0);
  for (out->bus = bus; out->bus < self->buses->len; out->bus++, slot = 0)
    {
      const HotplugPciBusState *state = _hotplug_pci_buses_get (self, out->bus);
      if (accepts (state, out->bus == 0, connect, FALSE) && find_on_bus (state, slot, connect, -1, out))
        return TRUE;
    }
  *out = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  return FALSE;
}

/* src/conf/domain_addr.c:1089-1217 */
gboolean
_hotplug_pci_buses_reserve_next (HotplugPciBuses *self, guint connect, int function, const char *what,
                                 HotplugAddress *out, GError **error)
{
  HotplugPciBusState *bus = NULL;

  *out = _hotplug_address_pci (0, 0, 0, 0);
  for (; out->bus < self->buses->len; out->bus++)
    {
      bus = _hotplug_pci_buses_get (self, out->bus);
      if (accepts (bus, out->bus == 0, connect, FALSE) && find_on_bus (bus, 0, connect, function, out))
        return take (bus, out, connect, what, error);
    }

  if (!self->grows)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "no PCI slot is left for %s", what);
      return FALSE;
    }

  if (!grow (self, out, connect, what, error))
    return FALSE;

  bus = _hotplug_pci_buses_get (self, out->bus);
  out->slot = bus->first;
  out->function = (guint)MAX (function, 0);
  if (!accepts (bus, out->bus == 0, connect, FALSE))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "libvirt finds no PCI slot for %s", what);
      return FALSE;
    }
  return take (bus, out, connect, what, error);
}
