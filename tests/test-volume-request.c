/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug.h>

#include "model/hotplug-data-volume-private.h"

#define SOURCE "volumeSource: {dataVolume: {name: dv}}\n"
#define DISK(more) "name: data\ndisk: {disk: {bus: scsi}" more "}\n" SOURCE
#define VIRTIO(more) "name: data\ndisk: {disk: {bus: virtio}" more "}\n" SOURCE

/* KubeVirt's own examples: docs of the hotplug API; fields from api/core/v1/schema.go */
static const struct
{
  const char *name;
  const char *text;
  const char *expected; /* what the volume is, as show() has it */
} good[] = {
  { "kubevirt",
    "{\"name\":\"example-volume-hotplug\",\n"
    " \"disk\":{\"disk\":{\"bus\":\"scsi\"},\"serial\":\"S-1\",\"cache\":\"none\"},\n"
    " \"volumeSource\":{\"dataVolume\":{\"name\":\"example-volume-hotplug\"}},\"dryRun\":[\"All\"]}",
    "example-volume-hotplug of example-volume-hotplug, dry: disk scsi S-1 none default stop 0 0" },
  { "lun",
    "{\"name\":\"lun0\",\"disk\":{\"lun\":{\"bus\":\"scsi\"}},"
    "\"volumeSource\":{\"persistentVolumeClaim\":{\"claimName\":\"pvc0\"}}}",
    "lun0 of pvc0: lun scsi - default default stop 0 0" },
  { "default-serial", DISK (""), "data of dv: disk scsi data default default stop 0 0" },
  { "name-counts", DISK (", name: other"), "data of dv: disk scsi data default default stop 0 0" },
  { "words", DISK (", cache: writeback, io: threads, errorPolicy: report"),
    "data of dv: disk scsi data writeback threads report 0 0" },
  { "virtio", VIRTIO (", dedicatedIOThread: true, bootOrder: 2"),
    "data of dv: disk virtio data default default stop 2 0 thread" },
  { "custom", DISK (", blockSize: {custom: {logical: 512, physical: 4096}}"),
    "data of dv: disk scsi data default default stop 0 512/4096" },
  { "match", DISK (", blockSize: {matchVolume: {}}"), "data of dv: disk scsi data default default stop 0 0 match" },
  { "no-match", DISK (", blockSize: {matchVolume: {enabled: false}}"),
    "data of dv: disk scsi data default default stop 0 0" },
  { "shareable", DISK (", shareable: true"), "data of dv: disk scsi data default default stop 0 0 shareable" },
  { "readonly", "name: data\ndisk: {disk: {bus: scsi, readonly: true}}\n" SOURCE,
    "data of dv: disk scsi data default default stop 0 0 read-only" },
  { "claim-readonly",
    "name: data\ndisk: {disk: {bus: scsi}}\n"
    "volumeSource: {persistentVolumeClaim: {claimName: dv, readOnly: true, hotpluggable: true}}\n",
    "data of dv: disk scsi data default default stop 0 0 read-only" },
  { "no-dry-run", DISK ("") "dryRun: []\n", "data of dv: disk scsi data default default stop 0 0" },
  { "nulls", DISK (", lun: null, serial: null, bootOrder: null") "dryRun: null\n",
    "data of dv: disk scsi data default default stop 0 0" },
};

/* KubeVirt's words: pkg/virt-api/rest/volumes.go, pkg/storage/admitters/storagehotplug.go. What has none is refused by
 * the reader, or the volume. */
