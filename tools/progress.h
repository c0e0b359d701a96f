/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A line on standard error that tells how far something is, which lasts until the next one or its end */

/* Whether somebody looks at it */
gboolean progress_is_seen (void);

/* @fraction: from 0 to 1; @more: (nullable): what else is to be told */
void progress_show (const char *name, double fraction, const char *more);

void progress_end (void);

G_END_DECLS
