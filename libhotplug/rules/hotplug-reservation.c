/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-budget-private.h"
#include "rules/hotplug-reservation-private.h"

/* A bus has a number of eight bits, which is its controller's index */
#define INDEX_MAX 255

#define SLOTS 32
#define FUNCTIONS 8

#define SMALL_MEMORY (G_GUINT64_CONSTANT (2) * 1024 * 1024 * 1024)

/* What all our aliases begin with: those of volumes, interfaces and the controllers that they brought along */
#define OUR_ALIAS "ua-hp"

void
_hotplug_reservation_clear (HotplugReservation *self)
{
  g_clear_pointer (&self->indexes, g_array_unref);
  g_clear_pointer (&self->places, g_array_unref);
}

guint
_hotplug_reservation_rule (guint64 memory, guint devices)
{
  guint total = memory > SMALL_MEMORY ? 16 : 8;
  guint least = memory > SMALL_MEMORY ? 6 : 3;

  return MAX (total - MIN (total, devices), least);
}

/* KubeVirt's CountPCIDevices, over libvirt's elements: what its own specification names */
static gboolean
counts (const HotplugDevice *device)
{
  if (device->address.kind == HOTPLUG_ADDRESS_OTHER)
    return FALSE;

  switch ((int)device->kind)
    {
    case HOTPLUG_DEVICE_INTERFACE:
    case HOTPLUG_DEVICE_RNG:
      return TRUE;
    case HOTPLUG_DEVICE_MEMBALLOON:
      return g_strcmp0 (device->model, "none") != 0;
    case HOTPLUG_DEVICE_WATCHDOG:
      return g_strcmp0 (device->model, "i6300esb") == 0;
    case HOTPLUG_DEVICE_HOSTDEV:
      return g_strcmp0 (device->type, "pci") == 0;
    case HOTPLUG_DEVICE_DISK:
    case HOTPLUG_DEVICE_INPUT:
      return g_strcmp0 (device->bus, "virtio") == 0;
    case HOTPLUG_DEVICE_CONTROLLER:
      return (g_strcmp0 (device->type, "usb") == 0 && g_strcmp0 (device->model, "none") != 0)
             || g_strcmp0 (device->type, "scsi") == 0 || g_strcmp0 (device->type, "virtio-serial") == 0;
    default:
      return FALSE;
    }
}

typedef struct
{
  guint counted; /* by KubeVirt's rule */
  guint ours;    /* hotplugged devices with a port, also those that come back at the start */
  guint coming;  /* of these the ones that the template does not list */
} Census;

static Census
take_census (const HotplugDomain *template)
{
  Census census = { 0 };

  for (guint i = 0; i < template->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (template->devices, HotplugDevice, i);
      census.counted += counts (device);
      census.ours += device->address.kind == HOTPLUG_ADDRESS_PCI && device->alias != NULL
                     && g_str_has_prefix (device->alias, OUR_ALIAS)
                     && !g_str_has_prefix (device->alias, HOTPLUG_PORT_ALIAS_PREFIX);
    }

  for (guint i = 0; i < template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (template->records, i);
      gboolean takes_port = record->nic != NULL || record->disk->address.kind == HOTPLUG_ADDRESS_PCI;
      if (record->state != HOTPLUG_RECORD_REMOVING && takes_port)
        census.coming++;
    }
  census.ours += census.coming;
  return census;
}

/* The next @count indexes; fewer where there are no more. A lower one that nobody has is none that is free: libvirt
 * puts a controller there by itself (src/qemu/qemu_domain_address.c:1697). */
static GArray *
find_indexes (const HotplugDomain *template, guint count)
{
  GArray *indexes = g_array_new (FALSE, FALSE, sizeof (guint));
  guint last = 0;

  for (guint i = 0; i < template->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (template->devices, HotplugDevice, i);
      if (device->kind == HOTPLUG_DEVICE_CONTROLLER && g_strcmp0 (device->type, "pci") == 0
          && device->index != HOTPLUG_CONTROLLER_INDEX_NONE)
        last = MAX (last, device->index);
    }

  for (guint index = last + 1; index <= INDEX_MAX && indexes->len < count; index++)
    g_array_append_val (indexes, index);
  return indexes;
}

