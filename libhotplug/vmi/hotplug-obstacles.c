/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "storage/hotplug-source-private.h"
#include "vmi/hotplug-obstacles-private.h"
#include "vmi/hotplug-return-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-template-xml-private.h"

/* All that a machine starts with, which is looked at to the end: who mends one thing wants to know of the others. */
typedef struct
{
  HotplugSession *session;
  GPtrArray *found;   /* GError, each once */
  GPtrArray *sources; /* Taken: of the disks that were looked at */
  GHashTable *waits;  /* aliases of interfaces that come later */
} Look;

/* An image that a disk has which writes to it */
typedef struct
{
  HotplugSource source;
  char *name;
  gboolean shares;
} Taken;

static void
free_taken (gpointer data)
{
  Taken *taken = data;

  g_free (taken->name);
  g_free (taken);
}

/* Two devices may lack one thing in the same words, such as a pool. @refused: (transfer full) */
static void
keep (Look *self, GError *refused)
{
  for (guint i = 0; i < self->found->len; i++)
    {
      if (strcmp (((const GError *)g_ptr_array_index (self->found, i))->message, refused->message) == 0)
        {
          g_error_free (refused);
          return;
        }
    }
  g_ptr_array_add (self->found, refused);
}

/* A record has its disk's own text, which tells of its chain. */
static HotplugDomain *
read_record (const HotplugRecord *record)
{
  g_autofree char *device = _hotplug_record_to_device_xml (record);
  g_autofree char *xml = g_strconcat ("<domain><devices>", device, "</devices></domain>", NULL);

  return _hotplug_domain_from_xml (xml, NULL);
}

