/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an image begins with, of those formats that can be told by it */
typedef enum {
  HOTPLUG_HEADER_NONE, /* none of the following, so that it may well be raw */
  HOTPLUG_HEADER_QCOW2,
  HOTPLUG_HEADER_QCOW,
  HOTPLUG_HEADER_QED,
  HOTPLUG_HEADER_VMDK,
  HOTPLUG_HEADER_VHDX,
  HOTPLUG_HEADER_VHD,
  HOTPLUG_HEADER_VDI,
  HOTPLUG_HEADER_LUKS,
  HOTPLUG_HEADER_GZIP,
  HOTPLUG_HEADER_XZ,
  HOTPLUG_HEADER_ZSTD,
  HOTPLUG_HEADER_BZIP2,
  HOTPLUG_HEADER_ZIP,
} HotplugHeader;

HotplugHeader _hotplug_header_of (int fd);

/* What people call it; NULL: HOTPLUG_HEADER_NONE */
const char *_hotplug_header_name (HotplugHeader self);

/* The files that the qcow2 image at @path leads to, however deep, by what the headers say: its base, the base of that,
 * and files of data. Only files and devices are opened, to be read, and none whose format is told to be raw is looked
 * into. Paths, absolute ones; none if it leads nowhere. */
GPtrArray *_hotplug_image_chain (const char *path);

G_END_DECLS
