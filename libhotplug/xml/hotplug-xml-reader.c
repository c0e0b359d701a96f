/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "base/hotplug-printable-private.h"
#include "xml/hotplug-xml-reader-private.h"

/* Of all elements: libxml2's own limit, and so libvirt's */
#define DEPTH_MAX 256

/* Of those that are wanted; an image may stand upon as many others as there is room for */
#define FOLLOWED_MAX (DEPTH_MAX + 1)

/* What a message quotes of the text */
#define QUOTED_MAX 40
#define MESSAGE_MAX 240

/* libxml2 compares each attribute of an element with all before, and each prefix with all namespaces. MEASURED, 100,000
 * attributes are 800 kB and 20 s. */
#define ATTRIBUTES_MAX 1000
#define NAMESPACES_MAX 1000
/* No element of fewer bytes has that many attributes, of which the shortest is ` a=''`. */
#define CROWD_MIN (5 * ATTRIBUTES_MAX)

/* libxml2's attributes are five pointers each; the value is not terminated. */
enum {
  ATTRIBUTE_NAME,
  ATTRIBUTE_PREFIX,
  ATTRIBUTE_URI,
  ATTRIBUTE_VALUE,
  ATTRIBUTE_END,
  ATTRIBUTE_FIELDS
};

typedef struct
{
  xmlParserCtxt *context;
  const HotplugXmlRule *followed[FOLLOWED_MAX]; /* each element that is open */
  const HotplugXmlRule *rules;                  /* of the root */
  guint depth;
  guint left_out; /* how deep inside an element that nobody wants */
  guint n_namespaces;
  GString *text;
  gpointer user_data;
  const char *xml;
  const char *what;
  gboolean tolerant; /* what a rule refuses now is no error, but noted: */
  gboolean refused;
  GError *error; /* nullable: the first */
} Reader;

struct _HotplugXmlElement
{
  Reader *reader;
  const char *name;
  const char *uri; /* nullable */
  const char **attributes;
  int n_attributes;
};

static void
set_error (Reader *reader, guint line, const char *message)
{
  if (reader->error == NULL)
    reader->error = g_error_new (HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s, line %u: %s", reader->what, line,
                                 message);
}

/* The parser is stopped behind the rule, which may yet want to look at the element. */
static void G_GNUC_PRINTF (3, 0) fail_valist (Reader *reader, guint line, const char *format, va_list arguments)
{
  if (reader->tolerant)
    {
      reader->refused = TRUE;
      return;
    }

  g_autofree char *reason = g_strdup_vprintf (format, arguments);
  g_autofree char *message = _hotplug_printable (reason, -1, MESSAGE_MAX);

  set_error (reader, line, message);
}

guint
_hotplug_xml_element_line (const HotplugXmlElement *self)
{
  return (guint)self->reader->context->input->line;
}

void
_hotplug_xml_element_fail (const HotplugXmlElement *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fail_valist (self->reader, _hotplug_xml_element_line (self), format, arguments);
  va_end (arguments);
}

void
_hotplug_xml_element_fail_at (const HotplugXmlElement *self, guint line, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  fail_valist (self->reader, line, format, arguments);
  va_end (arguments);
}

void
_hotplug_xml_element_tolerate (const HotplugXmlElement *self)
{
  self->reader->tolerant = TRUE;
  self->reader->refused = FALSE;
}

gboolean
_hotplug_xml_element_was_refused (const HotplugXmlElement *self)
{
  self->reader->tolerant = FALSE;
  return self->reader->refused;
}

/* Of the text's bytes, where the parser stands: in a start tag before its end, else behind the end tag */
static gsize
get_offset (const Reader *reader)
{
  const xmlParserInput *input = reader->context->input;

  return (gsize)input->consumed + (gsize)(input->cur - input->base);
}

/* No value of an attribute has a < */
gsize
_hotplug_xml_element_get_begin (const HotplugXmlElement *self)
{
  const char *xml = self->reader->xml;
  const char *tag = memrchr (xml, '<', get_offset (self->reader));

  return tag != NULL ? (gsize)(tag - xml) : 0;
}

char *
_hotplug_xml_element_dup_since (const HotplugXmlElement *self, gsize begin)
{
  gsize end = get_offset (self->reader);

  return begin < end && self->reader->xml[end - 1] == '>' ? g_strndup (self->reader->xml + begin, end - begin) : NULL;
}

