/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "manifest/hotplug-manifest-json-private.h"

#define QUOTED_MAX 64

/* RFC 8259. A text that is read: @at moves on */
typedef struct
{
  const char *text;
  const char *end;
  const char *at;
  const char *place; /* nullable */
  guint line;
  guint row; /* no text of JSON's goes over an end of a line */
  HotplugManifestDocument *document;
  guint depth;
  guint values;
  GError **error;
} Json;

static JsonNode *read_value (Json *json);

static gpointer refuse (Json *json, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Always NULL */
static gpointer
refuse (Json *json, const char *format, ...)
{
  const char *begin = json->text;
  guint line = 1;
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  for (const char *at = json->text; at < json->at; at++)
    {
      if (*at == '\n')
        {
          begin = at + 1;
          line++;
        }
    }

  glong column = g_utf8_strlen (begin, json->at - begin) + 1;
  if (json->place != NULL)
    _hotplug_manifest_refuse (json->error, json->line, "%s: JSON, line %u, column %ld: %s", json->place, line, column,
                              what);
  else
    _hotplug_manifest_refuse (json->error, line, "column %ld: %s", column, what);
  return NULL;
}

static void
skip_blanks (Json *json)
{
  while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\r' || *json->at == '\n'))
    json->row += *json->at++ == '\n';
}

/* Whether @c is next, which is then passed */
static gboolean
take (Json *json, char c)
{
  skip_blanks (json);
  if (json->at == json->end || *json->at != c)
    return FALSE;
  json->at++;
  return TRUE;
}

static gboolean
take_word (Json *json, const char *word)
{
  gsize length = strlen (word);

  if ((gsize)(json->end - json->at) < length || memcmp (json->at, word, length) != 0)
    return FALSE;
  json->at += length;
  return TRUE;
}

/* The four digits behind \u; -1: they are none */
static int
take_code (Json *json)
{
  int code = 0;

  if (json->end - json->at < 4)
    return -1;
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (json->at[i]);
      if (digit < 0)
        return -1;
      code = code * 16 + digit;
    }
  json->at += 4;
  return code;
}

/* Beyond 16 bits it is a pair of two */
static gboolean
take_unicode (Json *json, GString *out)
{
  int code = take_code (json);

  if (code >= 0xd800 && code <= 0xdbff)
    {
      int low = take_word (json, "\\u") ? take_code (json) : -1;
      if (low < 0xdc00 || low > 0xdfff)
        return refuse (json, "half a character, \\u%04x", (guint)code) != NULL;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (code < 0)
    return refuse (json, "\\u and no four digits") != NULL;

  if (code == 0 || (code >= 0xdc00 && code <= 0xdfff))
    return refuse (json, "no character, \\u%04x", (guint)code) != NULL;
  g_string_append_unichar (out, (gunichar)code);
  return TRUE;
}

static gboolean
take_escape (Json *json, GString *out)
{
  static const char names[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *found = json->at < json->end && *json->at != '\0' ? strchr (names, *json->at) : NULL;

  if (found != NULL)
    {
      json->at++;
      g_string_append_c (out, meanings[found - names]);
      return TRUE;
    }
  if (json->at < json->end && *json->at == 'u')
    {
      json->at++;
      return take_unicode (json, out);
    }
  return refuse (json, "an escape that JSON does not have") != NULL;
}

/* Behind its first quote */
static char *
read_string (Json *json)
{
  g_autoptr (GString) out = g_string_new (NULL);

  while (json->at < json->end && *json->at != '"')
    {
      if ((guchar)*json->at < 0x20)
        return refuse (json, "a control character, U+%04X, in a text", (guint)(guchar)*json->at);
      if (*json->at != '\\')
        g_string_append_c (out, *json->at++);
      else
        {
          json->at++;
          if (!take_escape (json, out))
            return NULL;
        }
    }
  if (json->at == json->end)
    return refuse (json, "a text without an end");
  json->at++;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gsize
skip_digits (Json *json)
{
  const char *begin = json->at;

  while (json->at < json->end && g_ascii_isdigit (*json->at))
    json->at++;
  return (gsize)(json->at - begin);
}

static JsonNode *
read_number (Json *json)
{
  const char *begin = json->at;
  gboolean whole = TRUE;

  json->at += *json->at == '-';
  const char *digits = json->at;
  gsize count = skip_digits (json);
  gboolean good = count > 0 && (*digits != '0' || count == 1);
  if (json->at < json->end && *json->at == '.')
    {
      whole = FALSE;
      json->at++;
      good = skip_digits (json) > 0 && good;
    }
  if (json->at < json->end && (*json->at == 'e' || *json->at == 'E'))
    {
      whole = FALSE;
      json->at++;
      json->at += json->at < json->end && (*json->at == '+' || *json->at == '-');
      good = skip_digits (json) > 0 && good;
    }

  g_autofree char *text = g_strndup (begin, (gsize)(json->at - begin));
  json->at = good ? json->at : begin;
  if (!good)
    return refuse (json, "%.*s is no number that JSON has", QUOTED_MAX, text);

  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  errno = 0;
  if (whole)
    json_node_set_int (node, g_ascii_strtoll (text, NULL, 10));
  else
    json_node_set_double (node, g_ascii_strtod (text, NULL));
  if (errno == ERANGE || (!whole && !isfinite (json_node_get_double (node))))
    return refuse (json, "%.*s is too big or too small a number", QUOTED_MAX, text);

  g_hash_table_insert (json->document->numbers, node, g_steal_pointer (&text));
  return g_steal_pointer (&node);
}

static char *
read_key (Json *json, JsonObject *object)
{
  if (!take (json, '"'))
    return refuse (json, "a name in quotes is missing");

  g_autofree char *key = read_string (json);
  if (key == NULL)
    return NULL;
  if (*key == '\0')
    return refuse (json, "a key without a name");
  if (json_object_has_member (object, key))
    return refuse (json, "\"%.*s\" is there already", QUOTED_MAX, key);
  if (!take (json, ':'))
    return refuse (json, "no : behind \"%.*s\"", QUOTED_MAX, key);
  return g_steal_pointer (&key);
}

static JsonNode *
read_object (Json *json)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (!take (json, '}'))
    {
      do
        {
          g_autofree char *key = read_key (json, object);
          JsonNode *value = key != NULL ? read_value (json) : NULL;
          if (value == NULL)
            return NULL;
          json_object_set_member (object, key, value);
        }
      while (take (json, ','));
      if (!take (json, '}'))
        return refuse (json, "a , or } is missing");
    }

  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, g_steal_pointer (&object));
  return node;
}

static JsonNode *
read_array (Json *json)
{
  g_autoptr (JsonArray) array = json_array_new ();

  if (!take (json, ']'))
    {
      do
        {
          JsonNode *value = read_value (json);
          if (value == NULL)
            return NULL;
          json_array_add_element (array, value);
        }
      while (take (json, ','));
      if (!take (json, ']'))
        return refuse (json, "a , or ] is missing");
    }

  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, g_steal_pointer (&array));
  return node;
}

