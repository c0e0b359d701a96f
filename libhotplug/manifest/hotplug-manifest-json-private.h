/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest/hotplug-manifest-reader-private.h"

G_BEGIN_DECLS

/* JSON and nothing beyond it, where others read it as such: no comments, no commas at an end, no words of YAML. Limits
 * are the manifest reader's, and keys that are there twice are refused. Its root is an object.
 * @place: (nullable): the field of a manifest that has the text as its value, in line @line: all in it has that line,
 *   and errors name the place in the text as well. NULL: the text is a file.
 * HOTPLUG_ERROR_MANIFEST */
HotplugManifestDocument *_hotplug_manifest_read_json (const char *text, gsize length, const char *place, guint line,
                                                      GError **error);

G_END_DECLS
