/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "rules/hotplug-media-private.h"
#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-media-xml-private.h"

/* A medium that is neither a path nor an address that we know */
#define OTHER_MEDIUM "?"

char *
_hotplug_session_medium_in (const HotplugDisk *drive, const char *text)
{
  if (drive->path != NULL || drive->uri != NULL)
    return g_strdup (drive->path != NULL ? drive->path : drive->uri);
  return g_strdup (_hotplug_media_xml_has_medium (text, drive->target) ? OTHER_MEDIUM : "");
}

static gboolean
holds (const HotplugDisk *drive, const char *text, const char *medium)
{
  if (drive == NULL || text == NULL)
    return FALSE;

  g_autofree char *held = _hotplug_session_medium_in (drive, text);
  return strcmp (held, medium) == 0;
}

/* Only what we wrote is written over: others may have put something else in meanwhile. */
static gboolean
take_template_back (HotplugSession *self, const HotplugIntent *intent, const HotplugDisk *drive, const char *text,
                    GError **error)
{
  return intent->template_before == NULL || !holds (drive, text, intent->medium)
         || _hotplug_connection_update (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_SIDE_TEMPLATE,
                                        intent->template_before, error);
}

gboolean
_hotplug_session_reload_medium (HotplugSession *self, const char *text, const char *target, const char *xml,
                                GError **error)
{
  g_autofree char *empty = _hotplug_media_xml_change (text, target, NULL, error);
  const char *uuid = hotplug_vmi_get_uuid (self->vmi);

  return empty != NULL && _hotplug_connection_update (self->connection, uuid, HOTPLUG_SIDE_LIVE, empty, error)
         && _hotplug_connection_update (self->connection, uuid, HOTPLUG_SIDE_LIVE, xml, error);
}

/* A medium that QEMU can't open is refused when the old one is out already: libvirt then says that the old one is in,
 * and the tray is open (9.0.0 src/qemu/qemu_hotplug.c:459). A daemon that was killed in between finds the drive empty.
 * The old one may be gone meanwhile: that must not keep the machine from all other work. */
static gboolean
put_back (HotplugSession *self, const HotplugIntent *intent, const HotplugDisk *drive, const char *text, GError **error)
{
  g_autoptr (GError) refused = NULL;

  if (drive == NULL || !_hotplug_media_xml_has_medium (intent->live_before, drive->target)
      || !(holds (drive, text, "") || _hotplug_media_xml_is_open (text, drive->target))
      || _hotplug_session_reload_medium (self, text, drive->target, intent->live_before, &refused))
    return TRUE;

  g_debug ("vmi \"%s\": the old medium is not back: %s", hotplug_vmi_get_name (self->vmi), refused->message);
  if (!g_error_matches (refused, HOTPLUG_ERROR, HOTPLUG_ERROR_CONNECTION))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&refused));
  return FALSE;
}

gboolean
_hotplug_session_settle_media (HotplugSession *self, const HotplugIntent *intent, gboolean *done, GError **error)
{
  const char *name = intent->devices[0];
  g_auto (HotplugMachineText) text = { 0 };

  if (!_hotplug_connection_read_machine (self->connection, hotplug_vmi_get_uuid (self->vmi), HOTPLUG_LOOK_DEVICES,
                                         &text, error))
    return FALSE;

  HotplugDisk *live = self->live != NULL ? _hotplug_media_find_drive (self->live, name, NULL) : NULL;
  HotplugDisk *configured = self->template != NULL ? _hotplug_media_find_drive (self->template, name, NULL) : NULL;

  /* The template comes first. A change of it alone is one step: it was made, or it was not. */
  if (intent->live_before == NULL)
    {
      *done = holds (configured, text.template, intent->medium);
      return TRUE;
    }
  *done = holds (live, text.live, intent->medium);
  return *done
         || (take_template_back (self, intent, configured, text.template, error)
             && (text.live == NULL || put_back (self, intent, live, text.live, error)));
}
