/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <hotplug/hotplug-enums.h>

G_BEGIN_DECLS

/* Images by their descriptors, so that what was checked is what is used. @what names them in errors. */

typedef struct
{
  int fd;
  HotplugImageFormat format;
} HotplugImage;

typedef void (*HotplugImageProgress) (double percent, gpointer data);

/* How large the disk in it is. A qcow2 image that leads to other files is refused: HOTPLUG_ERROR_SOURCE_NOT_READY */
gboolean _hotplug_image_measure (const HotplugImage *self, const char *what, guint64 *size, GError **error);

/* Makes an empty file an empty disk. */
gboolean _hotplug_image_format (const HotplugImage *self, const char *what, guint64 size, gboolean preallocate,
                                GCancellable *cancellable, GError **error);

/* Copies a disk into an empty one that is at least as large. */
gboolean _hotplug_image_copy (const HotplugImage *from, const HotplugImage *to, const char *what, guint64 size,
                              HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
