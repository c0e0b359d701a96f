/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-sides-private.h"

gboolean
_hotplug_doomed_is (const HotplugDoomed *self, const HotplugDomain *live, const char *alias)
{
  const char *run = live->run != NULL ? live->run : "";

  return strcmp (self->run, run) == 0 && g_strcmp0 (self->alias, alias) == 0;
}

const char *
_hotplug_sides_vmi (const HotplugSides *sides)
{
  return (sides->live != NULL ? sides->live : sides->template)->name;
}

HotplugRecord *
_hotplug_sides_find_record (const HotplugSides *sides, const char *alias)
{
  HotplugRecord *record = _hotplug_domain_find_record (sides->template, alias);

  return record != NULL ? record : _hotplug_domain_find_record (sides->live, alias);
}

gboolean
_hotplug_sides_check_name (const HotplugSides *sides, const char *what, const char *name, const char *alias,
                           gboolean named, GError **error)
{
  const HotplugRecord *record = _hotplug_sides_find_record (sides, alias);

  if (record == NULL && !named && !_hotplug_domain_has_alias (sides->live, alias)
      && !_hotplug_domain_has_alias (sides->template, alias))
    return TRUE;

  gboolean removing = record != NULL && record->state == HOTPLUG_RECORD_REMOVING;
  gboolean returning = record == NULL && sides->live != NULL && !_hotplug_domain_has_alias (sides->live, alias)
                       && _hotplug_domain_has_alias (sides->template, alias);
  const char *how = returning ? "exists already: the template has it, and it is back at the next start"
                              : "exists already";
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_EXISTS, "vmi \"%s\": %s \"%s\" %s", _hotplug_sides_vmi (sides), what,
               name, removing ? "is still being removed: the guest has not let go of it" : how);
  return FALSE;
}
