/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pci-view.h"
#include "svg.h"
#include "topology.h"

/* A row is as wide as a slot has functions, so that ports that are packed stand below each other. */
#define COLUMNS 8
#define CELL_WIDTH 116
#define CELL_COLUMNS 15
#define CELL_PAD 7
#define LINE_HEIGHT 14
#define GAP 6
#define PAD 14
#define MARGIN 20
#define WIDTH_MIN 640
#define BAR_HEIGHT 8

/* A bus deeper than this is as wide as the one that it is on. */
#define INSETS_MAX 8

typedef struct
{
  HotplugPciBudget *budget;
  PciView *view;
  gboolean ports; /* one was drawn */
} Painter;

typedef struct
{
  const char *class;
  char *text;
} Line;

static void
clear_line (gpointer line)
{
  g_free (((Line *)line)->text);
}

static void
add_line (GArray *lines, const char *class, char *text)
{
  Line line = { class, text };
  g_array_append_val (lines, line);
}

static const char *
choose_class (Painter *self, const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);

  if (!pci_place_is_hotplug (place))
    {
      if (place->port != NULL)
        return "off";
      return hotplug_pci_slot_is_implied (end) ? "implied" : "fixed";
    }
  if (!pci_place_is_free (place))
    return hotplug_pci_slot_is_implied (end) ? "used dotted" : "used";
  return pci_view_get_next_kind (self->view, place) != NULL ? "next" : "free";
}

/* What stands below the address of a place */
static GArray *
make_lines (Painter *self, const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  const char *next = pci_view_get_next_kind (self->view, place);
  const char *name = end != NULL ? hotplug_pci_slot_get_name (end) : NULL;
  GArray *lines = g_array_new (FALSE, FALSE, sizeof (Line));
  g_array_set_clear_func (lines, clear_line);

  if (!pci_place_is_free (place))
    {
      g_autoptr (GPtrArray) device = svg_wrap (hotplug_pci_slot_get_device (end), CELL_COLUMNS, 2);
      const char *class = hotplug_pci_slot_is_implied (end) ? "dim" : "device";
      for (guint i = 0; i < device->len; i++)
        add_line (lines, class, g_strdup (g_ptr_array_index (device, i)));
    }
  else if (!pci_place_is_hotplug (place))
    add_line (lines, "dim", g_strdup ("empty"));
  else if (next != NULL)
    add_line (lines, "word-free", g_strdup_printf ("next %s", next));
  else
    add_line (lines, "word-free", g_strdup ("free"));

  if (name != NULL)
    add_line (lines, "name", g_strdup_printf ("\"%s\"", name));
  if (place->port != NULL && !pci_place_is_hotplug (place))
    add_line (lines, "word-off", g_strdup ("hotplug off"));
  return lines;
}

/* All that is known of a place, for the mouse */
static char *
describe_place (const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  g_autoptr (GString) text = g_string_new (NULL);

  if (end != NULL)
    {
      const char *device = hotplug_pci_slot_get_device (end);
      g_string_append_printf (text, "%s: %s", hotplug_pci_slot_get_address (end), device != NULL ? device : "free");
      if (hotplug_pci_slot_get_name (end) != NULL)
        g_string_append_printf (text, " \"%s\"", hotplug_pci_slot_get_name (end));
      if (hotplug_pci_slot_is_implied (end))
        g_string_append (text, ", not in the domain XML");
      g_string_append (text, "; ");
    }

  if (place->port != NULL)
    g_string_append_printf (text, "%s at %s, ", hotplug_pci_bus_get_model (place->port),
                            hotplug_pci_slot_get_address (place->slot));
  else
    g_string_append_printf (text, "%s, bus %02x, ", hotplug_pci_bus_get_model (place->on),
                            hotplug_pci_bus_get_index (place->on));
  g_string_append (text, pci_place_is_hotplug (place) ? "accepts hotplug" : "no hotplug");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static int
measure_cell (Painter *self, const PciPlace *place)
{
  g_autoptr (GArray) lines = make_lines (self, place);
  return 2 * CELL_PAD + ((int)lines->len + 1) * LINE_HEIGHT - 4;
}

static void
draw_cell (Painter *self, GString *out, int x, int y, int height, const PciPlace *place)
{
  HotplugPciSlot *end = pci_place_get_end (place);
  g_autoptr (GArray) lines = make_lines (self, place);
  g_autofree char *title = describe_place (place);
  int baseline = CELL_PAD + 9;

  svg_frame_begin (out, x, y, CELL_WIDTH, height, title);
  svg_rect (out, 2, 2, CELL_WIDTH - 4, height - 4, 5, choose_class (self, place));
  if (end != NULL)
    svg_text (out, CELL_PAD, baseline, SVG_ALIGN_LEFT, "mono", CELL_COLUMNS,
              pci_view_shorten (hotplug_pci_slot_get_address (end)));
  self->ports = self->ports || place->port != NULL;
  if (place->port != NULL)
    svg_text (out, CELL_WIDTH - CELL_PAD, baseline, SVG_ALIGN_RIGHT, "mono dim", CELL_COLUMNS,
              pci_view_shorten (hotplug_pci_slot_get_address (place->slot)));
  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);
      baseline += LINE_HEIGHT;
      svg_text (out, CELL_PAD, baseline, SVG_ALIGN_LEFT, line->class, CELL_COLUMNS, line->text);
    }
  svg_frame_end (out);
}

