/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What tests/bench/batch is made of: a machine on which the library and raw libvirt do the same in turn. */

#include <hotplug/hotplug.h>

#include "bench/bench.h"

G_BEGIN_DECLS

typedef struct
{
  HotplugHost *host;
  virConnectPtr connect;
  const char *uri;
  guint rounds;
} Batch;

typedef struct
{
  LabDomain *domain;
  HotplugVmi *vmi;
  char *directory;
  char *template;     /* as it was defined: what raw calls add to it is taken out by defining this again */
  GPtrArray *volumes; /* HotplugVolume */
  GStrv names;
  GStrv xml; /* of the raw calls: what the library attaches, under aliases that it takes for a stranger's */
  GStrv aliases;
  guint attached; /* by raw calls now */
  int callback;

  GMutex lock; /* over what follows */
  GCond changed;
  guint removed; /* events since batch_machine_expect () */
} BatchMachine;

/* Paused, with @disks disks before and images for @count volumes more */
BatchMachine *batch_machine_new (const Batch *batch, const char *name, guint disks, guint count);
void batch_machine_free (BatchMachine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BatchMachine, batch_machine_free)

/* Each returns the microseconds that it took. */
gint64 batch_add (BatchMachine *self, HotplugPlugFlags flags);
gint64 batch_plan (BatchMachine *self, HotplugPlugFlags flags);
gint64 batch_remove (BatchMachine *self, guint from, guint count);
/* A loop of virDomainAttachDeviceFlags; of virDomainDetachDeviceFlags from the first one on */
gint64 batch_raw_attach (BatchMachine *self, guint flags);
gint64 batch_raw_detach (BatchMachine *self, guint count, guint flags);
/* As fast as libvirt can: all are asked, then awaited; the template is defined as it was. What raw_detach () left. */
gint64 batch_raw_clear (BatchMachine *self);

/* @faster: how many times ours is to be faster than raw; 0: ours is to take at most @most times as long.
 * Both 0: no target */
void batch_print_head (const char *title);
void batch_print (const char *what, const BenchSeries *ours, const BenchSeries *raw, double faster, double most);

void batch_measure_series (const Batch *batch, guint disks);
void batch_measure_many (const Batch *batch, guint count);
void batch_measure_parallel (const Batch *batch, guint machines);
void batch_measure_processes (const Batch *batch);
void batch_measure_memory (void);
void batch_measure_rounds (const Batch *batch, guint rounds);

G_END_DECLS
