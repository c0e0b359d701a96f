/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-interface-change-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-nic-change-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

typedef struct
{
  char *name;
  HotplugInterfaceState state;
  HotplugNetworkAttachment *attachment; /* nullable: it stays where it is */
  HotplugPlugFlags flags;
} Wanted;

/* What is done in one place; both NULL where nothing is */
typedef struct
{
  char *before;
  char *after;
} Step;

typedef struct
{
  const Wanted *wanted;
  const HotplugNic *live;       /* nullable: the running machine does not have it */
  const HotplugNic *configured; /* nullable: the template does not, or is none of the call's */
  const HotplugRecord *record;  /* nullable */
  char *network;                /* nullable: the name of the attachment */
  HotplugNetworkConnection connection;
  HotplugMachineText text;
  HotplugNicEdit edit;
  Step template_step;
  Step record_step;
  Step live_step;
  char *restricted; /* nullable: the first half of the live step; see plan_live () */
  char *moved;      /* nullable: and its middle */
} Change;

static void
clear_step (Step *step)
{
  g_clear_pointer (&step->before, g_free);
  g_clear_pointer (&step->after, g_free);
}

static void
clear_change (Change *self)
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

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, clear_change)

/* Of whichever side has it */
static const HotplugNic *
nic_of (const Change *change)
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
find (HotplugSession *session, Change *change, GError **error)
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

static gboolean
connect_it (HotplugSession *session, Change *change, GError **error)
{
  static const HotplugLinkEdit links[] = { [HOTPLUG_INTERFACE_STATE_UP] = HOTPLUG_LINK_UP,
                                           [HOTPLUG_INTERFACE_STATE_DOWN] = HOTPLUG_LINK_DOWN,
                                           [HOTPLUG_INTERFACE_STATE_ABSENT] = HOTPLUG_LINK_AS_IT_IS,
                                           [HOTPLUG_INTERFACE_STATE_UNCHANGED] = HOTPLUG_LINK_AS_IT_IS };
  const char *vmi = hotplug_vmi_get_name (session->vmi);
  HotplugNetworkAttachment *attachment = change->wanted->attachment;

  change->edit.link = links[change->wanted->state];
  if (change->edit.link != HOTPLUG_LINK_AS_IT_IS && !_hotplug_interface_check_link (nic_of (change), vmi, error))
    return FALSE;
  if (attachment == NULL)
    return TRUE;

  change->network = _hotplug_network_attachment_dup_title (attachment);
  change->edit.connection = &change->connection;
  return _hotplug_host_connect_network (hotplug_vmi_get_host (session->vmi), attachment, &change->connection, error)
         && (change->live == NULL || _hotplug_interface_check_move (change->live, &change->connection, vmi, error));
}

/* Its XML, as it is and as it is to be; neither if that is the same */
static gboolean
plan_step (const char *text, const HotplugNic *nic, const HotplugNicEdit *edit, Step *step, GError **error)
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
plan_template (Change *change, GError **error)
{
  HotplugNicEdit edit = change->edit;

  edit.takes_mtu = TRUE;
  return change->configured == NULL
         || plan_step (change->text.template, change->configured, &edit, &change->template_step, error);
}

/* libvirt's one call changes bridge, filter and link in this order, and does not take back the first when the second fails
 * (9.0.0 src/qemu/qemu_hotplug.c:3889). So each has a call of its own where there are several: first what restricts, the
 * filter that is new and the link that goes down, then the move, then what lets go. The guest is at no time where it is not
 * to be with less than one of the two networks asks for. */
static gboolean
plan_live (Change *change, GError **error)
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

/* It follows what the guest has, as it is what comes back. */
static void
plan_record (Change *change)
{
  const HotplugRecord *record = change->record;

  if (record == NULL)
    return;

  g_autoptr (HotplugRecord) now = _hotplug_record_copy (record);
  if (change->edit.connection != NULL)
    {
      g_clear_pointer (&now->nic, _hotplug_nic_free);
      now->nic = _hotplug_nic_moved (record->nic, &change->connection, change->network);
      now->nic->mtu = change->connection.mtu;
    }
  if (change->edit.link != HOTPLUG_LINK_AS_IT_IS && record->state != HOTPLUG_RECORD_NAMED)
    now->nic->link_down = change->edit.link == HOTPLUG_LINK_DOWN;
  change->record_step.before = _hotplug_record_to_text (record);
  change->record_step.after = _hotplug_record_to_text (now);
  if (strcmp (change->record_step.before, change->record_step.after) == 0)
    clear_step (&change->record_step);
}

