/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"
#include "storage/hotplug-machine-user-private.h"

G_BEGIN_DECLS

/* Whom the machines of a local daemon run as, if it is neither us nor root; FALSE too where that can't be told. Asks
 * the hypervisor, so it is for what is rare: something made in a store, something that was refused. An embedded driver
 * is not asked: nobody has asked it before, and it would first run each QEMU of the host. MEASURED, 43 s for fourteen
 * of them on two busy cores. */
gboolean _hotplug_host_find_user (HotplugConnection *connection, HotplugMachineUser *user);

G_END_DECLS
