/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "storage/hotplug-image-private.h"

G_BEGIN_DECLS

/* An image on its way to where it can't be written to from here: its bytes one after the other, its holes as holes, and
 * after its end zeros. */
typedef struct
{
  int fd;      /* -1: zeros alone */
  guint64 end; /* of the image */
  guint64 at;
  guint64 length; /* of all */
  gboolean full;  /* zeros are sent as bytes, where a hole would give back what was allotted */
  HotplugImageProgress progress;
  gpointer data;
  GCancellable *cancellable;
} HotplugImageTransfer;

/* How many bytes of it are no holes, as far as its file system tells */
guint64 _hotplug_image_transfer_room (const HotplugImageTransfer *self);

/* See HotplugUpload */
gssize _hotplug_image_transfer_read (gpointer transfer, void *buffer, gsize length, gboolean *hole, GError **error);

/* @from as an image of @format and @size, in a file that has no name: to be read from its begin.
 * @length: (out): how long the file is */
int _hotplug_image_transfer_prepare (const HotplugImage *from, HotplugImageFormat format, const char *what,
                                     guint64 size, gboolean preallocate, HotplugImageProgress progress, gpointer data,
                                     GCancellable *cancellable, guint64 *length, GError **error);

G_END_DECLS
