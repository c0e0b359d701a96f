/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-removal-work-private.h"

#define TIMEOUT_DEFAULT (30 * 1000)

static HotplugRemovalItem *
item_at (const GPtrArray *items, guint i)
{
  return g_ptr_array_index (items, i);
}

/* Of each the network attachment, "" for what has none; NULL: none of them has one */
static GStrv
list_networks (const HotplugRemovalWork *work)
{
  GStrv networks = g_new0 (char *, work->items->len + 1);
  gboolean any = FALSE;

  for (guint i = 0; i < work->items->len; i++)
    {
      const HotplugRecord *live = item_at (work->items, i)->live;
      gboolean has = live != NULL && live->nic != NULL && live->nic->attachment != NULL;
      networks[i] = g_strdup (has ? live->nic->attachment : "");
      any = any || has;
    }
  if (!any)
    g_clear_pointer (&networks, g_strfreev);
  return networks;
}

/* The part under the lock. Where the connection breaks, or what was answered can't be written down, nobody knows what
 * came of it: the intent stays, and the next session carries the removal on. */
static gboolean
begin_removal (HotplugSession *session, HotplugRemovalWork *work, GError **error)
{
  g_autofree const char **aliases = g_new0 (const char *, work->items->len + 1);

  for (guint i = 0; i < work->items->len; i++)
    {
      aliases[i] = item_at (work->items, i)->alias;
      /* what was refused when it was to come back */
      _hotplug_journal_set_refusal (session->journal, aliases[i], NULL);
    }
  session->journal->intent.networks = list_networks (work);
  session->journal->intent.persist = work->persist;
  if (!_hotplug_session_intend (session, HOTPLUG_INTENT_REMOVE, aliases, error)
      || !_hotplug_removal_work_ask (work, session, error))
    return FALSE;

  _hotplug_removal_work_wait (work);
  if (!_hotplug_removal_work_settle (work, session, error) || !_hotplug_removal_work_keep (work, session, error)
      || !_hotplug_removal_work_end (work, session, error))
    return FALSE;
  _hotplug_session_strike (session);
  return _hotplug_removal_work_check (work, error);
}

/* The part without the lock: the machine is others' meanwhile, and the records keep the names and the places taken. */
static gboolean
await_removal (HotplugRemovalWork *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) open = _hotplug_removal_work_filter (work->items, HOTPLUG_REMOVAL_WAITING);

  for (guint i = 0; i < open->len; i++)
    {
      HotplugRemovalItem *item = item_at (open, i);
      if (!_hotplug_removal_wait (item->waiter, work->until, cancellable, &item->answer, error))
        return FALSE;
    }

  g_autoptr (GPtrArray) waiting = _hotplug_removal_work_filter (open, HOTPLUG_REMOVAL_WAITING);
  g_autoptr (GPtrArray) refused = _hotplug_removal_work_filter (open, HOTPLUG_REMOVAL_REFUSED);
  if (waiting->len > 0 && refused->len == 0)
    {
      _hotplug_removal_work_set_timeout (work, error);
      return FALSE;
    }

  /* beginning a session settles what has gone; a transient machine may have gone with it */
  g_autoptr (GError) failed = NULL;
  g_autoptr (HotplugSession) session = _hotplug_session_begin (work->vmi, NULL, &failed);
  if (refused->len == 0 && (session != NULL || g_error_matches (failed, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND)))
    return TRUE;
  if (session == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }

  return _hotplug_removal_work_put_back (refused, session, error) && _hotplug_removal_work_end (work, session, error)
         && _hotplug_removal_work_check (work, error);
}

/* A volume that the hypervisor refused has nothing but its status, and is forgotten at once. */
static void
forget_refused (HotplugSession *session, HotplugRemovalWork *work)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_removal_item_free);

  for (guint i = work->items->len; i > 0; i--)
    {
      HotplugRemovalItem *item = item_at (work->items, i - 1);
      if (!item->only_refused)
        continue;
      _hotplug_journal_set_refusal (session->journal, item->alias, NULL);
      g_ptr_array_add (refused, g_ptr_array_steal_index (work->items, i - 1));
    }
  if (refused->len > 0)
    _hotplug_session_store (session, NULL);
  for (guint i = 0; i < refused->len; i++)
    _hotplug_vmi_emit_removed (work->vmi, item_at (refused, i)->alias);
}

/* Checks all, and leaves those in @work that have something to remove */
static gboolean
check_all (HotplugSession *session, HotplugRemovalWork *work, HotplugPlugFlags flags, GError **error)
{
  for (guint i = 0; i < work->items->len; i++)
    {
      HotplugRemovalItem *item = item_at (work->items, i);
      if (!_hotplug_removal_check (session, item->alias, flags, &item->only_refused, error))
        return FALSE;
    }
  _hotplug_removal_work_look (work, session);
  if (!(flags & HOTPLUG_PLUG_DRY_RUN))
    forget_refused (session, work);
  return TRUE;
}

gboolean
_hotplug_vmi_remove_devices (HotplugVmi *self, const char *const *aliases, HotplugPlugFlags flags, int timeout_msec,
                             GCancellable *cancellable, GError **error)
{
  g_auto (HotplugRemovalWork) work = { 0 };
  gint64 start = g_get_monotonic_time ();
  gint64 patience = (timeout_msec >= 0 ? timeout_msec : TIMEOUT_DEFAULT) * G_TIME_SPAN_MILLISECOND;

  _hotplug_removal_work_init (&work, self, aliases, (flags & HOTPLUG_PLUG_PERSIST) != 0, start + patience);
  {
    g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
    if (session == NULL || !check_all (session, &work, flags, error))
      return FALSE;
    if (flags & HOTPLUG_PLUG_DRY_RUN || work.items->len == 0)
      return TRUE;
    if (!begin_removal (session, &work, error))
      return FALSE;
  }

  g_autoptr (GPtrArray) waiting = _hotplug_removal_work_filter (work.items, HOTPLUG_REMOVAL_WAITING);
  if (waiting->len > 0 && !await_removal (&work, cancellable, error))
    return FALSE;
  g_debug ("vmi \"%s\": %s removed in %.1f ms", hotplug_vmi_get_name (self), aliases[0],
           (double)(g_get_monotonic_time () - start) / 1000);
  return TRUE;
}
