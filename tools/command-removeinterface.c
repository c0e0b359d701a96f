/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

gboolean
hotplugctl_removeinterface (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *timeout = NULL;
  gboolean persist = FALSE;
  gboolean dry_run = FALSE;
  int timeout_msec = -1;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &name, "The interface, as the VMI calls it; required", "NAME" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &persist, "Take it out of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Check everything, change nothing", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "How long the guest may take to let go; default: 30", "SECONDS" },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require ("name", "NAME", name, error)
      || !hotplugctl_parse_seconds ("timeout", timeout, &timeout_msec, error))
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  HotplugPlugFlags flags = hotplugctl_plug_flags (persist, dry_run);
  if (vmi == NULL || !hotplug_vmi_remove_interface (vmi, name, flags, timeout_msec, ctl->cancellable, error))
    return FALSE;

  return hotplugctl_print_change (ctl, vmi, "interface \"%s\" %s from VMI \"%s\"%s\n", name,
                                  dry_run ? "would be removed" : "removed", hotplug_vmi_get_name (vmi),
                                  dry_run ? " (dry run: nothing was changed)" : "");
}
