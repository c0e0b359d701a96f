/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-vmi-private.h"

/* What one of the asynchronous calls was asked for */
typedef struct
{
  GPtrArray *devices; /* (nullable): to be added */
  gboolean volumes;   /* some of them are */
  gboolean interfaces;
  GStrv aliases; /* (nullable): to be removed */
  HotplugPlugFlags flags;
  int timeout_msec;
} Wanted;

static void
clear_wanted (Wanted *wanted)
{
  g_clear_pointer (&wanted->devices, g_ptr_array_unref);
  g_clear_pointer (&wanted->aliases, g_strfreev);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, clear_wanted)

static void
free_wanted (gpointer data)
{
  clear_wanted (data);
  g_free (data);
}

static Wanted
want_to_add (const GPtrArray *volumes, const GPtrArray *interfaces, HotplugPlugFlags flags)
{
  return (Wanted){
    .devices = _hotplug_addition_list (volumes, interfaces),
    .volumes = volumes != NULL && volumes->len > 0,
    .interfaces = interfaces != NULL && interfaces->len > 0,
    .flags = flags,
  };
}

static Wanted
want_to_remove (const char *const *volumes, const char *const *interfaces, HotplugPlugFlags flags, int timeout_msec)
{
  return (Wanted){
    .aliases = _hotplug_removal_aliases (volumes, interfaces),
    .volumes = volumes != NULL && volumes[0] != NULL,
    .interfaces = interfaces != NULL && interfaces[0] != NULL,
    .flags = flags,
    .timeout_msec = timeout_msec,
  };
}

static gboolean
add_devices (HotplugVmi *self, const Wanted *wanted, HotplugAdded *added, GCancellable *cancellable, GError **error)
{
  return _hotplug_host_check_gates (hotplug_vmi_get_host (self), wanted->volumes, wanted->interfaces, error)
         && _hotplug_vmi_add_devices (self, wanted->devices, wanted->flags, cancellable, added, error);
}

static gboolean
remove_devices (HotplugVmi *self, const Wanted *wanted, GCancellable *cancellable, GError **error)
{
  return _hotplug_host_check_gates (hotplug_vmi_get_host (self), wanted->volumes, wanted->interfaces, error)
         && _hotplug_vmi_remove_devices (self, (const char *const *)wanted->aliases, wanted->flags,
                                         wanted->timeout_msec, cancellable, error);
}

/* @volumes, @interfaces: (nullable): where the caller wants them */
static void
hand_over (HotplugAdded *added, GPtrArray **volumes, GPtrArray **interfaces)
{
  if (volumes != NULL)
    *volumes = g_steal_pointer (&added->volumes);
  if (interfaces != NULL)
    *interfaces = g_steal_pointer (&added->interfaces);
}

/* What a caller finds if the call fails */
static void
hand_nothing (GPtrArray **volumes, GPtrArray **interfaces)
{
  HotplugAdded nothing = { NULL };

  hand_over (&nothing, volumes, interfaces);
}

/**
 * hotplug_vmi_add_devices:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume) (nullable): volumes to plug
 * @interfaces: (element-type HotplugInterface) (nullable): interfaces to plug, at least one device in all
 * @flags: see hotplug_vmi_add_volume()
 * @volume_statuses: (out) (optional) (transfer container) (element-type HotplugVolumeStatus): how the volumes stand, in
 *   their order
 * @interface_statuses: (out) (optional) (transfer container) (element-type HotplugInterfaceStatus): how the interfaces
 *   stand, in their order
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs volumes and interfaces as one: all of them, or none. It is to both kinds what hotplug_vmi_add_volumes() is to
 * volumes; the volumes are first. Several interfaces alone are plugged so, too.
 *
 * Returns: %TRUE when all are plugged, %FALSE with an error of hotplug_vmi_add_volume() or of
 *   hotplug_vmi_add_interface(), which names the device; both arrays are then %NULL
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_add_devices (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                         GPtrArray **volume_statuses, GPtrArray **interface_statuses, GCancellable *cancellable,
                         GError **error)
{
  hand_nothing (volume_statuses, interface_statuses);
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail ((volumes != NULL && volumes->len > 0) || (interfaces != NULL && interfaces->len > 0), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_auto (Wanted) wanted = want_to_add (volumes, interfaces, flags);
  g_auto (HotplugAdded) added = { NULL };
  if (!add_devices (self, &wanted, &added, cancellable, error))
    return FALSE;
  hand_over (&added, volume_statuses, interface_statuses);
  return TRUE;
}

static void
free_added (gpointer data)
{
  _hotplug_added_clear (data);
  g_free (data);
}

static gpointer
add_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  g_auto (HotplugAdded) added = { NULL };

  if (!add_devices (source, data, &added, cancellable, error))
    return NULL;

  HotplugAdded *result = g_new0 (HotplugAdded, 1);
  hand_over (&added, &result->volumes, &result->interfaces);
  return result;
}

/**
 * hotplug_vmi_add_devices_async:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume) (nullable): volumes to plug
 * @interfaces: (element-type HotplugInterface) (nullable): interfaces to plug, at least one device in all
 * @flags: see hotplug_vmi_add_volume()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_add_devices().
 *
 * Since: 0.1
 */
