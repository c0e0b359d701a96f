/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

#include "data-volume.h"

gboolean
hotplugctl_delete (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (GStrv) arguments = hotplugctl_parse (ctl, NULL, 2, 2, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  if (!data_volume_is_kind (arguments[0]))
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "delete: unknown kind \"%s\", it is datavolume",
                   arguments[0]);
      return FALSE;
    }

  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL || !hotplug_host_delete_data_volume (host, arguments[1], ctl->cancellable, error))
    return FALSE;

  if (!ctl->manifest)
    hotplugctl_print (ctl, "data volume \"%s\" deleted\n", arguments[1]);
  return TRUE;
}
