/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"
#include "volume-options.h"

static void
print_added (Hotplugctl *ctl, HotplugVmi *vmi, HotplugVolumeStatus *status, HotplugPlugFlags flags)
{
  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_volume_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return;
    }

  hotplugctl_print (ctl, "volume \"%s\" added to VMI \"%s\"", hotplug_volume_status_get_name (status),
                    hotplug_vmi_get_name (vmi));
  if (hotplug_volume_status_get_target (status) != NULL)
    hotplugctl_print (ctl, ": target %s", hotplug_volume_status_get_target (status));
  if (hotplug_volume_status_get_serial (status) != NULL)
    hotplugctl_print (ctl, ", serial %s", hotplug_volume_status_get_serial (status));
  if ((flags & HOTPLUG_PLUG_PERSIST) != 0)
    hotplugctl_print (ctl, ", persisted");
  hotplugctl_print (ctl, "\n");
}

gboolean
hotplugctl_addvolume (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (VolumeOptions) options = { NULL };
  g_auto (GStrv) arguments = volume_options_parse (ctl, &options, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (GPtrArray) volumes = volume_options_make (&options, ctl, error);
  if (volumes == NULL)
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[0], error);
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = options.persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (options.dry_run)
    {
      g_autoptr (HotplugPlan) plan = hotplug_vmi_plan_add_volumes (vmi, volumes, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }

  g_autoptr (GPtrArray) statuses = hotplug_vmi_add_volumes (vmi, volumes, flags, ctl->cancellable, error);
  for (guint i = 0; statuses != NULL && i < statuses->len; i++)
    {
      if (i > 0 && ctl->manifest && ctl->format == HOTPLUG_MANIFEST_FORMAT_YAML)
        hotplugctl_print (ctl, "---\n");
      print_added (ctl, vmi, g_ptr_array_index (statuses, i), flags);
    }
  return statuses != NULL;
}
