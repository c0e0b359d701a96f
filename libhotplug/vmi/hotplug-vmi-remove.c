/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "vmi/hotplug-plan-private.h"
#include "vmi/hotplug-removal-private.h"
#include "vmi/hotplug-report-private.h"
#include "xml/hotplug-device-xml-private.h"

#define TIMEOUT_DEFAULT (30 * 1000)

/* How long a removal keeps others off the machine. A guest that answers does so in a tenth of this; one that does not
 * is waited for with the lock given back and the removal recorded. */
#define LOCKED_WAIT (1 * G_TIME_SPAN_SECOND)

/* One device of a removal */
typedef struct
{
  char *alias;
  HotplugRemoval *waiter;  /* nullable: nothing is live */
  HotplugRecord *live;     /* nullable: what the live machine has */
  HotplugRecord *template; /* nullable: what the template had, for the way back */
  gboolean recorded;       /* it was not persisted, and would have come back at a start */
  gboolean only_refused;   /* the hypervisor never had it */
  gboolean removing;       /* the guest was asked before, and nothing is left to put back */
  HotplugRemovalAnswer answer;
} Item;

/* A removal, from the check to the guest's last answer */
typedef struct
{
  HotplugVmi *vmi;
  GPtrArray *items; /* Item */
  gint64 until;
} Work;

static void
free_item (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->waiter, _hotplug_removal_free);
  g_clear_pointer (&item->live, _hotplug_record_free);
  g_clear_pointer (&item->template, _hotplug_record_free);
  g_free (item->alias);
  g_free (item);
}

static void
clear_work (Work *work)
{
  g_clear_pointer (&work->items, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, clear_work)

static void
init_work (Work *work, HotplugVmi *vmi, const char *const *aliases, int timeout_msec)
{
  work->vmi = vmi;
  work->until = g_get_monotonic_time ()
                + (timeout_msec >= 0 ? timeout_msec : TIMEOUT_DEFAULT) * G_TIME_SPAN_MILLISECOND;
  work->items = g_ptr_array_new_with_free_func (free_item);
  g_autofree const char **each = _hotplug_removal_once (aliases);
  for (guint i = 0; each[i] != NULL; i++)
    {
      Item *item = g_new0 (Item, 1);
      item->alias = g_strdup (each[i]);
      g_ptr_array_add (work->items, item);
    }
}

/* Those of @items that @wanted says; of all if it is NULL. The strings are the items'. */
static const char **
list_aliases (const GPtrArray *items, gboolean (*wanted) (const Item *item))
{
  const char **list = g_new0 (const char *, items->len + 1);
  guint n = 0;

  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = g_ptr_array_index (items, i);
      if (wanted == NULL || wanted (item))
        list[n++] = item->alias;
    }
  return list;
}

static gboolean
is_forgotten (const Item *item)
{
  return !item->removing;
}

static gboolean
is_gone (const Item *item)
{
  return item->answer == HOTPLUG_REMOVAL_GONE;
}

/* Those that would come back at a start; not owned */
static GPtrArray *
list_recorded (HotplugSession *session, const Work *work)
{
  GPtrArray *recorded = g_ptr_array_new ();

  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), item->alias);
      if (record != NULL && record->state == HOTPLUG_RECORD_ATTACHED)
        g_ptr_array_add (recorded, item);
    }
  return recorded;
}

/* Out of the template and the records, so that none is back at the next start whatever the guest says. The record of a
 * removal under way stays until the guest has answered. */
