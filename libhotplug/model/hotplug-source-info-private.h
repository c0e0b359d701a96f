/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What stands at a volume's path on the host, as storage/ has found it. */
typedef struct
{
  char *path; /* the image or device itself: a directory's disk.img */
  gboolean block;
  guint64 size;     /* bytes */
  guint64 major_id; /* the device that the file is on, or of the block device itself */
  guint64 minor_id; /* the inode, 0 for a block device */
} HotplugSource;

void _hotplug_source_clear (HotplugSource *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugSource, _hotplug_source_clear)

G_END_DECLS
