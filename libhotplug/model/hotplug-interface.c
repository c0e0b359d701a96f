/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-interface.h>

#include "base/hotplug-mac-private.h"
#include "base/hotplug-name-private.h"
#include "model/hotplug-network-attachment-private.h"

#define MODEL "virtio"
#define BINDING "bridge"

/* A tap device has no more (Linux drivers/net/tun.c, MAX_TAP_QUEUES), and KubeVirt's interfaces neither. */
#define QUEUES_MAX 256

/* KubeVirt keeps it for masquerade, and makes it the pod's gateway: pkg/network/admitter/netiface.go */
#define RESERVED_MAC "02:00:00:00:00:00"
#define ZERO_MAC "00:00:00:00:00:00"

struct _HotplugInterface
{
  GObject parent_instance;

  char *name;
  HotplugNetworkAttachment *attachment; /* nullable */
  char *network;
  char *mac; /* nullable */
  char *model;
  char *binding;
  HotplugInterfaceState state;
  guint boot_order;
  guint queues;
};

enum {
  PROP_NAME = 1,
  PROP_ATTACHMENT,
  PROP_NETWORK,
  PROP_MAC,
  PROP_MODEL,
  PROP_BINDING,
  PROP_STATE,
  PROP_BOOT_ORDER,
  PROP_QUEUES,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HotplugInterface, hotplug_interface, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

G_GNUC_PRINTF (4, 5)
static gboolean
refuse (HotplugInterface *self, HotplugError code, GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, HOTPLUG_ERROR, (int)code, "interface \"%s\": %s", self->name, why);
  return FALSE;
}

static gboolean
check_network (HotplugInterface *self, GError **error)
{
  g_autofree char *space = NULL;
  g_autofree char *name = NULL;

  if (self->attachment != NULL && self->network != NULL)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "its network is an attachment or the name of one, not both");
  if (self->attachment == NULL && self->network == NULL)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "it has no network to be connected to");

  if (self->attachment != NULL)
    {
      self->network = _hotplug_network_attachment_dup_title (self->attachment);
      return TRUE;
    }
  if (_hotplug_network_name_split (self->network, &space, &name, error))
    return TRUE;

  g_prefix_error (error, "interface \"%s\": ", self->name);
  return FALSE;
}

/* KubeVirt hotplugs interfaces of binding bridge (pkg/network/controllers/vm.go), and of model virtio whatever was
 * asked for (pkg/network/launcher/nichotplug.go); what would come out as something else is refused here. */
static gboolean
check_kind (HotplugInterface *self, GError **error)
{
  g_autofree char *model = g_strescape (self->model != NULL ? self->model : "", NULL);
  g_autofree char *binding = g_strescape (self->binding != NULL ? self->binding : "", NULL);

  if (g_strcmp0 (self->model, MODEL) != 0)
    return refuse (self, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, error,
                   "model \"%.40s\" can't be hotplugged, \"" MODEL "\" can", model);
  return g_strcmp0 (self->binding, BINDING) == 0
         || refuse (self, HOTPLUG_ERROR_BINDING_UNSUPPORTED, error,
                    "binding \"%.40s\" can't be hotplugged, \"" BINDING "\" can", binding);
}

static gboolean
check_mac (HotplugInterface *self, GError **error)
{
  if (self->mac == NULL)
    return TRUE;

  char *mac = _hotplug_mac_normalize (self->mac);
  if (mac == NULL)
    {
      g_autofree char *shown = g_strescape (self->mac, NULL);
      return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                     "\"%.40s\" is no MAC address, such as 02:11:22:33:44:55", shown);
    }

  g_free (self->mac);
  self->mac = mac;
  if (_hotplug_mac_is_multicast (mac))
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error,
                   "MAC address %s is that of a group, not of one interface", mac);
  if (strcmp (mac, RESERVED_MAC) == 0 || strcmp (mac, ZERO_MAC) == 0)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "MAC address %s is no interface's", mac);
  return TRUE;
}

static gboolean
check_numbers (HotplugInterface *self, GError **error)
{
  /* QEMU's bootindex is an int32. */
  if (self->boot_order > G_MAXINT)
    return refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "a boot order of %u can't be, from 1 to %d can",
                   self->boot_order, G_MAXINT);
  return self->queues <= QUEUES_MAX
         || refuse (self, HOTPLUG_ERROR_INVALID_ARGUMENT, error, "%u queues can't be, from 1 to %d can", self->queues,
                    QUEUES_MAX);
}

static gboolean
initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  HotplugInterface *self = HOTPLUG_INTERFACE (initable);

  return _hotplug_name_check ("interface", self->name, error) && check_network (self, error) && check_kind (self, error)
         && check_mac (self, error) && check_numbers (self, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = initable_init;
}

