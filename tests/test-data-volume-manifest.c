/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-manifest.h>
#include <hotplug/hotplug-quantity.h>

#include "base/hotplug-enums-private.h"

/* CDI: containerized-data-importer-api pkg/apis/core/v1beta1/types.go */

#define HEAD "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {name: data}\n"
#define SIZE "resources: {requests: {storage: 5Gi}}"
#define BLANK HEAD "spec:\n  source: {blank: {}}\n"
#define STORAGE(more) BLANK "  storage: {" SIZE more "}\n"

/* The example of KubeVirt's user guide, docs/storage/hotplug_volumes.md */
#define USER_GUIDE                                                                                                     \
  "apiVersion: cdi.kubevirt.io/v1beta1\n"                                                                              \
  "kind: DataVolume\n"                                                                                                 \
  "metadata:\n"                                                                                                        \
  "  name: example-volume-hotplug\n"                                                                                   \
  "spec:\n"                                                                                                            \
  "  source:\n"                                                                                                        \
  "    blank: {}\n"                                                                                                    \
  "  pvc:\n"                                                                                                           \
  "    accessModes:\n"                                                                                                 \
  "      - ReadWriteOnce\n"                                                                                            \
  "    resources:\n"                                                                                                   \
  "      requests:\n"                                                                                                  \
  "        storage: 5Gi\n"

static const struct
{
  const char *name;
  const char *text;
  const char *volume; /* name, size, access mode, volume mode, and what is not as usual */
} good[] = {
  { "user-guide", USER_GUIDE, "example-volume-hotplug 5Gi ReadWriteOnce Filesystem" },
  { "storage", STORAGE (""), "data 5Gi ReadWriteOnce Filesystem" },
  { "json",
    "{\"apiVersion\":\"cdi.kubevirt.io/v1beta1\",\"kind\":\"DataVolume\",\"metadata\":{\"name\":\"data\"},"
    "\"spec\":{\"source\":{\"blank\":{}},\"storage\":{\"resources\":{\"requests\":{\"storage\":\"1Mi\"}}}}}",
    "data 1Mi ReadWriteOnce Filesystem" },
  { "number", BLANK "  pvc: {resources: {requests: {storage: 1048576}}}\n", "data 1Mi ReadWriteOnce Filesystem" },
  { "real-number", BLANK "  pvc: {resources: {requests: {storage: 1.024e3}}}\n", "data 1Ki ReadWriteOnce Filesystem" },
  { "many", STORAGE (", accessModes: [ReadWriteMany]"), "data 5Gi ReadWriteMany Filesystem" },
  { "many-and-once", STORAGE (", accessModes: [ReadWriteOnce, ReadWriteMany]"), "data 5Gi ReadWriteMany Filesystem" },
  { "read-only", STORAGE (", accessModes: [ReadOnlyMany]"), "data 5Gi ReadOnlyMany Filesystem" },
  { "no-modes", STORAGE (", accessModes: []"), "data 5Gi ReadWriteOnce Filesystem" },
  { "block", STORAGE (", volumeMode: Block"), "data 5Gi ReadWriteOnce Block" },
  { "store", STORAGE (", storageClassName: fast"), "data 5Gi ReadWriteOnce Filesystem store=fast" },
  { "preallocation", STORAGE ("") "  preallocation: true\n", "data 5Gi ReadWriteOnce Filesystem preallocated" },
  { "content-type", STORAGE ("") "  contentType: kubevirt\n", "data 5Gi ReadWriteOnce Filesystem" },
  { "nulls", STORAGE (", volumeMode: null") "  pvc:\n  sourceRef: ~\n", "data 5Gi ReadWriteOnce Filesystem" },
  { "status", STORAGE ("") "status: {phase: Succeeded, more: [1]}\n", "data 5Gi ReadWriteOnce Filesystem" },
  { "labels",
    "kind: DataVolume\napiVersion: cdi.kubevirt.io/v1beta1\n"
    "metadata: {name: data, namespace: x, labels: {a: b}, annotations: {c: d}}\nspec: {source: {blank: {}}, pvc: {" SIZE
    "}}\n",
    "data 5Gi ReadWriteOnce Filesystem" },
  { "file", HEAD "spec: {source: {http: {url: 'file:///srv/a%20b.img'}}, storage: {}}\n",
    "data 0 ReadWriteOnce Filesystem path=/srv/a b.img" },
  { "clone", HEAD "spec: {source: {pvc: {name: other, namespace: x}}, storage: {" SIZE "}}\n",
    "data 5Gi ReadWriteOnce Filesystem volume=other" },
};

