/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-volume-status-private.h"

static void
test_fields (void)
{
  char name[] = "data";
  char message[] = "all is well";
  HotplugVolumeStatusFields fields = {
    .name = name,
    .target = "sda",
    .reason = "VolumeReady",
    .message = message,
    .path = "/srv/data.img",
    .serial = "S-1",
    .address = "0:0:0:0",
    .attach_id = "hp-volume-bcdfg",
    .attach_uid = "62a7f6bf-474c-5e25-8db5-1db9725f0ed2",
    .size = 4096,
    .uri = "nbd://host/disk",
    .bus = HOTPLUG_BUS_VIRTIO,
    .device = HOTPLUG_DISK_TYPE_LUN,
    .cache = HOTPLUG_CACHE_WRITEBACK,
    .io = HOTPLUG_IO_THREADS,
    .error_policy = HOTPLUG_ERROR_POLICY_ENOSPACE,
    .discard = HOTPLUG_DISCARD_IGNORE,
    .phase = HOTPLUG_VOLUME_PHASE_DETACHING,
    .logical_block_size = 512,
    .physical_block_size = 4096,
    .boot_order = 3,
    .dedicated_io_thread = TRUE,
    .hotplugged = TRUE,
    .persisted = TRUE,
    .read_only = TRUE,
    .shareable = TRUE,
  };
  g_autoptr (HotplugVolumeStatus) status = _hotplug_volume_status_new (&fields);

  /* what it was made of may change: it does not */
  name[0] = message[0] = '!';
  fields.phase = HOTPLUG_VOLUME_PHASE_FAILED;
  g_assert_cmpstr (hotplug_volume_status_get_name (status), ==, "data");
  g_assert_cmpstr (hotplug_volume_status_get_target (status), ==, "sda");
  g_assert_cmpstr (hotplug_volume_status_get_reason (status), ==, "VolumeReady");
  g_assert_cmpstr (hotplug_volume_status_get_message (status), ==, "all is well");
  g_assert_cmpstr (hotplug_volume_status_get_path (status), ==, "/srv/data.img");
  g_assert_cmpstr (hotplug_volume_status_get_serial (status), ==, "S-1");
  g_assert_cmpstr (hotplug_volume_status_get_address (status), ==, "0:0:0:0");
  g_assert_cmpstr (hotplug_volume_status_get_attach_id (status), ==, "hp-volume-bcdfg");
  g_assert_cmpstr (hotplug_volume_status_get_attach_uid (status), ==, "62a7f6bf-474c-5e25-8db5-1db9725f0ed2");
  g_assert_cmpuint (hotplug_volume_status_get_size (status), ==, 4096);
  g_assert_cmpint (hotplug_volume_status_get_bus (status), ==, HOTPLUG_BUS_VIRTIO);
  g_assert_cmpint (hotplug_volume_status_get_phase (status), ==, HOTPLUG_VOLUME_PHASE_DETACHING);
  g_assert_true (hotplug_volume_status_is_hotplugged (status));
  g_assert_true (hotplug_volume_status_is_persisted (status));
  g_assert_cmpstr (hotplug_volume_status_get_uri (status), ==, "nbd://host/disk");
  g_assert_cmpint (hotplug_volume_status_get_device (status), ==, HOTPLUG_DISK_TYPE_LUN);
  g_assert_cmpint (hotplug_volume_status_get_cache (status), ==, HOTPLUG_CACHE_WRITEBACK);
  g_assert_cmpint (hotplug_volume_status_get_io (status), ==, HOTPLUG_IO_THREADS);
  g_assert_cmpint (hotplug_volume_status_get_error_policy (status), ==, HOTPLUG_ERROR_POLICY_ENOSPACE);
  g_assert_cmpint (hotplug_volume_status_get_discard (status), ==, HOTPLUG_DISCARD_IGNORE);
  g_assert_cmpuint (hotplug_volume_status_get_logical_block_size (status), ==, 512);
  g_assert_cmpuint (hotplug_volume_status_get_physical_block_size (status), ==, 4096);
  g_assert_cmpuint (hotplug_volume_status_get_boot_order (status), ==, 3);
  g_assert_true (hotplug_volume_status_get_dedicated_io_thread (status));
  g_assert_true (hotplug_volume_status_get_read_only (status));
  g_assert_true (hotplug_volume_status_get_shareable (status));
}

static void
test_missing (void)
{
  HotplugVolumeStatusFields fields = { .name = "sdz" };
  g_autoptr (HotplugVolumeStatus) status = _hotplug_volume_status_new (&fields);

  g_assert_null (hotplug_volume_status_get_target (status));
  g_assert_null (hotplug_volume_status_get_reason (status));
  g_assert_null (hotplug_volume_status_get_message (status));
  g_assert_null (hotplug_volume_status_get_path (status));
  g_assert_null (hotplug_volume_status_get_serial (status));
  g_assert_null (hotplug_volume_status_get_address (status));
  g_assert_null (hotplug_volume_status_get_uri (status));
  g_assert_cmpuint (hotplug_volume_status_get_boot_order (status), ==, 0);
  g_assert_false (hotplug_volume_status_get_shareable (status));
  g_assert_null (hotplug_volume_status_get_attach_id (status));
  g_assert_null (hotplug_volume_status_get_attach_uid (status));
  g_assert_cmpuint (hotplug_volume_status_get_size (status), ==, 0);
  g_assert_false (hotplug_volume_status_is_hotplugged (status));
  g_assert_false (hotplug_volume_status_is_persisted (status));
}

static gpointer
hold_and_let_go (gpointer status)
{
  for (guint i = 0; i < 1000; i++)
    {
      HotplugVolumeStatus *held = hotplug_volume_status_ref (status);
      g_assert_cmpstr (hotplug_volume_status_get_name (held), ==, "data");
      hotplug_volume_status_unref (held);
    }
  return NULL;
}

static void
test_references (void)
{
  HotplugVolumeStatusFields fields = { .name = "data" };
  g_autoptr (HotplugVolumeStatus) status = _hotplug_volume_status_new (&fields);
  GThread *threads[] = { g_thread_new ("a", hold_and_let_go, status), g_thread_new ("b", hold_and_let_go, status) };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);

  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, HOTPLUG_TYPE_VOLUME_STATUS);
  g_value_set_boxed (&value, status);
  g_assert_true (g_value_get_boxed (&value) == status);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/volume-status/fields", test_fields);
  g_test_add_func ("/volume-status/missing", test_missing);
  g_test_add_func ("/volume-status/references", test_references);

  return g_test_run ();
}
