/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "model/hotplug-vmi-status-private.h"

struct _HotplugVmiStatus
{
  char *name;
  char *uuid;
  char *machine;
  guint64 memory;
  guint vcpus;
  HotplugVmiState state;
  char *reason;  /* nullable */
  char *message; /* nullable */
  gboolean persistent;
  GPtrArray *volumes;    /* HotplugVolumeStatus, by name */
  GPtrArray *interfaces; /* HotplugInterfaceStatus, the primary one first */
};

G_DEFINE_BOXED_TYPE (HotplugVmiStatus, hotplug_vmi_status, hotplug_vmi_status_ref, hotplug_vmi_status_unref)

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (hotplug_volume_status_get_name (*(HotplugVolumeStatus *const *) a),
                 hotplug_volume_status_get_name (*(HotplugVolumeStatus *const *) b));
}

static gpointer
copy_volume (gconstpointer volume, gpointer user_data)
{
  return hotplug_volume_status_ref ((HotplugVolumeStatus *) volume);
}

static GPtrArray *
copy_volumes (GPtrArray *volumes)
{
  GPtrArray *copy = g_ptr_array_copy (volumes, copy_volume, NULL);

  g_ptr_array_set_free_func (copy, (GDestroyNotify) hotplug_volume_status_unref);
  return copy;
}

static gpointer
copy_interface (gconstpointer interface, gpointer user_data)
{
  return hotplug_interface_status_ref ((HotplugInterfaceStatus *) interface);
}

static GPtrArray *
copy_interfaces (GPtrArray *interfaces)
{
  GPtrArray *copy = interfaces != NULL ? g_ptr_array_copy (interfaces, copy_interface, NULL) : g_ptr_array_new ();

  g_ptr_array_set_free_func (copy, (GDestroyNotify) hotplug_interface_status_unref);
  return copy;
}

HotplugVmiStatus *
_hotplug_vmi_status_new (const HotplugVmiStatusFields *fields, GPtrArray *volumes)
{
  HotplugVmiStatus *self = g_atomic_rc_box_new0 (HotplugVmiStatus);

  self->name = g_strdup (fields->name);
  self->uuid = g_strdup (fields->uuid);
  self->machine = g_strdup (fields->machine);
  self->memory = fields->memory;
  self->vcpus = fields->vcpus;
  self->state = fields->state;
  self->reason = g_strdup (fields->reason);
  self->message = g_strdup (fields->message);
  self->persistent = fields->persistent;
  self->interfaces = copy_interfaces (fields->interfaces);
  self->volumes = copy_volumes (volumes);
  g_ptr_array_sort (self->volumes, compare_names);
  return self;
}

/**
 * hotplug_vmi_status_ref:
 * @self: a VMI status
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugVmiStatus *
hotplug_vmi_status_ref (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugVmiStatus *self = data;

  g_free (self->name);
  g_free (self->uuid);
  g_free (self->machine);
  g_free (self->reason);
  g_free (self->message);
  g_ptr_array_unref (self->volumes);
  g_ptr_array_unref (self->interfaces);
}

/**
 * hotplug_vmi_status_unref:
 * @self: (transfer full): a VMI status
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_vmi_status_unref (HotplugVmiStatus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_vmi_status_get_name:
 * @self: a VMI status
 *
 * Returns: (transfer none): the VMI's name
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_status_get_name (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_vmi_status_get_uuid:
 * @self: a VMI status
 *
 * Returns: (transfer none): the VMI's UUID
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_status_get_uuid (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->uuid;
}

/**
 * hotplug_vmi_status_get_state:
 * @self: a VMI status
 *
 * Returns: what the VMI did
 *
 * Since: 0.1
 */
HotplugVmiState
hotplug_vmi_status_get_state (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_VMI_STATE_STOPPED);

  return self->state;
}

