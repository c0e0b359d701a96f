/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "host/hotplug-migration-private.h"
#include "vmi/hotplug-host-connect-private.h"
#include "vmi/hotplug-migration-move-private.h"
#include "xml/hotplug-nic-change-xml-private.h"

void
_hotplug_migration_moves_clear (HotplugMigrationMoves *self)
{
  g_clear_pointer (&self->aliases, g_ptr_array_unref);
  g_clear_pointer (&self->live, g_free);
  g_clear_pointer (&self->template, g_free);
}

/* One side's XML, with that interface changed; read when it is first needed */
static gboolean
change_side (HotplugSession *session, HotplugSide side, const char *alias, const HotplugNicEdit *edit, char **text,
             GError **error)
{
  if (*text == NULL)
    *text = _hotplug_connection_read_portable (session->connection, hotplug_vmi_get_uuid (session->vmi), side, error);

  char *changed = *text != NULL ? _hotplug_nic_xml_change_machine (*text, alias, edit, error) : NULL;
  if (changed == NULL)
    return FALSE;
  g_free (*text);
  *text = changed;
  return TRUE;
}

/* libvirt lets the network of an interface be another one there, and not its MTU (9.0.0 src/conf/domain_conf.c,
 * virDomainNetDefCheckABIStability ()). */
static gboolean
plan_move (HotplugSession *session, HotplugHost *destination, const HotplugRecord *record, HotplugMigrationMoves *out,
           GError **error)
{
  const char *alias = record->nic->alias;
  g_auto (HotplugNetworkConnection) connection = { 0 };
  HotplugNicEdit edit = { .connection = &connection };
  g_autoptr (GError) refused = NULL;

  if (!_hotplug_pending_connect (destination, record->nic, &connection, &refused))
    {
      if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  if (!change_side (session, HOTPLUG_SIDE_LIVE, alias, &edit, &out->live, error))
    return FALSE;
  edit.takes_mtu = TRUE;
  if (_hotplug_domain_has_alias (session->template, alias)
      && !change_side (session, HOTPLUG_SIDE_TEMPLATE, alias, &edit, &out->template, error))
    return FALSE;
  g_ptr_array_add (out->aliases, g_strdup (alias));
  return TRUE;
}

gboolean
_hotplug_migration_plan_moves (HotplugSession *session, HotplugHost *destination, HotplugMigrationMoves *out,
                               GError **error)
{
  const HotplugDomain *side = _hotplug_session_record_side (session);

  out->aliases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < side->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (side->records, i);

      if (record->state == HOTPLUG_RECORD_PENDING && _hotplug_domain_has_alias (session->live, record->nic->alias)
          && !plan_move (session, destination, record, out, error))
        return FALSE;
    }
  g_ptr_array_add (out->aliases, NULL);
  return TRUE;
}
