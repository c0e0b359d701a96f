/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "manifest/hotplug-manifest-reader-private.h"

G_BEGIN_DECLS

/* What an object of a manifest may have, as a table; a value that is null counts as not there, as in Kubernetes. */

typedef enum {
  HOTPLUG_FIELD_STRING,   /* char * */
  HOTPLUG_FIELD_STRINGS,  /* GStrv */
  HOTPLUG_FIELD_BOOLEAN,  /* gboolean */
  HOTPLUG_FIELD_INTEGER,  /* gint64 */
  HOTPLUG_FIELD_QUANTITY, /* guint64, bytes */
  HOTPLUG_FIELD_OBJECT,   /* guint: the line where it is, 0: it is not there */
  HOTPLUG_FIELD_IGNORED,  /* it changes nothing here */
  HOTPLUG_FIELD_REFUSED,  /* by its name, and @why */
} HotplugFieldKind;

typedef struct _HotplugManifestField HotplugManifestField;

/* The last of a table has no name. That of the name "*" stands for all that are not in it; without one they are
 * refused. */
struct _HotplugManifestField
{
  const char *name;
  HotplugFieldKind kind;
  gsize offset;                       /* in the target */
  const HotplugManifestField *fields; /* of an object */
  const char *why;
};

/* Into the struct @target, which the caller clears also after an error
 * @path: what errors call @node, "" for the root. HOTPLUG_ERROR_MANIFEST */
gboolean _hotplug_manifest_take_fields (const HotplugManifestDocument *document, JsonNode *node, const char *path,
                                        const HotplugManifestField *fields, gpointer target, GError **error);

G_END_DECLS
