/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-interface-change-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "vmi/hotplug-addition-interface-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "vmi/hotplug-interface-change-private.h"
#include "xml/hotplug-record-xml-private.h"

static void
clear_step (HotplugInterfaceStep *step)
{
  g_clear_pointer (&step->before, g_free);
  g_clear_pointer (&step->after, g_free);
}

void
_hotplug_interface_change_clear (HotplugInterfaceChange *self)
{
  g_free (self->network);
  _hotplug_network_connection_clear (&self->connection);
  _hotplug_machine_text_clear (&self->text);
  clear_step (&self->template_step);
  clear_step (&self->record_step);
  clear_step (&self->live_step);
  g_free (self->restricted);
  g_free (self->moved);
}

const HotplugNic *
_hotplug_interface_change_nic (const HotplugInterfaceChange *change)
{
  if (change->live != NULL)
    return change->live;
  return change->configured != NULL ? change->configured : change->record->nic;
}

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (session->vmi);

  if ((flags & HOTPLUG_PLUG_PERSIST) && !session->persistent)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it has no template that a change could be persisted in", vmi);
      return FALSE;
    }
  if (!(flags & HOTPLUG_PLUG_PERSIST) && session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running; with persist the interface is changed in its template", vmi);
      return FALSE;
    }
  return TRUE;
}

/* Where it is, of what the call is to change; what is not persisted has its record for a template. */
static gboolean
find (HotplugSession *session, HotplugInterfaceChange *change, GError **error)
{
  const char *name = change->wanted->name;
  gboolean persist = (change->wanted->flags & HOTPLUG_PLUG_PERSIST) != 0;
  HotplugInterfaceVerb verb = change->wanted->attachment != NULL ? HOTPLUG_INTERFACE_MOVE : HOTPLUG_INTERFACE_SET_LINK;
  HotplugSides sides = _hotplug_session_sides (session);
  g_autofree char *alias = _hotplug_interface_alias (name);

  if (!_hotplug_interface_admission_change (&sides, name, verb, error))
    return FALSE;

  change->live = _hotplug_domain_find_nic_named (session->live, name);
  change->configured = persist ? _hotplug_domain_find_nic_named (session->template, name) : NULL;
  change->kept = persist ? NULL : _hotplug_domain_find_nic_named (session->template, name);
  change->record = _hotplug_domain_find_record (_hotplug_session_record_side (session), alias);
  if (change->record == NULL && (change->configured != NULL || session->template == NULL))
    change->record = _hotplug_domain_find_name (_hotplug_session_record_side (session), alias);
  if (change->record != NULL || change->configured != NULL || (change->live != NULL && !persist))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": interface \"%s\" is not in %s",
               hotplug_vmi_get_name (session->vmi), name,
               persist ? "its template" : "the running machine; with persist it is changed in the template");
  return FALSE;
}

/* A move of what the guest has, on both sides if it is in the template: that is what a record can say */
static gboolean
can_wait (const HotplugInterfaceChange *change)
{
  return change->live != NULL && change->kept == NULL && change->wanted->state == HOTPLUG_INTERFACE_STATE_UNCHANGED
         && (change->configured != NULL || (change->record != NULL && change->record->state != HOTPLUG_RECORD_NAMED));
}

static gboolean
connect_it (HotplugSession *session, HotplugInterfaceChange *change, GError **error)
{
  static const HotplugLinkEdit links[] = { [HOTPLUG_INTERFACE_STATE_UP] = HOTPLUG_LINK_UP,
                                           [HOTPLUG_INTERFACE_STATE_DOWN] = HOTPLUG_LINK_DOWN,
                                           [HOTPLUG_INTERFACE_STATE_ABSENT] = HOTPLUG_LINK_AS_IT_IS,
                                           [HOTPLUG_INTERFACE_STATE_UNCHANGED] = HOTPLUG_LINK_AS_IT_IS };
  const char *vmi = hotplug_vmi_get_name (session->vmi);
  HotplugNetworkAttachment *attachment = change->wanted->attachment;

  change->edit.link = links[change->wanted->state];
  if (change->edit.link != HOTPLUG_LINK_AS_IT_IS
      && !_hotplug_interface_check_link (_hotplug_interface_change_nic (change), vmi, error))
    return FALSE;
  if (attachment == NULL)
    return TRUE;

  change->network = _hotplug_network_attachment_dup_title (attachment);
  change->edit.connection = &change->connection;
  if (!can_wait (change))
    return _hotplug_host_connect_network (hotplug_vmi_get_host (session->vmi), attachment, &change->connection, error)
           && (change->live == NULL || _hotplug_interface_check_move (change->live, &change->connection, vmi, error));
  return _hotplug_session_connect_or_wait (session, attachment, &change->connection, &change->waits, error)
         && (change->waits || _hotplug_interface_check_move (change->live, &change->connection, vmi, error));
}

