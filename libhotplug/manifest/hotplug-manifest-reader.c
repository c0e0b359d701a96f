/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <yaml.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-printable-private.h"
#include "manifest/hotplug-manifest-reader-private.h"

#define MESSAGE_MAX 300
#define QUOTED_MAX 64

/* Some editors put it before the text. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* An object or array that is still open */
typedef struct
{
  JsonNode *node;
  char *key; /* of an object: that whose value comes next; NULL: a key comes next */
} Level;

typedef struct
{
  GPtrArray *documents;
  HotplugManifestDocument *document; /* nullable: between two */
  Level levels[HOTPLUG_MANIFEST_DEPTH_MAX];
  guint depth;
  guint values;
} Reader;

gboolean
_hotplug_manifest_refuse (GError **error, guint line, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_autofree char *printable = _hotplug_printable (what, -1, MESSAGE_MAX);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST, "line %u: %s", line, printable);
  return FALSE;
}

void
_hotplug_manifest_document_free (HotplugManifestDocument *self)
{
  g_clear_pointer (&self->root, json_node_unref);
  g_hash_table_unref (self->lines);
  g_hash_table_unref (self->numbers);
  g_free (self);
}

guint
_hotplug_manifest_document_line (const HotplugManifestDocument *self, JsonNode *node)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->lines, node));
}

static guint
line_of (const yaml_event_t *event)
{
  return (guint)event->start_mark.line + 1;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  return g_strv_contains (words, text);
}

/* JSON's grammar. What is a number beyond it in some YAML and not in another (010, 0x10, 1_000, 1:30) is refused by
 * looks_like_number(). */
static gboolean
is_number (const char *text, gboolean *whole)
{
  const char *at = text + (*text == '-');
  const char *digits = at;

  *whole = TRUE;
  at += strspn (at, "0123456789");
  if (at == digits || (*digits == '0' && at - digits > 1))
    return FALSE;
  if (*at == '.')
    {
      gsize n = strspn (++at, "0123456789");
      *whole = FALSE;
      at += n;
      if (n == 0)
        return FALSE;
    }
  if (*at == 'e' || *at == 'E')
    {
      at++;
      at += *at == '+' || *at == '-';
      gsize n = strspn (at, "0123456789");
      *whole = FALSE;
      at += n;
      if (n == 0)
        return FALSE;
    }
  return *at == '\0';
}

static gboolean
looks_like_number (const char *text)
{
  static const char *const words[] = { ".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN", NULL };
  const char *at = text + (*text == '-' || *text == '+');

  if (is_one_of (at, words))
    return TRUE;
  if (*at == '0' && strchr ("xob", at[1]) != NULL && at[1] != '\0')
    return at[2 + strspn (at + 2, "0123456789abcdefABCDEF_")] == '\0';
  if (!g_ascii_isdigit (*at) && !(*at == '.' && g_ascii_isdigit (at[1])))
    return FALSE;
  return at[strspn (at, "0123456789_.")] == '\0' && (strchr (at, '.') == NULL || strchr (at, '.') == strrchr (at, '.'));
}

static JsonNode *
make_number (Reader *reader, const char *text, gboolean whole, guint line, GError **error)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  errno = 0;
  if (whole)
    json_node_set_int (node, g_ascii_strtoll (text, NULL, 10));
  else
    json_node_set_double (node, g_ascii_strtod (text, NULL));

  if (errno == ERANGE || (!whole && !isfinite (json_node_get_double (node))))
    {
      _hotplug_manifest_refuse (error, line, "%.*s is too big or too small a number", QUOTED_MAX, text);
      json_node_unref (node);
      return NULL;
    }
  g_hash_table_insert (reader->document->numbers, node, g_strdup (text));
  return node;
}

