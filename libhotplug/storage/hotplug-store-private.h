/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-data-volume-private.h"
#include "storage/hotplug-machine-user-private.h"

G_BEGIN_DECLS

/* A directory of volumes, as KubeVirt has them: NAME/disk.img, and beside it NAME/volume.conf with what the image does
 * not say. A volume is made as .NAME.new, and taken away as .NAME.old: what has a name of its own is whole. */
typedef struct _HotplugStore HotplugStore;

/* @name: (nullable): what its volumes say as their store
 * @shared: whether others than this user, those of the directory's group, run the machines
 * @make: makes the directory if it is not there; else HOTPLUG_ERROR_NOT_FOUND */
HotplugStore *_hotplug_store_open (const char *name, const char *path, gboolean shared, gboolean make, GError **error);
void _hotplug_store_free (HotplugStore *self);

/* What is made in it from now on is for the machines of @user: he can reach it by the group. That of the store, if he
 * is in it, else his own. HOTPLUG_ERROR_PERMISSION if he can't come to the store; one that was just made is taken away
 * again. */
gboolean _hotplug_store_share (HotplugStore *self, const HotplugMachineUser *user, GError **error);

/* All of them, HotplugDataVolume, sorted by name; also those that are being made */
GPtrArray *_hotplug_store_list (HotplugStore *self, GError **error);

/* HOTPLUG_ERROR_NOT_FOUND */
HotplugDataVolume *_hotplug_store_get (HotplugStore *self, const char *name, GError **error);

/* @source: (nullable): the volume that is cloned, of whatever store */
HotplugDataVolume *_hotplug_store_create (HotplugStore *self, HotplugDataVolume *volume, HotplugDataVolume *source,
                                          GCancellable *cancellable, GError **error);

gboolean _hotplug_store_delete (HotplugStore *self, const char *name, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugStore, _hotplug_store_free)

G_END_DECLS
