/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <hotplug/hotplug.h>

/* A daemon that takes connections and answers none: a call that opens one ends all the same. */

static void
test_open (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("hotplug-silent-XXXXXX", &error);
  g_assert_no_error (error);
  g_autofree char *path = g_build_filename (dir, "socket", NULL);
  g_autofree char *uri = g_strdup_printf ("qemu+unix:///system?socket=%s", path);
  g_autoptr (GSocket) silent = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, &error);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);

  g_socket_bind (silent, address, FALSE, &error);
  g_assert_no_error (error);
  g_socket_listen (silent, &error);
  g_assert_no_error (error);

  gint64 begun = g_get_monotonic_time ();
  g_autoptr (HotplugHost) host = hotplug_host_open (uri, NULL, &error);
  gint64 took = g_get_monotonic_time () - begun;
  g_assert_null (host);
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_assert_nonnull (strstr (error->message, "has not answered for 1 s"));
  g_assert_cmpint (took, >=, G_TIME_SPAN_SECOND);

  /* one whose socket is gone is told at once, by libvirt's own words */
  g_clear_error (&error);
  g_unlink (path);
  g_assert_null (hotplug_host_open (uri, NULL, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION);
  g_assert_null (strstr (error->message, "has not answered"));
  g_rmdir (dir);
}

int
main (int argc, char **argv)
{
  g_setenv ("HOTPLUG_CONNECT_TIMEOUT", "1", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/silent-daemon/open", test_open);
  return g_test_run ();
}
