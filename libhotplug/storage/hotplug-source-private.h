/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-enums.h>

#include "model/hotplug-source-info-private.h"

G_BEGIN_DECLS

/* Looks, and opens it once as the hypervisor will: HOTPLUG_ERROR_SOURCE_MISSING, HOTPLUG_ERROR_SOURCE_NOT_READY,
 * HOTPLUG_ERROR_PERMISSION.
 * @must_open: %FALSE where the hypervisor runs as somebody else, who may open what we may not */
gboolean _hotplug_source_probe (const char *volume, const char *path, gboolean read_only, gboolean must_open,
                                HotplugSource *out, GError **error);

/* Whether @path leads to the very same file or device, by whatever name or link */
gboolean _hotplug_source_is (const HotplugSource *self, const char *path);

/* The same in two steps, for who asks often: which file or device stands at @path, if any; whether it is this one */
gboolean _hotplug_source_identify (const char *path, HotplugSource *out);
gboolean _hotplug_source_is_same (const HotplugSource *self, const HotplugSource *other);

/* What the link @path stands for, as a path; NULL if it is none */
char *_hotplug_source_read_link (const char *path);

/* The size of the disk in what stands at @path in bytes, 0 if that can't be told */
guint64 _hotplug_source_capacity (const char *path, HotplugImageFormat format);

G_END_DECLS
