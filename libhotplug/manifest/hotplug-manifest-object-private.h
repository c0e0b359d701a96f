/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-manifest.h>

#include "manifest/hotplug-manifest-fields-private.h"

G_BEGIN_DECLS

const HotplugManifestDocument *_hotplug_manifest_get_document (HotplugManifest *self);

/* That it is of this kind and API; HOTPLUG_ERROR_MANIFEST
 * @versions: NULL-terminated */
gboolean _hotplug_manifest_check_kind (HotplugManifest *self, const char *kind, const char *const *versions,
                                       GError **error);

G_END_DECLS
