/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-quantity.h>

#include "manifest/hotplug-manifest-fields-private.h"

#define ANY_FIELD "*"

/* One value on its way into the target */
typedef struct
{
  const HotplugManifestDocument *document;
  JsonNode *node;
  const char *path;
  guint line;
  gpointer target;
} Taking;

static const char *
describe (JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      return "an object";
    case JSON_NODE_ARRAY:
      return "a list";
    case JSON_NODE_NULL:
      return "nothing";
    case JSON_NODE_VALUE:
    default:
      return json_node_get_value_type (node) == G_TYPE_STRING    ? "a text"
             : json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "a boolean"
                                                                 : "a number";
    }
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static gboolean
refuse_kind (const Taking *taking, const char *wanted, GError **error)
{
  gboolean quotes = JSON_NODE_HOLDS_VALUE (taking->node) && g_str_equal (wanted, "a text");

  return _hotplug_manifest_refuse (error, taking->line, "%s is %s, not %s%s", taking->path, wanted,
                                   describe (taking->node), quotes ? "; a text is in quotes" : "");
}

static gboolean
take_string (const Taking *taking, GError **error)
{
  char **out = taking->target;

  if (!is_string (taking->node))
    return refuse_kind (taking, "a text", error);
  *out = g_strdup (json_node_get_string (taking->node));
  return TRUE;
}

static gboolean
take_boolean (const Taking *taking, GError **error)
{
  gboolean *out = taking->target;

  if (!JSON_NODE_HOLDS_VALUE (taking->node) || json_node_get_value_type (taking->node) != G_TYPE_BOOLEAN)
    return refuse_kind (taking, "true or false", error);
  *out = json_node_get_boolean (taking->node);
  return TRUE;
}

static gboolean
take_integer (const Taking *taking, GError **error)
{
  gint64 *out = taking->target;

  if (!JSON_NODE_HOLDS_VALUE (taking->node) || json_node_get_value_type (taking->node) != G_TYPE_INT64)
    return refuse_kind (taking, "a whole number", error);
  *out = json_node_get_int (taking->node);
  return TRUE;
}

static gboolean
take_quantity (const Taking *taking, GError **error)
{
  const char *number = g_hash_table_lookup (taking->document->numbers, taking->node);
  const char *text = is_string (taking->node) ? json_node_get_string (taking->node) : number;
  g_autoptr (GError) bad = NULL;

  if (text == NULL)
    return refuse_kind (taking, "a quantity, such as 5Gi", error);
  if (!hotplug_quantity_parse (text, taking->target, &bad))
    return _hotplug_manifest_refuse (error, taking->line, "%s: %s", taking->path, bad->message);
  return TRUE;
}

static gboolean
take_strings (const Taking *taking, GError **error)
{
  char ***out = taking->target;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (!JSON_NODE_HOLDS_ARRAY (taking->node))
    return refuse_kind (taking, "a list of texts", error);

  JsonArray *array = json_node_get_array (taking->node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      if (!is_string (node))
        return _hotplug_manifest_refuse (error, _hotplug_manifest_document_line (taking->document, node),
                                         "%s[%u] is a text, not %s", taking->path, i, describe (node));
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  *out = g_strv_builder_end (builder);
  return TRUE;
}

static const HotplugManifestField *
find_field (const HotplugManifestField *fields, const char *name)
{
  for (; fields->name != NULL; fields++)
    {
      if (g_str_equal (fields->name, name) || g_str_equal (fields->name, ANY_FIELD))
        return fields;
    }
  return NULL;
}

static gboolean
refuse_unknown (const Taking *taking, const HotplugManifestField *fields, GError **error)
{
  g_autoptr (GString) known = g_string_new (NULL);

  for (; fields->name != NULL; fields++)
    {
      if (fields->kind != HOTPLUG_FIELD_REFUSED)
        g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", fields->name);
    }
  return _hotplug_manifest_refuse (error, taking->line, "unknown field %s; known there: %s", taking->path,
                                   known->len > 0 ? known->str : "none");
}

static gboolean
take_field (Taking *taking, const HotplugManifestField *field, gpointer target, GError **error)
{
  taking->target = G_STRUCT_MEMBER_P (target, field->offset);
  switch (field->kind)
    {
    case HOTPLUG_FIELD_STRING:
      return take_string (taking, error);
    case HOTPLUG_FIELD_STRINGS:
      return take_strings (taking, error);
    case HOTPLUG_FIELD_BOOLEAN:
      return take_boolean (taking, error);
    case HOTPLUG_FIELD_INTEGER:
      return take_integer (taking, error);
    case HOTPLUG_FIELD_QUANTITY:
      return take_quantity (taking, error);
    case HOTPLUG_FIELD_OBJECT:
      *(guint *)taking->target = taking->line;
      return _hotplug_manifest_take_fields (taking->document, taking->node, taking->path, field->fields, target, error);
    case HOTPLUG_FIELD_REFUSED:
      return _hotplug_manifest_refuse (error, taking->line, "%s is not supported%s%s", taking->path,
                                       field->why != NULL ? ": " : "", field->why != NULL ? field->why : "");
    case HOTPLUG_FIELD_IGNORED:
    default:
      return TRUE;
    }
}

gboolean
_hotplug_manifest_take_fields (const HotplugManifestDocument *document, JsonNode *node, const char *path,
                               const HotplugManifestField *fields, gpointer target, GError **error)
{
  Taking whole = { document, node, path, _hotplug_manifest_document_line (document, node), target };
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return refuse_kind (&whole, "an object", error);

  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      const HotplugManifestField *field = find_field (fields, name);
      g_autofree char *inner = *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);
      Taking taking = { document, value, inner, _hotplug_manifest_document_line (document, value), NULL };

      if (field == NULL)
        return refuse_unknown (&taking, fields, error);
      if (!JSON_NODE_HOLDS_NULL (value) && !take_field (&taking, field, target, error))
        return FALSE;
    }
  return TRUE;
}
