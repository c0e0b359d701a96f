/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "volume-source.h"

/* Not g_canonicalize_filename(): a .. behind a symbolic link is the kernel's to resolve. */
static char *
make_absolute (const char *path)
{
  g_autofree char *directory = g_path_is_absolute (path) ? NULL : g_get_current_dir ();
  return g_build_filename (directory != NULL ? directory : path, directory != NULL ? path : NULL, NULL);
}

char *
volume_source_find (Hotplugctl *ctl, const char *source, const char *volume_name, HotplugDataVolume **data_volume,
                    GError **error)
{
  *data_volume = NULL;
  if (source != NULL)
    return make_absolute (source);

  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return NULL;

  g_autoptr (HotplugDataVolume) found
      = hotplug_host_get_data_volume (host, volume_name, ctl->cancellable, error);
  if (found == NULL)
    return NULL;
  if (hotplug_data_volume_get_phase (found) != HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED)
    {
      const char *message = hotplug_data_volume_get_message (found);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY, "data volume \"%s\" is not ready%s%s",
                   volume_name, message != NULL ? ": " : "", message != NULL ? message : "");
      return NULL;
    }

  char *path = g_strdup (hotplug_data_volume_get_path (found));
  *data_volume = g_steal_pointer (&found);
  return path;
}
