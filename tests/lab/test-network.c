/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A network of the test's own: machines reach its bridges, and the host sees nothing of it. */

#include "lab.h"

#define BRIDGE "br-lab-own"
#define TAP "tap-lab-own"
#define MAC "52:54:00:6c:61:62"
#define NIC                                                                                                            \
  "<interface type='bridge'><source bridge='" BRIDGE "'/><mac address='" MAC "'/><target dev='" TAP "'/>"              \
  "<model type='virtio'/></interface>"

static gboolean
has_link (const char *name)
{
  g_auto (GStrv) links = lab_links ();

  return g_strv_contains ((const char *const *)links, name);
}

/* sysfs was mounted in the host's namespace, which is the one that it shows */
static gboolean
host_has_link (const char *name)
{
  g_autofree char *path = g_build_filename ("/sys/class/net", name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_bridge (void)
{
  lab_bridge_new (BRIDGE);
  g_assert_true (has_link ("lo"));
  g_assert_true (has_link (BRIDGE));
  g_assert_false (host_has_link (BRIDGE));
}

static void
test_machine (void)
{
  if (lab_skip_without_qemu ())
    return;

  const LabMachine machine = { .name = "bridged", .root_ports = 2, .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  lab_run_event_loop ();
  g_autoptr (LabConnect) connect = lab_connect (lab_embed_uri ());
  g_autoptr (LabDomain) domain = lab_define (connect, xml);

  lab_create (domain, TRUE);
  lab_attach (domain, NIC, VIR_DOMAIN_AFFECT_LIVE);
  g_assert_true (has_link (TAP));
  g_assert_false (host_has_link (TAP));
  lab_destroy (domain);
  g_assert_false (has_link (TAP));
  lab_undefine (domain);
}

int
main (int argc, char **argv)
{
  const char *missing = lab_missing_network ();

  g_test_init (&argc, &argv, NULL);
  if (missing != NULL)
    {
      lab_skip (missing);
      return 0;
    }

  lab_network_enter ();
  g_test_add_func ("/lab/network/bridge", test_bridge);
  g_test_add_func ("/lab/network/machine", test_machine);
  return g_test_run ();
}