/* All that can be checked */
static gboolean
plan (HotplugSession *session, Change *change, GError **error)
{
  if (!check_sides (session, change->wanted->flags, error) || !find (session, change, error)
      || !connect_it (session, change, error)
      || !_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi),
                                            HOTPLUG_LOOK_DEVICES, &change->text, error)
      || !plan_template (change, error) || !plan_live (change, error))
    return FALSE;
  plan_record (change);
  return TRUE;
}

static gboolean
has_steps (const Change *change)
{
  return change->template_step.after != NULL || change->record_step.after != NULL || change->live_step.after != NULL;
}

static gboolean
intend (HotplugSession *session, const Change *change, GError **error)
{
  const char *const names[] = { _hotplug_nic_key (nic_of (change)), NULL };
  HotplugIntent *intent = &session->journal->intent;

  intent->template_before = g_strdup (change->template_step.before);
  intent->template_after = g_strdup (change->template_step.after);
  intent->record_before = g_strdup (change->record_step.before);
  intent->record_after = g_strdup (change->record_step.after);
  intent->live_before = g_strdup (change->live_step.before);
  intent->live_after = g_strdup (change->live_step.after);
  return _hotplug_session_intend (session, HOTPLUG_INTENT_UPDATE, names, error);
}

static gboolean
act_live (HotplugSession *session, const Change *change, GError **error)
{
  const char *const texts[] = { change->restricted, change->moved, change->live_step.after };
  const char *before = change->live_step.before;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      if (strcmp (texts[i], before) != 0
          && !_hotplug_connection_update (session->connection, hotplug_vmi_get_uuid (session->vmi), HOTPLUG_SIDE_LIVE,
                                          texts[i], error))
        return FALSE;
      before = texts[i];
    }
  return TRUE;
}

static gboolean
act (HotplugSession *session, const Change *change, GError **error)
{
  if (change->template_step.after != NULL
      && !_hotplug_connection_update (session->connection, hotplug_vmi_get_uuid (session->vmi), HOTPLUG_SIDE_TEMPLATE,
                                      change->template_step.after, error))
    return FALSE;
  if (change->record_step.after != NULL
      && !_hotplug_session_write_record_text (session, change->record_step.after, error))
    return FALSE;
  return change->live_step.after == NULL || act_live (session, change, error);
}

/* As for a medium: what came of it, since a connection that broke may have broken after the deed */
static gboolean
was_done (HotplugSession *session, const GError *refused)
{
  gboolean done = FALSE;
  g_autoptr (GError) failed = NULL;

  if (!_hotplug_session_refresh (session, &failed)
      || !_hotplug_session_settle_update (session, &session->journal->intent, &done, &failed))
    {
      g_debug ("vmi \"%s\": a change of an interface stays written down: %s", hotplug_vmi_get_name (session->vmi),
               failed->message);
      return FALSE;
    }
  _hotplug_session_strike (session);
  return done && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
}

/* The interface as it is now, without a look at the machine */
static HotplugInterfaceStatus *
report (HotplugSession *session, const Change *change)
{
  const HotplugNic *before = nic_of (change);
  gboolean moves = change->edit.connection != NULL;
  g_autoptr (HotplugNic) now = moves ? _hotplug_nic_moved (before, &change->connection, change->network)
                                     : _hotplug_nic_copy (before);
  g_autofree char *message = moves && change->live != NULL
                                 ? _hotplug_interface_move_message (before, &change->connection, change->network)
                                 : NULL;

  if (moves && change->live == NULL)
    now->mtu = change->connection.mtu;
  if (change->edit.link != HOTPLUG_LINK_AS_IT_IS)
    now->link_down = change->edit.link == HOTPLUG_LINK_DOWN;
  return _hotplug_report_nic (
      session, now, change->live != NULL ? HOTPLUG_INTERFACE_PHASE_READY : HOTPLUG_INTERFACE_PHASE_PENDING, message);
}

