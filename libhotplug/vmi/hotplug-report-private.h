/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vmi/hotplug-session-private.h"

G_BEGIN_DECLS

/* How the whole machine stands */
HotplugVmiStatus *_hotplug_report_vmi (HotplugSession *session);

/* How one hotplugged disk stands.
 * @message: (nullable): the hypervisor's words, for phase Failed */
HotplugVolumeStatus *_hotplug_report_disk (HotplugSession *session, const HotplugDisk *disk, HotplugVolumePhase phase,
                                           const char *message);

/* How one interface stands, by the hypervisor
 * @message: (nullable): the hypervisor's words, for phase Failed */
HotplugInterfaceStatus *_hotplug_report_nic (HotplugSession *session, const HotplugNic *nic, HotplugInterfacePhase phase,
                                             const char *message);

/* All of them: HotplugInterfaceStatus */
GPtrArray *_hotplug_report_interfaces (HotplugSession *session);

G_END_DECLS
