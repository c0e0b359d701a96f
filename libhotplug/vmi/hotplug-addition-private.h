/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* One device of an addition, and where it goes */
typedef struct
{
  HotplugVolume *volume; /* nullable: an interface; the caller's */
  HotplugRecord *device;
  HotplugPlacement placement;
  gboolean pending; /* an interface that this host can't connect: it is recorded, and has no place yet */
} HotplugAdditionItem;

/* What an add is going to do: all of it, or nothing. */
typedef struct
{
  GPtrArray *items; /* HotplugAdditionItem, in the order in which they are attached */
  gboolean live;
  gboolean persist;
} HotplugAddition;

/* @volumes, @interfaces: (nullable): those, then these, with references of its own */
GPtrArray *_hotplug_addition_list (const GPtrArray *volumes, const GPtrArray *interfaces);

/* Checks everything that can be checked, and chooses the places. What is planned is put into the session's snapshots,
 * so that each device sees those before it.
 * @wanted: HotplugVolume and HotplugInterface, in any order */
HotplugAddition *_hotplug_addition_plan (HotplugSession *session, const GPtrArray *wanted, HotplugPlugFlags flags,
                                         GError **error);

void _hotplug_addition_free (HotplugAddition *self);

/* Which controllers and ports it brings, into the intent that says so */
void _hotplug_addition_tell (const HotplugAddition *self, HotplugIntent *intent);

/* What the template gets if it is persisted, as XML, in the order in which libvirt needs it: a port before what is
 * behind it, a controller before its disk */
GPtrArray *_hotplug_addition_write_devices (const HotplugAddition *self);

/* What is recorded, as it is to be */
GPtrArray *_hotplug_addition_list_records (const HotplugAddition *self, const HotplugSession *session);

/* Into the template, or the records */
gboolean _hotplug_addition_promise (const HotplugAddition *self, HotplugSession *session, GError **error);

/* Into the running machine, one by one; @failed: (out): the one that was refused */
gboolean _hotplug_addition_act (const HotplugAddition *self, HotplugSession *session,
                                const HotplugAdditionItem **failed, GError **error);

/* Where libvirt has put those that no place was found for: into the items, and the records */
gboolean _hotplug_addition_learn (const HotplugAddition *self, HotplugSession *session, GError **error);

/* After a refusal: whether all is there, since the connection broke only after the deed; whether somebody else took one
 * of the places between the look and the act. Both by the session's snapshots, which are new. */
gboolean _hotplug_addition_is_done (const HotplugAddition *self, const HotplugSession *session);
gboolean _hotplug_addition_was_crossed (const HotplugAddition *self, const HotplugSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugAddition, _hotplug_addition_free)

G_END_DECLS
