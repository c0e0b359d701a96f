/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "base/hotplug-serial-private.h"
#include "rules/hotplug-admission-private.h"

#define USER_ALIAS_PREFIX "ua-"

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

static const char *
vmi_of (const HotplugSides *sides)
{
  return (sides->live != NULL ? sides->live : sides->template)->name;
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

static HotplugRecord *
find_record (const HotplugSides *sides, const char *alias)
{
  HotplugRecord *record = _hotplug_domain_find_record (sides->template, alias);

  return record != NULL ? record : _hotplug_domain_find_record (sides->live, alias);
}

static gboolean
check_name (const HotplugSides *sides, HotplugVolume *volume, GError **error)
{
  const char *name = hotplug_volume_get_name (volume);
  g_autofree char *alias = _hotplug_volume_alias (name);
  HotplugRecord *record = find_record (sides, alias);

  if (record == NULL && find_named (sides->live, name) == NULL && find_named (sides->template, name) == NULL)
    return TRUE;

  gboolean removing = record != NULL && record->state == HOTPLUG_RECORD_REMOVING;
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "vmi \"%s\": volume \"%s\" %s", vmi_of (sides), name,
               removing ? "is still being removed: the guest has not let go of it" : "exists already");
  return FALSE;
}

static gboolean
check_serial_against (const HotplugSides *sides, HotplugVolume *volume, const HotplugDisk *disk, GError **error)
{
  const char *serial = hotplug_volume_get_serial (volume);

  if (!_hotplug_serial_collides (serial, hotplug_volume_get_bus (volume), disk->serial, disk->bus))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_IN_USE,
               "vmi \"%s\": serial \"%s\" of volume \"%s\" is the serial of \"%s\" already; give it another one",
               vmi_of (sides), serial, hotplug_volume_get_name (volume), _hotplug_disk_name (disk));
  return FALSE;
}

static gboolean
check_serial (const HotplugSides *sides, const HotplugDomain *domain, HotplugVolume *volume, GError **error)
{
  for (guint i = 0; domain != NULL && i < domain->disks->len; i++)
    {
      if (!check_serial_against (sides, volume, g_ptr_array_index (domain->disks, i), error))
        return FALSE;
    }

  for (guint i = 0; domain != NULL && i < domain->records->len; i++)
    {
      HotplugRecord *record = g_ptr_array_index (domain->records, i);
      if (!check_serial_against (sides, volume, record->disk, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
_hotplug_admission_add (const HotplugSides *sides, HotplugVolume *volume, GError **error)
{
  return check_name (sides, volume, error) && check_serial (sides, sides->live, volume, error)
         && check_serial (sides, sides->template, volume, error);
}

gboolean
_hotplug_admission_remove (const HotplugSides *sides, const char *name, GError **error)
{
  g_autofree char *alias = _hotplug_volume_alias (name);

  if (_hotplug_domain_find_alias (sides->live, alias) != NULL || _hotplug_domain_find_alias (sides->template, alias) != NULL
      || find_record (sides, alias) != NULL)
    return TRUE;

  if (find_named (sides->live, name) != NULL || find_named (sides->template, name) != NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
                   "vmi \"%s\": volume \"%s\" was not hotplugged, so it can't be removed", vmi_of (sides), name);
      return FALSE;
    }

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "vmi \"%s\": there is no volume \"%s\"", vmi_of (sides), name);
  return FALSE;
}
