/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"
#include "volume-request.h"

gboolean
hotplugctl_removevolume (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) names = NULL;
  g_autofree char *file = NULL;
  g_autofree char *timeout = NULL;
  gboolean persist = FALSE;
  gboolean dry_run = FALSE;
  int timeout_msec = -1;
  const GOptionEntry entries[] = {
    { "volume-name", 0, 0, G_OPTION_ARG_STRING_ARRAY, &names,
      "The volume, as the VMI calls it; required; several go together", "NAME" },
    { "filename", 'f', 0, G_OPTION_ARG_FILENAME, &file, "RemoveVolumeOptions that name them, - for standard input",
      "FILE" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &persist,
      "Take it out of the VM's template too, for good; else it is back at the next start", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "Check everything, print the plan, change nothing", NULL },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "How long the guest may take to let go; default: 30", "SECONDS" },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_parse_seconds ("timeout", timeout, &timeout_msec, error))
    return FALSE;

  if ((names == NULL) == (file == NULL))
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                           file == NULL ? "--volume-name=NAME is missing, or --filename=FILE"
                                        : "--volume-name and --filename exclude each other");
      return FALSE;
    }
  if (file != NULL && (names = volume_request_read_names (file, &dry_run, error)) == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (dry_run)
    {
      g_autoptr (HotplugPlan)
          plan = hotplug_vmi_plan_remove_volumes (vmi, (const char *const *)names, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }
  g_autofree char *returning = plan_tell_returning (ctl, vmi, (const char *const *)names, NULL, flags);
  if (!hotplug_vmi_remove_volumes (vmi, (const char *const *)names, flags, timeout_msec, ctl->cancellable, error))
    return FALSE;

  g_autofree char *shown = g_strjoinv ("\", \"", names);
  return hotplugctl_print_change (ctl, vmi, "volume%s \"%s\" removed from VMI \"%s\"%s\n", names[1] != NULL ? "s" : "",
                                  shown, hotplug_vmi_get_name (vmi), returning);
}
