/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface-status.h>

G_BEGIN_DECLS

/* What a status is made of; the strings are copied. */
typedef struct
{
  const char *name;                /* nullable: only the guest knows it */
  const char *mac;                 /* nullable */
  const char *ip_address;          /* nullable */
  const char *const *ip_addresses; /* nullable */
  const char *interface_name;      /* nullable: what the guest calls it */
  const char *network;             /* nullable: the network attachment */
  const char *model;               /* nullable */
  const char *address;             /* nullable */
  const char *tap;                 /* nullable */
  const char *reason;              /* nullable */
  const char *message;             /* nullable */
  guint queue_count;               /* 0 counts as 1 */
  guint mtu;                       /* 0: not said */
  guint boot_order;
  HotplugInterfaceState link_state;
  HotplugInterfacePhase phase;
  gboolean in_domain; /* the hypervisor has it */
  gboolean in_guest;  /* and the guest agent tells of it */
  gboolean primary;
  gboolean hotplugged;
  gboolean persisted;
} HotplugInterfaceStatusFields;

HotplugInterfaceStatus *_hotplug_interface_status_new (const HotplugInterfaceStatusFields *fields);

/* What a manifest says and no getter does */
const HotplugInterfaceStatusFields *_hotplug_interface_status_peek (HotplugInterfaceStatus *self);

/* An interface as the guest, or somebody who has seen its packets, tells of it */
typedef struct
{
  const char *name;             /* nullable */
  const char *mac;              /* nullable */
  const char *const *addresses; /* nullable: without their prefix */
} HotplugGuestNic;

typedef enum {
  HOTPLUG_GUEST_NICS_AGENT,    /* the guest agent: it knows the guest's names, and interfaces that are not the machine's */
  HOTPLUG_GUEST_NICS_OBSERVED, /* leases, or the host's ARP table: addresses only */
} HotplugGuestNicsSource;

/* @interfaces with what @guest tells, as KubeVirt brings them together (pkg/network/setup/netstat.go): by MAC address, and
 * what is known is not overwritten; the primary one first, and at the end at most 10 that only the guest knows.
 * Returns: (transfer container): HotplugInterfaceStatus */
GPtrArray *_hotplug_interface_statuses_merge (const HotplugInterfaceStatusFields *interfaces, guint n_interfaces,
                                              const HotplugGuestNic *guest, guint n_guest,
                                              HotplugGuestNicsSource source);

G_END_DECLS