/* The words are YAML 1.1's, as Kubernetes reads it. */
static JsonNode *
make_plain (Reader *reader, const char *text, guint line, GError **error)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
  static const char *const yes[] = { "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL };
  static const char *const no[] = { "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL };
  gboolean whole;

  if (is_one_of (text, nulls))
    return json_node_new (JSON_NODE_NULL);
  if (is_one_of (text, yes) || is_one_of (text, no))
    return json_node_init_boolean (json_node_alloc (), is_one_of (text, yes));
  if (is_number (text, &whole))
    return make_number (reader, text, whole, line, error);
  if (looks_like_number (text))
    {
      _hotplug_manifest_refuse (error, line, "%.*s is a number to some and none to others; a text is in quotes",
                                QUOTED_MAX, text);
      return NULL;
    }
  return json_node_init_string (json_node_alloc (), text);
}

/* Where a value belongs: the root, an element, or the value of a key. Takes @node. */
static gboolean
place (Reader *reader, JsonNode *node, guint line, GError **error)
{
  HotplugManifestDocument *document = reader->document;
  Level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

  /* libyaml tells of a document before it tells of what is in it */
  if (document == NULL)
    {
      json_node_unref (node);
      return _hotplug_manifest_refuse (error, line, "a value that is in no document");
    }
  if (++reader->values > HOTPLUG_MANIFEST_VALUES_MAX)
    {
      json_node_unref (node);
      return _hotplug_manifest_refuse (error, line, "more than %d values", HOTPLUG_MANIFEST_VALUES_MAX);
    }

  g_hash_table_insert (document->lines, node, GUINT_TO_POINTER (line));
  if (level == NULL)
    document->root = node;
  else if (JSON_NODE_HOLDS_ARRAY (level->node))
    json_array_add_element (json_node_get_array (level->node), node);
  else
    {
      json_object_set_member (json_node_get_object (level->node), level->key, node);
      g_clear_pointer (&level->key, g_free);
    }
  return TRUE;
}

static gboolean
expects_key (const Reader *reader)
{
  const Level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

  return level != NULL && JSON_NODE_HOLDS_OBJECT (level->node) && level->key == NULL;
}

static gboolean
take_key (Reader *reader, const char *text, gboolean plain, guint line, GError **error)
{
  Level *level = &reader->levels[reader->depth - 1];

  if (plain && strcmp (text, "<<") == 0)
    return _hotplug_manifest_refuse (error, line, "merge keys (<<) are not read");
  if (*text == '\0' || (plain && strcmp (text, "~") == 0))
    return _hotplug_manifest_refuse (error, line, "a key without a name");
  if (json_object_has_member (json_node_get_object (level->node), text))
    return _hotplug_manifest_refuse (error, line, "\"%.*s\" is there already", QUOTED_MAX, text);

  level->key = g_strdup (text);
  return TRUE;
}

static gboolean
take_scalar (Reader *reader, const yaml_event_t *event, GError **error)
{
  const char *text = (const char *)event->data.scalar.value;
  gboolean plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  guint line = line_of (event);

  if (strlen (text) != event->data.scalar.length)
    return _hotplug_manifest_refuse (error, line, "a text with a NUL character");
  if (expects_key (reader))
    return take_key (reader, text, plain, line, error);

  JsonNode *node = plain ? make_plain (reader, text, line, error) : json_node_init_string (json_node_alloc (), text);
  return node != NULL && place (reader, node, line, error);
}

static gboolean
begin (Reader *reader, const yaml_event_t *event, GError **error)
{
  gboolean object = event->type == YAML_MAPPING_START_EVENT;

  if (expects_key (reader))
    return _hotplug_manifest_refuse (error, line_of (event), "a key that is no text");
  if (reader->depth == HOTPLUG_MANIFEST_DEPTH_MAX)
    return _hotplug_manifest_refuse (error, line_of (event), "more than %d levels", HOTPLUG_MANIFEST_DEPTH_MAX);

  JsonNode *node = json_node_new (object ? JSON_NODE_OBJECT : JSON_NODE_ARRAY);
  if (object)
    json_node_take_object (node, json_object_new ());
  else
    json_node_take_array (node, json_array_new ());
  if (!place (reader, node, line_of (event), error))
    return FALSE;

  reader->levels[reader->depth++] = (Level){ node, NULL };
  return TRUE;
}

static void
begin_document (Reader *reader)
{
  HotplugManifestDocument *document = g_new0 (HotplugManifestDocument, 1);

  document->lines = g_hash_table_new (NULL, NULL);
  document->numbers = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  reader->document = document;
}

static gboolean
end_document (Reader *reader, GError **error)
{
  g_autoptr (HotplugManifestDocument) document = g_steal_pointer (&reader->document);
  guint line = _hotplug_manifest_document_line (document, document->root);

  /* a --- with nothing behind it */
  if (JSON_NODE_HOLDS_NULL (document->root))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (document->root))
    return _hotplug_manifest_refuse (error, line, "a document that is no object");
  if (reader->documents->len == HOTPLUG_MANIFEST_DOCUMENTS_MAX)
    return _hotplug_manifest_refuse (error, line, "more than %d documents", HOTPLUG_MANIFEST_DOCUMENTS_MAX);

  g_ptr_array_add (reader->documents, g_steal_pointer (&document));
  return TRUE;
}

