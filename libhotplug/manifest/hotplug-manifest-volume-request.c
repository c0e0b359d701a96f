/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-volume-request.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-fields-private.h"
#include "model/hotplug-volume-private.h"

/* KubeVirt's types: api/core/v1/types.go, AddVolumeOptions and RemoveVolumeOptions; schema.go, Disk. Lines of objects,
 * 0: not there; numbers -1: not there */
struct _HotplugVolumeRequest
{
  guint line;
  char *name;
  guint disk;          /* disk */
  guint as_disk;       /* disk.disk */
  guint as_lun;        /* disk.lun */
  guint as_cdrom;      /* disk.cdrom */
  guint volume_source; /* volumeSource */
  guint data_volume;   /* volumeSource.dataVolume */
  guint claim;         /* volumeSource.persistentVolumeClaim */
  guint block_size;
  guint custom;
  guint match;
  char *data_volume_name;
  char *claim_name;
  char *disk_name; /* KubeVirt writes the request's own there */
  char *disk_bus;
  char *lun_bus;
  char *serial;
  char *cache;
  char *io;
  char *error_policy;
  char **dry_run;
  gint64 logical;
  gint64 physical;
  gint64 boot_order;
  gboolean match_enabled;
  gboolean read_only;
  gboolean claim_read_only;
  gboolean dedicated_io_thread;
  gboolean shareable;
};

G_DEFINE_BOXED_TYPE (HotplugVolumeRequest, hotplug_volume_request, hotplug_volume_request_ref,
                     hotplug_volume_request_unref)

#define AT(member) G_STRUCT_OFFSET (HotplugVolumeRequest, member)

static const HotplugManifestField disk_device_fields[] = {
  { "bus", HOTPLUG_FIELD_STRING, AT (disk_bus) },
  { "readonly", HOTPLUG_FIELD_BOOLEAN, AT (read_only) },
  { "pciAddress", HOTPLUG_FIELD_REFUSED, 0, NULL, "the port is chosen" },
  { NULL },
};

static const HotplugManifestField lun_fields[] = {
  { "bus", HOTPLUG_FIELD_STRING, AT (lun_bus) },
  { "readonly", HOTPLUG_FIELD_BOOLEAN, AT (read_only) },
  { "reservation", HOTPLUG_FIELD_REFUSED },
  { NULL },
};

static const HotplugManifestField cdrom_fields[] = {
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField custom_fields[] = {
  { "logical", HOTPLUG_FIELD_INTEGER, AT (logical) },
  { "physical", HOTPLUG_FIELD_INTEGER, AT (physical) },
  { "discardGranularity", HOTPLUG_FIELD_REFUSED, 0, NULL, "libvirt has no word for it" },
  { NULL },
};

static const HotplugManifestField match_fields[] = {
  { "enabled", HOTPLUG_FIELD_BOOLEAN, AT (match_enabled) },
  { NULL },
};

static const HotplugManifestField block_size_fields[] = {
  { "custom", HOTPLUG_FIELD_OBJECT, AT (custom), custom_fields },
  { "matchVolume", HOTPLUG_FIELD_OBJECT, AT (match), match_fields },
  { NULL },
};

static const HotplugManifestField disk_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (disk_name) },
  { "disk", HOTPLUG_FIELD_OBJECT, AT (as_disk), disk_device_fields },
  { "lun", HOTPLUG_FIELD_OBJECT, AT (as_lun), lun_fields },
  { "cdrom", HOTPLUG_FIELD_OBJECT, AT (as_cdrom), cdrom_fields },
  { "serial", HOTPLUG_FIELD_STRING, AT (serial) },
  { "cache", HOTPLUG_FIELD_STRING, AT (cache) },
  { "io", HOTPLUG_FIELD_STRING, AT (io) },
  { "errorPolicy", HOTPLUG_FIELD_STRING, AT (error_policy) },
  { "dedicatedIOThread", HOTPLUG_FIELD_BOOLEAN, AT (dedicated_io_thread) },
  { "bootOrder", HOTPLUG_FIELD_INTEGER, AT (boot_order) },
  { "blockSize", HOTPLUG_FIELD_OBJECT, AT (block_size), block_size_fields },
  { "shareable", HOTPLUG_FIELD_BOOLEAN, AT (shareable) },
  { "tag", HOTPLUG_FIELD_REFUSED },
  { "changedBlockTracking", HOTPLUG_FIELD_REFUSED },
  { NULL },
};

