/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

gboolean
hotplugctl_start (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) arguments = hotplugctl_parse (ctl, NULL, 1, 1, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL || !hotplug_vmi_start (vmi, ctl->cancellable, error))
    return FALSE;

  return hotplugctl_print_change (ctl, vmi, "VMI \"%s\" started\n", hotplug_vmi_get_name (vmi));
}
