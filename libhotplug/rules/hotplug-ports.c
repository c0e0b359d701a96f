/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "rules/hotplug-ports-private.h"

#define SLOT_MAX 31

/* A bus, and which of its slots a device may be plugged into while the machine runs */
static gboolean
slots_of (const HotplugDomain *domain, const HotplugController *controller, guint *first, guint *last)
{
  if (g_strcmp0 (controller->type, "pci") != 0 || controller->model == NULL || !controller->hotplug)
    return FALSE;

  if (strcmp (controller->model, "pcie-root-port") == 0 || strcmp (controller->model, "pcie-switch-downstream-port") == 0)
    {
      *first = *last = 0;
      return TRUE;
    }

  if (strcmp (controller->model, "pci-root") == 0)
    {
      /* slot 1 of a pc has the PIIX3's functions, of which the XML names but the IDE controller and USB */
      gboolean piix = domain->machine != NULL && strstr (domain->machine, "pseries") == NULL;
      *first = piix ? 2 : 1;
      *last = SLOT_MAX;
      return TRUE;
    }

  *first = 1;
  *last = SLOT_MAX;
  return strcmp (controller->model, "pci-bridge") == 0;
}

/* A slot counts as taken whichever of its functions is: a live attach is to function 0 of an empty slot. */
static gboolean
taken (const HotplugDomain *domain, const HotplugAddress *place)
{
  for (guint i = 0; domain != NULL && i < domain->devices->len; i++)
    {
      const HotplugAddress *address = &g_array_index (domain->devices, HotplugDevice, i).address;
      if (address->kind == HOTPLUG_ADDRESS_PCI && address->domain == place->domain && address->bus == place->bus && address->slot == place->slot)
        return TRUE;
    }

  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (_hotplug_address_equal (&record->disk->address, place))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_port (const HotplugDomain *domain, const HotplugAddress *place)
{
  HotplugController *controller = _hotplug_domain_find_controller (domain, "pci", place->bus);
  guint first, last;

  return controller != NULL && slots_of (domain, controller, &first, &last) && place->slot >= first && place->slot <= last;
}

HotplugPorts
_hotplug_ports_scan (const HotplugSides *sides, const HotplugAddress *also)
{
  const HotplugDomain *first_side = sides->live != NULL ? sides->live : sides->template;
  const HotplugDomain *other_side = sides->live != NULL ? sides->template : NULL;
  HotplugPorts ports = { 0 };

  for (guint i = 0; i < first_side->controllers->len; i++)
    {
      const HotplugController *controller = g_ptr_array_index (first_side->controllers, i);
      guint first, last;

      if (!slots_of (first_side, controller, &first, &last))
        continue;

      for (guint slot = first; slot <= last; slot++)
        {
          HotplugAddress place = _hotplug_address_pci (0, controller->index, slot, 0);

          ports.total++;
          if (taken (first_side, &place) || (also != NULL && _hotplug_address_equal (also, &place)))
            {
              ports.used++;
              continue;
            }

          if (ports.free_on_first.kind == HOTPLUG_ADDRESS_NONE)
            ports.free_on_first = place;
          if (ports.free.kind == HOTPLUG_ADDRESS_NONE
              && (other_side == NULL || (has_port (other_side, &place) && !taken (other_side, &place))))
            ports.free = place;
        }
    }
  return ports;
}
