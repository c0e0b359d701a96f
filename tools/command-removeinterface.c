/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"

gboolean
hotplugctl_removeinterface (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *timeout = NULL;
  gboolean persist = FALSE;
  gboolean dry_run = FALSE;
  int timeout_msec = -1;
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names,
      "The interface, as the VMI calls it; required; several go together", "NAME" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &persist,
      "Take it out of the VM's template too, for good; else it is back at the next start", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Check everything, print the plan, change nothing", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "How long the guest may take to let go; default: 30", "SECONDS" },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require ("name", "NAME", names != NULL ? names[0] : NULL, error)
      || !hotplugctl_parse_seconds ("timeout", timeout, &timeout_msec, error))
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  const char *const *interfaces = (const char *const *)names;
  HotplugPlugFlags flags = persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (dry_run)
    {
      g_autoptr (HotplugPlan)
          plan = hotplug_vmi_plan_remove_devices (vmi, NULL, interfaces, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }
  g_autofree char *returning = plan_tell_returning (ctl, vmi, NULL, interfaces, flags);
  if (!hotplug_vmi_remove_devices (vmi, NULL, interfaces, flags, timeout_msec, ctl->cancellable, error))
    return FALSE;

  g_autofree char *shown = g_strjoinv ("\", \"", names);
  return hotplugctl_print_change (ctl, vmi, "interface%s \"%s\" removed from VMI \"%s\"%s\n",
                                  g_strv_length (names) > 1 ? "s" : "", shown, hotplug_vmi_get_name (vmi), returning);
}