/**
 * hotplug_vmi_status_get_reason:
 * @self: a VMI status
 *
 * Returns: (transfer none) (nullable): why the VMI is paused, as KubeVirt's condition `Paused` has it: `PausedIOError`
 *   for a disk that could not be read or written, such as one on a full file system, and `PausedByUser`; %NULL for any
 *   other reason, and if it is not paused
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_status_get_reason (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->reason;
}

/**
 * hotplug_vmi_status_get_message:
 * @self: a VMI status
 *
 * What a person should know of the VMI: why it is paused, with the volume that could not be read or written; that it
 * was saved while it ran, so that its next start goes on from there with the devices of then; that its metadata was
 * copied from another VMI, and is not acted upon.
 *
 * Returns: (transfer none) (nullable): a line of text, without a stop at its end; %NULL if there is nothing to say
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_status_get_message (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->message;
}

/**
 * hotplug_vmi_status_is_persistent:
 * @self: a VMI status
 *
 * Whether the VMI has a template. One without (libvirt: a transient domain) is gone when it stops, and
 * %HOTPLUG_PLUG_PERSIST is refused with %HOTPLUG_ERROR_VMI_TRANSIENT.
 *
 * Returns: %TRUE if it has
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_status_is_persistent (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->persistent;
}

/**
 * hotplug_vmi_status_get_machine:
 * @self: a VMI status
 *
 * Returns: (transfer none): the machine type, such as `pc-q35-7.2`
 *
 * Since: 0.1
 */
const char *
hotplug_vmi_status_get_machine (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->machine;
}

/**
 * hotplug_vmi_status_get_memory:
 * @self: a VMI status
 *
 * Returns: the VMI's memory in bytes
 *
 * Since: 0.1
 */
guint64
hotplug_vmi_status_get_memory (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->memory;
}

/**
 * hotplug_vmi_status_get_vcpus:
 * @self: a VMI status
 *
 * Returns: how many vCPUs the VMI has
 *
 * Since: 0.1
 */
guint
hotplug_vmi_status_get_vcpus (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->vcpus;
}

/**
 * hotplug_vmi_status_list_volumes:
 * @self: a VMI status
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): a status for each disk, hotplugged or not, sorted
 *   by name
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_status_list_volumes (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return copy_volumes (self->volumes);
}

/**
 * hotplug_vmi_status_get_volume:
 * @self: a VMI status
 * @name: a volume's name
 *
 * Returns: (transfer none) (nullable): the status of that volume, or %NULL if the VMI has none of that name; it lives
 *   as long as @self
 *
 * Since: 0.1
 */
HotplugVolumeStatus *
hotplug_vmi_status_get_volume (HotplugVmiStatus *self, const char *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < self->volumes->len; i++)
    {
      HotplugVolumeStatus *volume = g_ptr_array_index (self->volumes, i);
      if (strcmp (hotplug_volume_status_get_name (volume), name) == 0)
        return volume;
    }
  return NULL;
}

/**
 * hotplug_vmi_status_list_interfaces:
 * @self: a VMI status
 *
 * Returns: (transfer container) (element-type HotplugInterfaceStatus): a status for each network interface, hotplugged
 *   or not: the primary one first, and those that only the guest knows last
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_status_list_interfaces (HotplugVmiStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return copy_interfaces (self->interfaces);
}

/**
 * hotplug_vmi_status_get_interface:
 * @self: a VMI status
 * @name: an interface's name
 *
 * Returns: (transfer none) (nullable): the status of that interface, or %NULL if the VMI has none of that name; it
 *   lives as long as @self
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_status_get_interface (HotplugVmiStatus *self, const char *name)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  for (guint i = 0; i < self->interfaces->len; i++)
    {
      HotplugInterfaceStatus *interface = g_ptr_array_index (self->interfaces, i);
      if (g_strcmp0 (hotplug_interface_status_get_name (interface), name) == 0)
        return interface;
    }
  return NULL;
}