static const HotplugManifestField data_volume_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (data_volume_name) },
  { "hotpluggable", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField claim_fields[] = {
  { "claimName", HOTPLUG_FIELD_STRING, AT (claim_name) },
  { "readOnly", HOTPLUG_FIELD_BOOLEAN, AT (claim_read_only) },
  { "hotpluggable", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField source_fields[] = {
  { "dataVolume", HOTPLUG_FIELD_OBJECT, AT (data_volume), data_volume_fields },
  { "persistentVolumeClaim", HOTPLUG_FIELD_OBJECT, AT (claim), claim_fields },
  { NULL },
};

static const HotplugManifestField add_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (name) },
  { "disk", HOTPLUG_FIELD_OBJECT, AT (disk), disk_fields },
  { "volumeSource", HOTPLUG_FIELD_OBJECT, AT (volume_source), source_fields },
  { "dryRun", HOTPLUG_FIELD_STRINGS, AT (dry_run) },
  { NULL },
};

static const HotplugManifestField remove_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (name) },
  { "dryRun", HOTPLUG_FIELD_STRINGS, AT (dry_run) },
  { NULL },
};

static const char *
bus_of (HotplugVolumeRequest *self)
{
  return self->as_lun != 0 ? self->lun_bus : self->disk_bus;
}

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

G_GNUC_PRINTF (4, 5)
static gboolean
refuse (HotplugVolumeRequest *self, HotplugError code, GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  _hotplug_manifest_refuse (error, self->line, "%s", what);
  if (error != NULL)
    (*error)->code = (int)code;
  return FALSE;
}

/* KubeVirt takes any word for no dry run, against what its API says. */
static gboolean
check_request (HotplugVolumeRequest *self, const char *kind, GError **error)
{
  if (is_empty (self->name))
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "%s requires name to be set", kind);

  for (char **word = self->dry_run; word != NULL && *word != NULL; word++)
    {
      if (!g_str_equal (*word, "All"))
        return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "dryRun is All, not %s", *word);
    }
  return TRUE;
}

/* KubeVirt's words: pkg/virt-api/rest/volumes.go, and for a source of another kind
 * pkg/storage/admitters/storagehotplug.go */
static gboolean
check_there (HotplugVolumeRequest *self, GError **error)
{
  if (self->disk == 0)
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "AddVolumeOptions requires disk to not be nil");
  if (self->volume_source == 0)
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "AddVolumeOptions requires VolumeSource to not be nil");
  if (self->data_volume != 0 && self->claim != 0)
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error,
                   "volumeSource has both; it has one of dataVolume and persistentVolumeClaim");
  if (is_empty (hotplug_volume_request_get_data_volume (self)))
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "volume %s is not a PVC or DataVolume", self->name);
  return TRUE;
}

/* KubeVirt's rules and words: pkg/storage/admitters/storagehotplug.go, ValidateHotplugDiskConfiguration. It asks
 * for a bus too: a body has no default, virtctl has. */
static gboolean
check_device (HotplugVolumeRequest *self, GError **error)
{
  const char *bus = bus_of (self) != NULL ? bus_of (self) : "";
  gboolean is_virtio = g_str_equal (bus, "virtio");

  if ((self->as_disk != 0) + (self->as_lun != 0) + (self->as_cdrom != 0) > 1)
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "disk has several; it has one of disk and lun");
  if (self->as_disk == 0 && self->as_lun == 0)
    return refuse (self, HOTPLUG_ERROR_DEVICE_UNSUPPORTED, error,
                   "Hotplug configuration for [%s] requires diskDevice of type 'disk' or 'lun' to be used.",
                   self->name);
  if (self->as_disk != 0 && !is_virtio && !g_str_equal (bus, "scsi"))
    return refuse (self, HOTPLUG_ERROR_BUS_UNSUPPORTED, error,
                   "Hotplug configuration for disk [%s] requires bus to be 'scsi' or 'virtio'. [%s] is not permitted.",
                   self->name, bus);
  if (self->as_lun != 0 && !g_str_equal (bus, "scsi"))
    return refuse (self, HOTPLUG_ERROR_BUS_UNSUPPORTED, error,
                   "Hotplug configuration for LUN [%s] requires bus to be 'scsi'. [%s] is not permitted.", self->name,
                   bus);
  if (self->dedicated_io_thread && !is_virtio)
    return refuse (self, HOTPLUG_ERROR_BUS_UNSUPPORTED, error,
                   "Hotplug configuration for [%s] requires virtio bus for IOThreads.", self->name);
  return TRUE;
}

