/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "rules/hotplug-interface-change-private.h"
#include "rules/hotplug-interface-nic-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-interface-change-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-report-private.h"

static gboolean
has_steps (const HotplugInterfaceChange *change)
{
  return change->template_step.after != NULL || change->record_step.after != NULL || change->live_step.after != NULL;
}

static gboolean
intend (HotplugSession *session, const HotplugInterfaceChange *change, GError **error)
{
  const char *const names[] = { _hotplug_nic_key (_hotplug_interface_change_nic (change)), NULL };
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
act_live (HotplugSession *session, const HotplugInterfaceChange *change, GError **error)
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
act (HotplugSession *session, const HotplugInterfaceChange *change, GError **error)
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
report (HotplugSession *session, const HotplugInterfaceChange *change)
{
  const HotplugNic *before = _hotplug_interface_change_nic (change);
  gboolean moves = change->edit.connection != NULL && !change->waits;
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
begin (HotplugVmi *self, HotplugInterfaceChange *change, GCancellable *cancellable, GError **error)
{
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  return session != NULL && _hotplug_interface_change_plan (session, change, error) ? g_steal_pointer (&session) : NULL;
}

/* What a record says counts for the status of one that waits, or waited, to be moved */
static gboolean
is_told_by_record (const HotplugInterfaceChange *change)
{
  return change->live != NULL
         && (change->waits || (change->record != NULL && change->record->state == HOTPLUG_RECORD_PENDING));
}

static HotplugInterfaceStatus *
look_again (HotplugSession *session, const char *alias, GError **error)
{
  if (!_hotplug_session_refresh (session, error))
    return NULL;

  const HotplugNic *nic = _hotplug_domain_find_nic (session->live, alias);
  if (nic != NULL)
    return _hotplug_report_nic (session, nic, HOTPLUG_INTERFACE_PHASE_READY, NULL);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": interface \"%s\" has gone meanwhile",
               hotplug_vmi_get_name (session->vmi), _hotplug_interface_name_from_alias (alias));
  return NULL;
}

/* The record of one that waits is one write, which needs no intent. */
static gboolean
carry_out (HotplugSession *session, const HotplugInterfaceChange *change, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (change->waits)
    return _hotplug_session_write_record_text (session, change->record_step.after, error);
  if (!intend (session, change, error))
    return FALSE;
  if (act (session, change, &refused))
    _hotplug_session_strike (session);
  else if (!was_done (session, refused))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&refused), "vmi \"%s\": interface \"%s\": ",
                                  hotplug_vmi_get_name (session->vmi), change->wanted->name);
      return FALSE;
    }
  return TRUE;
}

static HotplugInterfaceStatus *
change_interface (HotplugVmi *self, const HotplugInterfaceWanted *wanted, GCancellable *cancellable, GError **error)
{
  g_auto (HotplugInterfaceChange) change = { .wanted = wanted };
  g_autoptr (HotplugSession) session = begin (self, &change, cancellable, error);

  if (session == NULL)
    return NULL;

  g_autoptr (HotplugInterfaceStatus) status = report (session, &change);
  if ((wanted->flags & HOTPLUG_PLUG_DRY_RUN) || !has_steps (&change))
    return g_steal_pointer (&status);

  /* what is looked at again is not what was planned with */
  g_autofree char *alias = is_told_by_record (&change) ? g_strdup (change.live->alias) : NULL;
  if (!carry_out (session, &change, error))
    return NULL;
  if (alias != NULL)
    {
      hotplug_interface_status_unref (g_steal_pointer (&status));
      status = look_again (session, alias, error);
    }
  if (status != NULL)
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
to_plan (HotplugSession *session, const HotplugInterfaceChange *change)
{
  const HotplugNic *nic = _hotplug_interface_change_nic (change);
  const HotplugInterfaceStep *template = &change->template_step;
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
check_wanted (HotplugVmi *self, const HotplugInterfaceWanted *wanted, GError **error)
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
  const HotplugInterfaceWanted wanted = { (char *)name, state, attachment, flags };
  const char *const names[] = { name, NULL };
  g_auto (HotplugInterfaceChange) change = { .wanted = &wanted };

  if (!check_wanted (self, &wanted, error))
    return NULL;
  if (state == HOTPLUG_INTERFACE_STATE_ABSENT)
    return hotplug_vmi_plan_remove_devices (self, NULL, names, flags, cancellable, error);

  g_autoptr (HotplugSession) session = begin (self, &change, cancellable, error);
  return session != NULL ? to_plan (session, &change) : NULL;
}

static HotplugInterfaceStatus *
update_interface (HotplugVmi *self, const HotplugInterfaceWanted *wanted, GCancellable *cancellable, GError **error)
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
 * Changes an interface of a running VMI, and with %HOTPLUG_PLUG_PERSIST in its template: its link, the network
 * attachment that it is connected by, or both. On a stopped VMI the template alone is changed. One that was plugged
 * without %HOTPLUG_PLUG_PERSIST comes back as it was changed last. What is so already stays, and that is no error.
 *
 * The link of every interface can be set, except where the guest has a device of the host; moved is only what was
 * hotplugged. It moves while the guest runs, with its MAC address at its PCI address: its tap device is taken from one
 * bridge to the other. A bridge of Open vSwitch lets only the VLAN be changed so. The MTU stays what it is until the
 * VMI starts anew, since no hypervisor changes a running one's; if the network attachment's is smaller, the message of
 * the status says so.
 *
 * Where the host does not have the network, or is configured to attach by migration, a move that is not also one of the
 * link is recorded: the guest's interface stays as it is, its status has the reason `MigrationRequired`, and it is
 * moved by hotplug_vmi_migrate() to a host that can, or when the VMI starts anew and this one can. Of an interface that
 * is persisted that takes %HOTPLUG_PLUG_PERSIST. The next move of it is instead of this one.
 *
 * %HOTPLUG_INTERFACE_STATE_ABSENT is KubeVirt's word for a removal: hotplug_vmi_remove_interface(), which waits half a
 * minute for the guest. Nothing else can be done with an interface that is being removed.
 *
 * All is checked before the machine is touched, and a call that fails leaves it, the template and the metadata as they
 * were.
 *
 * Returns: (transfer full) (nullable): how the interface stands, %NULL if it is absent now, or %NULL with
 *   %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_NOT_HOTPLUGGABLE, %HOTPLUG_ERROR_BINDING_UNSUPPORTED,
 *   %HOTPLUG_ERROR_NETWORK_MISSING, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED, %HOTPLUG_ERROR_INVALID_ARGUMENT,
 *   %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_BUSY
 *   (also of one that is being removed), %HOTPLUG_ERROR_TIMEOUT (of a removal), %HOTPLUG_ERROR_CONNECTION or
 *   %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_update_interface (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                              HotplugNetworkAttachment *attachment, HotplugPlugFlags flags, GCancellable *cancellable,
                              GError **error)
{
  const HotplugInterfaceWanted wanted = { (char *)name, state, attachment, flags };

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
  HotplugInterfaceWanted *wanted = data;

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
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
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

  HotplugInterfaceWanted *wanted = g_new0 (HotplugInterfaceWanted, 1);
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