/* Its XML, as it is and as it is to be; neither if that is the same */
static gboolean
plan_step (const char *text, const HotplugNic *nic, const HotplugNicEdit *edit, HotplugInterfaceStep *step,
           GError **error)
{
  const char *key = _hotplug_nic_key (nic);

  step->before = _hotplug_nic_xml_change (text != NULL ? text : "", key, NULL, error);
  step->after = step->before != NULL ? _hotplug_nic_xml_change (text, key, edit, error) : NULL;
  if (step->after == NULL)
    return FALSE;
  if (_hotplug_nic_xml_stands (text, key, step->after))
    clear_step (step);
  return TRUE;
}

static gboolean
plan_template (HotplugInterfaceChange *change, GError **error)
{
  HotplugNicEdit edit = change->edit;

  edit.takes_mtu = TRUE;
  return change->configured == NULL
         || plan_step (change->text.template, change->configured, &edit, &change->template_step, error);
}

/* libvirt's one call changes bridge, filter and link in this order, and does not take back the first when the second
 * fails (9.0.0 src/qemu/qemu_hotplug.c:3889). So each has a call of its own where there are several: first what
 * restricts, the filter that is new and the link that goes down, then the move, then what lets go. The guest is at no
 * time where it is not to be with less than one of the two networks asks for. */
static gboolean
plan_live (HotplugInterfaceChange *change, GError **error)
{
  const HotplugNic *nic = change->live;
  const char *filter = change->edit.connection != NULL ? change->connection.filter : NULL;

  if (nic == NULL)
    return TRUE;

  gboolean filters = filter != NULL && g_strcmp0 (filter, nic->filter) != 0;
  gboolean goes_down = change->edit.link == HOTPLUG_LINK_DOWN && !nic->link_down;
  const HotplugNicEdit restricts = { .filter = filters ? filter : NULL,
                                     .link = goes_down ? HOTPLUG_LINK_DOWN : HOTPLUG_LINK_AS_IT_IS };
  const HotplugNicEdit moves = { .connection = change->edit.connection,
                                 .filter = filter != NULL ? filter : nic->filter,
                                 .link = restricts.link };
  const char *key = _hotplug_nic_key (nic);
  if (!plan_step (change->text.live, nic, &change->edit, &change->live_step, error))
    return FALSE;
  if (change->live_step.after == NULL)
    return TRUE;
  change->restricted = _hotplug_nic_xml_change (change->text.live, key, &restricts, error);
  change->moved = _hotplug_nic_xml_change (change->text.live, key, &moves, error);
  return change->restricted != NULL && change->moved != NULL;
}

/* A move is instead of the one that was waited for; of what is in the template the record says but the name there. */
static void
end_wait (const HotplugInterfaceChange *change, HotplugRecord *now)
{
  now->state = change->configured != NULL || change->kept != NULL ? HOTPLUG_RECORD_NAMED : HOTPLUG_RECORD_ATTACHED;
  if (change->kept == NULL)
    return;
  _hotplug_nic_free (now->nic);
  now->nic = _hotplug_nic_copy (change->kept);
}

/* It follows what the guest has, as it is what comes back. */
static void
plan_record (HotplugInterfaceChange *change)
{
  const HotplugRecord *record = change->record;

  if (record == NULL)
    return;

  g_autoptr (HotplugRecord) now = _hotplug_record_copy (record);
  /* what it is to be is written anew; the guest's own follows when it has it */
  g_clear_pointer (&now->nic->xml, g_free);
  if (change->edit.connection != NULL)
    {
      g_clear_pointer (&now->nic, _hotplug_nic_free);
      now->nic = _hotplug_nic_moved (record->nic, &change->connection, change->network);
      now->nic->mtu = change->connection.mtu;
    }
  if (change->edit.link != HOTPLUG_LINK_AS_IT_IS && record->state != HOTPLUG_RECORD_NAMED)
    now->nic->link_down = change->edit.link == HOTPLUG_LINK_DOWN;
  if (change->edit.connection != NULL && change->live != NULL && record->state == HOTPLUG_RECORD_PENDING)
    end_wait (change, now);
  change->record_step.before = _hotplug_record_to_text (record);
  change->record_step.after = _hotplug_record_to_text (now);
  if (strcmp (change->record_step.before, change->record_step.after) == 0)
    clear_step (&change->record_step);
}

/* It stays where it is, and a record says where it is to be. */
static void
plan_to_wait (HotplugInterfaceChange *change)
{
  const HotplugNetworkConnection there = _hotplug_pending_connection (change->wanted->attachment);
  g_autoptr (HotplugNic) nic = _hotplug_nic_moved (change->live, &there, change->network);
  g_autoptr (HotplugRecord) record = _hotplug_record_new_for_nic (HOTPLUG_RECORD_PENDING, nic);

  record->persist = change->configured != NULL;
  change->record_step.after = _hotplug_record_to_text (record);
}

gboolean
_hotplug_interface_change_plan (HotplugSession *session, HotplugInterfaceChange *change, GError **error)
{
  if (!check_sides (session, change->wanted->flags, error) || !find (session, change, error)
      || !connect_it (session, change, error))
    return FALSE;
  if (change->waits)
    return plan_to_wait (change), TRUE;
  if (!_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi),
                                            HOTPLUG_LOOK_DEVICES, &change->text, error)
      || !plan_template (change, error) || !plan_live (change, error))
    return FALSE;
  plan_record (change);
  return TRUE;
}
