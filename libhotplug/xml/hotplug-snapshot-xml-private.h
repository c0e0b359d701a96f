/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Adds the directories of the files that an external snapshot, by its XML, has put upon the disks of its machine;
 * nothing of XML that is no snapshot's. Its <domain> has disks too, which are those from before.
 * @directories: a set of texts that it frees */
void _hotplug_snapshot_add_directories (const char *xml, GHashTable *directories);

G_END_DECLS