void
hotplug_vmi_add_devices_async (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail ((volumes != NULL && volumes->len > 0) || (interfaces != NULL && interfaces->len > 0));

  const Wanted wanted = want_to_add (volumes, interfaces, flags);
  _hotplug_task_run (self, hotplug_vmi_add_devices_async, add_in_thread, g_memdup2 (&wanted, sizeof wanted),
                     free_wanted, free_added, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_add_devices_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @volume_statuses: (out) (optional) (transfer container) (element-type HotplugVolumeStatus): as
 *   hotplug_vmi_add_devices()
 * @interface_statuses: (out) (optional) (transfer container) (element-type HotplugInterfaceStatus): as
 *   hotplug_vmi_add_devices()
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_add_devices()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_add_devices_finish (HotplugVmi *self, GAsyncResult *result, GPtrArray **volume_statuses,
                                GPtrArray **interface_statuses, GError **error)
{
  hand_nothing (volume_statuses, interface_statuses);
  HotplugAdded *added = _hotplug_task_finish (self, result, hotplug_vmi_add_devices_async, error);

  if (added == NULL)
    return FALSE;
  hand_over (added, volume_statuses, interface_statuses);
  free_added (added);
  return TRUE;
}

/**
 * hotplug_vmi_remove_devices:
 * @self: a VMI
 * @volumes: (array zero-terminated=1) (nullable): the names of volumes
 * @interfaces: (array zero-terminated=1) (nullable): the names of interfaces, at least one device in all
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: how long to wait for the guest to let go of all of them, in milliseconds; -1 for half a minute, 0 to
 *   ask and not wait
 * @cancellable: (nullable): a #GCancellable; it ends the wait, not the removal
 * @error: return location for a #GError
 *
 * Unplugs volumes and interfaces as one. It is to both kinds what hotplug_vmi_remove_volumes() is to volumes.
 *
 * Returns: %TRUE when all are gone, %FALSE with an error of hotplug_vmi_remove_volume() or of
 *   hotplug_vmi_remove_interface(), which names the devices
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_devices (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                            HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail ((volumes != NULL && volumes[0] != NULL) || (interfaces != NULL && interfaces[0] != NULL),
                        FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  g_auto (Wanted) wanted = want_to_remove (volumes, interfaces, flags, timeout_msec);
  return remove_devices (self, &wanted, cancellable, error);
}

static gpointer
remove_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return GINT_TO_POINTER (remove_devices (source, data, cancellable, error));
}

/**
 * hotplug_vmi_remove_devices_async:
 * @self: a VMI
 * @volumes: (array zero-terminated=1) (nullable): the names of volumes
 * @interfaces: (array zero-terminated=1) (nullable): the names of interfaces, at least one device in all
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: see hotplug_vmi_remove_devices()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_remove_devices().
 *
 * Since: 0.1
 */
void
hotplug_vmi_remove_devices_async (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                  HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail ((volumes != NULL && volumes[0] != NULL) || (interfaces != NULL && interfaces[0] != NULL));

  const Wanted wanted = want_to_remove (volumes, interfaces, flags, timeout_msec);
  _hotplug_task_run (self, hotplug_vmi_remove_devices_async, remove_in_thread, g_memdup2 (&wanted, sizeof wanted),
                     free_wanted, NULL, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_remove_devices_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_remove_devices()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_remove_devices_async, error) != NULL;
}
