/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-data-volume.h>
#include <hotplug/hotplug-host.h>

#include "model/hotplug-configuration-private.h"

G_BEGIN_DECLS

/* The stores of a host, HotplugStoreEntry: those of its configuration, and of an embedded host that has none
 * ROOT/store. The default one is the first. */
GPtrArray *_hotplug_host_stores (HotplugHost *self);

/* One of @stores. @name: (nullable): NULL for the default one. HOTPLUG_ERROR_NOT_FOUND */
const HotplugStoreEntry *_hotplug_host_find_store (HotplugHost *self, GPtrArray *stores, const char *name,
                                                   GError **error);

/* What a store is: a directory, or a pool of libvirt's. The calls are those below. */
typedef struct
{
  GPtrArray *(*list) (HotplugHost *self, const HotplugStoreEntry *store, GError **error);
  HotplugDataVolume *(*get) (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error);
  HotplugDataVolume *(*create) (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                                HotplugDataVolume *source, GCancellable *cancellable, GError **error);
  gboolean (*remove) (HotplugHost *self, const HotplugStoreEntry *store, const char *name, GError **error);
} HotplugStoreKind;

extern const HotplugStoreKind _hotplug_directory_kind;
extern const HotplugStoreKind _hotplug_pool_kind;

/* What a store can do, whether it is a directory or a pool. A directory that is not there is empty. */
GPtrArray *_hotplug_host_store_list (HotplugHost *self, const HotplugStoreEntry *store, GError **error);
/* HOTPLUG_ERROR_NOT_FOUND */
HotplugDataVolume *_hotplug_host_store_get (HotplugHost *self, const HotplugStoreEntry *store, const char *name,
                                            GError **error);
HotplugDataVolume *_hotplug_host_store_create (HotplugHost *self, const HotplugStoreEntry *store,
                                               HotplugDataVolume *volume, HotplugDataVolume *source,
                                               GCancellable *cancellable, GError **error);
gboolean _hotplug_host_store_delete (HotplugHost *self, const HotplugStoreEntry *store, const char *name,
                                     GError **error);

G_END_DECLS
