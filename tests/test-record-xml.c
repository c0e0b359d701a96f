/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug.h>

#include "base/hotplug-name-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

#define INTENT "[intent]\nkind=add\nvolume=<&>\n"

/* As libvirt prints it in a domain: with the namespace that it gave the element */
static HotplugDomain *
read_back (const char *element)
{
  g_autoptr (GString) xml = g_string_new ("<domain><metadata>");
  g_autoptr (GError) error = NULL;

  g_assert_true (g_str_has_prefix (element, "<hotplug"));
  g_string_append (xml, "<hotplug xmlns='" HOTPLUG_METADATA_URI "'");
  g_string_append (xml, element + sizeof "<hotplug" - 1);
  g_string_append (xml, "</metadata></domain>");
  HotplugDomain *domain = _hotplug_domain_from_xml (xml->str, &error);
  g_assert_no_error (error);
  return domain;
}

static HotplugDisk disks[] = {
  { .alias = (char *)"ua-hpv-plain",
    .device = (char *)"disk",
    .target = (char *)"sda",
    .path = (char *)"/srv/plain.img",
    .serial = (char *)"plain",
    .address = { .kind = HOTPLUG_ADDRESS_DRIVE, .controller = 1, .unit = 17 } },
  { .alias = (char *)"ua-hpv-odd",
    .device = (char *)"disk",
    .target = (char *)"sdb",
    .path = (char *)"/srv/a b <&> \"c\" 'd' \xc3\xa4\t.img",
    .serial = (char *)"odd",
    .cache = HOTPLUG_CACHE_WRITEBACK,
    .address = { .kind = HOTPLUG_ADDRESS_DRIVE } },
  { .alias = (char *)"ua-hpv-block",
    .device = (char *)"disk",
    .target = (char *)"vda",
    .path = (char *)"/dev/loop7",
    .serial = (char *)"block",
    .bus = HOTPLUG_BUS_VIRTIO,
    .cache = HOTPLUG_CACHE_NONE,
    .block = TRUE,
    .read_only = TRUE,
    .address = { .kind = HOTPLUG_ADDRESS_PCI, .bus = 2, .slot = 3, .function = 4 } },
  { .alias = (char *)"ua-hpv-nowhere",
    .device = (char *)"disk",
    .target = (char *)"vdb",
    .path = (char *)"/srv/n.img",
    .bus = HOTPLUG_BUS_VIRTIO,
    .cache = HOTPLUG_CACHE_WRITETHROUGH },
};

/* All options at once, and sources on the network */
static HotplugDisk optional[] = {
  { .alias = (char *)"ua-hpv-all",
    .device = (char *)"lun",
    .target = (char *)"sdc",
    .path = (char *)"/dev/sdx",
    .io = HOTPLUG_IO_NATIVE,
    .error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE,
    .discard = HOTPLUG_DISCARD_IGNORE,
    .format = HOTPLUG_IMAGE_FORMAT_QCOW2,
    .logical_block_size = 4096,
    .physical_block_size = 8192,
    .io_thread = 3,
    .boot_order = 4,
    .block = TRUE,
    .shareable = TRUE },
  { .alias = (char *)"ua-hpv-remote",
    .device = (char *)"disk",
    .target = (char *)"sdd",
    .uri = (char *)"nbd+unix:///x%20y?socket=/run/s" },
};

static void
test_options (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);

  for (guint i = 0; i < G_N_ELEMENTS (optional); i++)
    g_ptr_array_add (records, _hotplug_record_new (HOTPLUG_RECORD_ATTACHED, &optional[i]));
  g_autofree char *xml = _hotplug_records_to_xml (records, NULL, NULL);
  g_autoptr (HotplugDomain) domain = read_back (xml);

  g_assert_cmpuint (domain->records->len, ==, G_N_ELEMENTS (optional));
  for (guint i = 0; i < G_N_ELEMENTS (optional); i++)
    {
      const HotplugDisk *read = ((HotplugRecord *)g_ptr_array_index (domain->records, i))->disk;
      g_assert_cmpstr (read->device, ==, optional[i].device);
      g_assert_cmpstr (read->uri, ==, optional[i].uri);
      g_assert_cmpstr (read->path, ==, optional[i].path);
      g_assert_cmpint (read->io, ==, optional[i].io);
      g_assert_cmpint (read->error_policy, ==, optional[i].error_policy);
      g_assert_cmpint (read->discard, ==, optional[i].discard);
      g_assert_cmpint (read->format, ==, optional[i].format);
      g_assert_cmpuint (read->logical_block_size, ==, optional[i].logical_block_size);
      g_assert_cmpuint (read->physical_block_size, ==, optional[i].physical_block_size);
      g_assert_cmpuint (read->io_thread, ==, optional[i].io_thread);
      g_assert_cmpuint (read->boot_order, ==, optional[i].boot_order);
      g_assert_true (read->shareable == optional[i].shareable);
    }
}

