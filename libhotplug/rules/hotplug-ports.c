/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-budget-private.h"
#include "rules/hotplug-pci-layout-private.h"
#include "rules/hotplug-ports-private.h"

/* How many devices an error names before it only counts them */
#define NAMED_MAX 8

static void
take_records (HotplugPciLayout *layout, const HotplugDomain *domain)
{
  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (_hotplug_record_address (record)->kind == HOTPLUG_ADDRESS_PCI)
        _hotplug_pci_layout_take (layout, _hotplug_record_address (record));
    }
}

/* What comes back at the next start, or is still being let go, holds its place on both sides */
static HotplugPciLayout *
lay_out (const HotplugSides *sides, const HotplugDomain *domain, GError **error)
{
  HotplugPciLayout *layout = _hotplug_pci_layout_new (domain, error);

  if (layout == NULL)
    return NULL;

  for (guint i = 0; sides->refused != NULL && i < sides->refused->len; i++)
    _hotplug_pci_layout_take (layout, &g_array_index (sides->refused, HotplugAddress, i));
  take_records (layout, sides->live);
  take_records (layout, sides->template);
  return layout;
}

/* A guest looks for further functions of a slot only if function 0 is there. */
static gboolean
has_function_0 (const HotplugDomain *domain, const HotplugAddress *address)
{
  HotplugAddress first = *address;

  first.function = 0;
  return address->function == 0 || _hotplug_domain_has_pci (domain, &first);
}

/* Whether the template can get the root port that the live side has at the place's bus, with its index and at its
 * place */
static gboolean
can_get_port (const HotplugSides *sides, const HotplugAddress *place, HotplugPort *out)
{
  const HotplugController *port = _hotplug_domain_find_controller (sides->live, "pci", place->bus);

  if (port == NULL || g_strcmp0 (port->model, "pcie-root-port") != 0 || port->address.kind != HOTPLUG_ADDRESS_PCI
      || port->address.bus != 0 || _hotplug_domain_find_controller (sides->template, "pci", place->bus) != NULL
      || _hotplug_domain_has_pci (sides->template, &port->address) || !has_function_0 (sides->template, &port->address))
    return FALSE;

  out->port = port->index;
  out->port_address = port->address;
  return TRUE;
}

/* Each free place of the live side in turn, from @place on; TRUE if it is what is looked for */
static gboolean
choose_from (const HotplugSides *sides, const HotplugPciLayout *live, const HotplugPciLayout *template,
             HotplugPciClass class, HotplugAddress place, HotplugPort *out)
{
  HotplugPort second = { .port = 0 };

  while (_hotplug_pci_layout_next_after (live, class, &place, &place))
    {
      if (out->live.kind == HOTPLUG_ADDRESS_NONE)
        out->live = place;
      if (template == NULL || _hotplug_pci_layout_accepts (template, class, &place))
        {
          *out = (HotplugPort){ .live = place, .template = place };
          return TRUE;
        }
      if (second.port == 0 && can_get_port (sides, &place, &second))
        second.live = second.template = place;
    }

  if (second.port != 0)
    *out = second;
  return second.port != 0;
}

static const HotplugAddress nowhere = { .kind = HOTPLUG_ADDRESS_NONE };

static gboolean
choose_live (const HotplugSides *sides, const HotplugPciLayout *live, const HotplugPciLayout *template,
             HotplugPciClass class, const HotplugAddress *behind, HotplugPort *out)
{
  if (behind->kind == HOTPLUG_ADDRESS_PCI && choose_from (sides, live, template, class, *behind, out))
    return TRUE;

  return choose_from (sides, live, template, class, nowhere, out) || out->live.kind != HOTPLUG_ADDRESS_NONE;
}

static void
name_devices (HotplugPciBudget *budget, GString *names)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  guint left_out = 0;
  guint named = 0;

  for (guint i = 0; i < buses->len; i++)
    {
      GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (buses, i));
      for (guint j = 0; j < slots->len; j++)
        {
          HotplugPciSlot *slot = g_ptr_array_index (slots, j);
          if (!hotplug_pci_slot_is_hotplug (slot) || hotplug_pci_slot_is_free (slot))
            continue;
          if (named++ >= NAMED_MAX)
            {
              left_out++;
              continue;
            }
          g_string_append_printf (names, "%s%s %s", named > 1 ? ", " : "", hotplug_pci_slot_get_address (slot),
                                  hotplug_pci_slot_get_device (slot));
          if (hotplug_pci_slot_get_name (slot) != NULL)
            g_string_append_printf (names, " \"%s\"", hotplug_pci_slot_get_name (slot));
        }
    }
  if (left_out > 0)
    g_string_append_printf (names, " and %u more", left_out);
}

