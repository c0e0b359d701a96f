/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vmi/hotplug-removal-private.h"
#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* One device of a removal */
typedef struct
{
  char *alias;
  HotplugRecord *live;    /* nullable: what the running machine has */
  gboolean configured;    /* the template has it */
  gboolean recorded;      /* it is not persisted, and would come back at a start */
  gboolean removing;      /* the guest was asked by an earlier removal */
  gboolean only_refused;  /* the hypervisor never had it */
  HotplugRemoval *waiter; /* nullable: the guest was not asked now */
  GError *refused;        /* nullable: the hypervisor's words, if that refused to ask the guest */
  HotplugRemovalAnswer answer;
} HotplugRemovalItem;

/* A removal, from the check to the guest's last answer. What the guest keeps is not touched: the template and the
 * records follow what it does. Only of a guest that does not answer are they ahead, and the journal has what goes back
 * if it refuses after all. */
typedef struct
{
  HotplugVmi *vmi;
  GPtrArray *items; /* HotplugRemovalItem */
  gboolean persist; /* out of the template too */
  gint64 until;
} HotplugRemovalWork;

/* @aliases: ends with NULL; one that is there twice counts once */
void _hotplug_removal_work_init (HotplugRemovalWork *self, HotplugVmi *vmi, const char *const *aliases,
                                 gboolean persist, gint64 until);
void _hotplug_removal_work_clear (HotplugRemovalWork *self);
void _hotplug_removal_item_free (HotplugRemovalItem *self);

/* Where each of them is now */
void _hotplug_removal_work_look (HotplugRemovalWork *self, HotplugSession *session);

/* Asks the guest for one after the other, up to the first that the hypervisor refuses; all are asked before the first
 * is waited for, so that QEMU's time for a removal is paid once. FALSE only if the connection broke: nobody knows then.
 * */
gboolean _hotplug_removal_work_ask (HotplugRemovalWork *self, HotplugSession *session, GError **error);

/* Waits for those that were asked, for a second at most. Not cancellable: the guest has been asked, and that must be
 * written down first. */
void _hotplug_removal_work_wait (HotplugRemovalWork *self);

/* Every answer that came is followed: what is gone goes from the template too, if that was asked for, and from the
 * records; what has not answered is recorded as a removal under way; the others are as they were. The journal's intent
 * is not touched. */
gboolean _hotplug_removal_work_settle (HotplugRemovalWork *self, HotplugSession *session, GError **error);

/* What was not let go of, and an earlier removal or a client that was killed has taken out already, is put back. */
gboolean _hotplug_removal_work_keep (HotplugRemovalWork *self, HotplugSession *session, GError **error);

/* The root ports of what is gone go from the template too, last of all. */
gboolean _hotplug_removal_work_end (HotplugRemovalWork *self, HotplugSession *session, GError **error);

/* Those that the guest keeps after all, back where they were before the removal */
gboolean _hotplug_removal_work_put_back (const GPtrArray *items, HotplugSession *session, GError **error);

/* Those with this answer; not owned */
GPtrArray *_hotplug_removal_work_filter (const GPtrArray *items, HotplugRemovalAnswer answer);

/* %TRUE if all are gone or on their way; else how each of them stands */
gboolean _hotplug_removal_work_check (const HotplugRemovalWork *self, GError **error);

/* That the time is up, and how each of them stands */
void _hotplug_removal_work_set_timeout (const HotplugRemovalWork *self, GError **error);

/* A removal of which the journal's intent tells, begun by a client that was killed */
gboolean _hotplug_removal_carry_on (HotplugSession *session, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugRemovalWork, _hotplug_removal_work_clear)

G_END_DECLS
