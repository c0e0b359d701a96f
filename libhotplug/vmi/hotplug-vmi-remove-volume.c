/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-vmi-private.h"

gboolean
_hotplug_vmi_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags, int timeout_msec,
                             GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) aliases = _hotplug_removal_aliases (names, NULL);

  return _hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_VOLUMES, error)
         && _hotplug_vmi_remove_devices (self, (const char *const *)aliases, flags, timeout_msec, cancellable, error);
}

static gboolean
remove_volume (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec, GCancellable *cancellable,
               GError **error)
{
  const char *const names[] = { name, NULL };

  return _hotplug_vmi_remove_volumes (self, names, flags, timeout_msec, cancellable, error);
}

/**
 * hotplug_vmi_remove_volume:
 * @self: a VMI
 * @name: the volume's name
 * @flags: %HOTPLUG_PLUG_PERSIST takes it out of the template too, which a stopped VMI needs; with
 *   %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @timeout_msec: how long to wait for the guest, in milliseconds; -1 for half a minute, 0 to ask and not wait
 * @cancellable: (nullable): a #GCancellable; it ends the wait, not the removal
 * @error: return location for a #GError
 *
 * Unplugs a volume that libhotplug plugged out of the running VMI, and with %HOTPLUG_PLUG_PERSIST out of its template,
 * and returns when the guest has really let go of it. Without it a volume that is persisted is back at the next start,
 * as in KubeVirt; hotplug_plan_item_is_returning() tells. What is not persisted is gone either way.
 *
 * Of a SCSI volume that is the hypervisor's word: QEMU takes it away without waiting for the
 * guest, whose kernel drops the name of the disk a moment later. A virtio volume goes only when the guest says so.
 *
 * A disk that a block job or a backup is at work on is %HOTPLUG_ERROR_BUSY. The template's entry of a volume that the
 * guest does not let go of stays, or is put back, as libvirt had it.
 *
 * A guest that does not answer in time gives %HOTPLUG_ERROR_TIMEOUT. The volume is then in phase
 * %HOTPLUG_VOLUME_PHASE_DETACHING, its name and its target stay taken, and with %HOTPLUG_PLUG_PERSIST it won't be back
 * at the next start. When the guest lets go later the record follows: at once in a process that has the VMI open, else
 * with its next call. The call may be repeated: it asks again and waits again.
 *
 * Removing a volume of phase %HOTPLUG_VOLUME_PHASE_FAILED forgets that it failed.
 *
 * Returns: %TRUE when it is gone, %FALSE with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
 *   %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_TIMEOUT, %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_BUSY,
 *   %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volume (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_volume (self, name, flags, timeout_msec, cancellable, error);
}

typedef struct
{
  char *name;
  HotplugPlugFlags flags;
  int timeout_msec;
} RemoveData;

static void
free_remove_data (gpointer data)
{
  RemoveData *remove = data;

  g_free (remove->name);
  g_free (remove);
}

static gpointer
remove_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  RemoveData *remove = data;

  return GINT_TO_POINTER (
      remove_volume (HOTPLUG_VMI (source), remove->name, remove->flags, remove->timeout_msec, cancellable, error));
}

/**
 * hotplug_vmi_remove_volume_async:
 * @self: a VMI
 * @name: the volume's name
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: see hotplug_vmi_remove_volume()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_remove_volume().
 *
 * Since: 0.1
 */
void
hotplug_vmi_remove_volume_async (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (name != NULL);

  RemoveData *data = g_new0 (RemoveData, 1);
  data->name = g_strdup (name);
  data->flags = flags;
  data->timeout_msec = timeout_msec;
  _hotplug_task_run (self, hotplug_vmi_remove_volume_async, remove_in_thread, data, free_remove_data, NULL, cancellable,
                     callback, user_data);
}

/**
 * hotplug_vmi_remove_volume_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_remove_volume()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volume_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_remove_volume_async, error) != NULL;
}
