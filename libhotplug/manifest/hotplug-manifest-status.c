/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-vmi-status.h>
#include <hotplug/hotplug-volume-status.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-interface-private.h"
#include "manifest/hotplug-manifest-members-private.h"
#include "model/hotplug-interface-status-private.h"
#include "model/hotplug-volume-status-private.h"

/* What KubeVirt has no field for stands in an object of this name, which can't collide with a later field. */
#define OWN_FIELD "libhotplug"

/* KubeVirt's quantities: the largest power of 1024 that leaves no fraction. */
static char *
format_quantity (guint64 bytes)
{
  static const char *const units[] = { "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei" };
  gsize unit = 0;

  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < G_N_ELEMENTS (units))
    {
      bytes /= 1024;
      unit++;
    }

  return g_strdup_printf ("%" G_GUINT64_FORMAT "%s", bytes, units[unit]);
}

static const char *
bus_word (HotplugVolumeStatus *volume)
{
  HotplugBus bus = hotplug_volume_status_get_bus (volume);
  return bus != HOTPLUG_BUS_OTHER ? _hotplug_enum_to_nick (HOTPLUG_TYPE_BUS, (int) bus) : NULL;
}

static JsonObject *
build_volume_status (HotplugVolumeStatus *volume)
{
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "name", hotplug_volume_status_get_name (volume));
  _hotplug_manifest_add_string (object, "target", hotplug_volume_status_get_target (volume));

  if (hotplug_volume_status_is_hotplugged (volume))
    {
      HotplugVolumePhase phase = hotplug_volume_status_get_phase (volume);
      _hotplug_manifest_add_string (object, "phase", _hotplug_enum_to_nick (HOTPLUG_TYPE_VOLUME_PHASE, (int) phase));
      _hotplug_manifest_add_string (object, "reason", hotplug_volume_status_get_reason (volume));
      _hotplug_manifest_add_string (object, "message", hotplug_volume_status_get_message (volume));

      JsonObject *attachment = _hotplug_manifest_add_object (object, "hotplugVolume");
      _hotplug_manifest_add_string (attachment, "attachPodName", hotplug_volume_status_get_attach_id (volume));
      _hotplug_manifest_add_string (attachment, "attachPodUID", hotplug_volume_status_get_attach_uid (volume));
    }

  if (hotplug_volume_status_get_size (volume) > 0)
    json_object_set_int_member (object, "size", (gint64) hotplug_volume_status_get_size (volume));

  JsonObject *own = _hotplug_manifest_add_object (object, OWN_FIELD);
  _hotplug_manifest_add_string (own, "bus", bus_word (volume));
  _hotplug_manifest_add_string (own, "address", hotplug_volume_status_get_address (volume));
  _hotplug_manifest_add_string (own, "serial", hotplug_volume_status_get_serial (volume));
  _hotplug_manifest_add_string (own, "path", hotplug_volume_status_get_path (volume));
  _hotplug_manifest_add_string (own, "uri", hotplug_volume_status_get_uri (volume));
  json_object_set_boolean_member (own, "persisted", hotplug_volume_status_is_persisted (volume));

  return object;
}

static void
add_flag (JsonObject *object, const char *name, gboolean flag)
{
  if (flag)
    json_object_set_boolean_member (object, name, TRUE);
}

/* Without a word for what KubeVirt has as its default too */
static void
add_word (JsonObject *object, const char *name, GType type, int value, int default_value)
{
  if (value != default_value)
    _hotplug_manifest_add_string (object, name, _hotplug_enum_to_nick (type, value));
}

/* KubeVirt has both numbers or none; the hypervisor's own choice is 512. */
static void
add_block_sizes (JsonObject *disk, const HotplugVolumeStatusFields *fields)
{
  if (fields->logical_block_size == 0 && fields->physical_block_size == 0)
    return;

  guint logical = fields->logical_block_size != 0 ? fields->logical_block_size : 512;
  JsonObject *custom = _hotplug_manifest_add_object (_hotplug_manifest_add_object (disk, "blockSize"), "custom");
  _hotplug_manifest_add_number (custom, "logical", logical);
  _hotplug_manifest_add_number (custom, "physical",
                                fields->physical_block_size != 0 ? fields->physical_block_size : logical);
}

