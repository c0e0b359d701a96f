/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume.h>

#include "model/hotplug-network-source-private.h"

G_BEGIN_DECLS

/* Of type int each, as the table of their properties expects it */
typedef struct
{
  HotplugDiskType device;
  HotplugIo io;
  HotplugErrorPolicy error_policy;
  HotplugDiscard discard;
  HotplugImageFormat format;
  HotplugAccessMode access_mode;
  guint logical_block_size;
  guint physical_block_size;
  gboolean match_block_size;
  guint boot_order;
  gboolean dedicated_io_thread;
  gboolean allow_mounted;
  gboolean shareable;
  gboolean preallocated; /* no property: it is a data volume that was allotted in advance */
} HotplugVolumeOptions;

struct _HotplugVolume
{
  GObject parent_instance;

  char *name;
  char *path; /* nullable */
  char *uri;  /* nullable */
  char *serial;
  HotplugBus bus;
  HotplugCache cache;
  gboolean read_only;
  HotplugVolumeOptions options;
  HotplugNetworkSource network; /* what the URI says */
};

/* The properties of the options, numbered from @first_id */
void _hotplug_volume_options_install (GObjectClass *class, guint first_id);
gboolean _hotplug_volume_options_get (const HotplugVolumeOptions *self, guint id, GValue *value);
gboolean _hotplug_volume_options_set (HotplugVolumeOptions *self, guint id, const GValue *value);

/* Whether all that was asked for goes together, as far as a volume can tell that alone */
gboolean _hotplug_volume_check (HotplugVolume *self, GError **error);

/* The disk's source on the network, NULL if it has a path */
const HotplugNetworkSource *_hotplug_volume_peek_network (HotplugVolume *self);

G_END_DECLS
