/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-task-private.h"
#include "rules/hotplug-reservation-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-domain-xml-private.h"
#include "xml/hotplug-template-xml-private.h"

static GPtrArray *
write_controllers (const HotplugReservation *reservation)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < reservation->indexes->len; i++)
    {
      const HotplugController controller = {
        .type = (char *)"pci",
        .model = (char *)reservation->model,
        .index = g_array_index (reservation->indexes, guint, i),
        .address = g_array_index (reservation->places, HotplugAddress, i),
      };
      g_ptr_array_add (devices, _hotplug_controller_to_xml (&controller));
    }
  return devices;
}

/* A device's place and what it is: enough to miss one that was moved */
static GHashTable *
list_places (const HotplugDomain *template)
{
  GHashTable *places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < template->devices->len; i++)
    {
      const HotplugDevice *device = &g_array_index (template->devices, HotplugDevice, i);
      g_autofree char *address = _hotplug_address_to_string (&device->address);
      if (address != NULL && device->address.kind == HOTPLUG_ADDRESS_PCI)
        g_hash_table_add (
            places, g_strdup_printf ("%s %s %s", device->element, address, device->model != NULL ? device->model : ""));
    }
  return places;
}

static gboolean
check_nothing_moved (HotplugSession *session, const HotplugDomain *before, GError **error)
{
  g_autoptr (GHashTable) old = list_places (before);
  g_autoptr (GHashTable) new = list_places (session->template);
  GHashTableIter iter;
  gpointer place;

  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, &place, NULL))
    {
      if (!g_hash_table_contains (new, place))
        {
          g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR,
                       "vmi \"%s\": the hypervisor moved \"%s\" to make room for ports; the template is as it was",
                       hotplug_vmi_get_name (session->vmi), (const char *)place);
          return FALSE;
        }
    }
  return TRUE;
}

/* A connection that broke may have broken after the deed */
static gboolean
was_done (HotplugSession *session, const HotplugReservation *reservation, const GError *refused)
{
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION) || !_hotplug_session_refresh (session, NULL))
    return FALSE;

  for (guint i = 0; i < reservation->indexes->len; i++)
    {
      if (_hotplug_domain_find_controller (session->template, "pci", g_array_index (reservation->indexes, guint, i))
          == NULL)
        return FALSE;
    }
  return TRUE;
}

/* One write of the whole template, planned on what is read right before it. Should libvirt move a device after all, the
 * old template is written again. */
static gboolean
write_template (HotplugSession *session, const char *text, const HotplugDomain *before,
                const HotplugReservation *reservation, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (session->vmi);
  g_autoptr (GPtrArray) devices = write_controllers (reservation);
  g_autofree char *changed = _hotplug_template_add_devices (text, devices, NULL, error);

  g_autoptr (GError) refused = NULL;

  if (changed == NULL)
    return FALSE;
  if (!_hotplug_connection_define (session->connection, uuid, changed, &refused)
      && !was_done (session, reservation, refused))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  if (!_hotplug_session_refresh (session, error))
    return FALSE;
  if (check_nothing_moved (session, before, error))
    return TRUE;

  _hotplug_connection_define (session->connection, uuid, text, NULL);
  return FALSE;
}

/* How many ports came to it; -1 with @error */
static int
reserve (HotplugVmi *self, int ports, int keep_free, HotplugPlugFlags flags, GCancellable *cancellable, GError **error)
{
  g_auto (HotplugReservation) reservation = { 0 };
  g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);

  if (session == NULL)
    return -1;
  if (session->template == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_TRANSIENT,
                   "vmi \"%s\" is transient: it has no template that ports could be added to",
                   hotplug_vmi_get_name (self));
      return -1;
    }

  g_autofree char *text = _hotplug_connection_read_template (session->connection, hotplug_vmi_get_uuid (self), error);
  g_autoptr (HotplugDomain) before = text != NULL ? _hotplug_domain_from_xml (text, error) : NULL;
  if (before == NULL || !_hotplug_reservation_plan (before, ports, keep_free, &reservation, error))
    return -1;
  if (reservation.indexes->len > 0 && !(flags & HOTPLUG_PLUG_DRY_RUN)
      && !write_template (session, text, before, &reservation, error))
    return -1;

  g_debug ("vmi \"%s\": %u ports more in the template", hotplug_vmi_get_name (self), reservation.ports);
  return (int)reservation.ports;
}

