/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "conformance/pair.h"

/* Rows M and N11: a guest that is used while its machine goes from host to host */

#define GUEST_PATIENCE 60
#define SCSI_LINK "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_"
#define VIRTIO_LINK "/dev/disk/by-id/virtio-"

static Pair *pair;

static void
assert_links (void)
{
  g_assert_true (lab_guest_wait_for (pair_guest (pair),
                                     "test -e " SCSI_LINK "kept -a -e " SCSI_LINK "block -a -e " VIRTIO_LINK "fast",
                                     GUEST_PATIENCE));
}

static void
remove_volume (const char *name)
{
  g_autoptr (GError) error = NULL;

  hotplug_vmi_remove_volume (pair->vmi, name, HOTPLUG_PLUG_PERSIST, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
test_there_and_back (void)
{
  g_autofree char *loop = NULL;
  g_autoptr (HotplugVolume) kept
      = pair_volume (pair, "kept", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, NULL);
  g_autoptr (HotplugVolume) fast
      = pair_volume (pair, "fast", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_VIRTIO, NULL);
  g_autoptr (HotplugVolume) block
      = pair_volume (pair, "block", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, HOTPLUG_BUS_SCSI, &loop);

  pair_add (pair, kept, HOTPLUG_PLUG_PERSIST);
  pair_add (pair, fast, HOTPLUG_PLUG_NONE);
  pair_add (pair, block, HOTPLUG_PLUG_PERSIST);
  pair_add_interface (pair, "dyniface1", "lab-br0", HOTPLUG_PLUG_PERSIST);
  assert_links ();
  pair_begin_writing (pair, SCSI_LINK "kept");
  g_autofree char *before = pair_picture (pair);

  for (guint i = 0; i < 2; i++)
    {
      pair_migrate (pair, HOTPLUG_MIGRATE_NONE);
      g_autofree char *after = pair_picture (pair);
      g_assert_cmpstr (after, ==, before);
      assert_links ();
    }
  g_test_message ("%u blocks written", pair_end_writing (pair));

  remove_volume ("block");
  lab_loop_detach (loop);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (pair_missing () != NULL)
    {
      g_print ("1..0 # SKIP %s\n", pair_missing ());
      return 0;
    }
  pair = pair_new ();
  g_test_add_func ("/conformance/M01/there-and-back", test_there_and_back);
  int status = g_test_run ();
  pair_free (pair);
  return status;
}
