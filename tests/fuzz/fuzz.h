/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a target of tests/fuzz/run is made of. Its source defines fuzz_text(), includes this file before, and ends with
 * FUZZ_TARGET ("name"). With libFuzzer (FUZZER, which tests/fuzz/run defines) that is the entry that libFuzzer looks
 * for. Without, it is a test program that plays every file of tests/data/fuzz/NAME/. */

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Any bytes, with a NUL behind them. Whatever must not be is asserted. */
static void fuzz_text (const char *text, gsize length);

static inline void
fuzz_bytes (const void *data, gsize size)
{
  /* of exactly that size, so that the address sanitizer sees one byte too many */
  g_autofree char *text = g_malloc (size + 1);

  if (size > 0)
    memcpy (text, data, size);
  text[size] = '\0';
  fuzz_text (text, size);
}

#ifdef FUZZER

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define FUZZ_TARGET(name)                                                                                              \
  int LLVMFuzzerTestOneInput (const guint8 *data, gsize size)                                                          \
  {                                                                                                                    \
    fuzz_bytes (data, size);                                                                                           \
    return 0;                                                                                                          \
  }

#else

static inline void
fuzz_play (gconstpointer path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size;

  g_file_get_contents (path, &data, &size, &error);
  g_assert_no_error (error);
  fuzz_bytes (data, size);
  /* half of it, as torn text is what goes wrong most often */
  fuzz_bytes (data, size / 2);
}

static inline int
fuzz_main (int argc, char **argv, const char *name)
{
  g_test_init (&argc, &argv, NULL);

  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "data", "fuzz", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) entries = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);

  for (const char *entry = g_dir_read_name (entries); entry != NULL; entry = g_dir_read_name (entries))
    {
      g_autofree char *test = g_strdup_printf ("/fuzz/%s/%s", name, entry);
      g_test_add_data_func_full (test, g_build_filename (folder, entry, NULL), fuzz_play, g_free);
    }
  return g_test_run ();
}

#define FUZZ_TARGET(name)                                                                                              \
  int main (int argc, char **argv) { return fuzz_main (argc, argv, name); }

#endif

G_END_DECLS
