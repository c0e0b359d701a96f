/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "model/hotplug-volume-private.h"

#define OK 0
#define TWENTY "12345678901234567890"

static const struct
{
  const char *row;
  const char *name;
  const char *path;
  HotplugBus bus;
  const char *serial;
  int code;
} rows[] = {
  { "plain", "data", "/srv/data.img", HOTPLUG_BUS_SCSI, NULL, OK },
  { "serial", "data", "/srv/data.img", HOTPLUG_BUS_SCSI, "S-1", OK },
  { "virtio", "data", "/srv/data.img", HOTPLUG_BUS_VIRTIO, TWENTY, OK },
  { "odd-path", "data", "/srv/a b<&>\"'.img", HOTPLUG_BUS_SCSI, NULL, OK },
  { "no-name", NULL, "/srv/data.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_NAME },
  { "bad-name", "My_Data", "/srv/data.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_NAME },
  { "no-path", "data", NULL, HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "empty-path", "data", "", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "relative-path", "data", "data.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "latin-1-path", "data", "/srv/caf\xe9.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "control-path", "data", "/srv/a\001.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "newline-path", "data", "/srv/a\nb.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "utf-8-path", "data", "/srv/caf\xc3\xa9.img", HOTPLUG_BUS_SCSI, NULL, OK },
  { "sata", "data", "/srv/data.img", HOTPLUG_BUS_SATA, NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "ide", "data", "/srv/data.img", HOTPLUG_BUS_IDE, NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "usb", "data", "/srv/data.img", HOTPLUG_BUS_USB, NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "fdc", "data", "/srv/data.img", HOTPLUG_BUS_FDC, NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "other-bus", "data", "/srv/data.img", HOTPLUG_BUS_OTHER, NULL, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "long-serial", "data", "/srv/data.img", HOTPLUG_BUS_VIRTIO, TWENTY "1", HOTPLUG_ERROR_SERIAL_TOO_LONG },
  { "bad-serial", "data", "/srv/data.img", HOTPLUG_BUS_SCSI, "a b", HOTPLUG_ERROR_SERIAL_INVALID },
  { "empty-serial", "data", "/srv/data.img", HOTPLUG_BUS_SCSI, "", HOTPLUG_ERROR_SERIAL_INVALID },
  /* the name is the serial, and a name may be longer than a serial */
  { "long-name", "a-name-of-21-letters-", "/srv/data.img", HOTPLUG_BUS_SCSI, NULL, HOTPLUG_ERROR_INVALID_NAME },
  { "name-as-serial", "a-name-of-21-letters1", "/srv/data.img", HOTPLUG_BUS_VIRTIO, NULL,
    HOTPLUG_ERROR_SERIAL_TOO_LONG },
  { "name-with-serial", "a-name-of-21-letters1", "/srv/data.img", HOTPLUG_BUS_VIRTIO, "short", OK },
};

static void
test_row (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", rows[row].name, "path",
                                                     rows[row].path, "bus", rows[row].bus, "serial", rows[row].serial,
                                                     "cache", HOTPLUG_CACHE_NONE, "read-only", TRUE, NULL);

  if (rows[row].code != OK)
    {
      g_assert_error (error, HOTPLUG_ERROR, rows[row].code);
      g_assert_null (volume);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_get_name (volume), ==, rows[row].name);
  g_assert_cmpstr (hotplug_volume_get_path (volume), ==, rows[row].path);
  g_assert_cmpint (hotplug_volume_get_bus (volume), ==, rows[row].bus);
  g_assert_cmpstr (hotplug_volume_get_serial (volume), ==,
                   rows[row].serial != NULL ? rows[row].serial : rows[row].name);
  g_assert_cmpint (hotplug_volume_get_cache (volume), ==, HOTPLUG_CACHE_NONE);
  g_assert_true (hotplug_volume_get_read_only (volume));
}

/* One or two options each; KubeVirt's rules as pkg/storage/admitters has them, and where they end those of QEMU */
static const struct
{
  const char *row;
  const char *first;
  int first_value;
  const char *second;
  int second_value;
  int code;
} options[] = {
  { "disk", "device", HOTPLUG_DISK_TYPE_DISK, NULL, 0, OK },
  { "lun", "device", HOTPLUG_DISK_TYPE_LUN, NULL, 0, OK },
  { "cdrom", "device", HOTPLUG_DISK_TYPE_CDROM, NULL, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED },
  { "floppy", "device", HOTPLUG_DISK_TYPE_FLOPPY, NULL, 0, HOTPLUG_ERROR_DEVICE_UNSUPPORTED },
  { "lun-virtio", "device", HOTPLUG_DISK_TYPE_LUN, "bus", HOTPLUG_BUS_VIRTIO, HOTPLUG_ERROR_BUS_UNSUPPORTED },
  { "lun-qcow2", "device", HOTPLUG_DISK_TYPE_LUN, "format", HOTPLUG_IMAGE_FORMAT_QCOW2,
    HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "lun-blocks", "device", HOTPLUG_DISK_TYPE_LUN, "logical-block-size", 512, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "lun-match", "device", HOTPLUG_DISK_TYPE_LUN, "match-block-size", TRUE, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "io-native", "io", HOTPLUG_IO_NATIVE, NULL, 0, OK },
  { "io-native-none", "io", HOTPLUG_IO_NATIVE, "cache", HOTPLUG_CACHE_NONE, OK },
  { "io-native-cached", "io", HOTPLUG_IO_NATIVE, "cache", HOTPLUG_CACHE_WRITEBACK, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "io-threads", "io", HOTPLUG_IO_THREADS, "cache", HOTPLUG_CACHE_WRITEBACK, OK },
  { "shareable", "shareable", TRUE, NULL, 0, OK },
  { "shareable-none", "shareable", TRUE, "cache", HOTPLUG_CACHE_NONE, OK },
  { "shareable-cached", "shareable", TRUE, "cache", HOTPLUG_CACHE_WRITETHROUGH, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "shareable-qcow2", "shareable", TRUE, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "many", "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, NULL, 0, OK },
  { "many-cached", "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, "cache", HOTPLUG_CACHE_WRITEBACK,
    HOTPLUG_ERROR_ACCESS_MODE },
  { "many-qcow2", "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, "format", HOTPLUG_IMAGE_FORMAT_QCOW2,
    HOTPLUG_ERROR_ACCESS_MODE },
  { "read-cached", "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, "cache", HOTPLUG_CACHE_WRITEBACK, OK },
  { "read-shareable", "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, "shareable", TRUE, HOTPLUG_ERROR_ACCESS_MODE },
  { "blocks-least", "logical-block-size", 512, "physical-block-size", 512, OK },
  { "blocks-most", "logical-block-size", 4096, "physical-block-size", 2 << 20, OK },
  /* drivers/scsi/sd.c: "Unsupported sector size" */
  { "blocks-of-no-guest", "logical-block-size", 65536, "physical-block-size", 65536,
    HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-twice-a-page", "logical-block-size", 8192, NULL, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-too-small", "logical-block-size", 256, NULL, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-too-large", "physical-block-size", 4 << 20, NULL, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-no-power", "logical-block-size", 4095, NULL, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-upside-down", "logical-block-size", 4096, "physical-block-size", 512, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "blocks-only-physical", "physical-block-size", 4096, NULL, 0, OK },
  { "blocks-match", "match-block-size", TRUE, NULL, 0, OK },
  { "blocks-match-and-given", "match-block-size", TRUE, "logical-block-size", 4096, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "boot-order", "boot-order", G_MAXINT, NULL, 0, OK },
  { "boot-order-too-large", "boot-order", G_MININT, NULL, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
  { "io-thread-virtio", "dedicated-io-thread", TRUE, "bus", HOTPLUG_BUS_VIRTIO, OK },
  { "io-thread-scsi", "dedicated-io-thread", TRUE, "bus", HOTPLUG_BUS_SCSI, HOTPLUG_ERROR_BUS_UNSUPPORTED },
};

static void
test_option (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  const char *second = options[row].second != NULL ? options[row].second : "read-only";
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume
      = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", "/srv/data.img", options[row].first,
                        options[row].first_value, second, options[row].second_value, NULL);

  if (options[row].code != OK)
    {
      g_assert_error (error, HOTPLUG_ERROR, options[row].code);
      g_assert_null (volume);
      return;
    }
  g_assert_no_error (error);

  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (volume), options[row].first);
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, G_PARAM_SPEC_VALUE_TYPE (spec));
  g_object_get_property (G_OBJECT (volume), options[row].first, &value);
  g_assert_cmpint (options[row].first_value, ==,
                   G_VALUE_HOLDS_ENUM (&value)   ? g_value_get_enum (&value)
                   : G_VALUE_HOLDS_UINT (&value) ? (int)g_value_get_uint (&value)
                                                 : g_value_get_boolean (&value));
}

/* What one option brings along */
static void
test_follows (void)
{
  g_autoptr (HotplugVolume) lun = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/dev/sg",
                                                  "device", HOTPLUG_DISK_TYPE_LUN, NULL);
  g_autoptr (HotplugVolume) many = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/srv/a",
                                                   "access-mode", HOTPLUG_ACCESS_MODE_READ_WRITE_MANY, NULL);
  g_autoptr (HotplugVolume) readers = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, NULL, "name", "data", "path", "/srv/a",
                                                      "access-mode", HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_volume_get_serial (lun));
  g_assert_true (hotplug_volume_get_shareable (many));
  g_assert_false (hotplug_volume_get_read_only (many));
  g_assert_true (hotplug_volume_get_read_only (readers));
  g_assert_false (hotplug_volume_get_shareable (readers));
  g_assert_null (g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "path", "/dev/sg", "device",
                                 HOTPLUG_DISK_TYPE_LUN, "serial", "S1", NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SERIAL_INVALID);
}

