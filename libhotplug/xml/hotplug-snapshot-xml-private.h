/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Adds the files that an external snapshot, by its XML, has put upon the disks of its machine; nothing of XML that is
 * no snapshot's. Its <domain> has disks too, which are those from before. */
void _hotplug_snapshot_add_files (const char *xml, GPtrArray *files);

G_END_DECLS
