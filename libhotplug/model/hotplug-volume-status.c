/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-volume-status-private.h"

struct _HotplugVolumeStatus
{
  HotplugVolumeStatusFields fields;
  GStringChunk *strings; /* owns each string of fields */
};

G_DEFINE_BOXED_TYPE (HotplugVolumeStatus, hotplug_volume_status, hotplug_volume_status_ref, hotplug_volume_status_unref)

static const char *
keep (GStringChunk *strings, const char *text)
{
  return text != NULL ? g_string_chunk_insert (strings, text) : NULL;
}

HotplugVolumeStatus *
_hotplug_volume_status_new (const HotplugVolumeStatusFields *fields)
{
  HotplugVolumeStatus *self = g_atomic_rc_box_new0 (HotplugVolumeStatus);
  GStringChunk *strings = g_string_chunk_new (256);

  self->strings = strings;
  self->fields = *fields;
  self->fields.name = keep (strings, fields->name);
  self->fields.target = keep (strings, fields->target);
  self->fields.reason = keep (strings, fields->reason);
  self->fields.message = keep (strings, fields->message);
  self->fields.path = keep (strings, fields->path);
  self->fields.uri = keep (strings, fields->uri);
  self->fields.serial = keep (strings, fields->serial);
  self->fields.address = keep (strings, fields->address);
  self->fields.attach_id = keep (strings, fields->attach_id);
  self->fields.attach_uid = keep (strings, fields->attach_uid);
  return self;
}

const HotplugVolumeStatusFields *
_hotplug_volume_status_peek (HotplugVolumeStatus *self)
{
  return &self->fields;
}

/**
 * hotplug_volume_status_ref:
 * @self: a volume status
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_volume_status_ref (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugVolumeStatus *self = data;

  g_string_chunk_free (self->strings);
}

/**
 * hotplug_volume_status_unref:
 * @self: (transfer full): a volume status
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_volume_status_unref (HotplugVolumeStatus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_volume_status_get_name:
 * @self: a volume status
 *
 * The name that the volume was plugged with; of other disks their user alias without its `ua-`, else their target.
 *
 * Returns: (transfer none): the name
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_name (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.name;
}

/**
 * hotplug_volume_status_get_target:
 * @self: a volume status
 *
 * What libvirt calls the disk, such as `sda`: unique in a VMI, and not the name that the guest gives it.
 *
 * Returns: (transfer none) (nullable): the target, or %NULL for a volume that was refused
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_target (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.target;
}

/**
 * hotplug_volume_status_is_hotplugged:
 * @self: a volume status
 *
 * Whether libhotplug plugged the volume, so that it may be removed: also after a restart.
 *
 * Returns: %TRUE if so
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_status_is_hotplugged (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.hotplugged;
}

/**
 * hotplug_volume_status_is_persisted:
 * @self: a volume status
 *
 * Whether the disk stands in the VMI's template.
 *
 * Returns: %TRUE if so
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_status_is_persisted (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.persisted;
}

/**
 * hotplug_volume_status_get_phase:
 * @self: a volume status
 *
 * How far the volume is. Of a disk that was not hotplugged it is %HOTPLUG_VOLUME_PHASE_READY while the VMI runs, else
 * %HOTPLUG_VOLUME_PHASE_PENDING.
 *
 * Returns: the phase
 *
 * Since: 0.1
 */
HotplugVolumePhase
hotplug_volume_status_get_phase (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_VOLUME_PHASE_PENDING);

  return self->fields.phase;
}

/**
 * hotplug_volume_status_get_reason:
 * @self: a volume status
 *
 * One word for why the volume is in its phase, KubeVirt's where it has one: `VolumeReady`.
 *
 * Returns: (transfer none) (nullable): the reason, or %NULL for a disk that was not hotplugged
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_reason (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.reason;
}

/**
 * hotplug_volume_status_get_message:
 * @self: a volume status
 *
 * A sentence for people; of a volume in phase %HOTPLUG_VOLUME_PHASE_FAILED it has the hypervisor's own words.
 *
 * Returns: (transfer none) (nullable): the message, or %NULL for a disk that was not hotplugged
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_message (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.message;
}

/**
 * hotplug_volume_status_get_bus:
 * @self: a volume status
 *
 * Returns: how the disk is connected to the guest
 *
 * Since: 0.1
 */
HotplugBus
hotplug_volume_status_get_bus (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_BUS_OTHER);

  return self->fields.bus;
}

/**
 * hotplug_volume_status_get_path:
 * @self: a volume status
 *
 * Returns: (transfer none) (type filename) (nullable): the image or block device on the host, or %NULL if the disk has
 *   no medium or a source that is no path
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_path (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.path;
}

/**
 * hotplug_volume_status_get_serial:
 * @self: a volume status
 *
 * Returns: (transfer none) (nullable): the serial that the guest sees, or %NULL if it has none
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_serial (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.serial;
}

/**
 * hotplug_volume_status_get_address:
 * @self: a volume status
 *
 * Where the disk sits in the machine: `controller:bus:target:unit` for SCSI, SATA and IDE, a PCI address such as
 * `0000:01:00.0` for virtio.
 *
 * Returns: (transfer none) (nullable): the address, or %NULL if the disk has none yet, or one of another kind
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_address (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.address;
}

/**
 * hotplug_volume_status_get_size:
 * @self: a volume status
 *
 * Returns: the size of the disk in bytes, 0 if it could not be told
 *
 * Since: 0.1
 */
guint64
hotplug_volume_status_get_size (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.size;
}

/**
 * hotplug_volume_status_get_attach_id:
 * @self: a volume status
 *
 * An id of this attachment, derived from the VMI, the name and the address: it stays the same while the volume is
 * plugged, also over restarts. Manifests have it as KubeVirt's `attachPodName`.
 *
 * Returns: (transfer none) (nullable): the id, or %NULL if the disk was not hotplugged or has no address
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_attach_id (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.attach_id;
}

/**
 * hotplug_volume_status_get_attach_uid:
 * @self: a volume status
 *
 * The attachment's UUID, derived as its id is. Manifests have it as KubeVirt's `attachPodUID`.
 *
 * Returns: (transfer none) (nullable): the UUID, or %NULL if the disk was not hotplugged or has no address
 *
 * Since: 0.1
 */
const char *
hotplug_volume_status_get_attach_uid (HotplugVolumeStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.attach_uid;
}
