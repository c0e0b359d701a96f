/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "vmi/hotplug-addition-interface-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "xml/hotplug-domain-xml-private.h"

static void
take_macs (const HotplugDomain *domain, GHashTable *macs)
{
  for (guint i = 0; domain != NULL && i < domain->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (domain->nics, i);
      if (nic->mac != NULL)
        g_hash_table_insert (macs, g_strdup (nic->mac), g_strdup (domain->name));
    }
  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->nic != NULL && record->nic->mac != NULL)
        g_hash_table_insert (macs, g_strdup (record->nic->mac), g_strdup (domain->name));
    }
}

/* libvirt writes a MAC address in one way (9.0.0 src/util/virmacaddr.c, virMacAddrFormat ()), and a record has it in
 * the same: XML without it is not parsed, which is most of what a machine costs here but for the calls. */
static gboolean
may_have (const HotplugMachineText *text, const char *mac)
{
  return (text->live != NULL && strstr (text->live, mac) != NULL)
         || (text->template != NULL && strstr (text->template, mac) != NULL);
}

/* Of the host's other machines that may have @mac, as they run or are defined. What can't be read is on its way out. */
static GHashTable *
list_other_macs (HotplugSession *session, const char *mac, GError **error)
{
  g_auto (GStrv) machines = _hotplug_connection_list_machines (session->connection, error);
  g_autoptr (GHashTable) macs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (machines == NULL)
    return NULL;

  for (guint i = 0; machines[i] != NULL; i++)
    {
      g_auto (HotplugMachineText) text = { 0 };

      if (strcmp (machines[i], hotplug_vmi_get_uuid (session->vmi)) == 0
          || !_hotplug_connection_read_machine (session->connection, machines[i], HOTPLUG_LOOK_DEVICES, &text, NULL)
          || !may_have (&text, mac))
        continue;

      g_autoptr (HotplugDomain) live = text.live != NULL ? _hotplug_domain_from_xml (text.live, NULL) : NULL;
      g_autoptr (HotplugDomain) template = text.template != NULL ? _hotplug_domain_from_xml (text.template, NULL)
                                                                 : NULL;
      take_macs (live, macs);
      take_macs (template, macs);
    }
  return g_steal_pointer (&macs);
}

/* Only a MAC address that was given is asked for over the whole host, at the price of reading each machine: one that is
 * made has 40 random bits. */
static gboolean
admit (HotplugSession *session, HotplugInterface *interface, GError **error)
{
  HotplugSides sides = _hotplug_session_sides (session);
  const char *mac = hotplug_interface_get_mac (interface);
  g_autoptr (GHashTable) others = NULL;

  if (mac != NULL && (others = list_other_macs (session, mac, error)) == NULL)
    return FALSE;
  return _hotplug_interface_admission_add (&sides, interface, others, error);
}

static HotplugNetworkAttachment *
find_attachment (HotplugSession *session, HotplugInterface *interface, GError **error)
{
  HotplugNetworkAttachment *attachment = hotplug_interface_get_attachment (interface);

  if (attachment != NULL)
    return g_object_ref (attachment);
  return hotplug_host_get_network_attachment (hotplug_vmi_get_host (session->vmi),
                                              hotplug_interface_get_network (interface), NULL, error);
}

HotplugNetworkConnection
_hotplug_pending_connection (HotplugNetworkAttachment *attachment)
{
  gboolean filters = hotplug_network_attachment_get_mac_spoof_check (attachment);

  return (HotplugNetworkConnection){
    .source = (char *)hotplug_network_attachment_get_bridge (attachment),
    .ovs = hotplug_network_attachment_get_plugin (attachment) == HOTPLUG_NETWORK_PLUGIN_OVS,
    .vlan = hotplug_network_attachment_get_vlan (attachment),
    .mtu = hotplug_network_attachment_get_mtu (attachment),
    .filter = filters ? (char *)HOTPLUG_MAC_FILTER : NULL,
  };
}

/* Where it is to be on a host that has its network; the place is chosen there */
static void
set_pending (HotplugAdditionItem *item, HotplugSession *session, HotplugInterface *interface,
             HotplugNetworkAttachment *attachment, gboolean persist)
{
  static const HotplugAddress nowhere = { .kind = HOTPLUG_ADDRESS_NONE };
  HotplugSides sides = _hotplug_session_sides (session);
  const HotplugNetworkConnection connection = _hotplug_pending_connection (attachment);
  g_autofree char *mac = _hotplug_interface_choose_mac (interface, &sides, NULL);
  g_autoptr (HotplugNic)
      nic = _hotplug_interface_to_nic (interface, &connection, hotplug_vmi_get_uuid (session->vmi), mac, &nowhere);

  item->pending = TRUE;
  item->device = _hotplug_record_new_for_nic (HOTPLUG_RECORD_PENDING, nic);
  item->device->persist = persist;
}

/* A running machine may come to a host that has the bridge, or find it here when it starts; a transient one has no
 * place for the record, and what is not running has its template. */
static gboolean
can_wait (const HotplugSession *session)
{
  return session->live != NULL && session->template != NULL;
}

gboolean
_hotplug_session_connect_or_wait (HotplugSession *session, HotplugNetworkAttachment *attachment,
                                  HotplugNetworkConnection *connection, gboolean *pending, GError **error)
{
  HotplugHost *host = hotplug_vmi_get_host (session->vmi);
  g_autoptr (GError) refused = NULL;

  *pending = can_wait (session) && _hotplug_host_get_configuration (host)->attaches_by_migration;
  if (*pending || _hotplug_host_connect_network (host, attachment, connection, &refused))
    return TRUE;
  *pending = can_wait (session) && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_MISSING);
  if (!*pending)
    g_propagate_error (error, g_steal_pointer (&refused));
  return *pending;
}

gboolean
_hotplug_addition_plan_interface (HotplugSession *session, HotplugInterface *interface, gboolean persist,
                                  HotplugAdditionItem *item, GError **error)
{
  HotplugSides sides = _hotplug_session_sides (session);
  HotplugPlacement *place = &item->placement;
  g_auto (HotplugNetworkConnection) connection = { 0 };
  gboolean pending;

  if (!admit (session, interface, error))
    return FALSE;
  g_autoptr (HotplugNetworkAttachment) attachment = find_attachment (session, interface, error);
  if (attachment == NULL || !_hotplug_session_connect_or_wait (session, attachment, &connection, &pending, error))
    return FALSE;
  if (pending)
    {
      set_pending (item, session, interface, attachment, persist);
      return TRUE;
    }
  if (!_hotplug_interface_place (&sides, hotplug_interface_get_name (interface), &place->port, error))
    return FALSE;

  place->address = session->live != NULL ? place->port.live : place->port.template;
  place->template_address = place->port.template;
  g_autofree char *mac = _hotplug_interface_choose_mac (interface, &sides, NULL);
  g_autoptr (HotplugNic) nic = _hotplug_interface_to_nic (interface, &connection, hotplug_vmi_get_uuid (session->vmi),
                                                          mac, &place->address);
  item->device = _hotplug_record_new_for_nic (HOTPLUG_RECORD_ATTACHED, nic);
  return TRUE;
}
