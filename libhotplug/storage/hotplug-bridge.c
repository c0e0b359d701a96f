/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/hotplug-bridge-private.h"

/* Not by /sys/class/net, which shows the links of the namespace that mounted it. Its driver is what a link says of
 * itself: "bridge" (Linux net/bridge/br_device.c br_getinfo ()), "openvswitch"
 * (net/openvswitch/vport-internal_dev.c). */
HotplugBridgeKind
_hotplug_bridge_probe (const char *name)
{
  struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
  struct ifreq request = { 0 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return HOTPLUG_BRIDGE_UNKNOWN;

  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  request.ifr_data = (char *)&info;
  gboolean told = ioctl (fd, SIOCETHTOOL, &request) == 0;
  int code = errno;
  close (fd);

  if (told)
    return strncmp (info.driver, "bridge", sizeof info.driver) == 0 ? HOTPLUG_BRIDGE_LINUX : HOTPLUG_BRIDGE_OTHER;
  /* one without a driver, such as lo, is no bridge either */
  return code == ENODEV ? HOTPLUG_BRIDGE_MISSING : code == EOPNOTSUPP ? HOTPLUG_BRIDGE_OTHER : HOTPLUG_BRIDGE_UNKNOWN;
}
