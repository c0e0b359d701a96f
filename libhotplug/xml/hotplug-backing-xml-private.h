/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A file that a disk's image stands upon, however deep */
typedef struct
{
  char *target; /* the disk's */
  char *path;
} HotplugBackingFile;

/* HotplugBackingFile: of all disks of a running machine, as libvirt tells what it has opened.
 * HOTPLUG_ERROR_INVALID_ARGUMENT */
GPtrArray *_hotplug_backing_files_from_xml (const char *xml, GError **error);

G_END_DECLS
