/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "oracle.h"

#define LETTERS 26

/* Machines to XML */

static void
add_target (GString *xml, const OraclePiece *piece)
{
  const char *bus = strstr (piece->kind->xml, " bus='") + strlen (" bus='");
  const char *prefix = g_str_has_prefix (bus, "virtio") ? "vd"
                       : g_str_has_prefix (bus, "ide")  ? "hd"
                       : g_str_has_prefix (bus, "fdc")  ? "fd"
                                                        : "sd";

  g_string_append (xml, prefix);
  if (piece->target >= LETTERS)
    g_string_append_c (xml, (char)('a' + piece->target / LETTERS - 1));
  g_string_append_c (xml, (char)('a' + piece->target % LETTERS));
}

static void
add_address (GString *xml, const OraclePiece *piece)
{
  if (piece->has_address)
    g_string_append_printf (xml, "<address type='pci' domain='0x0000' bus='0x%02x' slot='0x%02x' function='0x%x'%s/>",
                            piece->at_bus, piece->at_slot, piece->at_function,
                            piece->multifunction ? " multifunction='on'" : "");
  else if (piece->empty == ORACLE_BARE)
    g_string_append (xml, "<address type='pci'/>");
  else if (piece->empty == ORACLE_ZERO)
    g_string_append (xml, "<address type='pci' domain='0' bus='0' slot='0' function='0'/>");
}

static void
add_index (GString *xml, const OraclePiece *piece)
{
  if (piece->index >= 0)
    g_string_append_printf (xml, " index='%d'", piece->index);
}

static void
add_controller (GString *xml, const OraclePiece *piece)
{
  g_string_append (xml, "<controller type='pci'");
  add_index (xml, piece);
  g_string_append_printf (xml, " model='%s'>", piece->bus->model);
  if (piece->refuses)
    g_string_append (xml, "<target hotplug='off'/>");
  if (piece->ioh3420)
    g_string_append (xml, "<model name='ioh3420'/>");
  add_address (xml, piece);
  g_string_append (xml, "</controller>");
}

static void
add_device (GString *xml, const OraclePiece *piece)
{
  guint aliases = 0;

  for (const char *at = piece->kind->xml; *at != '\0'; at++)
    {
      switch (*at)
        {
        case '@':
          /* those of a group are told apart */
          g_string_append_printf (xml, "<alias name='ua-d%u%.1s'/>", piece->number, &"\0bcd"[aliases]);
          if (aliases++ == 0)
            add_address (xml, piece);
          break;
        case '#':
          g_string_append_printf (xml, "%u", piece->number);
          break;
        case '%':
          add_target (xml, piece);
          break;
        case '^':
          add_index (xml, piece);
          break;
        case '~':
          g_string_append (xml, lab_embed_root ());
          break;
        default:
          g_string_append_c (xml, *at);
        }
    }
}

/* Memory devices need a node to be in, and a limit */
static void
add_nodes (GString *xml, const OracleMachine *machine)
{
  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = &g_array_index (machine->pieces, OraclePiece, i);
      if (piece->kind == NULL || !g_str_has_prefix (piece->kind->xml, "<memory "))
        continue;

      g_string_append_printf (xml,
                              "  <maxMemory slots='16' unit='GiB'>8</maxMemory>\n"
                              "  <cpu><numa><cell id='0' cpus='0-%u' memory='64' unit='MiB'/></numa></cpu>\n",
                              MAX (machine->vcpus, 1) - 1);
      return;
    }
}

static gboolean
is_argument (const OraclePiece *piece)
{
  return piece->kind != NULL && g_str_has_prefix (piece->kind->xml, ORACLE_ARGUMENT);
}

gboolean
oracle_machine_has_arguments (const OracleMachine *machine)
{
  for (guint i = 0; i < machine->pieces->len; i++)
    {
      if (is_argument (&g_array_index (machine->pieces, OraclePiece, i)))
        return TRUE;
    }
  return FALSE;
}

static void
add_arguments (GString *xml, const OracleMachine *machine)
{
  g_string_append (xml, "  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>\n");
  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = &g_array_index (machine->pieces, OraclePiece, i);
      if (is_argument (piece))
        g_string_append_printf (xml, "    %s\n", piece->kind->xml);
    }
  g_string_append (xml, "  </qemu:commandline>\n");
}

static void
add_attribute (GString *xml, const char *name, const char *value)
{
  if (*value != '\0')
    g_string_append_printf (xml, " %s='%s'", name, value);
}

