/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-name-private.h"
#include "base/hotplug-serial-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-boot-order-private.h"
#include "rules/hotplug-io-thread-private.h"

#define USER_ALIAS_PREFIX "ua-"

/* Of the serial that a SCSI disk without one gets */
#define ALIAS_PREFIX "drive-"

const char *
_hotplug_disk_name (const HotplugDisk *disk)
{
  const char *ours = _hotplug_volume_name_from_alias (disk->alias);

  if (ours != NULL)
    return ours;
  if (disk->alias != NULL && g_str_has_prefix (disk->alias, USER_ALIAS_PREFIX))
    return disk->alias + strlen (USER_ALIAS_PREFIX);
  return disk->target;
}

static HotplugDisk *
find_named (const HotplugDomain *domain, const char *name)
{
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      HotplugDisk *disk = g_ptr_array_index (domain->disks, i);
      if (g_strcmp0 (_hotplug_disk_name (disk), name) == 0)
        return disk;
    }
  return NULL;
}

static gboolean
check_name (const HotplugSides *sides, HotplugVolume *volume, GError **error)
{
  const char *name = hotplug_volume_get_name (volume);
  g_autofree char *alias = _hotplug_volume_alias (name);
  gboolean named = find_named (sides->live, name) != NULL || find_named (sides->template, name) != NULL;

  return _hotplug_sides_check_name (sides, "volume", name, alias, named, error);
}

/* The search for a disk that a guest could not tell from the new one by its serial */
typedef struct
{
  const HotplugSides *sides;
  HotplugVolume *volume;
  guint64 hypervisor_version;
} Search;

static HotplugDiskType
disk_type_of (const HotplugDisk *disk)
{
  return disk->device == NULL ? HOTPLUG_DISK_TYPE_DISK
                              : (HotplugDiskType)_hotplug_enum_from_nick (HOTPLUG_TYPE_DISK_TYPE, disk->device,
                                                                          HOTPLUG_DISK_TYPE_DISK);
}

/* A SCSI disk without a serial is known by its alias (libvirt src/qemu/qemu_command.c:1792); a LUN by what its device
 * says of itself. */
static gboolean
is_seen_as (const Search *search, const HotplugDisk *disk, const char *serial, guint limit)
{
  gboolean named = disk->serial != NULL && *disk->serial != '\0';

  /* asked of every disk for every volume of a batch: most differ at a glance, whatever is cut */
  if ((named && *disk->serial != *serial && g_ascii_isalnum (*disk->serial))
      || (!named && (disk->bus != HOTPLUG_BUS_SCSI || disk->alias == NULL || *serial != *ALIAS_PREFIX)))
    return FALSE;

  HotplugDiskType disk_type = disk_type_of (disk);
  if (!named && disk_type == HOTPLUG_DISK_TYPE_LUN)
    return FALSE;

  guint disk_limit = hotplug_serial_get_limit (disk->bus, disk_type, search->hypervisor_version);
  g_autofree char *known = named ? NULL : g_strconcat (ALIAS_PREFIX, disk->alias, NULL);
  return _hotplug_serial_collides (serial, limit, named ? disk->serial : known, disk_limit);
}

static gboolean
check_serial_against (const Search *search, const HotplugDisk *disk, GError **error)
{
  const char *name = hotplug_volume_get_name (search->volume);
  const char *serial = hotplug_volume_get_serial (search->volume);
  guint limit = hotplug_serial_get_limit (hotplug_volume_get_bus (search->volume), HOTPLUG_DISK_TYPE_DISK,
                                          search->hypervisor_version);

  if (!is_seen_as (search, disk, serial, limit))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_IN_USE,
               "vmi \"%s\": serial \"%s\" of volume \"%s\" is the serial of \"%s\" already; give it another one",
               _hotplug_sides_vmi (search->sides), serial, name, _hotplug_disk_name (disk));
  return FALSE;
}

static gboolean
check_serial_is_free (const Search *search, const HotplugDomain *domain, GError **error)
{
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      if (!check_serial_against (search, g_ptr_array_index (domain->disks, i), error))
        return FALSE;
    }

  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (record->disk != NULL && !check_serial_against (search, record->disk, error))
        return FALSE;
    }
  return TRUE;
}

/* A volume is made before it is known for which hypervisor: old ones show less. */
static gboolean
check_serial (const Search *search, GError **error)
{
  HotplugVolume *volume = search->volume;

  if (hotplug_serial_check (hotplug_volume_get_bus (volume), HOTPLUG_DISK_TYPE_DISK, hotplug_volume_get_serial (volume),
                            search->hypervisor_version, NULL, error))
    return TRUE;

  g_prefix_error (error, "vmi \"%s\": volume \"%s\": ", _hotplug_sides_vmi (search->sides),
                  hotplug_volume_get_name (volume));
  return FALSE;
}

/* KubeVirt hands out threads that it makes; here the machine has them, since none comes to a running one by itself. */
static gboolean
check_io_thread (const HotplugSides *sides, HotplugVolume *volume, GError **error)
{
  if (!hotplug_volume_get_dedicated_io_thread (volume) || _hotplug_io_thread_choose (sides) != 0)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NO_IO_THREAD,
               "vmi \"%s\": volume \"%s\" wants an IO thread, and the VMI has none; <iothreads>1</iothreads> in its "
               "definition gives it one at the next start",
               _hotplug_sides_vmi (sides), hotplug_volume_get_name (volume));
  return FALSE;
}

gboolean
_hotplug_admission_add (const HotplugSides *sides, HotplugVolume *volume, guint64 hypervisor_version, GError **error)
{
  const Search search = { sides, volume, hypervisor_version };

  return check_name (sides, volume, error)
         && (hotplug_volume_get_serial (volume) == NULL
             || (check_serial (&search, error) && check_serial_is_free (&search, sides->live, error)
                 && check_serial_is_free (&search, sides->template, error)))
         && check_io_thread (sides, volume, error)
         && _hotplug_boot_order_check (sides, "volume", hotplug_volume_get_name (volume),
                                       hotplug_volume_get_boot_order (volume), error);
}

gboolean
_hotplug_admission_remove (const HotplugSides *sides, const char *name, GError **error)
{
  g_autofree char *alias = _hotplug_volume_alias (name);

  if (_hotplug_domain_find_alias (sides->live, alias) != NULL
      || _hotplug_domain_find_alias (sides->template, alias) != NULL
      || _hotplug_sides_find_record (sides, alias) != NULL)
    return TRUE;

  if (find_named (sides->live, name) != NULL || find_named (sides->template, name) != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
                   "vmi \"%s\": volume \"%s\" was not hotplugged, so it can't be removed", _hotplug_sides_vmi (sides),
                   name);
      return FALSE;
    }

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": there is no volume \"%s\"",
               _hotplug_sides_vmi (sides), name);
  return FALSE;
}
