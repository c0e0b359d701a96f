/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A disk's source that the hypervisor reaches over the network by itself, as libvirt's <source protocol='…'> says it */
typedef struct
{
  char *protocol; /* nbd, iscsi or rbd; NULL if there is none at all */
  char *name;     /* an export, TARGET/LUN or POOL/IMAGE; nullable with nbd */
  char *host;     /* nullable */
  char *socket;   /* nullable: a path, instead of a host */
  guint port;     /* 0 for the protocol's own */
} HotplugNetworkSource;

void _hotplug_network_source_clear (HotplugNetworkSource *self);

/* HOTPLUG_ERROR_INVALID_ARGUMENT */
gboolean _hotplug_network_source_parse (const char *uri, HotplugNetworkSource *out, GError **error);

/* Always the same text for the same source, so that two can be compared; NULL if no URI says it */
char *_hotplug_network_source_to_uri (const HotplugNetworkSource *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugNetworkSource, _hotplug_network_source_clear)

G_END_DECLS
