/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"

#define LONGEST "a23456789012345678901234567890123456789012345678901234567890123"

static const struct
{
  const char *row;
  const char *name;
  gboolean legal;
} names[] = {
  { "letter", "a", TRUE },
  { "digit", "7", TRUE },
  { "hyphen", "example-volume-hotplug", TRUE },
  { "hyphens", "a--b", TRUE },
  { "longest", LONGEST, TRUE },
  { "too-long", LONGEST "4", FALSE },
  { "missing", NULL, FALSE },
  { "empty", "", FALSE },
  { "upper-case", "Data", FALSE },
  { "leading-hyphen", "-data", FALSE },
  { "trailing-hyphen", "data-", FALSE },
  { "only-hyphen", "-", FALSE },
  { "underscore", "my_data", FALSE },
  { "dot", "my.data", FALSE },
  { "blank", "my data", FALSE },
  { "slash", "../data", FALSE },
  { "newline", "data\n", FALSE },
  { "umlaut", "d\xc3\xa4ta", FALSE },
};

static void
test_check (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_true (_hotplug_name_check ("volume", names[row].name, &error) == names[row].legal);
  if (names[row].legal)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
      g_assert_true (g_str_has_prefix (error->message, "volume name \""));
      g_assert_null (strchr (error->message, '\n'));
    }
}

static const struct
{
  const char *row;
  const char *alias;
  const char *name; /* NULL: not ours */
} aliases[] = {
  { "ours", "ua-hpv-data", "data" },    { "longest", "ua-hpv-" LONGEST, LONGEST },
  { "interface", "ua-hpi-data", NULL }, { "user", "ua-data", NULL },
  { "libvirt", "scsi0-0-0-0", NULL },   { "no-name", "ua-hpv-", NULL },
  { "illegal", "ua-hpv-DATA", NULL },   { "missing", NULL, NULL },
};

static void
test_alias (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);

  g_assert_cmpstr (_hotplug_volume_name_from_alias (aliases[row].alias), ==, aliases[row].name);
  if (aliases[row].name != NULL)
    {
      g_autofree char *alias = _hotplug_volume_alias (aliases[row].name);
      g_assert_cmpstr (alias, ==, aliases[row].alias);
    }
}

/* The names of interfaces are others than those of volumes, so that one of each may have the same. */
static void
test_interface_alias (void)
{
  g_autofree char *alias = _hotplug_interface_alias ("data");

  g_assert_cmpstr (alias, ==, "ua-hpi-data");
  g_assert_cmpstr (_hotplug_interface_name_from_alias (alias), ==, "data");
  g_assert_null (_hotplug_interface_name_from_alias ("ua-hpv-data"));
  g_assert_null (_hotplug_interface_name_from_alias ("ua-hpi-DATA"));
  g_assert_null (_hotplug_interface_name_from_alias ("ua-hpi-"));
  g_assert_null (_hotplug_interface_name_from_alias (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (names); row++)
    {
      g_autofree char *path = g_strdup_printf ("/name/check/%s", names[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_check);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (aliases); row++)
    {
      g_autofree char *path = g_strdup_printf ("/name/alias/%s", aliases[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_alias);
    }

  g_test_add_func ("/name/interface-alias", test_interface_alias);

  return g_test_run ();
}
