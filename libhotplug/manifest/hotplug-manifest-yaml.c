/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <yaml.h>

#include "manifest/hotplug-manifest-private.h"

static void emit_node (yaml_emitter_t *emitter, JsonNode *node);

static int
append_output (void *data, unsigned char *buffer, size_t size)
{
  g_string_append_len (data, (const char *) buffer, (gssize) size);
  return 1;
}

/* Valid UTF-8 leaves no reason to fail but memory, and without that GLib ends the program too. */
static void
emit (yaml_emitter_t *emitter, int initialized, yaml_event_t *event)
{
  if (!initialized || !yaml_emitter_emit (emitter, event))
    g_error ("YAML: %s", emitter->problem != NULL ? emitter->problem : "out of memory");
}

/*
 * Readers differ in what they take for another type: YAML 1.1, which most of them still speak, has `on` for a boolean
 * and 0000:01:00.0 for a number to the base of 60. Quotes too many do no harm: what looks a little like it gets them.
 */
static gboolean
needs_quotes (const char *text)
{
  static const char *const words[] = {
    "", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n",
    ".inf", "+.inf", "-.inf", ".nan", "=", "<<", NULL,
  };

  g_autofree char *lower = g_ascii_strdown (text, -1);
  if (g_strv_contains (words, lower) || strchr (text, '\n') != NULL)
    return TRUE;

  return strchr ("0123456789.+-", *text) != NULL
         && text[strspn (text, "0123456789abcdefABCDEFxXoOtTzZ_.,:+- ")] == '\0';
}

static void
emit_scalar (yaml_emitter_t *emitter, const char *text, yaml_scalar_style_t style)
{
  yaml_event_t event;
  int initialized = yaml_scalar_event_initialize (&event, NULL, NULL, (const yaml_char_t *) text, (int) strlen (text),
                                                  TRUE, TRUE, style);
  emit (emitter, initialized, &event);
}

static void
emit_string (yaml_emitter_t *emitter, const char *text)
{
  emit_scalar (emitter, text, needs_quotes (text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE);
}

/* Not JSON-GLib's way, which makes 1e+22.0 of 1e22. */
static void
emit_double (yaml_emitter_t *emitter, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE + 2];

  g_ascii_dtostr (text, G_ASCII_DTOSTR_BUF_SIZE, value);
  if (strpbrk (text, ".e") == NULL)
    g_strlcat (text, ".0", sizeof text);
  emit_scalar (emitter, text, YAML_PLAIN_SCALAR_STYLE);
}

static void
emit_value (yaml_emitter_t *emitter, JsonNode *node)
{
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      emit_string (emitter, json_node_get_string (node));
      return;
    }

  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    {
      emit_double (emitter, json_node_get_double (node));
      return;
    }

  /* JSON's words for numbers and booleans are YAML's */
  g_autofree char *text = json_to_string (node, FALSE);
  emit_scalar (emitter, text, YAML_PLAIN_SCALAR_STYLE);
}

static void
emit_object (yaml_emitter_t *emitter, JsonObject *object)
{
  yaml_event_t event;
  emit (emitter, yaml_mapping_start_event_initialize (&event, NULL, NULL, TRUE, YAML_BLOCK_MAPPING_STYLE), &event);

  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      emit_string (emitter, key);
      emit_node (emitter, value);
    }

  emit (emitter, yaml_mapping_end_event_initialize (&event), &event);
}

static void
emit_array (yaml_emitter_t *emitter, JsonArray *array)
{
  yaml_event_t event;
  emit (emitter, yaml_sequence_start_event_initialize (&event, NULL, NULL, TRUE, YAML_BLOCK_SEQUENCE_STYLE), &event);

  for (guint i = 0; i < json_array_get_length (array); i++)
    emit_node (emitter, json_array_get_element (array, i));

  emit (emitter, yaml_sequence_end_event_initialize (&event), &event);
}

static void
emit_node (yaml_emitter_t *emitter, JsonNode *node)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      emit_object (emitter, json_node_get_object (node));
      break;
    case JSON_NODE_ARRAY:
      emit_array (emitter, json_node_get_array (node));
      break;
    case JSON_NODE_VALUE:
      emit_value (emitter, node);
      break;
    case JSON_NODE_NULL:
    default:
      emit_scalar (emitter, "null", YAML_PLAIN_SCALAR_STYLE);
      break;
    }
}

char *
_hotplug_manifest_to_yaml (JsonNode *root)
{
  g_autoptr (GString) out = g_string_new (NULL);
  yaml_emitter_t emitter;
  yaml_event_t event;

  if (!yaml_emitter_initialize (&emitter))
    g_error ("YAML: out of memory");
  yaml_emitter_set_output (&emitter, append_output, out);
  yaml_emitter_set_unicode (&emitter, TRUE);
  yaml_emitter_set_width (&emitter, -1);

  emit (&emitter, yaml_stream_start_event_initialize (&event, YAML_UTF8_ENCODING), &event);
  emit (&emitter, yaml_document_start_event_initialize (&event, NULL, NULL, NULL, TRUE), &event);
  emit_node (&emitter, root);
  emit (&emitter, yaml_document_end_event_initialize (&event, TRUE), &event);
  emit (&emitter, yaml_stream_end_event_initialize (&event), &event);
  yaml_emitter_delete (&emitter);

  return g_string_free (g_steal_pointer (&out), FALSE);
}
