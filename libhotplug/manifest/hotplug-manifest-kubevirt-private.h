/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* The gates that the one object of kind KubeVirt in @text turns on; HOTPLUG_ERROR_MANIFEST */
gboolean _hotplug_manifest_read_gates (const char *text, gsize length, HotplugGateBits *gates, GError **error);

G_END_DECLS
