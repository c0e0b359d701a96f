/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "lab.h"

#define MACHINE "wanders"
#define BRIDGE "lab-br0"
/* Each of two hosts that share a network would want it for itself */
#define TAP "lab-tap0"
#define BOOT_SECONDS 60

static void
make_bridge (LabDaemon *host)
{
  g_free (lab_daemon_run (host, NULL, "ip link add " BRIDGE " type bridge stp_state 0 && ip link set " BRIDGE " up"));
}

static gboolean
has_tap (LabDaemon *host)
{
  int status;

  g_free (lab_daemon_run (host, &status, "ip link show " TAP));
  return status == 0;
}

static void
migrate (virDomainPtr domain, virConnectPtr to, const char *peer, unsigned int flags)
{
  const unsigned int all = VIR_MIGRATE_LIVE | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE | flags;

  if (peer != NULL)
    g_assert_cmpint (virDomainMigrateToURI3 (domain, peer, NULL, 0, all | VIR_MIGRATE_PEER2PEER), ==, 0);
  else
    {
      virDomainPtr moved = virDomainMigrate3 (domain, to, NULL, 0, all);
      g_assert_nonnull (moved);
      virDomainFree (moved);
    }
}

/* What the guest has in its memory goes with it, and the hosts are two: bridges and taps of one name. */
static void
test_migrate (void)
{
  static const char *const devices[] = { "<interface type='bridge'><source bridge='" BRIDGE "'/><target dev='" TAP
                                         "'/><model type='virtio'/></interface>",
                                         NULL };
  const LabMachine machine = { .name = MACHINE,
                               .directory = LAB_DAEMON_MACHINES,
                               .root_ports = 2,
                               .bare = TRUE,
                               .boots = TRUE,
                               .devices = devices };
  LabDaemon *hosts[2];

  lab_daemon_new_pair (&hosts[0], &hosts[1]);
  make_bridge (hosts[0]);
  make_bridge (hosts[1]);

  LabConnect *connects[] = { lab_connect (lab_daemon_uri (hosts[0])), lab_connect (lab_daemon_uri (hosts[1])) };
  g_autofree char *xml = lab_machine_xml (&machine);
  LabDomain *domain = lab_define (connects[0], xml);
  lab_create (domain, FALSE);

  g_autofree char *socket = lab_daemon_socket (hosts[0], MACHINE);
  g_autoptr (GError) error = NULL;
  LabGuest *guest = lab_guest_open (socket, BOOT_SECONDS, &error);
  g_assert_no_error (error);
  g_free (lab_guest_run (guest, NULL, "echo carried > /run/word"));
  lab_guest_free (guest);

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (has_tap (hosts[i]));
      g_assert_false (has_tap (hosts[1 - i]));
      g_test_timer_start ();
      migrate (domain, connects[1 - i], i == 0 ? NULL : lab_daemon_tcp_uri (hosts[0]), 0);
      g_test_message ("migrated: %.3f s", g_test_timer_elapsed ());
      virDomainFree (domain);
      domain = lab_lookup (connects[1 - i], MACHINE);
      g_assert_true (lab_is_active (domain));
      g_assert_null (virDomainLookupByName (connects[i], MACHINE));
      g_assert_true (has_tap (hosts[1 - i]));
      g_assert_false (has_tap (hosts[i]));

      g_autofree char *there = lab_daemon_socket (hosts[1 - i], MACHINE);
      guest = lab_guest_wait (there);
      g_autofree char *word = lab_guest_run (guest, NULL, "cat /run/word");
      g_assert_cmpstr (word, ==, "carried\n");
      lab_guest_free (guest);
    }

  lab_destroy (domain);
  virDomainFree (domain);
  for (guint i = 0; i < 2; i++)
    {
      virConnectClose (connects[i]);
      lab_daemon_free (hosts[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  lab_run_event_loop ();
  if (lab_missing_guest () != NULL || lab_missing_daemon () != NULL || lab_missing_network () != NULL)
    {
      lab_skip (lab_missing_guest () != NULL     ? lab_missing_guest ()
                                   : lab_missing_daemon () != NULL ? lab_missing_daemon ()
                                                                   : lab_missing_network ());
      return 0;
    }
  g_test_add_func ("/lab/pair/migrate", test_migrate);
  return g_test_run ();
}
