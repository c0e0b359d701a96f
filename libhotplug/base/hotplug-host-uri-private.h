/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define HOTPLUG_HOST_URI_FORM "qemu+ssh://[USER@]HOST[:PORT]/system, or with qemu+tls, qemu+tcp or qemu, or /session"

/* Whether @uri only says which host is meant. libvirt's other URIs name programs to run, files and sockets to open,
 * keys to use and checks to leave out (https://libvirt.org/uri.html): those are for the caller to say, and not for a
 * manifest or a machine's metadata, which somebody else has written. */
gboolean _hotplug_host_uri_is_plain (const char *uri);

G_END_DECLS