static gboolean
forget (HotplugSession *session, Work *work, GError **error)
{
  g_autofree const char **aliases = list_aliases (work->items, NULL);

  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), item->alias);
      item->removing = item->live != NULL && record != NULL && record->state == HOTPLUG_RECORD_REMOVING;
    }
  if (!_hotplug_session_drop_from_template (session, aliases, error))
    return FALSE;

  /* what has been dropped is what can be put back */
  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      item->template = _hotplug_record_new_of (HOTPLUG_RECORD_ATTACHED, session->template, item->alias);
    }

  g_autofree const char **forgotten = list_aliases (work->items, is_forgotten);
  g_autoptr (GPtrArray) recorded = list_recorded (session, work);
  if (!_hotplug_session_drop_records (session, forgotten, error))
    return FALSE;
  for (guint i = 0; i < recorded->len; i++)
    ((Item *) g_ptr_array_index (recorded, i))->recorded = TRUE;
  return TRUE;
}

/* The guest keeps these, so they are persisted, or recorded, as before, and the intent is struck. If that can't be done
 * now, the intent stays: what is out of the template is then to go from the guest too, and the next session asks
 * again. */
static void
put_back (HotplugSession *session, const GPtrArray *items)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) records = g_ptr_array_new ();
  g_autoptr (GPtrArray) named = g_ptr_array_new ();
  g_autofree const char **asked = g_new0 (const char *, items->len + 1); /* recorded as removals under way */
  g_autoptr (GError) failed = NULL;
  guint n_asked = 0;

  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = g_ptr_array_index (items, i);
      const HotplugRecord *record = _hotplug_domain_find_record (_hotplug_session_record_side (session), item->alias);
      if (record != NULL && record->state == HOTPLUG_RECORD_REMOVING)
        asked[n_asked++] = item->alias;
      if (item->template != NULL)
        g_ptr_array_add (devices, _hotplug_record_to_device_xml (item->template));
      if (item->recorded && item->live != NULL)
        g_ptr_array_add (records, item->live);
      else if (item->template != NULL || (item->live != NULL && session->template == NULL))
        g_ptr_array_add (named, item->template != NULL ? item->template : item->live);
    }

  if ((devices->len == 0 || _hotplug_session_add_to_template (session, devices, &failed))
      && _hotplug_session_drop_records (session, asked, &failed)
      && _hotplug_session_write_names (session, named, &failed)
      && (records->len == 0 || _hotplug_session_write_records (session, HOTPLUG_RECORD_ATTACHED, records, &failed)))
    _hotplug_session_strike (session);
  else
    g_debug ("vmi \"%s\": %s can't be put back: %s", hotplug_vmi_get_name (session->vmi),
             ((const Item *)g_ptr_array_index (items, 0))->alias, failed->message);
}

/* Those with this answer; not owned */
static GPtrArray *
filter (const GPtrArray *items, HotplugRemovalAnswer answer)
{
  GPtrArray *found = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      Item *item = g_ptr_array_index (items, i);
      if (item->answer == answer)
        g_ptr_array_add (found, item);
    }
  return found;
}

/* volume "one", volume "two" */
static char *
name_all (const GPtrArray *items)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *name = _hotplug_alias_describe (((const Item *)g_ptr_array_index (items, i))->alias);
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", name);
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static gboolean
set_refused (Work *work, const GPtrArray *refused, GError **error)
{
  g_autofree char *names = name_all (refused);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_HYPERVISOR,
               "vmi \"%s\": the guest refused to let go of %s", hotplug_vmi_get_name (work->vmi), names);
  return FALSE;
}

static void
tell_detaching (HotplugSession *session, const Item *item)
{
  if (item->live->disk == NULL)
    {
      g_autoptr (HotplugInterfaceStatus)
          interface = _hotplug_report_nic (session, item->live->nic, HOTPLUG_INTERFACE_PHASE_DETACHING, NULL);
      _hotplug_vmi_emit_interface_status (session->vmi, interface);
      return;
    }

  g_autoptr (HotplugVolumeStatus)
      status = _hotplug_report_disk (session, item->live->disk, HOTPLUG_VOLUME_PHASE_DETACHING, NULL);
  _hotplug_vmi_emit_status (session->vmi, status);
}

/* A step failed. If that was the connection, nobody knows what came of it: the intent stays, and the next session
 * carries the removal on. Nor does anybody if the guest has been asked for some of them. */
