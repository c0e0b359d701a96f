/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-macros.h>

G_BEGIN_DECLS

HOTPLUG_AVAILABLE_IN_0_1
const char *hotplug_get_runtime_version (void);

G_END_DECLS
