/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/hotplug-pci-budget-private.h"
#include "rules/hotplug-budget-private.h"
#include "rules/hotplug-pci-layout-private.h"
#include "rules/hotplug-pci-vectors-private.h"

/* The seats of a machine by address, while its buses are walked */
typedef struct
{
  const HotplugPciPlan *plan;
  const HotplugPciBuses *buses;
  GPtrArray *seats; /* const HotplugPciSeat */
  guint at;         /* the first seat that is not on a bus before */
} Walk;

static gboolean
takes_hotplug (const HotplugPciBusState *bus)
{
  return (bus->connect & HOTPLUG_PCI_CONNECT_HOTPLUG) != 0 && !bus->refuses;
}

/* Which devices libvirt itself puts there */
static HotplugPciClass
class_of_bus (const HotplugPciPlan *plan, const HotplugPciBusState *bus)
{
  if ((bus->connect & HOTPLUG_PCI_CONNECT_AUTO) == 0)
    return HOTPLUG_PCI_CLASS_NONE;
  if ((bus->connect & HOTPLUG_PCI_CONNECT_PCIE) != 0)
    return HOTPLUG_PCI_CLASS_PCIE;

  return plan->pcie ? HOTPLUG_PCI_CLASS_PCI : HOTPLUG_PCI_CLASS_EITHER;
}

static int
compare_seats (gconstpointer a, gconstpointer b)
{
  const HotplugAddress *left = &(*(const HotplugPciSeat *const *)a)->device.address;
  const HotplugAddress *right = &(*(const HotplugPciSeat *const *)b)->device.address;
  guint left_key = (left->bus << 8) + (left->slot << 3) + left->function;
  guint right_key = (right->bus << 8) + (right->slot << 3) + right->function;

  return (left_key > right_key) - (left_key < right_key);
}

static void
collect_seats (GPtrArray *seats, const GArray *from)
{
  for (guint i = 0; i < from->len; i++)
    {
      HotplugPciSeat *seat = &g_array_index (from, HotplugPciSeat, i);
      if (seat->device.address.kind == HOTPLUG_ADDRESS_PCI)
        g_ptr_array_add (seats, seat);
    }
}

static HotplugPciSlot *
make_slot (const HotplugPciSeat *seat, const HotplugPciBusState *bus)
{
  gboolean has_bus = seat->device.kind == HOTPLUG_DEVICE_CONTROLLER && g_strcmp0 (seat->device.type, "pci") == 0;
  HotplugPciSlotFields fields = {
    .address = seat->device.address,
    .controller = _hotplug_pci_model_to_string (bus->model),
    .device = seat->need.word,
    .name = _hotplug_pci_device_name (&seat->device),
    .class = seat->need.class,
    .hotplug = takes_hotplug (bus),
    .implied = seat->implied,
    .bus_index = has_bus ? (int)seat->device.index : -1,
  };

  return _hotplug_pci_slot_new (&fields);
}

static HotplugPciSlot *
make_free_slot (guint number, guint slot, const HotplugPciBusState *bus, HotplugPciClass class)
{
  HotplugPciSlotFields fields = {
    .address = _hotplug_address_pci (0, number, slot, 0),
    .controller = _hotplug_pci_model_to_string (bus->model),
    .class = class,
    .hotplug = TRUE,
    .bus_index = -1,
  };

  return _hotplug_pci_slot_new (&fields);
}

static GPtrArray *
make_slots (Walk *walk, guint number, const HotplugPciBusState *bus)
{
  GPtrArray *slots = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_pci_slot_unref);
  HotplugPciClass class = class_of_bus (walk->plan, bus);
  gboolean lists_free = takes_hotplug (bus) && class != HOTPLUG_PCI_CLASS_NONE;

  for (guint slot = 0; slot < HOTPLUG_PCI_SLOTS; slot++)
    {
      if (lists_free && slot >= bus->first && slot <= bus->last && bus->functions[slot] == 0)
        g_ptr_array_add (slots, make_free_slot (number, slot, bus, class));

      for (; walk->at < walk->seats->len; walk->at++)
        {
          const HotplugPciSeat *seat = g_ptr_array_index (walk->seats, walk->at);
          if (seat->device.address.bus != number || seat->device.address.slot != slot)
            break;
          g_ptr_array_add (slots, make_slot (seat, bus));
        }
    }
  return slots;
}

static HotplugPciBus *
make_bus (Walk *walk, guint number, const HotplugPciBusState *bus)
{
  const HotplugPciSeat *seat = _hotplug_pci_plan_find_controller (walk->plan, "pci", number);
  HotplugPciBusFields fields = {
    .index = number,
    .model = _hotplug_pci_model_to_string (bus->model),
    .parent_index = -1,
    .class = class_of_bus (walk->plan, bus),
    .hotplug = takes_hotplug (bus),
    .first_slot = bus->first,
    .last_slot = bus->last,
  };

  if (seat != NULL && seat->device.address.kind == HOTPLUG_ADDRESS_PCI)
    {
      fields.address = seat->device.address;
      fields.parent_index = (int)seat->device.address.bus;
    }
  return _hotplug_pci_bus_new (&fields, make_slots (walk, number, bus));
}

