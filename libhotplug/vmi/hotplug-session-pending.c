/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-network-attachment.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-interface-change-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "rules/hotplug-placement-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-nic-change-xml-private.h"

/* Interfaces that were recorded because the host that had the machine could not connect them: they are attached, or
 * moved, when it starts, and when it has come to another host. One that can't be now either stays recorded, and keeps
 * nothing else from going on.
 *
 * The record says pending until all is done, and each step is skipped that was done before: whoever comes next goes on
 * where a killed client has stopped. */

/* As the host has it under its name; one that was handed in, as the record keeps it */
static HotplugNetworkAttachment *
find_attachment (HotplugHost *host, const HotplugNic *nic, GError **error)
{
  gboolean ovs = g_strcmp0 (nic->virtualport, "openvswitch") == 0;
  HotplugNetworkAttachment *attachment = hotplug_host_get_network_attachment (host, nic->attachment, NULL, NULL);

  return attachment != NULL
             ? attachment
             : g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, error, "name", _hotplug_nic_name (nic), "bridge",
                               nic->source, "plugin", ovs ? HOTPLUG_NETWORK_PLUGIN_OVS : HOTPLUG_NETWORK_PLUGIN_BRIDGE,
                               "mtu", nic->mtu, "vlan", nic->vlan, "mac-spoof-check", nic->filter != NULL, NULL);
}

gboolean
_hotplug_pending_connect (HotplugHost *host, const HotplugNic *nic, HotplugNetworkConnection *out, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment = find_attachment (host, nic, error);

  return attachment != NULL && _hotplug_host_connect_network (host, attachment, out, error);
}

/* The device that it becomes on this host, with a place of its own */
static HotplugNic *
connect_it (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  HotplugSides sides = _hotplug_session_sides (session);
  g_auto (HotplugNetworkConnection) connection = { 0 };
  HotplugPort port;

  if (!_hotplug_pending_connect (hotplug_vmi_get_host (session->vmi), nic, &connection, error)
      || !_hotplug_interface_place (&sides, _hotplug_nic_name (nic), &port, error))
    return NULL;

  HotplugNic *connected = _hotplug_nic_moved (nic, &connection, nic->attachment);
  connected->mtu = connection.mtu;
  connected->address = port.live;
  return connected;
}

/* Where it already is when it came in a migration that has moved it on the way */
static gboolean
move_side (HotplugSession *session, HotplugSide side, const char *text, const char *alias, const HotplugNicEdit *edit,
           GError **error)
{
  g_autofree char *device = _hotplug_nic_xml_change (text, alias, edit, error);

  return device != NULL
         && (_hotplug_nic_xml_stands (text, alias, device)
             || _hotplug_connection_update (session->connection, hotplug_vmi_get_uuid (session->vmi), side, device,
                                            error));
}

static gboolean
move (HotplugSession *session, const HotplugRecord *pending, GError **error)
{
  const char *alias = pending->nic->alias;
  g_auto (HotplugNetworkConnection) connection = { 0 };
  g_auto (HotplugMachineText) text = { 0 };
  HotplugNicEdit edit = { .connection = &connection, .takes_mtu = TRUE };

  if (!_hotplug_pending_connect (hotplug_vmi_get_host (session->vmi), pending->nic, &connection, error)
      || !_hotplug_interface_check_move (_hotplug_domain_find_nic (session->live, alias), &connection,
                                         hotplug_vmi_get_name (session->vmi), error)
      || !_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi),
                                            HOTPLUG_LOOK_DEVICES, &text, error))
    return FALSE;
  if (_hotplug_domain_has_alias (session->template, alias)
      && !move_side (session, HOTPLUG_SIDE_TEMPLATE, text.template, alias, &edit, error))
    return FALSE;
  edit.takes_mtu = FALSE;
  return move_side (session, HOTPLUG_SIDE_LIVE, text.live, alias, &edit, error)
         && _hotplug_session_refresh (session, error);
}