char *
oracle_machine_xml (const OracleMachine *machine)
{
  const OracleBoard *board = machine->board;
  GString *xml = g_string_new ("<domain type='qemu'>\n");

  g_string_append_printf (xml, "  <name>oracle-%u</name>\n  <memory unit='MiB'>64</memory>\n  <vcpu>%u</vcpu>\n",
                          machine->number, MAX (machine->vcpus, 1));
  add_nodes (xml, machine);
  g_string_append (xml, "  <os>\n    <type");
  add_attribute (xml, "arch", board->arch);
  add_attribute (xml, "machine", board->machine);
  g_string_append (xml, ">hvm</type>\n  </os>\n");
  g_string_append_printf (xml, "  <features>%s<tcg><tb-cache unit='MiB'>16</tb-cache></tcg></features>\n  <devices>\n",
                          machine->acpi ? "<acpi/>" : "");
  for (guint i = 0; i < machine->pieces->len; i++)
    {
      const OraclePiece *piece = &g_array_index (machine->pieces, OraclePiece, i);
      if (is_argument (piece))
        continue;
      g_string_append (xml, "    ");
      if (piece->kind == NULL)
        add_controller (xml, piece);
      else
        add_device (xml, piece);
      g_string_append_c (xml, '\n');
    }

  g_string_append (xml, "  </devices>\n");
  if (oracle_machine_has_arguments (machine))
    add_arguments (xml, machine);
  g_string_append (xml, "</domain>\n");
  return g_string_free (xml, FALSE);
}

char *
oracle_machine_describe (const OracleMachine *machine)
{
  guint controllers = 0;

  for (guint i = 0; i < machine->pieces->len; i++)
    controllers += g_array_index (machine->pieces, OraclePiece, i).kind == NULL;

  return g_strdup_printf ("machine %u, %s %s%s, %u PCI controllers, %u devices", machine->number, machine->board->arch,
                          machine->board->machine,
                          machine->acpi || (machine->board->board & ORACLE_X86) == 0 ? "" : " without ACPI",
                          controllers, machine->pieces->len - controllers);
}

/* XML to devices: with GLib's parser, as the library's own is what is in question */

typedef struct
{
  GPtrArray *devices;
  OracleDevice *device; /* the one that is open */
  guint depth;
  guint devices_depth; /* where <devices> is open; 0: it is not */
} Reading;

static void
device_free (gpointer data)
{
  OracleDevice *device = data;

  g_free (device->element);
  g_free (device->type);
  g_free (device->model);
  g_free (device->alias);
  g_free (device->address);
  g_free (device);
}

static const char *
attribute (const char **names, const char **values, const char *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      if (g_str_equal (names[i], name))
        return values[i];
    }

  return "";
}

static guint
number (const char **names, const char **values, const char *name)
{
  return (guint)g_ascii_strtoull (attribute (names, values, name), NULL, 0);
}

static void
set (char **string, const char *value)
{
  g_free (*string);
  *string = g_strdup (value);
}

static void
open_device (Reading *reading, const char *element, const char **names, const char **values)
{
  OracleDevice *device = g_new0 (OracleDevice, 1);

  device->element = g_strdup (element);
  device->type = g_strdup (attribute (names, values, "type"));
  device->model = g_strdup (attribute (names, values, "model"));
  device->alias = g_strdup ("");
  device->address = g_strdup ("");
  device->index = number (names, values, "index");
  g_ptr_array_add (reading->devices, device);
  reading->device = device;
}

static void
read_child (OracleDevice *device, const char *element, const char **names, const char **values)
{
  if (g_str_equal (element, "alias"))
    set (&device->alias, attribute (names, values, "name"));
  else if (g_str_equal (element, "target"))
    device->refuses = g_str_equal (attribute (names, values, "hotplug"), "off");
  else if (g_str_equal (element, "model") && *device->model == '\0')
    set (&device->model, attribute (names, values, "type"));
  else if (g_str_equal (element, "address") && g_str_equal (attribute (names, values, "type"), "pci"))
    {
      g_free (device->address);
      device->address = g_strdup_printf ("%04x:%02x:%02x.%x", number (names, values, "domain"),
                                         number (names, values, "bus"), number (names, values, "slot"),
                                         number (names, values, "function"));
    }
}

static void
start_element (GMarkupParseContext *context G_GNUC_UNUSED, const char *element, const char **names, const char **values,
               gpointer data, GError **error G_GNUC_UNUSED)
{
  Reading *reading = data;

  reading->depth++;
  if (reading->depth == 2 && g_str_equal (element, "devices"))
    reading->devices_depth = reading->depth;
  else if (reading->devices_depth != 0 && reading->depth == 3)
    open_device (reading, element, names, values);
  else if (reading->devices_depth != 0 && reading->depth == 4)
    read_child (reading->device, element, names, values);
}

static void
end_element (GMarkupParseContext *context G_GNUC_UNUSED, const char *element G_GNUC_UNUSED, gpointer data,
             GError **error G_GNUC_UNUSED)
{
  Reading *reading = data;

  if (reading->depth == reading->devices_depth)
    reading->devices_depth = 0;
  reading->depth--;
}

GPtrArray *
oracle_devices_from_xml (const char *xml)
{
  static const GMarkupParser parser = { .start_element = start_element, .end_element = end_element };
  g_autoptr (GError) error = NULL;
  Reading reading = { .devices = g_ptr_array_new_with_free_func (device_free) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &reading, NULL);

  if (!g_markup_parse_context_parse (context, xml, -1, &error) || !g_markup_parse_context_end_parse (context, &error))
    g_error ("libvirt's XML: %s", error->message);
  return reading.devices;
}

const OracleDevice *
oracle_devices_find (GPtrArray *devices, const char *alias)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const OracleDevice *device = devices->pdata[i];
      if (g_str_equal (device->alias, alias))
        return device;
    }

  return NULL;
}
