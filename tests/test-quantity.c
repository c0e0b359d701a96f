/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#define KI G_GUINT64_CONSTANT (1024)
#define GI (KI * KI * KI)

/* Sources: Kubernetes apimachinery pkg/api/resource/quantity_test.go, and the issue's own sizes */
static const struct
{
  const char *text;
  guint64 bytes;
} good[] = {
  { "0", 0 },
  { "5Gi", 5 * GI },
  { "500M", 500000000 },
  { "1.5Gi", GI + GI / 2 },
  { "1Ki", 1024 },
  { "1k", 1000 },
  { "10T", G_GUINT64_CONSTANT (10000000000000) },
  { "7Ei", G_GUINT64_CONSTANT (7) << 60 },
  { "9223372036854775807", G_MAXINT64 },
  { "1e3", 1000 },
  { "1E3", 1000 },
  { "1e+3", 1000 },
  { "1.", 1 },
  { ".5Ki", 512 },
  { "0.1Ki", 103 }, /* 102.4 */
  { "0.001", 1 },   /* a part of a byte is one */
  { "1000m", 1 },   /* milli */
  { "1500m", 2 },   /* 1.5 */
  { "1e-3", 1 },    /* 0.001 */
  { "128974848000m", 128974848 },
  { "1.000000000000000000000000000000000001Gi", GI + 1 },
  { "000000000000000000000000000000000000001Gi", GI },
  { "5E", G_GUINT64_CONSTANT (5000000000000000000) },
};

static const char *const bad[] = {
  "",     "-1",    "+1",
  " 5Gi", "5Gi ",  "5 Gi",
  "Gi",   ".",     "5gi",
  "5GiB", "5GB",   "5K",
  "1..5", "1.5.5", "0x10",
  "1e",   "1e+",   "1ee3",
  "1e31", "1e3Gi", "inf",
  "nan",  "five",  "8Ei",
  "12E",  "10E",   "9223372036854775808",
  "1e19", "5\n",   "99999999999999999999999999999999999999999999999999999999999999999999999",
};

static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 77;

      g_assert_true (hotplug_quantity_parse (good[i].text, &bytes, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (bytes, ==, good[i].bytes);
    }
}

static void
test_refuse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 bytes = 0;

      g_test_message ("\"%s\"", bad[i]);
      g_assert_false (hotplug_quantity_parse (bad[i], &bytes, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
      g_assert_null (strchr (error->message, '\n'));
    }
}

static void
test_to_string (void)
{
  static const struct
  {
    guint64 bytes;
    const char *text;
  } rows[] = {
    { 0, "0" },
    { 1, "1" },
    { 1023, "1023" },
    { 1024, "1Ki" },
    { 5 * GI, "5Gi" },
    { GI + GI / 2, "1536Mi" },
    { 500000000, "500000000" },
    { G_GUINT64_CONSTANT (4) << 60, "4Ei" },
    { G_MAXINT64, "9223372036854775807" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = hotplug_quantity_to_string (rows[i].bytes);
      guint64 back = 0;

      g_assert_cmpstr (text, ==, rows[i].text);
      g_assert_true (hotplug_quantity_parse (text, &back, NULL));
      g_assert_cmpuint (back, ==, rows[i].bytes);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantity/parse", test_parse);
  g_test_add_func ("/quantity/refuse", test_refuse);
  g_test_add_func ("/quantity/to-string", test_to_string);
  return g_test_run ();
}
