/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface.h>

#include "model/hotplug-network-connection-private.h"
#include "vmi/hotplug-addition-private.h"

G_BEGIN_DECLS

/* Everything that can be checked of an interface before the hypervisor is asked, and where it goes; into @item */
gboolean _hotplug_addition_plan_interface (HotplugSession *session, HotplugInterface *interface, gboolean persist,
                                           HotplugAdditionItem *item, GError **error);

/* How @attachment is connected to; where the host can't, and it may wait, only that: %TRUE in both cases.
 * @pending: (out): it can't be had here, and may wait */
gboolean _hotplug_session_connect_or_wait (HotplugSession *session, HotplugNetworkAttachment *attachment,
                                           HotplugNetworkConnection *connection, gboolean *pending, GError **error);

/* What is known of where one that waits is to be; the strings are @attachment's */
HotplugNetworkConnection _hotplug_pending_connection (HotplugNetworkAttachment *attachment);

G_END_DECLS
