/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a guest agent answers to guest-network-get-interfaces. It is the word of whoever is in the guest: what makes no
 * sense is left out. HOTPLUG_ERROR_MANIFEST if nothing does.
 * Returns: (element-type HotplugGuestNic) */
GArray *_hotplug_manifest_read_guest_nics (const char *text, GError **error);

G_END_DECLS
