/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <hotplug/hotplug.h>

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
  g_test_add_func ("/volume/defaults", test_defaults);
  g_test_add_func ("/volume/properties", test_properties);

  return g_test_run ();
}
