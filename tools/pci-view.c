/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-view.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One byte more than the library reads, so that it is the library that refuses */
#define XML_BYTES_MAX (8 * 1024 * 1024 + 1)

struct _PciView
{
  HotplugPciBudget *budget;
  GHashTable *buses; /* by index: those that are not yet in the tree */
};

void
pci_source_clear (PciSource *source)
{
  g_free (source->xml);
}

static char *
read_xml (const char *path, GError **error)
{
  gboolean standard = g_str_equal (path, "-");
  g_autofree char *name = standard ? g_strdup ("standard input") : g_filename_display_name (path);
  g_autoptr (GString) text = g_string_sized_new (XML_BYTES_MAX);

  errno = 0;
  FILE *file = standard ? stdin : fopen (path, "re");
  if (file != NULL)
    g_string_set_size (text, fread (text->str, 1, XML_BYTES_MAX, file));
  gboolean done = file != NULL && !ferror (file);
  int cause = errno;
  if (file != NULL && !standard)
    fclose (file);

  if (!done)
    {
      g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (cause), "%s: %s", name, g_strerror (cause));
      return NULL;
    }

  if (strlen (text->str) != text->len)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s: no domain XML: it has a zero byte", name);
      return NULL;
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

static HotplugPciBudget *
load_xml (const char *path, GError **error)
{
  g_autofree char *xml = read_xml (path, error);
  if (xml == NULL)
    return NULL;

  HotplugPciBudget *budget = hotplug_pci_budget_new_from_xml (xml, error);
  g_autofree char *name = g_filename_display_name (path);
  if (budget == NULL)
    g_prefix_error (error, "%s: ", g_str_equal (path, "-") ? "standard input" : name);
  return budget;
}

static gboolean
check_source (const PciSource *source, const char *name, GError **error)
{
  const char *wrong = NULL;

  if (name == NULL && source->xml == NULL)
    wrong = "missing argument: VMI, or --xml=FILE";
  else if (name != NULL && source->xml != NULL)
    wrong = "a VMI and --xml=FILE exclude each other";
  else if (source->template && source->xml != NULL)
    wrong = "--template is of a VMI; --xml=FILE is taken as it is";

  if (wrong != NULL)
    g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, wrong);
  return wrong == NULL;
}

HotplugPciBudget *
pci_source_load (Hotplugctl *ctl, const PciSource *source, const char *name, GError **error)
{
  if (!check_source (source, name, error))
    return NULL;

  if (source->xml != NULL)
    return load_xml (source->xml, error);

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, name, error);
  if (vmi == NULL)
    return NULL;

  if (source->template)
    return hotplug_vmi_get_template_pci_budget (vmi, ctl->cancellable, error);

  g_autoptr (GError) local_error = NULL;
  HotplugPciBudget *budget = hotplug_vmi_get_pci_budget (vmi, ctl->cancellable, &local_error);
  if (g_error_matches (local_error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING))
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                 "vmi \"%s\" is not running; what its next start will have is shown with --template", name);
  else if (local_error != NULL)
    g_propagate_error (error, g_steal_pointer (&local_error));
  return budget;
}

PciView *
pci_view_new (HotplugPciBudget *budget)
{
  PciView *self = g_new0 (PciView, 1);
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  self->budget = budget;
  self->buses = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < buses->len; i++)
    {
      HotplugPciBus *bus = g_ptr_array_index (buses, i);
      if (hotplug_pci_bus_get_parent_index (bus) >= 0)
        g_hash_table_insert (self->buses, GUINT_TO_POINTER (hotplug_pci_bus_get_index (bus)), bus);
    }
  return self;
}

void
pci_view_free (PciView *self)
{
  g_hash_table_unref (self->buses);
  g_free (self);
}