/* Of one on the network, that somebody of this machine serves it */
static gboolean
check_served (HotplugSession *session, const HotplugDomain *domain, GError **error)
{
  for (guint i = 0; _hotplug_connection_is_local (session->connection) && i < domain->files->len; i++)
    {
      if (!_hotplug_obstacles_check_file (session, &g_array_index (domain->files, HotplugHostFile, i), error))
        return FALSE;
    }
  for (guint i = 0; i < domain->sockets->len; i++)
    {
      if (!_hotplug_obstacles_check_socket (session, &g_array_index (domain->sockets, HotplugHostSocket, i), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_recorded_disk (HotplugSession *session, const HotplugRecord *record, GError **error)
{
  g_autoptr (HotplugDomain) domain = read_record (record);

  if (domain == NULL || domain->disks->len == 0)
    return TRUE;
  if (!_hotplug_obstacles_check_disk (session, domain, 0, error))
    return FALSE;
  if (check_served (session, domain, error))
    return TRUE;
  g_autofree char *what = _hotplug_alias_describe (_hotplug_record_alias (record));
  g_prefix_error (error, "%s: ", what);
  return FALSE;
}

/* Others may have given it to another interface since it was plugged in; the guest and the network would have it
 * twice. */
static gboolean
check_mac (const HotplugDomain *side, const HotplugNic *nic, GError **error)
{
  const HotplugNic *other = nic->mac != NULL ? _hotplug_domain_find_nic_by_mac (side, nic->mac) : NULL;

  if (other == NULL || g_strcmp0 (other->alias, nic->alias) == 0)
    return TRUE;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MAC_IN_USE,
               "interface \"%s\": interface \"%s\" has MAC address %s now; remove one of them, or give it another one",
               _hotplug_nic_name (nic), _hotplug_nic_name (other), nic->mac);
  return FALSE;
}

gboolean
_hotplug_obstacles_to_return (HotplugSession *session, const HotplugRecord *record, GError **error)
{
  if (record->disk != NULL)
    return check_recorded_disk (session, record, error) && _hotplug_session_check_newest (session, record, error);
  return _hotplug_obstacles_check_nic (session, record->nic, error)
         && check_mac (session->live, record->nic, error) && check_mac (session->template, record->nic, error);
}

static gboolean
shares (const HotplugDisk *disk)
{
  return disk->read_only || disk->shareable;
}

/* Of two that write to one image the hypervisor refuses the second. */
static void
check_doubled (Look *self, const HotplugDisk *disk)
{
  gboolean ours = _hotplug_volume_name_from_alias (disk->alias) != NULL;
  g_autofree char *name = ours ? _hotplug_alias_describe (disk->alias)
                               : g_strdup_printf ("disk \"%s\"", _hotplug_disk_name (disk));
  Taken here = { .shares = shares (disk) };

  if (disk->path == NULL || !_hotplug_connection_is_local (self->session->connection)
      || !_hotplug_source_identify (disk->path, &here.source))
    return;
  for (guint i = 0; i < self->sources->len; i++)
    {
      const Taken *taken = g_ptr_array_index (self->sources, i);
      if (_hotplug_source_is_same (&taken->source, &here.source) && !(taken->shares && here.shares))
        keep (self, g_error_new (HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_IN_USE,
                                 "%s: source %s is the source of %s already", name, disk->path, taken->name));
    }
  here.name = g_steal_pointer (&name);
  g_ptr_array_add (self->sources, g_memdup2 (&here, sizeof here));
}

/* Others have defined the machine from an older text than it has now: what the guest has written since then is in a
 * file that stands upon this one, and would be lost to it. */
static void
check_based (Look *self, const HotplugDisk *disk)
{
  const HotplugDomain *live = self->session->live;
  const HotplugDisk *now = live != NULL && disk->path != NULL ? _hotplug_domain_find_target (live, disk->target) : NULL;

  if (now == NULL || now->path == NULL || disk->read_only || strcmp (now->path, disk->path) == 0)
    return;
  for (guint i = 0; i < live->images->len; i++)
    {
      const HotplugImageUse *image = &g_array_index (live->images, HotplugImageUse, i);
      if (image->role != HOTPLUG_IMAGE_ROLE_BACKING || g_strcmp0 (image->path, disk->path) != 0
          || g_ptr_array_index (live->disks, image->disk) != now)
        continue;
      keep (self, g_error_new (HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY,
                               "disk \"%s\": its definition has %s, and the running machine %s, which stands upon that "
                               "and is newer: the guest's data is there; define the machine with it, or merge them by "
                               "virsh blockcommit %s %s --active --pivot",
                               disk->target, disk->path, now->path, hotplug_vmi_get_name (self->session->vmi),
                               disk->target));
      return;
    }
}

static void
look_at_disks (Look *self, const HotplugDomain *template)
{
  for (guint i = 0; i < template->disks->len; i++)
    {
      GError *refused = NULL;

      check_doubled (self, g_ptr_array_index (template->disks, i));
      check_based (self, g_ptr_array_index (template->disks, i));
      if (!_hotplug_obstacles_check_disk (self->session, template, i, &refused))
        keep (self, refused);
    }
}

static void
look_at_nics (Look *self, const HotplugDomain *template)
{
  for (guint i = 0; i < template->nics->len; i++)
    {
      GError *refused = NULL;

      if (!_hotplug_obstacles_check_nic (self->session, g_ptr_array_index (template->nics, i), &refused))
        keep (self, refused);
    }
}

static gboolean
are_displays (const HotplugHostSocket *one, const HotplugHostSocket *other)
{
  return strcmp (one->what, "graphics") == 0 && strcmp (other->what, "graphics") == 0;
}

/* Two of one machine, where libvirt gives each port of a display to one, whatever the address */
static void
check_ports (Look *self, const HotplugDomain *template)
{
  for (guint i = 0; i < template->sockets->len; i++)
    {
      const HotplugHostSocket *one = &g_array_index (template->sockets, HotplugHostSocket, i);
      for (guint j = 0; j < i; j++)
        {
          const HotplugHostSocket *other = &g_array_index (template->sockets, HotplugHostSocket, j);
          if (one->binds && other->binds && one->port > 0 && one->port == other->port && !one->datagram
              && !other->datagram && (are_displays (one, other) || g_strcmp0 (one->host, other->host) == 0))
            keep (self, g_error_new (HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "%s: port %u is the port of its %s too",
                                     one->what, one->port, other->what));
        }
    }
}

static void
look_at_host (Look *self, const HotplugDomain *template)
{
  GError *refused = NULL;

  if (!_hotplug_connection_is_local (self->session->connection))
    return;
  for (guint i = 0; i < template->images->len; i++)
    {
      if (!_hotplug_obstacles_check_device (&g_array_index (template->images, HotplugImageUse, i), &refused))
        keep (self, g_steal_pointer (&refused));
    }
  for (guint i = 0; i < template->files->len; i++)
    {
      const HotplugHostFile *file = &g_array_index (template->files, HotplugHostFile, i);
      if (!_hotplug_obstacles_check_file (self->session, file, &refused))
        keep (self, g_steal_pointer (&refused));
    }
  for (guint i = 0; i < template->sockets->len; i++)
    {
      const HotplugHostSocket *socket = &g_array_index (template->sockets, HotplugHostSocket, i);
      if (!_hotplug_obstacles_check_socket (self->session, socket, &refused))
        keep (self, g_steal_pointer (&refused));
    }
  check_ports (self, template);
  if (!_hotplug_obstacles_check_processors (template, &refused))
    keep (self, g_steal_pointer (&refused));
}

/* An interface that has nothing to be connected to comes back when there is. */
static void
look_at_records (Look *self)
{
  const GPtrArray *records = self->session->template->records;

  for (guint i = 0; i < records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records, i);
      GError *refused = NULL;

      if (!_hotplug_return_is_to_come (self->session->template, record))
        continue;
      if (record->disk != NULL)
        check_doubled (self, record->disk);
      if (_hotplug_obstacles_to_return (self->session, record, &refused))
        continue;
      if (record->nic != NULL && g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_MISSING))
        {
          g_hash_table_add (self->waits, (char *)_hotplug_record_alias (record));
          g_error_free (refused);
        }
      else
        keep (self, refused);
    }
}

static void
look_at_places (Look *self)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new ();
  g_autoptr (HotplugDomain) coming = _hotplug_return_foresee (self->session, self->waits, refused);

  for (guint i = 0; i < refused->len; i++)
    keep (self, g_ptr_array_index (refused, i));
}

