/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-plan-private.h"
#include "xml/hotplug-device-xml-private.h"
#include "xml/hotplug-record-xml-private.h"

static gboolean
check_sides (HotplugSession *session, HotplugPlugFlags flags, GError **error)
{
  if (session->live != NULL || (flags & HOTPLUG_PLUG_PERSIST))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_VMI_NOT_RUNNING,
               "vmi \"%s\" is not running; with persist a volume is removed from its template",
               hotplug_vmi_get_name (session->vmi));
  return FALSE;
}

gboolean
_hotplug_removal_check (HotplugSession *session, const char *alias, HotplugPlugFlags flags, gboolean *only_refused,
                        GError **error)
{
  HotplugSides sides = _hotplug_session_sides (session);
  g_autoptr (GError) refused = NULL;
  /* of any name that a caller may think of */
  gboolean known = _hotplug_admission_remove (&sides, alias + strlen (HOTPLUG_VOLUME_ALIAS_PREFIX), &refused);

  *only_refused = !known && _hotplug_journal_has_refusal (session->journal, alias);
  if (known)
    return check_sides (session, flags, error);
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
_hotplug_removal_volume_aliases (const char *const *names)
{
  GStrv aliases = g_new0 (char *, g_strv_length ((char **)names) + 1);

  for (guint i = 0; names[i] != NULL; i++)
    aliases[i] = _hotplug_volume_alias (names[i]);
  return aliases;
}

/* What is there of one volume */
typedef struct
{
  const HotplugDisk *live;
  const HotplugDisk *template;
  const HotplugRecord *record;
} Found;

static Found
find (HotplugSession *session, const char *alias)
{
  return (Found){
    .live = _hotplug_domain_find_alias (session->live, alias),
    .template = _hotplug_domain_find_alias (session->template, alias),
    .record = _hotplug_domain_find_record (session->template, alias),
  };
}

static void
tell_volume (HotplugSession *session, const char *name, const char *alias, const Found *found, GPtrArray *items)
{
  const HotplugDisk *configured = found->template == NULL && found->record != NULL ? found->record->disk
                                                                                   : found->template;
  const HotplugDisk *disk = found->live != NULL ? found->live : configured;
  const HotplugDisk *counts = session->live != NULL ? found->live : found->template;
  g_autofree char *address = disk != NULL ? _hotplug_address_to_string (&disk->address) : NULL;

  const HotplugPlanItemFields fields = {
    .kind = HOTPLUG_PLAN_KIND_VOLUME,
    .action = HOTPLUG_PLAN_ACTION_REMOVE,
    .name = name,
    .alias = alias,
    .target = disk != NULL ? disk->target : NULL,
    .address = address,
    .slots = counts != NULL && counts->bus == HOTPLUG_BUS_VIRTIO,
    .live = found->live != NULL,
    .persisted = found->template != NULL,
  };
  g_ptr_array_add (items, _hotplug_plan_item_new (&fields));
}

HotplugPlan *
_hotplug_removal_plan (HotplugSession *session, const char *const *aliases, HotplugPlugFlags flags, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_plan_item_unref);
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autofree const char **each = _hotplug_removal_once (aliases);

  for (guint i = 0; each[i] != NULL; i++)
    {
      const Found found = find (session, each[i]);
      gboolean only_refused;

      if (!_hotplug_removal_check (session, each[i], flags, &only_refused, error))
        return NULL;
      tell_volume (session, _hotplug_volume_name_from_alias (each[i]), each[i], &found, items);
      if (found.template != NULL)
        g_ptr_array_add (devices, _hotplug_disk_to_xml (found.template));
      if (found.record != NULL)
        g_ptr_array_add (records, (HotplugRecord *)found.record);
    }

  g_autofree char *record_xml = _hotplug_records_to_xml (records, NULL);
  const HotplugPlanFields fields = {
    .vmi_name = hotplug_vmi_get_name (session->vmi),
    .items = items,
    .template_removed = devices,
    .records_removed = record_xml,
  };
  return _hotplug_plan_new (&fields);
}
