/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-serial.h>

G_BEGIN_DECLS

/* Whether a guest could not tell two disks by what it sees of their serials, each of which may be NULL, or by the names
 * that udev makes of them.
 * The limits are those of hotplug_serial_get_limit (); where there is none, all of the serial counts. */
gboolean _hotplug_serial_collides (const char *a, guint a_limit, const char *b, guint b_limit);

G_END_DECLS
