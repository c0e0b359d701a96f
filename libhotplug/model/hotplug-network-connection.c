/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-network-connection-private.h"

static void
free_network (gpointer data)
{
  HotplugLibvirtNetwork *network = data;

  g_free (network->name);
  g_free (network->bridge);
  g_free (network);
}

HotplugLibvirtNetwork *
_hotplug_libvirt_network_new (const char *name, const char *bridge, gboolean active, gboolean ovs)
{
  HotplugLibvirtNetwork *network = g_new0 (HotplugLibvirtNetwork, 1);

  network->name = g_strdup (name);
  network->bridge = g_strdup (bridge);
  network->active = active;
  network->ovs = ovs;
  return network;
}

void
_hotplug_host_networks_init (HotplugHostNetworks *self)
{
  *self = (HotplugHostNetworks){ g_ptr_array_new_with_free_func (free_network), HOTPLUG_BRIDGE_UNKNOWN, 0, FALSE };
}

void
_hotplug_host_networks_clear (HotplugHostNetworks *self)
{
  g_clear_pointer (&self->networks, g_ptr_array_unref);
}

void
_hotplug_network_connection_clear (HotplugNetworkConnection *self)
{
  g_clear_pointer (&self->source, g_free);
  g_clear_pointer (&self->bridge, g_free);
  g_clear_pointer (&self->filter, g_free);
}
