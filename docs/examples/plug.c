/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <hotplug/hotplug.h>

int main (int argc, char **argv)
{
  g_return_val_if_fail (argc == 4, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (argv[1], NULL, &error);
  g_autoptr (HotplugVmi) vmi = host ? hotplug_host_get_vmi (host, argv[2], NULL, &error) : NULL;
  g_autoptr (HotplugVolume) vol = vmi ? hotplug_volume_new_for_path ("data", argv[3], &error) : NULL;
  g_autoptr (HotplugVolumeStatus) st = vol ? hotplug_vmi_add_volume (vmi, vol, HOTPLUG_PLUG_NONE, NULL, &error) : NULL;
  if (st)
    g_print ("%s\n", hotplug_volume_status_get_target (st));
  if (!st || !hotplug_vmi_remove_volume (vmi, "data", HOTPLUG_PLUG_NONE, -1, NULL, &error))
    g_printerr ("plug: %s\n", error->message);
  return error ? 1 : 0;
}
