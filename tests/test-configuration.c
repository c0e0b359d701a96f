/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-configuration-file-private.h"

#define FILE_NAME "hotplug.conf"
#define BOTH HOTPLUG_GATE_BIT_ALL
#define VOLUMES HOTPLUG_GATE_BIT_VOLUMES
#define NICS HOTPLUG_GATE_BIT_NICS

/* The rules are those of hotplug.conf(5). A store is NAME=path or NAME@pool, the default one with a *. */
static const struct
{
  const char *name;
  const char *text;
  HotplugGateBits gates;
  const char *stores;
  const char *networks;
  const char *from;
  const char *cni_networks;
  gboolean by_migration;
} good[] = {
  { "empty", "", BOTH, "" },
  { "comments", "# nothing\n\n  # at all\n", BOTH, "" },
  { "no-newline", "[gates]\nHotplugVolumes=false", NICS, "" },
  { "one-off", "[gates]\nHotplugVolumes=true\nHotplugNICs=false\n", VOLUMES, "" },
  { "both-off", "[gates]\nHotplugVolumes=false\nHotplugNICs=false\n", 0, "" },
  { "blanks", "  [gates]  \n  HotplugNICs = false  \n", VOLUMES, "" },
  { "carriage-returns", "[gates]\r\nHotplugNICs=false\r\n", VOLUMES, "" },
  { "from", "[gates]\nfrom=/etc/kubevirt.yaml\n", BOTH, "", NULL, "/etc/kubevirt.yaml" },
  { "only-store", "[store local]\npath=/srv\n", BOTH, "local=/srv*" },
  { "stores", "[store a]\npath=/a\n[store b]\npool=b\ndefault=true\n", BOTH, "a=/a b@b*" },
  { "no-default", "[store a]\npath=/a\n[store b]\npath=/b\ndefault=false\n", BOTH, "a=/a b=/b" },
  { "path-and-pool-alike", "[store a]\npath=/a\n[store b]\npool=a\n", BOTH, "a=/a b@a" },
  { "escapes", "[store a]\npath=/a\\sb\n", BOTH, "a=/a b*" },
  { "networks", "[networks]\ndirectory=/etc/networks\n", BOTH, "", "/etc/networks" },
  { "cni", "[networks]\ncni-directory=/etc/cni/net.d\n", BOTH, "", NULL, NULL, "/etc/cni/net.d" },
  { "attach-live", "[networks]\nattach=live\n", BOTH, "", NULL, NULL, NULL, FALSE },
  { "attach-by-migration", "[networks]\nattach=migration\n", BOTH, "", NULL, NULL, NULL, TRUE },
  { "networks-and-cni", "[networks]\ncni-directory=/b\ndirectory=/a\n", BOTH, "", "/a", NULL, "/b" },
};

static char *
describe_stores (const HotplugConfiguration *configuration)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < configuration->stores->len; i++)
    {
      const HotplugStoreEntry *entry = g_ptr_array_index (configuration->stores, i);
      g_string_append_printf (out, "%s%s%s%s%s", i > 0 ? " " : "", entry->name, entry->path != NULL ? "=" : "@",
                              entry->path != NULL ? entry->path : entry->pool, entry->is_default ? "*" : "");
      g_assert_true (_hotplug_configuration_find_store (configuration, entry->name) == entry);
      g_assert_true ((_hotplug_configuration_find_store (configuration, NULL) == entry) == entry->is_default);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_good (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugConfiguration) configuration
      = _hotplug_configuration_parse (good[i].text, strlen (good[i].text), FILE_NAME, &error);

  g_assert_no_error (error);
  g_autofree char *stores = describe_stores (configuration);
  g_assert_cmpstr (stores, ==, good[i].stores);
  g_assert_cmpint (configuration->gates, ==, good[i].gates);
  g_assert_cmpstr (configuration->networks, ==, good[i].networks);
  g_assert_cmpstr (configuration->cni_networks, ==, good[i].cni_networks);
  g_assert_true (configuration->attaches_by_migration == good[i].by_migration);
  g_assert_cmpstr (configuration->gates_from, ==, good[i].from);
  g_assert_null (_hotplug_configuration_find_store (configuration, "nothing"));
}

