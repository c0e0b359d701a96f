/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "base/hotplug-name-private.h"
#include "model/hotplug-network-source-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-migration-admission-private.h"

typedef struct
{
  HotplugError code;
  char *text;
} Obstacle;

static void
free_need (HotplugMigrationNeed *need)
{
  g_free (need->title);
  g_free (need->name);
  g_free (need->volume);
  g_free (need);
}

static void
free_obstacle (Obstacle *obstacle)
{
  g_free (obstacle->text);
  g_free (obstacle);
}

void
_hotplug_migration_outlook_init (HotplugMigrationOutlook *self)
{
  *self = (HotplugMigrationOutlook){
    .needs = g_ptr_array_new_with_free_func ((GDestroyNotify)free_need),
    .obstacles = g_ptr_array_new_with_free_func ((GDestroyNotify)free_obstacle),
  };
}

void
_hotplug_migration_outlook_clear (HotplugMigrationOutlook *self)
{
  g_clear_pointer (&self->needs, g_ptr_array_unref);
  g_clear_pointer (&self->obstacles, g_ptr_array_unref);
}

void
_hotplug_migration_outlook_add (HotplugMigrationOutlook *self, HotplugError code, const char *format, ...)
{
  Obstacle *obstacle = g_new0 (Obstacle, 1);
  va_list args;

  va_start (args, format);
  obstacle->text = g_strdup_vprintf (format, args);
  va_end (args);
  obstacle->code = code;
  g_ptr_array_add (self->obstacles, obstacle);
}

/* What passes by itself is the error's code only if nothing else is in the way. */
static HotplugError
find_code (const HotplugMigrationOutlook *self)
{
  for (guint i = 0; i < self->obstacles->len; i++)
    {
      const Obstacle *obstacle = g_ptr_array_index (self->obstacles, i);
      if (obstacle->code != HOTPLUG_ERROR_BUSY)
        return obstacle->code;
    }
  return HOTPLUG_ERROR_BUSY;
}

gboolean
_hotplug_migration_outlook_judge (const HotplugMigrationOutlook *self, const char *vmi, const char *destination,
                                  GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->obstacles->len == 0)
    return TRUE;

  for (guint i = 0; i < self->obstacles->len; i++)
    {
      const Obstacle *obstacle = g_ptr_array_index (self->obstacles, i);
      g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", obstacle->text);
    }
  g_set_error (error, HOTPLUG_ERROR, (int)find_code (self), "vmi \"%s\" can't migrate to %s: %s", vmi, destination,
               text->str);
  return FALSE;
}

static char *
title_of (const HotplugDisk *disk)
{
  if (_hotplug_volume_name_from_alias (disk->alias) != NULL)
    return _hotplug_alias_describe (disk->alias);
  return g_strconcat ("disk ", disk->target, NULL);
}

static gboolean
is_read_only (const HotplugDisk *disk)
{
  return disk->read_only || g_strcmp0 (disk->device, "cdrom") == 0;
}

/* KubeVirt's rule for what it calls a PVC, of which ours is the counterpart: pkg/virt-handler/vm.go
 * checkVolumesForMigration (). <shareable/> is what ReadWriteMany has become; a source on the network is where both
 * hosts get at it. */
static gboolean
stays_here (const HotplugDisk *disk)
{
  return _hotplug_volume_name_from_alias (disk->alias) != NULL && !disk->shareable && !is_read_only (disk)
         && disk->uri == NULL;
}

/* The host of this name or address is another one on each */
static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address) || g_inet_address_get_is_any (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 || g_ascii_strcasecmp (host, "localhost.localdomain") == 0;
}

static void
check_server (const HotplugDisk *disk, HotplugMigrationOutlook *outlook)
{
  g_auto (HotplugNetworkSource) source = { NULL };
  g_autofree char *title = title_of (disk);

  if (disk->uri == NULL || !_hotplug_network_source_parse (disk->uri, &source, NULL))
    return;
  if (source.socket != NULL)
    _hotplug_migration_outlook_add (outlook, HOTPLUG_ERROR_SOURCE_MISSING,
                                    "%s: its server is behind the socket %s, which is this host's alone", title,
                                    source.socket);
  else if (source.host != NULL && is_loopback (source.host))
    _hotplug_migration_outlook_add (
        outlook, HOTPLUG_ERROR_SOURCE_MISSING,
        "%s: its server is at %s, which is this host to itself alone: name it by an address "
        "that both hosts reach",
        title, source.host);
}

static void
add_need (HotplugMigrationOutlook *outlook, HotplugMigrationNeedKind kind, const char *title, const char *name,
          const char *volume, gboolean read_only)
{
  HotplugMigrationNeed *need = g_new0 (HotplugMigrationNeed, 1);

  *need = (HotplugMigrationNeed){ .kind = kind,
                                  .title = g_strdup (title),
                                  .name = g_strdup (name),
                                  .volume = g_strdup (volume),
                                  .read_only = read_only };
  g_ptr_array_add (outlook->needs, need);
}