/* Bus 0, by slots */
typedef struct
{
  guint8 functions[SLOTS]; /* a bit for each that is in use */
  gboolean shared[SLOTS];  /* only root ports sit there */
  guint last_bridge;       /* slot * 8 + function of the last device with a bus behind it */
} RootBus;

static void
read_root_bus (HotplugPciBudget *budget, RootBus *out)
{
  GPtrArray *slots = hotplug_pci_bus_get_slots (g_ptr_array_index (hotplug_pci_budget_get_buses (budget), 0));

  *out = (RootBus){ .last_bridge = 0 };
  for (guint i = 0; i < slots->len; i++)
    {
      HotplugPciSlot *slot = g_ptr_array_index (slots, i);
      HotplugAddress at;

      if (hotplug_pci_slot_is_free (slot) || !_hotplug_address_from_string (hotplug_pci_slot_get_address (slot), &at))
        continue;
      gboolean port = strcmp (hotplug_pci_slot_get_device (slot), "pcie-root-port") == 0;
      out->shared[at.slot] = port && (out->functions[at.slot] == 0 || out->shared[at.slot]);
      out->functions[at.slot] |= (guint8)(1 << at.function);
      if (hotplug_pci_slot_get_bus_index (slot) >= 0)
        out->last_bridge = MAX (out->last_bridge, at.slot * FUNCTIONS + at.function);
    }
}

static gboolean
is_place (const RootBus *bus, guint slot, guint function, gboolean express)
{
  if (bus->functions[slot] == 0)
    return express || function == 0;
  return express && bus->shared[slot] && (bus->functions[slot] & (1 << function)) == 0;
}

/* Where controllers can sit on bus 0. A guest's firmware numbers the buses in the order of the controllers that bring
 * them, and names of network interfaces have that number in them: so first the places behind all that is there, which
 * change no number (MEASURED: ports before it gave a NIC at 01:00.0 the address 09:00.0). */
static GArray *
find_places (HotplugPciBudget *budget, gboolean express)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (HotplugAddress));
  RootBus bus;

  read_root_bus (budget, &bus);
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = FUNCTIONS; i < SLOTS * FUNCTIONS; i++)
        {
          HotplugAddress place = _hotplug_address_pci (0, 0, i / FUNCTIONS, i % FUNCTIONS);
          if ((i > bus.last_bridge) == (round == 0) && is_place (&bus, place.slot, place.function, express))
            g_array_append_val (places, place);
        }
    }
  return places;
}

/* What the template will have room for with controllers more; NULL if they don't fit */
static HotplugPciBudget *
try_with (const HotplugDomain *template, const char *model, const GArray *indexes, const GArray *places, GError **error)
{
  HotplugDomain tried = *template;
  g_autoptr (GArray) devices = g_array_copy (template->devices);

  for (guint i = 0; i < indexes->len; i++)
    {
      HotplugDevice device = {
        .kind = HOTPLUG_DEVICE_CONTROLLER,
        .element = "controller",
        .type = "pci",
        .model = model,
        .index = g_array_index (indexes, guint, i),
        .hotplug = TRUE,
        .address = g_array_index (places, HotplugAddress, i),
      };
      g_array_append_val (devices, device);
    }
  tried.devices = devices;
  return _hotplug_budget_compute (&tried, error);
}

static guint
count_free (HotplugPciBudget *budget)
{
  return budget != NULL ? hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER) : 0;
}

/* Into @out, which has the places, what brings @missing ports more than @before; its ports are less if so many don't
 * fit */
