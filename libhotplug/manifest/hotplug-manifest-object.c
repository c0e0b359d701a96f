/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "manifest/hotplug-manifest-object-private.h"

struct _HotplugManifest
{
  HotplugManifestDocument *document;
  char *api_version;
  char *kind;
  char *name; /* nullable */
  guint line;
};

G_DEFINE_BOXED_TYPE (HotplugManifest, hotplug_manifest, hotplug_manifest_ref, hotplug_manifest_unref)

static const HotplugManifestField metadata_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, G_STRUCT_OFFSET (HotplugManifest, name) },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField fields[] = {
  { "apiVersion", HOTPLUG_FIELD_STRING, G_STRUCT_OFFSET (HotplugManifest, api_version) },
  { "kind", HOTPLUG_FIELD_STRING, G_STRUCT_OFFSET (HotplugManifest, kind) },
  { "metadata", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (HotplugManifest, line), metadata_fields },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static void
clear (gpointer data)
{
  HotplugManifest *self = data;

  g_clear_pointer (&self->document, _hotplug_manifest_document_free);
  g_free (self->api_version);
  g_free (self->kind);
  g_free (self->name);
}

static gboolean
fill (HotplugManifest *self, GError **error)
{
  gboolean taken = _hotplug_manifest_take_fields (self->document, self->document->root, "", fields, self, error);

  self->line = _hotplug_manifest_document_line (self->document, self->document->root);
  if (!taken)
    return FALSE;
  if (self->kind == NULL)
    return _hotplug_manifest_refuse (error, self->line, "kind is missing");
  return self->api_version != NULL || _hotplug_manifest_refuse (error, self->line, "apiVersion is missing");
}

/* An item of a list, as a document of its own: lines and numbers are those of the whole */
static HotplugManifestDocument *
view (const HotplugManifestDocument *whole, JsonNode *root)
{
  HotplugManifestDocument *self = g_new0 (HotplugManifestDocument, 1);

  self->root = json_node_ref (root);
  self->lines = g_hash_table_ref (whole->lines);
  self->numbers = g_hash_table_ref (whole->numbers);
  return self;
}

static gboolean add_items (const HotplugManifestDocument *list, GPtrArray *objects, GError **error);

/* Deep lists are no danger: the reader has a limit.
 * @document: (transfer full) */
static gboolean
add_object (HotplugManifestDocument *document, GPtrArray *objects, GError **error)
{
  g_autoptr (HotplugManifest) self = g_atomic_rc_box_new0 (HotplugManifest);

  self->document = document;
  if (!fill (self, error))
    return FALSE;
  if (g_str_equal (self->kind, "List") && g_str_equal (self->api_version, "v1"))
    return add_items (document, objects, error);

  g_ptr_array_add (objects, g_steal_pointer (&self));
  return TRUE;
}

/* Kubernetes' List (k8s.io/api/core/v1), which get -o prints too */
static gboolean
add_items (const HotplugManifestDocument *list, GPtrArray *objects, GError **error)
{
  JsonNode *items = json_object_get_member (json_node_get_object (list->root), "items");

  if (items == NULL || JSON_NODE_HOLDS_NULL (items))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (items))
    return _hotplug_manifest_refuse (error, _hotplug_manifest_document_line (list, items),
                                     "items of a List is a list of objects");

  JsonArray *array = json_node_get_array (items);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      if (!JSON_NODE_HOLDS_OBJECT (item))
        return _hotplug_manifest_refuse (error, _hotplug_manifest_document_line (list, item), "items[%u] is no object",
                                         i);
      if (!add_object (view (list, item), objects, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * hotplug_manifest_parse:
 * @text: YAML or JSON
 * @length: its bytes; -1 up to a NUL
 * @error: return location for a #GError
 *
 * Reads the objects of a manifest: a document each, with `---` between them, or the items of Kubernetes' `List`. Empty
 * documents are passed over.
 *
 * The text may come from anybody. At most 1 MiB of it is read, 64 levels deep, 65,536 values, 1000 documents. A key
 * that is there twice is refused, and so is what Kubernetes' manifests do without: anchors and aliases, merge keys,
 * tags, and words that are a number to some readers and none to others, such as `010`. Of an object only its kind and
 * its name are looked at here; what else it says is asked by the function for its kind, such as
 * hotplug_data_volume_new_from_manifest().
 *
 * Returns: (transfer container) (element-type HotplugManifest): the objects in their order, or %NULL with
 *   %HOTPLUG_ERROR_MANIFEST; the message begins with the line
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_manifest_parse (const char *text, gssize length, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  g_autoptr (GPtrArray) documents = _hotplug_manifest_read (text, length >= 0 ? (gsize)length : strlen (text), error);
  if (documents == NULL)
    return NULL;

  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_manifest_unref);
  while (documents->len > 0)
    {
      if (!add_object (g_ptr_array_steal_index (documents, 0), objects, error))
        return NULL;
    }
  return g_steal_pointer (&objects);
}

/**
 * hotplug_manifest_ref:
 * @self: a manifest's object
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugManifest *
hotplug_manifest_ref (HotplugManifest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

/**
 * hotplug_manifest_unref:
 * @self: (transfer full): a manifest's object
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_manifest_unref (HotplugManifest *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_manifest_get_api_version:
 * @self: a manifest's object
 *
 * Returns: (transfer none): its `apiVersion`, such as `cdi.kubevirt.io/v1beta1`
 *
 * Since: 0.1
 */
const char *
hotplug_manifest_get_api_version (HotplugManifest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->api_version;
}

/**
 * hotplug_manifest_get_kind:
 * @self: a manifest's object
 *
 * Returns: (transfer none): its `kind`, such as `DataVolume`
 *
 * Since: 0.1
 */
const char *
hotplug_manifest_get_kind (HotplugManifest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->kind;
}

/**
 * hotplug_manifest_get_name:
 * @self: a manifest's object
 *
 * Returns: (transfer none) (nullable): its `metadata.name`, %NULL if it has none
 *
 * Since: 0.1
 */
const char *
hotplug_manifest_get_name (HotplugManifest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_manifest_get_line:
 * @self: a manifest's object
 *
 * Returns: the line of the text where it begins, from 1
 *
 * Since: 0.1
 */
guint
hotplug_manifest_get_line (HotplugManifest *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->line;
}

const HotplugManifestDocument *
_hotplug_manifest_get_document (HotplugManifest *self)
{
  return self->document;
}

gboolean
_hotplug_manifest_check_kind (HotplugManifest *self, const char *kind, const char *const *versions, GError **error)
{
  g_autofree char *list = g_strjoinv (" or ", (char **)versions);

  if (!g_str_equal (self->kind, kind))
    return _hotplug_manifest_refuse (error, self->line, "kind is %s, not %s", kind, self->kind);
  return g_strv_contains (versions, self->api_version)
         || _hotplug_manifest_refuse (error, self->line, "apiVersion of a %s is %s, not %s", kind, list,
                                      self->api_version);
}
