/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "lab/lab.h"

G_BEGIN_DECLS

/* A machine's disks as they must be, and how they are: in the template, the running machine, the records, the images
 * and through the guest's own device. The machine runs no system: what its device reads is read by QEMU's monitor. */

#define BLOCK_SLOTS 6 /* words that are kept of a disk, a MiB apart */

/* One file of a chain, and what a disk would read that had it for its newest one */
typedef struct
{
  char *path;
  gboolean qcow2;
  guint mib;
  guint8 words[BLOCK_SLOTS];
} BlockImage;

/* What stands in L or in a record, which follows it when somebody looks */
typedef struct
{
  char *files; /* the newest first, a space behind each */
  guint iops;
} BlockWords;

typedef struct
{
  char *name;
  HotplugBus bus;
  gboolean persisted;
  gboolean plugged;    /* the running machine has it */
  gboolean leaving;    /* it was asked for, and the guest does not answer */
  gboolean for_good;   /* the template does not keep it then */
  GPtrArray *chain;    /* BlockImage, the newest first */
  guint iops;          /* in the running machine */
  guint iops_template;
  BlockWords recorded; /* if it is not persisted */
  char *place;         /* its target and its address, which it keeps; NULL: not yet known */
} BlockDisk;

typedef struct
{
  LabDaemon *daemon;
  virConnectPtr connect;
  virDomainPtr domain;
  HotplugVmi *vmi;
  char *machine;
  char *log; /* what QEMU says */
  gboolean running;
  gboolean followed; /* whoever has seen the machine last was the library */
  GPtrArray *disks;  /* BlockDisk */
} BlockModel;

void block_image_free (gpointer data);
BlockImage *block_image_new (const char *path, gboolean qcow2, guint mib);
void block_disk_free (gpointer data);
BlockDisk *block_disk_new (const char *name, HotplugBus bus, gboolean persisted, BlockImage *image);
BlockImage *block_disk_image (const BlockDisk *disk, guint depth); /* 0: the newest */
BlockDisk *block_model_find (const BlockModel *model, const char *name);
const char *block_disk_target (const BlockDisk *disk);

/* All that is to be so when the records have followed */
void block_model_follow (BlockModel *model);

/* Through the device that the guest has */
void block_model_write (BlockModel *model, BlockDisk *disk, guint slot, guint8 word);

/* How many of its files are newer than the one that is recorded */
guint block_model_count_newer (const BlockModel *model, const BlockDisk *disk);

/* NULL: all is as it should be; else what is not */
char *block_model_check (BlockModel *model);

void block_model_clear (BlockModel *model);

G_END_DECLS
