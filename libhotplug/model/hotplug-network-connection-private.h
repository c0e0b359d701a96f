/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a host has that an interface can be connected to, and how one is: libvirt's words for it */

typedef enum {
  HOTPLUG_BRIDGE_UNKNOWN, /* it can't be looked at from here */
  HOTPLUG_BRIDGE_MISSING,
  HOTPLUG_BRIDGE_LINUX,
  HOTPLUG_BRIDGE_OTHER, /* a link that is no Linux bridge, such as one of Open vSwitch */
} HotplugBridgeKind;

/* A network of libvirt's that has a bridge */
typedef struct
{
  char *name;
  char *bridge;
  gboolean active;
  gboolean ovs;
} HotplugLibvirtNetwork;

typedef struct
{
  GPtrArray *networks;     /* HotplugLibvirtNetwork */
  HotplugBridgeKind kind;  /* of the bridge that is asked for */
  guint64 libvirt_version; /* major * 1000000 + minor * 1000 + micro; 0: not known */
  gboolean filters_mac;    /* libvirt has its filter HOTPLUG_MAC_FILTER there */
} HotplugHostNetworks;

/* The one of libvirt's own filters that does what CNI's macspoofchk does: it drops what does not come from the
 * interface's MAC address, and nothing else (libvirt 9.0.0 src/nwfilter/xml/no-mac-spoofing.xml) */
#define HOTPLUG_MAC_FILTER "no-mac-spoofing"

/* What an <interface> says of where it is connected to */
typedef struct
{
  gboolean network; /* type='network', <source network=SOURCE>; else type='bridge', <source bridge=SOURCE> */
  char *source;
  char *bridge;      /* whichever SOURCE is */
  gboolean ovs;      /* <virtualport type='openvswitch'/> */
  gboolean ovs_port; /* and its port is one of Open vSwitch, be it by libvirt's network */
  guint vlan;   /* <vlan><tag id=VLAN/></vlan>; 0: none */
  guint mtu;    /* <mtu size=MTU/>; 0: none */
  char *filter; /* nullable: <filterref filter=FILTER/> */
} HotplugNetworkConnection;

HotplugLibvirtNetwork *_hotplug_libvirt_network_new (const char *name, const char *bridge, gboolean active,
                                                     gboolean ovs);
void _hotplug_host_networks_init (HotplugHostNetworks *self);
void _hotplug_host_networks_clear (HotplugHostNetworks *self);
void _hotplug_network_connection_clear (HotplugNetworkConnection *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugHostNetworks, _hotplug_host_networks_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HotplugNetworkConnection, _hotplug_network_connection_clear)

G_END_DECLS
