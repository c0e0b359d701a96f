/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-network-xml-private.h"
#include "xml/hotplug-xml-reader-private.h"

static gboolean
open_port (const HotplugXmlElement *element, gpointer user_data)
{
  gboolean *ovs = user_data;

  *ovs = *ovs || _hotplug_xml_element_says (element, "type", "openvswitch");
  return FALSE;
}

gboolean
_hotplug_network_xml_read_ovs (const char *xml, gboolean *ovs, GError **error)
{
  static const HotplugXmlRule children[] = { { .name = "virtualport", .open = open_port }, { NULL } };
  static const HotplugXmlRule root[] = { { .name = "network", .children = children }, { NULL } };

  *ovs = FALSE;
  return _hotplug_xml_read (xml, "network XML", root, ovs, error);
}