/* Names are short, and most differ in the first letter: a call would take longer. */
static inline gboolean
same (const char *a, const char *b)
{
  while (*a == *b && *a != '\0')
    {
      a++;
      b++;
    }
  return *a == *b;
}

static const char *
find (const HotplugXmlElement *self, const char *attribute, gsize *length)
{
  for (int i = 0; i < self->n_attributes; i++)
    {
      const char **fields = self->attributes + (gsize)i * ATTRIBUTE_FIELDS;
      if (fields[ATTRIBUTE_PREFIX] == NULL && same (fields[ATTRIBUTE_NAME], attribute))
        {
          *length = (gsize)(fields[ATTRIBUTE_END] - fields[ATTRIBUTE_VALUE]);
          return fields[ATTRIBUTE_VALUE];
        }
    }
  return NULL;
}

char *
_hotplug_xml_element_dup (const HotplugXmlElement *self, const char *attribute)
{
  gsize length;
  const char *value = find (self, attribute, &length);

  return value != NULL ? g_strndup (value, length) : NULL;
}

const char *
_hotplug_xml_element_keep (const HotplugXmlElement *self, const char *attribute, GStringChunk *strings)
{
  gsize length;
  const char *value = find (self, attribute, &length);

  return value != NULL ? g_string_chunk_insert_len (strings, value, (gssize)length) : NULL;
}

void
_hotplug_xml_element_take (const HotplugXmlElement *self, const char *attribute, char **where)
{
  if (*where == NULL)
    *where = _hotplug_xml_element_dup (self, attribute);
}

/* Digits and nothing else, as C writes them; @base 0 takes 0x and 0 before them. */
static gboolean
read_digits (const char *text, gsize length, guint base, guint64 *number)
{
  const char *end = text + length;

  if (base == 0 && length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
      base = 16;
      text += 2;
    }
  else if (base == 0)
    base = text < end && text[0] == '0' ? 8 : 10;

  if (text == end)
    return FALSE;

  *number = 0;
  for (; text < end; text++)
    {
      int digit = g_ascii_xdigit_value (*text);
      if (digit < 0 || digit >= (int)base)
        return FALSE;
      *number = *number > (G_MAXUINT64 - 15) / 16 ? G_MAXUINT64 : *number * base + (guint)digit;
    }
  return TRUE;
}

guint
_hotplug_xml_element_number (const HotplugXmlElement *self, const char *attribute, guint base, guint max)
{
  gsize length;
  const char *value = find (self, attribute, &length);
  guint64 number;

  if (value == NULL)
    return 0;
  if (read_digits (value, length, base, &number) && number <= max)
    return (guint)number;

  g_autofree char *quoted = _hotplug_printable (value, (gssize)length, QUOTED_MAX);
  _hotplug_xml_element_fail (self, "%s='%s' of <%s> is no number from 0 to %u", attribute, quoted, self->name, max);
  return 0;
}

guint64
_hotplug_xml_element_text_number (const HotplugXmlElement *self, const char *text, guint64 max)
{
  g_autofree char *digits = g_strstrip (g_strdup (text));
  guint64 number;

  if (read_digits (digits, strlen (digits), 10, &number) && number <= max)
    return number;

  g_autofree char *quoted = _hotplug_printable (digits, -1, QUOTED_MAX);
  _hotplug_xml_element_fail (self, "'%s' in <%s> is no number from 0 to %" G_GUINT64_FORMAT, quoted, self->name, max);
  return 0;
}

int
_hotplug_xml_element_enum (const HotplugXmlElement *self, const char *attribute, GType type, int fallback)
{
  gsize length;
  const char *nick = find (self, attribute, &length);

  if (nick == NULL)
    return fallback;

  g_autoptr (GEnumClass) class = g_type_class_ref (type);
  for (guint i = 0; i < class->n_values; i++)
    {
      const char *known = class->values[i].value_nick;
      if (strncmp (known, nick, length) == 0 && known[length] == '\0')
        return class->values[i].value;
    }
  return fallback;
}

gboolean
_hotplug_xml_element_has (const HotplugXmlElement *self, const char *attribute)
{
  gsize length;

  return find (self, attribute, &length) != NULL;
}

gboolean
_hotplug_xml_element_says (const HotplugXmlElement *self, const char *attribute, const char *value)
{
  gsize length;
  const char *found = find (self, attribute, &length);

  return found != NULL && strlen (value) == length && memcmp (found, value, length) == 0;
}

