/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-task-private.h"
#include "vmi/hotplug-plan-private.h"

/**
 * hotplug_vmi_plan_update_interface:
 * @self: a VMI
 * @name: the interface's name
 * @state: see hotplug_vmi_update_interface()
 * @attachment: (nullable): see hotplug_vmi_update_interface()
 * @flags: %HOTPLUG_PLUG_PERSIST or %HOTPLUG_PLUG_NONE, as for hotplug_vmi_update_interface(); %HOTPLUG_PLUG_DRY_RUN
 *   changes nothing here
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * What hotplug_vmi_update_interface() would do with the same arguments; see hotplug_vmi_plan_add_volumes(). What is so
 * already has an item that is neither live nor persisted.
 *
 * Returns: (transfer full): the plan, or %NULL with an error of hotplug_vmi_update_interface()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_update_interface (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                   HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (state <= HOTPLUG_INTERFACE_STATE_UNCHANGED, NULL);
  g_return_val_if_fail (attachment == NULL || HOTPLUG_IS_NETWORK_ATTACHMENT (attachment), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return _hotplug_vmi_plan_update (self, name, state, attachment, flags, cancellable, error);
}

typedef struct
{
  char *name;
  HotplugInterfaceState state;
  HotplugNetworkAttachment *attachment; /* nullable */
  HotplugPlugFlags flags;
} Wanted;

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_free (wanted->name);
  g_clear_object (&wanted->attachment);
  g_free (wanted);
}

static gpointer
plan_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const Wanted *wanted = data;

  return _hotplug_vmi_plan_update (HOTPLUG_VMI (source), wanted->name, wanted->state, wanted->attachment, wanted->flags,
                                   cancellable, error);
}

/**
 * hotplug_vmi_plan_update_interface_async:
 * @self: a VMI
 * @name: the interface's name
 * @state: see hotplug_vmi_update_interface()
 * @attachment: (nullable): see hotplug_vmi_update_interface()
 * @flags: see hotplug_vmi_plan_update_interface()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_plan_update_interface().
 *
 * Since: 0.1
 */
void
hotplug_vmi_plan_update_interface_async (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                         HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (state <= HOTPLUG_INTERFACE_STATE_UNCHANGED);
  g_return_if_fail (attachment == NULL || HOTPLUG_IS_NETWORK_ATTACHMENT (attachment));

  Wanted *wanted = g_new0 (Wanted, 1);
  wanted->name = g_strdup (name);
  wanted->state = state;
  wanted->attachment = attachment != NULL ? g_object_ref (attachment) : NULL;
  wanted->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_plan_update_interface_async, plan_in_thread, wanted, free_wanted,
                     (GDestroyNotify)hotplug_plan_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_plan_update_interface_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_plan_update_interface()
 *
 * Since: 0.1
 */
HotplugPlan *
hotplug_vmi_plan_update_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_plan_update_interface_async, error);
}
