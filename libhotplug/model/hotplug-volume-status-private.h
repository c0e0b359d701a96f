/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-volume-status.h>

G_BEGIN_DECLS

/* What a status is made of; the strings are copied. */
typedef struct
{
  const char *name;
  const char *target;
  const char *reason;
  const char *message;
  const char *path;
  const char *uri;
  const char *serial;
  const char *address;
  const char *attach_id;
  const char *attach_uid;
  guint64 size;
  HotplugBus bus;
  HotplugDiskType device;
  HotplugCache cache;
  HotplugIo io;
  HotplugErrorPolicy error_policy;
  HotplugDiscard discard;
  HotplugVolumePhase phase;
  guint logical_block_size;
  guint physical_block_size;
  guint boot_order;
  gboolean dedicated_io_thread;
  gboolean block;
  gboolean hotplugged;
  gboolean persisted;
  gboolean read_only;
  gboolean shareable;
} HotplugVolumeStatusFields;

HotplugVolumeStatus *_hotplug_volume_status_new (const HotplugVolumeStatusFields *fields);

/* What a manifest says and no getter does */
const HotplugVolumeStatusFields *_hotplug_volume_status_peek (HotplugVolumeStatus *self);

G_END_DECLS