static const struct
{
  const char *name;
  const char *text;
  const char *message; /* all of it */
} bad[] = {
  { "no-group", "HotplugVolumes=true\n", "hotplug.conf:1: a key before the first [group]" },
  { "no-key", "[gates]\n\nHotplugVolumes\n",
    "hotplug.conf:3: \"HotplugVolumes\" is no [group], no key=value and no # comment" },
  { "no-name", "[gates]\n=true\n", "hotplug.conf:2: \"=true\" is no [group], no key=value and no # comment" },
  { "open-group", "[gates\n", "hotplug.conf:1: \"[gates\" is no [group], no key=value and no # comment" },
  { "empty-group", "[]\n", "hotplug.conf:1: \"[]\" is no [group], no key=value and no # comment" },
  { "other-group", "[gates]\n[Gates]\n",
    "hotplug.conf:2: unknown group \"Gates\"; there are [gates], [store NAME] and [networks]" },
  { "store-without-name", "[store]\npath=/a\n",
    "hotplug.conf:1: unknown group \"store\"; there are [gates], [store NAME] and [networks]" },
  { "other-gate", "# one\n[gates]\nHotplugVolume=true\n",
    "hotplug.conf:3: unknown key \"HotplugVolume\"; [gates] has HotplugVolumes, HotplugNICs and from" },
  { "other-store-key", "[store a]\npath=/a\nsize=1\n",
    "hotplug.conf:3: unknown key \"size\"; [store a] has path, pool and default" },
  { "other-network-key", "[networks]\npath=/a\n",
    "hotplug.conf:2: unknown key \"path\"; [networks] has directory, cni-directory and attach" },
  { "key-twice", "[gates]\nHotplugNICs=true\nHotplugNICs=false\n",
    "hotplug.conf:3: \"HotplugNICs\" is in line 2 already" },
  { "group-twice", "[gates]\n[networks]\n[gates]\n", "hotplug.conf:3: \"gates\" is in line 1 already" },
  { "other-attach", "[networks]\nattach=never\n", "hotplug.conf:2: attach is live or migration, not \"never\"" },
  { "not-a-boolean", "[gates]\nHotplugVolumes=yes\n", "hotplug.conf:2: HotplugVolumes is true or false, not \"yes\"" },
  { "boolean-case", "[gates]\nHotplugVolumes=True\n", "hotplug.conf:2: HotplugVolumes is true or false, not \"True\"" },
  { "boolean-empty", "[gates]\nHotplugVolumes=\n", "hotplug.conf:2: HotplugVolumes is true or false, not \"\"" },
  { "default-not-a-boolean", "[store a]\npath=/a\ndefault=1\n", "hotplug.conf:3: default is true or false, not \"1\"" },
  { "relative-path", "[store a]\npath=volumes\n", "hotplug.conf:2: path is an absolute path, not \"volumes\"" },
  { "relative-directory", "[networks]\ndirectory=~/x\n", "hotplug.conf:2: directory is an absolute path, not \"~/x\"" },
  { "relative-from", "[gates]\nfrom=kubevirt.yaml\n",
    "hotplug.conf:2: from is an absolute path, not \"kubevirt.yaml\"" },
  { "path-of-lines", "[store a]\npath=/a\\nb\n", "hotplug.conf:2: path is an absolute path, not \"/a?b\"" },
  { "broken-escape", "[store a]\npath=/a\\qb\n", "hotplug.conf:2: path has a broken escape" },
  { "no-pool", "[store a]\npool=\n", "hotplug.conf:2: pool is the name of a storage pool, not \"\"" },
  { "pool-of-a-path", "[store a]\npool=/a\n", "hotplug.conf:2: pool is the name of a storage pool, not \"/a\"" },
  { "path-and-pool", "\n[store a]\npath=/a\npool=a\n",
    "hotplug.conf:2: store \"a\" has both; it has one of path and pool" },
  { "neither", "[store a]\ndefault=true\n", "hotplug.conf:1: store \"a\" has neither; it has one of path and pool" },
  { "two-defaults", "[store a]\npath=/a\ndefault=true\n[store b]\npath=/b\ndefault=true\n",
    "hotplug.conf:4: store \"b\" is the default, and \"a\" is too" },
  { "one-place", "[store a]\npath=/a\n[store b]\npath=/a\n", "hotplug.conf:3: store \"b\" is where \"a\" is" },
  { "store-twice", "[store a]\npath=/a\n[store  a]\npath=/b\n", "hotplug.conf:3: there is a store \"a\" already" },
  { "from-and-said", "[gates]\nfrom=/k\nHotplugNICs=true\n",
    "hotplug.conf:2: gates are either from /k or said here, not both" },
  { "not-utf-8", "# fine\n# \xff\n", "hotplug.conf:2: not UTF-8" },
};

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_configuration_parse (bad[i].text, strlen (bad[i].text), FILE_NAME, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_cmpstr (error->message, ==, bad[i].message);
}

