/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-vmi.h>

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* What libvirt's event thread has of a VMI: enough to decide, and not the VMI itself. Whoever makes a weak reference
 * strong there may be the one to give the last reference back, and what ends with it then waits for the thread that
 * it is in. */
typedef struct _HotplugVmiEvents HotplugVmiEvents;

HotplugVmiEvents *_hotplug_vmi_events_new (HotplugVmi *vmi, const char *uuid);
/* What has begun may end later. */
void _hotplug_vmi_events_free (HotplugVmiEvents *self);

/* Hears of that connection, and of no other from then on; @connection: (nullable): of none */
void _hotplug_vmi_events_listen (HotplugVmiEvents *self, HotplugConnection *connection);

/* An alias whose removal this process waits for: who waits for it looks after it. */
void _hotplug_vmi_events_expect (HotplugVmiEvents *self, const char *alias);
void _hotplug_vmi_events_forget (HotplugVmiEvents *self, const char *alias);

G_END_DECLS
