/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-pci-layout-private.h"
#include "rules/hotplug-reservation-private.h"
#include "rules/hotplug-spare-port-private.h"

static gboolean
is_our_port (const HotplugController *controller)
{
  return controller->alias != NULL && g_str_has_prefix (controller->alias, HOTPLUG_PORT_ALIAS_PREFIX);
}

/* @leaving: (nullable): aliases that count as gone */
static gboolean
is_leaving (const char *const *leaving, const char *alias)
{
  return leaving != NULL && alias != NULL && g_strv_contains (leaving, alias);
}

static gboolean
is_ours (const char *alias)
{
  return alias != NULL
         && (g_str_has_prefix (alias, HOTPLUG_VOLUME_ALIAS_PREFIX)
             || g_str_has_prefix (alias, HOTPLUG_INTERFACE_ALIAS_PREFIX));
}

/* How many more ports than devices of ours the template has: those that removals have left */
static int
count_left_over (const HotplugDomain *template, const char *const *leaving)
{
  int left = 0;

  for (guint i = 0; i < template->controllers->len; i++)
    {
      const HotplugController *controller = g_ptr_array_index (template->controllers, i);
      if (controller->alias == NULL)
        continue;
      left += is_our_port (controller);
      left -= g_str_has_prefix (controller->alias, HOTPLUG_SCSI_ALIAS_PREFIX);
    }
  for (guint i = 0; i < template->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (template->devices, HotplugDevice, i);
      left -= device->address.kind == HOTPLUG_ADDRESS_PCI && is_ours (device->alias)
              && !is_leaving (leaving, device->alias);
    }
  return left;
}

/* Whether a device at @place has a port to itself that was free */
static gboolean
takes_port (const HotplugPciLayout *layout, const HotplugAddress *place)
{
  HotplugAddress at = *place;

  if (at.kind == HOTPLUG_ADDRESS_NONE && !_hotplug_pci_layout_next (layout, HOTPLUG_PCI_CLASS_EITHER, &at))
    return FALSE;

  const HotplugPciBusState *bus = _hotplug_pci_buses_get (_hotplug_pci_layout_get_buses (layout), at.bus);
  return bus != NULL && _hotplug_pci_bus_n_slots (bus) == 1 && _hotplug_pci_bus_n_free (bus) == 1;
}

gboolean
_hotplug_spare_port_plan (const HotplugDomain *template, const HotplugAddress *place, guint *index,
                          HotplugAddress *address)
{
  g_autoptr (HotplugPciLayout) layout = _hotplug_pci_layout_new (template, NULL);

  return layout != NULL && _hotplug_pci_layout_get_plan (layout)->pcie && takes_port (layout, place)
         && count_left_over (template, NULL) <= 0 && _hotplug_reservation_next_port (template, index, address);
}

static gboolean
is_in_use (const HotplugDomain *template, const char *const *leaving, guint bus)
{
  for (guint i = 0; i < template->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (template->devices, HotplugDevice, i);
      if (device->address.kind == HOTPLUG_ADDRESS_PCI && device->address.bus == bus
          && !is_leaving (leaving, device->alias))
        return TRUE;
    }
  return FALSE;
}

static int
compare_ports (gconstpointer a, gconstpointer b)
{
  return (int)(*(const HotplugController *const *)b)->index - (int)(*(const HotplugController *const *)a)->index;
}

/* The greatest index of a PCI controller below @below */
static guint
find_last (const HotplugDomain *template, guint below)
{
  guint last = 0;

  for (guint i = 0; i < template->controllers->len; i++)
    {
      const HotplugController *controller = g_ptr_array_index (template->controllers, i);
      if (g_strcmp0 (controller->type, "pci") == 0 && controller->index < below)
        last = MAX (last, controller->index);
    }
  return last;
}

/* libvirt fills a gap in the indexes with a port of its own, at the first slot that is free: MEASURED, what is behind
 * it in the guest gets other bus numbers. So one that has others behind it stays, as the spare one of the next. */
static guint
count_without_gap (const HotplugDomain *template, const GPtrArray *ports)
{
  guint below = G_MAXUINT;

  for (guint i = 0; i < ports->len; i++)
    {
      const HotplugController *port = g_ptr_array_index (ports, i);
      if (port->index != find_last (template, below))
        return i;
      below = port->index;
    }
  return ports->len;
}

GPtrArray *
_hotplug_spare_port_list_left_over (const HotplugDomain *template, const char *const *leaving)
{
  GPtrArray *ports = g_ptr_array_new ();
  int left = count_left_over (template, leaving);

  for (guint i = 0; left > 0 && i < template->controllers->len; i++)
    {
      HotplugController *controller = g_ptr_array_index (template->controllers, i);
      if (is_our_port (controller) && !is_in_use (template, leaving, controller->index))
        g_ptr_array_add (ports, controller);
    }
  g_ptr_array_sort (ports, compare_ports);
  g_ptr_array_set_size (ports, (int)MIN ((guint)MAX (left, 0), ports->len));
  g_ptr_array_set_size (ports, (int)count_without_gap (template, ports));
  return ports;
}

gboolean
_hotplug_spare_port_has_any (const HotplugDomain *template)
{
  for (guint i = 0; template != NULL && i < template->controllers->len; i++)
    {
      if (is_our_port (g_ptr_array_index (template->controllers, i)))
        return TRUE;
    }
  return FALSE;
}
