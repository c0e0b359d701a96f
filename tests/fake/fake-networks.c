/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fake/fake-private.h"

static void
add_network (GPtrArray *networks, const char *name, const char *bridge)
{
  HotplugNetworkText *network = g_new0 (HotplugNetworkText, 1);

  network->name = g_strdup (name);
  network->bridge = g_strdup (bridge);
  network->xml = g_strdup_printf ("<network><name>%s</name><bridge name='%s'/></network>", name, bridge);
  network->active = TRUE;
  g_ptr_array_add (networks, network);
}

GPtrArray *
fake_networks_list (void)
{
  GPtrArray *networks = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_network_text_free);

  add_network (networks, "fake", FAKE_BRIDGE);
  add_network (networks, "other", FAKE_OTHER_BRIDGE);
  return networks;
}
