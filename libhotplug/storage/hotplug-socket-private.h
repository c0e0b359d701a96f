/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-domain-private.h"

G_BEGIN_DECLS

/* Sockets of this machine, in the network namespace that we are in */

/* Whether it can be had as it is written: HOTPLUG_ERROR_NOT_FOUND if the host has no such address, HOTPLUG_ERROR_EXISTS
 * if another program has the port. What can't be told, such as an address that is a name, is left to the hypervisor. */
gboolean _hotplug_socket_check_free (const HotplugHostSocket *self, GError **error);

/* Whether somebody listens, of one that is on this machine. Nobody is connected to: a server may take one client.
 * HOTPLUG_ERROR_NOT_FOUND */
gboolean _hotplug_socket_check_served (const HotplugHostSocket *self, GError **error);

/* The same of one in the file system. Only its name counts: it may have been bound by another path. */
gboolean _hotplug_socket_check_listened (const HotplugHostFile *self, GError **error);

G_END_DECLS
