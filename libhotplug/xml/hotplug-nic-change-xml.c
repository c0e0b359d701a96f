/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-mac-private.h"
#include "xml/hotplug-nic-change-xml-private.h"
#include "xml/hotplug-xml-private.h"

#define OPENVSWITCH "openvswitch"

static gboolean
is_called (xmlNode *node, const char *interface)
{
  g_autofree char *alias = _hotplug_xml_dup_value (_hotplug_xml_find (node, "alias"), "name");
  g_autofree char *address = _hotplug_xml_dup_value (_hotplug_xml_find (node, "mac"), "address");
  g_autofree char *mac = _hotplug_mac_normalize (address);

  return _hotplug_xml_is (node, "interface") && (g_strcmp0 (alias, interface) == 0 || g_strcmp0 (mac, interface) == 0);
}

static xmlNode *
find_interface (xmlDoc *document, const char *interface)
{
  xmlNode *devices = _hotplug_xml_find (document != NULL ? xmlDocGetRootElement (document) : NULL, "devices");

  for (xmlNode *node = devices != NULL ? devices->children : NULL; node != NULL; node = node->next)
    {
      if (is_called (node, interface))
        return node;
    }
  return NULL;
}

/* A live interface of a libvirt network is told by what the network has made of it: its type may be the bridge's, and
 * the port and the bridge stand beside the network's name (libvirt 9.0.0 src/conf/domain_conf.c:23575). Told back so,
 * it would be one of the bridge, and the network's no more. */
void
_hotplug_xml_tell_network (xmlNode *node)
{
  static const char *const found[] = { "bridge", "dev", "mode", "portid" };
  xmlNode *source = _hotplug_xml_find (node, "source");

  if (source == NULL || xmlHasProp (source, BAD_CAST "network") == NULL)
    return;

  xmlSetProp (node, BAD_CAST "type", BAD_CAST "network");
  for (gsize i = 0; i < G_N_ELEMENTS (found); i++)
    xmlUnsetProp (source, BAD_CAST found[i]);
}

/* The port of Open vSwitch that it has keeps its id, by which libvirt knows it (9.0.0
 * src/util/virnetdevvportprofile.c:111). */
static void
set_port (xmlNode *node, const HotplugNetworkConnection *connection)
{
  g_autofree char *type = _hotplug_xml_dup_value (_hotplug_xml_find (node, "virtualport"), "type");

  if (g_strcmp0 (type, OPENVSWITCH) == 0 && connection->ovs_port)
    return;
  _hotplug_xml_drop (node, "virtualport");
  if (connection->ovs)
    _hotplug_xml_add (node, "virtualport", "type", OPENVSWITCH, NULL);
}

static void
connect_to (xmlNode *node, const HotplugNetworkConnection *connection)
{
  const char *type = connection->network ? "network" : "bridge";
  g_autofree char *vlan = g_strdup_printf ("%u", connection->vlan);

  xmlSetProp (node, BAD_CAST "type", BAD_CAST type);
  _hotplug_xml_drop (node, "source");
  _hotplug_xml_add (node, "source", type, connection->source, NULL);
  set_port (node, connection);
  _hotplug_xml_drop (node, "vlan");
  if (connection->vlan != 0)
    _hotplug_xml_add (_hotplug_xml_add (node, "vlan", NULL), "tag", "id", vlan, NULL);
}

static void
set_filter (xmlNode *node, const char *filter)
{
  _hotplug_xml_drop (node, "filterref");
  if (filter != NULL)
    _hotplug_xml_add (node, "filterref", "filter", filter, NULL);
}

static void
set_mtu (xmlNode *node, guint mtu)
{
  g_autofree char *size = g_strdup_printf ("%u", mtu);

  _hotplug_xml_drop (node, "mtu");
  if (mtu != 0)
    _hotplug_xml_add (node, "mtu", "size", size, NULL);
}

