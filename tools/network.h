/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

#define NETWORK_KIND "NetworkAttachmentDefinition"

/* get network [NAME]; @name may be %NULL: all */
gboolean network_get (Hotplugctl *ctl, const char *name, GError **error);

/* Keeps it on the host, and prints what was made */
gboolean network_create (Hotplugctl *ctl, HotplugNetworkAttachment *attachment, GError **error);

gboolean network_delete (Hotplugctl *ctl, const char *name, GError **error);

/* The same for what a manifest names */
gboolean network_delete_object (Hotplugctl *ctl, HotplugManifest *object, GError **error);

/* Our word for this kind, or one of kubectl's */
gboolean network_is_kind (const char *word);

G_END_DECLS
