/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "manifest/hotplug-manifest-json-private.h"

/* RFC 8259, and the limits of what is read from anybody */

static const struct
{
  const char *name;
  const char *text;
  const char *same; /* as json-glib writes it; NULL: as it is */
} good[] = {
  { "empty", "{}", NULL },
  { "blanks", " \t\r\n{ \"a\" :\t1 ,\n\"b\": [ ] }\n ", "{\"a\":1,\"b\":[]}" },
  { "words", "{\"a\":true,\"b\":false,\"c\":null}", NULL },
  { "numbers", "{\"a\":-0,\"b\":10,\"c\":-9223372036854775808,\"d\":0.5,\"e\":1e2}",
    "{\"a\":0,\"b\":10,\"c\":-9223372036854775808,\"d\":0.5,\"e\":100.0}" },
  { "nested", "{\"a\":[[],{},[1,[2]]]}", NULL },
  { "escapes", "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "{\"a\":\"\\\"\\\\/\\b\\f\\n\\r\\t\"}" },
  { "unicode", "{\"\\u00e9\":\"\\u20ac\\uD83D\\ude00é\"}", "{\"é\":\"€😀é\"}" },
};

static const struct
{
  const char *name;
  const char *text;
  const char *message;
} bad[] = {
  { "nothing", "", "line 1: column 1: a value is missing" },
  { "text", "\"a\"", "line 1: column 1: no object" },
  { "list", "[]", "line 1: column 1: no object" },
  { "behind", "{}\n {}", "line 2: column 2: something behind its end" },
  { "comment", "{ // a\n}", "line 1: column 3: a name in quotes is missing" },
  { "quotes", "{'a':1}", "line 1: column 2: a name in quotes is missing" },
  { "last-comma", "{\"a\":1,}", "line 1: column 8: a name in quotes is missing" },
  { "list-comma", "{\"a\":[1,]}", "line 1: column 9: a value is missing" },
  { "no-colon", "{\"a\" 1}", "line 1: column 6: no : behind \"a\"" },
  { "no-end", "{\"a\":1", "line 1: column 7: a , or } is missing" },
  { "no-list-end", "{\"a\":[1", "line 1: column 8: a , or ] is missing" },
  { "no-value", "{\"a\":}", "line 1: column 6: a value is missing" },
  { "no-quote", "{\"a", "line 1: column 4: a text without an end" },
  { "no-key", "{\"\":1}", "line 1: column 4: a key without a name" },
  { "twice", "{\"a\":1,\n\"a\":2}", "line 2: column 4: \"a\" is there already" },
  { "word", "{\"a\":yes}", "line 1: column 6: a value is missing" },
  { "nan", "{\"a\":NaN}", "line 1: column 6: a value is missing" },
  { "octal", "{\"a\":010}", "line 1: column 6: 010 is no number that JSON has" },
  { "plus", "{\"a\":+1}", "line 1: column 6: a value is missing" },
  { "point", "{\"a\":1.}", "line 1: column 6: 1. is no number that JSON has" },
  { "minus", "{\"a\":-}", "line 1: column 6: - is no number that JSON has" },
  { "exponent", "{\"a\":1e+}", "line 1: column 6: 1e+ is no number that JSON has" },
  { "huge", "{\"a\":9223372036854775808}", "line 1: column 25: 9223372036854775808 is too big" },
  { "infinite", "{\"a\":1e999}", "line 1: column 11: 1e999 is too big" },
  { "line-in-text", "{\"a\":\"b\nc\"}", "line 1: column 8: a control character, U+000A, in a text" },
  { "escape", "{\"a\":\"\\x\"}", "line 1: column 8: an escape that JSON does not have" },
  { "escape-end", "{\"a\":\"\\", "line 1: column 8: an escape that JSON does not have" },
  { "digits", "{\"a\":\"\\u12\"}", "line 1: column 9: \\u and no four digits" },
  { "nul", "{\"a\":\"\\u0000\"}", "line 1: column 13: no character, \\u0000" },
  { "half", "{\"a\":\"\\ud83d\"}", "line 1: column 13: half a character, \\ud83d" },
  { "other-half", "{\"a\":\"\\ude00\"}", "line 1: column 13: no character, \\ude00" },
  { "utf-8", "{\"a\":\n\"\xff\"}", "line 2: column 2: not UTF-8 text" },
  { "mark", "\xef\xbb\xbf{}", "line 1: column 1: a value is missing" },
  { "column", "{\"é\":x}", "line 1: column 6: a value is missing" },
};

static HotplugManifestDocument *
read_file (const char *text, gsize length, GError **error)
{
  g_autofree char *exact = g_memdup2 (text, length > 0 ? length : 1);

  return _hotplug_manifest_read_json (exact, length, NULL, 0, error);
}

static void
test_good (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugManifestDocument) document = read_file (good[i].text, strlen (good[i].text), &error);

  g_assert_no_error (error);
  g_autofree char *written = json_to_string (document->root, FALSE);
  g_assert_cmpstr (written, ==, good[i].same != NULL ? good[i].same : good[i].text);
}

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (read_file (bad[i].text, strlen (bad[i].text), &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  if (!g_str_has_prefix (error->message, bad[i].message))
    g_assert_cmpstr (error->message, ==, bad[i].message);
}

/* Each value knows its line; in a field of a manifest all have that one */
static void
test_lines (void)
{
  const char *text = "{\n\"a\":\n1,\n\"b\":{}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugManifestDocument) own = _hotplug_manifest_read_json (text, strlen (text), NULL, 0, &error);
  g_autoptr (HotplugManifestDocument) inner = _hotplug_manifest_read_json (text, strlen (text), "spec.x", 7, &error);
  JsonObject *object = json_node_get_object (own->root);

  g_assert_no_error (error);
  g_assert_cmpuint (_hotplug_manifest_document_line (own, own->root), ==, 1);
  g_assert_cmpuint (_hotplug_manifest_document_line (own, json_object_get_member (object, "a")), ==, 3);
  g_assert_cmpuint (_hotplug_manifest_document_line (own, json_object_get_member (object, "b")), ==, 4);
  object = json_node_get_object (inner->root);
  g_assert_cmpuint (_hotplug_manifest_document_line (inner, inner->root), ==, 7);
  g_assert_cmpuint (_hotplug_manifest_document_line (inner, json_object_get_member (object, "b")), ==, 7);

  g_assert_null (_hotplug_manifest_read_json ("{\n", 2, "spec.x", 7, &error));
  g_assert_cmpstr (error->message, ==, "line 7: spec.x: JSON, line 2, column 1: a name in quotes is missing");
}

static void
check_refused (GString *text, const char *message)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_file (text->str, text->len, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, message));
  g_string_free (text, TRUE);
}

static void
test_limits (void)
{
  g_autoptr (GError) error = NULL;
  GString *deep = g_string_new ("{\"a\":");
  GString *many = g_string_new ("{\"a\":[0");
  GString *large = g_string_new ("{}");

  for (guint i = 0; i < HOTPLUG_MANIFEST_DEPTH_MAX; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < HOTPLUG_MANIFEST_VALUES_MAX - 2; i++)
    g_string_append (many, ",\n0");
  for (guint i = 0; i < HOTPLUG_MANIFEST_BYTES_MAX - 1; i++)
    g_string_append_c (large, ' ');

  check_refused (deep, "more than 64 levels");
  check_refused (many, "more than 65536 values");
  check_refused (large, "at most 1048576 are read");
  check_refused (g_string_new_len ("{\0}", 3), "column 2: not UTF-8 text");

  g_autoptr (HotplugManifestDocument) document = read_file ("{\"a\":1}x", 7, &error);
  g_assert_no_error (error);
  g_assert_nonnull (document);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/manifest-json/good/", good[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/manifest-json/bad/", bad[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  g_test_add_func ("/manifest-json/lines", test_lines);
  g_test_add_func ("/manifest-json/limits", test_limits);
  return g_test_run ();
}
