/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-spare-port-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-template-xml-private.h"

/* libvirt has a call that changes one device of a template, and each writes the whole of it: a device at a time is
 * quadratic. From two on the template is read, changed and defined again. libvirt has no compare-and-set, so it is
 * read right before it is written; where others have taken a place since the plan, libvirt refuses the whole. */

gboolean
_hotplug_session_define_with (HotplugSession *self, const GPtrArray *devices, const char *element, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);
  g_autofree char *text = _hotplug_connection_read_template (self->connection, uuid, error);
  g_autofree char *changed = text != NULL ? _hotplug_template_add_devices (text, devices, element, error) : NULL;

  return changed != NULL && _hotplug_connection_define (self->connection, uuid, changed, error);
}

gboolean
_hotplug_session_add_to_template (HotplugSession *self, const GPtrArray *devices, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);

  if (devices->len == 1)
    return _hotplug_connection_attach (self->connection, uuid, HOTPLUG_SIDE_TEMPLATE, g_ptr_array_index (devices, 0),
                                       error);
  return _hotplug_session_define_with (self, devices, NULL, error);
}

gboolean
_hotplug_session_detach_from_template (HotplugSession *self, const char *xml, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_detach (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_TEMPLATE, xml,
                                  &refused)
      || g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

/* That it is not there is no error, and libvirt has no code of its own for that. */
static gboolean
drop_one (HotplugSession *self, const char *alias, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (_hotplug_connection_drop (self->connection, hotplug_vmi_get_uuid (self->vmi), alias, &refused))
    return TRUE;
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION) && _hotplug_session_refresh (self, NULL)
      && !_hotplug_domain_has_alias (self->template, alias))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

gboolean
_hotplug_session_drop_from_template (HotplugSession *self, const char *const *aliases, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);
  const char *last = NULL;
  guint count = 0;

  for (guint i = 0; aliases[i] != NULL; i++)
    {
      if (!_hotplug_domain_has_alias (self->template, aliases[i]))
        continue;
      count++;
      last = aliases[i];
    }
  if (count < 2)
    return count == 0 || drop_one (self, last, error);

  g_autofree char *text = _hotplug_connection_read_template (self->connection, uuid, error);
  g_autofree char *changed = text != NULL ? _hotplug_template_drop_devices (text, aliases, error) : NULL;
  return changed != NULL && _hotplug_connection_define (self->connection, uuid, changed, error);
}

GPtrArray *
_hotplug_session_list_template (HotplugSession *self, const char *const *aliases, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);
  g_autofree char *text = _hotplug_connection_read_template (self->connection, uuid, error);

  return text != NULL ? _hotplug_template_list_devices (text, aliases, error) : NULL;
}

gboolean
_hotplug_session_restore_in_template (HotplugSession *self, const GPtrArray *devices, GError **error)
{
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);

  if (devices->len == 0)
    return TRUE;

  g_autofree char *text = _hotplug_connection_read_template (self->connection, uuid, error);
  g_autofree char *changed = text != NULL ? _hotplug_template_restore_devices (text, devices, error) : NULL;
  return changed != NULL && _hotplug_connection_define (self->connection, uuid, changed, error);
}

/* A port is not left over as long as the device that it came with may come back to it. */
static gboolean
may_come_back (const HotplugSession *self)
{
  for (guint i = 0; i < self->journal->leaving->len; i++)
    {
      if (((const HotplugLeaving *)g_ptr_array_index (self->journal->leaving, i))->device != NULL)
        return TRUE;
    }
  return FALSE;
}

/* They go last, so that a device that the guest refuses to let go of finds its own place as it was. */
gboolean
_hotplug_session_drop_left_ports (HotplugSession *self, GError **error)
{
  /* what is not there now can't have been left by what has been removed since */
  if (may_come_back (self) || !_hotplug_spare_port_has_any (self->template))
    return TRUE;
  if (!_hotplug_session_refresh (self, error))
    return FALSE;
  if (self->template == NULL)
    return TRUE;

  g_autoptr (GPtrArray) ports = _hotplug_spare_port_list_left_over (self->template, NULL);
  for (guint i = 0; i < ports->len; i++)
    {
      g_autofree char *xml = _hotplug_controller_to_xml (g_ptr_array_index (ports, i));
      if (!_hotplug_session_detach_from_template (self, xml, error))
        return FALSE;
    }
  return TRUE;
}
