/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "xml/hotplug-device-xml-private.h"

static HotplugDisk
disk (const char *path, const char *serial, HotplugAddress address)
{
  return (HotplugDisk){ .alias = (char *)"ua-hpv-data",
                        .target = (char *)"sda",
                        .path = (char *)path,
                        .serial = (char *)serial,
                        .address = address };
}

static void
assert_golden (const char *name, const char *xml)
{
  g_autofree char *file = g_strconcat (name, ".xml", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "devices", file, NULL);
  g_autofree char *expected = NULL;
  g_autofree char *line = g_strconcat (xml, "\n", NULL);
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &expected, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line, ==, expected);
}

static void
assert_disk (const char *name, HotplugDisk device)
{
  g_autofree char *xml = _hotplug_disk_to_xml (&device);

  assert_golden (name, xml);
}

static void
test_disks (void)
{
  HotplugAddress drive = _hotplug_address_drive (0, 0, 0, 3);
  HotplugDisk scsi = disk ("/srv/data.img", "data", drive);
  HotplugDisk block = disk ("/dev/vg/data", "data", drive);
  HotplugDisk virtio = disk ("/srv/data.img", "data", _hotplug_address_pci (0, 10, 31, 7));
  HotplugDisk nowhere = disk ("/srv/data.img", "data", (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE });
  HotplugDisk odd = disk ("/srv/a b <&> \"c\" 'd' \xc3\xa4 &amp;.img", "<&>\"'&lt;", drive);

  assert_disk ("scsi", scsi);
  block.block = block.read_only = TRUE;
  block.cache = HOTPLUG_CACHE_NONE;
  assert_disk ("block", block);
  virtio.bus = HOTPLUG_BUS_VIRTIO;
  virtio.cache = HOTPLUG_CACHE_WRITETHROUGH;
  assert_disk ("virtio", virtio);
  assert_disk ("nowhere", nowhere);
  assert_disk ("odd", odd);
}

/* A LUN can't be had on every machine: here is at least what libvirt is told. */
static void
test_options (void)
{
  HotplugAddress drive = _hotplug_address_drive (0, 0, 0, 3);
  HotplugDisk lun = disk ("/dev/sdx", NULL, drive);
  HotplugDisk all = disk ("/srv/data.qcow2", "data", _hotplug_address_pci (0, 1, 0, 0));
  HotplugDisk nbd = disk (NULL, "data", drive);
  HotplugDisk local = disk (NULL, "data", drive);
  HotplugDisk rbd = disk (NULL, "data", drive);

  lun.device = (char *)"lun";
  lun.block = TRUE;
  assert_disk ("lun", lun);
  all.bus = HOTPLUG_BUS_VIRTIO;
  all.cache = HOTPLUG_CACHE_NONE;
  all.io = HOTPLUG_IO_NATIVE;
  all.error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE;
  all.discard = HOTPLUG_DISCARD_IGNORE;
  all.format = HOTPLUG_IMAGE_FORMAT_QCOW2;
  all.logical_block_size = 4096;
  all.physical_block_size = 8192;
  all.io_thread = 2;
  all.boot_order = 3;
  all.read_only = all.shareable = TRUE;
  assert_disk ("options", all);
  nbd.uri = (char *)"nbd://host:5000/disk";
  assert_disk ("nbd", nbd);
  local.uri = (char *)"nbd+unix:///?socket=/run/s";
  assert_disk ("nbd-unix", local);
  rbd.uri = (char *)"rbd:///pool/image";
  assert_disk ("rbd", rbd);
}

static void
test_controllers (void)
{
  HotplugController controller = {
    .alias = (char *)"ua-hpc-scsi-2",
    .type = (char *)"scsi",
    .model = (char *)"virtio-scsi",
    .index = 2,
    .address = _hotplug_address_pci (0, 1, 0, 0),
  };
  g_autofree char *placed = _hotplug_controller_to_xml (&controller);

  assert_golden ("controller", placed);
  controller.address = (HotplugAddress){ .kind = HOTPLUG_ADDRESS_NONE };
  controller.alias = NULL;
  g_autofree char *nowhere = _hotplug_controller_to_xml (&controller);
  assert_golden ("controller-nowhere", nowhere);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/device-xml/disks", test_disks);
  g_test_add_func ("/device-xml/options", test_options);
  g_test_add_func ("/device-xml/controllers", test_controllers);

  return g_test_run ();
}
