/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-manifest.h>

#include "manifest/hotplug-manifest-kubevirt-private.h"
#include "manifest/hotplug-manifest-private.h"
#include "manifest/hotplug-manifest-reader-private.h"

/* Text, and the same as JSON. YAML 1.1's core words as sigs.k8s.io/yaml resolves them. */
static const struct
{
  const char *name;
  const char *text;
  const char *json;
} good[] = {
  { "empty", "", "" },
  { "comment", "# nothing\n", "" },
  { "empty-documents", "---\n---\n...\n---\n", "" },
  { "block", "a:\n  b: c\n  d:\n  - e\n  - f\n", "{\"a\":{\"b\":\"c\",\"d\":[\"e\",\"f\"]}}" },
  { "flow", "{a: {b: c}, d: [e, f]}", "{\"a\":{\"b\":\"c\"},\"d\":[\"e\",\"f\"]}" },
  { "json", "{\"a\":1,\"b\":[true,null,\"x\\u00e9\\/\\n\"],\n\t\"c\":{}}",
    "{\"a\":1,\"b\":[true,null,\"x\xc3\xa9/\\n\"],\"c\":{}}" },
  { "documents", "a: 1\n---\nb: 2\n", "{\"a\":1}{\"b\":2}" },
  { "documents-json", "{\"a\":1}\n---\n{\"b\":2}\n", "{\"a\":1}{\"b\":2}" },
  { "version", "%YAML 1.1\n---\na: 1\n", "{\"a\":1}" },
  { "byte-order-mark",
    "\xef\xbb\xbf"
    "a: 1\n",
    "{\"a\":1}" },
  { "carriage-returns", "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}" },
  { "booleans", "a: [true, True, yes, on, OFF, no, false]", "{\"a\":[true,true,true,true,false,false,false]}" },
  { "nulls", "a:\nb: ~\nc: null\n", "{\"a\":null,\"b\":null,\"c\":null}" },
  { "quoted-words", "a: 'yes'\nb: \"1\"\nc: '~'\n", "{\"a\":\"yes\",\"b\":\"1\",\"c\":\"~\"}" },
  { "numbers", "a: [0, -1, 9223372036854775807, 1.5, -0.25]", "{\"a\":[0,-1,9223372036854775807,1.5,-0.25]}" },
  { "no-numbers", "a: [5Gi, 0000:01:00.0, 1.2.3, -, y, 2020-01-01, 08:15:aa]",
    "{\"a\":[\"5Gi\",\"0000:01:00.0\",\"1.2.3\",\"-\",\"y\",\"2020-01-01\",\"08:15:aa\"]}" },
  { "texts", "a: |\n  one\n  two\nb: >-\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\"}" },
  { "number-as-key", "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}" },
  { "key-in-two-objects", "a: {x: 1}\nb: {x: 1}\n", "{\"a\":{\"x\":1},\"b\":{\"x\":1}}" },
};

