/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "bench/bench.h"
#include "bench/footprint.h"

/* Adds and removes an interface over and over on a machine that boots, and leaves no tap device, no descriptor of
 * QEMU's, libvirt's or its own, and no memory. tests/test-flat is the same with volumes too, and without libvirt. */

#define ROUNDS 15 /* or HOTPLUG_TEST_ROUNDS=N in the environment */

static void
test_interfaces (void)
{
  const char *wanted = g_getenv ("HOTPLUG_TEST_ROUNDS");
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (lab_embed_uri (), NULL, &error);

  g_assert_no_error (error);
  g_autoptr (LabConnect) connect = lab_connect (lab_embed_uri ());
  g_assert_true (
      bench_soak_interfaces (host, connect, wanted != NULL ? (guint)g_ascii_strtoull (wanted, NULL, 10) : ROUNDS));
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_guest () != NULL ? lab_missing_guest () : lab_missing_network ();

  bench_footprint_init (argv);
  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  lab_network_enter ();
  lab_bridge_new (BENCH_BRIDGE);
  g_test_add_func ("/flat-machine/interfaces", test_interfaces);
  return g_test_run ();
}