static HotplugPciBus *
take_bus (PciView *self, HotplugPciSlot *slot)
{
  int index = hotplug_pci_slot_get_bus_index (slot);
  gpointer bus = NULL;

  if (index >= 0)
    g_hash_table_steal_extended (self->buses, GINT_TO_POINTER (index), NULL, &bus);
  return bus;
}

static gboolean
is_port (HotplugPciBus *bus)
{
  return hotplug_pci_bus_get_first_slot (bus) == hotplug_pci_bus_get_last_slot (bus)
         && hotplug_pci_bus_get_slots (bus)->len <= 1;
}

GArray *
pci_view_list_places (PciView *self, HotplugPciBus *bus)
{
  GPtrArray *slots = hotplug_pci_bus_get_slots (bus);
  GArray *places = g_array_sized_new (FALSE, TRUE, sizeof (PciPlace), slots->len);

  for (guint i = 0; i < slots->len; i++)
    {
      PciPlace place = { .on = bus, .slot = g_ptr_array_index (slots, i) };
      place.below = take_bus (self, place.slot);
      if (place.below != NULL && is_port (place.below))
        {
          place.port = g_steal_pointer (&place.below);
          GPtrArray *behind = hotplug_pci_bus_get_slots (place.port);
          place.behind = behind->len > 0 ? g_ptr_array_index (behind, 0) : NULL;
          place.below = place.behind != NULL ? take_bus (self, place.behind) : NULL;
        }
      g_array_append_val (places, place);
    }

  return places;
}

HotplugPciSlot *
pci_place_get_end (const PciPlace *place)
{
  return place->port != NULL ? place->behind : place->slot;
}

gboolean
pci_place_is_free (const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  return end == NULL || hotplug_pci_slot_is_free (end);
}

/* The slot's number in an address, 0000:00:1f.2 */
static guint
read_slot_number (const char *address)
{
  const char *colon = strrchr (address, ':');
  return colon != NULL ? (guint)g_ascii_strtoull (colon + 1, NULL, 16) : 0;
}

gboolean
pci_place_is_hotplug (const PciPlace *place)
{
  if (place->port != NULL)
    return hotplug_pci_bus_is_hotplug (place->port);

  /* The host bridge sits in slot 0, which is nobody's. */
  guint number = read_slot_number (hotplug_pci_slot_get_address (place->slot));
  return hotplug_pci_bus_is_hotplug (place->on) && number >= hotplug_pci_bus_get_first_slot (place->on);
}

const char *
pci_view_get_next_kind (PciView *self, const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  const char *address = end != NULL ? hotplug_pci_slot_get_address (end) : NULL;

  if (address == NULL || !hotplug_pci_slot_is_free (end))
    return NULL;
  if (g_strcmp0 (address, hotplug_pci_budget_get_next_address (self->budget, HOTPLUG_PCI_CLASS_EITHER)) == 0)
    return "virtio";
  if (g_strcmp0 (address, hotplug_pci_budget_get_next_address (self->budget, HOTPLUG_PCI_CLASS_PCIE)) == 0)
    return "PCIe";
  if (g_strcmp0 (address, hotplug_pci_budget_get_next_address (self->budget, HOTPLUG_PCI_CLASS_PCI)) == 0)
    return "PCI";
  return NULL;
}

const char *
pci_view_shorten (const char *address)
{
  return g_str_has_prefix (address, "0000:") ? address + strlen ("0000:") : address;
}

void
pci_view_count (GArray *places, guint *n_ports, guint *n_free)
{
  guint counted = G_MAXUINT;
  *n_ports = 0;
  *n_free = 0;

  for (guint i = 0; i < places->len; i++)
    {
      const PciPlace *place = &g_array_index (places, PciPlace, i);
      guint number = read_slot_number (hotplug_pci_slot_get_address (place->slot));
      if (!pci_place_is_hotplug (place) || (place->port == NULL && number == counted))
        continue;

      if (place->port == NULL)
        counted = number;
      (*n_ports)++;
      if (pci_place_is_free (place))
        (*n_free)++;
    }
}