static const struct
{
  const char *name;
  const char *text;
  int code;
  const char *message;
} bad[] = {
  { "no-name", "disk: {disk: {bus: scsi}}\n" SOURCE, HOTPLUG_ERROR_MANIFEST,
    "line 1: AddVolumeOptions requires name to be set" },
  { "empty-name", "name: ''\n", HOTPLUG_ERROR_MANIFEST, "line 1: AddVolumeOptions requires name to be set" },
  { "no-disk", "name: a\n" SOURCE, HOTPLUG_ERROR_MANIFEST, "line 1: AddVolumeOptions requires disk to not be nil" },
  { "no-source", "name: a\ndisk: {disk: {bus: scsi}}\n", HOTPLUG_ERROR_MANIFEST,
    "line 1: AddVolumeOptions requires VolumeSource to not be nil" },
  { "empty-source", "name: a\ndisk: {disk: {bus: scsi}}\nvolumeSource: {}\n", HOTPLUG_ERROR_MANIFEST,
    "line 1: volume a is not a PVC or DataVolume" },
  { "both-sources",
    "name: a\ndisk: {disk: {bus: scsi}}\n"
    "volumeSource: {dataVolume: {name: b}, persistentVolumeClaim: {claimName: b}}\n",
    HOTPLUG_ERROR_MANIFEST, "line 1: volumeSource has both; it has one of dataVolume and persistentVolumeClaim" },
  { "other-source", "name: a\ndisk: {disk: {bus: scsi}}\nvolumeSource:\n  containerDisk: {image: a}\n",
    HOTPLUG_ERROR_MANIFEST,
    "line 4: unknown field volumeSource.containerDisk; known there: dataVolume, persistentVolumeClaim" },
  { "no-bus", "name: a\ndisk: {disk: {}}\n" SOURCE, HOTPLUG_ERROR_BUS_UNSUPPORTED,
    "line 1: Hotplug configuration for disk [a] requires bus to be 'scsi' or 'virtio'. [] is not permitted." },
  { "sata", "name: a\ndisk: {disk: {bus: sata}}\n" SOURCE, HOTPLUG_ERROR_BUS_UNSUPPORTED,
    "line 1: Hotplug configuration for disk [a] requires bus to be 'scsi' or 'virtio'. [sata] is not permitted." },
  { "lun-virtio", "name: a\ndisk: {lun: {bus: virtio}}\n" SOURCE, HOTPLUG_ERROR_BUS_UNSUPPORTED,
    "line 1: Hotplug configuration for LUN [a] requires bus to be 'scsi'. [virtio] is not permitted." },
  { "cdrom", "name: a\ndisk: {cdrom: {bus: sata, tray: open}}\n" SOURCE, HOTPLUG_ERROR_DEVICE_UNSUPPORTED,
    "line 1: Hotplug configuration for [a] requires diskDevice of type 'disk' or 'lun' to be used." },
  { "no-device", "name: a\ndisk: {}\n" SOURCE, HOTPLUG_ERROR_DEVICE_UNSUPPORTED,
    "line 1: Hotplug configuration for [a] requires diskDevice of type 'disk' or 'lun' to be used." },
  { "two-devices", "name: a\ndisk: {disk: {bus: scsi}, lun: {bus: scsi}}\n" SOURCE, HOTPLUG_ERROR_MANIFEST,
    "line 1: disk has several; it has one of disk and lun" },
  { "thread-on-scsi", DISK (", dedicatedIOThread: true"), HOTPLUG_ERROR_BUS_UNSUPPORTED,
    "line 1: Hotplug configuration for [data] requires virtio bus for IOThreads." },
  { "boot-order-0", DISK (", bootOrder: 0"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.bootOrder must be > 0, if supplied, and at most 2147483647" },
  { "boot-order-text", DISK (", bootOrder: '1'"), HOTPLUG_ERROR_MANIFEST,
    "line 2: disk.bootOrder is a whole number, not a text" },
  { "boot-order-large", DISK (", bootOrder: 4294967297"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.bootOrder must be > 0, if supplied, and at most 2147483647" },
  { "half-block-size", DISK (", blockSize: {custom: {logical: 512}}"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.blockSize.custom has logical and physical, each from 512 to 2097152" },
  { "odd-block-size", DISK (", blockSize: {custom: {logical: 1000, physical: 1000}}"), HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: volume \"data\": a logical block size of 1000 bytes can't be, a power of two from 512 to 4096 can" },
  { "granularity", DISK (", blockSize: {custom: {logical: 512, physical: 512, discardGranularity: 512}}"),
    HOTPLUG_ERROR_MANIFEST,
    "line 2: disk.blockSize.custom.discardGranularity is not supported: libvirt has no word for it" },
  { "custom-and-match", DISK (", blockSize: {custom: {logical: 512, physical: 512}, matchVolume: {enabled: true}}"),
    HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: volume \"data\": block sizes are given or matched to the source's, not both" },
  { "cache-default", DISK (", cache: default"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.cache has invalid value default" },
  { "cache-directsync", DISK (", cache: directsync"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.cache has invalid value directsync" },
  { "io", DISK (", io: io_uring"), HOTPLUG_ERROR_MANIFEST, "line 1: disk.io has invalid value io_uring" },
  { "policy", DISK (", errorPolicy: panic"), HOTPLUG_ERROR_MANIFEST,
    "line 1: disk.errorPolicy has invalid value panic" },
  { "sharing", DISK (", shareable: true, cache: writeback"), HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: volume \"data\": a shareable disk needs cache \"none\", not \"writeback\"" },
  { "long-name", "name: a-name-of-many-letters-that-no-guest-could-see\ndisk: {disk: {bus: scsi}}\n" SOURCE,
    HOTPLUG_ERROR_SERIAL_TOO_LONG, "line 1: volume \"a-name-of-many-letters-that-no-guest-could-see\": …" },
  { "bad-name", "name: A\ndisk: {disk: {bus: scsi}}\n" SOURCE, HOTPLUG_ERROR_INVALID_NAME, "line 1: …" },
  { "dry-run", DISK ("") "dryRun: [Foo]\n", HOTPLUG_ERROR_MANIFEST, "line 1: dryRun is All, not Foo" },
  { "dry-run-word", DISK ("") "dryRun: All\n", HOTPLUG_ERROR_MANIFEST,
    "line 4: dryRun is a list of texts, not a text" },
  { "unknown", DISK ("") "persist: true\n", HOTPLUG_ERROR_MANIFEST,
    "line 4: unknown field persist; known there: name, disk, volumeSource, dryRun" },
  { "unknown-option", "name: a\ndisk:\n  disk: {bus: scsi}\n  discard: unmap\n", HOTPLUG_ERROR_MANIFEST,
    "line 4: unknown field disk.discard; …" },
  { "pci-address", "name: a\ndisk:\n  disk: {bus: virtio, pciAddress: '0000:01:00.0'}\n", HOTPLUG_ERROR_MANIFEST,
    "line 3: disk.disk.pciAddress is not supported: the port is chosen" },
  { "reservation", "name: a\ndisk:\n  lun: {bus: scsi, reservation: true}\n", HOTPLUG_ERROR_MANIFEST,
    "line 3: disk.lun.reservation is not supported" },
  { "second", DISK ("") "---\nname: b\n", HOTPLUG_ERROR_MANIFEST,
    "line 5: AddVolumeOptions requires disk to not be nil" },
  { "list", "- name: a\n", HOTPLUG_ERROR_MANIFEST, "line 1: …" },
};

/* What the request's data volume is in its store */
static HotplugDataVolume *
find (HotplugVolumeRequest *request, HotplugDataVolumePhase phase)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume)
      told = hotplug_data_volume_new_blank (hotplug_volume_request_get_data_volume (request), 4096, &error);

  g_assert_no_error (error);
  return _hotplug_data_volume_with_status (told, 4096, "default", "/srv/dv/disk.img", phase, 1.0,
                                           phase == HOTPLUG_DATA_VOLUME_PHASE_FAILED ? "cut" : NULL);
}

static const char *
nick (GType type, int value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  return g_enum_get_value (klass, value)->value_nick;
}

static char *
show (HotplugVolumeRequest *request, HotplugVolume *volume)
{
  GString *text = g_string_new (NULL);
  guint logical = hotplug_volume_get_logical_block_size (volume);
  const char *serial = hotplug_volume_get_serial (volume);

  g_string_append_printf (text, "%s of %s%s: %s %s %s %s %s %s %u %u", hotplug_volume_get_name (volume),
                          hotplug_volume_request_get_data_volume (request),
                          hotplug_volume_request_is_dry_run (request) ? ", dry" : "",
                          nick (HOTPLUG_TYPE_DISK_TYPE, (int)hotplug_volume_get_device (volume)),
                          nick (HOTPLUG_TYPE_BUS, (int)hotplug_volume_get_bus (volume)), serial != NULL ? serial : "-",
                          nick (HOTPLUG_TYPE_CACHE, (int)hotplug_volume_get_cache (volume)),
                          nick (HOTPLUG_TYPE_IO, (int)hotplug_volume_get_io (volume)),
                          nick (HOTPLUG_TYPE_ERROR_POLICY, (int)hotplug_volume_get_error_policy (volume)),
                          hotplug_volume_get_boot_order (volume), logical);
  if (logical != 0)
    g_string_append_printf (text, "/%u", hotplug_volume_get_physical_block_size (volume));
  g_string_append (text, hotplug_volume_get_dedicated_io_thread (volume) ? " thread" : "");
  g_string_append (text, hotplug_volume_get_match_block_size (volume) ? " match" : "");
  g_string_append (text, hotplug_volume_get_shareable (volume) ? " shareable" : "");
  g_string_append (text, hotplug_volume_get_read_only (volume) ? " read-only" : "");
  return g_string_free (text, FALSE);
}

static void
test_good (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_add (good[i].text, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (requests->len, ==, 1);

  HotplugVolumeRequest *request = g_ptr_array_index (requests, 0);
  g_autoptr (HotplugDataVolume) found = find (request, HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED);
  g_autoptr (HotplugVolume) volume = hotplug_volume_request_make_volume (request, found, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_volume_request_get_name (request), ==, hotplug_volume_get_name (volume));
  g_assert_cmpstr (hotplug_volume_get_path (volume), ==, "/srv/dv/disk.img");
  g_autofree char *shown = show (request, volume);
  g_assert_cmpstr (shown, ==, good[i].expected);
}

/* Refused by the reader, else by what is made of it */
static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_add (bad[i].text, -1, &error);

  if (requests != NULL)
    {
      g_assert_no_error (error);
      g_autoptr (HotplugDataVolume) found = find (requests->pdata[0], HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED);
      g_assert_null (hotplug_volume_request_make_volume (requests->pdata[0], found, &error));
    }
  g_assert_error (error, HOTPLUG_ERROR, bad[i].code);

  if (!g_str_has_suffix (bad[i].message, "…"))
    {
      g_assert_cmpstr (error->message, ==, bad[i].message);
      return;
    }
  g_autofree char *begun = g_strndup (bad[i].message, strlen (bad[i].message) - strlen ("…"));
  g_assert_true (g_str_has_prefix (error->message, begun));
}

static void
test_several (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_add (DISK ("") "---\n" VIRTIO (""), -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (requests->len, ==, 2);
  g_assert_cmpuint (hotplug_volume_request_get_line (requests->pdata[0]), ==, 1);
  g_assert_cmpuint (hotplug_volume_request_get_line (requests->pdata[1]), ==, 5);

  g_autoptr (HotplugVolumeRequest) held = hotplug_volume_request_ref (requests->pdata[1]);
  g_clear_pointer (&requests, g_ptr_array_unref);
  g_assert_cmpstr (hotplug_volume_request_get_name (held), ==, "data");
}

static void
test_remove (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_remove (
      "{\"name\":\"example-volume-hotplug\",\"dryRun\":[\"All\"]}\n---\nname: b\n", -1, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (requests->len, ==, 2);
  g_assert_cmpstr (hotplug_volume_request_get_name (requests->pdata[0]), ==, "example-volume-hotplug");
  g_assert_null (hotplug_volume_request_get_data_volume (requests->pdata[0]));
  g_assert_true (hotplug_volume_request_is_dry_run (requests->pdata[0]));
  g_assert_false (hotplug_volume_request_is_dry_run (requests->pdata[1]));

  g_assert_null (hotplug_volume_request_parse_remove ("dryRun: [All]\n", -1, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
  g_assert_cmpstr (error->message, ==, "line 1: RemoveVolumeOptions requires name to be set");
  g_clear_error (&error);
  g_assert_null (hotplug_volume_request_parse_remove ("name: a\ndisk: {}\n", -1, &error));
  g_assert_cmpstr (error->message, ==, "line 2: unknown field disk; known there: name, dryRun");
}

static void
test_not_ready (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) requests = hotplug_volume_request_parse_add (DISK (""), -1, &error);
  g_autoptr (HotplugDataVolume) found = find (requests->pdata[0], HOTPLUG_DATA_VOLUME_PHASE_FAILED);

  g_assert_null (hotplug_volume_request_make_volume (requests->pdata[0], found, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_SOURCE_NOT_READY);
  g_assert_cmpstr (error->message, ==, "line 1: data volume \"dv\" is not ready: cut");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/volume-request/good/", good[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/volume-request/bad/", bad[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  g_test_add_func ("/volume-request/several", test_several);
  g_test_add_func ("/volume-request/remove", test_remove);
  g_test_add_func ("/volume-request/not-ready", test_not_ready);
  return g_test_run ();
}
