/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-name-private.h"
#include "base/hotplug-task-private.h"
#include "vmi/hotplug-host-configuration-private.h"
#include "vmi/hotplug-vmi-private.h"

static HotplugInterfaceStatus *
add_interface (HotplugVmi *self, HotplugInterface *interface, HotplugPlugFlags flags, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();
  g_auto (HotplugAdded) added = { NULL };

  g_ptr_array_add (wanted, interface);
  return _hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_NICS, error)
                 && _hotplug_vmi_add_devices (self, wanted, flags, cancellable, &added, error)
             ? hotplug_interface_status_ref (g_ptr_array_index (added.interfaces, 0))
             : NULL;
}

static gboolean
remove_interface (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                  GCancellable *cancellable, GError **error)
{
  g_autofree char *alias = _hotplug_interface_alias (name);
  const char *const aliases[] = { alias, NULL };

  return _hotplug_host_check_gate (hotplug_vmi_get_host (self), HOTPLUG_GATE_NICS, error)
         && _hotplug_vmi_remove_devices (self, aliases, flags, timeout_msec, cancellable, error);
}

/**
 * hotplug_vmi_add_interface:
 * @self: a VMI
 * @interface: what to plug
 * @flags: with %HOTPLUG_PLUG_PERSIST the template is changed too; with %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the machine is touched
 * @error: return location for a #GError
 *
 * Plugs a network interface into a running VMI, and with %HOTPLUG_PLUG_PERSIST into its template with the same MAC
 * address at the same PCI address. On a stopped VMI the template alone is changed. Without %HOTPLUG_PLUG_PERSIST it
 * comes back when the VMI is started by hotplug_vmi_start().
 *
 * Everything that can be checked is checked before the machine is touched: that a PCI port is free, that the host has
 * the bridge of the network attachment, which is looked up on the host if @interface has only its name, and that no
 * other interface has the MAC address. One that was given is looked for on all machines of the host; one that is made
 * has 40 random bits instead. A call that fails leaves the running machine, the template and the metadata as they were.
 *
 * Where the host of a running VMI has no such bridge, or hotplug.conf(5) says that interfaces come by migration, the
 * interface is recorded and nothing else: its status is of phase %HOTPLUG_INTERFACE_PHASE_PENDING, with the reason
 * `MigrationRequired`. It is attached by the next hotplug_vmi_start() or hotplug_vmi_bring_back_volumes() that can, if
 * a PCI port is free then.
 *
 * Returns: (transfer full): how the interface stands, or %NULL with
 *   %HOTPLUG_ERROR_EXISTS, %HOTPLUG_ERROR_MAC_IN_USE, %HOTPLUG_ERROR_BOOT_ORDER, %HOTPLUG_ERROR_NO_PCI_SLOT,
 *   %HOTPLUG_ERROR_NOT_FOUND (no such network attachment), %HOTPLUG_ERROR_NETWORK_MISSING (of a VMI that is
 *   stopped or transient),
 *   %HOTPLUG_ERROR_NETWORK_UNSUPPORTED, %HOTPLUG_ERROR_INVALID_ARGUMENT, %HOTPLUG_ERROR_FEATURE_DISABLED,
 *   %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_BUSY, %HOTPLUG_ERROR_CONNECTION or
 *   %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_add_interface (HotplugVmi *self, HotplugInterface *interface, HotplugPlugFlags flags,
                           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (interface), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return add_interface (self, interface, flags, cancellable, error);
}

/**
 * hotplug_vmi_remove_interface:
 * @self: a VMI
 * @name: the interface's name
 * @flags: %HOTPLUG_PLUG_PERSIST takes it out of the template too, which a stopped VMI needs; with
 *   %HOTPLUG_PLUG_DRY_RUN nothing is changed
 * @timeout_msec: how long to wait for the guest, in milliseconds; -1 for half a minute, 0 to ask and not wait
 * @cancellable: (nullable): a #GCancellable; it ends the wait, not the removal
 * @error: return location for a #GError
 *
 * Takes an interface that was hotplugged out of the running VMI, and with %HOTPLUG_PLUG_PERSIST out of its template,
 * and returns when the guest has let go of it: its tap device is then gone from the host. What
 * hotplug_vmi_remove_volume() says of what is persisted, and of a guest that does not answer, holds here too. The VMI's
 * own interfaces, the primary one among them, are not removed.
 *
 * Returns: %TRUE when it is gone, %FALSE with %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_NOT_HOTPLUGGABLE,
 *   %HOTPLUG_ERROR_FEATURE_DISABLED, %HOTPLUG_ERROR_TIMEOUT, %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_BUSY,
 *   %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_interface (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                              GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return remove_interface (self, name, flags, timeout_msec, cancellable, error);
}

/* What one of the asynchronous calls was asked for */
typedef struct
{
  HotplugInterface *interface; /* nullable: to be added */
  char *name;                  /* nullable: to be removed */
  HotplugPlugFlags flags;
  int timeout_msec;
} Wanted;

static void
free_wanted (gpointer data)
{
  Wanted *wanted = data;

  g_clear_object (&wanted->interface);
  g_free (wanted->name);
  g_free (wanted);
}

static gpointer
add_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const Wanted *wanted = data;

  return add_interface (HOTPLUG_VMI (source), wanted->interface, wanted->flags, cancellable, error);
}

static gpointer
remove_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const Wanted *wanted = data;

  return GINT_TO_POINTER (
      remove_interface (HOTPLUG_VMI (source), wanted->name, wanted->flags, wanted->timeout_msec, cancellable, error));
}

/**
 * hotplug_vmi_add_interface_async:
 * @self: a VMI
 * @interface: what to plug
 * @flags: see hotplug_vmi_add_interface()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_add_interface().
 *
 * Since: 0.1
 */
void
hotplug_vmi_add_interface_async (HotplugVmi *self, HotplugInterface *interface, HotplugPlugFlags flags,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (HOTPLUG_IS_INTERFACE (interface));

  Wanted *wanted = g_new0 (Wanted, 1);
  wanted->interface = g_object_ref (interface);
  wanted->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_add_interface_async, add_in_thread, wanted, free_wanted,
                     (GDestroyNotify)hotplug_interface_status_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_add_interface_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_add_interface()
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_vmi_add_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_add_interface_async, error);
}

/**
 * hotplug_vmi_remove_interface_async:
 * @self: a VMI
 * @name: the interface's name
 * @flags: see hotplug_vmi_remove_interface()
 * @timeout_msec: see hotplug_vmi_remove_interface()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_remove_interface().
 *
 * Since: 0.1
 */
void
hotplug_vmi_remove_interface_async (HotplugVmi *self, const char *name, HotplugPlugFlags flags, int timeout_msec,
                                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (name != NULL);

  Wanted *wanted = g_new0 (Wanted, 1);
  wanted->name = g_strdup (name);
  wanted->flags = flags;
  wanted->timeout_msec = timeout_msec;
  _hotplug_task_run (self, hotplug_vmi_remove_interface_async, remove_in_thread, wanted, free_wanted, NULL, cancellable,
                     callback, user_data);
}

/**
 * hotplug_vmi_remove_interface_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_remove_interface()
 *
 * Since: 0.1
 */
gboolean
hotplug_vmi_remove_interface_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_remove_interface_async, error) != NULL;
}
