/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake/fake-migrate.h"
#include "fake/fake-rig.h"

G_BEGIN_DECLS

/* Two fake hosts that a machine goes between, seen from one client: they have the directory of the
 * locks, and the files, in common */
typedef struct
{
  Rig *here;
  Rig *there; /* at first nothing is on it */
} Pair;

Pair *pair_new (RigKind kind);
/* Another client of the same two hosts; it goes before the first does */
Pair *pair_join (const char *directory, RigKind kind);
void pair_free (Pair *self);
/* New handles and connections; none of a VMI that is not there */
void pair_reopen (Pair *self);

/* A volume that may go: read-write-many */
void pair_add (Pair *self, const char *name, HotplugPlugFlags flags);
/* An interface that is recorded as pending: only the destination can connect it */
void pair_add_pending (Pair *self, const char *name, HotplugPlugFlags flags);
gboolean pair_migrate (Pair *self, GCancellable *cancellable, GError **error);
/* The machine's rig_state (), with "here" or "there" before it; both if both know it, each with its own */
char *pair_state (Pair *self);
/* It is on that host, running and with that state, and the other host knows nothing of it */
void pair_assert_only (Pair *self, Rig *rig, const char *state);
/* What a client leaves written that was killed on the way; @client: (nullable): it was on another machine, and has told
 * it in the metadata */
void pair_intend (Pair *self, gboolean paused, const char *client);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

G_END_DECLS
