/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interface.h"

#include "table.h"

/* What only the guest knows has no name and no link of the hypervisor's; what was not hotplugged has no phase. */
static void
add_row (Table *table, HotplugInterfaceStatus *interface)
{
  const char *name = hotplug_interface_status_get_name (interface);
  gboolean hotplugged = hotplug_interface_status_is_hotplugged (interface);
  int state = (int)hotplug_interface_status_get_link_state (interface);
  int phase = (int)hotplug_interface_status_get_phase (interface);
  const char *const cells[] = {
    name,
    hotplug_interface_status_get_mac (interface),
    name != NULL ? hotplugctl_enum_nick (HOTPLUG_TYPE_INTERFACE_STATE, state) : NULL,
    hotplug_interface_status_get_interface_name (interface),
    hotplug_interface_status_get_ip_address (interface),
    hotplug_interface_status_get_network (interface),
    hotplugged ? hotplugctl_enum_nick (HOTPLUG_TYPE_INTERFACE_PHASE, phase) : NULL,
  };

  table_add_row (table, cells);
}

guint
interface_count_own (GPtrArray *interfaces)
{
  guint count = 0;

  for (guint i = 0; i < interfaces->len; i++)
    count += hotplug_interface_status_get_name (g_ptr_array_index (interfaces, i)) != NULL;
  return count;
}

void
interface_print_table (Hotplugctl *ctl, GPtrArray *interfaces)
{
  static const char *const heading[] = { "NAME", "MAC", "STATE", "INTERFACE", "IP", "NETWORK", "PHASE" };
  const char *separator = "\n";

  if (interfaces->len == 0)
    return;

  g_autoptr (Table) table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);
  for (guint i = 0; i < interfaces->len; i++)
    add_row (table, g_ptr_array_index (interfaces, i));
  hotplugctl_print (ctl, "\n");
  table_print (table, ctl->out);

  for (guint i = 0; i < interfaces->len; i++)
    {
      HotplugInterfaceStatus *interface = g_ptr_array_index (interfaces, i);
      if (hotplug_interface_status_is_hotplugged (interface)
          && hotplug_interface_status_get_phase (interface) != HOTPLUG_INTERFACE_PHASE_READY)
        hotplugctl_print_message (ctl, &separator, hotplug_interface_status_get_name (interface),
                                  hotplug_interface_status_get_message (interface));
    }
}
