/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-network-attachment.h>

#include "vmi/hotplug-session-private.h"
#include "xml/hotplug-nic-change-xml-private.h"

G_BEGIN_DECLS

/* A change of an interface that is wanted, and what it comes to on a machine */

typedef struct
{
  char *name;
  HotplugInterfaceState state;
  HotplugNetworkAttachment *attachment; /* nullable: it stays where it is */
  HotplugPlugFlags flags;
} HotplugInterfaceWanted;

/* What is done in one place; both NULL where nothing is */
typedef struct
{
  char *before;
  char *after;
} HotplugInterfaceStep;

typedef struct
{
  const HotplugInterfaceWanted *wanted;
  const HotplugNic *live;       /* nullable: the running machine does not have it */
  const HotplugNic *configured; /* nullable: the template does not, or is none of the call's */
  const HotplugNic *kept;       /* nullable: in the template, which the call leaves as it is */
  const HotplugRecord *record;  /* nullable */
  char *network;                /* nullable: the name of the attachment */
  HotplugNetworkConnection connection;
  gboolean waits;               /* until another host has the machine, which has that network */
  HotplugMachineText text;
  HotplugNicEdit edit;
  HotplugInterfaceStep template_step;
  HotplugInterfaceStep record_step;
  HotplugInterfaceStep live_step;
  char *restricted; /* nullable: the first half of the live step; see hotplug-interface-change.c */
  char *moved;      /* nullable: and its middle */
} HotplugInterfaceChange;

void _hotplug_interface_change_clear (HotplugInterfaceChange *self);

/* The interface, of whichever side has it */
const HotplugNic *_hotplug_interface_change_nic (const HotplugInterfaceChange *change);

/* All that can be checked; @change has what is wanted */
gboolean _hotplug_interface_change_plan (HotplugSession *session, HotplugInterfaceChange *change, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugInterfaceChange, _hotplug_interface_change_clear)

G_END_DECLS
