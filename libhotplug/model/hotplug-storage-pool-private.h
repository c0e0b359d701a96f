/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-data-volume-private.h"

G_BEGIN_DECLS

/* A storage pool and its volumes, as libvirt tells them */

typedef struct
{
  char *name;
  char *uuid;
  char *type; /* dir, fs, logical, … */
} HotplugStoragePool;

typedef struct
{
  char *name;
  char *path;
  char *format;     /* nullable: what libvirt found by looking into it, so that a guest may have chosen it */
  guint64 size;     /* of the file or device, bytes */
  guint64 capacity; /* of the disk in it, by that format */
  gboolean block;   /* a device */
  gboolean file;    /* a file; neither: a directory, or on the network */
  gboolean backed;  /* it leads to another file, by that format */
} HotplugStorageVolume;

void _hotplug_storage_pool_clear (HotplugStoragePool *self);
HotplugStorageVolume *_hotplug_storage_volume_new (void);
void _hotplug_storage_volume_free (HotplugStorageVolume *self);

/* Whether its volumes are devices */
gboolean _hotplug_storage_pool_has_devices (const HotplugStoragePool *self);

/* Whether @volume can be made in it: HOTPLUG_ERROR_INVALID_ARGUMENT */
gboolean _hotplug_storage_pool_check (const HotplugStoragePool *self, HotplugDataVolume *volume, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugStoragePool, _hotplug_storage_pool_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugStorageVolume, _hotplug_storage_volume_free)

G_END_DECLS
