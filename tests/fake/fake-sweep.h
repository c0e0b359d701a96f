/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake/fake-rig.h"

G_BEGIN_DECLS

/* An operation that is made to fail, or killed, at each of its calls in turn */
typedef struct
{
  const char *path;
  RigKind kind;
  void (*prepare) (Rig *rig); /* nullable */
  gboolean (*run) (Rig *rig, GError **error);
  gboolean late; /* it may still come about when its call has returned: either end will do */
} SweepCase;

extern const SweepCase sweep_add_cases[];
extern const SweepCase sweep_remove_cases[];
extern const SweepCase sweep_life_cases[];
extern const SweepCase sweep_media_cases[];
extern const SweepCase sweep_interface_cases[];
extern const guint sweep_n_add_cases;
extern const guint sweep_n_remove_cases;
extern const guint sweep_n_life_cases;
extern const guint sweep_n_media_cases;
extern const guint sweep_n_interface_cases;

/* A machine that is ready for the operation */
Rig *sweep_prepare (const SweepCase *test);
/* How many calls the operation makes; @before and @after: what the machine is like */
guint sweep_measure (const SweepCase *test, char **before, char **after);
/* Sessions, by handles that are new if @reopen, bring the machine to one of the two ends, and it stays there */
void sweep_assert_ends (const SweepCase *test, Rig *rig, const char *before, const char *after, gboolean reopen);
/* Whether the next step is to be taken: each, or with HOTPLUG_TEST_STRIDE=N in the environment one of N, counted over
 * all cases of a program, so that a case begins where the one before left off. Odd N come by all faults of a call. */
gboolean sweep_takes_step (void);
/* Fails each call in each way */
void sweep_fail (gconstpointer test);
/* Registers func for each case at /PREFIX/PATH */
void sweep_register (const char *prefix, const SweepCase *cases, guint n_cases, GTestDataFunc func);

G_END_DECLS
