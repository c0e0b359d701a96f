/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "model/hotplug-network-attachment-private.h"

/* That of CNI's bridge plugin where no bridge is said: containernetworking/plugins plugins/main/bridge/README.md */
#define BRIDGE_DEFAULT "cni0"

/* A name of a link, and what may not stand in it: Linux net/core/dev.c dev_valid_name (), IFNAMSIZ with its NUL */
#define BRIDGE_MAX 15

/* What CNI's bridge plugin takes; 4095 is reserved by 802.1Q */
#define VLAN_MAX 4094

/* Of the least a guest's virtio driver refuses the device (Linux drivers/net/virtio_net.c virtnet_probe (),
 * ETH_MIN_MTU); the most is what virtio's field holds */
#define MTU_MIN 68
#define MTU_MAX 65535

/* A DNS-1123 subdomain, which objects of Kubernetes are named by */
#define NAME_MAX_LENGTH 253

struct _HotplugNetworkAttachment
{
  GObject parent_instance;

  char *name;
  char *space; /* nullable */
  HotplugNetworkPlugin plugin;
  char *bridge;
  guint mtu;
  guint vlan;
  gboolean mac_spoof_check;
  char *path; /* nullable */
};

enum {
  PROP_NAME = 1,
  PROP_NAMESPACE,
  PROP_PLUGIN,
  PROP_BRIDGE,
  PROP_MTU,
  PROP_VLAN,
  PROP_MAC_SPOOF_CHECK,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HotplugNetworkAttachment, hotplug_network_attachment, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean refuse (HotplugNetworkAttachment *self, GError **error, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (HotplugNetworkAttachment *self, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "network attachment \"%s\": %s", self->name, what);
  return FALSE;
}

/* Labels, with dots between them */
static gboolean
check_name (const char *name, GError **error)
{
  g_auto (GStrv) labels = name != NULL && *name != '\0' ? g_strsplit (name, ".", -1) : NULL;

  if (labels == NULL)
    return _hotplug_name_check ("network attachment", "", error);
  for (guint i = 0; labels[i] != NULL; i++)
    {
      if (!_hotplug_name_check ("network attachment", labels[i], error))
        return FALSE;
    }
  if (strlen (name) <= NAME_MAX_LENGTH)
    return TRUE;

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME,
               "network attachment name \"%.20s…\": %" G_GSIZE_FORMAT " characters, at most %d are allowed", name,
               strlen (name), NAME_MAX_LENGTH);
  return FALSE;
}

gboolean
_hotplug_network_name_split (const char *text, char **space, char **name, GError **error)
{
  const char *slash = text != NULL ? strchr (text, '/') : NULL;
  g_autofree char *before = slash != NULL ? g_strndup (text, (gsize)(slash - text)) : NULL;

  if ((before != NULL && !_hotplug_name_check ("namespace", before, error))
      || !check_name (slash != NULL ? slash + 1 : text, error))
    return FALSE;

  *name = g_strdup (slash != NULL ? slash + 1 : text);
  *space = g_steal_pointer (&before);
  return TRUE;
}

/* The two may come in one, as everybody writes them */
static gboolean
take_name (HotplugNetworkAttachment *self, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *space = NULL;

  if (!_hotplug_network_name_split (self->name, &space, &name, error)
      || (self->space != NULL && !_hotplug_name_check ("namespace", self->space, error)))
    return FALSE;
  if (space != NULL && self->space != NULL && strcmp (space, self->space) != 0)
    return refuse (self, error, "its namespace is %s as well", self->space);

  g_free (self->name);
  self->name = g_steal_pointer (&name);
  if (self->space == NULL)
    self->space = g_steal_pointer (&space);
  return TRUE;
}

static gboolean
check_bridge (HotplugNetworkAttachment *self, GError **error)
{
  gsize length = strlen (self->bridge);
  gboolean plain = length > 0 && strcmp (self->bridge, ".") != 0 && strcmp (self->bridge, "..") != 0;

  for (const char *at = self->bridge; *at != '\0'; at++)
    plain = plain && g_ascii_isgraph (*at) && *at != '/' && *at != ':';
  if (plain && length <= BRIDGE_MAX)
    return TRUE;

  g_autofree char *shown = g_strescape (self->bridge, NULL);
  return refuse (self, error,
                 "bridge \"%s\" can't be: a link's name is 1 to %d letters, digits and signs, without / and :", shown,
                 BRIDGE_MAX);
}

static gboolean
initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  HotplugNetworkAttachment *self = HOTPLUG_NETWORK_ATTACHMENT (initable);

  if (!take_name (self, error))
    return FALSE;
  if (self->bridge == NULL && self->plugin != HOTPLUG_NETWORK_PLUGIN_BRIDGE)
    return refuse (self, error, "no bridge is said");
  if (self->bridge == NULL)
    self->bridge = g_strdup (BRIDGE_DEFAULT);
  if (!check_bridge (self, error))
    return FALSE;

  if (self->mtu != 0 && (self->mtu < MTU_MIN || self->mtu > MTU_MAX))
    return refuse (self, error, "mtu %u can't be: it is %d to %d", self->mtu, MTU_MIN, MTU_MAX);
  if (self->vlan > VLAN_MAX)
    return refuse (self, error, "vlan %u can't be: it is 1 to %d", self->vlan, VLAN_MAX);
  /* libvirt has no filters on ports of Open vSwitch: libvirt 9.0.0 src/qemu/qemu_domain.c:4813 */
  return !self->mac_spoof_check || self->plugin == HOTPLUG_NETWORK_PLUGIN_BRIDGE
         || refuse (self, error, "MAC addresses can't be checked on a port of Open vSwitch");
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = initable_init;
}

