/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/hotplug-admission-private.h"
#include "vmi/hotplug-report-private.h"

/* KubeVirt's words for a pause (pkg/virt-handler/vm.go, calculatePausedCondition; pkg/virt-launcher/notify-client): its
 * condition does not name the disk, its event does. */

#define SAVED "when it starts it goes on from its saved state, with the devices of then"

static void
add_sentence (GString *message, const char *sentence)
{
  g_string_append_printf (message, "%s%s", message->len > 0 ? "; " : "", sentence);
}

static const char *
name_of_target (const HotplugSession *session, const char *target)
{
  const HotplugDisk *disk = _hotplug_domain_find_target (session->live, target);

  return disk != NULL ? _hotplug_disk_name (disk) : target;
}

static void
add_errors (const HotplugSession *session, const GPtrArray *errors, GString *message)
{
  for (guint i = 0; i < errors->len; i++)
    {
      const HotplugDiskError *error = g_ptr_array_index (errors, i);
      g_autofree char *sentence = g_strconcat (error->full ? "not enough space on volume " : "IO error at the volume ",
                                               name_of_target (session, error->target), NULL);
      add_sentence (message, sentence);
    }
}

static const char *
add_pause (HotplugSession *session, GString *message)
{
  g_autoptr (GPtrArray) errors = g_ptr_array_new_with_free_func ((GDestroyNotify)_hotplug_disk_error_free);

  switch (_hotplug_connection_find_pause (session->connection, hotplug_vmi_get_uuid (session->vmi), errors))
    {
    case HOTPLUG_PAUSE_USER:
      add_sentence (message, "VMI was paused by user");
      return "PausedByUser";
    case HOTPLUG_PAUSE_IO_ERROR:
      add_sentence (message, "VMI was paused, low-level IO error detected");
      add_errors (session, errors, message);
      return "PausedIOError";
    case HOTPLUG_PAUSE_OTHER:
    default:
      return NULL;
    }
}

char *
_hotplug_report_state (HotplugSession *session, const char **reason)
{
  g_autoptr (GString) message = g_string_new (NULL);
  const HotplugDomain *side = _hotplug_session_record_side (session);

  *reason = session->state == HOTPLUG_VMI_STATE_PAUSED ? add_pause (session, message) : NULL;
  if (_hotplug_session_is_saved (session))
    add_sentence (message, SAVED);
  if (_hotplug_domain_is_borrowed (side))
    {
      g_autofree char *sentence = g_strdup_printf (
          "its metadata was copied from another VMI, %s: what that had plugged in is not acted upon here, and the next "
          "change drops it", side->owner);
      add_sentence (message, sentence);
    }
  return message->len > 0 ? g_strdup (message->str) : NULL;
}

const char *
_hotplug_report_plan (HotplugSession *session)
{
  return _hotplug_session_is_saved (session) ? SAVED "; what is changed now comes with the start after that" : NULL;
}

/* What a start does not bring where it goes on from a saved state, and what it brings though the template does not have
 * it. NULL: what comes is what is in the template */
const char *
_hotplug_report_saved (HotplugSession *session, const char *alias)
{
  if (!_hotplug_session_is_saved (session) || session->saved == NULL)
    return NULL;

  gboolean there = _hotplug_domain_has_alias (session->saved, alias);
  if (_hotplug_domain_has_alias (session->template, alias))
    return there ? NULL : "is not in the saved state that the VMI goes on from when it starts; it is attached by the "
                          "start after that";
  return there && _hotplug_domain_find_record (session->template, alias) == NULL
             ? "is in the saved state that the VMI goes on from when it starts, and no longer in its template"
             : NULL;
}
