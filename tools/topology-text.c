/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-view.h"
#include "topology.h"

/* Fewer free ports in a row than this are shown one by one. */
#define RUN_MIN 3

typedef struct
{
  const char *branch;
  const char *last_branch;
  const char *trunk;
  const char *arrow; /* from a port to what is behind it */
  const char *used;
  const char *free;
  const char *fixed;
  const char *to; /* a run: from … to */
  const char *next;
  const char *dot;
} Glyphs;

static const Glyphs utf8_glyphs = { "├─ ", "└─ ", "│  ", " ── ", "■", "□", "·", " … ", "←", " · " };
static const Glyphs ascii_glyphs = { "|- ", "`- ", "|  ", " -- ", "#", "_", ".", " ... ", "<-", ", " };

typedef struct
{
  HotplugPciBudget *budget;
  PciView *view;
  const Terminal *terminal;
  const Glyphs *glyphs;
  gboolean all;
  GString *indent; /* of the bus that is being printed */
  GString *out;
} Printer;

static void print_places (Printer *self, GArray *places);

static const char *
class_word (HotplugPciClass class)
{
  switch (class)
    {
    case HOTPLUG_PCI_CLASS_PCI:
      return "PCI";
    case HOTPLUG_PCI_CLASS_PCIE:
      return "PCIe";
    case HOTPLUG_PCI_CLASS_EITHER:
    case HOTPLUG_PCI_CLASS_NONE:
    default:
      return "";
    }
}

/* Behind the model of a bus: its number, and what there is for a device that is plugged in */
static void
add_bus_facts (Printer *self, TerminalLine *line, HotplugPciBus *bus, GArray *places)
{
  const char *class = class_word (hotplug_pci_bus_get_class (bus));
  guint n_ports = 0;
  guint n_free = 0;

  pci_view_count (places, &n_ports, &n_free);

  terminal_line_add (line, TERMINAL_STYLE_DIM, "%sbus %02x", self->glyphs->dot, hotplug_pci_bus_get_index (bus));
  if (n_ports > 0)
    {
      terminal_line_add (line, TERMINAL_STYLE_DIM, "%s", self->glyphs->dot);
      terminal_line_add (line, n_free > 0 ? TERMINAL_STYLE_FREE : TERMINAL_STYLE_PLAIN, "%u of %u%s%s %s free", n_free,
                         n_ports, *class != '\0' ? " " : "", class,
                         hotplug_pci_bus_is_hotplug (bus) ? "slots" : "ports");
    }
}

static void
add_end (Printer *self, TerminalLine *line, const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  gboolean hotplug = pci_place_is_hotplug (place);
  gboolean is_free = pci_place_is_free (place);
  const char *mark = !hotplug ? self->glyphs->fixed : is_free ? self->glyphs->free : self->glyphs->used;
  TerminalStyle style = !hotplug ? TERMINAL_STYLE_DIM : is_free ? TERMINAL_STYLE_FREE : TERMINAL_STYLE_USED;
  const char *device = is_free ? "free" : hotplug_pci_slot_get_device (end);

  terminal_line_add (line, style, "%s ", mark);
  if (end == NULL)
    {
      terminal_line_add (line, TERMINAL_STYLE_DIM, "empty");
      return;
    }

  terminal_line_add (line, TERMINAL_STYLE_PLAIN, "%s  ", pci_view_shorten (hotplug_pci_slot_get_address (end)));
  gboolean implied = hotplug_pci_slot_is_implied (end);
  terminal_line_add (line, is_free ? style : implied ? TERMINAL_STYLE_DIM : TERMINAL_STYLE_BOLD, "%s", device);
  if (hotplug_pci_slot_get_name (end) != NULL)
    terminal_line_add (line, TERMINAL_STYLE_PLAIN, " \"%s\"", hotplug_pci_slot_get_name (end));
  if (implied)
    terminal_line_add (line, TERMINAL_STYLE_DIM, " (implied)");
}

