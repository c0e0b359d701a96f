/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-media-private.h"

static gboolean
is_drive (const HotplugDisk *disk)
{
  return g_strcmp0 (disk->device, "cdrom") == 0;
}

static const char *
side_of (const HotplugDomain *side)
{
  return side->active ? "" : "the template of ";
}

/* A drive is never plugged into a running machine, KubeVirt has it so: who looks for one learns which there are. */
static HotplugDisk *
refuse_unknown (const HotplugDomain *side, const char *name, GError **error)
{
  g_autoptr (GString) drives = g_string_new (NULL);

  for (guint i = 0; i < side->disks->len; i++)
    {
      const HotplugDisk *disk = g_ptr_array_index (side->disks, i);
      if (is_drive (disk))
        g_string_append_printf (drives, "%s\"%s\"", drives->len > 0 ? ", " : "", _hotplug_disk_name (disk));
    }

  if (drives->len == 0)
    g_string_append (drives, "none, and a drive can't be plugged in");
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND, "%svmi \"%s\" has no drive \"%s\"; its CD-ROM drives: %s",
               side_of (side), side->name, name, drives->str);
  return NULL;
}

/* KubeVirt's buses of a CD-ROM (pkg/storage/admitters), and the one of a pc, which libvirt changes as well: whatever
 * the machine has, media come and go on these. */
static gboolean
takes_media (const HotplugDisk *disk)
{
  return disk->bus == HOTPLUG_BUS_SATA || disk->bus == HOTPLUG_BUS_SCSI || disk->bus == HOTPLUG_BUS_IDE;
}

HotplugDisk *
_hotplug_media_find_drive (const HotplugDomain *side, const char *name, GError **error)
{
  HotplugDisk *found = NULL;

  for (guint i = 0; i < side->disks->len && found == NULL; i++)
    {
      HotplugDisk *disk = g_ptr_array_index (side->disks, i);
      if (g_strcmp0 (_hotplug_disk_name (disk), name) == 0)
        found = disk;
    }
  if (found == NULL)
    return refuse_unknown (side, name, error);
  if (!is_drive (found))
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
                   "%svmi \"%s\": \"%s\" is no CD-ROM drive, so no medium comes or goes in it", side_of (side),
                   side->name, name);
      return NULL;
    }
  if (takes_media (found))
    return found;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BUS_UNSUPPORTED,
               "%svmi \"%s\": drive \"%s\" is on bus \"%s\"; media come and go in drives on \"sata\", \"scsi\" and \"ide\"",
               side_of (side), side->name, name, _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int)found->bus));
  return NULL;
}