/* Kubernetes has no use for either, and an alias of aliases is how ten lines become a gigabyte. */
static gboolean
check_plain (const yaml_event_t *event, GError **error)
{
  const yaml_char_t *anchor = NULL;
  const yaml_char_t *tag = NULL;

  if (event->type == YAML_SCALAR_EVENT)
    {
      anchor = event->data.scalar.anchor;
      tag = event->data.scalar.tag;
    }
  else if (event->type == YAML_SEQUENCE_START_EVENT)
    {
      anchor = event->data.sequence_start.anchor;
      tag = event->data.sequence_start.tag;
    }
  else if (event->type == YAML_MAPPING_START_EVENT)
    {
      anchor = event->data.mapping_start.anchor;
      tag = event->data.mapping_start.tag;
    }

  if (anchor != NULL || event->type == YAML_ALIAS_EVENT)
    return _hotplug_manifest_refuse (error, line_of (event), "anchors (&) and aliases (*) are not read");
  return tag == NULL
         || _hotplug_manifest_refuse (error, line_of (event), "tags are not read: %.*s", QUOTED_MAX, (const char *)tag);
}

static gboolean
take_event (Reader *reader, const yaml_event_t *event, GError **error)
{
  if (!check_plain (event, error))
    return FALSE;

  switch (event->type)
    {
    case YAML_DOCUMENT_START_EVENT:
      begin_document (reader);
      return TRUE;
    case YAML_DOCUMENT_END_EVENT:
      return end_document (reader, error);
    case YAML_SCALAR_EVENT:
      return take_scalar (reader, event, error);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
      return begin (reader, event, error);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
      reader->depth--;
      return TRUE;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_ALIAS_EVENT:
    default:
      return TRUE;
    }
}

static gboolean
refuse_syntax (const yaml_parser_t *parser, GError **error)
{
  guint line = (guint)parser->problem_mark.line + 1;
  const char *problem = parser->problem != NULL ? parser->problem : "out of memory";

  return parser->context != NULL ? _hotplug_manifest_refuse (error, line, "%s, %s", parser->context, problem)
                                 : _hotplug_manifest_refuse (error, line, "%s", problem);
}

static gboolean
read_all (Reader *reader, yaml_parser_t *parser, GError **error)
{
  for (gboolean end = FALSE; !end;)
    {
      yaml_event_t event;
      if (!yaml_parser_parse (parser, &event))
        return refuse_syntax (parser, error);

      end = event.type == YAML_STREAM_END_EVENT;
      gboolean taken = take_event (reader, &event, error);
      yaml_event_delete (&event);
      if (!taken)
        return FALSE;
    }
  return TRUE;
}

/* YAML 1.1's printable characters */
static gboolean
is_printable (gunichar c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f) || c == 0x85
         || (c >= 0xa0 && c <= 0xfffd && c != 0xfeff) || c >= 0x10000;
}

/* What libyaml would find too, and tell without a line */
static gboolean
check_text (const char *text, gsize length, GError **error)
{
  const char *end = text;
  guint line = 1;

  if (length > HOTPLUG_MANIFEST_BYTES_MAX)
    return _hotplug_manifest_refuse (error, 1, "%" G_GSIZE_FORMAT " bytes; at most %d are read", length,
                                     HOTPLUG_MANIFEST_BYTES_MAX);

  gboolean valid = g_utf8_validate_len (text, length, &end);
  for (const char *at = text; at < end; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      line += c == '\n';
      if (!is_printable (c))
        return _hotplug_manifest_refuse (error, line, "a control character, U+%04X", c);
    }
  return valid || _hotplug_manifest_refuse (error, line, "not UTF-8 text");
}

GPtrArray *
_hotplug_manifest_read (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_manifest_document_free);
  Reader reader = { .documents = documents };
  yaml_parser_t parser;

  if (length >= strlen (BYTE_ORDER_MARK) && memcmp (text, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    {
      text += strlen (BYTE_ORDER_MARK);
      length -= strlen (BYTE_ORDER_MARK);
    }
  if (!check_text (text, length, error))
    return NULL;
  if (!yaml_parser_initialize (&parser))
    g_error ("YAML: out of memory");

  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const unsigned char *)text, length);
  gboolean whole = read_all (&reader, &parser, error);
  yaml_parser_delete (&parser);

  for (guint i = 0; i < reader.depth; i++)
    g_free (reader.levels[i].key);
  g_clear_pointer (&reader.document, _hotplug_manifest_document_free);
  return whole ? g_steal_pointer (&documents) : NULL;
}
