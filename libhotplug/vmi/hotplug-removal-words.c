/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-removal-work-private.h"

static const HotplugRemovalItem *
item_at (const GPtrArray *items, guint i)
{
  return g_ptr_array_index (items, i);
}

/* volume "one", volume "two" */
static char *
name_all (const GPtrArray *items)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *name = _hotplug_alias_describe (item_at (items, i)->alias);
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* ; volume "a" is gone, or nothing */
static void
tell (GString *message, const HotplugRemovalWork *work, HotplugRemovalAnswer answer, const char *words)
{
  g_autoptr (GPtrArray) items = _hotplug_removal_work_filter (work->items, answer);
  g_autofree char *names = name_all (items);

  if (items->len > 0)
    g_string_append_printf (message, "; %s %s", names, words);
}

/* What is none of @told's is told in the order of how far it has come. */
static void
tell_others (GString *message, const HotplugRemovalWork *work, HotplugRemovalAnswer told)
{
  tell (message, work, HOTPLUG_REMOVAL_GONE, "is gone");
  if (told != HOTPLUG_REMOVAL_WAITING)
    tell (message, work, HOTPLUG_REMOVAL_WAITING, "is Detaching until the guest lets go");
  if (told != HOTPLUG_REMOVAL_REFUSED)
    tell (message, work, HOTPLUG_REMOVAL_REFUSED, "was refused and stays");
  tell (message, work, HOTPLUG_REMOVAL_NOT_ASKED, "was not asked for and stays");
}

/* The hypervisor's words about a machine may begin with its name, which is told already. */
static const char *
without_name (const HotplugRemovalWork *work, const char *message)
{
  g_autofree char *prefix = g_strdup_printf ("vmi \"%s\": ", hotplug_vmi_get_name (work->vmi));

  return g_str_has_prefix (message, prefix) ? message + strlen (prefix) : message;
}

/* There is one at most. */
static const HotplugRemovalItem *
find_refused_by_hypervisor (const HotplugRemovalWork *work)
{
  for (guint i = 0; i < work->items->len; i++)
    {
      if (item_at (work->items, i)->refused != NULL)
        return item_at (work->items, i);
    }
  return NULL;
}

gboolean
_hotplug_removal_work_check (const HotplugRemovalWork *self, GError **error)
{
  const HotplugRemovalItem *first = find_refused_by_hypervisor (self);
  g_autoptr (GPtrArray) refused = _hotplug_removal_work_filter (self->items, HOTPLUG_REMOVAL_REFUSED);
  g_autoptr (GString) message = g_string_new (NULL);

  if (refused->len == 0)
    return TRUE;
  if (first != NULL && self->items->len == 1)
    {
      g_propagate_error (error, g_error_copy (first->refused));
      return FALSE;
    }

  g_autoptr (GPtrArray) by_guest = g_ptr_array_new ();
  for (guint i = 0; i < refused->len; i++)
    {
      if (item_at (refused, i) != first)
        g_ptr_array_add (by_guest, g_ptr_array_index (refused, i));
    }
  g_autofree char *names = name_all (by_guest);
  if (first != NULL)
    {
      g_autofree char *name = _hotplug_alias_describe (first->alias);
      g_string_append_printf (message, "%s: %s", name, without_name (self, first->refused->message));
    }
  if (by_guest->len > 0)
    g_string_append_printf (message, "%sthe guest refused to let go of %s", first != NULL ? "; " : "", names);
  tell_others (message, self, HOTPLUG_REMOVAL_REFUSED);
  g_set_error (error, HOTPLUG_ERROR, first != NULL ? first->refused->code : HOTPLUG_ERROR_HYPERVISOR, "vmi \"%s\": %s",
               hotplug_vmi_get_name (self->vmi), message->str);
  return FALSE;
}

void
_hotplug_removal_work_set_timeout (const HotplugRemovalWork *self, GError **error)
{
  g_autoptr (GPtrArray) waiting = _hotplug_removal_work_filter (self->items, HOTPLUG_REMOVAL_WAITING);
  g_autofree char *names = name_all (waiting);
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_append_printf (message, "the guest has not let go of %s; it stays Detaching until it does", names);
  tell_others (message, self, HOTPLUG_REMOVAL_WAITING);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT, "vmi \"%s\": %s", hotplug_vmi_get_name (self->vmi),
               message->str);
}