static void
grow (const HotplugDomain *template, guint before, guint missing, gboolean express, HotplugReservation *out)
{
  guint step = express ? missing : 1;

  for (guint count = step; count > 0 && count <= INDEX_MAX && out->ports < missing; count++)
    {
      g_autoptr (GArray) indexes = find_indexes (template, count);
      gboolean enough = indexes->len == count && out->places->len >= count;
      g_autoptr (HotplugPciBudget) budget = enough ? try_with (template, out->model, indexes, out->places, NULL) : NULL;
      guint after = count_free (budget);

      if (after <= before + out->ports)
        return;

      g_clear_pointer (&out->indexes, g_array_unref);
      out->indexes = g_steal_pointer (&indexes);
      out->ports = after - before;
    }
}

/* A root port is one port: the most of them that fit, by halves */
static guint
find_most (const HotplugDomain *template, guint before, const HotplugReservation *wanted)
{
  guint fits = 0;
  guint fails = INDEX_MAX + 1;

  while (fails - fits > 1)
    {
      g_auto (HotplugReservation) tried = { .model = wanted->model, .places = g_array_ref (wanted->places) };
      guint count = (fits + fails) / 2;

      grow (template, before, count, TRUE, &tried);
      if (tried.ports >= count)
        fits = count;
      else
        fails = count;
    }
  return fits;
}

static const char *
choose_model (const HotplugDomain *template, gboolean express)
{
  if (express)
    return "pcie-root-port";
  /* libvirt itself gives a pseries machine a second host bridge rather than a bridge: src/conf/domain_addr.c:650 */
  return template->machine != NULL && g_str_has_prefix (template->machine, "pseries") ? "pci-root" : "pci-bridge";
}

static gboolean
is_express (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  return buses->len > 0 && strcmp (hotplug_pci_bus_get_model (g_ptr_array_index (buses, 0)), "pcie-root") == 0;
}

static guint
count_missing (const HotplugDomain *template, const Census *census, int ports, int keep_free, guint free)
{
  int missing = MAX (ports - (int)(census->ours + free), keep_free - (int)free);

  if (ports < 0 && keep_free < 0)
    missing = (int)_hotplug_reservation_rule (template->memory, census->counted) - (int)free;
  return (guint)MAX (missing, 0);
}

gboolean
_hotplug_reservation_plan (const HotplugDomain *template, int ports, int keep_free, HotplugReservation *out,
                           GError **error)
{
  g_autoptr (HotplugPciBudget) budget = _hotplug_budget_compute (template, error);
  Census census = take_census (template);

  *out = (HotplugReservation){ .indexes = g_array_new (FALSE, FALSE, sizeof (guint)) };
  if (budget == NULL)
    return FALSE;
  if (hotplug_pci_budget_get_reason (budget) != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT, "vmi \"%s\": ports can't be reserved: %s",
                   template->name, hotplug_pci_budget_get_reason (budget));
      return FALSE;
    }

  guint before = count_free (budget);
  guint free = before - MIN (before, census.coming);
  guint missing = count_missing (template, &census, ports, keep_free, free);
  gboolean express = is_express (budget);
  out->model = choose_model (template, express);
  out->places = find_places (budget, express);
  grow (template, before, missing, express, out);
  if (out->ports >= missing)
    return TRUE;

  guint most = express ? find_most (template, before, out) : out->ports;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_PCI_SLOT,
               "vmi \"%s\": %u more PCI ports don't fit its %s machine: at most %u can be added, so that %u are free",
               template->name, missing, template->machine, most, free + most);
  return FALSE;
}

gboolean
_hotplug_reservation_next_port (const HotplugDomain *template, guint *index, HotplugAddress *address)
{
  g_autoptr (HotplugPciBudget) budget = _hotplug_budget_compute (template, NULL);

  if (budget == NULL || !is_express (budget))
    return FALSE;

  g_autoptr (GArray) indexes = find_indexes (template, 1);
  g_autoptr (GArray) places = find_places (budget, TRUE);
  if (indexes->len == 0 || places->len == 0)
    return FALSE;

  *index = g_array_index (indexes, guint, 0);
  *address = g_array_index (places, HotplugAddress, 0);
  return TRUE;
}
