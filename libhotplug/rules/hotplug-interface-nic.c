/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-mac-private.h"
#include "base/hotplug-name-private.h"
#include "rules/hotplug-interface-nic-private.h"

#define TAP_PREFIX "tap"

/* KubeVirt's: pkg/network/namescheme/networknamescheme.go */
#define TAP_DIGITS 11

char *
_hotplug_interface_tap (const char *uuid, const char *name)
{
  g_autofree char *whole = g_strconcat (uuid, "/", name, NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);

  return g_strdup_printf (TAP_PREFIX "%.*s", TAP_DIGITS, sum);
}

static void
take_macs (const HotplugDomain *domain, GHashTable *taken)
{
  for (guint i = 0; domain != NULL && i < domain->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (domain->nics, i);
      if (nic->mac != NULL)
        g_hash_table_add (taken, g_strdup (nic->mac));
    }
  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->nic != NULL && record->nic->mac != NULL)
        g_hash_table_add (taken, g_strdup (record->nic->mac));
    }
}

char *
_hotplug_interface_choose_mac (HotplugInterface *interface, const HotplugSides *sides, GHashTable *others)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer mac;

  if (hotplug_interface_get_mac (interface) != NULL)
    return g_strdup (hotplug_interface_get_mac (interface));

  take_macs (sides->live, taken);
  take_macs (sides->template, taken);
  if (others != NULL)
    {
      g_hash_table_iter_init (&iter, others);
      while (g_hash_table_iter_next (&iter, &mac, NULL))
        g_hash_table_add (taken, g_strdup (mac));
    }
  return _hotplug_mac_make (taken);
}

gboolean
_hotplug_interface_place (const HotplugSides *sides, const char *name, HotplugPort *out, GError **error)
{
  g_autofree char *what = g_strdup_printf ("interface \"%s\"", name);

  return _hotplug_port_choose (sides, HOTPLUG_PCI_CLASS_EITHER, what, out, error);
}

/* Where it is connected to, and what holds for whoever is: the rest stays */
static void
connect_to (HotplugNic *nic, const HotplugNetworkConnection *connection)
{
  nic->type = g_strdup (connection != NULL && connection->network ? "network" : "bridge");
  if (connection == NULL)
    return;

  nic->source = g_strdup (connection->source);
  nic->virtualport = connection->ovs ? g_strdup ("openvswitch") : NULL;
  nic->filter = g_strdup (connection->filter);
  nic->vlan = connection->vlan;
  nic->mtu = connection->mtu;
}

HotplugNic *
_hotplug_interface_to_nic (HotplugInterface *interface, const HotplugNetworkConnection *connection, const char *uuid,
                           const char *mac, const HotplugAddress *address)
{
  const char *name = hotplug_interface_get_name (interface);
  HotplugNic *nic = _hotplug_nic_new ();

  connect_to (nic, connection);
  nic->alias = _hotplug_interface_alias (name);
  nic->attachment = g_strdup (hotplug_interface_get_network (interface));
  nic->mac = g_strdup (mac);
  nic->model = g_strdup (hotplug_interface_get_model (interface));
  nic->tap = _hotplug_interface_tap (uuid, name);
  nic->queues = hotplug_interface_get_queues (interface);
  nic->boot_order = hotplug_interface_get_boot_order (interface);
  nic->link_down = hotplug_interface_get_state (interface) == HOTPLUG_INTERFACE_STATE_DOWN;
  nic->address = *address;
  return nic;
}

/* The MTU stays as it is, since no hypervisor changes it in a running machine: libvirt 9.0.0
 * src/qemu/qemu_hotplug.c:3678 */
HotplugNic *
_hotplug_nic_moved (const HotplugNic *nic, const HotplugNetworkConnection *connection, const char *network)
{
  HotplugNic *moved = _hotplug_nic_copy (nic);

  g_clear_pointer (&moved->type, g_free);
  g_clear_pointer (&moved->source, g_free);
  g_clear_pointer (&moved->bridge, g_free);
  g_clear_pointer (&moved->network, g_free);
  g_clear_pointer (&moved->virtualport, g_free);
  g_clear_pointer (&moved->filter, g_free);
  g_clear_pointer (&moved->attachment, g_free);
  g_clear_pointer (&moved->xml, g_free);
  connect_to (moved, connection);
  moved->mtu = nic->mtu;
  moved->attachment = g_strdup (network);
  return moved;
}
