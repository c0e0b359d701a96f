/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* From now on SIGINT and SIGTERM cancel @cancellable, and end the program when they come again. Before any thread. */
void interrupt_watch (GCancellable *cancellable);

/* The signal that came, or 0 */
int interrupt_get_signal (void);

G_END_DECLS
