/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug.h>

#include "lab/lab.h"

G_BEGIN_DECLS

/* Two hosts with a cable between, which share files by their paths, and a machine that goes from one to the other. The
 * machine's handle and its guest are those of the host that it is on. */

#define PAIR_MACHINE "wanders"
#define PAIR_NETWORK "lan" /* on both hosts, each with a bridge of its own */

typedef struct
{
  LabDaemon *daemons[2];
  HotplugHost *hosts[2];
  HotplugHost *peers[2]; /* nullable: each by the URI that the other one reaches it under */
  LabConnect *connects[2];
  HotplugVmi *vmi;
  LabGuest *guest; /* nullable: as long as nobody asks it */
  char *images;
  guint at; /* the host that the machine is on */
} Pair;

/* Why there can't be one here; NULL: there can */
const char *pair_missing (void);

/* The machine runs on the first one, and its guest has booted */
Pair *pair_new (void);
void pair_free (Pair *self);

void pair_network (Pair *self, guint host, const char *network, const char *bridge);

/* A ReadWriteMany volume in an image of its own; @loop: (nullable) (out): in a loop device over it, to be detached */
HotplugVolume *pair_volume (Pair *self, const char *name, HotplugAccessMode mode, HotplugBus bus, char **loop);
void pair_add (Pair *self, HotplugVolume *volume, HotplugPlugFlags flags);
void pair_add_interface (Pair *self, const char *name, const char *bridge, HotplugPlugFlags flags);

/* The host that the machine goes to next, as the one that it is on has to name it */
HotplugHost *pair_peer (Pair *self);

/* To the other host; it must succeed, and nothing may be left behind */
void pair_migrate (Pair *self, HotplugMigrateFlags flags);
/* What must be so when the machine is on self->at and nowhere else */
void pair_assert_place (Pair *self);
/* The machine is where it is found now; %FALSE if it has gone since */
gboolean pair_find (Pair *self);

/* The guest's shell, on whatever host it is */
LabGuest *pair_guest (Pair *self);

/* Volumes, interfaces, serials, targets and addresses as text that can be compared */
char *pair_picture (Pair *self);

/* A writer in the guest that notes the sums of all it writes to that disk, until it is told to stop; then it reads all
 * back.
 * Returns: how many blocks */
void pair_begin_writing (Pair *self, const char *link);
guint pair_end_writing (Pair *self);
/* Nothing is read back */
void pair_stop_writing (Pair *self);

/* On a host: taps of machines, and open files of its daemon */
guint pair_count_taps (Pair *self, guint host);
guint pair_count_files (Pair *self, guint host);

/* A program of rows that share one pair, which stands in @pair while they run */
typedef struct
{
  const char *path;
  void (*test) (void);
} PairRow;

int pair_main (int argc, char **argv, Pair **pair, const PairRow *rows, gsize n_rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

G_END_DECLS
