/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-name-private.h"
#include "model/hotplug-interface-status-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "vmi/hotplug-report-private.h"

static const char *
reason_of (HotplugInterfacePhase phase)
{
  switch (phase)
    {
    case HOTPLUG_INTERFACE_PHASE_READY:
      return "InterfaceReady";
    case HOTPLUG_INTERFACE_PHASE_DETACHING:
      return "InterfaceDetaching";
    case HOTPLUG_INTERFACE_PHASE_FAILED:
      return "HotplugFailed";
    case HOTPLUG_INTERFACE_PHASE_PENDING:
    default:
      return "InterfacePending";
    }
}

/* Whether the guest will find it elsewhere after the next start: the template had no such place free */
static gboolean
will_move (HotplugSession *session, const HotplugNic *nic)
{
  const HotplugNic *configured = _hotplug_domain_find_nic (session->template, nic->alias);

  return session->live != NULL && configured != NULL && nic->address.kind != HOTPLUG_ADDRESS_NONE
         && !_hotplug_address_equal (&configured->address, &nic->address);
}

/* The machine came up without it, since there is nothing that it could be connected to */
static gboolean
is_left_out (HotplugSession *session, const HotplugRecord *record)
{
  g_autoptr (GError) refused = NULL;

  return _hotplug_session_lacks (session, record) && !_hotplug_obstacles_check_nic (session, record->nic, &refused)
         && _hotplug_session_waits (record, refused);
}

/* It waits for another host, or for the next start: KubeVirt's word for it, of the VMI's condition */
static gboolean
needs_migration (HotplugSession *session, const HotplugNic *nic, HotplugInterfacePhase phase)
{
  gboolean may = phase == HOTPLUG_INTERFACE_PHASE_PENDING || phase == HOTPLUG_INTERFACE_PHASE_READY;
  const HotplugRecord *record
      = may && session->live != NULL ? _hotplug_domain_find_record (session->template, nic->alias) : NULL;

  return record != NULL
         && (record->state == HOTPLUG_RECORD_PENDING || (record->nic != NULL && is_left_out (session, record)));
}

/* What the guest has stays as it is until then */
static char *
message_of_move (HotplugSession *session, const HotplugNic *nic)
{
  const HotplugRecord *record = _hotplug_domain_find_record (session->template, nic->alias);
  const char *network = record->nic->attachment != NULL ? record->nic->attachment : record->nic->source;

  return g_strdup_printf ("Interface %s is moved to %s when the VMI migrates to a host that can, or starts here anew",
                          _hotplug_nic_name (nic), network);
}

static const char *
when_back (HotplugSession *session, const HotplugNic *nic)
{
  return _hotplug_domain_has_alias (session->template, nic->alias) ? "; it is back at the next start" : "";
}

static char *
message_of_pending (HotplugSession *session, const HotplugNic *nic)
{
  const char *name = _hotplug_nic_name (nic);

  const char *otherwise = _hotplug_report_saved (session, nic->alias);

  if (session->live == NULL)
    return g_strdup_printf ("Interface %s %s", name, otherwise != NULL ? otherwise : "is attached when the VMI starts");
  if (needs_migration (session, nic, HOTPLUG_INTERFACE_PHASE_PENDING))
    return g_strdup_printf ("Interface %s is attached when the VMI migrates to a host that can, or starts here anew",
                            name);
  if (_hotplug_domain_has_alias (session->live, nic->alias))
    return g_strdup_printf ("Another client is still attaching interface %s", name);
  return g_strdup_printf ("Interface %s is not in the running VMI%s", name, when_back (session, nic));
}

static char *
message_of_ready (HotplugSession *session, const HotplugNic *nic)
{
  const char *moved = session->live != NULL
                          ? _hotplug_journal_find_moved (session->journal, nic->alias, session->live->run)
                          : NULL;

  if (moved != NULL)
    return g_strdup_printf ("Interface %s is back; %s", _hotplug_nic_name (nic), moved);
  return will_move (session, nic) ? g_strdup_printf ("Interface %s will be at another PCI address after the next start",
                                                     _hotplug_nic_name (nic))
                                  : NULL;
}

