/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "conformance/block-model.h"

G_BEGIN_DECLS

/* A machine of a daemon's, to which everything is done that may be done to its disks, in random order */

/* What the library does, in this process or in one that is killed at it */
typedef enum {
  BLOCK_ADD,
  BLOCK_REMOVE,
  BLOCK_STOP,
  BLOCK_START,
  BLOCK_RESTART,
  BLOCK_N_DEEDS,
} BlockDeed;

typedef struct
{
  BlockModel model;
  GRand *random;
  HotplugHost *host;
  char *images;
  const char *program;
  guint made; /* names and files that were made up to now */
  gint64 pace[BLOCK_N_DEEDS]; /* how long one takes, microseconds */
} BlockTorture;

/* @specs: of an add NAME,BUS,FORMAT,PATH each, of a removal names */
gboolean block_deed (HotplugVmi *vmi, BlockDeed deed, const char *const *specs, HotplugPlugFlags flags,
                     int timeout_msec, GError **error);
char *block_spec (const BlockDisk *disk);

/* @argv: PROGRAM --client URI MACHINE DEED FLAGS SPEC… */
gboolean block_is_client (int argc, char **argv);
int block_be_client (int argc, char **argv);
void block_kill_client (BlockTorture *self, BlockDeed deed, const char *const *specs, HotplugPlugFlags flags);

guint block_between (BlockTorture *self, guint from, guint to);
gboolean block_chance (BlockTorture *self, double part);
char *block_new_path (BlockTorture *self, const char *name);
/* Of the disks that others and the library may do something with, at most @most in random order; the array may be empty
 * @bus: HOTPLUG_BUS_UNKNOWN: any */
GPtrArray *block_draw_disks (BlockTorture *self, guint most, gboolean answering);
/* Some call of the library that changes nothing: the records follow */
void block_look (BlockTorture *self);

/* What others do, by libvirt's own calls; FALSE: there is nothing to do it to */
gboolean block_snapshot (BlockTorture *self);
gboolean block_commit_active (BlockTorture *self);
gboolean block_commit_inner (BlockTorture *self);
gboolean block_copy (BlockTorture *self);
gboolean block_refused (BlockTorture *self);
gboolean block_resize (BlockTorture *self);
gboolean block_tune (BlockTorture *self);

/* What the library does, and what becomes of the machine */
gboolean block_add (BlockTorture *self);
gboolean block_remove (BlockTorture *self);
gboolean block_remove_unanswered (BlockTorture *self);
gboolean block_stop (BlockTorture *self);
gboolean block_start (BlockTorture *self);
gboolean block_restart (BlockTorture *self);
gboolean block_start_by_others (BlockTorture *self);
gboolean block_crash (BlockTorture *self);
gboolean block_killed (BlockTorture *self);

void block_torture (const char *program, guint steps, guint seed);

G_END_DECLS
