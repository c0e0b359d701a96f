/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include <hotplug/hotplug-enums.h>

G_BEGIN_DECLS

char *_hotplug_manifest_to_string (JsonNode *root, HotplugManifestFormat format);

char *_hotplug_manifest_to_yaml (JsonNode *root);

G_END_DECLS
