/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "model/hotplug-data-volume-private.h"

#define MIB G_GUINT64_CONSTANT (1048576)

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume)
      volume = hotplug_data_volume_new_blank ("example-volume-hotplug", 5 * 1024 * MIB, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_data_volume_get_name (volume), ==, "example-volume-hotplug");
  g_assert_cmpuint (hotplug_data_volume_get_size (volume), ==, 5 * 1024 * MIB);
  g_assert_cmpint (hotplug_data_volume_get_access_mode (volume), ==, HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);
  g_assert_cmpint (hotplug_data_volume_get_volume_mode (volume), ==, HOTPLUG_VOLUME_MODE_FILESYSTEM);
  g_assert_cmpint (hotplug_data_volume_get_format (volume), ==, HOTPLUG_IMAGE_FORMAT_RAW);
  g_assert_cmpint (hotplug_data_volume_get_phase (volume), ==, HOTPLUG_DATA_VOLUME_PHASE_PENDING);
  g_assert_null (hotplug_data_volume_get_path (volume));
  g_assert_null (hotplug_data_volume_get_store (volume));
}

/* A disk has whole sectors; the README's sizes are */
static void
test_sectors (void)
{
  static const guint64 rows[][2] = { { 1, 512 }, { 512, 512 }, { 513, 1024 }, { 500000000, 500000256 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (HotplugDataVolume) volume = hotplug_data_volume_new_blank ("data", rows[i][0], NULL);
      g_assert_cmpuint (hotplug_data_volume_get_size (volume), ==, rows[i][1]);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *name;
    guint64 size;
    const char *path;
    const char *other;
    HotplugVolumeMode mode;
    HotplugImageFormat format;
    HotplugImageFormat source_format;
    HotplugError code;
  } rows[] = {
    { "Data", MIB, NULL, NULL, 0, 0, 0, HOTPLUG_ERROR_INVALID_NAME },
    { "..", MIB, NULL, NULL, 0, 0, 0, HOTPLUG_ERROR_INVALID_NAME },
    { "data", 0, NULL, NULL, 0, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
    { "data", G_MAXUINT64, NULL, NULL, 0, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
    { "data", 0, "/a", "b", 0, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
    { "data", 0, "a", NULL, 0, 0, 0, HOTPLUG_ERROR_INVALID_ARGUMENT },
    { "data", 0, NULL, "../b", 0, 0, 0, HOTPLUG_ERROR_INVALID_NAME },
    { "data", MIB, NULL, NULL, HOTPLUG_VOLUME_MODE_BLOCK, HOTPLUG_IMAGE_FORMAT_QCOW2, 0,
      HOTPLUG_ERROR_INVALID_ARGUMENT },
    { "data", MIB, NULL, NULL, 0, 0, HOTPLUG_IMAGE_FORMAT_QCOW2, HOTPLUG_ERROR_INVALID_ARGUMENT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      HotplugDataVolume *volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, &error, "name", rows[i].name, "size",
                                                  rows[i].size, "source-path", rows[i].path, "source-volume",
                                                  rows[i].other, "volume-mode", rows[i].mode, "format", rows[i].format,
                                                  "source-format", rows[i].source_format, NULL);
      g_assert_null (volume);
      g_assert_error (error, HOTPLUG_ERROR, (int)rows[i].code);
    }
}

/* CDI's shape: containerized-data-importer-api pkg/apis/core/v1beta1/types.go */
static void
test_manifest (void)
{
  g_autoptr (HotplugDataVolume) volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data", "size",
                                                         MIB, "source-path", "/srv/a b.img", "store", "fast", NULL);
  g_autoptr (HotplugDataVolume) begun = _hotplug_data_volume_with_status (
      volume, MIB, "fast", NULL, HOTPLUG_DATA_VOLUME_PHASE_IMPORT_IN_PROGRESS, 45.25, NULL);
  g_autofree char *yaml = hotplug_data_volume_to_manifest (begun, HOTPLUG_MANIFEST_FORMAT_YAML);

  g_assert_cmpstr (yaml, ==,
                   "apiVersion: cdi.kubevirt.io/v1beta1\n"
                   "kind: DataVolume\n"
                   "metadata:\n"
                   "  name: data\n"
                   "spec:\n"
                   "  source:\n"
                   "    http:\n"
                   "      url: file:///srv/a%20b.img\n"
                   "  storage:\n"
                   "    accessModes:\n"
                   "    - ReadWriteOnce\n"
                   "    resources:\n"
                   "      requests:\n"
                   "        storage: 1Mi\n"
                   "    storageClassName: fast\n"
                   "    volumeMode: Filesystem\n"
                   "  preallocation: false\n"
                   "status:\n"
                   "  claimName: data\n"
                   "  phase: ImportInProgress\n"
                   "  progress: 45.2%\n"
                   "  libhotplug:\n"
                   "    format: raw\n");
}

static void
test_to_volume (void)
{
  g_autoptr (HotplugDataVolume)
      volume = g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, NULL, "name", "data", "size", MIB, "access-mode",
                               HOTPLUG_ACCESS_MODE_READ_ONLY_MANY, "format", HOTPLUG_IMAGE_FORMAT_QCOW2, NULL);
  g_autoptr (HotplugDataVolume) cut = _hotplug_data_volume_with_status (
      volume, MIB, NULL, "/s/data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_FAILED, 0, "it was cut");
  g_autoptr (HotplugDataVolume) whole = _hotplug_data_volume_with_status (
      volume, MIB, NULL, "/s/data/disk.img", HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, 100, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_volume_new_for_data_volume (cut, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_nonnull (strstr (error->message, "it was cut"));

  g_autoptr (HotplugVolume) plug = hotplug_volume_new_for_data_volume (whole, NULL);
  g_assert_cmpstr (hotplug_volume_get_path (plug), ==, "/s/data/disk.img");
  g_assert_cmpint (hotplug_volume_get_access_mode (plug), ==, HOTPLUG_ACCESS_MODE_READ_ONLY_MANY);
  g_assert_cmpint (hotplug_volume_get_format (plug), ==, HOTPLUG_IMAGE_FORMAT_QCOW2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data-volume/defaults", test_defaults);
  g_test_add_func ("/data-volume/sectors", test_sectors);
  g_test_add_func ("/data-volume/refused", test_refused);
  g_test_add_func ("/data-volume/manifest", test_manifest);
  g_test_add_func ("/data-volume/to-volume", test_to_volume);
  return g_test_run ();
}
