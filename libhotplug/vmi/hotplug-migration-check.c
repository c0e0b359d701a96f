/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/hotplug-embed-private.h"
#include "host/hotplug-host-private.h"
#include "host/hotplug-peer-private.h"
#include "vmi/hotplug-migration-check-private.h"
#include "vmi/hotplug-migration-look-private.h"
#include "xml/hotplug-capabilities-xml-private.h"
#include "xml/hotplug-backing-xml-private.h"

static char *
find_host_uuid (HotplugConnection *connection)
{
  g_autofree char *xml = _hotplug_connection_dup_capabilities (connection);

  return xml != NULL ? _hotplug_capabilities_find_host (xml) : NULL;
}

/* The capabilities, which have the UUID, take a daemon that has not been asked before up to 15 s (MEASURED, libvirt
 * 9.0.0 without its cache): hosts of different names are not one. */
static gboolean
are_one (HotplugConnection *source, HotplugConnection *destination)
{
  g_autofree char *here = _hotplug_connection_dup_hostname (source);
  g_autofree char *there = _hotplug_connection_dup_hostname (destination);

  if (source == destination)
    return TRUE;
  if (here == NULL || g_strcmp0 (here, there) != 0)
    return FALSE;

  g_autofree char *here_uuid = find_host_uuid (source);
  g_autofree char *there_uuid = find_host_uuid (destination);
  return here_uuid != NULL && g_strcmp0 (here_uuid, there_uuid) == 0;
}

/* Two handles on one daemon have different URIs, and one UUID; libvirt refuses both (9.0.0
 * src/qemu/qemu_migration_cookie.c:1323) in words of its own. */
static gboolean
check_hosts (HotplugConnection *source, HotplugConnection *destination, const char *vmi, GError **error)
{
  HotplugConnection *hosts[] = { source, destination };

  if (!_hotplug_connection_ensure (destination, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      const char *uri = _hotplug_connection_get_uri (hosts[i]);

      if (uri != NULL && _hotplug_embed_is (uri))
        {
          g_set_error (
              error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
              "vmi \"%s\" can't migrate %s %s: an embedded hypervisor can't, both hosts need a libvirt daemon, as "
              "qemu:///system is",
              vmi, i == 0 ? "from" : "to", uri);
          return FALSE;
        }
    }

  if (!are_one (source, destination))
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "vmi \"%s\" can't migrate to %s: it is on that host", vmi, _hotplug_connection_get_uri (destination));
  return FALSE;
}

/* What the destination has of that UUID or of that name. libvirt refuses one that runs, and another one of the name,
 * and replaces the definition of one that does not run (9.0.0 src/conf/virdomainobjlist.c:267): that would take what
 * its definition and its records say, and which of the two hosts has the true one nobody can tell. */
static gboolean
look_at_machines (HotplugMigrationLook *look, HotplugVmi *vmi, GError **error)
{
  const char *asked[] = { hotplug_vmi_get_uuid (vmi), hotplug_vmi_get_name (vmi) };

  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autoptr (GError) cause = NULL;
      g_autofree char *name = NULL;
      g_autofree char *uuid = _hotplug_connection_find_machine (look->destination, asked[i], &name, &cause);
      g_auto (HotplugMachineText) text = { 0 };

      if (uuid == NULL && g_error_matches (cause, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
        continue;
      if (uuid == NULL)
        return g_propagate_error (error, g_steal_pointer (&cause)), FALSE;
      if (i == 1)
        _hotplug_migration_outlook_add (look->outlook, HOTPLUG_ERROR_EXISTS, "it has another VMI of that name, %s",
                                        uuid);
      else if (!_hotplug_connection_read_machine (look->destination, uuid, HOTPLUG_LOOK_ALL, &text, error))
        return FALSE;
      else if (text.live != NULL)
        _hotplug_migration_outlook_add (look->outlook, HOTPLUG_ERROR_EXISTS,
                                        "it has a running VMI of that UUID, \"%s\"", name);
      else
        _hotplug_migration_outlook_add (
            look->outlook, HOTPLUG_ERROR_EXISTS,
            "it has a definition of that VMI, which would be replaced: if it is not wanted any "
            "more, virsh undefine %s there",
            name);
      return TRUE;
    }
  return TRUE;
}

/* What this look has left, and one that was killed */
static gboolean
clear_marks (const HotplugMigrationLook *look, GError **error)
{
  return _hotplug_connection_clear_marks (look->source, look->prefix, error)
         && _hotplug_connection_clear_marks (look->destination, look->prefix, error);
}

static gboolean
look_at_all (HotplugMigrationLook *look, HotplugVmi *vmi, GError **error)
{
  gboolean looked = clear_marks (look, error) && look_at_machines (look, vmi, error)
                    && _hotplug_migration_look_at_files (look, error)
                    && _hotplug_migration_look_at_networks (look, error);

  return clear_marks (look, looked ? error : NULL) && looked;
}

/* An image may stand upon others, which libvirt has found in it, or was told of; our volumes have none. */
static gboolean
admit_backing (HotplugSession *session, HotplugMigrationOutlook *outlook, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };

  if (!_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi), HOTPLUG_LOOK_DEVICES,
                                         &text, error))
    return FALSE;

  g_autoptr (GPtrArray) files = text.live != NULL ? _hotplug_backing_files_from_xml (text.live, error) : NULL;
  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      const HotplugBackingFile *file = g_ptr_array_index (files, i);
      _hotplug_migration_admit_backing (session->live, file->target, file->path, outlook);
    }
  return text.live == NULL || files != NULL;
}

gboolean
_hotplug_migration_check (HotplugSession *session, HotplugHost *destination, const char *const *moved,
                          gboolean *shared, GCancellable *cancellable, GError **error)
{
  const char *name = hotplug_vmi_get_name (session->vmi);
  HotplugSides sides = _hotplug_session_sides (session);
  g_auto (HotplugMigrationOutlook) outlook = { NULL };
  g_autofree char *prefix = g_strdup_printf ("libhotplug-%s-", hotplug_vmi_get_uuid (session->vmi));
  HotplugMigrationLook look = { .source = session->connection,
                                .destination = _hotplug_host_get_connection (destination),
                                .prefix = prefix,
                                .outlook = &outlook,
                                .cancellable = cancellable };

  *shared = FALSE;
  _hotplug_migration_outlook_init (&outlook);
  outlook.moved = moved;
  if (!check_hosts (look.source, look.destination, name, error) || !_hotplug_migration_admit (&sides, &outlook, error)
      || !admit_backing (session, &outlook, error) || !look_at_all (&look, session->vmi, error)
      || !_hotplug_migration_outlook_judge (&outlook, name, _hotplug_connection_get_uri (look.destination), error))
    return FALSE;

  *shared = look.seen && !outlook.doubtful;
  return TRUE;
}
