/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-spare-port-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

/* Of any name that a caller may think of */
static gboolean
check_known (HotplugSession *session, const char *alias, GError **error)
{
  HotplugSides sides = _hotplug_session_sides (session);

  if (g_str_has_prefix (alias, HOTPLUG_VOLUME_ALIAS_PREFIX))
    return _hotplug_admission_remove (&sides, alias + strlen (HOTPLUG_VOLUME_ALIAS_PREFIX), error);
  return _hotplug_interface_admission_change (&sides, alias + strlen (HOTPLUG_INTERFACE_ALIAS_PREFIX),
                                              HOTPLUG_INTERFACE_REMOVE, error);
}

/* Without persist it leaves the running machine, as in KubeVirt: there must be something to leave. What is recorded
 * belongs to the running machine, also before it is back there. */
static gboolean
check_sides (HotplugSession *session, const char *alias, HotplugPlugFlags flags, GError **error)
{
  if (flags & HOTPLUG_PLUG_PERSIST)
    return TRUE;
  if (session->live == NULL)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
                   "vmi \"%s\" is not running; with --persist a device is removed from its template",
                   hotplug_vmi_get_name (session->vmi));
      return FALSE;
    }
  if (_hotplug_domain_has_alias (session->live, alias)
      || _hotplug_domain_find_record (_hotplug_session_record_side (session), alias) != NULL)
    return TRUE;

  g_autofree char *what = _hotplug_alias_describe (alias);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND,
               "vmi \"%s\": %s is not in the running VMI, only in its template; with --persist it is removed from there",
               hotplug_vmi_get_name (session->vmi), what);
  return FALSE;
}

/* Found before anything has changed: libvirt refuses to detach such a disk. */
static gboolean
check_jobs (HotplugSession *session, const char *alias, GError **error)
{
  g_autofree char *what = _hotplug_alias_describe (alias);

  return !g_str_has_prefix (alias, HOTPLUG_VOLUME_ALIAS_PREFIX)
         || _hotplug_session_check_block_job (session, what, _hotplug_domain_find_alias (session->live, alias), error);
}

gboolean
_hotplug_removal_check (HotplugSession *session, const char *alias, HotplugPlugFlags flags, gboolean *only_refused,
                        GError **error)
{
  g_autoptr (GError) refused = NULL;
  gboolean known = check_known (session, alias, &refused);

  *only_refused = !known && _hotplug_journal_find_refusal (session->journal, alias) != NULL;
  if (known)
    return check_sides (session, alias, flags, error) && check_jobs (session, alias, error);
  if (*only_refused)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

const char **
_hotplug_removal_once (const char *const *aliases)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const char **each = g_new0 (const char *, g_strv_length ((char **)aliases) + 1);
  guint n = 0;

  for (guint i = 0; aliases[i] != NULL; i++)
    {
      if (g_hash_table_add (seen, (char *)aliases[i]))
        each[n++] = aliases[i];
    }
  return each;
}

GStrv
_hotplug_removal_aliases (const char *const *volumes, const char *const *interfaces)
{
  g_autoptr (GPtrArray) aliases = g_ptr_array_new ();

  for (guint i = 0; volumes != NULL && volumes[i] != NULL; i++)
    g_ptr_array_add (aliases, _hotplug_volume_alias (volumes[i]));
  for (guint i = 0; interfaces != NULL && interfaces[i] != NULL; i++)
    g_ptr_array_add (aliases, _hotplug_interface_alias (interfaces[i]));
  g_ptr_array_add (aliases, NULL);
  return (GStrv)g_ptr_array_free (g_steal_pointer (&aliases), FALSE);
}

/* What is there of one device */
typedef struct
{
  HotplugRecord *live;         /* nullable, and so are the others */
  HotplugRecord *template;
  const HotplugRecord *record; /* the session's */
} Found;

