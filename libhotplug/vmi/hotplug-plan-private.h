/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-plan-private.h"
#include "vmi/hotplug-addition-private.h"

G_BEGIN_DECLS

/* An addition that is planned and not done, as it is told. What libvirt would be given is written by the functions that
 * give it. */
HotplugPlan *_hotplug_addition_to_plan (const HotplugAddition *self, HotplugSession *session);

/* Whether a device can be removed. One that the hypervisor refused, and that has nothing but its status, always can. */
gboolean _hotplug_removal_check (HotplugSession *session, const char *alias, HotplugPlugFlags flags,
                                 gboolean *only_refused, GError **error);

/* Checks all of @aliases, which ends with NULL, and says what a removal would do */
HotplugPlan *_hotplug_removal_plan (HotplugSession *session, const char *const *aliases, HotplugPlugFlags flags,
                                    GError **error);

/* Each of @aliases once; the strings are theirs */
const char **_hotplug_removal_once (const char *const *aliases);

/* @volumes, @interfaces: (nullable): names; aliases of those, then of these */
GStrv _hotplug_removal_aliases (const char *const *volumes, const char *const *interfaces);

/* What hotplug_vmi_insert_media() would do; of @medium NULL what hotplug_vmi_eject_media() would */
HotplugPlan *_hotplug_vmi_plan_media (HotplugVmi *self, const char *drive, HotplugVolume *medium,
                                      HotplugPlugFlags flags, GCancellable *cancellable, GError **error);

/* What hotplug_vmi_update_interface() would do */
HotplugPlan *_hotplug_vmi_plan_update (HotplugVmi *self, const char *name, HotplugInterfaceState state,
                                       HotplugNetworkAttachment *attachment, HotplugPlugFlags flags,
                                       GCancellable *cancellable, GError **error);

G_END_DECLS