static void
test_store_name (void)
{
  const char *text = "[store A]\npath=/a\n";
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_configuration_parse (text, strlen (text), FILE_NAME, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_str_has_prefix (error->message, "hotplug.conf:1: "));
  g_assert_nonnull (strstr (error->message, "\"A\""));
}

static void
test_nul (void)
{
  static const char text[] = "[gates]\0HotplugNICs=false\n";
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_configuration_parse (text, sizeof text - 1, FILE_NAME, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

static void
assert_read_error (const char *path, HotplugError code, const char *mentions)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_configuration_read (path, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int) code);
  g_assert_true (g_str_has_prefix (error->message, path));
  g_assert_nonnull (strstr (error->message, mentions));
}

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("hotplug-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (directory, FILE_NAME, NULL);
  g_autofree char *below = g_build_filename (path, "below", NULL);

  /* none: what holds by default */
  g_autoptr (HotplugConfiguration) none = _hotplug_configuration_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (none->gates, ==, BOTH);
  g_assert_cmpstr (none->file, ==, path);

  g_assert_true (g_file_set_contents (path, "[gates]\nHotplugVolumes=false\n", -1, NULL));
  g_autoptr (HotplugConfiguration) some = _hotplug_configuration_read (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (some->gates, ==, NICS);

  g_autofree char *long_line = g_strnfill (64 * 1024 + 1, '#');
  g_assert_true (g_file_set_contents (path, long_line, -1, NULL));
  assert_read_error (path, HOTPLUG_ERROR_INVALID_ARGUMENT, "more than 65536 bytes");
  g_assert_true (g_file_set_contents (path, long_line, 64 * 1024, NULL));
  g_autoptr (HotplugConfiguration) longest = _hotplug_configuration_read (path, &error);
  g_assert_no_error (error);

  if (geteuid () != 0)
    {
      g_assert_cmpint (g_chmod (path, 0), ==, 0);
      assert_read_error (path, HOTPLUG_ERROR_PERMISSION, "denied");
    }
  g_assert_cmpint (g_unlink (path), ==, 0);
  assert_read_error (directory, HOTPLUG_ERROR_INVALID_ARGUMENT, "not a file");
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* What make install puts there */
static void
test_installed (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugConfiguration) configuration = _hotplug_configuration_read (path, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (configuration->gates, ==, BOTH);
  g_assert_cmpuint (configuration->stores->len, ==, 0);

  /* and with the comment marks of its examples taken off */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_autoptr (GRegex) marks = g_regex_new ("^#(?=\\S)", G_REGEX_MULTILINE, G_REGEX_MATCH_DEFAULT, NULL);
  g_autoptr (GRegex) gates = g_regex_new ("^Hotplug.*$", G_REGEX_MULTILINE, G_REGEX_MATCH_DEFAULT, NULL);
  g_autofree char *unmarked = g_regex_replace_literal (marks, text, -1, 0, "", G_REGEX_MATCH_DEFAULT, NULL);
  g_autofree char *all = g_regex_replace_literal (gates, unmarked, -1, 0, "", G_REGEX_MATCH_DEFAULT, NULL);
  g_autoptr (HotplugConfiguration) examples = _hotplug_configuration_parse (all, strlen (all), path, &error);
  g_assert_no_error (error);
  g_autofree char *stores = describe_stores (examples);
  g_assert_cmpstr (stores, ==, "local=/var/lib/hotplug/volumes* fast@nvme");
  g_assert_cmpstr (examples->networks, ==, "/etc/hotplug/networks.d");
  g_assert_cmpstr (examples->cni_networks, ==, "/etc/cni/net.d");
  g_assert_nonnull (examples->gates_from);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/configuration/good/", good[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/configuration/bad/", bad[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  g_test_add_func ("/configuration/bad/store-name", test_store_name);
  g_test_add_func ("/configuration/bad/nul", test_nul);
  g_test_add_func ("/configuration/read", test_read);
  g_test_add_func ("/configuration/installed", test_installed);
  return g_test_run ();
}
