/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "xml/hotplug-place-private.h"

/* Sockets and processors of the host that a machine is started with */

/* MEASURED of QEMU 7.2: where a server is named without a port */
#define NBD_PORT 10809
#define ISCSI_PORT 3260

static guint
port_of (const HotplugXmlElement *element, const char *attribute)
{
  g_autofree char *text = _hotplug_xml_element_dup (element, attribute);
  guint64 port = 0;

  /* "-1" is one that libvirt finds, and a service's name is the hypervisor's to look up */
  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL) ? (guint)port : 0;
}

static void
keep_socket (HotplugPlace *place, const HotplugHostSocket *socket)
{
  if (socket->host != NULL || socket->port > 0)
    g_array_append_vals (place->domain->sockets, socket, 1);
}

void
_hotplug_place_read_chardev_socket (HotplugPlace *place, const HotplugXmlElement *element)
{
  gboolean datagram = g_strcmp0 (place->device.type, "udp") == 0;
  const HotplugHostSocket socket = {
    .what = place->device.element,
    .host = _hotplug_place_keep (place, element, "host"),
    .port = port_of (element, "service"),
    .datagram = datagram,
    .binds = _hotplug_xml_element_says (element, "mode", "bind"),
  };

  /* nobody needs to be there whom datagrams are sent to */
  if ((datagram && socket.binds) || g_strcmp0 (place->device.type, "tcp") == 0)
    keep_socket (place, &socket);
}

/* libvirt writes its first address as an attribute too. Its elements come later, and tell more. */
gboolean
_hotplug_place_open_graphics (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  gboolean finds = _hotplug_xml_element_says (element, "autoport", "yes");

  _hotplug_place_open_device (element, place);
  place->port = finds ? 0 : port_of (element, "port");
  return TRUE;
}

gboolean
_hotplug_place_open_listen (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;
  const HotplugHostSocket socket = {
    .what = place->device.element,
    .host = _hotplug_place_keep (place, element, "address"),
    .port = place->port,
    .binds = TRUE,
  };

  g_autofree char *path = _hotplug_xml_element_dup (element, "socket");
  if (path != NULL && _hotplug_xml_element_says (element, "type", "socket"))
    _hotplug_place_keep_directory (place, place->device.element, path);
  /* that of a network is known when it starts */
  if (_hotplug_xml_element_says (element, "type", "address"))
    keep_socket (place, &socket);
  return TRUE;
}

void
_hotplug_place_keep_server (HotplugPlace *place)
{
  const HotplugNetworkSource *network = &place->network;
  gboolean nbd = g_strcmp0 (network->protocol, "nbd") == 0;

  if (place->role != HOTPLUG_IMAGE_ROLE_TOP || network->host == NULL
      || (!nbd && g_strcmp0 (network->protocol, "iscsi") != 0))
    return;

  const HotplugHostSocket socket = {
    .what = "disk",
    .host = g_string_chunk_insert (place->domain->strings, network->host),
    .port = network->port > 0 ? network->port : nbd ? NBD_PORT : ISCSI_PORT,
  };
  keep_socket (place, &socket);
}

/* Nobody needs to listen: QEMU asks again and again. The file of a socket must be there, which libvirt labels. */
gboolean
_hotplug_place_open_reconnect (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugPlace *place = user_data;

  if (!_hotplug_xml_element_says (element, "enabled", "yes"))
    return TRUE;
  g_array_set_size (place->domain->sockets, place->sockets);
  for (guint i = place->files; i < place->domain->files->len; i++)
    g_array_index (place->domain->files, HotplugHostFile, i).socket = FALSE;
  return TRUE;
}

gboolean
_hotplug_place_open_pin (const HotplugXmlElement *element, gpointer user_data)
{
  /* the others may be processors that are not plugged in yet */
  return !_hotplug_xml_element_has (element, "vcpu") || _hotplug_xml_element_says (element, "vcpu", "0")
             ? _hotplug_place_read_processors (element, user_data)
             : TRUE;
}

/* Of "4-7,^5,2" it is 3: where the host has the lowest, there is one to run on, and some hosts are content with that.
 */
gboolean
_hotplug_place_read_processors (const HotplugXmlElement *element, gpointer user_data)
{
  HotplugDomain *domain = ((HotplugPlace *)user_data)->domain;
  g_autofree char *set = _hotplug_xml_element_dup (element, "cpuset");
  g_auto (GStrv) numbers = g_strsplit_set (set != NULL ? set : "", ",-", -1);
  guint64 lowest = G_MAXUINT16;

  for (guint i = 0; numbers[i] != NULL; i++)
    {
      guint64 number;
      if (g_ascii_string_to_unsigned (g_strstrip (numbers[i]), 10, 0, G_MAXUINT16, &number, NULL))
        lowest = MIN (lowest, number);
    }
  if (lowest < G_MAXUINT16)
    domain->processors = MAX (domain->processors, (guint)lowest + 1);
  return TRUE;
}
