/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-removal-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"

/* How long a guest may take to let go of what an add has brought, and failed */
#define PATIENCE (10 * G_TIME_SPAN_SECOND)

/* The controller that an intent tells of, if it is ours and idle: somebody else may have put a device on it
 * meanwhile. */
static HotplugController *
find_idle_controller (const HotplugDomain *domain, guint index)
{
  g_autofree char *alias = _hotplug_controller_alias (index);
  HotplugController *controller = _hotplug_domain_find_controller (domain, "scsi", index);

  gboolean ours = controller != NULL && g_strcmp0 (controller->alias, alias) == 0;
  return ours && !_hotplug_domain_uses_scsi (domain, index) ? controller : NULL;
}

static gboolean
take_template_controller_back (HotplugSession *self, guint index, GError **error)
{
  HotplugController *controller = find_idle_controller (self->template, index);

  if (controller == NULL)
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (controller);
  return _hotplug_session_detach_from_template (self, xml, error);
}

static gboolean
is_bus_in_use (const HotplugDomain *domain, guint bus)
{
  for (guint i = 0; i < domain->devices->len; i++)
    {
      const HotplugAddress *address = &g_array_index (domain->devices, HotplugDevice, i).address;
      if (address->kind == HOTPLUG_ADDRESS_PCI && address->bus == bus)
        return TRUE;
    }
  return FALSE;
}

static gboolean
take_port_back (HotplugSession *self, guint index, GError **error)
{
  if (!_hotplug_session_refresh (self, error))
    return FALSE;

  HotplugController *port = _hotplug_domain_find_controller (self->template, "pci", index);
  if (port == NULL || is_bus_in_use (self->template, index))
    return TRUE;

  g_autofree char *xml = _hotplug_controller_to_xml (port);
  return _hotplug_session_detach_from_template (self, xml, error);
}

/* A controller is a PCI device, so that the guest must let go of it. If it does not, the controller is doomed: it goes
 * when the guest answers, and until then no disk may be put on it. */
static gboolean
take_live_controller_back (HotplugSession *self, guint index, GError **error)
{
  HotplugController *controller = find_idle_controller (self->live, index);
  HotplugRemovalAnswer answer = HOTPLUG_REMOVAL_WAITING;

  if (controller == NULL)
    return TRUE;

  g_autoptr (HotplugRemoval) removal = _hotplug_removal_new (self->vmi, controller->alias);
  if (!_hotplug_removal_ask (removal, error))
    return FALSE;
  _hotplug_removal_wait (removal, g_get_monotonic_time () + PATIENCE, NULL, &answer, NULL);
  g_debug ("vmi \"%s\": %s %s", hotplug_vmi_get_name (self->vmi), controller->alias,
           answer == HOTPLUG_REMOVAL_GONE ? "is gone again" : "waits for the guest to let go");
  if (answer != HOTPLUG_REMOVAL_GONE)
    _hotplug_journal_doom (self->journal, controller->alias, self->live->run);
  return TRUE;
}

/* Devices that the guest was given before another was refused: it is asked for all of them, then waited for. */
static gboolean
take_devices_back (HotplugSession *self, const char *const *aliases, GError **error)
{
  g_autoptr (GPtrArray) removals = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_removal_free);
  g_autoptr (GPtrArray) asked = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_record_free);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  gint64 until = g_get_monotonic_time () + PATIENCE;

  for (guint i = 0; aliases[i] != NULL; i++)
    {
      HotplugRecord *device = _hotplug_record_new_of (HOTPLUG_RECORD_REMOVING, self->live, aliases[i]);
      if (device == NULL)
        continue;

      HotplugRemoval *removal = _hotplug_removal_new (self->vmi, aliases[i]);
      g_ptr_array_add (removals, removal);
      g_ptr_array_add (asked, device);
      if (!_hotplug_removal_ask (removal, error))
        return FALSE;
    }

  for (guint i = 0; i < removals->len; i++)
    {
      HotplugRemovalAnswer answer = HOTPLUG_REMOVAL_WAITING;
      _hotplug_removal_wait (g_ptr_array_index (removals, i), until, NULL, &answer, NULL);
      if (answer != HOTPLUG_REMOVAL_GONE)
        g_ptr_array_add (kept, g_ptr_array_index (asked, i));
    }
  return kept->len == 0 || _hotplug_session_write_records (self, HOTPLUG_RECORD_REMOVING, kept, error);
}

static gboolean
take_ports_back (HotplugSession *self, const GArray *ports, GError **error)
{
  for (guint i = 0; ports != NULL && i < ports->len; i++)
    {
      if (!take_port_back (self, g_array_index (ports, guint, i), error))
        return FALSE;
    }
  return TRUE;
}

gboolean
_hotplug_session_take_back (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  const char *const *list = (const char *const *)intent->devices;

  return _hotplug_session_refresh (self, error) && _hotplug_session_drop_from_template (self, list, error)
         && _hotplug_session_drop_records (self, list, error) && take_devices_back (self, list, error)
         && _hotplug_session_refresh (self, error)
         && (!intent->controller_template || take_template_controller_back (self, intent->controller_index, error))
         && take_ports_back (self, intent->ports, error)
         && (!intent->controller_live || take_live_controller_back (self, intent->controller_index, error));
}

gboolean
_hotplug_session_take_lost_back (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  if (self->live != NULL)
    _hotplug_connection_clear_leftovers (self->connection, hotplug_vmi_get_uuid (self->vmi),
                                         (const char *const *)intent->devices);
  return _hotplug_session_take_back (self, intent, error);
}