static void
add_port (Printer *self, TerminalLine *line, const PciPlace *place)
{
  if (place->port == NULL)
    return;

  terminal_line_add (line, TERMINAL_STYLE_PLAIN, "%s  ", pci_view_shorten (hotplug_pci_slot_get_address (place->slot)));
  terminal_line_add (line, TERMINAL_STYLE_DIM, "%s%s", hotplug_pci_bus_get_model (place->port), self->glyphs->arrow);
}

static void
print_below (Printer *self, GArray *places, gboolean last)
{
  gsize length = self->indent->len;

  g_string_append (self->indent, last ? "   " : self->glyphs->trunk);
  print_places (self, places);
  g_string_truncate (self->indent, length);
}

static void
print_place (Printer *self, const PciPlace *place, gboolean last)
{
  const char *next = pci_view_get_next_kind (self->view, place);
  g_autoptr (GArray) below = place->below != NULL ? pci_view_list_places (self->view, place->below) : NULL;
  TerminalLine line;

  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_DIM, "%s%s", self->indent->str,
                     last ? self->glyphs->last_branch : self->glyphs->branch);
  add_port (self, &line, place);
  add_end (self, &line, place);
  if (place->port != NULL && !pci_place_is_hotplug (place))
    terminal_line_add (&line, TERMINAL_STYLE_WARNING, "  hotplug off");
  if (next != NULL)
    terminal_line_add (&line, TERMINAL_STYLE_FREE, "  %s next %s device", self->glyphs->next, next);
  if (below != NULL)
    add_bus_facts (self, &line, place->below, below);
  terminal_line_end (&line);

  if (below != NULL)
    print_below (self, below, last);
}

static void
print_run (Printer *self, const PciPlace *first, guint n, gboolean last)
{
  const PciPlace *end = first + n - 1;
  TerminalLine line;

  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_DIM, "%s%s", self->indent->str,
                     last ? self->glyphs->last_branch : self->glyphs->branch);
  add_port (self, &line, first);
  terminal_line_add (&line, TERMINAL_STYLE_FREE, "%s ", self->glyphs->free);
  terminal_line_add (&line, TERMINAL_STYLE_PLAIN, "%s%s",
                     pci_view_shorten (hotplug_pci_slot_get_address (pci_place_get_end (first))), self->glyphs->to);
  terminal_line_add (&line, TERMINAL_STYLE_PLAIN, "%s  ",
                     pci_view_shorten (hotplug_pci_slot_get_address (pci_place_get_end (end))));
  terminal_line_add (&line, TERMINAL_STYLE_FREE, "%u free %s", n, first->port != NULL ? "ports" : "slots");
  terminal_line_end (&line);
}

static gboolean
is_like (const PciPlace *a, const PciPlace *b)
{
  if ((a->port == NULL) != (b->port == NULL))
    return FALSE;

  return a->port == NULL || g_str_equal (hotplug_pci_bus_get_model (a->port), hotplug_pci_bus_get_model (b->port));
}

/* How many free places alike begin at @i. The one where the next device goes stands for itself. */
static guint
measure_run (Printer *self, GArray *places, guint i)
{
  const PciPlace *first = &g_array_index (places, PciPlace, i);
  guint n = 0;

  for (; i + n < places->len; n++)
    {
      const PciPlace *place = &g_array_index (places, PciPlace, i + n);
      if (!pci_place_is_free (place) || !pci_place_is_hotplug (place) || pci_place_get_end (place) == NULL
          || !is_like (first, place) || pci_view_get_next_kind (self->view, place) != NULL)
        break;
    }

  return self->all || n < RUN_MIN ? 1 : n;
}