static void
hotplug_network_attachment_init (HotplugNetworkAttachment *self)
{
}

static void
hotplug_network_attachment_finalize (GObject *object)
{
  HotplugNetworkAttachment *self = HOTPLUG_NETWORK_ATTACHMENT (object);

  g_free (self->name);
  g_free (self->space);
  g_free (self->bridge);
  g_free (self->path);
  G_OBJECT_CLASS (hotplug_network_attachment_parent_class)->finalize (object);
}

static void
hotplug_network_attachment_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HotplugNetworkAttachment *self = HOTPLUG_NETWORK_ATTACHMENT (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_NAMESPACE:
      g_value_set_string (value, self->space);
      break;
    case PROP_PLUGIN:
      g_value_set_enum (value, (int)self->plugin);
      break;
    case PROP_BRIDGE:
      g_value_set_string (value, self->bridge);
      break;
    case PROP_MTU:
      g_value_set_uint (value, self->mtu);
      break;
    case PROP_VLAN:
      g_value_set_uint (value, self->vlan);
      break;
    case PROP_MAC_SPOOF_CHECK:
      g_value_set_boolean (value, self->mac_spoof_check);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hotplug_network_attachment_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HotplugNetworkAttachment *self = HOTPLUG_NETWORK_ATTACHMENT (object);

  switch (id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_NAMESPACE:
      self->space = g_value_dup_string (value);
      break;
    case PROP_PLUGIN:
      self->plugin = (HotplugNetworkPlugin)g_value_get_enum (value);
      break;
    case PROP_BRIDGE:
      self->bridge = g_value_dup_string (value);
      break;
    case PROP_MTU:
      self->mtu = g_value_get_uint (value);
      break;
    case PROP_VLAN:
      self->vlan = g_value_get_uint (value);
      break;
    case PROP_MAC_SPOOF_CHECK:
      self->mac_spoof_check = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
specify_place (GParamFlags flags)
{
  /**
   * HotplugNetworkAttachment:name:
   *
   * What it is called: DNS-1123 labels with dots between them, at most 253 characters. It may be given as
   * `namespace/name`.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HotplugNetworkAttachment:namespace:
   *
   * The namespace that the name is in, a DNS-1123 label; %NULL for the default one.
   *
   * Since: 0.1
   */
  properties[PROP_NAMESPACE] = g_param_spec_string ("namespace", NULL, NULL, NULL, flags);

  /**
   * HotplugNetworkAttachment:plugin:
   *
   * What kind of bridge it is.
   *
   * Since: 0.1
   */
  properties[PROP_PLUGIN] = g_param_spec_enum ("plugin", NULL, NULL, HOTPLUG_TYPE_NETWORK_PLUGIN,
                                               HOTPLUG_NETWORK_PLUGIN_BRIDGE, flags);

  /**
   * HotplugNetworkAttachment:bridge:
   *
   * The bridge's name on the host. %NULL is `cni0` for a Linux bridge, as CNI has it; another kind needs one.
   *
   * Since: 0.1
   */
  properties[PROP_BRIDGE] = g_param_spec_string ("bridge", NULL, NULL, NULL, flags);
}

static void
specify_options (GParamFlags flags)
{
  /**
   * HotplugNetworkAttachment:mtu:
   *
   * The MTU of what is plugged into it, 68 to 65535; 0 for the bridge's own.
   *
   * Since: 0.1
   */
  properties[PROP_MTU] = g_param_spec_uint ("mtu", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugNetworkAttachment:vlan:
   *
   * The VLAN that what is plugged into it is in, 1 to 4094; 0 for none.
   *
   * Since: 0.1
   */
  properties[PROP_VLAN] = g_param_spec_uint ("vlan", NULL, NULL, 0, G_MAXUINT, 0, flags);

  /**
   * HotplugNetworkAttachment:mac-spoof-check:
   *
   * Whether frames are dropped that say another source than the MAC address of the interface they come from. A host
   * does so by libvirt's filter `no-mac-spoofing`; one that has no such filter refuses to plug the interface.
   *
   * Since: 0.1
   */
  properties[PROP_MAC_SPOOF_CHECK] = g_param_spec_boolean ("mac-spoof-check", NULL, NULL, FALSE, flags);
}

static void
hotplug_network_attachment_class_init (HotplugNetworkAttachmentClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = (GParamFlags)(G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  object_class->finalize = hotplug_network_attachment_finalize;
  object_class->get_property = hotplug_network_attachment_get_property;
  object_class->set_property = hotplug_network_attachment_set_property;
  specify_place (flags);
  specify_options (flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

HotplugNetworkAttachment *
_hotplug_network_attachment_with_path (HotplugNetworkAttachment *self, const char *path)
{
  HotplugNetworkAttachment *copy = g_object_new (
      HOTPLUG_TYPE_NETWORK_ATTACHMENT, "name", self->name, "namespace", self->space, "plugin", self->plugin, "bridge",
      self->bridge, "mtu", self->mtu, "vlan", self->vlan, "mac-spoof-check", self->mac_spoof_check, NULL);

  copy->path = g_strdup (path);
  return copy;
}

static const char *
get_space (HotplugNetworkAttachment *self)
{
  return self->space != NULL ? self->space : HOTPLUG_NAMESPACE_DEFAULT;
}

gboolean
_hotplug_network_attachment_is (HotplugNetworkAttachment *self, const char *space, const char *name)
{
  return strcmp (self->name, name) == 0
         && strcmp (get_space (self), space != NULL ? space : HOTPLUG_NAMESPACE_DEFAULT) == 0;
}

char *
_hotplug_network_attachment_dup_title (HotplugNetworkAttachment *self)
{
  return strcmp (get_space (self), HOTPLUG_NAMESPACE_DEFAULT) == 0 ? g_strdup (self->name)
                                                                   : g_strconcat (self->space, "/", self->name, NULL);
}

int
_hotplug_network_attachment_compare (gconstpointer a, gconstpointer b)
{
  HotplugNetworkAttachment *one = *(HotplugNetworkAttachment *const *)a;
  HotplugNetworkAttachment *other = *(HotplugNetworkAttachment *const *)b;
  int names = strcmp (one->name, other->name);

  return names != 0 ? names : strcmp (get_space (one), get_space (other));
}

/**
 * hotplug_network_attachment_new_for_bridge:
 * @name: what it is called; may be `namespace/name`
 * @bridge: the Linux bridge, or the one of a libvirt network
 * @error: return location for a #GError
 *
 * Describes a Linux bridge, with its own MTU and no VLAN. For others use g_initable_new() with the properties of
 * #HotplugNetworkAttachment.
 *
 * Returns: (transfer full): the attachment, or %NULL with %HOTPLUG_ERROR_INVALID_NAME or
 *   %HOTPLUG_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_network_attachment_new_for_bridge (const char *name, const char *bridge, GError **error)
{
  g_return_val_if_fail (bridge != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, error, "name", name, "bridge", bridge, NULL);
}

/**
 * hotplug_network_attachment_get_name:
 * @self: a network attachment
 *
 * Returns: (transfer none): what it is called in its namespace
 *
 * Since: 0.1
 */
const char *
hotplug_network_attachment_get_name (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), NULL);

  return self->name;
}

/**
 * hotplug_network_attachment_get_namespace:
 * @self: a network attachment
 *
 * Returns: (transfer none) (nullable): the namespace that its name is in, %NULL if none was said: the default one
 *
 * Since: 0.1
 */
const char *
hotplug_network_attachment_get_namespace (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), NULL);

  return self->space;
}

/**
 * hotplug_network_attachment_get_plugin:
 * @self: a network attachment
 *
 * Returns: what kind of bridge it is
 *
 * Since: 0.1
 */
HotplugNetworkPlugin
hotplug_network_attachment_get_plugin (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), HOTPLUG_NETWORK_PLUGIN_BRIDGE);

  return self->plugin;
}