/* With all planned */
static HotplugSession *
begin (HotplugVmi *self, Change *change, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  return session != NULL && plan (session, change, error) ? g_steal_pointer (&session) : NULL;
}

static HotplugInterfaceStatus *
change_interface (HotplugVmi *self, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  g_auto (Change) change = { .wanted = wanted };
  g_autoptr (GError) refused = NULL;
  g_autoptr (HotplugSession) session = begin (self, &change, cancellable, error);

  if (session == NULL)
    return NULL;

  g_autoptr (HotplugInterfaceStatus) status = report (session, &change);
  if ((wanted->flags & HOTPLUG_PLUG_DRY_RUN) || !has_steps (&change))
    return g_steal_pointer (&status);

  if (!intend (session, &change, error))
    return NULL;
  if (act (session, &change, &refused))
    _hotplug_session_strike (session);
  else if (!was_done (session, refused))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&refused),
                                  "vmi \"%s\": interface \"%s\": ", hotplug_vmi_get_name (self), wanted->name);
      return NULL;
    }

  _hotplug_vmi_emit_interface_status (self, status);
  return g_steal_pointer (&status);
}

static GPtrArray *
list_text (char *xml)
{
  GPtrArray *texts = g_ptr_array_new ();

  if (xml != NULL)
    g_ptr_array_add (texts, xml);
  return texts;
}

static HotplugPlan *
to_plan (HotplugSession *session, const Change *change)
{
  const HotplugNic *nic = nic_of (change);
  const Step *template = &change->template_step;
  const char *key = _hotplug_nic_key (nic);
  g_autofree char *address = _hotplug_address_to_string (&nic->address);
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) before = list_text (template->before);
  g_autoptr (GPtrArray) after = list_text (template->after);

  const HotplugPlanItemFields item = {
    .kind = HOTPLUG_PLAN_KIND_INTERFACE,
    .action = HOTPLUG_PLAN_ACTION_UPDATE,
    .name = change->wanted->name,
    .alias = key == nic->alias ? nic->alias : NULL,
    .target = nic->tap,
    .address = address,
    .device_xml = change->live_step.after != NULL ? change->live_step.after : template->after,
    .live = change->live_step.after != NULL,
    .persisted = template->after != NULL,
  };
  g_ptr_array_add (items, _hotplug_plan_item_new (&item));

  const HotplugPlanFields fields = {
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .items = items,
    .template_added = after,
    .template_removed = before,
    .records_added = change->record_step.after,
    .records_removed = change->record_step.before,
  };
  return _hotplug_plan_new (&fields);
}

static gboolean
check_wanted (HotplugVmi *self, const Wanted *wanted, GError **error)
{
  gboolean absent = wanted->state == HOTPLUG_INTERFACE_STATE_ABSENT;

  if (absent ? wanted->attachment != NULL
             : wanted->attachment == NULL && wanted->state == HOTPLUG_INTERFACE_STATE_UNCHANGED)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "vmi \"%s\": interface \"%s\" %s",
                   hotplug_vmi_get_name (self), wanted->name,
                   absent ? "is to be absent, so it can't be moved" : "is to be changed in nothing");
      return FALSE;
    }
  return _hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_NICS, error);
}

HotplugPlan *
_hotplug_vmi_plan_update (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                          HotplugNetworkAttachment *attachment, HotplugPlugFlags flags, GCancellable *cancellable,
                          GError **error)
{
  const Wanted wanted = { (char *)name, state, attachment, flags };
  const char *const names[] = { name, NULL };
  g_auto (Change) change = { .wanted = &wanted };

  if (!check_wanted (self, &wanted, error))
    return NULL;
  if (state == HOTPLUG_INTERFACE_STATE_ABSENT)
    return hotplug_vmi_plan_remove_devices (self, NULL, names, flags, cancellable, error);

  g_autoptr (HotplugSession) session = begin (self, &change, cancellable, error);
  return session != NULL ? to_plan (session, &change) : NULL;
}

