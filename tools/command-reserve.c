/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

/* Far beyond what a machine can have, so that the library's own limit is the one that is met */
#define NUMBER_MAX 100000

typedef struct
{
  char *ports;
  char *keep_free;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->ports);
  g_free (options->keep_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

/* @text may be %NULL, an option that was not given: @number stays as it is */
static gboolean
parse_number (const char *option, const char *text, int *number, GError **error)
{
  guint64 value = 0;

  if (text == NULL)
    return TRUE;

  if (!g_ascii_string_to_unsigned (text, 10, 0, NUMBER_MAX, &value, NULL))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "--%s is a number from 0 to %d, not \"%s\"", option,
                   NUMBER_MAX, text);
      return FALSE;
    }

  *number = (int)value;
  return TRUE;
}

/* Whether the next start will have more ports than the machine that runs now */
static gboolean
needs_restart (Hotplugctl *ctl, HotplugVmi *vmi, HotplugPciBudget *next)
{
  g_autoptr (HotplugPciBudget) live = hotplug_vmi_get_pci_budget (vmi, ctl->cancellable, NULL);
  return live != NULL && hotplug_pci_budget_get_total (live) < hotplug_pci_budget_get_total (next);
}

static void
print_line (Hotplugctl *ctl, HotplugVmi *vmi, HotplugPciBudget *next, int added, gboolean dry_run)
{
  const char *name = hotplug_vmi_get_name (vmi);

  if (added == 0)
    hotplugctl_print (ctl, "VMI \"%s\" needs no further PCI port", name);
  else
    hotplugctl_print (ctl, "%d PCI port%s %s VMI \"%s\"", added, added == 1 ? "" : "s",
                      dry_run ? "can be added to" : "added to", name);

  if (next != NULL && !(dry_run && added > 0))
    hotplugctl_print (ctl, ": the next start has %u, %u free%s", hotplug_pci_budget_get_total (next),
                      hotplug_pci_budget_get_free (next),
                      needs_restart (ctl, vmi, next) ? "; restart the VMI to have them" : "");
  hotplugctl_print (ctl, "%s\n", dry_run ? " (dry run: nothing was changed)" : "");
}

/* What was asked for is done; that the connection ends just then is no failure. */
static void
print_result (Hotplugctl *ctl, HotplugVmi *vmi, int added, gboolean dry_run)
{
  g_autoptr (HotplugPciBudget) next = hotplug_vmi_get_template_pci_budget (vmi, NULL, NULL);

  if (!ctl->manifest)
    {
      print_line (ctl, vmi, next, added, dry_run);
      return;
    }

  g_autofree char *manifest = next != NULL ? hotplug_pci_budget_to_manifest (next, ctl->format) : g_strdup ("");
  hotplugctl_print (ctl, "%s", manifest);
}

gboolean
hotplugctl_reserve (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  int ports = -1;
  int keep_free = -1;
  const GOptionEntry entries[] = {
    { "ports", 0, 0, G_OPTION_ARG_STRING, &options.ports,
      "How many PCI ports there shall be for hotplugged devices; default: KubeVirt's rule", "N" },
    { "keep-free", 0, 0, G_OPTION_ARG_STRING, &options.keep_free,
      "How many shall be free beyond what the template uses", "N" },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options.dry_run, "Check everything, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !parse_number ("ports", options.ports, &ports, error)
      || !parse_number ("keep-free", options.keep_free, &keep_free, error))
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = options.dry_run ? HOTPLUG_PLUG_DRY_RUN : HOTPLUG_PLUG_NONE;
  int added = hotplug_vmi_reserve_ports (vmi, ports, keep_free, flags, ctl->cancellable, error);
  if (added < 0)
    return FALSE;

  print_result (ctl, vmi, added, options.dry_run);
  return TRUE;
}
