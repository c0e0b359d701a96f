/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-error.h>

#include "base/hotplug-name-private.h"
#include "model/hotplug-data-volume-private.h"

/* What a disk's size is a multiple of */
#define SECTOR 512

struct _HotplugDataVolume
{
  GObject parent_instance;

  char *name;
  guint64 size;
  char *source_path;
  HotplugImageFormat source_format;
  char *source_volume;
  HotplugAccessMode access_mode;
  HotplugVolumeMode volume_mode;
  HotplugImageFormat format;
  gboolean preallocation;
  char *store;

  /* How it stands, of one that a host has */
  char *path;    /* nullable */
  char *message; /* nullable */
  HotplugDataVolumePhase phase;
  double progress;
};

enum {
  PROP_NAME = 1,
  PROP_SIZE,
  PROP_SOURCE_PATH,
  PROP_SOURCE_FORMAT,
  PROP_SOURCE_VOLUME,
  PROP_ACCESS_MODE,
  PROP_VOLUME_MODE,
  PROP_FORMAT,
  PROP_PREALLOCATION,
  PROP_STORE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void initable_iface_init (GInitableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HotplugDataVolume, hotplug_data_volume, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init))

static gboolean
refuse (HotplugDataVolume *self, GError **error, const char *what)
{
  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "data volume \"%s\": %s", self->name, what);
  return FALSE;
}

static gboolean
check_source (HotplugDataVolume *self, GError **error)
{
  if (self->source_path != NULL && self->source_volume != NULL)
    return refuse (self, error, "a file and a volume can't both be copied into it");
  if (self->source_path != NULL && !g_path_is_absolute (self->source_path))
    return refuse (self, error, "the file to copy is no absolute path");
  if (self->source_path == NULL && self->source_format == HOTPLUG_IMAGE_FORMAT_QCOW2)
    return refuse (self, error, "a source format is said, and no file to copy");
  return self->source_volume == NULL || _hotplug_name_check ("source volume", self->source_volume, error);
}

static gboolean
check_size (HotplugDataVolume *self, GError **error)
{
  if (self->size == 0 && self->source_path == NULL && self->source_volume == NULL)
    return refuse (self, error, "a blank one needs a size of more than 0 bytes");
  return self->size <= G_MAXINT64 - SECTOR || refuse (self, error, "its size is more than a disk can have");
}

static gboolean
initable_init (GInitable *initable, GCancellable *cancellable, GError **error)
{
  HotplugDataVolume *self = HOTPLUG_DATA_VOLUME (initable);

  if (!_hotplug_name_check ("data volume", self->name, error) || !check_source (self, error)
      || !check_size (self, error))
    return FALSE;
  if (self->volume_mode == HOTPLUG_VOLUME_MODE_BLOCK && self->format != HOTPLUG_IMAGE_FORMAT_RAW)
    return refuse (self, error, "a block device is raw: format qcow2 is for volume mode Filesystem");

  self->size = (self->size + SECTOR - 1) / SECTOR * SECTOR;
  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = initable_init;
}

static void
hotplug_data_volume_init (HotplugDataVolume *self)
{
}

static void
hotplug_data_volume_finalize (GObject *object)
{
  HotplugDataVolume *self = HOTPLUG_DATA_VOLUME (object);

  g_free (self->name);
  g_free (self->source_path);
  g_free (self->source_volume);
  g_free (self->store);
  g_free (self->path);
  g_free (self->message);
  G_OBJECT_CLASS (hotplug_data_volume_parent_class)->finalize (object);
}

