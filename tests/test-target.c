/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib.h>

#include "rules/hotplug-target-private.h"

static const struct
{
  const char *row;
  const char *prefix;
  const char *target;
  int number; /* -1: no such name */
} rows[] = {
  { "first", "sd", "sda", 0 },
  { "last-of-one", "sd", "sdz", 25 },
  { "first-of-two", "sd", "sdaa", 26 },
  { "last-of-two", "sd", "sdzz", 701 },
  { "first-of-three", "sd", "sdaaa", 702 },
  { "virtio", "vd", "vdb", 1 },
  { "other-prefix", "sd", "vda", -1 },
  { "no-letter", "sd", "sd", -1 },
  { "digit", "sd", "sda1", -1 },
  { "upper-case", "sd", "sdA", -1 },
  { "too-many", "sd", "sdaaaaaa", -1 },
  { "missing", "sd", NULL, -1 },
  { "empty", "sd", "", -1 },
};

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  g_assert_cmpint (_hotplug_target_number (rows[row].prefix, rows[row].target), ==, rows[row].number);
  if (rows[row].number < 0)
    return;

  g_autofree char *name = _hotplug_target_name (rows[row].prefix, (guint)rows[row].number);
  g_assert_cmpstr (name, ==, rows[row].target);
}

static void
test_round_trip (void)
{
  for (guint number = 0; number < 20000; number++)
    {
      g_autofree char *name = _hotplug_target_name ("sd", number);
      g_assert_cmpint (_hotplug_target_number ("sd", name), ==, (int)number);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/target/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  g_test_add_func ("/target/round-trip", test_round_trip);

  return g_test_run ();
}