static void
hotplug_interface_init (HotplugInterface *self)
{
}

static void
hotplug_interface_finalize (GObject *object)
{
  HotplugInterface *self = HOTPLUG_INTERFACE (object);

  g_free (self->name);
  g_clear_object (&self->attachment);
  g_free (self->network);
  g_free (self->mac);
  g_free (self->model);
  g_free (self->binding);
  G_OBJECT_CLASS (hotplug_interface_parent_class)->finalize (object);
}

static void
hotplug_interface_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HotplugInterface *self = HOTPLUG_INTERFACE (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_ATTACHMENT:
      g_value_set_object (value, self->attachment);
      break;
    case PROP_NETWORK:
      g_value_set_string (value, self->network);
      break;
    case PROP_MAC:
      g_value_set_string (value, self->mac);
      break;
    case PROP_MODEL:
      g_value_set_string (value, self->model);
      break;
    case PROP_BINDING:
      g_value_set_string (value, self->binding);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int)self->state);
      break;
    case PROP_BOOT_ORDER:
      g_value_set_uint (value, self->boot_order);
      break;
    case PROP_QUEUES:
      g_value_set_uint (value, self->queues);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hotplug_interface_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HotplugInterface *self = HOTPLUG_INTERFACE (object);

  switch (id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_ATTACHMENT:
      self->attachment = g_value_dup_object (value);
      break;
    case PROP_NETWORK:
      self->network = g_value_dup_string (value);
      break;
    case PROP_MAC:
      self->mac = g_value_dup_string (value);
      break;
    case PROP_MODEL:
      self->model = g_value_dup_string (value);
      break;
    case PROP_BINDING:
      self->binding = g_value_dup_string (value);
      break;
    case PROP_STATE:
      self->state = (HotplugInterfaceState)g_value_get_enum (value);
      break;
    case PROP_BOOT_ORDER:
      self->boot_order = g_value_get_uint (value);
      break;
    case PROP_QUEUES:
      self->queues = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
make_network_properties (GParamFlags flags)
{
  /**
   * HotplugInterface:name:
   *
   * What the interface is called in a VMI: a DNS-1123 label, at most 63 lower-case letters, digits and inner hyphens.
   * KubeVirt takes some more, of which libvirt would not keep an alias.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HotplugInterface:attachment:
   *
   * The network attachment that the interface is connected by, %NULL if the host is to look up
   * #HotplugInterface:network.
   *
   * Since: 0.1
   */
  properties[PROP_ATTACHMENT]
      = g_param_spec_object ("attachment", NULL, NULL, HOTPLUG_TYPE_NETWORK_ATTACHMENT, flags);

  /**
   * HotplugInterface:network:
   *
   * The name of a network attachment that the host has, `NAME` or `NAMESPACE/NAME`, as KubeVirt's `multus.networkName`.
   * If
   * #HotplugInterface:attachment is given, it is that one's.
   *
   * Since: 0.1
   */
  properties[PROP_NETWORK] = g_param_spec_string ("network", NULL, NULL, NULL, flags);

  /**
   * HotplugInterface:mac:
   *
   * Its MAC address, with colons or hyphens; read back, it has colons and lower-case letters. %NULL for one that is
   * made when the interface is plugged: locally administered, and on the host no other interface's.
   *
   * Since: 0.1
   */
  properties[PROP_MAC] = g_param_spec_string ("mac", NULL, NULL, NULL, flags);
}

static void
hotplug_interface_class_init (HotplugInterfaceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = (GParamFlags)(G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  object_class->finalize = hotplug_interface_finalize;
  object_class->get_property = hotplug_interface_get_property;
  object_class->set_property = hotplug_interface_set_property;

  make_network_properties (flags);

  /**
   * HotplugInterface:model:
   *
   * Which device the guest sees: `virtio`. Others are refused with %HOTPLUG_ERROR_DEVICE_UNSUPPORTED.
   *
   * Since: 0.1
   */
  properties[PROP_MODEL] = g_param_spec_string ("model", NULL, NULL, MODEL, flags);

  /**
   * HotplugInterface:binding:
   *
   * KubeVirt's word for how the guest reaches the network: `bridge`. Others (`masquerade`, `sriov`, …) are refused with
   * %HOTPLUG_ERROR_BINDING_UNSUPPORTED.
   *
   * Since: 0.1
   */
  properties[PROP_BINDING] = g_param_spec_string ("binding", NULL, NULL, BINDING, flags);

  /**
   * HotplugInterface:state:
   *
   * Whether its link is up, or whether it is to be there at all.
   *
   * Since: 0.1
   */
  properties[PROP_STATE]
      = g_param_spec_enum ("state", NULL, NULL, HOTPLUG_TYPE_INTERFACE_STATE, HOTPLUG_INTERFACE_STATE_UP, flags);

  /**
   * HotplugInterface:boot-order:
   *
   * When the firmware tries to boot from the network, from 1, each number once in a VMI; 0 for never.
   *
   * Since: 0.1
   */
  properties[PROP_BOOT_ORDER] = g_param_spec_uint ("boot-order", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugInterface:queues:
   *
   * How many pairs of queues it has, at most 256; 0 for the hypervisor's choice, which is one.
   *
   * Since: 0.1
   */
  properties[PROP_QUEUES] = g_param_spec_uint ("queues", NULL, NULL, 0, G_MAXUINT, 0, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

/**
 * hotplug_interface_new:
 * @name: what the interface is called in a VMI
 * @attachment: the network attachment that it is connected by
 * @error: return location for a #GError
 *
 * Makes an interface with the usual properties: its link is up, and its MAC address is made. For others use
 * g_initable_new() with the properties of #HotplugInterface.
 *
 * Returns: (transfer full): the interface, or %NULL with %HOTPLUG_ERROR_INVALID_NAME
 *
 * Since: 0.1
 */
HotplugInterface *
hotplug_interface_new (const char *name, HotplugNetworkAttachment *attachment, GError **error)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (attachment), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, error, "name", name, "attachment", attachment, NULL);
}

/**
 * hotplug_interface_new_for_network:
 * @name: what the interface is called in a VMI
 * @network: the name of a network attachment that the host has, `NAME` or `NAMESPACE/NAME`
 * @error: return location for a #GError
 *
 * The same as hotplug_interface_new(), for a network attachment that is looked up when the interface is plugged.
 *
 * Returns: (transfer full): the interface, or %NULL with %HOTPLUG_ERROR_INVALID_NAME or %HOTPLUG_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
HotplugInterface *
hotplug_interface_new_for_network (const char *name, const char *network, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (HOTPLUG_TYPE_INTERFACE, NULL, error, "name", name, "network", network, NULL);
}

/**
 * hotplug_interface_get_name:
 * @self: an interface
 *
 * Returns: (transfer none): what the interface is called in a VMI
 *
 * Since: 0.1
 */
const char *
hotplug_interface_get_name (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->name;
}

/**
 * hotplug_interface_get_attachment:
 * @self: an interface
 *
 * Returns: (transfer none) (nullable): the network attachment that it is connected by, %NULL if only its name was given
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_interface_get_attachment (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->attachment;
}

/**
 * hotplug_interface_get_network:
 * @self: an interface
 *
 * Returns: (transfer none): the name of its network attachment, `NAME` or `NAMESPACE/NAME`
 *
 * Since: 0.1
 */
const char *
hotplug_interface_get_network (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->network;
}

/**
 * hotplug_interface_get_mac:
 * @self: an interface
 *
 * Returns: (transfer none) (nullable): its MAC address, in lower case with colons; %NULL if it is to be made
 *
 * Since: 0.1
 */
const char *
hotplug_interface_get_mac (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->mac;
}

/**
 * hotplug_interface_get_model:
 * @self: an interface
 *
 * Returns: (transfer none): which device the guest sees
 *
 * Since: 0.1
 */
const char *
hotplug_interface_get_model (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->model;
}

/**
 * hotplug_interface_get_binding:
 * @self: an interface
 *
 * Returns: (transfer none): how the guest reaches the network
 *
 * Since: 0.1
 */
const char *
hotplug_interface_get_binding (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), NULL);

  return self->binding;
}

/**
 * hotplug_interface_get_state:
 * @self: an interface
 *
 * Returns: whether its link is up, or whether it is to be there at all
 *
 * Since: 0.1
 */
HotplugInterfaceState
hotplug_interface_get_state (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), HOTPLUG_INTERFACE_STATE_UP);

  return self->state;
}

/**
 * hotplug_interface_get_boot_order:
 * @self: an interface
 *
 * Returns: when the firmware tries to boot from the network, 0 for never
 *
 * Since: 0.1
 */
guint
hotplug_interface_get_boot_order (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), 0);

  return self->boot_order;
}

/**
 * hotplug_interface_get_queues:
 * @self: an interface
 *
 * Returns: how many pairs of queues it has, 0 for the hypervisor's choice
 *
 * Since: 0.1
 */
guint
hotplug_interface_get_queues (HotplugInterface *self)
{
  g_return_val_if_fail (HOTPLUG_IS_INTERFACE (self), 0);

  return self->queues;
}
