/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "storage/hotplug-image-private.h"

G_BEGIN_DECLS

/* Which numbers the images have in qemu-img */
#define HOTPLUG_QEMU_IMG_FROM_NUMBER 3
#define HOTPLUG_QEMU_IMG_TO_NUMBER 4
#define HOTPLUG_QEMU_IMG_TO "4"

/* Runs qemu-img with limits: @from (-1: none) and @to are all it gets, it writes no file larger than a disk of @size
 * needs, and it does not outlive the thread that asked. Its last words are in the error. */
gboolean _hotplug_qemu_img_run (const char *const *arguments, const char *what, int from, int to, guint64 size,
                                HotplugImageProgress progress, gpointer data, GCancellable *cancellable,
                                GError **error);

G_END_DECLS