/* A block device is not looked at: of one that is there under its path nothing tells that it is the same, libvirt
 * opens it before anything is done, and takes it for shared (9.0.0 src/qemu/qemu_migration.c:1619). */
static void
take_disk (const HotplugDisk *disk, HotplugMigrationOutlook *outlook)
{
  g_autofree char *title = title_of (disk);
  gboolean drive = g_strcmp0 (disk->device, "cdrom") == 0 || g_strcmp0 (disk->device, "floppy") == 0;

  if (disk->path != NULL && !disk->block)
    add_need (outlook, HOTPLUG_MIGRATION_NEED_FILE, title, disk->path, NULL, is_read_only (disk));
  else if (disk->path == NULL && disk->pool != NULL && disk->pool_volume != NULL)
    add_need (outlook, HOTPLUG_MIGRATION_NEED_VOLUME, title, disk->pool, disk->pool_volume, is_read_only (disk));
  else if (disk->path == NULL && disk->uri == NULL && !drive)
    /* such as an NVMe controller, which libvirt knows not to be shared: src/qemu/qemu_migration.c:1615 */
    outlook->doubtful = TRUE;
}

void
_hotplug_migration_admit_backing (const HotplugDomain *live, const char *target, const char *path,
                                  HotplugMigrationOutlook *outlook)
{
  const HotplugDisk *disk = target != NULL ? _hotplug_domain_find_target (live, target) : NULL;

  if (disk == NULL)
    return;
  g_autofree char *title = title_of (disk);
  add_need (outlook, HOTPLUG_MIGRATION_NEED_FILE, title, path, NULL, TRUE);
}

static void
check_disks (const HotplugDomain *live, HotplugMigrationOutlook *outlook)
{
  g_autoptr (GString) here = g_string_new (NULL);
  guint count = 0;

  for (guint i = 0; i < live->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (live->disks, i);

      if (stays_here (disk))
        g_string_append_printf (here, "%s\"%s\"", count++ > 0 ? ", " : "",
                                _hotplug_volume_name_from_alias (disk->alias));
      else
        take_disk (disk, outlook);
      check_server (disk, outlook);
    }
  if (count > 0)
    _hotplug_migration_outlook_add (
        outlook, HOTPLUG_ERROR_ACCESS_MODE,
        "%s %s %s not shared: live migration requires access mode ReadWriteMany, or a source on "
        "the network",
        count > 1 ? "volumes" : "volume", here->str, count > 1 ? "are" : "is");
}

/* What libvirt's network has made of an interface it may make anew there, from another bridge. Of the other kinds none
 * has a name on its host that this library knows: libvirt's own preparation there tells */
static void
take_nics (const HotplugDomain *live, HotplugMigrationOutlook *outlook)
{
  for (guint i = 0; i < live->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (live->nics, i);
      g_autofree char *title = g_strdup_printf ("interface \"%s\"", _hotplug_nic_name (nic));
      const char *network = g_strcmp0 (nic->type, "network") == 0 ? nic->source : nic->network;
      const char *bridge = g_strcmp0 (nic->type, "bridge") == 0 ? nic->source : NULL;

      if (nic->alias != NULL && outlook->moved != NULL && g_strv_contains (outlook->moved, nic->alias))
        continue;
      if (network != NULL || bridge != NULL)
        add_need (outlook, network != NULL ? HOTPLUG_MIGRATION_NEED_NETWORK : HOTPLUG_MIGRATION_NEED_BRIDGE, title,
                  network != NULL ? network : bridge,
                  NULL, FALSE);
    }
}

/* Its guest would answer at the destination, where nobody has asked it. */
static void
check_removals (const HotplugSides *sides, HotplugMigrationOutlook *outlook)
{
  const HotplugDomain *records = sides->template != NULL ? sides->template : sides->live;

  for (guint i = 0; i < records->records->len; i++)
    {
      const HotplugRecord *record = g_ptr_array_index (records->records, i);
      const char *alias = _hotplug_record_alias (record);

      if (record->state != HOTPLUG_RECORD_REMOVING || !_hotplug_domain_has_alias (sides->live, alias))
        continue;
      g_autofree char *title = _hotplug_alias_describe (alias);
      _hotplug_migration_outlook_add (outlook, HOTPLUG_ERROR_BUSY,
                                      "%s is still being removed: the guest has not let go of it", title);
    }
}

gboolean
_hotplug_migration_admit (const HotplugSides *sides, HotplugMigrationOutlook *outlook, GError **error)
{
  if (sides->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running: only a running VMI can migrate", _hotplug_sides_vmi (sides));
      return FALSE;
    }
  check_removals (sides, outlook);
  check_disks (sides->live, outlook);
  take_nics (sides->live, outlook);
  return TRUE;
}