static gboolean
attach_live (HotplugSession *session, const HotplugNic *nic, GError **error)
{
  g_autoptr (HotplugNic) connected = connect_it (session, nic, error);
  if (connected == NULL)
    return FALSE;

  g_autoptr (HotplugRecord) device = _hotplug_record_new_for_nic (HOTPLUG_RECORD_ATTACHED, connected);
  g_autofree char *xml = _hotplug_record_to_device_xml (device);
  return _hotplug_connection_attach (session->connection, hotplug_vmi_get_uuid (session->vmi), HOTPLUG_SIDE_LIVE, xml,
                                     error)
         && _hotplug_session_refresh (session, error);
}

static void
add_spare_port (const HotplugDomain *template, const HotplugAddress *place, GPtrArray *devices)
{
  HotplugPlacement placement = { .port.template = *place };

  _hotplug_placement_keep_spare (&placement, template);
  g_autofree char *alias = _hotplug_port_alias (placement.spare);
  const HotplugController spare = _hotplug_placement_spare_port (&placement, alias);
  if (spare.index != 0)
    g_ptr_array_add (devices, _hotplug_controller_to_xml (&spare));
}

/* At the place that it has in the running machine; libvirt's choice if that is not free there */
static gboolean
attach_template (HotplugSession *session, const HotplugRecord *device, GError **error)
{
  g_autoptr (HotplugRecord) configured = _hotplug_record_copy (device);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);

  if (_hotplug_domain_has_alias (session->template, _hotplug_record_alias (device)))
    return TRUE;
  _hotplug_record_leave_tap (configured);
  if (_hotplug_domain_has_pci (session->template, &configured->nic->address))
    configured->nic->address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  add_spare_port (session->template, &configured->nic->address, devices);
  g_ptr_array_add (devices, _hotplug_record_to_device_xml (configured));
  return _hotplug_session_add_to_template (session, devices, error);
}

static gboolean
attach_one (HotplugSession *session, const HotplugRecord *pending, GError **error)
{
  g_autoptr (GPtrArray) done = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);

  if (session->live == NULL)
    return FALSE;
  if (pending->state == HOTPLUG_RECORD_ATTACHED)
    return _hotplug_session_bring_one_back (session, pending, error)
           && _hotplug_session_refresh (session, error);
  if (!(_hotplug_domain_has_alias (session->live, pending->nic->alias) ? move (session, pending, error)
                                                                       : attach_live (session, pending->nic, error)))
    return FALSE;

  HotplugRecord *device = _hotplug_record_new_of (pending->persist ? HOTPLUG_RECORD_NAMED : HOTPLUG_RECORD_ATTACHED,
                                                  session->live, pending->nic->alias);
  if (device == NULL)
    return FALSE;
  g_ptr_array_add (done, device);
  if (device->nic->attachment == NULL)
    device->nic->attachment = g_strdup (pending->nic->attachment);
  return (!pending->persist || attach_template (session, device, error))
         && _hotplug_session_put_records (session, done, error) && _hotplug_session_refresh (session, error);
}

static void
tell (HotplugSession *session, const char *alias)
{
  const HotplugNic *nic = _hotplug_domain_find_nic (session->live, alias);

  if (nic == NULL)
    return;
  g_autoptr (HotplugInterfaceStatus) status = _hotplug_report_nic (session, nic, HOTPLUG_INTERFACE_PHASE_READY, NULL);
  _hotplug_vmi_emit_interface_status (session->vmi, status);
}

/* Copies, as the session looks at the machine again */
static GPtrArray *
list_pending (const HotplugSession *session)
{
  GPtrArray *pending = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);

  for (guint i = 0; session->template != NULL && i < session->template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (session->template->records, i);
      if (record->state == HOTPLUG_RECORD_PENDING || (record->nic != NULL && _hotplug_session_lacks (session, record)))
        g_ptr_array_add (pending, _hotplug_record_copy (record));
    }
  return pending;
}

gboolean
_hotplug_session_attach_pending (HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) pending = list_pending (session);

  for (guint i = 0; i < pending->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (pending, i);
      g_autoptr (GError) refused = NULL;

      if (attach_one (session, record, &refused))
        tell (session, record->nic->alias);
      else if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
        {
          g_propagate_error (error, g_steal_pointer (&refused));
          return FALSE;
        }
      else
        g_debug ("vmi \"%s\": interface \"%s\" stays pending: %s", hotplug_vmi_get_name (session->vmi),
                 _hotplug_nic_name (record->nic), refused != NULL ? refused->message : "it went again");
    }
  return TRUE;
}