/* @uri as it is told to libvirt, NULL if it is refused; the forms are QEMU's own for nbd, and libvirt's for the rest */
static const struct
{
  const char *row;
  const char *given;
  const char *uri;
} uris[] = {
  { "nbd", "nbd://127.0.0.1:10809/disk", "nbd://127.0.0.1/disk" },
  { "nbd-port", "nbd://host:5000/disk", "nbd://host:5000/disk" },
  { "nbd-no-export", "nbd://host", "nbd://host/" },
  { "nbd-ipv6", "nbd://[::1]/x", "nbd://[::1]/x" },
  { "nbd-unix", "nbd+unix:///disk?socket=/run/a%20b", "nbd+unix:///disk?socket=/run/a%20b" },
  { "nbd-unix-no-export", "nbd+unix://?socket=/run/s", "nbd+unix:///?socket=/run/s" },
  { "iscsi", "iscsi://host/iqn.2026-01.org.example:t/1", "iscsi://host/iqn.2026-01.org.example:t/1" },
  { "rbd", "rbd://mon:6789/pool/image", "rbd://mon/pool/image" },
  { "rbd-no-host", "rbd:///pool/image", "rbd:///pool/image" },
  { "no-uri", "/srv/data.img", NULL },
  { "unknown", "https://host/data.img", NULL },
  { "file", "file:///etc/shadow", NULL },
  { "nbd-no-host", "nbd:///disk", NULL },
  { "nbd-query", "nbd://host/disk?tls=1", NULL },
  { "nbd-unix-no-socket", "nbd+unix:///disk", NULL },
  { "nbd-unix-relative", "nbd+unix:///disk?socket=s", NULL },
  { "nbd-unix-host", "nbd+unix://host/disk?socket=/s", NULL },
  { "iscsi-no-lun", "iscsi://host/iqn.2026-01.org.example:t", NULL },
  { "iscsi-password", "iscsi://me:secret@host/iqn.2026-01.org.example:t/1", NULL },
  { "rbd-no-image", "rbd://mon/pool", NULL },
  { "rbd-empty-part", "rbd://mon/pool//image", NULL },
  { "control", "nbd://host/a%0ab", NULL },
  { "fragment", "nbd://host/a#b", NULL },
};

