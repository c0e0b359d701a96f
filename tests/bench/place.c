/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/resource.h>

#include "base/hotplug-name-private.h"
#include "bench/bench.h"
#include "rules/hotplug-target-private.h"
#include "xml/hotplug-device-xml-private.h"

const char *
bench_find_hotplugctl (void)
{
  static char *found = NULL;

  if (found == NULL)
    {
      g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
      g_autofree char *here = g_path_get_dirname (self);
      g_autofree char *top = g_strconcat (here, strstr (here, "/.libs") != NULL ? "/../../.." : "/../..", NULL);
      g_autofree char *libraries = g_build_filename (top, ".libs", NULL);

      found = g_build_filename (top, "tools", ".libs", "hotplugctl", NULL);
      g_setenv ("LD_LIBRARY_PATH", libraries, TRUE);
    }
  return found;
}

char *
bench_disk_xml (const char *path, guint number, const char *alias, const char *serial)
{
  g_autofree char *target = _hotplug_target_name ("sd", number);
  HotplugDisk disk = {
    .alias = (char *)alias,
    .target = target,
    .path = (char *)path,
    .serial = (char *)serial,
    .bus = HOTPLUG_BUS_SCSI,
    .address = _hotplug_address_drive (0, 0, 0, number),
  };

  return _hotplug_disk_to_xml (&disk);
}

char **
bench_make_disks (const char *directory, guint count)
{
  char **devices = g_new0 (char *, count + 1);

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("disk-%u", i);
      g_autofree char *alias = _hotplug_volume_alias (name);
      g_autofree char *image = lab_image_new (directory, name, 1 << 20);
      devices[i] = bench_disk_xml (image, i, alias, name);
    }
  return devices;
}

void
bench_raise_file_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    {
      limit.rlim_cur = limit.rlim_max;
      setrlimit (RLIMIT_NOFILE, &limit);
    }
}
