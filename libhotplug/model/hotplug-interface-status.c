/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-interface-status-private.h"

struct _HotplugInterfaceStatus
{
  HotplugInterfaceStatusFields fields;
  GStringChunk *strings; /* owns each string of fields */
  char **addresses;      /* and this those of ip_addresses */
};

G_DEFINE_BOXED_TYPE (HotplugInterfaceStatus, hotplug_interface_status, hotplug_interface_status_ref,
                     hotplug_interface_status_unref)

static const gsize texts[] = {
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, name),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, mac),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, network),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, ip_address),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, model),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, interface_name),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, address),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, tap),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, reason),
  G_STRUCT_OFFSET (HotplugInterfaceStatusFields, message),
};

HotplugInterfaceStatus *
_hotplug_interface_status_new (const HotplugInterfaceStatusFields *fields)
{
  HotplugInterfaceStatus *self = g_atomic_rc_box_new0 (HotplugInterfaceStatus);

  self->strings = g_string_chunk_new (256);
  self->fields = *fields;
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char **text = &G_STRUCT_MEMBER (const char *, &self->fields, texts[i]);
      if (*text != NULL)
        *text = g_string_chunk_insert (self->strings, *text);
    }
  self->addresses = fields->ip_addresses != NULL ? g_strdupv ((char **)fields->ip_addresses) : g_new0 (char *, 1);
  self->fields.ip_addresses = (const char *const *)self->addresses;
  self->fields.queue_count = MAX (fields->queue_count, 1);
  return self;
}

const HotplugInterfaceStatusFields *
_hotplug_interface_status_peek (HotplugInterfaceStatus *self)
{
  return &self->fields;
}

/**
 * hotplug_interface_status_ref:
 * @self: an interface status
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugInterfaceStatus *
hotplug_interface_status_ref (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugInterfaceStatus *self = data;

  g_string_chunk_free (self->strings);
  g_strfreev (self->addresses);
}

/**
 * hotplug_interface_status_unref:
 * @self: (transfer full): an interface status
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_interface_status_unref (HotplugInterfaceStatus *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_interface_status_get_name:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): what the interface is called in the VMI: the name that it was plugged with, of
 *   others their user alias without its `ua-`, else their MAC address; %NULL if only the guest knows it
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_name (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.name;
}

/**
 * hotplug_interface_status_get_mac:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): its MAC address, in lower case with colons
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_mac (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.mac;
}

/**
 * hotplug_interface_status_get_ip_address:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): an address of it, IPv4 if it has one; %NULL if none is known
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_ip_address (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.ip_address;
}

/**
 * hotplug_interface_status_get_ip_addresses:
 * @self: an interface status
 *
 * Returns: (transfer none) (array zero-terminated=1): all addresses of it that are known, without their prefix: those
 *   that the guest agent tells; if it does not tell of this interface those of leases, else those of the host's ARP
 *   table
 *
 * Since: 0.1
 */
const char *const *
hotplug_interface_status_get_ip_addresses (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.ip_addresses;
}

/**
 * hotplug_interface_status_get_interface_name:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): what the guest calls it, such as `eth1`; %NULL if no guest agent tells
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_interface_name (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.interface_name;
}

/**
 * hotplug_interface_status_get_info_source:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): who tells of it, KubeVirt's words: `domain`, `guest-agent`, or `domain,
 *   guest-agent`; %NULL for one that is recorded only
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_info_source (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  /* in KubeVirt's order: pkg/network/vmispec/infosource.go sorts them */
  if (self->fields.in_domain)
    return self->fields.in_guest ? "domain, guest-agent" : "domain";
  return self->fields.in_guest ? "guest-agent" : NULL;
}

/**
 * hotplug_interface_status_get_queue_count:
 * @self: an interface status
 *
 * Returns: how many pairs of queues it has, 1 if nothing else was said
 *
 * Since: 0.1
 */
guint
hotplug_interface_status_get_queue_count (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.queue_count;
}

/**
 * hotplug_interface_status_get_link_state:
 * @self: an interface status
 *
 * Returns: whether its link is up
 *
 * Since: 0.1
 */
HotplugInterfaceState
hotplug_interface_status_get_link_state (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_INTERFACE_STATE_UP);

  return self->fields.link_state;
}

/**
 * hotplug_interface_status_get_phase:
 * @self: an interface status
 *
 * Returns: how far the interface is
 *
 * Since: 0.1
 */
HotplugInterfacePhase
hotplug_interface_status_get_phase (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, HOTPLUG_INTERFACE_PHASE_PENDING);

  return self->fields.phase;
}

/**
 * hotplug_interface_status_get_reason:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): one word for why it is in its phase, such as `MigrationRequired`
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_reason (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.reason;
}

/**
 * hotplug_interface_status_get_message:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): a sentence for people; in phase %HOTPLUG_INTERFACE_PHASE_FAILED the hypervisor's
 *   own words
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_message (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.message;
}

/**
 * hotplug_interface_status_get_network:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): its network attachment, `NAME` or `NAMESPACE/NAME`, if that is known
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_network (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.network;
}

/**
 * hotplug_interface_status_get_model:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): which device the guest sees
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_model (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.model;
}

/**
 * hotplug_interface_status_get_address:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): its PCI address, such as `0000:01:00.0`
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_address (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.address;
}

/**
 * hotplug_interface_status_get_tap:
 * @self: an interface status
 *
 * Returns: (transfer none) (nullable): what its tap device is called on the host
 *
 * Since: 0.1
 */
const char *
hotplug_interface_status_get_tap (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->fields.tap;
}

/**
 * hotplug_interface_status_get_mtu:
 * @self: an interface status
 *
 * Returns: the MTU that the guest is told, 0 if none was said
 *
 * Since: 0.1
 */
guint
hotplug_interface_status_get_mtu (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.mtu;
}

/**
 * hotplug_interface_status_get_boot_order:
 * @self: an interface status
 *
 * Returns: when the firmware tries to boot from it, 0 for never
 *
 * Since: 0.1
 */
guint
hotplug_interface_status_get_boot_order (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->fields.boot_order;
}

/**
 * hotplug_interface_status_is_primary:
 * @self: an interface status
 *
 * Returns: whether it is the VMI's own first one
 *
 * Since: 0.1
 */
gboolean
hotplug_interface_status_is_primary (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.primary;
}

/**
 * hotplug_interface_status_is_hotplugged:
 * @self: an interface status
 *
 * Returns: whether libhotplug plugged it, so that it may be removed: also after a restart
 *
 * Since: 0.1
 */
gboolean
hotplug_interface_status_is_hotplugged (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.hotplugged;
}

/**
 * hotplug_interface_status_is_persisted:
 * @self: an interface status
 *
 * Returns: whether it stands in the VMI's template
 *
 * Since: 0.1
 */
gboolean
hotplug_interface_status_is_persisted (HotplugInterfaceStatus *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->fields.persisted;
}
