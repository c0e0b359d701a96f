/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sees to it that this process has a libvirt event loop: the application's if it registered one, else ours, in a
 * thread and a main context of its own. Done once; cheap afterwards. HOTPLUG_ERROR_CONNECTION where there can be no
 * thread more. */
gboolean _hotplug_event_loop_ensure (GError **error);

/* Whether the loop is ours, so that events come whatever the caller's thread does */
gboolean _hotplug_event_loop_is_ours (void);

G_END_DECLS