static void
hotplug_data_volume_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HotplugDataVolume *self = HOTPLUG_DATA_VOLUME (object);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_SOURCE_PATH:
      g_value_set_string (value, self->source_path);
      break;
    case PROP_SOURCE_FORMAT:
      g_value_set_enum (value, (int)self->source_format);
      break;
    case PROP_SOURCE_VOLUME:
      g_value_set_string (value, self->source_volume);
      break;
    case PROP_ACCESS_MODE:
      g_value_set_enum (value, (int)self->access_mode);
      break;
    case PROP_VOLUME_MODE:
      g_value_set_enum (value, (int)self->volume_mode);
      break;
    case PROP_FORMAT:
      g_value_set_enum (value, (int)self->format);
      break;
    case PROP_PREALLOCATION:
      g_value_set_boolean (value, self->preallocation);
      break;
    case PROP_STORE:
      g_value_set_string (value, self->store);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hotplug_data_volume_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HotplugDataVolume *self = HOTPLUG_DATA_VOLUME (object);

  switch (id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_SIZE:
      self->size = g_value_get_uint64 (value);
      break;
    case PROP_SOURCE_PATH:
      self->source_path = g_value_dup_string (value);
      break;
    case PROP_SOURCE_FORMAT:
      self->source_format = (HotplugImageFormat)g_value_get_enum (value);
      break;
    case PROP_SOURCE_VOLUME:
      self->source_volume = g_value_dup_string (value);
      break;
    case PROP_ACCESS_MODE:
      self->access_mode = (HotplugAccessMode)g_value_get_enum (value);
      break;
    case PROP_VOLUME_MODE:
      self->volume_mode = (HotplugVolumeMode)g_value_get_enum (value);
      break;
    case PROP_FORMAT:
      self->format = (HotplugImageFormat)g_value_get_enum (value);
      break;
    case PROP_PREALLOCATION:
      self->preallocation = g_value_get_boolean (value);
      break;
    case PROP_STORE:
      self->store = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
specify_source (GParamFlags flags)
{
  /**
   * HotplugDataVolume:name:
   *
   * What the volume is called: a DNS-1123 label, at most 63 lower-case letters, digits and inner hyphens.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);

  /**
   * HotplugDataVolume:size:
   *
   * How many bytes the disk has, rounded up to a sector of 512. 0 where there is a source: as many as that has.
   *
   * Since: 0.1
   */
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  /**
   * HotplugDataVolume:source-path:
   *
   * An image file or a block device that is copied into the volume, an absolute path; %NULL for none.
   *
   * Since: 0.1
   */
  properties[PROP_SOURCE_PATH] = g_param_spec_string ("source-path", NULL, NULL, NULL, flags);

  /**
   * HotplugDataVolume:source-format:
   *
   * What the bytes of #HotplugDataVolume:source-path mean. A qcow2 image that names a backing file or a file of data is
   * refused: its header would choose which files of the host are read. If nothing is told they are the disk's, and a
   * file that begins as an image of another format is refused.
   *
   * Since: 0.1
   */
  properties[PROP_SOURCE_FORMAT] = g_param_spec_enum ("source-format", NULL, NULL, HOTPLUG_TYPE_IMAGE_FORMAT,
                                                      HOTPLUG_IMAGE_FORMAT_DEFAULT, flags);

  /**
   * HotplugDataVolume:source-volume:
   *
   * Another volume of the host that is copied into this one; %NULL for none.
   *
   * Since: 0.1
   */
  properties[PROP_SOURCE_VOLUME] = g_param_spec_string ("source-volume", NULL, NULL, NULL, flags);
}

static void
specify_use (GParamFlags flags)
{
  /**
   * HotplugDataVolume:access-mode:
   *
   * Who may use the volume.
   *
   * Since: 0.1
   */
  properties[PROP_ACCESS_MODE] = g_param_spec_enum ("access-mode", NULL, NULL, HOTPLUG_TYPE_ACCESS_MODE,
                                                    HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE, flags);

  /**
   * HotplugDataVolume:volume-mode:
   *
   * Whether it is an image file or a block device. A store that is a directory has files only.
   *
   * Since: 0.1
   */
  properties[PROP_VOLUME_MODE] = g_param_spec_enum ("volume-mode", NULL, NULL, HOTPLUG_TYPE_VOLUME_MODE,
                                                    HOTPLUG_VOLUME_MODE_FILESYSTEM, flags);

  /**
   * HotplugDataVolume:format:
   *
   * What the bytes of the image mean.
   *
   * Since: 0.1
   */
  properties[PROP_FORMAT] = g_param_spec_enum ("format", NULL, NULL, HOTPLUG_TYPE_IMAGE_FORMAT,
                                               HOTPLUG_IMAGE_FORMAT_RAW, flags);

  /**
   * HotplugDataVolume:preallocation:
   *
   * Whether all of its bytes are allotted at once, so that a guest never meets a full file system.
   *
   * Since: 0.1
   */
  properties[PROP_PREALLOCATION] = g_param_spec_boolean ("preallocation", NULL, NULL, FALSE, flags);

  /**
   * HotplugDataVolume:store:
   *
   * Which of the host's stores has it, Kubernetes' `storageClassName`; %NULL for the default one.
   *
   * Since: 0.1
   */
  properties[PROP_STORE] = g_param_spec_string ("store", NULL, NULL, NULL, flags);
}

static void
install_properties (GObjectClass *class)
{
  GParamFlags flags = (GParamFlags)(G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  specify_source (flags);
  specify_use (flags);
  g_object_class_install_properties (class, N_PROPERTIES, properties);
}

static void
hotplug_data_volume_class_init (HotplugDataVolumeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = hotplug_data_volume_finalize;
  object_class->get_property = hotplug_data_volume_get_property;
  object_class->set_property = hotplug_data_volume_set_property;
  install_properties (object_class);
}

HotplugDataVolume *
_hotplug_data_volume_with_status (HotplugDataVolume *self, guint64 size, const char *store, const char *path,
                                  HotplugDataVolumePhase phase, double progress, const char *message)
{
  HotplugDataVolume *copy = g_object_new (
      HOTPLUG_TYPE_DATA_VOLUME, "name", self->name, "size", size, "source-path", self->source_path, "source-format",
      self->source_format, "source-volume", self->source_volume, "access-mode", self->access_mode, "volume-mode",
      self->volume_mode, "format", self->format, "preallocation", self->preallocation, "store", store, NULL);

  copy->path = g_strdup (path);
  copy->phase = phase;
  copy->progress = progress;
  copy->message = g_strdup (message);
  return copy;
}

/**
 * hotplug_data_volume_new_blank:
 * @name: what the volume is called
 * @size: how many bytes its disk has
 * @error: return location for a #GError
 *
 * Describes an empty volume with the usual properties: ReadWriteOnce, Filesystem, raw. For others use g_initable_new()
 * with the properties of #HotplugDataVolume.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_INVALID_NAME or %HOTPLUG_ERROR_INVALID_ARGUMENT
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_data_volume_new_blank (const char *name, guint64 size, GError **error)
{
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (HOTPLUG_TYPE_DATA_VOLUME, NULL, error, "name", name, "size", size, NULL);
}

/**
 * hotplug_data_volume_get_name:
 * @self: a data volume
 *
 * Returns: (transfer none): what the volume is called
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_name (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->name;
}

/**
 * hotplug_data_volume_get_size:
 * @self: a data volume
 *
 * Returns: how many bytes the disk has, 0 for as many as its source
 *
 * Since: 0.1
 */
guint64
hotplug_data_volume_get_size (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), 0);

  return self->size;
}

