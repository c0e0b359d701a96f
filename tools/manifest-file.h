/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* The objects of a file, "-" for standard input, all of them of kinds that can be created and deleted, with a name
 * (element-type HotplugManifest) */
GPtrArray *manifest_file_read (const char *file, GError **error);

/* Its bytes, and one more than a manifest may have at most */
GString *manifest_file_read_text (const char *file, GError **error);

/* Names the file */
void manifest_file_prefix_error (const char *file, GError **error);

/* Whether the arguments are KIND NAME, or none with --filename=FILE */
gboolean manifest_file_check_arguments (Hotplugctl *ctl, const char *file, char **arguments, GError **error);

G_END_DECLS
