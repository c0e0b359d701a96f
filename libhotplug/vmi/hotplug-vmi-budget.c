/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "rules/hotplug-budget-private.h"
#include "vmi/hotplug-return-private.h"

static HotplugPciBudget *
get_live (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_look (self, error);
  if (session == NULL)
    return NULL;
  if (session->live != NULL)
    return _hotplug_budget_compute (session->live, error);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
               "vmi \"%s\" is not running; its template has a budget of its own", hotplug_vmi_get_name (self));
  return NULL;
}

/**
 * hotplug_vmi_get_pci_budget:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks at what the running machine has room for now. It waits for nobody.
 *
 * Returns: (transfer full): the budget, or %NULL with %HOTPLUG_ERROR_VMI_NOT_RUNNING, %HOTPLUG_ERROR_NOT_FOUND or
 *   %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_vmi_get_pci_budget (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_live (self, cancellable, error);
}

static gpointer
get_live_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return get_live (HOTPLUG_VMI (source), cancellable, error);
}

/**
 * hotplug_vmi_get_pci_budget_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_get_pci_budget().
 *
 * Since: 0.1
 */
void
hotplug_vmi_get_pci_budget_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_get_pci_budget_async, get_live_in_thread, NULL, NULL,
                     (GDestroyNotify)hotplug_pci_budget_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_get_pci_budget_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_get_pci_budget()
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_vmi_get_pci_budget_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_get_pci_budget_async, error);
}

static HotplugPciBudget *
get_of_template (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  g_autoptr (HotplugSession) session = _hotplug_session_look (self, error);
  if (session == NULL)
    return NULL;
  if (session->template != NULL)
    {
      g_autoptr (HotplugDomain) coming = _hotplug_return_foresee (session, NULL, NULL);
      return _hotplug_budget_compute (coming, error);
    }

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT, "vmi \"%s\" is transient: it has no template",
               hotplug_vmi_get_name (self));
  return NULL;
}

/**
 * hotplug_vmi_get_template_pci_budget:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @error: return location for a #GError
 *
 * Looks at what the machine will have room for after its next start through libhotplug, which brings back what is
 * recorded: volumes and interfaces that are not persisted are counted at the places that they will have. It waits for
 * nobody.
 *
 * Returns: (transfer full): the budget, or %NULL with %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_NOT_FOUND or
 *   %HOTPLUG_ERROR_CONNECTION
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_vmi_get_template_pci_budget (HotplugVmi *self, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return get_of_template (self, cancellable, error);
}

static gpointer
get_of_template_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  return get_of_template (HOTPLUG_VMI (source), cancellable, error);
}

/**
 * hotplug_vmi_get_template_pci_budget_async:
 * @self: a VMI
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_get_template_pci_budget().
 *
 * Since: 0.1
 */
void
hotplug_vmi_get_template_pci_budget_async (HotplugVmi *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));

  _hotplug_task_run (self, hotplug_vmi_get_template_pci_budget_async, get_of_template_in_thread, NULL, NULL,
                     (GDestroyNotify)hotplug_pci_budget_unref, cancellable, callback, user_data);
}

/**
 * hotplug_vmi_get_template_pci_budget_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: (transfer full): as hotplug_vmi_get_template_pci_budget()
 *
 * Since: 0.1
 */
HotplugPciBudget *
hotplug_vmi_get_template_pci_budget_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  return _hotplug_task_finish (self, result, hotplug_vmi_get_template_pci_budget_async, error);
}