static gboolean
check_numbers (HotplugVolumeRequest *self, GError **error)
{
  if (self->boot_order != -1 && (self->boot_order < 1 || self->boot_order > G_MAXINT))
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "disk.bootOrder must be > 0, if supplied, and at most %d",
                   G_MAXINT);
  if (self->custom != 0
      && (self->logical < 1 || self->physical < 1 || self->logical > G_MAXINT || self->physical > G_MAXINT))
    return refuse (self, HOTPLUG_ERROR_MANIFEST, error,
                   "disk.blockSize.custom has logical and physical, each from 512 to 2097152");
  return TRUE;
}

/* The default is no word that may be said: so it is in KubeVirt (pkg/storage/admitters/disks.go) */
static gboolean
check_word (HotplugVolumeRequest *self, const char *field, const char *word, GType type, GError **error)
{
  if (word == NULL || (_hotplug_enum_from_nick (type, word, -1) >= 0 && !g_str_equal (word, "default")))
    return TRUE;

  return refuse (self, HOTPLUG_ERROR_MANIFEST, error, "disk.%s has invalid value %s", field, word);
}

static gboolean
check_add (HotplugVolumeRequest *self, GError **error)
{
  return check_request (self, "AddVolumeOptions", error) && check_there (self, error) && check_device (self, error)
         && check_numbers (self, error) && check_word (self, "cache", self->cache, HOTPLUG_TYPE_CACHE, error)
         && check_word (self, "io", self->io, HOTPLUG_TYPE_IO, error)
         && check_word (self, "errorPolicy", self->error_policy, HOTPLUG_TYPE_ERROR_POLICY, error);
}

static gboolean
check_remove (HotplugVolumeRequest *self, GError **error)
{
  return check_request (self, "RemoveVolumeOptions", error);
}

static GPtrArray *
parse (const char *text, gssize length, const HotplugManifestField *fields,
       gboolean (*check) (HotplugVolumeRequest *self, GError **error), GError **error)
{
  g_autoptr (GPtrArray) documents = _hotplug_manifest_read (text, length >= 0 ? (gsize)length : strlen (text), error);
  g_autoptr (GPtrArray) requests = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_volume_request_unref);

  for (guint i = 0; documents != NULL && i < documents->len; i++)
    {
      const HotplugManifestDocument *document = g_ptr_array_index (documents, i);
      HotplugVolumeRequest *self = g_atomic_rc_box_new0 (HotplugVolumeRequest);

      g_ptr_array_add (requests, self);
      self->line = _hotplug_manifest_document_line (document, document->root);
      self->logical = self->physical = self->boot_order = -1;
      self->match_enabled = TRUE;
      if (!_hotplug_manifest_take_fields (document, document->root, "", fields, self, error) || !check (self, error))
        return NULL;
    }
  return documents != NULL ? g_steal_pointer (&requests) : NULL;
}

/**
 * hotplug_volume_request_parse_add:
 * @text: YAML or JSON
 * @length: its bytes; -1 up to a NUL
 * @error: return location for a #GError
 *
 * Reads what KubeVirt's `addvolume` is sent, `AddVolumeOptions`: several are documents with `---` between them. Its
 * refusals have KubeVirt's words; a field that is not known is refused, and so is one that can't be had here. The text
 * may come from anybody, and has the limits of hotplug_manifest_parse().
 *
 * Returns: (transfer container) (element-type HotplugVolumeRequest): the requests in their order, or %NULL with
 *   %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_DEVICE_UNSUPPORTED or %HOTPLUG_ERROR_BUS_UNSUPPORTED; the message begins
 *   with the line
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_volume_request_parse_add (const char *text, gssize length, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return parse (text, length, add_fields, check_add, error);
}

/**
 * hotplug_volume_request_parse_remove:
 * @text: YAML or JSON
 * @length: its bytes; -1 up to a NUL
 * @error: return location for a #GError
 *
 * Reads what KubeVirt's `removevolume` is sent, `RemoveVolumeOptions`, as hotplug_volume_request_parse_add() does.
 *
 * Returns: (transfer container) (element-type HotplugVolumeRequest): the requests in their order, or %NULL with
 *   %HOTPLUG_ERROR_MANIFEST; the message begins with the line
 *
 * Since: 0.1
 */
GPtrArray *
hotplug_volume_request_parse_remove (const char *text, gssize length, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return parse (text, length, remove_fields, check_remove, error);
}

