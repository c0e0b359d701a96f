/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The lab itself, with nothing but libvirt: if this fails, a failing test says nothing about the library. */

#include <string.h>

#include "lab.h"

#define IMAGE_SIZE (16 * 1024 * 1024)
#define SERIAL "lab-serial-1"
#define BY_ID "scsi-0QEMU_QEMU_HARDDISK_" SERIAL
#define SECONDS 20

static void
test_dirs (void)
{
  g_autofree char *dir = lab_dir_new ();
  g_autofree char *image = lab_image_new (dir, "image", IMAGE_SIZE);
  g_assert_true (g_file_test (image, G_FILE_TEST_IS_REGULAR));
}

static void
test_loop (void)
{
  if (lab_skip_without_loop ())
    return;

  g_autofree char *dir = lab_dir_new ();
  g_autofree char *image = lab_image_new (dir, "image", IMAGE_SIZE);
  g_autofree char *device = lab_loop_attach (image);
  g_autofree char *second = lab_loop_attach (image);
  g_assert_cmpstr (device, !=, second);
  lab_loop_detach (device);
}

static void
test_machine (gconstpointer data)
{
  if (lab_skip_without_qemu ())
    return;

  const LabMachine *machine = data;
  g_autofree char *xml = lab_machine_xml (machine);
  g_autoptr (LabConnect) connect = lab_connect (lab_embed_uri ());
  g_autoptr (LabDomain) domain = lab_define (connect, xml);

  lab_create (domain, TRUE);
  g_autofree char *live = lab_live_xml (domain);
  g_assert_cmpint (machine->bare, ==, strstr (live, "<memballoon model='none'/>") != NULL);
  g_assert_null (lab_metadata (domain, "urn:example", FALSE));
  lab_destroy (domain);
  g_assert_false (lab_is_active (domain));
  lab_undefine (domain);
}

static void
test_guest (void)
{
  if (lab_skip_without_guest ())
    return;

  LabMachine machine = { .name = "guest", .root_ports = 4, .scsi = TRUE, .bare = TRUE, .boots = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  g_autofree char *socket = lab_machine_socket (&machine);
  g_autofree char *dir = lab_dir_new ();
  g_autofree char *image = lab_image_new (dir, "image", IMAGE_SIZE);
  g_autofree char *disk = lab_disk_xml (image, "scsi", "sda", SERIAL, "ua-disk");

  g_test_timer_start ();
  g_autoptr (LabConnect) connect = lab_connect (lab_embed_uri ());
  g_test_message ("open: %.3f s", g_test_timer_elapsed ());
  g_autoptr (LabDomain) domain = lab_create_transient (connect, xml, FALSE);
  g_test_message ("created: %.3f s", g_test_timer_elapsed ());
  g_autoptr (LabGuest) guest = lab_guest_wait (socket);
  g_test_message ("the guest answers: %.3f s", g_test_timer_elapsed ());

  /* udev renames links while it works, so what a list has is waited for */
  g_assert_true (lab_guest_wait_for (guest, "udevadm settle; test -z \"$(ls /dev/disk/by-id 2> /dev/null)\"", SECONDS));

  lab_attach (domain, disk, VIR_DOMAIN_AFFECT_LIVE);
  g_assert_true (lab_guest_wait_for (guest, "test -b /dev/disk/by-id/" BY_ID, SECONDS));
  g_assert_true (lab_guest_wait_for (guest, "udevadm settle; test \"$(ls /dev/disk/by-id)\" = " BY_ID, SECONDS));

  g_autofree char *text = lab_guest_run (guest, NULL,
                                         "cd /dev/disk/by-id && mkfs.ext2 %s > /dev/null && mount -t ext4 %s /mnt"
                                         " && echo kept > /mnt/file && cat /mnt/file && umount /mnt", BY_ID, BY_ID);
  g_assert_cmpstr (text, ==, "kept\n");

  lab_detach (domain, disk, VIR_DOMAIN_AFFECT_LIVE);
  g_assert_true (lab_wait_gone (domain, "ua-disk", SECONDS));
  g_assert_true (lab_guest_wait_for (guest, "! test -e /dev/disk/by-id/" BY_ID, SECONDS));

  /* a client goes, another comes: status and odd characters arrive */
  lab_guest_free (g_steal_pointer (&guest));
  guest = lab_guest_wait (socket);
  int status;
  g_autofree char *odd = lab_guest_run (guest, &status, "printf '%%s' \"a  $((1 + 1)) \\\\ 'q'\"; exit 3");
  g_assert_cmpstr (odd, ==, "a  2 \\ 'q'");
  g_assert_cmpint (status, ==, 3);

  g_test_timer_start ();
  lab_destroy (domain);
  g_test_message ("destroyed: %.3f s", g_test_timer_elapsed ());
}

static void
test_daemon (gconstpointer data)
{
  if (lab_skip_without_daemon ())
    return;

  gboolean share_net = GPOINTER_TO_INT (data);
  g_test_timer_start ();
  g_autoptr (LabDaemon) daemon = lab_daemon_new ("lab-a", share_net);
  g_test_message ("daemon: %.3f s", g_test_timer_elapsed ());

  LabMachine machine = { .name = "kept", .root_ports = 2, .bare = TRUE };
  g_autofree char *xml = lab_machine_xml (&machine);
  LabConnect *connect = lab_connect (share_net ? lab_daemon_tcp_uri (daemon) : lab_daemon_uri (daemon));
  LabDomain *domain = lab_define (connect, xml);
  lab_create (domain, TRUE);
  virDomainFree (domain);

  g_test_timer_start ();
  lab_daemon_kill (daemon);
  virConnectClose (connect);
  lab_daemon_start (daemon);
  g_test_message ("killed and started again: %.3f s", g_test_timer_elapsed ());

  g_autoptr (LabConnect) again = lab_connect (lab_daemon_uri (daemon));
  g_autoptr (LabDomain) found = lab_lookup (again, "kept");
  g_assert_true (lab_is_active (found));

  g_autofree char *name = lab_daemon_run (daemon, NULL, "hostname");
  g_assert_cmpstr (name, ==, "lab-a\n");
}

int
main (int argc, char **argv)
{
  static const LabMachine q35 = { .name = "q35", .root_ports = 20, .scsi = TRUE };
  static const LabMachine pc = { .name = "pc", .machine = "pc", .scsi = TRUE, .bare = TRUE, .iothreads = 1 };

  g_test_init (&argc, &argv, NULL);
  lab_run_event_loop ();

  g_test_add_func ("/lab/dirs", test_dirs);
  g_test_add_func ("/lab/loop", test_loop);
  g_test_add_data_func ("/lab/machine/q35", &q35, test_machine);
  g_test_add_data_func ("/lab/machine/pc", &pc, test_machine);
  g_test_add_func ("/lab/guest", test_guest);
  g_test_add_data_func ("/lab/daemon/own-net", GINT_TO_POINTER (FALSE), test_daemon);
  g_test_add_data_func ("/lab/daemon/shared-net", GINT_TO_POINTER (TRUE), test_daemon);

  return g_test_run ();
}
