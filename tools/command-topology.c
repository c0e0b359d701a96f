/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "pci-view.h"
#include "topology.h"

/* As a shell's > writes: into a device or a pipe too, which g_file_set_contents() would put a file in the place of. */
static gboolean
write_file (const char *path, const char *text, GError **error)
{
  FILE *file = fopen (path, "we");
  gboolean done = file != NULL && fputs (text, file) >= 0;
  int cause = errno;

  if (file != NULL && fclose (file) != 0 && done)
    {
      cause = errno;
      done = FALSE;
    }

  g_autofree char *name = g_filename_display_name (path);
  if (!done)
    g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (cause), "%s: %s", name, g_strerror (cause));
  return done;
}

static gboolean
draw (Hotplugctl *ctl, HotplugPciBudget *budget, const char *path, GError **error)
{
  g_autofree char *svg = topology_draw_svg (budget);

  if (!g_str_equal (path, "-"))
    return write_file (path, svg, error);

  hotplugctl_print (ctl, "%s", svg);
  return TRUE;
}

gboolean
hotplugctl_topology (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (PciSource) source = { FALSE, NULL };
  g_autofree char *svg = NULL;
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
    PCI_SOURCE_ENTRIES (&source),
    { "svg", 0, 0, G_OPTION_ARG_FILENAME, &svg, "Draw a picture into a file, or - for standard output", "FILE" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, "Show each free port on a line of its own", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 0, 1, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  if (ctl->manifest)
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                           "topology draws for people; for programs there is budget -o json");
      return FALSE;
    }

  g_autoptr (HotplugPciBudget) budget = pci_source_load (ctl, &source, arguments[0], error);
  if (budget == NULL)
    return FALSE;

  if (svg != NULL)
    return draw (ctl, budget, svg, error);

  Terminal terminal;
  terminal_look (&terminal);
  topology_print_text (budget, &terminal, all, ctl->out);
  return TRUE;
}
