/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-object-private.h"

/* CDI's type: containerized-data-importer-api pkg/apis/core/v1beta1/types.go; what it takes from Kubernetes'
 * PersistentVolumeClaimSpec is the same below pvc and storage. Lines of objects, 0: not there */
typedef struct
{
  guint metadata;
  guint spec;
  guint source;
  guint blank;
  guint http;
  guint other; /* source.pvc */
  guint storage;
  guint claim; /* spec.pvc */
  guint resources;
  guint requests;
  char *url;
  char *other_name;
  char *content_type;
  char *volume_mode;
  char *store;
  char **access_modes;
  guint64 size;
  gboolean preallocation;
} Read;

static void
clear (Read *self)
{
  g_free (self->url);
  g_free (self->other_name);
  g_free (self->content_type);
  g_free (self->volume_mode);
  g_free (self->store);
  g_strfreev (self->access_modes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Read, clear)

#define AT(member) G_STRUCT_OFFSET (Read, member)
#define DOWNLOAD "a volume is blank, or a copy of a file (http, with a file: URL) or of another volume (pvc)"

static const HotplugManifestField no_fields[] = {
  { NULL },
};

static const HotplugManifestField http_fields[] = {
  { "url", HOTPLUG_FIELD_STRING, AT (url) },
  { "certConfigMap", HOTPLUG_FIELD_REFUSED },
  { "checksum", HOTPLUG_FIELD_REFUSED },
  { "extraHeaders", HOTPLUG_FIELD_REFUSED },
  { "secretExtraHeaders", HOTPLUG_FIELD_REFUSED },
  { "secretRef", HOTPLUG_FIELD_REFUSED },
  { NULL },
};

/* There are no namespaces here. */
static const HotplugManifestField other_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (other_name) },
  { "namespace", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField source_fields[] = {
  { "blank", HOTPLUG_FIELD_OBJECT, AT (blank), no_fields },
  { "http", HOTPLUG_FIELD_OBJECT, AT (http), http_fields },
  { "pvc", HOTPLUG_FIELD_OBJECT, AT (other), other_fields },
  { "gcs", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "imageio", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "registry", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "s3", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "snapshot", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "upload", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { "vddk", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { NULL },
};

static const HotplugManifestField request_fields[] = {
  { "storage", HOTPLUG_FIELD_QUANTITY, AT (size) },
  { NULL },
};

static const HotplugManifestField resource_fields[] = {
  { "requests", HOTPLUG_FIELD_OBJECT, AT (requests), request_fields },
  { "limits", HOTPLUG_FIELD_REFUSED },
  { "claims", HOTPLUG_FIELD_REFUSED },
  { NULL },
};

static const HotplugManifestField claim_fields[] = {
  { "accessModes", HOTPLUG_FIELD_STRINGS, AT (access_modes) },
  { "resources", HOTPLUG_FIELD_OBJECT, AT (resources), resource_fields },
  { "storageClassName", HOTPLUG_FIELD_STRING, AT (store) },
  { "volumeMode", HOTPLUG_FIELD_STRING, AT (volume_mode) },
  { "dataSource", HOTPLUG_FIELD_REFUSED },
  { "dataSourceRef", HOTPLUG_FIELD_REFUSED },
  { "selector", HOTPLUG_FIELD_REFUSED },
  { "volumeName", HOTPLUG_FIELD_REFUSED },
  { NULL },
};

static const HotplugManifestField spec_fields[] = {
  { "source", HOTPLUG_FIELD_OBJECT, AT (source), source_fields },
  { "pvc", HOTPLUG_FIELD_OBJECT, AT (claim), claim_fields },
  { "storage", HOTPLUG_FIELD_OBJECT, AT (storage), claim_fields },
  { "contentType", HOTPLUG_FIELD_STRING, AT (content_type) },
  { "preallocation", HOTPLUG_FIELD_BOOLEAN, AT (preallocation) },
  { "priorityClassName", HOTPLUG_FIELD_IGNORED },
  { "checkpoints", HOTPLUG_FIELD_REFUSED },
  { "finalCheckpoint", HOTPLUG_FIELD_REFUSED },
  { "sourceRef", HOTPLUG_FIELD_REFUSED, 0, NULL, DOWNLOAD },
  { NULL },
};

static const HotplugManifestField metadata_fields[] = {
  { "generateName", HOTPLUG_FIELD_REFUSED },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField fields[] = {
  { "apiVersion", HOTPLUG_FIELD_IGNORED },
  { "kind", HOTPLUG_FIELD_IGNORED },
  { "metadata", HOTPLUG_FIELD_OBJECT, AT (metadata), metadata_fields },
  { "spec", HOTPLUG_FIELD_OBJECT, AT (spec), spec_fields },
  { "status", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

/* What is there once, and only there */
static gboolean
check_there (const Read *read, HotplugManifest *manifest, GError **error)
{
  guint sources = (read->blank != 0) + (read->http != 0) + (read->other != 0);
  guint line = hotplug_manifest_get_line (manifest);

  if (hotplug_manifest_get_name (manifest) == NULL)
    return _hotplug_manifest_refuse (error, line, "metadata.name is missing");
  if (read->spec == 0)
    return _hotplug_manifest_refuse (error, line, "spec is missing");
  if (sources != 1)
    return _hotplug_manifest_refuse (error, read->source != 0 ? read->source : read->spec,
                                     "spec.source has %s; it has one of blank, http and pvc",
                                     sources == 0 ? "none" : "several");
  if ((read->storage != 0) == (read->claim != 0))
    return _hotplug_manifest_refuse (error, read->spec, "spec has %s; it has one of storage and pvc",
                                     read->storage != 0 ? "both" : "neither");
  if (read->blank != 0 && read->size == 0)
    return _hotplug_manifest_refuse (error, read->spec,
                                     "resources.requests.storage of an empty volume is missing, or 0");
  if (read->other != 0 && read->other_name == NULL)
    return _hotplug_manifest_refuse (error, read->other, "spec.source.pvc.name is missing");
  return read->content_type == NULL || strcmp (read->content_type, "") == 0
         || strcmp (read->content_type, "kubevirt") == 0
         || _hotplug_manifest_refuse (error, read->spec, "spec.contentType is kubevirt, not %s", read->content_type);
}

static gboolean
take_word (const Read *read, GType type, const char *name, const char *word, int *value, GError **error)
{
  int known = _hotplug_enum_from_nick (type, word, -1);

  if (known < 0)
    return _hotplug_manifest_refuse (error, read->storage + read->claim, "unknown %s %s", name, word);
  *value = known;
  return TRUE;
}

/* A volume that may be written by many may be written by one, and only be read: of several modes it is the one that
 * holds the others. Without it nobody is told which one counts. */
static gboolean
take_access_mode (const Read *read, int *mode, GError **error)
{
  guint seen = 0;

  for (guint i = 0; read->access_modes != NULL && read->access_modes[i] != NULL; i++)
    {
      if (!take_word (read, HOTPLUG_TYPE_ACCESS_MODE, "accessModes", read->access_modes[i], mode, error))
        return FALSE;
      seen |= 1u << *mode;
    }

  if (seen & (1u << HOTPLUG_ACCESS_MODE_READ_WRITE_MANY))
    *mode = HOTPLUG_ACCESS_MODE_READ_WRITE_MANY;
  else if (seen != 0 && (seen & (seen - 1)) != 0)
    return _hotplug_manifest_refuse (error, read->storage + read->claim,
                                     "accessModes has several; one is what a volume has");
  return TRUE;
}

static gboolean
take_url (const Read *read, char **path, GError **error)
{
  g_autofree char *host = NULL;

  if (read->http == 0)
    return TRUE;
  if (read->url != NULL)
    *path = g_filename_from_uri (read->url, &host, NULL);
  return (*path != NULL && host == NULL)
         || _hotplug_manifest_refuse (error, read->http,
                                      "spec.source.http.url is a file of the host, file:///…, not %s",
                                      read->url != NULL ? read->url : "missing");
}

static HotplugDataVolume *
build (const Read *read, HotplugManifest *manifest, GError **error)
{
  int access_mode = HOTPLUG_ACCESS_MODE_READ_WRITE_ONCE;
  int volume_mode = HOTPLUG_VOLUME_MODE_FILESYSTEM;
  g_autofree char *path = NULL;

  if (!take_access_mode (read, &access_mode, error) || !take_url (read, &path, error)
      || (read->volume_mode != NULL
          && !take_word (read, HOTPLUG_TYPE_VOLUME_MODE, "volumeMode", read->volume_mode, &volume_mode, error)))
    return NULL;

  HotplugDataVolume *volume = g_initable_new (
      HOTPLUG_TYPE_DATA_VOLUME, NULL, error, "name", hotplug_manifest_get_name (manifest), "size", read->size,
      "source-path", path, "source-volume", read->other_name, "access-mode", access_mode, "volume-mode", volume_mode,
      "preallocation", read->preallocation, "store", read->store, NULL);
  if (volume == NULL)
    g_prefix_error (error, "line %u: ", hotplug_manifest_get_line (manifest));
  return volume;
}

/**
 * hotplug_data_volume_new_from_manifest:
 * @manifest: an object of kind `DataVolume`
 * @error: return location for a #GError
 *
 * Describes the volume that CDI's `DataVolume` (`cdi.kubevirt.io/v1beta1`) describes. Its source is `blank`, `pvc` (a
 * copy of another volume of the host), or `http` with a `file:` URL (a copy of a raw image or a block device of the
 * host). `storage` and `pvc` of its `spec` say the same: `accessModes` (default: `ReadWriteOnce`), `volumeMode`
 * (default: `Filesystem`), `resources.requests.storage`, and as `storageClassName` the store. `preallocation` is taken,
 * `metadata` but for its name and `status` are passed over. Everything else is refused by its name.
 *
 * Returns: (transfer full): the volume, or %NULL with %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_INVALID_NAME or
 *   %HOTPLUG_ERROR_INVALID_ARGUMENT; the message begins with the line
 *
 * Since: 0.1
 */
HotplugDataVolume *
hotplug_data_volume_new_from_manifest (HotplugManifest *manifest, GError **error)
{
  static const char *const versions[] = { "cdi.kubevirt.io/v1beta1", NULL };
  g_auto (Read) read = { 0 };

  g_return_val_if_fail (manifest != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  const HotplugManifestDocument *document = _hotplug_manifest_get_document (manifest);
  if (!_hotplug_manifest_check_kind (manifest, "DataVolume", versions, error)
      || !_hotplug_manifest_take_fields (document, document->root, "", fields, &read, error)
      || !check_there (&read, manifest, error))
    return NULL;
  return build (&read, manifest, error);
}
