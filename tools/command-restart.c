/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

gboolean
hotplugctl_restart (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  int grace_msec = -1;
  g_auto (GStrv) arguments = hotplugctl_parse_with_grace (ctl, &grace_msec, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL || !hotplug_vmi_restart (vmi, grace_msec, ctl->cancellable, error))
    return FALSE;

  return hotplugctl_print_change (ctl, vmi, "VMI \"%s\" restarted\n", hotplug_vmi_get_name (vmi));
}
