/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "host/hotplug-host-private.h"
#include "model/hotplug-network-attachment-private.h"
#include "vmi/hotplug-host-network-use-private.h"
#include "xml/hotplug-domain-xml-private.h"

/* How many are named in an error, which is one line; the others are counted */
#define NAMED_MAX 8

typedef struct
{
  HotplugNetworkIs is;
  gpointer user_data;
  GPtrArray *users; /* interface "a" of vmi "b", each once */
} Search;

static void
look_at (const HotplugNic *nic, const char *vmi, Search *search)
{
  const char *name = nic != NULL && nic->attachment != NULL ? _hotplug_interface_name_from_alias (nic->alias) : NULL;

  if (name == NULL || !search->is (nic->attachment, search->user_data))
    return;

  g_autofree char *user = g_strdup_printf ("interface \"%s\" of vmi \"%s\"", name, vmi);
  if (!g_ptr_array_find_with_equal_func (search->users, user, g_str_equal, NULL))
    g_ptr_array_add (search->users, g_steal_pointer (&user));
}

/* @records: the side whose records count: a start copies the template's, and nobody keeps the copy true */
static void
look_at_side (HotplugDomain *side, const HotplugDomain *records, const char *vmi, Search *search)
{
  _hotplug_domain_name_networks (side, records);
  for (guint i = 0; side != NULL && i < side->nics->len; i++)
    look_at (g_ptr_array_index (side->nics, i), vmi, search);
}

static gboolean
look_at_sides (const HotplugMachineText *text, const char *vmi, Search *search, GError **error)
{
  g_autoptr (HotplugDomain) template = text->template != NULL ? _hotplug_domain_from_xml (text->template, error) : NULL;
  g_autoptr (HotplugDomain) live = NULL;

  if ((template == NULL && text->template != NULL)
      || (text->live != NULL && (live = _hotplug_domain_from_xml (text->live, error)) == NULL))
    return FALSE;

  const HotplugDomain *records = template != NULL ? template : live;
  look_at_side (template, records, vmi, search);
  look_at_side (live, records, vmi, search);
  for (guint i = 0; records != NULL && i < records->records->len; i++)
    look_at (((const HotplugRecord *)g_ptr_array_index (records->records, i))->nic, vmi, search);
  return TRUE;
}

/* A machine that goes meanwhile uses nothing. */
static gboolean
look_at_machine (HotplugConnection *connection, const char *uuid, Search *search, GError **error)
{
  g_autoptr (GError) gone = NULL;
  g_autofree char *name = NULL;
  g_autofree char *found = _hotplug_connection_find_machine (connection, uuid, &name, &gone);
  g_auto (HotplugMachineText) text = { 0 };

  if (found == NULL || !_hotplug_connection_read_machine (connection, uuid, HOTPLUG_LOOK_ALL, &text, &gone))
    {
      if (g_error_matches (gone, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&gone));
      return FALSE;
    }
  return look_at_sides (&text, name, search, error);
}

static char *
name_users (const GPtrArray *users)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < users->len && i < NAMED_MAX; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", (const char *)g_ptr_array_index (users, i));
  if (users->len > NAMED_MAX)
    g_string_append_printf (names, " and %u more", users->len - NAMED_MAX);
  return g_string_free (names, FALSE);
}

gboolean
_hotplug_host_check_network_unused (HotplugHost *self, HotplugNetworkAttachment *attachment, HotplugNetworkIs is,
                                    gpointer user_data, GCancellable *cancellable, GError **error)
{
  HotplugConnection *connection = _hotplug_host_get_connection (self);
  g_auto (GStrv) uuids = _hotplug_connection_list_machines (connection, error);
  g_autoptr (GPtrArray) users = g_ptr_array_new_with_free_func (g_free);
  Search search = { is, user_data, users };

  if (uuids == NULL)
    return FALSE;
  for (guint i = 0; uuids[i] != NULL; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !look_at_machine (connection, uuids[i], &search, error))
        return FALSE;
    }
  if (users->len == 0)
    return TRUE;

  g_autofree char *title = _hotplug_network_attachment_dup_title (attachment);
  g_autofree char *names = name_users (users);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_IN_USE,
               "network attachment \"%s\" is used by %s; remove what uses it first", title, names);
  return FALSE;
}
