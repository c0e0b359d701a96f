/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "rules/hotplug-interface-admission-private.h"
#include "rules/hotplug-interface-change-private.h"

/* Of an interface that nothing is said of */
#define MTU_USUAL 1500

const char *
_hotplug_nic_key (const HotplugNic *nic)
{
  return nic->alias != NULL && g_str_has_prefix (nic->alias, HOTPLUG_USER_ALIAS_PREFIX) ? nic->alias : nic->mac;
}

/* libvirt 9.0.0 src/qemu/qemu_hotplug.c:3497; KubeVirt refuses it for SR-IOV, which is the first of these
 * (pkg/network/admitter/netiface.go). */
gboolean
_hotplug_interface_check_link (const HotplugNic *nic, const char *vmi, GError **error)
{
  static const char *const fixed[] = { "hostdev", "vdpa", NULL };

  if (nic->type == NULL || !g_strv_contains (fixed, nic->type))
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_BINDING_UNSUPPORTED,
               "vmi \"%s\": interface \"%s\" is of type \"%s\", whose link can't be set up or down", vmi,
               _hotplug_nic_name (nic), nic->type);
  return FALSE;
}

/* libvirt moves a tap device between bridges of the kernel, and changes the VLAN of a port of Open vSwitch; for all
 * else it would have to connect anew, which it refuses: 9.0.0 src/qemu/qemu_hotplug.c:3808 */
gboolean
_hotplug_interface_check_move (const HotplugNic *nic, const HotplugNetworkConnection *to, const char *vmi,
                               GError **error)
{
  gboolean ovs = g_strcmp0 (nic->virtualport, "openvswitch") == 0;
  const char *bridge = nic->bridge != NULL ? nic->bridge : nic->source;

  if (ovs ? to->ovs_port && g_strcmp0 (bridge, to->bridge) == 0 : !to->ovs_port)
    return TRUE;

  g_set_error (
      error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
      "vmi \"%s\": interface \"%s\" can't be moved from %s to %s while the VMI runs, since libvirt can't where "
      "%s of Open vSwitch; stop it and move the interface with persist, or remove it and add it again",
      vmi, _hotplug_nic_name (nic), bridge, to->bridge,
      ovs && to->ovs_port ? "both are"
      : ovs               ? "the first is one"
                          : "the second is one");
  return FALSE;
}

/* The MTU stays as it is: libvirt changes no running interface's (9.0.0 src/qemu/qemu_hotplug.c:3678). A guest may have
 * set a smaller one, by DHCP or by hand, so that this is told and not refused. */
char *
_hotplug_interface_move_message (const HotplugNic *nic, const HotplugNetworkConnection *to, const char *network)
{
  guint mtu = nic->mtu != 0 ? nic->mtu : MTU_USUAL;

  if (to->mtu == 0 || to->mtu >= mtu)
    return NULL;
  return g_strdup_printf (
      "Interface %s keeps its MTU of %u while the VMI runs, and network attachment %s has %u: larger "
      "frames of the guest may be lost there",
      _hotplug_nic_name (nic), mtu, network, to->mtu);
}
