/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-machine-lock-private.h"
#include "host/hotplug-pool-private.h"
#include "model/hotplug-storage-pool-private.h"
#include "vmi/hotplug-host-stores-private.h"

G_BEGIN_DECLS

/* Between the files of a pool as a store only. A volume NAME of the pool is the data volume, and a second one beside
 * it, NAME.hotplug, is its record: what libvirt can't say of it, and whether it is whole. The record is made first and
 * goes last, so that what is not whole has one that says so. A dot is in no data volume's name. */

#define HOTPLUG_POOL_RECORD ".hotplug"
#define HOTPLUG_POOL_RECORD_SIZE 16384

typedef struct
{
  const HotplugStoreEntry *entry;
  HotplugConnection *connection;
  HotplugStoragePool pool;
  char *locks;  /* the directory of this machine's locks */
  char *client; /* this machine and its boot */
} HotplugPoolStore;

/* Who makes a volume, of one that is not whole */
typedef enum {
  HOTPLUG_MAKER_DONE,    /* it is whole */
  HOTPLUG_MAKER_LIVES,   /* a process of this machine, which holds the volume's lock */
  HOTPLUG_MAKER_GONE,    /* one of this machine, which does not */
  HOTPLUG_MAKER_UNKNOWN, /* perhaps of another machine: it can't be asked */
} HotplugMaker;

/* What is in the pool under a name */
typedef struct
{
  HotplugStorageVolume *volume; /* nullable */
  gboolean recorded;
  HotplugDataVolume *told; /* nullable: the record's words */
  char *bad;               /* nullable: why they can't be taken */
  HotplugMaker maker;
  double progress; /* < 0: nothing is copied yet */
} HotplugPoolLook;

gboolean _hotplug_pool_store_open (HotplugPoolStore *self, HotplugHost *host, const HotplugStoreEntry *entry,
                                   GError **error);
void _hotplug_pool_store_clear (HotplugPoolStore *self);

/* Of a volume that is made or deleted, between the threads and processes of this machine */
char *_hotplug_pool_store_lock_name (const HotplugPoolStore *self, const char *name);

/* @locked: the volume's lock is held by who asks. FALSE: the pool can't be asked */
gboolean _hotplug_pool_store_look (const HotplugPoolStore *self, const char *name, gboolean locked,
                                   HotplugPoolLook *out, GError **error);
void _hotplug_pool_look_clear (HotplugPoolLook *self);

/* The volume as it is now; NULL: there is none */
HotplugDataVolume *_hotplug_pool_store_describe (const HotplugPoolStore *self, const char *name,
                                                 const HotplugPoolLook *look);

/* Writes the record, which is there. */
gboolean _hotplug_pool_store_write_record (const HotplugPoolStore *self, HotplugDataVolume *volume, gboolean whole,
                                           GError **error);

/* Takes away what is under a name: the volume, then its record. The volume's lock is held. */
gboolean _hotplug_pool_store_take_away (const HotplugPoolStore *self, const char *name, GError **error);

/* The record alone, where the volume is somebody else's */
gboolean _hotplug_pool_store_take_record (const HotplugPoolStore *self, const char *name, GError **error);

HotplugDataVolume *_hotplug_pool_create (HotplugHost *self, const HotplugStoreEntry *store, HotplugDataVolume *volume,
                                         HotplugDataVolume *source, GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugPoolStore, _hotplug_pool_store_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugPoolLook, _hotplug_pool_look_clear)

G_END_DECLS
