/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-enums-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"

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

/* Read from a machine's definition and written again, it is the same to the byte. */
static void
assert_read_back (const char *xml)
{
  g_autofree char *text = g_strconcat ("<domain type='qemu'><name>vmi</name><devices>", xml, "</devices></domain>",
                                       NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDomain) domain = _hotplug_domain_from_xml (text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (domain->disks->len, ==, 1);
  g_autofree char *again = _hotplug_disk_to_xml (g_ptr_array_index (domain->disks, 0));
  g_assert_cmpstr (again, ==, xml);
}

static void
assert_disk (const char *name, HotplugDisk device)
{
  g_autofree char *xml = _hotplug_disk_to_xml (&device);

  assert_golden (name, xml);
  assert_read_back (xml);
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

/* A SCSI device of the host can't be had on every machine: here is at least what libvirt is told. */
static void
test_options (void)
{
  HotplugAddress drive = _hotplug_address_drive (0, 0, 0, 3);
  HotplugDisk lun = disk ("/dev/sdx", NULL, drive);
  HotplugDisk all = disk ("/srv/data.qcow2", "data", _hotplug_address_pci (0, 1, 0, 0));
  HotplugDisk nbd = disk (NULL, "data", drive);
  HotplugDisk local = disk (NULL, "data", drive);
  HotplugDisk rbd = disk (NULL, "data", drive);
  HotplugDisk iscsi = disk (NULL, NULL, drive);

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
  iscsi.device = (char *)"lun";
  iscsi.uri = (char *)"iscsi://host:3261/iqn.2026-01.org.example:target/1";
  assert_disk ("iscsi-lun", iscsi);
}

/* Each word of each option by itself. The attributes are libvirt's: docs/schemas/domaincommon.rng 9.0.0, diskDriver. */
static const struct
{
  const char *row;
  gsize offset;
  GType (*type) (void);
  const char *attribute;
} words[] = {
  { "cache", G_STRUCT_OFFSET (HotplugDisk, cache), hotplug_cache_get_type, "cache" },
  { "io", G_STRUCT_OFFSET (HotplugDisk, io), hotplug_io_get_type, "io" },
  { "error-policy", G_STRUCT_OFFSET (HotplugDisk, error_policy), hotplug_error_policy_get_type, "error_policy" },
  { "discard", G_STRUCT_OFFSET (HotplugDisk, discard), hotplug_discard_get_type, "discard" },
  { "format", G_STRUCT_OFFSET (HotplugDisk, format), hotplug_image_format_get_type, "type" },
};

static void
test_words (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GEnumClass) values = g_type_class_ref (words[row].type ());

  g_assert_cmpuint (values->n_values, >, 0);
  for (guint i = 0; i < values->n_values; i++)
    {
      const GEnumValue *value = &values->values[i];
      HotplugDisk device = disk ("/srv/data.img", "data", _hotplug_address_drive (0, 0, 0, 3));
      /* no word is the word for none */
      g_autofree char *attribute
          = strcmp (value->value_nick, "default") != 0
                ? g_strdup_printf (" %s=\"%s\"", words[row].attribute, value->value_nick)
                : NULL;

      G_STRUCT_MEMBER (int, &device, words[row].offset) = value->value;
      g_autofree char *xml = _hotplug_disk_to_xml (&device);
      if (attribute != NULL)
        g_assert_nonnull (strstr (xml, attribute));
      assert_read_back (xml);
    }
}

static const struct
{
  const char *row;
  gsize offset;
  guint value;
  const char *element;
} numbers[] = {
  { "read-only", G_STRUCT_OFFSET (HotplugDisk, read_only), TRUE, "<readonly/>" },
  { "shareable", G_STRUCT_OFFSET (HotplugDisk, shareable), TRUE, "<shareable/>" },
  { "boot-order", G_STRUCT_OFFSET (HotplugDisk, boot_order), G_MAXINT, "<boot order=\"2147483647\"/>" },
  { "io-thread", G_STRUCT_OFFSET (HotplugDisk, io_thread), 12, " iothread=\"12\"" },
  { "logical", G_STRUCT_OFFSET (HotplugDisk, logical_block_size), 512, "<blockio logical_block_size=\"512\"/>" },
  { "physical", G_STRUCT_OFFSET (HotplugDisk, physical_block_size), 4096, "<blockio physical_block_size=\"4096\"/>" },
};

static void
test_numbers (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  HotplugDisk device = disk ("/srv/data.img", "data", _hotplug_address_drive (0, 0, 0, 3));
  g_autofree char *without = _hotplug_disk_to_xml (&device);

  G_STRUCT_MEMBER (guint, &device, numbers[row].offset) = numbers[row].value;
  g_autofree char *xml = _hotplug_disk_to_xml (&device);
  g_assert_null (strstr (without, numbers[row].element));
  g_assert_nonnull (strstr (xml, numbers[row].element));
  assert_read_back (xml);
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
  for (gsize row = 0; row < G_N_ELEMENTS (words); row++)
    {
      g_autofree char *path = g_strdup_printf ("/device-xml/read-back/%s", words[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_words);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (numbers); row++)
    {
      g_autofree char *path = g_strdup_printf ("/device-xml/read-back/%s", numbers[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_numbers);
    }

  return g_test_run ();
}
