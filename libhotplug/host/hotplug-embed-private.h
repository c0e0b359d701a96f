/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean _hotplug_embed_is (const char *uri);

/* Makes the root of a qemu:///embed?root=DIR usable, and returns the URI to open: libvirt takes DIR and DIR/ for two
 * roots. Refused: a URI with a host, a root that is no absolute path, too long for its sockets, another user's or
 * open to others' writing (HOTPLUG_ERROR_PERMISSION), held by another process (HOTPLUG_ERROR_BUSY), or a second one
 * in this process, which libvirt can't have. */
char *_hotplug_embed_prepare (const char *uri, GError **error);

/* The root of an embed URI */
char *_hotplug_embed_root (const char *uri);

G_END_DECLS