/* A grid of the places at which nothing is drawn below, those on ports or those on the bus itself; how high it is */
static int
draw_grid (Painter *self, GString *out, int x, int y, int width, GArray *places, gboolean ports)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new ();
  guint columns = (guint)CLAMP ((width + GAP) / (CELL_WIDTH + GAP), 1, COLUMNS);
  int top = y;

  for (guint i = 0; i < places->len; i++)
    {
      PciPlace *place = &g_array_index (places, PciPlace, i);
      if (place->below == NULL && (place->port != NULL) == ports)
        g_ptr_array_add (cells, place);
    }

  for (guint i = 0; i < cells->len; i += columns)
    {
      guint end = MIN (i + columns, cells->len);
      int height = 0;
      for (guint j = i; j < end; j++)
        height = MAX (height, measure_cell (self, g_ptr_array_index (cells, j)));
      for (guint j = i; j < end; j++)
        draw_cell (self, out, x + (int)(j - i) * (CELL_WIDTH + GAP), y, height, g_ptr_array_index (cells, j));
      y += height + GAP;
    }

  return y - top;
}

/* Where a bus comes from; @place is %NULL of a root bus */
static char *
describe_bus (HotplugPciBus *bus, const PciPlace *place, const char *(*write_address) (const char *address))
{
  const char *model = hotplug_pci_bus_get_model (bus);

  if (place == NULL)
    return g_strdup_printf ("%s · bus %02x", model, hotplug_pci_bus_get_index (bus));

  g_autofree char *port = place->port == NULL
                              ? g_strdup ("")
                              : g_strdup_printf ("%s %s ▸ ", write_address (hotplug_pci_slot_get_address (place->slot)),
                                                 hotplug_pci_bus_get_model (place->port));
  return g_strdup_printf ("%s%s %s · bus %02x", port,
                          write_address (hotplug_pci_slot_get_address (pci_place_get_end (place))), model,
                          hotplug_pci_bus_get_index (bus));
}

static const char *
keep_whole (const char *address)
{
  return address;
}

static void
draw_bus_heading (GString *out, int x, int y, int width, HotplugPciBus *bus, GArray *places, const PciPlace *from)
{
  guint n_ports = 0;
  guint n_free = 0;
  pci_view_count (places, &n_ports, &n_free);

  g_autofree char *title = describe_bus (bus, from, pci_view_shorten);
  g_autofree char *whole = describe_bus (bus, from, keep_whole);
  svg_group_begin (out, whole);
  svg_text (out, x, y, SVG_ALIGN_LEFT, "bus-title", (guint)MAX (width - 130, 80) / 7, title);
  svg_group_end (out);

  const char *kind = !hotplug_pci_bus_is_hotplug (bus)                          ? "ports"
                     : hotplug_pci_bus_get_class (bus) == HOTPLUG_PCI_CLASS_PCI ? "PCI slots"
                                                                                : "slots";
  g_autofree char *count = n_ports > 0 ? g_strdup_printf ("%u of %u %s free", n_free, n_ports, kind)
                                       : g_strdup ("no hotplug");
  svg_text (out, x + width, y, SVG_ALIGN_RIGHT, n_free > 0 ? "word-free" : "dim", 40, count);
}

