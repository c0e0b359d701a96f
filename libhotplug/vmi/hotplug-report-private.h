/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* How the whole machine stands.
 * @guest: (nullable) (element-type HotplugGuestNic): what _hotplug_report_look_into_guest () has found */
HotplugVmiStatus *_hotplug_report_vmi (HotplugSession *session, const GArray *guest);

/* What there is to say of the machine: why it is paused, that its next start goes on from a saved state, that its
 * metadata is another one's; NULL: nothing.
 * @reason: (out): KubeVirt's reason of the condition that it is paused; NULL if there is none */
char *_hotplug_report_state (HotplugSession *session, const char **reason);

/* What a plan has to say of the machine; NULL: nothing */
const char *_hotplug_report_plan (HotplugSession *session);

/* What is to be said of a device of a stopped machine, behind its name, that the next start does otherwise than the
 * template says; NULL: it does not */
const char *_hotplug_report_saved (HotplugSession *session, const char *alias);

/* What the guest agent tells of interfaces, and where it is silent, libvirt's leases and the host's neighbours. It may
 * take some seconds; what is not to be had is not there, and no error.
 * Returns: (element-type HotplugGuestNic) */
GArray *_hotplug_report_look_into_guest (HotplugSession *session);

/* How one hotplugged disk stands.
 * @message: (nullable): the hypervisor's words, for phase Failed */
HotplugVolumeStatus *_hotplug_report_disk (HotplugSession *session, const HotplugDisk *disk, HotplugVolumePhase phase,
                                           const char *message);

/* How one interface stands, by the hypervisor
 * @message: (nullable): the hypervisor's words, for phase Failed */
HotplugInterfaceStatus *_hotplug_report_nic (HotplugSession *session, const HotplugNic *nic,
                                             HotplugInterfacePhase phase, const char *message);

/* Whether a device is listed for what it is, so that its refusal is no entry of its own */
gboolean _hotplug_report_has (HotplugSession *session, const char *alias);

/* All of them, and those that only the guest has: HotplugInterfaceStatus. @guest: (nullable) */
GPtrArray *_hotplug_report_interfaces (HotplugSession *session, const GArray *guest);

G_END_DECLS