/**
 * hotplug_volume_request_ref:
 * @self: a request
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugVolumeRequest *
hotplug_volume_request_ref (HotplugVolumeRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugVolumeRequest *self = data;

  g_free (self->name);
  g_free (self->data_volume_name);
  g_free (self->claim_name);
  g_free (self->disk_name);
  g_free (self->disk_bus);
  g_free (self->lun_bus);
  g_free (self->serial);
  g_free (self->cache);
  g_free (self->io);
  g_free (self->error_policy);
  g_strfreev (self->dry_run);
}

/**
 * hotplug_volume_request_unref:
 * @self: (transfer full): a request
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_volume_request_unref (HotplugVolumeRequest *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_volume_request_get_name:
 * @self: a request
 *
 * Returns: (transfer none): what the VMI calls the volume
 *
 * Since: 0.1
 */
const char *
hotplug_volume_request_get_name (HotplugVolumeRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_volume_request_get_data_volume:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the data volume to be added, which a claim is the name of too, or %NULL in a
 *   request to remove
 *
 * Since: 0.1
 */
const char *
hotplug_volume_request_get_data_volume (HotplugVolumeRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->data_volume_name != NULL ? self->data_volume_name : self->claim_name;
}

/**
 * hotplug_volume_request_get_line:
 * @self: a request
 *
 * Returns: the line of the text where it begins, from 1
 *
 * Since: 0.1
 */
guint
hotplug_volume_request_get_line (HotplugVolumeRequest *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->line;
}

/**
 * hotplug_volume_request_is_dry_run:
 * @self: a request
 *
 * Returns: whether nothing shall be changed: its `dryRun` is `All`
 *
 * Since: 0.1
 */
gboolean
hotplug_volume_request_is_dry_run (HotplugVolumeRequest *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->dry_run != NULL && self->dry_run[0] != NULL;
}

/**
 * hotplug_volume_request_make_volume:
 * @self: a request to add
 * @data_volume: the data volume that it names, as hotplug_host_get_data_volume() returns it
 * @error: return location for a #GError
 *
 * Describes the volume that is to be added, with the access mode and the format of @data_volume.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_SOURCE_NOT_READY if @data_volume is not
 *   %HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED, or an error of #HotplugVolume; the message begins with the line
 *
 * Since: 0.1
 */
HotplugVolume *
hotplug_volume_request_make_volume (HotplugVolumeRequest *self, HotplugDataVolume *data_volume, GError **error)
{
  g_return_val_if_fail (self != NULL && self->volume_source != 0, NULL);
  g_return_val_if_fail (HOTPLUG_IS_DATA_VOLUME (data_volume), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  const char *message = hotplug_data_volume_get_message (data_volume);
  if (hotplug_data_volume_get_phase (data_volume) != HOTPLUG_DATA_VOLUME_PHASE_SUCCEEDED)
    {
      refuse (self, HOTPLUG_ERROR_SOURCE_NOT_READY, error, "data volume \"%s\" is not ready%s%s",
              hotplug_data_volume_get_name (data_volume), message != NULL ? ": " : "", message != NULL ? message : "");
      return NULL;
    }

  HotplugVolume *volume = g_initable_new (
      HOTPLUG_TYPE_VOLUME, NULL, error, "name", self->name, "path", hotplug_data_volume_get_path (data_volume),
      "access-mode", hotplug_data_volume_get_access_mode (data_volume), "format",
      hotplug_data_volume_get_format (data_volume), "device",
      self->as_lun != 0 ? HOTPLUG_DISK_TYPE_LUN : HOTPLUG_DISK_TYPE_DISK, "bus",
      _hotplug_enum_from_nick (HOTPLUG_TYPE_BUS, bus_of (self), HOTPLUG_BUS_SCSI), "serial", self->serial, "cache",
      _hotplug_enum_from_nick (HOTPLUG_TYPE_CACHE, self->cache, HOTPLUG_CACHE_DEFAULT), "io",
      _hotplug_enum_from_nick (HOTPLUG_TYPE_IO, self->io, HOTPLUG_IO_DEFAULT), "error-policy",
      _hotplug_enum_from_nick (HOTPLUG_TYPE_ERROR_POLICY, self->error_policy, HOTPLUG_ERROR_POLICY_STOP),
      "logical-block-size", self->custom != 0 ? (guint)self->logical : 0, "physical-block-size",
      self->custom != 0 ? (guint)self->physical : 0, "match-block-size", self->match != 0 && self->match_enabled,
      "boot-order", self->boot_order > 0 ? (guint)self->boot_order : 0, "dedicated-io-thread",
      self->dedicated_io_thread, "shareable", self->shareable, "read-only", self->read_only || self->claim_read_only,
      NULL);
  if (volume == NULL)
    g_prefix_error (error, "line %u: ", self->line);
  if (volume != NULL)
    volume->options.preallocated = hotplug_data_volume_get_preallocation (data_volume);
  return volume;
}