/* KubeVirt's Disk (api/core/v1/schema.go). It has no floppy drives; to it they are disks. */
static JsonObject *
build_disk (HotplugVolumeStatus *volume)
{
  const HotplugVolumeStatusFields *fields = _hotplug_volume_status_peek (volume);
  HotplugDiskType device = fields->device != HOTPLUG_DISK_TYPE_FLOPPY ? fields->device : HOTPLUG_DISK_TYPE_DISK;
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "name", fields->name);
  _hotplug_manifest_add_string (object, "serial", fields->serial);
  add_word (object, "cache", HOTPLUG_TYPE_CACHE, (int) fields->cache, HOTPLUG_CACHE_DEFAULT);
  add_word (object, "io", HOTPLUG_TYPE_IO, (int) fields->io, HOTPLUG_IO_DEFAULT);
  add_word (object, "errorPolicy", HOTPLUG_TYPE_ERROR_POLICY, (int) fields->error_policy, HOTPLUG_ERROR_POLICY_STOP);
  add_flag (object, "dedicatedIOThread", fields->dedicated_io_thread);
  _hotplug_manifest_add_number (object, "bootOrder", fields->boot_order);
  add_block_sizes (object, fields);
  add_flag (object, "shareable", fields->shareable);

  JsonObject *disk = _hotplug_manifest_add_object (object, _hotplug_enum_to_nick (HOTPLUG_TYPE_DISK_TYPE, (int)device));
  _hotplug_manifest_add_string (disk, "bus", bus_word (volume));
  add_flag (disk, "readonly", fields->read_only);

  return object;
}

/* NULL where the hypervisor has none, or one of a kind that has no words here */
static JsonObject *
build_volume (HotplugVolumeStatus *volume)
{
  const HotplugVolumeStatusFields *fields = _hotplug_volume_status_peek (volume);
  if (fields->path == NULL && fields->uri == NULL)
    return NULL;

  JsonObject *object = json_object_new ();
  _hotplug_manifest_add_string (object, "name", fields->name);
  if (fields->path != NULL)
    {
      JsonObject *source = _hotplug_manifest_add_object (object, "hostDisk");
      _hotplug_manifest_add_string (source, "path", fields->path);
      _hotplug_manifest_add_string (source, "type", "Disk");
    }
  else
    {
      _hotplug_manifest_add_string (_hotplug_manifest_add_object (object, OWN_FIELD), "uri", fields->uri);
    }

  return object;
}

/* One that was refused has a status, and is no part of the machine. */
static void
add_disks (JsonArray *disks, JsonArray *sources, GPtrArray *volumes)
{
  for (guint i = 0; i < volumes->len; i++)
    {
      HotplugVolumeStatus *volume = g_ptr_array_index (volumes, i);
      if (hotplug_volume_status_get_phase (volume) == HOTPLUG_VOLUME_PHASE_FAILED)
        continue;

      JsonObject *source = build_volume (volume);
      json_array_add_object_element (disks, build_disk (volume));
      if (source != NULL)
        json_array_add_object_element (sources, source);
    }
}

static void
build_spec (JsonObject *spec, HotplugVmiStatus *self, GPtrArray *volumes)
{
  JsonObject *domain = _hotplug_manifest_add_object (spec, "domain");

  if (hotplug_vmi_status_get_machine (self) != NULL)
    _hotplug_manifest_add_string (_hotplug_manifest_add_object (domain, "machine"), "type",
                                  hotplug_vmi_status_get_machine (self));
  if (hotplug_vmi_status_get_memory (self) > 0)
    {
      g_autofree char *memory = format_quantity (hotplug_vmi_status_get_memory (self));
      _hotplug_manifest_add_string (_hotplug_manifest_add_object (domain, "memory"), "guest", memory);
    }
  if (hotplug_vmi_status_get_vcpus (self) > 0)
    json_object_set_int_member (_hotplug_manifest_add_object (domain, "cpu"), "cores",
                                hotplug_vmi_status_get_vcpus (self));

  JsonObject *devices = _hotplug_manifest_add_object (domain, "devices");
  JsonArray *disks = _hotplug_manifest_add_array (devices, "disks");
  add_disks (disks, _hotplug_manifest_add_array (spec, "volumes"), volumes);
  _hotplug_manifest_add_interfaces (self, devices, spec);
}

/* @reason, @message: (nullable) */
static void
add_condition (JsonArray *conditions, const char *type, const char *reason, const char *message)
{
  JsonObject *condition = json_object_new ();
  _hotplug_manifest_add_string (condition, "type", type);
  _hotplug_manifest_add_string (condition, "status", "True");
  _hotplug_manifest_add_string (condition, "reason", reason);
  _hotplug_manifest_add_string (condition, "message", message);
  json_array_add_object_element (conditions, condition);
}

static gboolean
needs_migration (HotplugVmiStatus *self)
{
  g_autoptr (GPtrArray) interfaces = hotplug_vmi_status_list_interfaces (self);
  gboolean needs = FALSE;

  for (guint i = 0; i < interfaces->len; i++)
    needs = needs
            || g_strcmp0 (hotplug_interface_status_get_reason (g_ptr_array_index (interfaces, i)),
                          HOTPLUG_MIGRATION_REQUIRED)
                   == 0;
  return needs;
}

