/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* A drive's own XML out of a machine's, with another medium in it: all else stays as it is, since the definition of a
 * device that is updated must be told whole. HOTPLUG_ERROR_FAILED if there is no such drive.
 * @target: the drive
 * @medium: (nullable): what it is to hold, of which source and format count; NULL: nothing */
char *_hotplug_media_xml_change (const char *domain, const char *target, const HotplugDisk *medium, GError **error);

/* The same with the medium that it has, for a time when it has another */
char *_hotplug_media_xml_keep (const char *domain, const char *target, GError **error);

/* Whether it holds anything, also such that is no path and no address that we know; @domain: may be the drive's own
 * XML */
gboolean _hotplug_media_xml_has_medium (const char *domain, const char *target);

/* Whether its tray stands open */
gboolean _hotplug_media_xml_is_open (const char *domain, const char *target);

G_END_DECLS