static HotplugDataVolume *
read_first (const char *text, GError **error)
{
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, -1, error);

  return objects != NULL ? hotplug_data_volume_new_from_manifest (g_ptr_array_index (objects, 0), error) : NULL;
}

static void
append (GString *out, const char *what, const char *value)
{
  if (value != NULL)
    g_string_append_printf (out, " %s%s", what, value);
}

static char *
describe (HotplugDataVolume *volume)
{
  g_autofree char *size = hotplug_quantity_to_string (hotplug_data_volume_get_size (volume));
  g_autoptr (GString) out = g_string_new (hotplug_data_volume_get_name (volume));

  append (out, "", size);
  append (out, "", _hotplug_enum_to_nick (HOTPLUG_TYPE_ACCESS_MODE, (int)hotplug_data_volume_get_access_mode (volume)));
  append (out, "", _hotplug_enum_to_nick (HOTPLUG_TYPE_VOLUME_MODE, (int)hotplug_data_volume_get_volume_mode (volume)));
  append (out, "path=", hotplug_data_volume_get_source_path (volume));
  append (out, "volume=", hotplug_data_volume_get_source_volume (volume));
  append (out, "store=", hotplug_data_volume_get_store (volume));
  append (out, "preallocated", hotplug_data_volume_get_preallocation (volume) ? "" : NULL);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_good (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugDataVolume) volume = read_first (good[i].text, &error);

  g_assert_no_error (error);
  g_autofree char *described = describe (volume);
  g_assert_cmpstr (described, ==, good[i].volume);

  /* and written, and read again */
  for (int format = HOTPLUG_MANIFEST_FORMAT_JSON; format <= HOTPLUG_MANIFEST_FORMAT_YAML; format++)
    {
      g_autofree char *written = hotplug_data_volume_to_manifest (volume, (HotplugManifestFormat)format);
      g_autoptr (HotplugDataVolume) again = read_first (written, &error);
      g_assert_no_error (error);
      g_autofree char *same = describe (again);
      g_assert_cmpstr (same, ==, good[i].volume);
    }
}

#define SOURCES "a volume is blank, or a copy of a file (http, with a file: URL) or of another volume (pvc)"
#define SOURCE(source) HEAD "spec:\n  source: {" source "}\n  storage: {" SIZE "}\n"