gboolean
_hotplug_xml_element_has_others (const HotplugXmlElement *self, const char *const *known)
{
  for (int i = 0; i < self->n_attributes; i++)
    {
      if (!g_strv_contains (known, self->attributes[(gsize)i * ATTRIBUTE_FIELDS + ATTRIBUTE_NAME]))
        return TRUE;
    }
  return FALSE;
}

const char *
_hotplug_xml_element_name (const HotplugXmlElement *self)
{
  return self->name;
}

gboolean
_hotplug_xml_element_is (const HotplugXmlElement *self, const char *name, const char *uri)
{
  return strcmp (self->name, name) == 0 && g_strcmp0 (self->uri, uri) == 0;
}

static const HotplugXmlRule *
find_rule (const HotplugXmlRule *rules, const char *name)
{
  for (; rules != NULL && rules->name != NULL; rules++)
    {
      if (same (rules->name, name) || rules->name[0] == HOTPLUG_XML_ANY[0])
        return rules;
    }
  return NULL;
}

/* (nullable): what to follow into @element */
static const HotplugXmlRule *
follow (Reader *reader, const HotplugXmlElement *element)
{
  if (reader->left_out > 0 || reader->depth == FOLLOWED_MAX)
    return NULL;

  const HotplugXmlRule *rules = reader->depth > 0 ? reader->followed[reader->depth - 1]->children : reader->rules;
  const HotplugXmlRule *rule = find_rule (rules, element->name);

  if (rule == NULL && reader->depth == 0)
    _hotplug_xml_element_fail (element, "the document is <%s>, and not <%s>", element->name, reader->rules->name);
  if (rule == NULL || (rule->open != NULL && !rule->open (element, reader->user_data)))
    return NULL;
  return rule;
}

/* Which nothing tolerates */
static void
check_limits (Reader *reader)
{
  guint line = (guint)reader->context->input->line;

  if (reader->depth + reader->left_out > DEPTH_MAX)
    set_error (reader, line, "elements are nested more than " G_STRINGIFY (DEPTH_MAX) " deep");
  if (reader->n_namespaces > NAMESPACES_MAX)
    set_error (reader, line, "more than " G_STRINGIFY (NAMESPACES_MAX) " namespaces");
}

static void
on_start (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
          const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  Reader *reader = data;
  HotplugXmlElement element = { reader, (const char *)name, (const char *)uri, (const char **)attributes,
                                n_attributes };
  const HotplugXmlRule *rule = follow (reader, &element);

  if (rule == NULL)
    {
      reader->left_out++;
    }
  else
    {
      reader->followed[reader->depth++] = rule;
      if (reader->text->len > 0)
        g_string_truncate (reader->text, 0);
    }

  reader->n_namespaces += (guint)n_namespaces;
  check_limits (reader);
  if (reader->error != NULL)
    xmlStopParser (reader->context);
}

static void
on_end (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Reader *reader = data;
  const HotplugXmlElement element = { reader, (const char *)name, (const char *)uri, NULL, 0 };

  if (reader->left_out > 0)
    {
      reader->left_out--;
      return;
    }

  const HotplugXmlRule *rule = reader->followed[--reader->depth];
  if (rule->text != NULL)
    rule->text (&element, reader->text->str, reader->user_data);
  if (rule->close != NULL)
    rule->close (&element, reader->user_data);
  if (reader->error != NULL)
    xmlStopParser (reader->context);
}

static void
on_characters (void *data, const xmlChar *text, int length)
{
  Reader *reader = data;

  if (reader->left_out == 0 && reader->depth > 0 && reader->followed[reader->depth - 1]->text != NULL)
    g_string_append_len (reader->text, (const char *)text, length);
}

/* libvirt writes none. Entities are declared nowhere else: bombs, files, addresses of the network. */
static void
on_document_type (void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
  Reader *reader = data;

  set_error (reader, (guint)reader->context->input->line, "a document type is not accepted");
  xmlStopParser (reader->context);
}