static JsonNode *
read_deeper (Json *json, gboolean object)
{
  if (json->depth == HOTPLUG_MANIFEST_DEPTH_MAX)
    return refuse (json, "more than %d levels", HOTPLUG_MANIFEST_DEPTH_MAX);

  json->depth++;
  JsonNode *node = object ? read_object (json) : read_array (json);
  json->depth--;
  return node;
}

static JsonNode *
read_plain (Json *json)
{
  if (json->at < json->end && (*json->at == '-' || g_ascii_isdigit (*json->at)))
    return read_number (json);
  if (take_word (json, "true"))
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (take_word (json, "false"))
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (take_word (json, "null"))
    return json_node_new (JSON_NODE_NULL);
  return refuse (json, "a value is missing");
}

static JsonNode *
read_value (Json *json)
{
  JsonNode *node = NULL;

  skip_blanks (json);
  guint line = json->place != NULL ? json->line : json->row;
  if (++json->values > HOTPLUG_MANIFEST_VALUES_MAX)
    return refuse (json, "more than %d values", HOTPLUG_MANIFEST_VALUES_MAX);

  if (take (json, '{'))
    node = read_deeper (json, TRUE);
  else if (take (json, '['))
    node = read_deeper (json, FALSE);
  else if (take (json, '"'))
    {
      g_autofree char *text = read_string (json);
      node = text != NULL ? json_node_init_string (json_node_alloc (), text) : NULL;
    }
  else
    node = read_plain (json);

  if (node != NULL)
    g_hash_table_insert (json->document->lines, node, GUINT_TO_POINTER (line));
  return node;
}

static gboolean
check_text (Json *json)
{
  const char *end = json->text;

  if (json->end - json->text > HOTPLUG_MANIFEST_BYTES_MAX)
    return refuse (json, "%" G_GSIZE_FORMAT " bytes; at most %d are read", (gsize)(json->end - json->text),
                   HOTPLUG_MANIFEST_BYTES_MAX)
           != NULL;
  if (g_utf8_validate_len (json->text, (gsize)(json->end - json->text), &end))
    return TRUE;
  json->at = end;
  return refuse (json, "not UTF-8 text") != NULL;
}

HotplugManifestDocument *
_hotplug_manifest_read_json (const char *text, gsize length, const char *place, guint line, GError **error)
{
  g_autoptr (HotplugManifestDocument) document = g_new0 (HotplugManifestDocument, 1);
  Json json = { text, text + length, text, place, line, 1, document, 0, 0, error };

  document->lines = g_hash_table_new (NULL, NULL);
  document->numbers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  if (!check_text (&json) || (document->root = read_value (&json)) == NULL)
    return NULL;

  skip_blanks (&json);
  if (json.at < json.end)
    return refuse (&json, "something behind its end");
  json.at = text;
  return JSON_NODE_HOLDS_OBJECT (document->root) ? g_steal_pointer (&document) : refuse (&json, "no object");
}
