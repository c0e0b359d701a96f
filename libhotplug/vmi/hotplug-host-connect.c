/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/hotplug-host-private.h"
#include "host/hotplug-peer-private.h"
#include "rules/hotplug-network-choice-private.h"
#include "storage/hotplug-bridge-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "xml/hotplug-network-xml-private.h"

static gboolean
take_networks (HotplugConnection *connection, HotplugHostNetworks *out, GError **error)
{
  g_autoptr (GPtrArray) texts = _hotplug_connection_list_networks (connection, error);

  for (guint i = 0; texts != NULL && i < texts->len; i++)
    {
      const HotplugNetworkText *text = g_ptr_array_index (texts, i);
      gboolean ovs;

      if (!_hotplug_network_xml_read_ovs (text->xml, &ovs, error))
        {
          g_prefix_error (error, "network \"%s\": ", text->name);
          return FALSE;
        }
      g_ptr_array_add (out->networks, _hotplug_libvirt_network_new (text->name, text->bridge, text->active, ovs));
    }
  return texts != NULL;
}

/* Of another machine's links libvirt tells whether they are there, and not what they are. */
static gboolean
look_at_bridge (HotplugConnection *connection, const char *bridge, HotplugBridgeKind *kind, GError **error)
{
  HotplugSight sight;

  if (_hotplug_connection_is_local (connection))
    {
      *kind = _hotplug_bridge_probe (bridge);
      return TRUE;
    }
  if (!_hotplug_connection_find_link (connection, bridge, &sight, error))
    return FALSE;
  *kind = sight == HOTPLUG_SIGHT_MISSING ? HOTPLUG_BRIDGE_MISSING : HOTPLUG_BRIDGE_UNKNOWN;
  return TRUE;
}

gboolean
_hotplug_host_connect_network (HotplugHost *self, HotplugNetworkAttachment *attachment, HotplugNetworkConnection *out,
                               GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  g_auto (HotplugHostNetworks) host = { NULL };

  _hotplug_host_networks_init (&host);
  if (!take_networks (connection, &host, error)
      || !look_at_bridge (connection, hotplug_network_attachment_get_bridge (attachment), &host.kind, error))
    return FALSE;
  if (hotplug_network_attachment_get_vlan (attachment) != 0)
    host.libvirt_version = _hotplug_connection_get_libvirt_version (connection);
  if (hotplug_network_attachment_get_mac_spoof_check (attachment))
    host.filters_mac = _hotplug_connection_has_network_filter (connection, HOTPLUG_MAC_FILTER);
  return _hotplug_network_choose (attachment, &host, out, error);
}