static GPtrArray *
make_buses (const HotplugPciLayout *layout)
{
  g_autoptr (GPtrArray) seats = g_ptr_array_new ();
  GPtrArray *made = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_pci_bus_unref);
  Walk walk = { .plan = _hotplug_pci_layout_get_plan (layout),
                .buses = _hotplug_pci_layout_get_buses (layout),
                .seats = seats };

  collect_seats (seats, walk.plan->seats);
  collect_seats (seats, walk.plan->controllers);
  g_ptr_array_sort (seats, compare_seats);

  for (guint number = 0; number < walk.buses->buses->len; number++)
    {
      const HotplugPciBusState *bus = _hotplug_pci_buses_get (walk.buses, number);
      if (bus->model != HOTPLUG_PCI_MODEL_NONE)
        g_ptr_array_add (made, make_bus (&walk, number, bus));
    }
  return made;
}

static void
count_slots (HotplugPciBudgetFields *fields, const HotplugPciBuses *buses)
{
  for (guint number = 0; number < buses->buses->len; number++)
    {
      const HotplugPciBusState *bus = _hotplug_pci_buses_get (buses, number);
      if (!takes_hotplug (bus))
        continue;

      fields->total += _hotplug_pci_bus_n_slots (bus);
      fields->used += _hotplug_pci_bus_n_slots (bus) - _hotplug_pci_bus_n_free (bus);
    }
}

static void
count_classes (HotplugPciBudgetFields *fields, const HotplugPciLayout *layout)
{
  for (guint class = 0; class < HOTPLUG_PCI_N_CLASSES; class ++)
    {
      fields->hotpluggable[class] = _hotplug_pci_layout_count (layout, (HotplugPciClass) class);
      _hotplug_pci_layout_next (layout, (HotplugPciClass) class, &fields->next[class]);
    }
}

/* It never refuses: what a guest asks for is the guest's business. */
static char *
count_vectors (HotplugPciBudgetFields *fields, const HotplugPciPlan *plan, guint vcpus)
{
  HotplugPciVectors vectors = _hotplug_pci_vectors_estimate (plan, vcpus);
  guint n = fields->hotpluggable[HOTPLUG_PCI_CLASS_EITHER];
  guint n_served = _hotplug_pci_vectors_n_served (&vectors, n);

  fields->vectors_needed = vectors.present + n * vectors.per_device;
  fields->vectors_available = vectors.available;
  if (n_served >= n)
    return NULL;

  gboolean one = vcpus <= 1;
  g_autofree char *works = n_served > 0 ? g_strdup_printf ("about %u of them will work", n_served)
                                        : g_strdup (n == 1 ? "it will hardly work" : "hardly one of them will work");
  return g_strdup_printf (
      "the %u vCPU%s about %u interrupt vectors, and with %u more virtio device%s %u would be needed: %s; give the machine more vCPUs",
      MAX (vcpus, 1), one ? " serves" : "s serve", fields->vectors_available, n, n == 1 ? "" : "s",
      fields->vectors_needed, works);
}

static const char *
reason_of (const HotplugPciPlan *plan, const HotplugDomain *domain, guint total)
{
  if (plan->machine->reason != NULL)
    return plan->machine->reason;
  if (plan->machine->kind == HOTPLUG_PCI_MACHINE_PC && (plan->switched_off & HOTPLUG_PCI_OFF_ROOT) != 0 && total == 0)
    return "QEMU's command line switches hotplug off on its root bus";
  if (plan->machine->kind == HOTPLUG_PCI_MACHINE_PC && !domain->acpi && total == 0)
    return "without <acpi/> in its <features> a pc takes no PCI device while it runs";
  return NULL;
}

/* (nullable) */
static char *
join_warnings (const char *first, const char *second)
{
  if (first == NULL || second == NULL)
    return g_strdup (first != NULL ? first : second);
  return g_strconcat (first, "; ", second, NULL);
}

HotplugPciBudget *
_hotplug_budget_compute (const HotplugDomain *domain, GError **error)
{
  g_autoptr (HotplugPciLayout) layout = _hotplug_pci_layout_new (domain, error);

  if (layout == NULL)
    return NULL;

  const HotplugPciPlan *plan = _hotplug_pci_layout_get_plan (layout);
  HotplugPciBudgetFields fields = { .name = domain->name, .machine = domain->machine };
  g_autofree char *warning = NULL;

  fields.limit = plan->machine->root != NULL ? HOTPLUG_PCI_SLOTS : 0;
  count_slots (&fields, _hotplug_pci_layout_get_buses (layout));
  count_classes (&fields, layout);
  warning = count_vectors (&fields, plan, domain->vcpus);
  g_autofree char *all = join_warnings (plan->uncounted, warning);
  fields.warning = all;
  fields.reason = reason_of (plan, domain, fields.total);
  return _hotplug_pci_budget_new (&fields, make_buses (layout));
}
