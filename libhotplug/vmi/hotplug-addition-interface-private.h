/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface.h>

#include "vmi/hotplug-addition-private.h"

G_BEGIN_DECLS

/* Everything that can be checked of an interface before the hypervisor is asked, and where it goes; into @item */
gboolean _hotplug_addition_plan_interface (HotplugSession *session, HotplugInterface *interface, gboolean persist,
                                           HotplugAdditionItem *item, GError **error);

G_END_DECLS