static char *
message_of (HotplugSession *session, const HotplugNic *nic, HotplugInterfacePhase phase)
{
  const char *name = _hotplug_nic_name (nic);

  switch (phase)
    {
    case HOTPLUG_INTERFACE_PHASE_READY:
      return needs_migration (session, nic, phase) ? message_of_move (session, nic) : message_of_ready (session, nic);
    case HOTPLUG_INTERFACE_PHASE_DETACHING:
      return g_strdup_printf ("The guest was asked to let go of interface %s and has not yet done so%s", name,
                              when_back (session, nic));
    case HOTPLUG_INTERFACE_PHASE_PENDING:
      return message_of_pending (session, nic);
    case HOTPLUG_INTERFACE_PHASE_FAILED:
    default:
      return NULL;
    }
}

static gboolean
is_primary (HotplugSession *session, const HotplugNic *nic)
{
  const HotplugDomain *shown = session->live != NULL ? session->live : session->template;
  const HotplugNic *primary = _hotplug_domain_find_primary_nic (shown);

  return primary != NULL && g_strcmp0 (primary->mac, nic->mac) == 0;
}

static gboolean
is_persisted (HotplugSession *session, const HotplugNic *nic, gboolean ours)
{
  return ours ? _hotplug_domain_find_nic (session->template, nic->alias) != NULL
              : _hotplug_domain_find_nic_by_mac (session->template, nic->mac) != NULL;
}

/* libvirt does not keep the name of its attachment: where no record says it, its network or bridge stands for it. */
static const char *
network_of (const HotplugNic *nic)
{
  return nic->attachment != NULL ? nic->attachment : nic->source;
}

HotplugInterfaceStatus *
_hotplug_report_nic (HotplugSession *session, const HotplugNic *nic, HotplugInterfacePhase phase, const char *message)
{
  gboolean ours = _hotplug_interface_name_from_alias (nic->alias) != NULL;
  g_autofree char *address = _hotplug_address_to_string (&nic->address);
  g_autofree char *said = ours && message == NULL ? message_of (session, nic, phase) : g_strdup (message);

  const HotplugInterfaceStatusFields fields = {
    .name = _hotplug_nic_name (nic),
    .mac = nic->mac,
    .network = network_of (nic),
    .model = nic->model,
    .address = address,
    .tap = nic->tap,
    .reason = needs_migration (session, nic, phase) ? HOTPLUG_MIGRATION_REQUIRED : ours ? reason_of (phase) : NULL,
    .message = said,
    .queue_count = nic->queues,
    .mtu = nic->mtu,
    .boot_order = nic->boot_order,
    .link_state = nic->link_down ? HOTPLUG_INTERFACE_STATE_DOWN : HOTPLUG_INTERFACE_STATE_UP,
    .phase = phase,
    .in_domain = phase == HOTPLUG_INTERFACE_PHASE_READY || phase == HOTPLUG_INTERFACE_PHASE_DETACHING,
    .primary = !ours && is_primary (session, nic),
    .hotplugged = ours,
    .persisted = is_persisted (session, nic, ours),
  };
  return _hotplug_interface_status_new (&fields);
}

static HotplugInterfacePhase
phase_of (HotplugSession *session, const HotplugNic *nic)
{
  const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), nic->alias);

  if (_hotplug_interface_name_from_alias (nic->alias) == NULL)
    return session->live != NULL ? HOTPLUG_INTERFACE_PHASE_READY : HOTPLUG_INTERFACE_PHASE_PENDING;
  if (_hotplug_domain_find_nic (session->live, nic->alias) == NULL)
    return HOTPLUG_INTERFACE_PHASE_PENDING;
  if (record != NULL && record->state == HOTPLUG_RECORD_REMOVING)
    return HOTPLUG_INTERFACE_PHASE_DETACHING;

  /* another client is at it just now; what it adds may yet be taken back */
  if (_hotplug_journal_intends (session->journal, HOTPLUG_INTENT_REMOVE, nic->alias))
    return HOTPLUG_INTERFACE_PHASE_DETACHING;
  return _hotplug_journal_intends (session->journal, HOTPLUG_INTENT_ADD, nic->alias) ? HOTPLUG_INTERFACE_PHASE_PENDING
                                                                                    : HOTPLUG_INTERFACE_PHASE_READY;
}