/* A link that is up is one that nothing is said of, as KubeVirt has it (pkg/network/launcher/nichotplug.go). */
static void
set_link (xmlNode *node, HotplugLinkEdit link)
{
  if (link == HOTPLUG_LINK_AS_IT_IS)
    return;
  _hotplug_xml_drop (node, "link");
  if (link == HOTPLUG_LINK_DOWN)
    _hotplug_xml_add (node, "link", "state", "down", NULL);
}

static void
change (xmlNode *node, const HotplugNicEdit *edit)
{
  const HotplugNetworkConnection *connection = edit->connection;

  if (connection != NULL)
    connect_to (node, connection);
  if (connection != NULL || edit->filter != NULL)
    set_filter (node, edit->filter != NULL ? edit->filter : connection->filter);
  if (connection != NULL && edit->takes_mtu)
    set_mtu (node, connection->mtu);
  set_link (node, edit->link);
}

/* The interface in @document, changed */
static xmlNode *
change_in (xmlDoc *document, const char *interface, const HotplugNicEdit *edit, GError **error)
{
  xmlNode *node = find_interface (document, interface);

  if (node == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "the machine's XML has no interface \"%s\"", interface);
      return NULL;
    }

  _hotplug_xml_tell_network (node);
  if (edit != NULL)
    change (node, edit);
  return node;
}

char *
_hotplug_nic_xml_change (const char *domain, const char *interface, const HotplugNicEdit *edit, GError **error)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);
  xmlNode *node = change_in (document, interface, edit, error);

  return node != NULL ? _hotplug_xml_print (xmlCopyNode (node, 1)) : NULL;
}

char *
_hotplug_nic_xml_change_machine (const char *domain, const char *interface, const HotplugNicEdit *edit, GError **error)
{
  g_autoptr (xmlDoc) document = _hotplug_xml_parse (domain);

  return change_in (document, interface, edit, error) != NULL
             ? _hotplug_xml_print (xmlCopyNode (xmlDocGetRootElement (document), 1))
             : NULL;
}

static gboolean
is_same (xmlNode *a, xmlNode *b, const char *attribute)
{
  g_autofree char *of_a = _hotplug_xml_dup_value (a, attribute);
  g_autofree char *of_b = _hotplug_xml_dup_value (b, attribute);

  return g_strcmp0 (of_a, of_b) == 0;
}

static gboolean
is_down (xmlNode *node)
{
  g_autofree char *state = _hotplug_xml_dup_value (_hotplug_xml_find (node, "link"), "state");

  return g_strcmp0 (state, "down") == 0;
}

static gboolean
is_at (xmlNode *a, xmlNode *b)
{
  xmlNode *source = _hotplug_xml_find (a, "source");
  xmlNode *other = _hotplug_xml_find (b, "source");

  return is_same (a, b, "type") && is_same (source, other, "network") && is_same (source, other, "bridge");
}

static gboolean
stands (xmlNode *a, xmlNode *b)
{
  xmlNode *tag = _hotplug_xml_find (_hotplug_xml_find (a, "vlan"), "tag");
  xmlNode *other = _hotplug_xml_find (_hotplug_xml_find (b, "vlan"), "tag");

  return is_at (a, b) && is_same (tag, other, "id")
         && is_same (_hotplug_xml_find (a, "filterref"), _hotplug_xml_find (b, "filterref"), "filter")
         && is_down (a) == is_down (b);
}

static gboolean
compare (const char *domain, const char *interface, const char *device, gboolean (*func) (xmlNode *a, xmlNode *b))
{
  g_autoptr (xmlDoc) document = domain != NULL ? _hotplug_xml_parse (domain) : NULL;
  g_autoptr (xmlDoc) told = _hotplug_xml_parse (device);
  xmlNode *node = find_interface (document, interface);
  xmlNode *other = told != NULL ? xmlDocGetRootElement (told) : NULL;

  if (node == NULL || other == NULL)
    return FALSE;
  _hotplug_xml_tell_network (node);
  return func (node, other);
}

gboolean
_hotplug_nic_xml_stands (const char *domain, const char *interface, const char *device)
{
  return compare (domain, interface, device, stands);
}

gboolean
_hotplug_nic_xml_is_at (const char *domain, const char *interface, const char *device)
{
  return compare (domain, interface, device, is_at);
}