static const struct
{
  const char *name;
  const char *text;
  const char *message; /* all of it, or with … at its end how it begins */
  HotplugError code;
} bad[] = {
  { "other-kind", "apiVersion: v1\nkind: Pod\n", "line 1: kind is DataVolume, not Pod" },
  { "other-version", "apiVersion: cdi.kubevirt.io/v1alpha1\nkind: DataVolume\n",
    "line 1: apiVersion of a DataVolume is cdi.kubevirt.io/v1beta1, not cdi.kubevirt.io/v1alpha1" },
  { "no-name", "# x\napiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nspec: {}\n",
    "line 2: metadata.name is missing" },
  { "generated-name", "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {generateName: x-}\n",
    "line 3: metadata.generateName is not supported" },
  { "bad-name",
    "apiVersion: cdi.kubevirt.io/v1beta1\nkind: DataVolume\nmetadata: {name: ../a}\nspec: {source: {blank: {}}, "
    "pvc: {" SIZE "}}\n",
    "line 1: …", HOTPLUG_ERROR_INVALID_NAME },
  { "no-spec", HEAD, "line 1: spec is missing" },
  { "spec-is-list", HEAD "spec: []\n", "line 4: spec is an object, not a list" },
  { "misspelt", HEAD "spec:\n  source: {blank: {}}\n  storge: {}\n",
    "line 6: unknown field spec.storge; known there: …" },
  { "misspelt-top", HEAD "specs: {}\n",
    "line 4: unknown field specs; known there: apiVersion, kind, metadata, spec, status" },
  { "no-source", HEAD "spec:\n  storage: {" SIZE "}\n",
    "line 5: spec.source has none; it has one of blank, http and pvc" },
  { "null-source", SOURCE ("blank: "), "line 5: spec.source has none; it has one of blank, http and pvc" },
  { "two-sources", SOURCE ("blank: {}, pvc: {name: a}"),
    "line 5: spec.source has several; it has one of blank, http and pvc" },
  { "blank-with-size", SOURCE ("blank: {size: 1}"), "line 5: unknown field spec.source.blank.size; known there: none" },
  { "s3", SOURCE ("s3: {url: x}"), "line 5: spec.source.s3 is not supported: " SOURCES },
  { "gcs", SOURCE ("gcs: {url: x}"), "line 5: spec.source.gcs is not supported: " SOURCES },
  { "registry", SOURCE ("registry: {url: x}"), "line 5: spec.source.registry is not supported: " SOURCES },
  { "upload", SOURCE ("upload: {}"), "line 5: spec.source.upload is not supported: " SOURCES },
  { "imageio", SOURCE ("imageio: {}"), "line 5: spec.source.imageio is not supported: " SOURCES },
  { "vddk", SOURCE ("vddk: {}"), "line 5: spec.source.vddk is not supported: " SOURCES },
  { "snapshot", SOURCE ("snapshot: {}"), "line 5: spec.source.snapshot is not supported: " SOURCES },
  { "source-reference", HEAD "spec:\n  sourceRef: {kind: DataSource}\n",
    "line 5: spec.sourceRef is not supported: " SOURCES },
  { "http", SOURCE ("http: {url: 'http://example.org/a.img'}"),
    "line 5: spec.source.http.url is a file of the host, file:///…, not http://example.org/a.img" },
  { "file-of-other-host", SOURCE ("http: {url: 'file://other/a.img'}"),
    "line 5: spec.source.http.url is a file of the host, file:///…, not file://other/a.img" },
  { "no-url", SOURCE ("http: {}"), "line 5: spec.source.http.url is a file of the host, file:///…, not missing" },
  { "secret", SOURCE ("http: {url: 'file:///a', secretRef: b}"),
    "line 5: spec.source.http.secretRef is not supported" },
  { "clone-of-nothing", SOURCE ("pvc: {namespace: a}"), "line 5: spec.source.pvc.name is missing" },
  { "no-storage", BLANK, "line 5: spec has neither; it has one of storage and pvc" },
  { "storage-and-pvc", STORAGE ("") "  pvc: {" SIZE "}\n", "line 5: spec has both; it has one of storage and pvc" },
  { "no-size", BLANK "  storage: {}\n", "line 5: resources.requests.storage of an empty volume is missing, or 0" },
  { "zero", BLANK "  storage: {resources: {requests: {storage: 0}}}\n",
    "line 5: resources.requests.storage of an empty volume is missing, or 0" },
  { "bad-size", BLANK "  storage:\n    resources:\n      requests:\n        storage: 5GB\n",
    "line 9: spec.storage.resources.requests.storage: size \"5GB\" …" },
  { "negative", BLANK "  storage: {resources: {requests: {storage: -1}}}\n",
    "line 6: spec.storage.resources.requests.storage: size \"-1\" …" },
  { "size-is-boolean", BLANK "  storage: {resources: {requests: {storage: yes}}}\n",
    "line 6: spec.storage.resources.requests.storage is a quantity, such as 5Gi, not a boolean" },
  { "limits", BLANK "  storage: {resources: {limits: {storage: 1}}}\n",
    "line 6: spec.storage.resources.limits is not supported" },
  { "other-request", BLANK "  storage: {resources: {requests: {cpu: 1}}}\n",
    "line 6: unknown field spec.storage.resources.requests.cpu; known there: storage" },
  { "unknown-access-mode", STORAGE (", accessModes: [ReadWrite]"), "line 6: unknown accessModes ReadWrite" },
  { "access-mode-is-text", STORAGE (", accessModes: ReadWriteOnce"),
    "line 6: spec.storage.accessModes is a list of texts, not a text" },
  { "access-modes-at-odds", STORAGE (", accessModes: [ReadWriteOnce, ReadOnlyMany]"),
    "line 6: accessModes has several; one is what a volume has" },
  { "unknown-volume-mode", STORAGE (", volumeMode: File"), "line 6: unknown volumeMode File" },
  { "volume-name", STORAGE (", volumeName: a"), "line 6: spec.storage.volumeName is not supported" },
  { "archive", STORAGE ("") "  contentType: archive\n", "line 5: spec.contentType is kubevirt, not archive" },
  { "preallocation-is-text", STORAGE ("") "  preallocation: 'true'\n",
    "line 7: spec.preallocation is true or false, not a text" },
};

static void
test_bad (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  HotplugError code = bad[i].code != 0 ? bad[i].code : HOTPLUG_ERROR_MANIFEST;

  g_assert_null (read_first (bad[i].text, &error));
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  if (!g_str_has_suffix (bad[i].message, " …"))
    {
      g_assert_cmpstr (error->message, ==, bad[i].message);
      return;
    }
  g_autofree char *begun = g_strndup (bad[i].message, strlen (bad[i].message) - strlen ("…"));
  if (!g_str_has_prefix (error->message, begun))
    g_error ("\"%s\" does not begin with \"%s\"", error->message, begun);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *path = g_strconcat ("/data-volume-manifest/good/", good[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_good);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/data-volume-manifest/bad/", bad[i].name, NULL);
      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_bad);
    }
  return g_test_run ();
}
