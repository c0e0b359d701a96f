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
  gboolean told; /* somebody has said that it is of that format */
} HotplugImage;

typedef void (*HotplugImageProgress) (double percent, gpointer data);

/* Opens a source for reading, once, and measures it: what is checked is what is copied. One whose format is not told,
 * and that begins as an image of another one than raw, is refused. HOTPLUG_ERROR_SOURCE_MISSING,
 * HOTPLUG_ERROR_PERMISSION, HOTPLUG_ERROR_SOURCE_NOT_READY */
gboolean _hotplug_image_open (HotplugImage *self, const char *path, const char *what, guint64 *size, GError **error);

/* Opens what somebody else has made, to be filled; @block: as a device, else as a file that is no link.
 * HOTPLUG_ERROR_PERMISSION */
gboolean _hotplug_image_open_target (HotplugImage *self, const char *path, gboolean block, const char *what,
                                     GError **error);

/* Why what stands at @path is no image that a machine could use; NULL: it is one, as far as this user can see */
const char *_hotplug_image_judge (const char *path, gboolean block);

/* How large the disk in it is. A qcow2 image that leads to other files is refused: HOTPLUG_ERROR_SOURCE_NOT_READY */
gboolean _hotplug_image_measure (const HotplugImage *self, const char *what, guint64 *size, GError **error);

/* Makes an empty file an empty disk. */
gboolean _hotplug_image_format (const HotplugImage *self, const char *what, guint64 size, gboolean preallocate,
                                GCancellable *cancellable, GError **error);

/* Copies a disk into an empty one that is at least as large. */
gboolean _hotplug_image_copy (const HotplugImage *from, const HotplugImage *to, const char *what, guint64 size,
                              HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error);

/* Writes zeros into a device, from a little before @from to its end at @size. */
gboolean _hotplug_image_zero (const HotplugImage *self, const char *what, guint64 from, guint64 size,
                              HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error);

/* To the disk */
gboolean _hotplug_image_sync (const HotplugImage *self, const char *what, GError **error);

G_END_DECLS
