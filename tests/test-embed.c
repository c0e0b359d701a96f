/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-embed-private.h"

/* What is seen to before libvirt opens an embedded hypervisor, which runs as us what its root says. A process has one
 * root: those that are taken are taken in a process of their own. */

static void
test_root (void)
{
  static const struct
  {
    const char *uri;
    const char *root;
  } rows[] = {
    { "qemu:///embed?root=/a", "/a" },
    { "qemu:/embed?root=/a/", "/a" },
    { "qemu:///embed?root=%2Fa%20b", "/a b" },
    { "qemu:///embed?root=/a%2541", "/a%41" }, /* decoded once */
    { "qemu:///embed?root=/a%26b&x=y", "/a&b" },
    { "qemu:///embed?root=a", NULL },
    { "qemu:///embed", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *root = _hotplug_embed_root (rows[i].uri);

      g_assert_true (_hotplug_embed_is (rows[i].uri));
      g_assert_cmpstr (root, ==, rows[i].root);
    }
}

static void
assert_refused (const char *uri, HotplugError code, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (_hotplug_embed_prepare (uri, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, word));
}

static void
test_uri (void)
{
  assert_refused ("qemu:///embed", HOTPLUG_ERROR_INVALID_ARGUMENT, "names its root");
  assert_refused ("qemu://localhost/embed?root=/a", HOTPLUG_ERROR_INVALID_ARGUMENT, "of no host");
}

static void
test_refused (void)
{
  g_autofree char *root = g_dir_make_tmp ("embed-XXXXXX", NULL);
  g_autofree char *uri = g_strconcat ("qemu:///embed?root=", root, NULL);
  g_autofree char *file = g_build_filename (root, "somebody's", NULL);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_cmpint (chmod (root, 0777), ==, 0);
  assert_refused (uri, HOTPLUG_ERROR_PERMISSION, "by others");
  g_assert_cmpint (chmod (root, 0700), ==, 0);
  if (geteuid () == 0)
    {
      g_assert_cmpint (chown (root, 4711, (gid_t)-1), ==, 0);
      assert_refused (uri, HOTPLUG_ERROR_PERMISSION, "belongs to user 4711");
      g_assert_cmpint (chown (root, 0, (gid_t)-1), ==, 0);
    }
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (root), ==, 0);
}

/* In a process of its own */
static void
prepare (const char *root, const char *before, const char *after)
{
  g_autofree char *etc = g_build_filename (root, "etc", NULL);
  g_autofree char *conf = g_build_filename (etc, "qemu.conf", NULL);
  g_autofree char *short_uri = g_strconcat ("qemu:/embed?root=", root, NULL);
  g_autofree char *uri = g_strconcat ("qemu:///embed?root=", root, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (etc, 0700), ==, 0);
  g_assert_true (g_file_set_contents (conf, before, -1, NULL));
  g_autofree char *prepared = _hotplug_embed_prepare (uri, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (prepared, ==, uri);
  g_assert_true (g_file_get_contents (conf, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, after));

  g_autofree char *again = _hotplug_embed_prepare (short_uri, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, uri);

  g_autofree char *lock = g_build_filename (root, "libhotplug.lock", NULL);
  g_assert_cmpint (g_unlink (conf) + g_rmdir (etc) + g_unlink (lock) + g_rmdir (root), ==, 0);
}

/* A process was killed between the opening of the file and its first byte; and somebody's own stays. */
static void
test_configuration (void)
{
  static const char *const rows[][2] = { { "", "stdio_handler" }, { "user = \"root\"\n", "user = \"root\"\n" } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *root = g_dir_make_tmp ("embed-XXXXXX", NULL);
      int status = 0;
      pid_t child = fork ();

      if (child == 0)
        {
          prepare (root, rows[i][0], rows[i][1]);
          _exit (0);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FX04/root", test_root);
  g_test_add_func ("/conformance/FX04/uri", test_uri);
  g_test_add_func ("/conformance/FX08/refused", test_refused);
  g_test_add_func ("/conformance/FX07/configuration", test_configuration);
  return g_test_run ();
}