static char *
to_json (GPtrArray *documents)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < documents->len; i++)
    {
      const HotplugManifestDocument *document = g_ptr_array_index (documents, i);
      g_autofree char *json = json_to_string (document->root, FALSE);
      g_string_append (out, json);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_good (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = _hotplug_manifest_read (good[i].text, strlen (good[i].text), &error);

  g_assert_no_error (error);
  g_autofree char *json = to_json (documents);
  g_assert_cmpstr (json, ==, good[i].json);
}

static const struct
{
  const char *name;
  const char *text;
  const char *message; /* all of it, or up to where libyaml's own words begin */
} bad[] = {
  { "anchor", "a: &x 1\n", "line 1: anchors (&) and aliases (*) are not read" },
  { "anchored-object", "a: 1\nb: &x {}\n", "line 2: anchors (&) and aliases (*) are not read" },
  { "alias", "a: 1\nb: *x\n", "line 2: anchors (&) and aliases (*) are not read" },
  { "bomb", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "line 1: anchors (&) and aliases (*) are not read" },
  { "merge", "a:\n  <<: {b: 1}\n", "line 2: merge keys (<<) are not read" },
  { "tag", "a: !!binary aGk=\n", "line 1: tags are not read: tag:yaml.org,2002:binary" },
  { "own-tag", "a: !x y\n", "line 1: tags are not read: !x" },
  { "twice", "a: 1\nb: 2\na: 3\n", "line 3: \"a\" is there already" },
  { "twice-in-json", "{\"a\":1,\n\"a\":1}", "line 2: \"a\" is there already" },
  { "twice-quoted", "a: 1\n'a': 2\n", "line 2: \"a\" is there already" },
  { "no-key", "? ''\n: x\n", "line 1: a key without a name" },
  { "null-key", "~: x\n", "line 1: a key without a name" },
  { "object-as-key", "? {a: b}\n: x\n", "line 1: a key that is no text" },
  { "list", "- a\n- b\n", "line 1: a document that is no object" },
  { "text", "hello\n", "line 1: a document that is no object" },
  { "second-is-text", "a: 1\n---\nhello\n", "line 3: a document that is no object" },
  { "huge", "a: 9223372036854775808\n", "line 1: 9223372036854775808 is too big or too small a number" },
  { "huge-negative", "a: -9223372036854775809\n", "line 1: -9223372036854775809 is too big or too small a number" },
  { "huge-real", "a: 1e999\n", "line 1: 1e999 is too big or too small a number" },
  { "octal", "a: 010\n", "line 1: 010 is a number to some and none to others; a text is in quotes" },
  { "hexadecimal", "a: 0x1F\n", "line 1: 0x1F is a number to some and none to others; a text is in quotes" },
  { "underscores", "a: 1_000\n", "line 1: 1_000 is a number to some and none to others; a text is in quotes" },
  { "plus", "a: +1\n", "line 1: +1 is a number to some and none to others; a text is in quotes" },
  { "infinity", "a: -.inf\n", "line 1: -.inf is a number to some and none to others; a text is in quotes" },
  { "open-object", "{a: 1\n", "line 2: while parsing a flow mapping, " },
  { "open-quote", "a: \"x\n", "line 2: while scanning a quoted scalar, " },
  { "tab", "a:\n\tb: 1\n", "line 2: while scanning for the next token, " },
  { "indent", "a: 1\n  b: 2\n", "line 2: " },
  { "json-surrogates", "{\"a\":\"\\ud83d\\ude00\"}", "line 1: while parsing a quoted scalar, " },
  { "nul-escape", "a: \"x\\0y\"\n", "line 1: a text with a NUL character" },
  { "escape", "a: 1\nb: \x1b[31m\n", "line 2: a control character, U+001B" },
  { "delete", "a: \x7f\n", "line 1: a control character, U+007F" },
  { "not-utf-8", "a: 1\nb: \xff\n", "line 2: not UTF-8 text" },
  { "utf-16",
    "\xff\xfe"
    "a",
    "line 1: not UTF-8 text" },
  { "quoted-escape", "\"a\\e[31m\": 1\n\"a\\e[31m\": 1\n", "line 2: \"a?[31m\" is there already" },
};

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_manifest_read (bad[i].text, strlen (bad[i].text), &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  if (!g_str_has_suffix (bad[i].message, " "))
    g_assert_cmpstr (error->message, ==, bad[i].message);
  else if (!g_str_has_prefix (error->message, bad[i].message))
    g_error ("\"%s\" does not begin with \"%s\"", error->message, bad[i].message);
}

static char *
repeat (const char *head, const char *unit, guint times, const char *tail)
{
  g_autoptr (GString) out = g_string_new (head);

  for (guint i = 0; i < times; i++)
    g_string_append (out, unit);
  g_string_append (out, tail);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Just within each limit, and one beyond */
static const struct
{
  const char *name;
  const char *head;
  const char *unit;
  const char *tail;
  guint most;
  const char *message;
} limits[] = {
  { "depth", "a: ", "[", "", HOTPLUG_MANIFEST_DEPTH_MAX - 1, "line 1: more than 64 levels" },
  { "block-depth", "a:\n", "- ", "x", HOTPLUG_MANIFEST_DEPTH_MAX - 1, "line 2: more than 64 levels" },
  { "values", "a:\n", "- \n", "", HOTPLUG_MANIFEST_VALUES_MAX - 2, "line 65536: more than 65536 values" },
  { "documents", "", "---\na: 1\n", "", HOTPLUG_MANIFEST_DOCUMENTS_MAX, "line 2002: more than 1000 documents" },
  { "bytes", "a: 1\n#", "x", "", HOTPLUG_MANIFEST_BYTES_MAX - 6, "line 1: 1048577 bytes; at most 1048576 are read" },
};

static void
test_limit (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) beyond_error = NULL;
  g_autofree char *tail = *limits[i].unit == '[' ? g_strnfill (limits[i].most, ']') : g_strdup (limits[i].tail);
  g_autofree char *most = repeat (limits[i].head, limits[i].unit, limits[i].most, tail);
  g_autofree char *beyond = repeat (limits[i].head, limits[i].unit, limits[i].most + 1, tail);

  g_autoptr (GPtrArray) read = _hotplug_manifest_read (most, strlen (most), &error);
  g_assert_no_error (error);
  g_assert_nonnull (read);
  g_assert_null (_hotplug_manifest_read (beyond, strlen (beyond), &beyond_error));
  g_assert_error (beyond_error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_assert_cmpstr (beyond_error->message, ==, limits[i].message);
}

/* What is written is read back: both formats, words that need quotes */
static void
test_round (void)
{
  static const char
      text[] = "{\"a\":{\"b\":[\"yes\",\"0x1F\",\"\",\"~\",\"a\\nb\",1,-2.5,true,null,\"é\",\"<<\"]},\"010\":\"&x\"}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = _hotplug_manifest_read (text, strlen (text), &error);
  g_assert_no_error (error);
  const HotplugManifestDocument *first = g_ptr_array_index (documents, 0);

  for (int format = HOTPLUG_MANIFEST_FORMAT_JSON; format <= HOTPLUG_MANIFEST_FORMAT_YAML; format++)
    {
      g_autofree char *written = _hotplug_manifest_to_string (first->root, (HotplugManifestFormat)format);
      g_autoptr (GPtrArray) again = _hotplug_manifest_read (written, strlen (written), &error);
      g_assert_no_error (error);
      g_autofree char *json = to_json (again);
      g_assert_cmpstr (json, ==, text);
    }
}

static void
test_objects (void)
{
  static const char text[] = "# two\n---\napiVersion: v1\nkind: A\nmetadata: {name: one, labels: {x: y}}\n---\n\n"
                             "kind: B\napiVersion: v2\nmetadata:\nspec: [1]\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (objects->len, ==, 2);

  g_autoptr (HotplugManifest) first = hotplug_manifest_ref (g_ptr_array_index (objects, 0));
  HotplugManifest *second = g_ptr_array_index (objects, 1);
  g_assert_cmpstr (hotplug_manifest_get_kind (first), ==, "A");
  g_assert_cmpstr (hotplug_manifest_get_api_version (first), ==, "v1");
  g_assert_cmpstr (hotplug_manifest_get_name (first), ==, "one");
  g_assert_cmpuint (hotplug_manifest_get_line (first), ==, 3);
  g_assert_cmpstr (hotplug_manifest_get_kind (second), ==, "B");
  g_assert_null (hotplug_manifest_get_name (second));
  g_assert_cmpuint (hotplug_manifest_get_line (second), ==, 8);
}

/* kubectl takes the items of a list one after another, of lists in it too. */
static void
test_list (void)
{
  static const char text[] = "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ''}\nitems:\n"
                             "- {apiVersion: v1, kind: A, metadata: {name: one}}\n"
                             "- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: B}]\n"
                             "- {apiVersion: v1, kind: List}\n"
                             "- {apiVersion: v2, kind: List, items: 1}\n---\napiVersion: v1\nkind: C\n";
  static const char *const kinds[] = { "A", "B", "List", "C" };
  static const guint lines[] = { 5, 8, 10, 12 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (objects->len, ==, G_N_ELEMENTS (kinds));
  for (guint i = 0; i < objects->len; i++)
    {
      g_assert_cmpstr (hotplug_manifest_get_kind (objects->pdata[i]), ==, kinds[i]);
      g_assert_cmpuint (hotplug_manifest_get_line (objects->pdata[i]), ==, lines[i]);
    }

  /* an item outlives its list */
  g_autoptr (HotplugManifest) first = hotplug_manifest_ref (objects->pdata[0]);
  g_clear_pointer (&objects, g_ptr_array_unref);
  g_assert_null (hotplug_data_volume_new_from_manifest (first, &error));
  g_assert_cmpstr (error->message, ==, "line 5: kind is DataVolume, not A");
}

static const struct
{
  const char *name;
  const char *text;
  const char *message;
} bad_objects[] = {
  { "no-kind", "apiVersion: v1\n", "line 1: kind is missing" },
  { "null-kind", "apiVersion: v1\nkind:\n", "line 1: kind is missing" },
  { "no-version", "\nkind: A\n", "line 2: apiVersion is missing" },
  { "kind-is-boolean", "apiVersion: v1\nkind: yes\n", "line 2: kind is a text, not a boolean; a text is in quotes" },
  { "name-is-number", "apiVersion: v1\nkind: A\nmetadata:\n  name: 12\n",
    "line 4: metadata.name is a text, not a number; a text is in quotes" },
  { "name-is-list", "apiVersion: v1\nkind: A\nmetadata: {name: [a]}\n", "line 3: metadata.name is a text, not a list" },
  { "items-is-text", "apiVersion: v1\nkind: List\nitems: a\n", "line 3: items of a List is a list of objects" },
  { "item-is-text", "apiVersion: v1\nkind: List\nitems:\n- a\n", "line 4: items[0] is no object" },
  { "item-without-kind", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- apiVersion: v1\n",
    "line 5: kind is missing" },
  { "metadata-is-text", "apiVersion: v1\nkind: A\nmetadata: a\n", "line 3: metadata is an object, not a text" },
};

static void
test_bad_object (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_manifest_parse (bad_objects[i].text, -1, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_assert_cmpstr (error->message, ==, bad_objects[i].message);
}

#define KUBEVIRT "apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt, namespace: kubevirt}\n"
#define GATES(list)                                                                                                    \
  KUBEVIRT "spec:\n  imagePullPolicy: Always\n  configuration:\n    developerConfiguration:\n"                         \
           "      featureGates: " list "\n"

static const struct
{
  const char *name;
  const char *text;
  int gates; /* -1: refused */
  const char *message;
} kubevirts[] = {
  { "both", GATES ("[HotplugNICs, HotplugVolumes]"), HOTPLUG_GATE_BIT_ALL },
  { "list", GATES ("\n      - LiveMigration\n      - HotplugVolumes"), HOTPLUG_GATE_BIT_VOLUMES },
  { "declarative", GATES ("[DeclarativeHotplugVolumes]"), HOTPLUG_GATE_BIT_VOLUMES },
  { "other-case", GATES ("[hotplugvolumes]"), 0 },
  { "none", GATES ("[]"), 0 },
  { "no-list", GATES (""), 0 },
  { "no-spec", KUBEVIRT, 0 },
  { "text", GATES ("HotplugVolumes"), -1,
    "line 8: spec.configuration.developerConfiguration.featureGates is a list of texts, not a text" },
  { "boolean", GATES ("\n      - HotplugVolumes\n      - true"), -1,
    "line 10: spec.configuration.developerConfiguration.featureGates[1] is a text, not a boolean" },
  { "other-kind", "apiVersion: v1\nkind: Pod\n", -1, "line 1: kind is KubeVirt, not Pod" },
  { "other-version", "apiVersion: kubevirt.io/v2\nkind: KubeVirt\n", -1,
    "line 1: apiVersion of a KubeVirt is kubevirt.io/v1 or kubevirt.io/v1alpha3, not kubevirt.io/v2" },
  { "two", KUBEVIRT "---\n" KUBEVIRT, -1, "line 1: 2 objects, not one of kind KubeVirt" },
  { "nothing", "", -1, "line 1: 0 objects, not one of kind KubeVirt" },
};

static void
test_kubevirt (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  HotplugGateBits gates = HOTPLUG_GATE_BIT_ALL;

  if (_hotplug_manifest_read_gates (kubevirts[i].text, strlen (kubevirts[i].text), &gates, &error))
    {
      g_assert_cmpint (gates, ==, kubevirts[i].gates);
      return;
    }
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_assert_cmpstr (error->message, ==, kubevirts[i].message);
}

#define ADD_ROWS(group, rows, test)                                                                                    \
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)                                                                      \
    {                                                                                                                  \
      g_autofree char *path = g_strconcat ("/manifest/" group "/", rows[i].name, NULL);                                \
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test);                                                         \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_ROWS ("good", good, test_good)
  ADD_ROWS ("bad", bad, test_bad)
  ADD_ROWS ("limit", limits, test_limit)
  ADD_ROWS ("object", bad_objects, test_bad_object)
  ADD_ROWS ("kubevirt", kubevirts, test_kubevirt)
  g_test_add_func ("/manifest/round", test_round);
  g_test_add_func ("/manifest/objects", test_objects);
  g_test_add_func ("/manifest/list", test_list);
  return g_test_run ();
}
