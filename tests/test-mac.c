/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib.h>

#include "base/hotplug-mac-private.h"

/* libvirt 9.0.0 src/util/virmacaddr.c:103 has what it reads; KubeVirt's API describes macAddress with both separators
 * (staging/src/kubevirt.io/api/core/v1/schema.go, "de:ad:00:00:be:af or DE-AD-00-00-BE-AF"). */
static const struct
{
  const char *row;
  const char *text;
  const char *mac; /* NULL: none */
} rows[] = {
  { "lower-case", "52:54:00:ab:cd:ef", "52:54:00:ab:cd:ef" },
  { "upper-case", "52:54:00:AB:CD:EF", "52:54:00:ab:cd:ef" },
  { "kubevirt", "de:ad:00:00:be:af", "de:ad:00:00:be:af" },
  { "kubevirt-hyphens", "DE-AD-00-00-BE-AF", "de:ad:00:00:be:af" },
  { "one-digit", "2:0:0:0:a:F", "02:00:00:00:0a:0f" },
  { "zero", "00:00:00:00:00:00", "00:00:00:00:00:00" },
  { "missing", NULL, NULL },
  { "empty", "", NULL },
  { "one", "52", NULL },
  { "five", "52:54:00:ab:cd", NULL },
  { "seven", "52:54:00:ab:cd:ef:01", NULL },
  { "eui-64", "02-00-5e-10-00-00-00-01", NULL },
  { "three-digits", "52:540:0:ab:cd:ef", NULL },
  { "no-digit", "52:54::ab:cd:ef", NULL },
  { "mixed", "52:54-00:ab:cd:ef", NULL },
  { "no-separator", "525400abcdef", NULL },
  { "dots", "5254.00ab.cdef", NULL },
  { "trailing-separator", "52:54:00:ab:cd:ef:", NULL },
  { "trailing-blank", "52:54:00:ab:cd:ef ", NULL },
  { "leading-blank", " 52:54:00:ab:cd:ef", NULL },
  { "plus", "52:+4:00:ab:cd:ef", NULL },
  { "no-hex", "52:54:00:ab:cd:eg", NULL },
  { "newline", "52:54:00:ab:cd:ef\n", NULL },
};

static void
test_normalize (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  /* of its own, for a checker of memory to see who reads behind the end */
  g_autofree char *text = g_strdup (rows[row].text);
  g_autofree char *mac = _hotplug_mac_normalize (text);

  g_assert_cmpstr (mac, ==, rows[row].mac);
}

/* The two low bits of the first octet */
static void
test_kinds (void)
{
  g_assert_false (_hotplug_mac_is_multicast ("52:54:00:00:00:01"));
  g_assert_true (_hotplug_mac_is_multicast ("01:00:5e:00:00:01"));
  g_assert_true (_hotplug_mac_is_multicast ("ff:ff:ff:ff:ff:ff"));
  g_assert_true (_hotplug_mac_is_local ("52:54:00:00:00:01"));
  g_assert_true (_hotplug_mac_is_local ("02:00:00:00:00:01"));
  g_assert_false (_hotplug_mac_is_local ("00:16:3e:00:00:01"));
}

static void
test_make (void)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++)
    {
      char *mac = _hotplug_mac_make (taken);
      g_autofree char *again = _hotplug_mac_normalize (mac);

      g_assert_cmpstr (again, ==, mac);
      g_assert_true (g_str_has_prefix (mac, "02:"));
      g_assert_false (g_str_has_prefix (mac, "02:00:00:"));
      g_assert_false (_hotplug_mac_is_multicast (mac));
      g_assert_true (_hotplug_mac_is_local (mac));
      g_assert_true (g_hash_table_add (taken, mac));
    }
}

/* With the same random numbers a second time it has to choose another one. */
static void
test_taken (void)
{
  g_autoptr (GHashTable) taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_random_set_seed (7);
  g_hash_table_add (taken, _hotplug_mac_make (NULL));
  g_random_set_seed (7);
  g_autofree char *same = _hotplug_mac_make (NULL);
  g_random_set_seed (7);
  g_autofree char *other = _hotplug_mac_make (taken);
  g_assert_true (g_hash_table_contains (taken, same));
  g_assert_cmpstr (other, !=, same);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/mac/normalize/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_normalize);
    }
  g_test_add_func ("/mac/kinds", test_kinds);
  g_test_add_func ("/mac/make", test_make);
  g_test_add_func ("/mac/taken", test_taken);

  return g_test_run ();
}