/* libxml2 has this const since 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError Complaint;
#else
typedef xmlError Complaint;
#endif

/* Ends the parsing: libxml2 would go on, and find an error behind each one. */
static void
on_error (void *data, Complaint *complaint)
{
  Reader *reader = data;

  /* what is less leaves the text well-formed: prefixes that nobody declared, which libvirt takes too */
  if (complaint->level != XML_ERR_FATAL || reader->error != NULL)
    return;

  g_autofree char *line = g_strndup (complaint->message, strcspn (complaint->message, "\n"));
  g_autofree char *words = _hotplug_printable (g_strchomp (line), -1, MESSAGE_MAX);
  g_autofree char *message = g_strconcat ("not well-formed: ", words, NULL);
  set_error (reader, (guint)complaint->line, message);
  xmlStopParser (reader->context);
}

/* @tag is where an element begins, if it is one; it ends with the first > outside of quotes. */
static gboolean
is_crowded (const char *tag)
{
  guint attributes = 0;

  if (strchr ("!?/", tag[1]) != NULL)
    return FALSE;

  for (tag += strcspn (tag, "'\">"); *tag != '\0' && *tag != '>'; tag += strcspn (tag, "'\">"))
    {
      const char *end = strchr (tag + 1, *tag);
      if (end == NULL)
        return FALSE;
      attributes++;
      tag = end + 1;
    }
  return attributes > ATTRIBUTES_MAX;
}

/* The first element with too many attributes, or NULL. No value has a <, so it is looked for where none is for long:
 * backwards, and so nearly nothing of the text is touched. */
static const char *
find_crowd (const char *xml, gsize size)
{
  const char *tag = xml;

  while (size - (gsize)(tag - xml) > CROWD_MIN)
    {
      const char *next = memrchr (tag + 1, '<', CROWD_MIN);
      if (next == NULL && is_crowded (tag))
        return tag;
      if (next == NULL)
        next = strchr (tag + 1, '<');
      if (next == NULL)
        return NULL;
      tag = next;
    }
  return NULL;
}

static guint
line_of (const char *xml, const char *place)
{
  guint line = 1;

  for (const char *p = memchr (xml, '\n', (gsize)(place - xml)); p != NULL;
       p = memchr (p + 1, '\n', (gsize)(place - p - 1)))
    line++;
  return line;
}

/* What libxml2 is not shown at all. A byte order mark would make it enter another encoding, whatever its options
 * say. */
static gboolean
check_text (const char *xml, const char *what, GError **error)
{
  gsize size = strnlen (xml, HOTPLUG_XML_SIZE_MAX + 1);
  if (size > HOTPLUG_XML_SIZE_MAX)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s is longer than %d bytes", what,
                   HOTPLUG_XML_SIZE_MAX);
      return FALSE;
    }

  const char *begin = g_str_has_prefix (xml, "\xef\xbb\xbf") ? xml + 3 : xml;
  begin += strspn (begin, " \t\r\n");
  if (*begin != '<')
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s, line 1: %s", what,
                   *begin == '\0' ? "the text is empty" : "not well-formed: no XML in UTF-8");
      return FALSE;
    }

  const char *crowd = find_crowd (xml, size);
  if (crowd == NULL)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT,
               "%s, line %u: an element has more than %d attributes", what, line_of (xml, crowd), ATTRIBUTES_MAX);
  return FALSE;
}

gboolean
_hotplug_xml_read (const char *xml, const char *what, const HotplugXmlRule *rules, gpointer user_data, GError **error)
{
  /* No handler for entities, so there are none but XML's own five, which NOENT resolves in attributes. */
  static const xmlSAXHandler handler = {
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_document_type,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_characters,
    .ignorableWhitespace = on_characters,
    .serror = on_error,
  };

  if (!check_text (xml, what, error))
    return FALSE;

  xmlInitParser ();
  Reader reader = { .context = xmlNewParserCtxt (), .rules = rules, .user_data = user_data, .xml = xml,
                    .what = what };
  reader.text = g_string_new (NULL);
  xmlCtxtUseOptions (reader.context, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC);
  *reader.context->sax = handler;
  reader.context->userData = &reader;
  /* read where it is: a copy takes a third of the time for a machine of ten devices, MEASURED */
  inputPush (reader.context, xmlNewStringInputStream (reader.context, BAD_CAST xml));
  xmlParseDocument (reader.context);

  if (!reader.context->wellFormed)
    set_error (&reader, (guint)reader.context->input->line, "not well-formed");
  xmlFreeParserCtxt (reader.context);
  g_string_free (reader.text, TRUE);
  if (reader.error == NULL)
    return TRUE;

  g_propagate_error (error, reader.error);
  return FALSE;
}
