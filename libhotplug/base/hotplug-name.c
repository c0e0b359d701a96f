/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"

#define LABEL_MAX 63

#define LABEL_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"

gboolean
_hotplug_name_check (const char *kind, const char *name, GError **error)
{
  gsize length = name != NULL ? strlen (name) : 0;

  if (length > LABEL_MAX)
    {
      g_autofree char *shown = g_strescape (name, NULL);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME,
                   "%s name \"%s\": %" G_GSIZE_FORMAT " characters, at most %d are allowed", kind, shown, length,
                   LABEL_MAX);
      return FALSE;
    }

  if (length == 0 || name[strspn (name, LABEL_CHARACTERS)] != '\0' || name[0] == '-' || name[length - 1] == '-')
    {
      g_autofree char *shown = g_strescape (name != NULL ? name : "", NULL);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME,
                   "%s name \"%s\": a name has lower-case letters, digits and inner hyphens only", kind, shown);
      return FALSE;
    }

  return TRUE;
}

char *
_hotplug_controller_alias (guint index)
{
  return g_strdup_printf (HOTPLUG_SCSI_ALIAS_PREFIX "%u", index);
}

char *
_hotplug_port_alias (guint index)
{
  return g_strdup_printf (HOTPLUG_PORT_ALIAS_PREFIX "%u", index);
}

char *
_hotplug_volume_alias (const char *name)
{
  return g_strconcat (HOTPLUG_VOLUME_ALIAS_PREFIX, name, NULL);
}

char *
_hotplug_interface_alias (const char *name)
{
  return g_strconcat (HOTPLUG_INTERFACE_ALIAS_PREFIX, name, NULL);
}

static const char *
name_behind (const char *alias, const char *prefix)
{
  if (alias == NULL || !g_str_has_prefix (alias, prefix))
    return NULL;

  const char *name = alias + strlen (prefix);
  return _hotplug_name_check ("device", name, NULL) ? name : NULL;
}

const char *
_hotplug_volume_name_from_alias (const char *alias)
{
  return name_behind (alias, HOTPLUG_VOLUME_ALIAS_PREFIX);
}

const char *
_hotplug_interface_name_from_alias (const char *alias)
{
  return name_behind (alias, HOTPLUG_INTERFACE_ALIAS_PREFIX);
}

char *
_hotplug_alias_describe (const char *alias)
{
  const char *volume = _hotplug_volume_name_from_alias (alias);
  const char *interface = _hotplug_interface_name_from_alias (alias);

  if (volume != NULL)
    return g_strdup_printf ("volume \"%s\"", volume);
  return interface != NULL ? g_strdup_printf ("interface \"%s\"", interface) : g_strdup (alias);
}