/* A bus with all that is behind it; how high it is */
static int
draw_bus (Painter *self, GString *out, int x, int y, int width, guint depth, HotplugPciBus *bus, const PciPlace *from)
{
  g_autoptr (GArray) places = pci_view_list_places (self->view, bus);
  g_autoptr (GString) content = g_string_new (NULL);
  int pad = depth < INSETS_MAX ? PAD : 0;
  int left = x + pad;
  int inner = width - 2 * pad;
  int bottom = y + PAD + 20;

  draw_bus_heading (content, left, y + PAD + 7, inner, bus, places, from);
  bottom += draw_grid (self, content, left, bottom, inner, places, TRUE);
  bottom += draw_grid (self, content, left, bottom, inner, places, FALSE);
  for (guint i = 0; i < places->len; i++)
    {
      const PciPlace *place = &g_array_index (places, PciPlace, i);
      if (place->below != NULL)
        bottom += draw_bus (self, content, left, bottom, inner, depth + 1, place->below, place) + GAP;
    }

  svg_rect (out, x, y, width, bottom - GAP + PAD - y, 8, "bus");
  g_string_append (out, content->str);
  return bottom - GAP + PAD - y;
}

static int
draw_paragraph (GString *out, int x, int y, int width, const char *class, const char *text)
{
  if (text == NULL)
    return 0;

  g_autoptr (GPtrArray) lines = svg_wrap (text, (guint)width * 10 / 62, 6);
  for (guint i = 0; i < lines->len; i++)
    svg_text (out, x, y + (int)(i + 1) * 16, SVG_ALIGN_LEFT, class, G_MAXUINT, g_ptr_array_index (lines, i));
  return (int)lines->len * 16;
}

static char *
describe_room (HotplugPciBudget *budget)
{
  const char *next = hotplug_pci_budget_get_next_address (budget, HOTPLUG_PCI_CLASS_EITHER);
  g_autofree char *where = next != NULL ? g_strdup_printf ("; the next virtio device goes to %s", next) : NULL;

  return g_strdup_printf ("room for %u virtio, %u PCIe or %u PCI devices%s",
                          hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_EITHER),
                          hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCIE),
                          hotplug_pci_budget_get_hotpluggable (budget, HOTPLUG_PCI_CLASS_PCI),
                          where != NULL ? where : "");
}

static void
draw_bar (GString *out, int x, int y, int width, guint used, guint total)
{
  int part = total > 0 ? (int)((gint64)width * used / total) : 0;

  svg_rect (out, x, y, width, BAR_HEIGHT, BAR_HEIGHT / 2, total > 0 ? "bar-free" : "bar-none");
  if (part == 0)
    return;

  svg_rect (out, x, y, MAX (part, BAR_HEIGHT), BAR_HEIGHT, BAR_HEIGHT / 2, "bar-used");
  if (part > BAR_HEIGHT && part < width)
    svg_rect (out, x + BAR_HEIGHT / 2, y, part - BAR_HEIGHT / 2, BAR_HEIGHT, 0, "bar-used");
}

static int
draw_heading (Painter *self, GString *out, int x, int y, int width)
{
  HotplugPciBudget *budget = self->budget;
  const char *name = hotplug_pci_budget_get_name (budget);
  const char *machine = hotplug_pci_budget_get_machine (budget);
  guint total = hotplug_pci_budget_get_total (budget);
  guint n_free = hotplug_pci_budget_get_free (budget);
  g_autofree char *count = g_strdup_printf ("%u of %u ports free", n_free, total);
  g_autofree char *room = describe_room (budget);
  int top = y;

  svg_text (out, x, y + 16, SVG_ALIGN_LEFT, "title", (guint)(width - 200) / 11, name != NULL ? name : "domain");
  svg_text (out, x + width, y + 16, SVG_ALIGN_RIGHT, n_free > 0 ? "big word-free" : "big", 40, count);
  y += 34;
  if (machine != NULL)
    svg_text (out, x, y, SVG_ALIGN_LEFT, "dim", (guint)(width - 60) / 14, machine);
  svg_text (out, x + width, y, SVG_ALIGN_RIGHT, "dim", G_MAXUINT, room);
  y += 10;
  draw_bar (out, x, y, width, hotplug_pci_budget_get_used (budget), total);
  y += 10;
  y += draw_paragraph (out, x, y, width, "device", hotplug_pci_budget_get_reason (budget));
  y += draw_paragraph (out, x, y, width, "word-warning", hotplug_pci_budget_get_warning (budget));
  return y + 12 - top;
}

