/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-storage-pool-private.h"

G_BEGIN_DECLS

gboolean _hotplug_pool_from_xml (const char *xml, HotplugStoragePool *out, GError **error);
HotplugStorageVolume *_hotplug_pool_volume_from_xml (const char *xml, GError **error);

/* The XML of a volume that is to be made */
char *_hotplug_pool_volume_to_xml (const char *name, HotplugImageFormat format, guint64 capacity, guint64 allocation);

G_END_DECLS