static void
add_conditions (JsonObject *status, HotplugVmiStatus *self)
{
  gboolean paused = hotplug_vmi_status_get_state (self) == HOTPLUG_VMI_STATE_PAUSED;
  gboolean migration = needs_migration (self);
  JsonArray *conditions = paused || migration ? _hotplug_manifest_add_array (status, "conditions") : NULL;

  if (paused)
    add_condition (conditions, "Paused", hotplug_vmi_status_get_reason (self),
                   hotplug_vmi_status_get_message (self));
  if (migration)
    add_condition (conditions, HOTPLUG_MIGRATION_REQUIRED, HOTPLUG_MIGRATION_REASON, NULL);
}

static void
build_status (JsonObject *status, HotplugVmiStatus *self, GPtrArray *volumes)
{
  HotplugVmiState state = hotplug_vmi_status_get_state (self);
  _hotplug_manifest_add_string (status, "phase", state == HOTPLUG_VMI_STATE_STOPPED ? "Succeeded" : "Running");
  add_conditions (status, self);

  JsonArray *statuses = _hotplug_manifest_add_array (status, "volumeStatus");
  for (guint i = 0; i < volumes->len; i++)
    json_array_add_object_element (statuses, build_volume_status (g_ptr_array_index (volumes, i)));

  _hotplug_manifest_add_interface_statuses (self, status);

  JsonObject *own = _hotplug_manifest_add_object (status, OWN_FIELD);
  json_object_set_boolean_member (own, "persistent", hotplug_vmi_status_is_persistent (self));
  if (state != HOTPLUG_VMI_STATE_PAUSED)
    _hotplug_manifest_add_string (own, "message", hotplug_vmi_status_get_message (self));
}

static JsonObject *
build_vmi (HotplugVmiStatus *self)
{
  g_autoptr (GPtrArray) volumes = hotplug_vmi_status_list_volumes (self);
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "apiVersion", "kubevirt.io/v1");
  _hotplug_manifest_add_string (object, "kind", "VirtualMachineInstance");

  JsonObject *metadata = _hotplug_manifest_add_object (object, "metadata");
  _hotplug_manifest_add_string (metadata, "name", hotplug_vmi_status_get_name (self));
  _hotplug_manifest_add_string (metadata, "uid", hotplug_vmi_status_get_uuid (self));

  build_spec (_hotplug_manifest_add_object (object, "spec"), self, volumes);
  build_status (_hotplug_manifest_add_object (object, "status"), self, volumes);

  return object;
}

/**
 * hotplug_volume_status_to_manifest:
 * @self: a volume's status
 * @format: how to write it
 *
 * Writes @self as an entry of KubeVirt's `status.volumeStatus[]`: `name`, `target`, and of a hotplugged volume
 * `phase`, `reason`, `message` and `hotplugVolume` with `attachPodName` and `attachPodUID`; `size` in bytes, if it is
 * known. What KubeVirt has no field for is in an object named `libhotplug`: `bus`, `address`, `serial`, `path` or
 * `uri`, and `persisted`. What is not known is left out.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_volume_status_to_manifest (HotplugVolumeStatus *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _hotplug_manifest_object_to_string (build_volume_status (self), format);
}

/**
 * hotplug_vmi_status_to_manifest:
 * @self: a VMI's status
 * @format: how to write it
 *
 * Writes @self as KubeVirt's `VirtualMachineInstance`. A VMI that is paused has the phase `Running` and the condition
 * `Paused` with hotplug_vmi_status_get_reason() and the message, one that is stopped the phase `Succeeded`. Disks,
 * volumes and volume statuses are sorted by name; an empty drive has a disk and no volume, a volume that was refused
 * has a status alone. Disks have all their options but for those that are as KubeVirt's defaults. What KubeVirt has
 * no field for is in an object named `libhotplug`: `persistent` in `status`, with hotplug_vmi_status_get_message() as
 * `message` unless it is paused, and what hotplug_interface_status_to_manifest() adds to each interface's; `uri` in a
 * volume that is on the network, and what hotplug_volume_status_to_manifest() adds to each volume's. What is not
 * known is left out.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_vmi_status_to_manifest (HotplugVmiStatus *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _hotplug_manifest_object_to_string (build_vmi (self), format);
}

/**
 * hotplug_vmi_status_list_to_manifest:
 * @statuses: (element-type HotplugVmiStatus): statuses of VMIs
 * @format: how to write them
 *
 * Writes @statuses, in their order, as the items of a Kubernetes `List`; see hotplug_vmi_status_to_manifest().
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_vmi_status_list_to_manifest (GPtrArray *statuses, HotplugManifestFormat format)
{
  g_return_val_if_fail (statuses != NULL, NULL);

  return _hotplug_manifest_list_to_string (statuses, (HotplugManifestBuild) build_vmi, format);
}