/**
 * hotplug_data_volume_get_source_path:
 * @self: a data volume
 *
 * Returns: (transfer none) (nullable) (type filename): the file that is copied into it
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_source_path (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->source_path;
}

/**
 * hotplug_data_volume_get_source_format:
 * @self: a data volume
 *
 * Returns: what the bytes of the file that is copied into it mean
 *
 * Since: 0.1
 */
HotplugImageFormat
hotplug_data_volume_get_source_format (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), HOTPLUG_IMAGE_FORMAT_RAW);

  return self->source_format == HOTPLUG_IMAGE_FORMAT_QCOW2 ? HOTPLUG_IMAGE_FORMAT_QCOW2 : HOTPLUG_IMAGE_FORMAT_RAW;
}

gboolean
_hotplug_data_volume_tells_source_format (HotplugDataVolume *self)
{
  return self->source_format != HOTPLUG_IMAGE_FORMAT_DEFAULT;
}

/**
 * hotplug_data_volume_get_source_volume:
 * @self: a data volume
 *
 * Returns: (transfer none) (nullable): the volume that is copied into it
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_source_volume (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->source_volume;
}

/**
 * hotplug_data_volume_get_access_mode:
 * @self: a data volume
 *
 * Returns: who may use the volume
 *
 * Since: 0.1
 */
HotplugAccessMode
hotplug_data_volume_get_access_mode (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE);

  return self->access_mode;
}

/**
 * hotplug_data_volume_get_volume_mode:
 * @self: a data volume
 *
 * Returns: whether it is an image file or a block device
 *
 * Since: 0.1
 */
HotplugVolumeMode
hotplug_data_volume_get_volume_mode (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), HOTPLUG_VOLUME_MODE_FILESYSTEM);

  return self->volume_mode;
}

/**
 * hotplug_data_volume_get_format:
 * @self: a data volume
 *
 * Returns: what the bytes of the image mean
 *
 * Since: 0.1
 */
HotplugImageFormat
hotplug_data_volume_get_format (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), HOTPLUG_IMAGE_FORMAT_RAW);

  return self->format;
}

/**
 * hotplug_data_volume_get_preallocation:
 * @self: a data volume
 *
 * Returns: whether all of its bytes are allotted at once
 *
 * Since: 0.1
 */
gboolean
hotplug_data_volume_get_preallocation (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), FALSE);

  return self->preallocation;
}

/**
 * hotplug_data_volume_get_store:
 * @self: a data volume
 *
 * Returns: (transfer none) (nullable): which of the host's stores has it, %NULL for the default one
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_store (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->store;
}

/**
 * hotplug_data_volume_get_path:
 * @self: a data volume
 *
 * Returns: (transfer none) (nullable) (type filename): where it is on the host: the image or the device itself
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_path (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->path;
}

/**
 * hotplug_data_volume_get_phase:
 * @self: a data volume
 *
 * Returns: how far it is; of one that no host was asked for, %HOTPLUG_DATA_VOLUME_PHASE_PENDING
 *
 * Since: 0.1
 */
HotplugDataVolumePhase
hotplug_data_volume_get_phase (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), HOTPLUG_DATA_VOLUME_PHASE_FAILED);

  return self->phase;
}

/**
 * hotplug_data_volume_get_progress:
 * @self: a data volume
 *
 * Returns: how much of what is copied into it is there, from 0 to 100
 *
 * Since: 0.1
 */
double
hotplug_data_volume_get_progress (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), 0);

  return self->progress;
}

/**
 * hotplug_data_volume_get_message:
 * @self: a data volume
 *
 * Returns: (transfer none) (nullable): why it is %HOTPLUG_DATA_VOLUME_PHASE_FAILED, for people
 *
 * Since: 0.1
 */
const char *
hotplug_data_volume_get_message (HotplugDataVolume *self)
{
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (self), NULL);

  return self->message;
}
