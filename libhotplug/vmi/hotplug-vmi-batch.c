/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-vmi-private.h"

typedef struct
{
  GPtrArray *volumes; /* HotplugVolume */
  HotplugPlugFlags flags;
} AddData;

static void
free_add_data (gpointer data)
{
  AddData *add = data;

  g_ptr_array_unref (add->volumes);
  g_free (add);
}

/**
 * hotplug_vmi_add_volumes:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume): what to plug, at least one
 * @flags: see hotplug_vmi_add_volume()
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs several volumes as one: all of them, or none. The machine is read once, the template is written once, and the
 * volumes are attached one after another in their order. If the hypervisor refuses one, those before it are taken back:
 * of virtio volumes the guest has to let go, and one that it does not let go of in ten seconds is left in phase
 * %HOTPLUG_VOLUME_PHASE_DETACHING. Only the one that was refused gets the phase %HOTPLUG_VOLUME_PHASE_FAILED.
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): how the volumes stand, in the order of @volumes, or
 *   %NULL with an error of hotplug_vmi_add_volume(), which names the volume
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_add_volumes (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags, GCancellable *cancellable,
                         GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (volumes != NULL && volumes->len > 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _hotplug_vmi_add_volumes (self, volumes, flags, cancellable, error);
}

static gpointer
add_all_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  AddData *add = data;

  return _hotplug_vmi_add_volumes (HOTPLUG_VMI (source), add->volumes, add->flags, cancellable, error);
}

/**
 * hotplug_vmi_add_volumes_async:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume): what to plug, at least one
 * @flags: see hotplug_vmi_add_volume()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_add_volumes().
 *
 * Since: 0.1
 */
void
hotplug_vmi_add_volumes_async (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (volumes != NULL && volumes->len > 0);

  AddData *data = g_new0 (AddData, 1);
  data->volumes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < volumes->len; i++)
    g_ptr_array_add (data->volumes, g_object_ref (g_ptr_array_index (volumes, i)));
  data->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_add_volumes_async, add_all_in_thread, data, free_add_data,
                     (GDestroyNotify)g_ptr_array_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_add_volumes_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer container) (element-type HotplugVolumeStatus): as hotplug_vmi_add_volumes()
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_vmi_add_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_add_volumes_async, error);
}

/**
 * hotplug_vmi_remove_volumes:
 * @self: a VMI
 * @names: (array zero-terminated=1): the names of the volumes, at least one
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: how long to wait for the guest to let go of all of them, in milliseconds; -1 for half a minute, 0 to
 *   ask and not wait
 * @cancellable: (nullable): a #GCancellable; it ends the wait, not the removal
 * @error: return location for a #GError
 *
 * Unplugs several volumes together. All are checked before anything is changed: if one can't be removed, none is. The
 * guest is asked for all of them before the first answer is waited for, and the template is written once. What is
 * refused all the same stays as it was, and so does what comes behind one that the hypervisor refuses, which is not
 * asked for; what the guest lets go of is gone, since it can't be given back unseen. The error tells of each how it
 * stands.
 *
 * Returns: %TRUE when all are gone, %FALSE with an error of hotplug_vmi_remove_volume(), which names the volumes
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags, int timeout_msec,
                            GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (names != NULL && names[0] != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _hotplug_vmi_remove_volumes (self, names, flags, timeout_msec, cancellable, error);
}

typedef struct
{
  GStrv names;
  HotplugPlugFlags flags;
  int timeout_msec;
} RemoveData;

static void
free_remove_data (gpointer data)
{
  RemoveData *remove = data;

  g_strfreev (remove->names);
  g_free (remove);
}

static gpointer
remove_all_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  RemoveData *remove = data;

  return GINT_TO_POINTER (_hotplug_vmi_remove_volumes (HOTPLUG_VMI (source), (const char *const *)remove->names,
                                                       remove->flags, remove->timeout_msec, cancellable, error));
}

/**
 * hotplug_vmi_remove_volumes_async:
 * @self: a VMI
 * @names: (array zero-terminated=1): the names of the volumes, at least one
 * @flags: see hotplug_vmi_remove_volume()
 * @timeout_msec: see hotplug_vmi_remove_volumes()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_remove_volumes().
 *
 * Since: 0.1
 */
void
hotplug_vmi_remove_volumes_async (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags, int timeout_msec,
                                  GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (names != NULL && names[0] != NULL);

  RemoveData *data = g_new0 (RemoveData, 1);
  data->names = g_strdupv ((char **)names);
  data->flags = flags;
  data->timeout_msec = timeout_msec;
  _hotplug_task_run (self, hotplug_vmi_remove_volumes_async, remove_all_in_thread, data, free_remove_data, NULL,
                     cancellable, callback, user_data);
}

/**
 * hotplug_vmi_remove_volumes_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_remove_volumes()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_remove_volumes_async, error) != NULL;
}