static void
clear_found (Found *self)
{
  g_clear_pointer (&self->live, _hotplug_record_free);
  g_clear_pointer (&self->template, _hotplug_record_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, clear_found)

static Found
find (HotplugSession *session, const char *alias)
{
  const HotplugRecord *record = _hotplug_domain_find_record (session->template, alias);

  return (Found){
    .live = _hotplug_record_new_of (HOTPLUG_RECORD_ATTACHED, session->live, alias),
    .template = _hotplug_record_new_of (HOTPLUG_RECORD_ATTACHED, session->template, alias),
    .record = record != NULL ? record : _hotplug_domain_find_name (_hotplug_session_record_side (session), alias),
  };
}

static gboolean
has_slot (const HotplugRecord *device)
{
  return device != NULL && (device->disk == NULL || device->disk->bus == HOTPLUG_BUS_VIRTIO);
}

static void
tell_device (HotplugSession *session, const char *alias, const Found *found, HotplugPlugFlags flags, GPtrArray *items)
{
  gboolean persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;
  const char *volume = _hotplug_volume_name_from_alias (alias);
  const HotplugRecord *configured = found->template != NULL ? found->template : found->record;
  const HotplugRecord *device = found->live != NULL ? found->live : configured;
  g_autofree char *address = device != NULL
                                 ? _hotplug_address_to_string (_hotplug_record_address ((HotplugRecord *)device))
                                 : NULL;

  const HotplugPlanItemFields fields = {
    .kind = volume != NULL ? HOTPLUG_PLAN_KIND_VOLUME : HOTPLUG_PLAN_KIND_INTERFACE,
    .action = HOTPLUG_PLAN_ACTION_REMOVE,
    .name = volume != NULL ? volume : _hotplug_interface_name_from_alias (alias),
    .alias = alias,
    .target = device != NULL && device->disk != NULL ? device->disk->target : NULL,
    .address = address,
    .slots = has_slot (session->live != NULL ? found->live : found->template),
    .live = found->live != NULL,
    .persisted = found->template != NULL && persist,
    .returning = found->template != NULL && !persist,
  };
  g_ptr_array_add (items, _hotplug_plan_item_new (&fields));
}

/* The ports that came into the template with devices that go from it */
static void
tell_ports (HotplugSession *session, const char *const *leaving, GPtrArray *items, GPtrArray *devices)
{
  if (session->template == NULL)
    return;

  g_autoptr (GPtrArray) ports = _hotplug_spare_port_list_left_over (session->template, leaving);
  for (guint i = ports->len; i > 0; i--)
    {
      const HotplugController *port = g_ptr_array_index (ports, i - 1);
      g_autofree char *name = g_strdup_printf ("pci.%u", port->index);
      g_autofree char *address = _hotplug_address_to_string (&port->address);
      const HotplugPlanItemFields fields = {
        .kind = HOTPLUG_PLAN_KIND_CONTROLLER,
        .action = HOTPLUG_PLAN_ACTION_REMOVE,
        .name = name,
        .alias = port->alias,
        .address = address,
        .persisted = TRUE,
      };
      g_ptr_array_add (items, _hotplug_plan_item_new (&fields));
      g_ptr_array_add (devices, _hotplug_controller_to_xml (port));
    }
}

/* As libvirt says them: without passwords, since a plan is printed */
static gboolean
list_template (HotplugSession *session, const char *const *aliases, GPtrArray *texts, GError **error)
{
  g_auto (HotplugMachineText) text = { 0 };

  if (session->template == NULL)
    return TRUE;
  if (!_hotplug_connection_read_machine (session->connection, hotplug_vmi_get_uuid (session->vmi),
                                         HOTPLUG_LOOK_DEVICES, &text, error))
    return FALSE;

  g_autoptr (GPtrArray) devices = text.template != NULL
                                      ? _hotplug_template_list_devices (text.template, aliases, error)
                                      : g_ptr_array_new ();
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    g_ptr_array_add (texts, g_strdup (((const HotplugTemplateDevice *)g_ptr_array_index (devices, i))->xml));
  return devices != NULL;
}

HotplugPlan *
_hotplug_removal_plan (HotplugSession *session, const char *const *aliases, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autofree const char **each = _hotplug_removal_once (aliases);
  gboolean persist = (flags & HOTPLUG_PLUG_PERSIST) != 0;

  for (guint i = 0; each[i] != NULL; i++)
    {
      g_auto (Found) found = find (session, each[i]);
      gboolean only_refused;

      if (!_hotplug_removal_check (session, each[i], flags, &only_refused, error))
        return NULL;
      tell_device (session, each[i], &found, flags, items);
      if (found.record != NULL && (found.template == NULL || persist || found.record->state != HOTPLUG_RECORD_NAMED))
        g_ptr_array_add (records, (HotplugRecord *)found.record);
    }
  if (persist && !list_template (session, each, devices, error))
    return NULL;

  if (devices->len > 0)
    tell_ports (session, each, items, devices);
  g_autofree char *record_xml = _hotplug_records_to_xml (records, NULL, NULL);
  const HotplugPlanFields fields = {
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .items = items,
    .template_removed = devices,
    .records_removed = record_xml,
    .message = _hotplug_report_plan (session),
  };
  return _hotplug_plan_new (&fields);
}