static HotplugInterfaceStatus *
update_interface (HotplugVmi *self, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  if (!check_wanted (self, wanted, error))
    return NULL;
  if (wanted->state != HOTPLUG_INTERFACE_STATE_ABSENT)
    return change_interface (self, wanted, cancellable, error);

  hotplug_vmi_remove_interface (self, wanted->name, wanted->flags, -1, cancellable, error);
  return NULL;
}

/**
 * hotplug_vmi_update_interface:
 * @self: a VMI
 * @name: the interface's name
 * @state: what it is to be; %HOTPLUG_INTERFACE_STATE_UNCHANGED if it is only moved
 * @attachment: (nullable): the network attachment that it is moved to, %NULL if it stays where it is
 * @flags: with %HOTPLUG_PLUG_PERSIST the template is changed too; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Changes an interface of a running VMI, and with %HOTPLUG_PLUG_PERSIST in its template: its link, the network attachment that
 * it is connected by, or both. On a stopped VMI the template alone is changed. One that was plugged without
 * %HOTPLUG_PLUG_PERSIST comes back as it was changed last. What is so already stays, and that is no error.
 *
 * The link of every interface can be set, except where the guest has a device of the host; moved is only what was
 * hotplugged. It moves while the guest runs, with its MAC address at its PCI address: its tap device is taken from one bridge
 * to the other. A bridge of Open vSwitch lets only the VLAN be changed so. The MTU stays what it is until the VMI starts anew,
 * since no hypervisor changes a running one's; if the network attachment's is smaller, the message of the status says so.
 *
 * %HOTPLUG_INTERFACE_STATE_ABSENT is KubeVirt's word for a removal: hotplug_vmi_remove_interface(), which waits half a minute
 * for the guest. Nothing else can be done with an interface that is being removed.
 *
 * All is checked before the machine is touched, and a call that fails leaves it, the template and the metadata as they were.
 *
 * Returns: (transfer full) (nullable): how the interface stands, %NULL if it is absent now, or %NULL with
 *   %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_NOT_HOTPLUGGABLE, %HOTPLUG_ERROR_BINDING_UNSUPPORTED,
 *   %HOTPLUG_ERROR_NETWORK_MISSING, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED, %HOTPLUG_ERROR_INVALID_ARGUMENT,
 *   %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_BUSY (also
 *   of one that is being removed), %HOTPLUG_ERROR_TIMEOUT (of a removal), %HOTPLUG_ERROR_CONNECTION or
 *   %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_update_interface (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                              HotplugNetworkAttachment *attachment, HotplugPlugFlags flags, GCancellable *cancellable,
                              GError **error)
{
  const Wanted wanted = { (char *)name, state, attachment, flags };

  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (state <= HOTPLUG_INTERFACE_STATE_UNCHANGED, NULL);
  g_return_val_if_fail (attachment == NULL || HOTPLUG_IS_NETWORK_ATTACHMENT (attachment), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return update_interface (self, &wanted, cancellable, error);
}

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_free (wanted->name);
  g_clear_object (&wanted->attachment);
  g_free (wanted);
}

static gpointer
update_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return update_interface (HOTPLUG_VMI (source), data, cancellable, error);
}

/**
 * hotplug_vmi_update_interface_async:
 * @self: a VMI
 * @name: the interface's name
 * @state: see hotplug_vmi_update_interface()
 * @attachment: (nullable): see hotplug_vmi_update_interface()
 * @flags: see hotplug_vmi_update_interface()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async): called when it is done
 * @user_data: (closure): data for @callback
 *
 * The asynchronous twin of hotplug_vmi_update_interface().
 *
 * Since: 0.1
 */
void
hotplug_vmi_update_interface_async (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                    HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (state <= HOTPLUG_INTERFACE_STATE_UNCHANGED);
  g_return_if_fail (attachment == NULL || HOTPLUG_IS_NETWORK_ATTACHMENT (attachment));

  Wanted *wanted = g_new0 (Wanted, 1);
  wanted->name = g_strdup (name);
  wanted->state = state;
  wanted->attachment = attachment != NULL ? g_object_ref (attachment) : NULL;
  wanted->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_update_interface_async, update_in_thread, wanted, free_wanted,
                     (GDestroyNotify)hotplug_interface_status_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_update_interface_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (nullable): as hotplug_vmi_update_interface()
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_update_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_update_interface_async, error);
}