static void
add_nic (HotplugSession *session, const HotplugNic *nic, GPtrArray *interfaces)
{
  g_ptr_array_add (interfaces, _hotplug_report_nic (session, nic, phase_of (session, nic), NULL));
}

/* What was to come back and was refused is one interface, and has failed. */
static void
add_missing (HotplugSession *session, const HotplugNic *nic, GPtrArray *interfaces)
{
  const char *refusal = session->live != NULL ? _hotplug_journal_find_refusal (session->journal, nic->alias) : NULL;
  HotplugInterfacePhase phase = refusal != NULL ? HOTPLUG_INTERFACE_PHASE_FAILED : phase_of (session, nic);

  g_ptr_array_add (interfaces, _hotplug_report_nic (session, nic, phase, refusal));
}

/* What is not in the running machine, and is ours: in the template, or recorded */
static void
add_pending (HotplugSession *session, GPtrArray *interfaces)
{
  const HotplugDomain *template = session->template;

  for (guint i = 0; session->live != NULL && template != NULL && i < template->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (template->nics, i);
      if (_hotplug_interface_name_from_alias (nic->alias) != NULL
          && _hotplug_domain_find_nic (session->live, nic->alias) == NULL)
        add_missing (session, nic, interfaces);
    }

  for (guint i = 0; template != NULL && i < template->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (template->records, i);
      if (record->nic != NULL && record->state != HOTPLUG_RECORD_REMOVING
          && _hotplug_domain_find_nic (session->live, record->nic->alias) == NULL
          && _hotplug_domain_find_nic (template, record->nic->alias) == NULL)
        add_missing (session, record->nic, interfaces);
    }
}

static void
add_refused (HotplugSession *session, GPtrArray *interfaces)
{
  for (guint i = 0; i < session->journal->refusals->len; i++)
    {
      const HotplugRefusal *refusal = g_ptr_array_index (session->journal->refusals, i);
      const HotplugInterfaceStatusFields fields = {
        .name = _hotplug_interface_name_from_alias (refusal->alias),
        .reason = reason_of (HOTPLUG_INTERFACE_PHASE_FAILED),
        .message = refusal->message,
        .phase = HOTPLUG_INTERFACE_PHASE_FAILED,
        .hotplugged = TRUE,
      };
      if (fields.name != NULL && !_hotplug_report_has (session, refusal->alias))
        g_ptr_array_add (interfaces, _hotplug_interface_status_new (&fields));
    }
}

GPtrArray *
_hotplug_report_interfaces (HotplugSession *session, const GArray *guest)
{
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_interface_status_unref);
  const HotplugDomain *shown = session->live != NULL ? session->live : session->template;

  for (guint i = 0; i < shown->nics->len; i++)
    add_nic (session, g_ptr_array_index (shown->nics, i), interfaces);
  add_pending (session, interfaces);
  add_refused (session, interfaces);

  g_autofree HotplugInterfaceStatusFields *fields = g_new0 (HotplugInterfaceStatusFields, interfaces->len);
  for (guint i = 0; i < interfaces->len; i++)
    {
      fields[i] = *_hotplug_interface_status_peek (g_ptr_array_index (interfaces, i));
      /* none are known yet, which a status has as an empty list */
      fields[i].ip_addresses = NULL;
    }
  return _hotplug_interface_statuses_merge (fields, interfaces->len, guest);
}
