/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-data-volume-private.h"

G_BEGIN_DECLS

/* What an image does not say of its volume, as the text of a key file, and the volume that it describes.
 * @from: where the text was read, for errors */
char *_hotplug_store_record_write (HotplugDataVolume *volume);
HotplugDataVolume *_hotplug_store_record_read (const char *name, const char *from, const char *text, GError **error);

G_END_DECLS
