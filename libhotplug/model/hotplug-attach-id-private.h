/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The id of an attachment and its UUID: functions of the machine, the volume's name and its address alone, so that they
 * are the same for every client and after a restart, and another attachment has others. */
void _hotplug_attach_id (const char *vmi_uuid, const char *name, const char *address, char **id, char **uid);

G_END_DECLS