static void
test_uri (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume
      = g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, &error, "name", "data", "uri", uris[row].given, NULL);

  if (uris[row].uri == NULL)
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
      g_assert_null (strstr (error->message, "secret"));
      return;
    }
  g_assert_no_error (error);
  g_autofree char *uri = _hotplug_network_source_to_uri (_hotplug_volume_peek_network (volume));
  g_assert_cmpstr (uri, ==, uris[row].uri);
  g_assert_cmpstr (hotplug_volume_get_uri (volume), ==, uris[row].given);
  g_assert_null (hotplug_volume_get_path (volume));
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("data", "/srv/data.img", &error);

  g_assert_no_error (error);
  g_assert_cmpint (hotplug_volume_get_bus (volume), ==, HOTPLUG_BUS_SCSI);
  g_assert_cmpstr (hotplug_volume_get_serial (volume), ==, "data");
  g_assert_cmpint (hotplug_volume_get_cache (volume), ==, HOTPLUG_CACHE_DEFAULT);
  g_assert_false (hotplug_volume_get_read_only (volume));
}

/* Frozen once made */
static void
test_properties (void)
{
  g_autoptr (GTypeClass) class = g_type_class_ref (HOTPLUG_TYPE_VOLUME);
  g_autoptr (HotplugVolume) volume = hotplug_volume_new_for_path ("data", "/srv/data.img", NULL);
  guint n_properties;
  g_autofree GParamSpec **properties = g_object_class_list_properties ((GObjectClass *)class, &n_properties);
  g_autofree char *name = NULL;
  g_autofree char *serial = NULL;

  g_assert_cmpuint (n_properties, >, 0);
  for (guint i = 0; i < n_properties; i++)
    g_assert_true (!(properties[i]->flags & G_PARAM_WRITABLE) || (properties[i]->flags & G_PARAM_CONSTRUCT_ONLY));
  g_object_get (volume, "name", &name, "serial", &serial, NULL);
  g_assert_cmpstr (name, ==, "data");
  g_assert_cmpstr (serial, ==, "data");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      g_autofree char *path = g_strdup_printf ("/volume/%s", rows[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_row);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (options); row++)
    {
      g_autofree char *path = g_strdup_printf ("/volume/options/%s", options[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_option);
    }
  for (gsize row = 0; row < G_N_ELEMENTS (uris); row++)
    {
      g_autofree char *path = g_strdup_printf ("/volume/uri/%s", uris[row].row);
      g_test_add_data_func (path, GSIZE_TO_POINTER (row), test_uri);
    }
  g_test_add_func ("/volume/follows", test_follows);
  g_test_add_func ("/volume/defaults", test_defaults);
  g_test_add_func ("/volume/properties", test_properties);

  return g_test_run ();
}
