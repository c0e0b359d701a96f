/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-address-private.h"

G_BEGIN_DECLS

/* An interface of a domain. Ours if its alias says so. */
typedef struct
{
  char *alias;       /* nullable: a template has none but user aliases */
  char *type;        /* bridge, network, ethernet, user, … */
  char *source;      /* nullable: the network or the bridge, whichever the type says */
  char *bridge;      /* nullable: of a live interface of type network, the bridge that libvirt found for it */
  char *network;     /* nullable: of a live interface of type bridge, libvirt's network that has made it one */
  char *link;        /* nullable: of one of type direct, the link of the host's that it is on */
  char *virtualport; /* nullable: its type, openvswitch */
  char *mac;         /* nullable; lower case */
  char *model;       /* nullable: the hypervisor's default */
  char *tap;         /* nullable: its name on the host */
  char *filter;      /* nullable: a network filter of libvirt's */
  char *xml;         /* nullable: of one that is ours, its own text, as a disk's */
  char *attachment;  /* nullable: of a record, the network attachment: NAME or NAMESPACE/NAME */
  guint vlan;        /* 0 for none, and also for a trunk of several */
  guint mtu;         /* 0: not said */
  guint queues;      /* 0: not said, which is one */
  guint boot_order;  /* 0 for none */
  gboolean link_down;
  gboolean borrowed; /* the strings are the domain's that the interface is of; a copy has its own */
  HotplugAddress address;
} HotplugNic;

HotplugNic *_hotplug_nic_new (void);
HotplugNic *_hotplug_nic_copy (const HotplugNic *self);
void _hotplug_nic_free (HotplugNic *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugNic, _hotplug_nic_free)

G_END_DECLS
