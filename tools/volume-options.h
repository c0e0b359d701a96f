/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "common.h"

G_BEGIN_DECLS

/* What addvolume is told of its volumes. Of the arrays each is as long as @names, or NULL: the nth is the nth
 * volume's. */
typedef struct
{
  char *file;
  char **names;
  char **sources;
  char **disk_names;
  char **serials;
  char **boot_orders;
  char *disk_type;
  char *bus;
  char *cache;
  char *io;
  char *discard;
  char *error_policy;
  char *access_mode;
  char *format;
  char *logical_block_size;
  char *physical_block_size;
  gboolean match_block_size;
  gboolean dedicated_io_thread;
  gboolean shareable;
  gboolean read_only;
  gboolean allow_mounted;
  gboolean persist;
  gboolean dry_run;
} VolumeOptions;

void volume_options_clear (VolumeOptions *self);

/* As hotplugctl_parse(), and whether they go together */
char **volume_options_parse (Hotplugctl *ctl, VolumeOptions *self, int argc, char **argv, GError **error);

/* The volumes that are meant, in their order; asks the host for those that have no source of their own. A file may ask
 * for a dry run too. */
GPtrArray *volume_options_make (VolumeOptions *self, Hotplugctl *ctl, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (VolumeOptions, volume_options_clear)

G_END_DECLS