static void
assert_same (const HotplugDisk *read, const HotplugDisk *disk)
{
  g_autofree char *read_address = _hotplug_address_to_string (&read->address);
  g_autofree char *address = _hotplug_address_to_string (&disk->address);

  g_assert_cmpstr (read->alias, ==, disk->alias);
  g_assert_cmpstr (read->device, ==, disk->device);
  g_assert_cmpstr (read->target, ==, disk->target);
  g_assert_cmpstr (read->path, ==, disk->path);
  g_assert_cmpstr (read->serial, ==, disk->serial);
  g_assert_cmpint (read->bus, ==, disk->bus);
  g_assert_cmpint (read->cache, ==, disk->cache);
  g_assert_true (read->block == disk->block);
  g_assert_true (read->read_only == disk->read_only);
  g_assert_cmpstr (read_address, ==, address);
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);

  for (guint i = 0; i < G_N_ELEMENTS (disks); i++)
    g_ptr_array_add (records,
                     _hotplug_record_new (i % 2 == 0 ? HOTPLUG_RECORD_ATTACHED : HOTPLUG_RECORD_REMOVING, &disks[i]));
  g_autofree char *xml = _hotplug_records_to_xml (records, NULL, INTENT);
  g_autoptr (HotplugDomain) domain = read_back (xml);

  g_assert_cmpstr (domain->intent, ==, INTENT);
  g_assert_cmpuint (domain->records->len, ==, G_N_ELEMENTS (disks));
  for (guint i = 0; i < G_N_ELEMENTS (disks); i++)
    {
      HotplugRecord *record = g_ptr_array_index (domain->records, i);
      g_assert_cmpint (record->state, ==, i % 2 == 0 ? HOTPLUG_RECORD_ATTACHED : HOTPLUG_RECORD_REMOVING);
      assert_same (record->disk, &disks[i]);
    }

  /* and once more, to the same text */
  g_autofree char *again = _hotplug_records_to_xml (domain->records, NULL, domain->intent);
  g_assert_cmpstr (again, ==, xml);
}

/* One alone, as a journal keeps it */
static void
test_text (void)
{
  static const char *const nothing[] = { "", "<hotplug", "<hotplug/>", "<other><volume name='a'/></other>",
                                         "<hotplug><volume name='a'/></hotplug>" };

  for (guint i = 0; i < G_N_ELEMENTS (disks); i++)
    {
      g_autoptr (HotplugRecord) record = _hotplug_record_new (HOTPLUG_RECORD_REMOVING, &disks[i]);
      g_autofree char *text = _hotplug_record_to_text (record);
      g_autoptr (HotplugRecord) read = _hotplug_record_from_text (text);
      g_assert_nonnull (read);
      g_autofree char *again = _hotplug_record_to_text (read);

      g_assert_cmpstr (_hotplug_record_alias (read), ==, disks[i].alias);
      g_assert_cmpint (read->state, ==, HOTPLUG_RECORD_REMOVING);
      g_assert_cmpstr (again, ==, text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (nothing); i++)
    g_assert_null (_hotplug_record_from_text (nothing[i]));
}

static void
test_nothing (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autofree char *only_intent = _hotplug_records_to_xml (none, NULL, INTENT);
  g_autoptr (HotplugDomain) domain = read_back (only_intent);

  g_assert_null (_hotplug_records_to_xml (none, NULL, NULL));
  g_assert_cmpuint (domain->records->len, ==, 0);
  g_assert_cmpstr (domain->intent, ==, INTENT);
}

#define DISK                                                                                                           \
  "<disk type='file' device='disk'><source file='/a'/><target dev='sda' bus='scsi'/><alias name='ua-hpv-a'/></disk>"

/* The metadata is anybody's to write: what could not be ours is passed over. */
static const struct
{
  const char *row;
  const char *element;
  guint records;
} foreign[] = {
  { "empty", "<hotplug/>", 0 },
  { "text", "<hotplug>what is this</hotplug>", 0 },
  { "good", "<hotplug><volume name='a'>" DISK "</volume></hotplug>", 1 },
  { "good-among-bad", "<hotplug><volume/><volume name='a'>" DISK "</volume><x/></hotplug>", 1 },
  { "no-name", "<hotplug><volume target='sda' source='/a'/></hotplug>", 0 },
  { "bad-name", "<hotplug><volume name='../a'>" DISK "</volume></hotplug>", 0 },
  { "no-device", "<hotplug><volume name='a' target='sda' source='/a'/></hotplug>", 0 },
  { "no-target", "<hotplug><volume name='a'><disk><alias name='ua-hpv-a'/></disk></volume></hotplug>", 0 },
  { "another-device", "<hotplug><volume name='b'>" DISK "</volume></hotplug>", 0 },
  { "two-devices", "<hotplug><volume name='a'>" DISK DISK "</volume></hotplug>", 1 },
  { "bad-number", "<hotplug><volume name='a'><disk><target dev='sda'/><alias name='ua-hpv-a'/>"
    "<driver iothread='x'/></disk></volume></hotplug>", 0 },
  { "an-interface", "<hotplug><volume name='a'><interface/></volume></hotplug>", 0 },
  { "deeper", "<hotplug><more><volume name='a'>" DISK "</volume></more></hotplug>", 0 },
};

static void
test_foreign (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (HotplugDomain) domain = read_back (foreign[row].element);

  g_assert_cmpuint (domain->records->len, ==, foreign[row].records);
  g_assert_null (domain->intent);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/record-xml/round-trip", test_round_trip);
  g_test_add_func ("/record-xml/options", test_options);
  g_test_add_func ("/record-xml/text", test_text);
  g_test_add_func ("/record-xml/nothing", test_nothing);
  for (gsize row = 0; row < G_N_ELEMENTS (foreign); row++)
    {
      g_autofree char *path = g_strdup_printf ("/record-xml/foreign/%s", foreign[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_foreign);
    }

  return g_test_run ();
}