static int
draw_legend (GString *out, int x, int y, gboolean ports)
{
  static const struct
  {
    const char *class;
    const char *text;
    int width;
  } keys[] = {
    { "used", "in use", 78 },      { "free", "free", 66 },         { "next", "next", 66 },
    { "off", "hotplug off", 104 }, { "fixed", "no hotplug", 104 }, { "implied", "implied: not in the XML", 0 },
  };
  int left = x;

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      svg_rect (out, left + 1, y + 2, 18, 12, 3, keys[i].class);
      svg_text (out, left + 25, y + 12, SVG_ALIGN_LEFT, "dim", G_MAXUINT, keys[i].text);
      left += keys[i].width;
    }

  if (!ports)
    return 16;

  svg_text (out, x, y + 32, SVG_ALIGN_LEFT, "mono", G_MAXUINT, "01:00.0");
  svg_text (out, x + 52, y + 32, SVG_ALIGN_LEFT, "dim", G_MAXUINT, "where a device is");
  svg_text (out, x + 164, y + 32, SVG_ALIGN_LEFT, "mono dim", G_MAXUINT, "00:02.0");
  svg_text (out, x + 216, y + 32, SVG_ALIGN_LEFT, "dim", G_MAXUINT, "where its port is");
  return 36;
}

static HotplugPciBus *
find_bus (HotplugPciBudget *budget, int index)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);

  for (guint i = 0; i < buses->len; i++)
    {
      HotplugPciBus *bus = g_ptr_array_index (buses, i);
      if (index >= 0 && hotplug_pci_bus_get_index (bus) == (guint)index)
        return bus;
    }
  return NULL;
}

/* How many buses @bus is drawn in, itself included; those of ports are not drawn. */
static int
measure_depth (HotplugPciBudget *budget, HotplugPciBus *bus)
{
  int depth = 0;

  for (int steps = 0; bus != NULL && steps < 2 * INSETS_MAX; steps++)
    {
      if (hotplug_pci_bus_get_first_slot (bus) != hotplug_pci_bus_get_last_slot (bus))
        depth++;
      bus = find_bus (budget, hotplug_pci_bus_get_parent_index (bus));
    }
  return MIN (depth, INSETS_MAX);
}

/* The widest bus with the insets of those that it is in, so that its rows are full */
static int
choose_width (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  int width = WIDTH_MIN;

  for (guint i = 0; i < buses->len; i++)
    {
      HotplugPciBus *bus = g_ptr_array_index (buses, i);
      int cells = (int)MIN (hotplug_pci_bus_get_slots (bus)->len, COLUMNS);
      if (hotplug_pci_bus_get_first_slot (bus) != hotplug_pci_bus_get_last_slot (bus))
        width = MAX (width, cells * (CELL_WIDTH + GAP) - GAP + 2 * PAD * measure_depth (budget, bus));
    }

  return width;
}

char *
topology_draw_svg (HotplugPciBudget *budget)
{
  GPtrArray *buses = hotplug_pci_budget_get_buses (budget);
  g_autoptr (PciView) view = pci_view_new (budget);
  g_autoptr (GString) content = g_string_new (NULL);
  Painter self = { budget, view, FALSE };
  int width = choose_width (budget);
  int y = MARGIN;

  y += draw_heading (&self, content, MARGIN, y, width);
  for (guint i = 0; i < buses->len; i++)
    {
      HotplugPciBus *bus = g_ptr_array_index (buses, i);
      if (hotplug_pci_bus_get_parent_index (bus) < 0)
        y += draw_bus (&self, content, MARGIN, y, width, 0, bus, NULL) + 12;
    }
  if (buses->len > 0)
    y += draw_legend (content, MARGIN, y + 2, self.ports) + 2;

  const char *name = hotplug_pci_budget_get_name (budget);
  g_autofree char *title = g_strdup_printf ("PCI topology of %s", name != NULL ? name : "a domain");
  g_autofree char *room = describe_room (budget);
  GString *out = g_string_new (NULL);
  svg_begin (out, width + 2 * MARGIN, y + MARGIN, title, room);
  g_string_append_printf (out, "<rect x=\"1\" y=\"1\" width=\"%d\" height=\"%d\" rx=\"10\" class=\"ground\"/>\n",
                          width + 2 * MARGIN - 2, y + MARGIN - 2);
  g_string_append (out, content->str);
  svg_end (out);
  return g_string_free (out, FALSE);
}