static gboolean
give_up (HotplugSession *session, Work *work, gboolean asked, GError *refused, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      if (!item->removing)
        g_ptr_array_add (items, item);
    }
  if (!asked && !g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    {
      if (items->len > 0)
        put_back (session, items);
      else
        _hotplug_session_strike (session);
    }
  g_propagate_error (error, refused);
  return FALSE;
}

/* All are asked first, then waited for: QEMU's time for a removal is then paid once. */
static gboolean
ask_all (HotplugSession *session, Work *work, gboolean *asked, GError **error)
{
  *asked = FALSE;
  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      if (item->live == NULL)
        continue;

      tell_detaching (session, item);
      item->waiter = _hotplug_removal_new (work->vmi, item->alias);
      if (!_hotplug_removal_ask (item->waiter, error))
        return FALSE;
      *asked = TRUE;
    }
  return TRUE;
}

/* Not cancellable: the guest has been asked, and that must be written down first. */
static void
wait_locked (Work *work)
{
  gint64 until = MIN (work->until, g_get_monotonic_time () + LOCKED_WAIT);

  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      if (item->waiter == NULL)
        item->answer = HOTPLUG_REMOVAL_GONE;
      else
        _hotplug_removal_wait (item->waiter, until, NULL, &item->answer, NULL);
    }
}

/* Every answer that came is followed; those that did not come are recorded. */
static gboolean
settle_answers (HotplugSession *session, Work *work, GError **error)
{
  g_autofree const char **gone = list_aliases (work->items, is_gone);
  g_autoptr (GPtrArray) refused = filter (work->items, HOTPLUG_REMOVAL_REFUSED);
  g_autoptr (GPtrArray) waiting = filter (work->items, HOTPLUG_REMOVAL_WAITING);
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();

  for (guint i = 0; i < waiting->len; i++)
    g_ptr_array_add (devices, ((const Item *)g_ptr_array_index (waiting, i))->live);
  gboolean all_gone = waiting->len == 0 && refused->len == 0;
  if ((all_gone && !_hotplug_session_drop_left_ports (session, error))
      || !_hotplug_session_drop_records (session, gone, error)
      || (devices->len > 0 && !_hotplug_session_write_records (session, HOTPLUG_RECORD_REMOVING, devices, error)))
    return FALSE;

  for (guint i = 0; i < work->items->len; i++)
    {
      const Item *item = g_ptr_array_index (work->items, i);
      if (is_gone (item))
        _hotplug_vmi_emit_removed (work->vmi, item->alias);
    }
  if (refused->len > 0)
    {
      put_back (session, refused);
      return set_refused (work, refused, error);
    }
  _hotplug_session_strike (session);
  return TRUE;
}

/* Of each the network attachment, "" for what has none; NULL: none of them has one */
static GStrv
list_networks (const Work *work)
{
  GStrv networks = g_new0 (char *, work->items->len + 1);
  gboolean any = FALSE;

  for (guint i = 0; i < work->items->len; i++)
    {
      const HotplugRecord *live = ((const Item *)g_ptr_array_index (work->items, i))->live;
      gboolean has = live != NULL && live->nic != NULL && live->nic->attachment != NULL;
      networks[i] = g_strdup (has ? live->nic->attachment : "");
      any = any || has;
    }
  if (!any)
    g_clear_pointer (&networks, g_strfreev);
  return networks;
}

/* The part under the lock */
static gboolean
begin_removal (HotplugSession *session, Work *work, GError **error)
{
  g_autofree const char **aliases = list_aliases (work->items, NULL);
  g_autoptr (GError) refused = NULL;
  gboolean asked = FALSE;

  /* what was refused when it was to come back */
  for (guint i = 0; aliases[i] != NULL; i++)
    _hotplug_journal_set_refusal (session->journal, aliases[i], NULL);
  session->journal->intent.networks = list_networks (work);
  if (!_hotplug_session_intend (session, HOTPLUG_INTENT_REMOVE, aliases, error))
    return FALSE;
  if (!forget (session, work, &refused) || !ask_all (session, work, &asked, &refused))
    return give_up (session, work, asked, g_steal_pointer (&refused), error);

  wait_locked (work);
  return settle_answers (session, work, error);
}

