/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/hotplug-volume-private.h"

enum {
  PROP_NAME = 1,
  PROP_PATH,
  PROP_BUS,
  PROP_SERIAL,
  PROP_CACHE,
  PROP_READ_ONLY,
  PROP_URI,
  N_PROPERTIES, /* and those of the options from here */
};

static GParamSpec *properties[N_PROPERTIES];

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HotplugVolume, hotplug_volume, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  HotplugVolume *self = HOTPLUG_VOLUME (initable);

  return _hotplug_volume_check (self, error);
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = initable_init;
}

static void
hotplug_volume_init (HotplugVolume *self)
{
}

static void
hotplug_volume_finalize (GObject *object)
{
  HotplugVolume *self = HOTPLUG_VOLUME (object);

  g_free (self->name);
  g_free (self->path);
  g_free (self->uri);
  g_free (self->serial);
  _hotplug_network_source_clear (&self->network);
  G_OBJECT_CLASS (hotplug_volume_parent_class)->finalize (object);
}

static void
hotplug_volume_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HotplugVolume *self = HOTPLUG_VOLUME (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    case PROP_BUS:
      g_value_set_enum (value, (int) self->bus);
      break;
    case PROP_SERIAL:
      g_value_set_string (value, hotplug_volume_get_serial (self));
      break;
    case PROP_CACHE:
      g_value_set_enum (value, (int) self->cache);
      break;
    case PROP_READ_ONLY:
      g_value_set_boolean (value, hotplug_volume_get_read_only (self));
      break;
    case PROP_URI:
      g_value_set_string (value, self->uri);
      break;
    default:
      if (!_hotplug_volume_options_get (&self->options, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hotplug_volume_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HotplugVolume *self = HOTPLUG_VOLUME (object);

  switch (id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_PATH:
      self->path = g_value_dup_string (value);
      break;
    case PROP_BUS:
      self->bus = (HotplugBus) g_value_get_enum (value);
      break;
    case PROP_SERIAL:
      self->serial = g_value_dup_string (value);
      break;
    case PROP_CACHE:
      self->cache = (HotplugCache) g_value_get_enum (value);
      break;
    case PROP_READ_ONLY:
      self->read_only = g_value_get_boolean (value);
      break;
    case PROP_URI:
      self->uri = g_value_dup_string (value);
      break;
    default:
      if (!_hotplug_volume_options_set (&self->options, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
make_source_properties (GParamFlags flags)
{
  /**
   * HotplugVolume:name:
   *
   * What the volume is called in a VMI: a DNS-1123 label, at most 63 lower-case letters, digits and inner hyphens.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HotplugVolume:path:
   *
   * The source on the host, an absolute path: an image file, a directory that holds `disk.img`, or a block device.
   * The image is raw, whatever its content looks like, unless #HotplugVolume:format says otherwise: a format that is
   * guessed lets a guest read the host's files. %NULL if the volume has a #HotplugVolume:uri.
   *
   * Since: 0.1
   */
  properties[PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, flags);

  /**
   * HotplugVolume:uri:
   *
   * A source on the network that the hypervisor opens itself, instead of #HotplugVolume:path:
   * `nbd://HOST[:PORT]/[EXPORT]`, `nbd+unix:///[EXPORT]?socket=PATH`, `iscsi://HOST[:PORT]/TARGET/LUN` or
   * `rbd://[HOST[:PORT]]/POOL/IMAGE`. Passwords have no place in it.
   *
   * Since: 0.1
   */
  properties[PROP_URI] = g_param_spec_string ("uri", NULL, NULL, NULL, flags);
}

static void
hotplug_volume_class_init (HotplugVolumeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = (GParamFlags) (G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  object_class->finalize = hotplug_volume_finalize;
  object_class->get_property = hotplug_volume_get_property;
  object_class->set_property = hotplug_volume_set_property;

  make_source_properties (flags);

  /**
   * HotplugVolume:bus:
   *
   * How the guest sees the disk, %HOTPLUG_BUS_SCSI or %HOTPLUG_BUS_VIRTIO; others are refused with
   * %HOTPLUG_ERROR_BUS_UNSUPPORTED, as in KubeVirt (pkg/storage/admitters/storagehotplug.go).
   *
   * Since: 0.1
   */
  properties[PROP_BUS] = g_param_spec_enum ("bus", NULL, NULL, HOTPLUG_TYPE_BUS, HOTPLUG_BUS_SCSI, flags);

  /**
   * HotplugVolume:serial:
   *
   * The serial number that the guest sees, %NULL for the volume's name. It arrives in the guest as it is, or it is
   * refused: letters, digits and `_ . + -` only, at most 20 characters on virtio and 36 on SCSI, where a QEMU older
   * than 4.0 shows 20 too. See hotplug_serial_check(). A LUN has none but its device's own.
   *
   * Since: 0.1
   */
  properties[PROP_SERIAL] = g_param_spec_string ("serial", NULL, NULL, NULL, flags);

  /**
   * HotplugVolume:cache:
   *
   * How the host caches the volume. By default, as in KubeVirt, %HOTPLUG_CACHE_NONE where the source can be read and
   * written past the host's page cache (`O_DIRECT`), else %HOTPLUG_CACHE_WRITETHROUGH; where that can't be looked at,
   * on another host or the network, it is the hypervisor's choice.
   *
   * Since: 0.1
   */
  properties[PROP_CACHE] = g_param_spec_enum ("cache", NULL, NULL, HOTPLUG_TYPE_CACHE, HOTPLUG_CACHE_DEFAULT, flags);

  /**
   * HotplugVolume:read-only:
   *
   * Whether the guest may only read. True with %HOTPLUG_ACCESS_MODE_READ_ONLY_MANY.
   *
   * Since: 0.1
   */
  properties[PROP_READ_ONLY] = g_param_spec_boolean ("read-only", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  _hotplug_volume_options_install (object_class, N_PROPERTIES);
}

/**
 * hotplug_volume_new_for_path:
 * @name: what the volume is called in a VMI
 * @path: (type filename): its source, an absolute path
 * @error: return location for a #GError
 *
 * Makes a volume with the usual properties: bus SCSI, its name as its serial, writable. For others use g_initable_new()
 * with the properties of #HotplugVolume.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_INVALID_NAME, %HOTPLUG_ERROR_INVALID_ARGUMENT or
 *   %HOTPLUG_ERROR_SERIAL_TOO_LONG (a name of more than 36 characters needs a serial of its own)
 *
 * Since: 0.1
 */
HotplugVolume *
hotplug_volume_new_for_path (const char *name, const char *path, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (HOTPLUG_TYPE_VOLUME, NULL, error, "name", name, "path", path, NULL);
}

/**
 * hotplug_volume_get_name:
 * @self: a volume
 *
 * Returns: (transfer none): what the volume is called in a VMI
 *
 * Since: 0.1
 */
const char *
hotplug_volume_get_name (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), NULL);

  return self->name;
}

/**
 * hotplug_volume_get_path:
 * @self: a volume
 *
 * Returns: (transfer none) (type filename) (nullable): its source on the host, %NULL if that has a URI
 *
 * Since: 0.1
 */
const char *
hotplug_volume_get_path (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), NULL);

  return self->path;
}

/**
 * hotplug_volume_get_bus:
 * @self: a volume
 *
 * Returns: how the guest sees the disk
 *
 * Since: 0.1
 */
HotplugBus
hotplug_volume_get_bus (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_BUS_OTHER);

  return self->bus;
}

/**
 * hotplug_volume_get_serial:
 * @self: a volume
 *
 * Returns: (transfer none) (nullable): the serial that the guest sees, by default the volume's name; %NULL for a LUN
 *
 * Since: 0.1
 */
const char *
hotplug_volume_get_serial (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), NULL);

  return self->serial != NULL || self->options.device == HOTPLUG_DISK_TYPE_LUN ? self->serial : self->name;
}

/**
 * hotplug_volume_get_cache:
 * @self: a volume
 *
 * Returns: how the host shall cache the volume
 *
 * Since: 0.1
 */
HotplugCache
hotplug_volume_get_cache (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), HOTPLUG_CACHE_DEFAULT);

  return self->cache;
}

/**
 * hotplug_volume_get_read_only:
 * @self: a volume
 *
 * Returns: whether the guest may only read
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_get_read_only (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), FALSE);

  return self->read_only || self->options.access_mode == HOTPLUG_ACCESS_MODE_READ_ONLY_MANY;
}

/**
 * hotplug_volume_get_uri:
 * @self: a volume
 *
 * Returns: (transfer none) (nullable): its source on the network, %NULL if that has a path
 *
 * Since: 0.1
 */
const char *
hotplug_volume_get_uri (HotplugVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_VOLUME (self), NULL);

  return self->uri;
}
