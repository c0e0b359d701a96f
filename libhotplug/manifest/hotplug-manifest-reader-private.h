/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* YAML, of which JSON is a part, as a tree of JSON. The text may come from anybody: it has a limit of size, depth and
 * number of values; anchors, aliases, merge keys and tags are refused, and so are keys that are there twice. */

#define HOTPLUG_MANIFEST_BYTES_MAX (1024 * 1024)
#define HOTPLUG_MANIFEST_DEPTH_MAX 64
#define HOTPLUG_MANIFEST_VALUES_MAX 65536
#define HOTPLUG_MANIFEST_DOCUMENTS_MAX 1000

/* One document: its root is an object. */
typedef struct
{
  JsonNode *root;
  GHashTable *lines;   /* JsonNode → the line where it begins, from 1 */
  GHashTable *numbers; /* JsonNode → a number's own text, of which a double may not have all */
} HotplugManifestDocument;

/* (element-type HotplugManifestDocument): those that are not empty. HOTPLUG_ERROR_MANIFEST, with the line. */
GPtrArray *_hotplug_manifest_read (const char *text, gsize length, GError **error);

void _hotplug_manifest_document_free (HotplugManifestDocument *self);

guint _hotplug_manifest_document_line (const HotplugManifestDocument *self, JsonNode *node);

/* HOTPLUG_ERROR_MANIFEST: "line LINE: …", one line that a terminal can be shown. Always FALSE. */
gboolean _hotplug_manifest_refuse (GError **error, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugManifestDocument, _hotplug_manifest_document_free)

G_END_DECLS
