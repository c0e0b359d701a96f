/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "rules/hotplug-ports-private.h"

G_BEGIN_DECLS

/* The IO thread, of those that both sides have, that serves the fewest disks; the lowest of several. 0 if there is
 * none. */
guint _hotplug_io_thread_choose (const HotplugSides *sides);

G_END_DECLS
