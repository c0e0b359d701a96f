/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-mac-private.h"
#include "xml/hotplug-place-private.h"

/* libvirt 9.0.0 src/conf/netdev_vlan_conf.c:73 */
#define VLAN_MAX 4095

gboolean
_hotplug_place_open_nic (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugNic *nic = _hotplug_nic_new ();

  _hotplug_place_open_device (element, place);
  nic->borrowed = TRUE;
  nic->type = (char *)place->device.type;
  g_ptr_array_add (place->domain->nics, nic);
  place->nic = nic;
  place->begin = _hotplug_xml_element_get_begin (element);
  return TRUE;
}

/* A live interface of a libvirt network has the bridge beside it, and where that is a bridge of the host, only its type
 * tells: libvirt 9.0.0 src/conf/domain_conf.c, virDomainActualNetDefContentsFormat () */
static gboolean
read_source (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  HotplugNic *nic = place->nic;
  gboolean network = g_strcmp0 (nic->type, "network") == 0;

  if (g_strcmp0 (nic->type, "vdpa") == 0)
    _hotplug_place_keep_file (place, "interface", _hotplug_place_keep (place, element, "dev"));
  if (g_strcmp0 (nic->type, "vhostuser") == 0 && !_hotplug_xml_element_says (element, "mode", "server"))
    _hotplug_place_keep_socket_file (place, "interface", _hotplug_place_keep (place, element, "path"));
  _hotplug_place_keep_first (place, element, network ? "network" : "bridge", (const char **)&nic->source);
  _hotplug_place_keep_first (place, element, "dev", (const char **)&nic->link);
  if (network)
    _hotplug_place_keep_first (place, element, "bridge", (const char **)&nic->bridge);
  else
    _hotplug_place_keep_first (place, element, "network", (const char **)&nic->network);
  return TRUE;
}

static gboolean
read_virtualport (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "type", (const char **)&place->nic->virtualport);
  return TRUE;
}

static gboolean
read_tag (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  guint id = _hotplug_xml_element_number (element, "id", 10, VLAN_MAX);

  place->nic->vlan = place->vlan_tags++ == 0 ? id : 0;
  return TRUE;
}

/* libvirt 9.0.0 src/conf/domain_conf.c:9524 */
static gboolean
read_mac (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  g_autofree char *text = _hotplug_xml_element_dup (element, "address");
  g_autofree char *mac = _hotplug_mac_normalize (text);

  if (text == NULL)
    return TRUE;
  if (mac == NULL)
    _hotplug_xml_element_fail (element, "the address of a <mac> is no MAC");
  else
    _hotplug_place_keep_text (place, mac, &place->nic->mac);
  return TRUE;
}

static gboolean
read_target (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "dev", (const char **)&place->nic->tap);
  return TRUE;
}

static gboolean
read_driver (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->nic->queues = _hotplug_xml_element_number (element, "queues", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_link (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->nic->link_down = _hotplug_xml_element_says (element, "state", "down");
  return TRUE;
}

static gboolean
read_mtu (const HotplugXmlElement *element, gpointer user_data)
{
  ((HotplugPlace *)user_data)->nic->mtu = _hotplug_xml_element_number (element, "size", 10, G_MAXINT);
  return TRUE;
}

static gboolean
read_filter (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  _hotplug_place_keep_first (place, element, "filter", (const char **)&place->nic->filter);
  return TRUE;
}

static const HotplugXmlRule vlan_rules[] = {
  { "tag", .open = read_tag },
  { NULL },
};

const HotplugXmlRule _hotplug_place_nic_rules[] = {
  { "mac", .open = read_mac },
  { "source", .open = read_source },
  { "virtualport", .open = read_virtualport },
  { "vlan", vlan_rules },
  { "target", .open = read_target },
  { "model", .open = _hotplug_place_read_model },
  { "driver", .open = read_driver },
  { "link", .open = read_link },
  { "mtu", .open = read_mtu },
  { "filterref", .open = read_filter },
  { "alias", .open = _hotplug_place_read_alias },
  { "address", .open = _hotplug_place_read_address },
  { "boot", .open = _hotplug_place_read_boot },
  { NULL },
};