/* The part without the lock: the machine is others' meanwhile, and the records keep the names and the places taken. */
static gboolean
await_removal (Work *work, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) open = filter (work->items, HOTPLUG_REMOVAL_WAITING);

  for (guint i = 0; i < open->len; i++)
    {
      Item *item = g_ptr_array_index (open, i);
      if (!_hotplug_removal_wait (item->waiter, work->until, cancellable, &item->answer, error))
        return FALSE;
    }

  g_autoptr (GPtrArray) waiting = filter (open, HOTPLUG_REMOVAL_WAITING);
  g_autoptr (GPtrArray) refused = filter (open, HOTPLUG_REMOVAL_REFUSED);
  if (waiting->len > 0 && refused->len == 0)
    {
      g_autofree char *names = name_all (waiting);
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_TIMEOUT,
                   "vmi \"%s\": the guest has not let go of %s; it stays Detaching until it does",
                   hotplug_vmi_get_name (work->vmi), names);
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

  put_back (session, refused);
  return set_refused (work, refused, error);
}

/* A volume that the hypervisor refused has nothing but its status, and is forgotten at once. */
static void
forget_refused (HotplugSession *session, Work *work)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (free_item);

  for (guint i = work->items->len; i > 0; i--)
    {
      Item *item = g_ptr_array_index (work->items, i - 1);
      if (!item->only_refused)
        continue;
      _hotplug_journal_set_refusal (session->journal, item->alias, NULL);
      g_ptr_array_add (refused, g_ptr_array_steal_index (work->items, i - 1));
    }
  if (refused->len > 0)
    _hotplug_session_store (session, NULL);
  for (guint i = 0; i < refused->len; i++)
    _hotplug_vmi_emit_removed (work->vmi, ((const Item *)g_ptr_array_index (refused, i))->alias);
}

/* Checks all, and leaves those in @work that have something to remove */
static gboolean
check_all (HotplugSession *session, Work *work, HotplugPlugFlags flags, GError **error)
{
  for (guint i = 0; i < work->items->len; i++)
    {
      Item *item = g_ptr_array_index (work->items, i);
      if (!_hotplug_removal_check (session, item->alias, flags, &item->only_refused, error))
        return FALSE;
      item->live = _hotplug_record_new_of (HOTPLUG_RECORD_ATTACHED, session->live, item->alias);
    }
  if (!(flags & HOTPLUG_PLUG_DRY_RUN))
    forget_refused (session, work);
  return TRUE;
}

gboolean
_hotplug_vmi_remove_devices (HotplugVmi *self, const char *const *aliases, HotplugPlugFlags flags, int timeout_msec,
                             GCancellable *cancellable, GError **error)
{
  g_auto (Work) work = { 0 };
  gint64 start = g_get_monotonic_time ();

  init_work (&work, self, aliases, timeout_msec);
  {
    g_autoptr (HotplugSession) session = _hotplug_session_begin (self, cancellable, error);
    if (session == NULL || !check_all (session, &work, flags, error))
      return FALSE;
    if (flags & HOTPLUG_PLUG_DRY_RUN || work.items->len == 0)
      return TRUE;
    if (!begin_removal (session, &work, error))
      return FALSE;
  }

  g_autoptr (GPtrArray) waiting = filter (work.items, HOTPLUG_REMOVAL_WAITING);
  if (waiting->len > 0 && !await_removal (&work, cancellable, error))
    return FALSE;
  g_debug ("vmi \"%s\": %s removed in %.1f ms", hotplug_vmi_get_name (self), aliases[0],
           (double)(g_get_monotonic_time () - start) / 1000);
  return TRUE;
}