/* Some errors begin with the machine, which all of it is about. */
static gboolean
set_all (const Look *self, GError **error)
{
  const char *vmi = hotplug_vmi_get_name (self->session->vmi);
  g_autofree char *prefix = g_strdup_printf ("vmi \"%s\": ", vmi);
  const GError *first = g_ptr_array_index (self->found, 0);
  g_autoptr (GString) all = g_string_new (NULL);

  for (guint i = 0; i < self->found->len; i++)
    {
      const char *message = ((const GError *)g_ptr_array_index (self->found, i))->message;
      g_string_append_printf (all, "%s%s", i > 0 ? "; " : "",
                              g_str_has_prefix (message, prefix) ? message + strlen (prefix) : message);
    }
  g_set_error (error, first->domain, first->code, "vmi \"%s\" can't be started: %s", vmi, all->str);
  return FALSE;
}

static void
look_at_devices (Look *self, const HotplugDomain *begun)
{
  look_at_disks (self, begun);
  look_at_nics (self, begun);
  look_at_host (self, begun);
}

/* The hypervisor is asked last, of a machine that nothing was found of: it would say the same in other words. */
static void
try_it (Look *self)
{
  g_autofree char *xml = _hotplug_template_drop_interfaces (self->session->template_text, NULL);
  GError *refused = NULL;

  if (xml != NULL && self->found->len == 0
      && !_hotplug_connection_try_definition (self->session->connection, xml, &refused))
    keep (self, refused);
}

gboolean
_hotplug_obstacles_to_start (HotplugSession *session, GError **error)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify)g_error_free);
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (free_taken);
  g_autoptr (GHashTable) waits = g_hash_table_new (g_str_hash, g_str_equal);
  Look self = { session, found, sources, waits };

  /* What goes on from a saved state has the devices of then; it runs also where what is recorded can't come back. */
  if (_hotplug_session_is_saved (session))
    {
      if (session->saved != NULL)
        look_at_devices (&self, session->saved);
      return found->len == 0 || set_all (&self, error);
    }
  look_at_devices (&self, session->template);
  look_at_records (&self);
  look_at_places (&self);
  try_it (&self);
  return found->len == 0 || set_all (&self, error);
}
