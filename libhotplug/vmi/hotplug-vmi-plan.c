/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-plan-private.h"

/* @volumes, @interfaces: (nullable) */
static HotplugPlan *
plan_add (HotplugVmi *self, const GPtrArray *volumes, const GPtrArray *interfaces, HotplugPlugFlags flags,
          GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) devices = _hotplug_addition_list (volumes, interfaces);

  if (!_hotplug_host_check_gates (hotplug_vmi_get_host (self), volumes != NULL && volumes->len > 0,
                                  interfaces != NULL && interfaces->len > 0, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
  g_autoptr (HotplugAddition) addition = session != NULL ? _hotplug_addition_plan (session, devices, flags, error)
                                                         : NULL;
  return addition != NULL ? _hotplug_addition_to_plan (addition, session) : NULL;
}

/* @volumes, @interfaces: (nullable): names */
static HotplugPlan *
plan_remove (HotplugVmi *self, const char *const *volumes, const char *const *interfaces, HotplugPlugFlags flags,
             GCancellable *cancellable, GError **error)
{
  if (!_hotplug_host_check_gates (hotplug_vmi_get_host (self), volumes != NULL && volumes[0] != NULL,
                                  interfaces != NULL && interfaces[0] != NULL, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
  g_auto (GStrv) aliases = _hotplug_removal_aliases (volumes, interfaces);
  return session != NULL ? _hotplug_removal_plan (session, (const char *const *)aliases, flags, error) : NULL;
}

/* What one of the asynchronous calls was asked for */
typedef struct
{
  gboolean adds;
  GPtrArray *volumes;     /* (nullable): HotplugVolume to be added */
  GPtrArray *interfaces;  /* (nullable): HotplugInterface to be added */
  GStrv names;            /* (nullable): volumes to be removed */
  GStrv interface_names;  /* (nullable): interfaces to be removed */
  char *drive;            /* (nullable): to hold */
  HotplugVolume *medium;  /* (nullable): nothing */
  HotplugPlugFlags flags;
} PlanData;

static void
free_plan_data (gpointer data)
{
  PlanData *wanted = data;

  g_clear_pointer (&wanted->volumes, g_ptr_array_unref);
  g_clear_pointer (&wanted->interfaces, g_ptr_array_unref);
  g_strfreev (wanted->names);
  g_strfreev (wanted->interface_names);
  g_free (wanted->drive);
  g_clear_object (&wanted->medium);
  g_free (wanted);
}

static gpointer
plan_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const PlanData *wanted = data;

  if (wanted->adds)
    return plan_add (source, wanted->volumes, wanted->interfaces, wanted->flags, cancellable, error);
  if (wanted->drive == NULL)
    return plan_remove (source, (const char *const *)wanted->names, (const char *const *)wanted->interface_names,
                        wanted->flags, cancellable, error);
  return _hotplug_vmi_plan_media (source, wanted->drive, wanted->medium, wanted->flags, cancellable, error);
}

static void
run (HotplugVmi *self, gpointer tag, const PlanData *wanted, GCancellable *cancellable, GAsyncReadyCallback callback,
     gpointer user_data)
{
  _hotplug_task_run (self, tag, plan_in_thread, g_memdup2 (wanted, sizeof *wanted), free_plan_data,
                     (GDestroyNotify)hotplug_plan_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_add_volumes:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume): what would be plugged, at least one
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_add_volumes(); %HOTPLUG_PLUG_DRY_RUN changes
 *   nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_add_volumes() would do with the same arguments. It goes as far as that does before its first step:
 * the same lock, the same checks in the same order, the same choices, and the same error where it would be refused.
 * What a killed client left is brought to an end first, as by each call; else nothing is changed, not in the running
 * machine, the template or the metadata.
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_add_volume()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_add_volumes (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags, GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (volumes != NULL && volumes->len > 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plan_add (self, volumes, NULL, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_add_volumes_async:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume): what would be plugged, at least one
 * @flags: see hotplug_vmi_plan_add_volumes()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_add_volumes().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_add_volumes_async (HotplugVmi *self, GPtrArray *volumes, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (volumes != NULL && volumes->len > 0);

  const PlanData data = { .adds = TRUE, .volumes = _hotplug_addition_list (volumes, NULL), .flags = flags };
  run (self, hotplug_vmi_plan_add_volumes_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_add_volumes_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_add_volumes()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_add_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_add_volumes_async, error);
}

/**
 * hotplug_vmi_plan_remove_volumes:
 * @self: a VMI
 * @names: (array zero-terminated=1): the names of the volumes, at least one
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_remove_volumes(); %HOTPLUG_PLUG_DRY_RUN
 *   changes nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_remove_volumes() would do with the same arguments, if the guest lets go; see
 * hotplug_vmi_plan_add_volumes().
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_remove_volume()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_remove_volumes (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                 GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (names != NULL && names[0] != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plan_remove (self, names, NULL, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_remove_volumes_async:
 * @self: a VMI
 * @names: (array zero-terminated=1): the names of the volumes, at least one
 * @flags: see hotplug_vmi_plan_remove_volumes()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_remove_volumes().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_remove_volumes_async (HotplugVmi *self, const char *const *names, HotplugPlugFlags flags,
                                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (names != NULL && names[0] != NULL);

  const PlanData data = { .names = g_strdupv ((char **)names), .flags = flags };
  run (self, hotplug_vmi_plan_remove_volumes_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_remove_volumes_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_remove_volumes()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_remove_volumes_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_remove_volumes_async, error);
}

/**
 * hotplug_vmi_plan_add_devices:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume) (nullable): volumes that would be plugged
 * @interfaces: (element-type HotplugInterface) (nullable): interfaces that would be plugged, at least one device in all
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_add_devices(); %HOTPLUG_PLUG_DRY_RUN changes
 *   nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_add_devices() would do with the same arguments, and so of one interface hotplug_vmi_add_interface();
 * see hotplug_vmi_plan_add_volumes(). A MAC address that the interface has not been given is made anew by each call.
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_add_devices()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_add_devices (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                              GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail ((volumes != NULL && volumes->len > 0) || (interfaces != NULL && interfaces->len > 0), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plan_add (self, volumes, interfaces, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_add_devices_async:
 * @self: a VMI
 * @volumes: (element-type HotplugVolume) (nullable): volumes that would be plugged
 * @interfaces: (element-type HotplugInterface) (nullable): interfaces that would be plugged, at least one device in all
 * @flags: see hotplug_vmi_plan_add_devices()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_add_devices().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_add_devices_async (HotplugVmi *self, GPtrArray *volumes, GPtrArray *interfaces, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail ((volumes != NULL && volumes->len > 0) || (interfaces != NULL && interfaces->len > 0));

  const PlanData data = { .adds = TRUE,
                          .volumes = _hotplug_addition_list (volumes, NULL),
                          .interfaces = _hotplug_addition_list (NULL, interfaces),
                          .flags = flags };
  run (self, hotplug_vmi_plan_add_devices_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_add_devices_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_add_devices()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_add_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_add_devices_async, error);
}

/**
 * hotplug_vmi_plan_remove_devices:
 * @self: a VMI
 * @volumes: (array zero-terminated=1) (nullable): the names of volumes
 * @interfaces: (array zero-terminated=1) (nullable): the names of interfaces, at least one device in all
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_remove_devices(); %HOTPLUG_PLUG_DRY_RUN
 *   changes nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_remove_devices() would do with the same arguments, if the guest lets go; see
 * hotplug_vmi_plan_add_volumes().
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_remove_devices()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_remove_devices (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                 HotplugPlugFlags flags, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail ((volumes != NULL && volumes[0] != NULL) || (interfaces != NULL && interfaces[0] != NULL), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return plan_remove (self, volumes, interfaces, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_remove_devices_async:
 * @self: a VMI
 * @volumes: (array zero-terminated=1) (nullable): the names of volumes
 * @interfaces: (array zero-terminated=1) (nullable): the names of interfaces, at least one device in all
 * @flags: see hotplug_vmi_plan_remove_devices()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_remove_devices().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_remove_devices_async (HotplugVmi *self, const char *const *volumes, const char *const *interfaces,
                                       HotplugPlugFlags flags, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail ((volumes != NULL && volumes[0] != NULL) || (interfaces != NULL && interfaces[0] != NULL));

  const PlanData data = {
    .names = g_strdupv ((char **)volumes), .interface_names = g_strdupv ((char **)interfaces), .flags = flags
  };
  run (self, hotplug_vmi_plan_remove_devices_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_remove_devices_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_remove_devices()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_remove_devices_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_remove_devices_async, error);
}

/**
 * hotplug_vmi_plan_insert_media:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @medium: what the drive would hold
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_insert_media(); %HOTPLUG_PLUG_DRY_RUN changes
 *   nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_insert_media() would do with the same arguments; see hotplug_vmi_plan_add_volumes(). Of a drive that
 * holds the medium already nothing would be changed.
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_insert_media()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_insert_media (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (drive != NULL, NULL);
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (medium), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _hotplug_vmi_plan_media (self, drive, medium, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_insert_media_async:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @medium: what the drive would hold
 * @flags: see hotplug_vmi_plan_insert_media()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_insert_media().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_insert_media_async (HotplugVmi *self, const char *drive, HotplugVolume *medium, HotplugPlugFlags flags,
                                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (drive != NULL);
  g_return_if_fail (HOTPLUG_IS_VOLUME (medium));

  const PlanData data = { .drive = g_strdup (drive), .medium = g_object_ref (medium), .flags = flags };
  run (self, hotplug_vmi_plan_insert_media_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_insert_media_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_insert_media()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_insert_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_insert_media_async, error);
}

/**
 * hotplug_vmi_plan_eject_media:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_eject_media(); %HOTPLUG_PLUG_DRY_RUN changes
 *   nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_eject_media() would do with the same arguments; see hotplug_vmi_plan_add_volumes().
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_eject_media()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_eject_media (HotplugVmi *self, const char *drive, HotplugPlugFlags flags, GCancellable *cancellable,
                              GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (drive != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _hotplug_vmi_plan_media (self, drive, NULL, flags, cancellable, error);
}

/**
 * hotplug_vmi_plan_eject_media_async:
 * @self: a VMI
 * @drive: see hotplug_vmi_insert_media()
 * @flags: see hotplug_vmi_plan_eject_media()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_eject_media().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_eject_media_async (HotplugVmi *self, const char *drive, HotplugPlugFlags flags,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (drive != NULL);

  const PlanData data = { .drive = g_strdup (drive), .flags = flags };
  run (self, hotplug_vmi_plan_eject_media_async, &data, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_eject_media_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_eject_media()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_eject_media_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_eject_media_async, error);
}
