/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-version-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "rules/hotplug-network-choice-private.h"

static gboolean refuse (HotplugNetworkAttachment *attachment, HotplugError code, GError **error, const char *format,
                        ...) G_GNUC_PRINTF (4, 5);

static gboolean
refuse (HotplugNetworkAttachment *attachment, HotplugError code, GError **error, const char *format, ...)
{
  g_autofree char *title = _hotplug_network_attachment_dup_title (attachment);
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, HOTPLUG_ERROR, (int)code, "network attachment \"%s\": %s", title, what);
  return FALSE;
}

/* A network that connects as the attachment does: one with ports of Open vSwitch serves either kind, since libvirt
 * makes the ports, one without can't serve what wants such a port. */
static gboolean
serves (const HotplugLibvirtNetwork *network, HotplugNetworkAttachment *attachment)
{
  return strcmp (network->bridge, hotplug_network_attachment_get_bridge (attachment)) == 0
         && (network->ovs || hotplug_network_attachment_get_plugin (attachment) != HOTPLUG_NETWORK_PLUGIN_OVS);
}

/* Several may share a bridge that libvirt has not made: then it is the first, as @host has them */
static const HotplugLibvirtNetwork *
find_network (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host, gboolean active)
{
  for (guint i = 0; i < host->networks->len; i++)
    {
      const HotplugLibvirtNetwork *network = g_ptr_array_index (host->networks, i);
      if (network->active == active && serves (network, attachment))
        return network;
    }
  return NULL;
}

static gboolean
check_bridge (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host, GError **error)
{
  const HotplugLibvirtNetwork *asleep = find_network (attachment, host, FALSE);
  const char *bridge = hotplug_network_attachment_get_bridge (attachment);
  gboolean ovs = hotplug_network_attachment_get_plugin (attachment) == HOTPLUG_NETWORK_PLUGIN_OVS;

  if (host->kind == HOTPLUG_BRIDGE_MISSING && asleep != NULL)
    return refuse (attachment, HOTPLUG_ERROR_NETWORK_MISSING, error,
                   "its bridge %s is libvirt's network \"%s\", which is not active: virsh net-start %s", bridge,
                   asleep->name, asleep->name);
  if (host->kind == HOTPLUG_BRIDGE_MISSING)
    return refuse (attachment, HOTPLUG_ERROR_NETWORK_MISSING, error, "the host has no bridge %s", bridge);
  if (host->kind == HOTPLUG_BRIDGE_OTHER && !ovs)
    return refuse (attachment, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, error,
                   "%s is no Linux bridge; for one of Open vSwitch its type is ovs", bridge);
  if (host->kind == HOTPLUG_BRIDGE_LINUX && ovs)
    return refuse (attachment, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, error,
                   "%s is a Linux bridge, and none of Open vSwitch; for that its type is bridge", bridge);
  return TRUE;
}

static gboolean
check_vlan (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host, gboolean ovs, GError **error)
{
  guint64 version = host->libvirt_version;

  if (hotplug_network_attachment_get_vlan (attachment) == 0 || ovs
      || _hotplug_version_has (version, HOTPLUG_TRAIT_LIBVIRT_BRIDGE_VLAN))
    return TRUE;
  return refuse (
      attachment, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, error,
      "a VLAN (%u) on the Linux bridge %s needs libvirt 11.0.0 or a bridge of Open vSwitch, and the host has "
      "libvirt %u.%u.%u",
      hotplug_network_attachment_get_vlan (attachment), hotplug_network_attachment_get_bridge (attachment),
      (guint)(version / 1000000), (guint)(version / 1000 % 1000), (guint)(version % 1000));
}

/* libvirt has no filters on ports of Open vSwitch: libvirt 9.0.0 src/qemu/qemu_domain.c:4813 */
static gboolean
check_filter (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host, gboolean ovs, GError **error)
{
  if (!hotplug_network_attachment_get_mac_spoof_check (attachment))
    return TRUE;
  if (ovs)
    return refuse (attachment, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, error,
                   "MAC addresses can't be checked (macspoofchk) on a port of Open vSwitch, which %s has",
                   hotplug_network_attachment_get_bridge (attachment));
  return host->filters_mac
         || refuse (attachment, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, error,
                    "MAC addresses are checked (macspoofchk) by libvirt's network filter " HOTPLUG_MAC_FILTER
                    ", which the host does not have");
}

gboolean
_hotplug_network_choose (HotplugNetworkAttachment *attachment, const HotplugHostNetworks *host,
                         HotplugNetworkConnection *out, GError **error)
{
  const HotplugLibvirtNetwork *network = find_network (attachment, host, TRUE);
  gboolean wants_ovs = hotplug_network_attachment_get_plugin (attachment) == HOTPLUG_NETWORK_PLUGIN_OVS;
  gboolean ovs = network != NULL ? network->ovs : wants_ovs;

  if ((network == NULL && !check_bridge (attachment, host, error)) || !check_vlan (attachment, host, ovs, error)
      || !check_filter (attachment, host, ovs, error))
    return FALSE;

  gboolean filter = hotplug_network_attachment_get_mac_spoof_check (attachment);
  *out = (HotplugNetworkConnection){
    .network = network != NULL,
    .source = g_strdup (network != NULL ? network->name : hotplug_network_attachment_get_bridge (attachment)),
    .bridge = g_strdup (hotplug_network_attachment_get_bridge (attachment)),
    /* of a network it is the network's to say */
    .ovs = network == NULL && wants_ovs,
    .ovs_port = ovs,
    .vlan = hotplug_network_attachment_get_vlan (attachment),
    .mtu = hotplug_network_attachment_get_mtu (attachment),
    .filter = filter ? g_strdup (HOTPLUG_MAC_FILTER) : NULL,
  };
  return TRUE;
}
