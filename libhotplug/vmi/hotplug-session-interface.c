/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-nic-change-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

/* A change of an interface: of what is in the template, of its record, and of what the guest has, in this order. Who
 * finds one that a killed client began carries it on, as a removal: of a libvirt that was killed in the middle it is
 * not known how the link stands in QEMU, and the same change again sets it, where the old one would do nothing. Where
 * the tap device hangs libvirt sees to when it comes back (9.0.0 src/conf/domain_conf.c, virDomainNetNotifyActualDevice
 * ()). */

gboolean
_hotplug_session_write_record_text (HotplugSession *self, const char *text, GError **error)
{
  g_autoptr (HotplugRecord) record = _hotplug_record_from_text (text);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();

  if (record == NULL)
    return TRUE;
  g_ptr_array_add (records, record);
  return _hotplug_session_write_records (self, record->state, records, error);
}

/* By the alias that @text has */
static gboolean
has_record (HotplugSession *self, const char *text)
{
  g_autoptr (HotplugRecord) wanted = _hotplug_record_from_text (text);
  const HotplugDomain *side = _hotplug_session_record_side (self);

  if (wanted == NULL)
    return FALSE;
  const HotplugRecord *record = (wanted->state == HOTPLUG_RECORD_NAMED ? _hotplug_domain_find_name
                                                                       : _hotplug_domain_find_record) (
      side, _hotplug_record_alias (wanted));
  if (record == NULL)
    return FALSE;

  g_autofree char *now = _hotplug_record_to_text (record);
  return strcmp (now, text) == 0;
}

/* What others have changed meanwhile is theirs. */
static gboolean
set_template (HotplugSession *self, const HotplugIntent *intent, const char *text, const char *from, const char *to,
              GError **error)
{
  return from == NULL || !_hotplug_nic_xml_stands (text, intent->devices[0], from)
         || _hotplug_connection_update (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_TEMPLATE, to,
                                        error);
}

static gboolean
set_record (HotplugSession *self, const char *from, const char *to, GError **error)
{
  return from == NULL || !has_record (self, from) || _hotplug_session_write_record_text (self, to, error);
}

/* Half of a change of two steps may have been made, so that it is enough that it is in the old place or the new one. */
static gboolean
set_live (HotplugSession *self, const HotplugIntent *intent, const char *text, const char *to, GError **error)
{
  const char *interface = intent->devices[0];

  if (intent->live_before == NULL || text == NULL || _hotplug_nic_xml_stands (text, interface, to)
      || !(_hotplug_nic_xml_is_at (text, interface, intent->live_before)
           || _hotplug_nic_xml_is_at (text, interface, intent->live_after)))
    return TRUE;
  return _hotplug_connection_update (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_LIVE, to, error);
}

static gboolean
is_done (HotplugSession *self, const HotplugIntent *intent, const HotplugMachineText *text)
{
  const char *interface = intent->devices[0];

  return (intent->template_after == NULL || _hotplug_nic_xml_stands (text->template, interface, intent->template_after))
         && (intent->record_after == NULL || has_record (self, intent->record_after))
         && (intent->live_after == NULL || _hotplug_nic_xml_stands (text->live, interface, intent->live_after));
}

static gboolean
carry_on (HotplugSession *self, const HotplugIntent *intent, const HotplugMachineText *text, GError **error)
{
  return set_template (self, intent, text->template, intent->template_before, intent->template_after, error)
         && set_record (self, intent->record_before, intent->record_after, error)
         && set_live (self, intent, text->live, intent->live_after, error);
}

/* What can't be taken back from the guest must not keep the machine from all other work. */
static gboolean
take_back (HotplugSession *self, const HotplugIntent *intent, const HotplugMachineText *text, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (!set_template (self, intent, text->template, intent->template_after, intent->template_before, error)
      || !set_record (self, intent->record_after, intent->record_before, error))
    return FALSE;
  if (set_live (self, intent, text->live, intent->live_before, &refused))
    return TRUE;

  g_debug ("vmi \"%s\": interface %s is not as it was: %s", hotplug_vmi_get_name (self->vmi), intent->devices[0],
           refused->message);
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

static gboolean
read_texts (HotplugSession *self, HotplugMachineText *text, GError **error)
{
  return _hotplug_connection_read_machine (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_LOOK_DEVICES,
                                           text, error);
}

gboolean
_hotplug_session_settle_update (HotplugSession *self, const HotplugIntent *intent, gboolean *done, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };

  if (!read_texts (self, &text, error))
    return FALSE;
  *done = is_done (self, intent, &text);
  return *done || take_back (self, intent, &text, error);
}

/* Metadata is anybody's to write: what says half says nothing. */
static gboolean
is_whole (const HotplugIntent *intent)
{
  return (intent->template_before == NULL) == (intent->template_after == NULL)
         && (intent->record_before == NULL) == (intent->record_after == NULL)
         && (intent->live_before == NULL) == (intent->live_after == NULL);
}

gboolean
_hotplug_session_carry_on_update (HotplugSession *self, const HotplugIntent *intent, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };
  g_autoptr (GError) refused = NULL;
  gboolean done;

  if (!is_whole (intent))
    return TRUE;
  if (!read_texts (self, &text, error))
    return FALSE;
  if (carry_on (self, intent, &text, &refused))
    return TRUE;
  if (g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }

  g_debug ("vmi \"%s\": interface %s is left as it was: %s", hotplug_vmi_get_name (self->vmi), intent->devices[0],
           refused->message);
  return _hotplug_session_refresh (self, error) && _hotplug_session_settle_update (self, intent, &done, error);
}
