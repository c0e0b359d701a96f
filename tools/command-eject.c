/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"

gboolean
hotplugctl_eject (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_autofree char *cdrom = NULL;
  gboolean persist = FALSE;
  gboolean dry_run = FALSE;
  const GOptionEntry entries[] = {
    { "cdrom", 0, 0, G_OPTION_ARG_STRING, &cdrom, "The CD-ROM drive, as the VMI calls it; required", "NAME" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &persist, "Take it out of the drive of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Check everything, print the plan, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require ("cdrom", "NAME", cdrom, error))
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (dry_run)
    {
      g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_eject_media (vmi, cdrom, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }

  g_autoptr (HotplugVolumeStatus) status = hotplug_vmi_eject_media (vmi, cdrom, flags, ctl->cancellable, error);
  if (status == NULL)
    return FALSE;

  return hotplugctl_print_change (ctl, vmi, "drive \"%s\" of VMI \"%s\" is empty\n", cdrom, hotplug_vmi_get_name (vmi));
}
