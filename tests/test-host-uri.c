/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-host-uri-private.h"

/* A URI that somebody else wrote says which host is meant, and nothing that is done on the way. */

static const char *const plain[] = {
  "qemu+ssh://b/system",         "qemu+ssh://root@b.example.org:2222/system", "qemu+tls://b-1.example.org/system",
  "qemu+tcp://192.0.2.7/system", "qemu+tcp://[2001:db8::7]:16509/system",     "qemu://b/system",
  "qemu+ssh://b/session",
};

static const char *const others[] = {
  "qemu+ext://x/system?command=/bin/touch",
  "qemu+ext://x/system",
  "qemu+unix:///system?socket=/tmp/s",
  "qemu+unix:///system",
  "qemu+ssh://b/system?command=/bin/touch",
  "qemu+ssh://b/system?no_verify=1",
  "qemu+ssh://b/system?",
  "qemu+ssh://b/system#x",
  "qemu+ssh://b/embed?root=/",
  "qemu+ssh://b/system/",
  "qemu+ssh://b/%73ystem",
  "qemu+ssh://b",
  "qemu+ssh:///system",
  "qemu:///system",
  "qemu:///embed?root=/tmp/r",
  "qemu:/system",
  "qemu+ssh://-oProxyCommand=touch%20x/system",
  "qemu+ssh://-oProxyCommand/system",
  "qemu+ssh://-l@b/system",
  "qemu+ssh://root%20-x@b/system",
  "qemu+ssh://root:word@b/system",
  "qemu+ssh://b;touch/system",
  "qemu+ssh://b$IFS/system",
  "qemu+ssh://b%0a/system",
  "qemu+ssh://[::1%25eth0]/system",
  "qemu+libssh2://b/system",
  "QEMU+EXT://b/system",
  "test:///default",
  "ch:///system",
  "lxc:///",
  "ssh://b/system",
  "/bin/sh",
  "b",
  "",
  " qemu+ssh://b/system",
  "qemu+ssh://b/system\n",
  "qemu+ssh://b:99999/system",
  "qemu+ssh://b:-1/system",
};

static void
test_plain (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    {
      g_test_message ("%s", plain[i]);
      g_assert_true (_hotplug_host_uri_is_plain (plain[i]));
    }
}

static void
test_others (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_test_message ("%s", others[i]);
      g_assert_false (_hotplug_host_uri_is_plain (others[i]));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conformance/FX01/plain", test_plain);
  g_test_add_func ("/conformance/FX01/others", test_others);
  return g_test_run ();
}
