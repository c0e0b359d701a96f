/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libvirt/virterror.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-libvirt-private.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (virNWFilter, virNWFilterFree)

/* NULL for one without a bridge, and one that goes meanwhile */
static HotplugNetworkText *
describe (virNetworkPtr network)
{
  char *bridge = virNetworkGetBridgeName (network);
  char *xml = bridge != NULL ? virNetworkGetXMLDesc (network, 0) : NULL;
  HotplugNetworkText *text = NULL;

  if (xml != NULL)
    {
      text = g_new0 (HotplugNetworkText, 1);
      text->name = g_strdup (virNetworkGetName (network));
      text->bridge = g_strdup (bridge);
      text->xml = g_strdup (xml);
      text->active = virNetworkIsActive (network) == 1;
    }
  free (bridge);
  free (xml);
  return text;
}

/* An embedded driver has no networks, and a host may do without the daemon that has them: machines then get to its
 * bridges by themselves. */
static GPtrArray *
list_networks (HotplugConnection *connection, GError **error)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire ((HotplugLibvirt *)connection, error);
  virNetworkPtr *networks = NULL;

  if (open == NULL)
    return NULL;

  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_network_text_free);
  int count = virConnectListAllNetworks (open, &networks, 0);
  if (count < 0)
    {
      g_autoptr (GError) cause = NULL;
      _hotplug_libvirt_set_error (open, "networks", &cause);
      if (virConnectIsAlive (open) == 1)
        {
          g_debug ("host %s has no networks: %s", _hotplug_connection_get_uri (connection), cause->message);
          return g_steal_pointer (&texts);
        }
      g_propagate_error (error, g_steal_pointer (&cause));
      return NULL;
    }

  for (int i = 0; i < count; i++)
    {
      HotplugNetworkText *text = describe (networks[i]);
      if (text != NULL)
        g_ptr_array_add (texts, text);
      virNetworkFree (networks[i]);
    }
  free (networks);
  return g_steal_pointer (&texts);
}

static gboolean
has_network_filter (HotplugConnection *connection, const char *name)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire ((HotplugLibvirt *)connection, NULL);
  g_autoptr (virNWFilter) filter = open != NULL ? virNWFilterLookupByName (open, name) : NULL;

  return filter != NULL;
}

static guint64
get_libvirt_version (HotplugConnection *connection)
{
  g_autoptr (virConnect) open = _hotplug_libvirt_acquire ((HotplugLibvirt *)connection, NULL);
  unsigned long version = 0;

  return open != NULL && virConnectGetLibVersion (open, &version) == 0 ? version : 0;
}

guint64
_hotplug_libvirt_client_version (void)
{
  unsigned long version = 0;

  return virGetVersion (&version, NULL, NULL) == 0 ? version : 0;
}

void
_hotplug_libvirt_networks_init (HotplugConnectionClass *class)
{
  class->list_networks = list_networks;
  class->has_network_filter = has_network_filter;
  class->get_libvirt_version = get_libvirt_version;
}
