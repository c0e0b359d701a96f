/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model/hotplug-network-connection-private.h"

G_BEGIN_DECLS

typedef enum {
  HOTPLUG_LINK_AS_IT_IS,
  HOTPLUG_LINK_UP,
  HOTPLUG_LINK_DOWN,
} HotplugLinkEdit;

/* What is changed of an interface; all else stays as it is, since libvirt wants the definition of a device that is
 * updated whole. */
typedef struct
{
  const HotplugNetworkConnection *connection; /* nullable: where it is is where it stays */
  const char *filter;                         /* nullable: instead of @connection's, or of the one that it has */
  gboolean takes_mtu;                         /* @connection's too, which no running machine can */
  HotplugLinkEdit link;
} HotplugNicEdit;

/* An interface's own XML out of a machine's, changed. HOTPLUG_ERROR_FAILED if there is no such interface.
 * @interface: its user alias, else its MAC address
 * @edit: (nullable): as it is, in the words in which it can be told to libvirt again */
char *_hotplug_nic_xml_change (const char *domain, const char *interface, const HotplugNicEdit *edit, GError **error);

/* The same, with all of the machine's XML around it */
char *_hotplug_nic_xml_change_machine (const char *domain, const char *interface, const HotplugNicEdit *edit,
                                       GError **error);

/* Whether it is connected as @device, its own XML, says, with the same filter and link; @domain: (nullable) */
gboolean _hotplug_nic_xml_stands (const char *domain, const char *interface, const char *device);

/* Whether its network or bridge is the same */
gboolean _hotplug_nic_xml_is_at (const char *domain, const char *interface, const char *device);

G_END_DECLS
