/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Gives a flock() back and closes @fd. A close alone leaves the lock to a child that the application has forked
 * meanwhile, which has the same open file (flock(2)). */
void _hotplug_lock_close (int fd);

G_END_DECLS