/**
 * hotplug_vmi_reserve_ports:
 * @self: a VMI
 * @ports: how many PCI ports there shall be for hotplugged devices, those included that are in use by such; -1 if it
 *   does not matter
 * @keep_free: how many PCI ports shall be free; -1 if it does not matter
 * @flags: %HOTPLUG_PLUG_NONE, or %HOTPLUG_PLUG_DRY_RUN, with which nothing is changed
 * @cancellable: (nullable): a #GCancellable; looked at until the template is touched
 * @error: return location for a #GError
 *
 * Adds PCI ports to the template, for the next start: a machine has those that it was started with. On `q35` and `virt`
 * these are `pcie-root-port` controllers, packed eight to a slot, on other machines a `pci-bridge` where slots run out.
 * No device of the template changes its address, and what is there already is counted, so that a second call adds
 * nothing. The new ones come behind all others, so that the guest too finds the others where they were, under the same
 * bus numbers; only if there is no more room behind them, they come before.
 *
 * If both numbers are -1, KubeVirt's rule says how many shall be free: up to 2 GiB of memory 8 less one for each PCI
 * device, and at least 3; above, 16 less one for each, and at least 6.
 *
 * Returns: how many ports were added, or -1 with %HOTPLUG_ERROR_NO_PCI_SLOT (so many don't fit, or the machine has no
 *   PCI hotplug), %HOTPLUG_ERROR_VMI_TRANSIENT, %HOTPLUG_ERROR_NOT_FOUND, %HOTPLUG_ERROR_BUSY,
 *   %HOTPLUG_ERROR_CONNECTION or %HOTPLUG_ERROR_HYPERVISOR
 *
 * Since: 0.1
 */
int
hotplug_vmi_reserve_ports (HotplugVmi *self, int ports, int keep_free, HotplugPlugFlags flags,
                           GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_VMI (self), -1);
  g_return_val_if_fail (ports >= -1 && keep_free >= -1, -1);
  g_return_val_if_fail (error == NULL || *error == NULL, -1);

  return reserve (self, ports, keep_free, flags, cancellable, error);
}

typedef struct
{
  int ports;
  int keep_free;
  HotplugPlugFlags flags;
} ReserveData;

static gpointer
reserve_in_thread (gpointer source, gpointer data, GCancellable *cancellable, GError **error)
{
  const ReserveData *wanted = data;
  int *added = g_new (int, 1);

  *added = reserve (HOTPLUG_VMI (source), wanted->ports, wanted->keep_free, wanted->flags, cancellable, error);
  if (*added < 0)
    g_clear_pointer (&added, g_free);
  return added;
}

/**
 * hotplug_vmi_reserve_ports_async:
 * @self: a VMI
 * @ports: see hotplug_vmi_reserve_ports()
 * @keep_free: see hotplug_vmi_reserve_ports()
 * @flags: see hotplug_vmi_reserve_ports()
 * @cancellable: (nullable): a #GCancellable
 * @callback: (scope async) (closure user_data): called when it is done
 * @user_data: data for @callback
 *
 * The asynchronous twin of hotplug_vmi_reserve_ports().
 *
 * Since: 0.1
 */
void
hotplug_vmi_reserve_ports_async (HotplugVmi *self, int ports, int keep_free, HotplugPlugFlags flags,
                                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (HOTPLUG_IS_VMI (self));
  g_return_if_fail (ports >= -1 && keep_free >= -1);

  ReserveData *data = g_new0 (ReserveData, 1);
  data->ports = ports;
  data->keep_free = keep_free;
  data->flags = flags;
  _hotplug_task_run (self, hotplug_vmi_reserve_ports_async, reserve_in_thread, data, g_free, g_free, cancellable,
                     callback, user_data);
}

/**
 * hotplug_vmi_reserve_ports_finish:
 * @self: a VMI
 * @result: what the callback was given
 * @error: return location for a #GError
 *
 * Returns: as hotplug_vmi_reserve_ports()
 *
 * Since: 0.1
 */
int
hotplug_vmi_reserve_ports_finish (HotplugVmi *self, GAsyncResult *result, GError **error)
{
  g_autofree int *added = _hotplug_task_finish (self, result, hotplug_vmi_reserve_ports_async, error);

  return added != NULL ? *added : -1;
}
