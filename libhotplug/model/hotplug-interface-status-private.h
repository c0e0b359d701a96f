/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <hotplug/hotplug-interface-status.h>

G_BEGIN_DECLS

/* Why one is pending that waits for another host or the next start: KubeVirt's condition of its VMI, and the reason of
 * that (pkg/network/migration/evaluator.go) */
#define HOTPLUG_MIGRATION_REQUIRED "MigrationRequired"
#define HOTPLUG_MIGRATION_REASON "AutoMigrationDueToLiveUpdate"

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

typedef enum {
  HOTPLUG_GUEST_NIC_AGENT, /* the guest agent: it knows the guest's names, and interfaces that are not the machine's */
  HOTPLUG_GUEST_NIC_OBSERVED, /* leases, or the host's ARP table: addresses only */
} HotplugGuestNicSource;

/* An interface as the guest, or somebody who has seen its packets, tells of it */
typedef struct
{
  char *name;      /* nullable */
  char *mac;       /* nullable */
  char **addresses; /* nullable: without their prefix */
  HotplugGuestNicSource source;
} HotplugGuestNic;

/* An array of them, which owns their strings */
GArray *_hotplug_guest_nics_new (void);
/* Adds to those of @self that are of @source and @mac, or one more; @address: (nullable) */
void _hotplug_guest_nics_add_address (GArray *self, HotplugGuestNicSource source, const char *mac, const char *address);
/* Whether one of @source is of @mac, which is normalized */
gboolean _hotplug_guest_nics_tell_of (const GArray *self, HotplugGuestNicSource source, const char *mac);

/* @interfaces with what @guest tells, as KubeVirt brings them together (pkg/network/setup/netstat.go): by MAC address,
 * and what is known is not overwritten; the primary one first, and at the end at most 10 that only the guest knows. The
 * earlier of @guest come first; where the agent tells of an interface, observers are not heard.
 * @guest: (nullable) (element-type HotplugGuestNic)
 * Returns: (transfer container): HotplugInterfaceStatus */
GPtrArray *_hotplug_interface_statuses_merge (const HotplugInterfaceStatusFields *interfaces, guint n_interfaces,
                                              const GArray *guest);

G_END_DECLS
