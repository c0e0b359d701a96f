/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "vmi/hotplug-vmi-private.h"

G_BEGIN_DECLS

/* The wait for a device to go. Made before the guest is asked, so that no answer is missed. */
typedef struct _HotplugRemoval HotplugRemoval;

typedef enum {
  HOTPLUG_REMOVAL_WAITING, /* the time is up */
  HOTPLUG_REMOVAL_GONE,
  HOTPLUG_REMOVAL_REFUSED,   /* the guest, or the hypervisor, said no */
  HOTPLUG_REMOVAL_NOT_ASKED, /* another one was refused before */
} HotplugRemovalAnswer;

HotplugRemoval *_hotplug_removal_new (HotplugVmi *vmi, const char *alias);

void _hotplug_removal_free (HotplugRemoval *self);

/* Asks the guest. Asking twice is no error while the first question stands. */
gboolean _hotplug_removal_ask (HotplugRemoval *self, GError **error);

/* Waits until the device is gone, the guest has refused, or the time is up (monotonic, in microseconds), and asks again
 * from time to time. A machine that stops has let go of everything. */
gboolean _hotplug_removal_wait (HotplugRemoval *self, gint64 until, GCancellable *cancellable,
                                HotplugRemovalAnswer *answer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugRemoval, _hotplug_removal_free)

G_END_DECLS
