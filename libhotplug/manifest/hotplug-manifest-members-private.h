/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include <hotplug/hotplug-enums.h>

G_BEGIN_DECLS

/* What is not known is no member. Strings may be any bytes, a path for one; a manifest is UTF-8.
 * @value: nullable; @number: 0 counts as not known */
void _hotplug_manifest_add_string (JsonObject *object, const char *name, const char *value);
void _hotplug_manifest_add_number (JsonObject *object, const char *name, guint number);

/* They are @parent's. */
JsonObject *_hotplug_manifest_add_object (JsonObject *parent, const char *name);
JsonArray *_hotplug_manifest_add_array (JsonObject *parent, const char *name);

/* @object: (transfer full) */
char *_hotplug_manifest_object_to_string (JsonObject *object, HotplugManifestFormat format);

/* Of an item of a list: (transfer full) */
typedef JsonObject *(*HotplugManifestBuild) (gpointer item);

/* A Kubernetes List */
char *_hotplug_manifest_list_to_string (GPtrArray *items, HotplugManifestBuild build, HotplugManifestFormat format);

G_END_DECLS