/**
 * hotplug_network_attachment_get_bridge:
 * @self: a network attachment
 *
 * Returns: (transfer none): the bridge's name on the host
 *
 * Since: 0.1
 */
const char *
hotplug_network_attachment_get_bridge (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), NULL);

  return self->bridge;
}

/**
 * hotplug_network_attachment_get_mtu:
 * @self: a network attachment
 *
 * Returns: the MTU of what is plugged into it, 0 for the bridge's own
 *
 * Since: 0.1
 */
guint
hotplug_network_attachment_get_mtu (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), 0);

  return self->mtu;
}

/**
 * hotplug_network_attachment_get_vlan:
 * @self: a network attachment
 *
 * Returns: the VLAN that what is plugged into it is in, 0 for none
 *
 * Since: 0.1
 */
guint
hotplug_network_attachment_get_vlan (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), 0);

  return self->vlan;
}

/**
 * hotplug_network_attachment_get_mac_spoof_check:
 * @self: a network attachment
 *
 * Returns: whether frames with another source than the interface's MAC address are dropped
 *
 * Since: 0.1
 */
gboolean
hotplug_network_attachment_get_mac_spoof_check (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), FALSE);

  return self->mac_spoof_check;
}

/**
 * hotplug_network_attachment_get_path:
 * @self: a network attachment
 *
 * Returns: (transfer none) (nullable) (type filename): the file that it was read from, %NULL if from none
 *
 * Since: 0.1
 */
const char *
hotplug_network_attachment_get_path (HotplugNetworkAttachment *self)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), NULL);

  return self->path;
}
