/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-host.h>
#include <hotplug/hotplug-network-attachment.h>

G_BEGIN_DECLS

/* Whether an interface that names its attachment so has this one */
typedef gboolean (*HotplugNetworkIs) (const char *network, gpointer user_data);

/* Whether no interface of the host's machines has the attachment, running, in a template, or recorded for the next
 * start: HOTPLUG_ERROR_NETWORK_IN_USE, with those that have it */
gboolean _hotplug_host_check_network_unused (HotplugHost *self, HotplugNetworkAttachment *attachment,
                                             HotplugNetworkIs is, gpointer user_data, GCancellable *cancellable,
                                             GError **error);

G_END_DECLS