static void
print_places (Printer *self, GArray *places)
{
  for (guint i = 0; i < places->len;)
    {
      guint n = measure_run (self, places, i);
      gboolean last = i + n == places->len;
      if (n > 1)
        print_run (self, &g_array_index (places, PciPlace, i), n, last);
      else
        print_place (self, &g_array_index (places, PciPlace, i), last);
      i += n;
    }
}

static void
print_root (Printer *self, HotplugPciBus *bus)
{
  g_autoptr (GArray) places = pci_view_list_places (self->view, bus);
  TerminalLine line;

  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_BOLD, "%s", hotplug_pci_bus_get_model (bus));
  add_bus_facts (self, &line, bus, places);
  terminal_line_end (&line);
  print_places (self, places);
}

static void
print_heading (Printer *self)
{
  HotplugPciBudget *budget = self->budget;
  const char *name = hotplug_pci_budget_get_name (budget);
  const char *machine = hotplug_pci_budget_get_machine (budget);
  guint n_free = hotplug_pci_budget_get_free (budget);
  TerminalLine line;

  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_BOLD, "%s", name != NULL ? name : "domain");
  if (machine != NULL)
    terminal_line_add (&line, TERMINAL_STYLE_PLAIN, "%s%s", self->glyphs->dot, machine);
  terminal_line_add (&line, TERMINAL_STYLE_PLAIN, "%s%u ports: %u in use, ", self->glyphs->dot,
                     hotplug_pci_budget_get_total (budget), hotplug_pci_budget_get_used (budget));
  terminal_line_add (&line, n_free > 0 ? TERMINAL_STYLE_FREE : TERMINAL_STYLE_PLAIN, "%u free", n_free);
  terminal_line_end (&line);

  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_PLAIN, "room for %u virtio, %u PCIe or %u PCI devices",
                     hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER),
                     hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCIE),
                     hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCI));
  terminal_line_end (&line);
}

static void
print_remarks (Printer *self)
{
  const char *reason = hotplug_pci_budget_get_reason (self->budget);
  const char *warning = hotplug_pci_budget_get_warning (self->budget);

  if (reason != NULL || warning != NULL)
    g_string_append_c (self->out, '\n');
  if (reason != NULL)
    terminal_print_paragraph (self->terminal, self->out, TERMINAL_STYLE_BOLD, reason);
  if (warning != NULL)
    terminal_print_paragraph (self->terminal, self->out, TERMINAL_STYLE_WARNING, warning);
}

static void
print_legend (Printer *self)
{
  TerminalLine line;

  g_string_append_c (self->out, '\n');
  terminal_line_begin (&line, self->terminal, self->out);
  terminal_line_add (&line, TERMINAL_STYLE_USED, "%s", self->glyphs->used);
  terminal_line_add (&line, TERMINAL_STYLE_DIM, " in use   ");
  terminal_line_add (&line, TERMINAL_STYLE_FREE, "%s", self->glyphs->free);
  terminal_line_add (&line, TERMINAL_STYLE_DIM, " free: a device can be plugged in   %s no hotplug",
                     self->glyphs->fixed);
  terminal_line_end (&line);
}

void
topology_print_text (HotplugPciBudget *budget, const Terminal *terminal, gboolean all, GString *out)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  g_autoptr (PciView) view = pci_view_new (budget);
  g_autoptr (GString) indent = g_string_new (NULL);
  Printer self = {
    .budget = budget,
    .view = view,
    .terminal = terminal,
    .glyphs = terminal->utf8 ? &utf8_glyphs : &ascii_glyphs,
    .all = all,
    .indent = indent,
    .out = out,
  };

  print_heading (&self);
  for (guint i = 0; i < buses->len; i++)
    {
      HotplugPciBus *bus = g_ptr_array_index (buses, i);
      if (hotplug_pci_bus_get_parent_index (bus) >= 0)
        continue;
      g_string_append_c (out, '\n');
      print_root (&self, bus);
    }

  print_remarks (&self);
  if (buses->len > 0)
    print_legend (&self);
}
