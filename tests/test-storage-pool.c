/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "model/hotplug-storage-pool-private.h"
#include "xml/hotplug-pool-xml-private.h"

#define MIB G_GUINT64_CONSTANT (1048576)

/* Which volumes each type of pool has: libvirt 9.0.0 src/conf/storage_conf.c, poolTypeInfo; whether they get the name
 * that is asked for: src/storage/storage_backend_disk.c:101 and the backends that only list what is there */
static void
test_check (void)
{
  static const struct
  {
    const char *type;
    HotplugVolumeMode mode;
    const char *refusal; /* nullable */
  } rows[] = {
    { "dir", HOTPLUG_VOLUME_MODE_FILESYSTEM, NULL },
    { "fs", HOTPLUG_VOLUME_MODE_FILESYSTEM, NULL },
    { "netfs", HOTPLUG_VOLUME_MODE_FILESYSTEM, NULL },
    { "logical", HOTPLUG_VOLUME_MODE_BLOCK, NULL },
    { "zfs", HOTPLUG_VOLUME_MODE_BLOCK, NULL },
    { "dir", HOTPLUG_VOLUME_MODE_BLOCK, "has files and no block devices" },
    { "netfs", HOTPLUG_VOLUME_MODE_BLOCK, "has files and no block devices" },
    { "logical", HOTPLUG_VOLUME_MODE_FILESYSTEM, "ask for volume mode Block" },
    { "disk", HOTPLUG_VOLUME_MODE_BLOCK, "not named by who makes them" },
    { "iscsi", HOTPLUG_VOLUME_MODE_BLOCK, "not named by who makes them" },
    { "rbd", HOTPLUG_VOLUME_MODE_BLOCK, "not named by who makes them" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HotplugDataVolume) volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data",
                                                             "size", MIB, "volume-mode", rows[i].mode, NULL);
      const HotplugStoragePool pool = { (char *)"pool", (char *)"uuid", (char *)rows[i].type };

      if (rows[i].refusal == NULL)
        {
          g_assert_true (_hotplug_storage_pool_check (&pool, volume, &error));
          g_assert_no_error (error);
          g_assert_cmpint (_hotplug_storage_pool_has_devices (&pool), ==, rows[i].mode == HOTPLUG_VOLUME_MODE_BLOCK);
          continue;
        }
      g_assert_false (_hotplug_storage_pool_check (&pool, volume, &error));
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
      g_assert_nonnull (strstr (error->message, rows[i].refusal));
    }
}

/* As libvirt 9.0.0 writes them */
static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (HotplugStoragePool) pool = { 0 };

  g_assert_true (
      _hotplug_pool_from_xml ("<pool type='dir'><name>images</name><uuid>u</uuid><capacity unit='bytes'>9</capacity>"
                              "<source><name>other</name></source><target><path>/srv</path></target></pool>",
                              &pool, &error));
  g_assert_cmpstr (pool.type, ==, "dir");
  g_assert_cmpstr (pool.name, ==, "images");
  g_assert_cmpstr (pool.uuid, ==, "u");

  g_autoptr (HotplugStorageVolume) file = _hotplug_pool_volume_from_xml (
      "<volume type='file'><name>data</name><key>/srv/data</key><capacity unit='bytes'>1048576</capacity>"
      "<allocation unit='bytes'>4096</allocation><physical unit='bytes'>197120</physical><target><path>/srv/data</path>"
      "<format type='qcow2'/></target><backingStore><path>/etc/shadow</path><format type='raw'/></backingStore></volume>",
      &error);
  g_assert_no_error (error);
  g_assert_true (file->file && !file->block && file->backed);
  g_assert_cmpstr (file->name, ==, "data");
  g_assert_cmpstr (file->path, ==, "/srv/data");
  g_assert_cmpstr (file->format, ==, "qcow2");
  g_assert_cmpuint (file->capacity, ==, 1048576);
  g_assert_cmpuint (file->size, ==, 197120);

  g_autoptr (HotplugStorageVolume) device = _hotplug_pool_volume_from_xml (
      "<volume type='block'><name>lv</name><capacity unit='bytes'>4194304</capacity>"
      "<target><path>/dev/vg/lv</path></target></volume>",
      &error);
  g_assert_true (device->block && !device->file && !device->backed);
  g_assert_cmpuint (device->size, ==, 4194304);

  g_autoptr (HotplugStorageVolume)
      other = _hotplug_pool_volume_from_xml ("<volume type='dir'><name>d</name></volume>", NULL);
  g_assert_false (other->block || other->file);
  g_assert_null (_hotplug_pool_volume_from_xml ("<volume type='file'><name>d</name>", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
}

/* What is written is read back */
static void
test_write (void)
{
  g_autofree char *xml = _hotplug_pool_volume_to_xml ("data", HOTPLUG_IMAGE_FORMAT_QCOW2, 8 * MIB, 0);
  g_autoptr (HotplugStorageVolume) volume = _hotplug_pool_volume_from_xml (xml, NULL);

  g_assert_cmpstr (volume->name, ==, "data");
  g_assert_cmpstr (volume->format, ==, "qcow2");
  g_assert_cmpuint (volume->capacity, ==, 8 * MIB);
  g_assert_nonnull (strstr (xml, "<allocation>0</allocation>"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storage-pool/check", test_check);
  g_test_add_func ("/storage-pool/read", test_read);
  g_test_add_func ("/storage-pool/write", test_write);
  return g_test_run ();
}