/* Where a disk would cost no port */
static gboolean
has_virtio_scsi (const HotplugDomain *domain)
{
  for (guint i = 0; i < domain->controllers->len; i++)
    {
      if (_hotplug_controller_is_virtio_scsi (g_ptr_array_index (domain->controllers, i)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
set_none_free (const HotplugDomain *live, const char *what, GError **error)
{
  g_autoptr (HotplugPciBudget) budget = _hotplug_budget_compute (live, error);
  g_autoptr (GString) names = g_string_new (NULL);

  if (budget == NULL)
    return FALSE;
  if (hotplug_pci_budget_get_reason (budget) != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT, "vmi \"%s\": %s has no place: %s", live->name, what,
                   hotplug_pci_budget_get_reason (budget));
      return FALSE;
    }

  guint total = hotplug_pci_budget_get_total (budget);
  name_devices (budget, names);
  g_set_error (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT,
      "vmi \"%s\": no PCI port is free for %s: %u of %u hotpluggable %s in use%s%s%s; reserve ports and restart the "
      "VMI%s",
      live->name, what, hotplug_pci_budget_get_used (budget), total, total == 1 ? "port" : "ports",
      names->len > 0 ? " (" : "", names->str, names->len > 0 ? ")" : "",
      has_virtio_scsi (live) ? ", or use --bus=scsi for disks" : "");
  return FALSE;
}

/* QEMU's words, and libvirt's: qemu-7.2 hw/pci/pci.c, do_pci_register_device (), hw/core/qdev.c, hw/pci/pcie.c; libvirt
 * 9.0.0 src/conf/domain_addr.c:836 */
gboolean
_hotplug_port_is_refused (const char *message, gboolean *bus)
{
  static const char *const of_bus[] = { "does not support hotplugging", "unsupported by the port device" };
  static const char *const of_place[] = { "not available for", "already occupied by", "double use of PCI Address" };

  *bus = FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (of_bus); i++)
    *bus = *bus || strstr (message, of_bus[i]) != NULL;
  for (guint i = 0; i < G_N_ELEMENTS (of_place); i++)
    {
      if (strstr (message, of_place[i]) != NULL)
        return TRUE;
    }
  return *bus;
}

gboolean
_hotplug_port_choose (const HotplugSides *sides, HotplugPciClass class, const char *what, HotplugPort *out,
                      GError **error)
{
  return _hotplug_port_choose_behind (sides, class, &nowhere, what, out, error);
}

gboolean
_hotplug_port_choose_behind (const HotplugSides *sides, HotplugPciClass class, const HotplugAddress *behind,
                             const char *what, HotplugPort *out, GError **error)
{
  g_autoptr (HotplugPciLayout) live = sides->live != NULL ? lay_out (sides, sides->live, error) : NULL;
  g_autoptr (HotplugPciLayout) template = sides->template != NULL && (sides->live == NULL || live != NULL)
                                              ? lay_out (sides, sides->template, error)
                                              : NULL;

  *out = (HotplugPort){ .port = 0 };
  if ((sides->live != NULL && live == NULL) || (sides->template != NULL && template == NULL))
    {
      if (sides->asks)
        g_clear_error (error);
      return sides->asks;
    }

  if (live == NULL)
    {
      if (!_hotplug_pci_layout_next_after (template, class, behind, &out->template))
        _hotplug_pci_layout_next (template, class, &out->template);
      return TRUE;
    }
  return choose_live (sides, live, template, class, behind, out) || sides->asks
         || set_none_free (sides->live, what, error);
}

gboolean
_hotplug_port_follow (const HotplugSides *sides, HotplugPciClass class, const char *what, const HotplugAddress *address,
                      HotplugPort *out, GError **error)
{
  const HotplugDomain *side = sides->live != NULL ? sides->live : sides->template;
  g_autoptr (HotplugPciLayout) layout = lay_out (sides, side, error);

  if (layout == NULL && !sides->asks)
    return FALSE;
  if (layout == NULL)
    g_clear_error (error);
  if (layout == NULL || !_hotplug_pci_layout_accepts (layout, class, address))
    return _hotplug_port_choose (sides, class, what, out, error);

  *out = (HotplugPort){ .live = *address, .template = *address };
  return TRUE;
}
