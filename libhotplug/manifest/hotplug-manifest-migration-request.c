/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-migration-request.h>

#include "base/hotplug-host-uri-private.h"
#include "manifest/hotplug-manifest-object-private.h"

/* KubeVirt's type: api/core/v1/types.go, VirtualMachineInstanceMigrationSpec. Its scheduler finds the destination,
 * which here somebody has to name. Lines of objects, 0: not there */
struct _HotplugMigrationRequest
{
  guint metadata;
  guint annotations;
  guint spec;
  char *name;
  char *vmi_name;
  char *destination; /* nullable */
};

G_DEFINE_BOXED_TYPE (HotplugMigrationRequest, hotplug_migration_request, hotplug_migration_request_ref,
                     hotplug_migration_request_unref)

#define KIND "VirtualMachineInstanceMigration"
#define DESTINATION "libhotplug/destination"

#define AT(member) G_STRUCT_OFFSET (HotplugMigrationRequest, member)
#define ELSEWHERE "the destination is the annotation " DESTINATION

static const HotplugManifestField annotation_fields[] = {
  { DESTINATION, HOTPLUG_FIELD_STRING, AT (destination) },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField metadata_fields[] = {
  { "name", HOTPLUG_FIELD_STRING, AT (name) },
  { "annotations", HOTPLUG_FIELD_OBJECT, AT (annotations), annotation_fields },
  { "generateName", HOTPLUG_FIELD_REFUSED },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

/* There is no queue that a priority could be of. */
static const HotplugManifestField spec_fields[] = {
  { "vmiName", HOTPLUG_FIELD_STRING, AT (vmi_name) },
  { "priority", HOTPLUG_FIELD_IGNORED },
  { "addedNodeSelector", HOTPLUG_FIELD_REFUSED, 0, NULL, ELSEWHERE },
  { "receive", HOTPLUG_FIELD_REFUSED, 0, NULL, "the source's side leads" },
  { "sendTo", HOTPLUG_FIELD_REFUSED, 0, NULL, ELSEWHERE },
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

static gboolean
check (const HotplugMigrationRequest *self, guint line, GError **error)
{
  if (self->name == NULL)
    return _hotplug_manifest_refuse (error, line, "metadata.name is missing");
  if (self->spec == 0)
    return _hotplug_manifest_refuse (error, line, "spec is missing");
  if (self->vmi_name == NULL || *self->vmi_name == '\0')
    return _hotplug_manifest_refuse (error, self->spec, "spec.vmiName is missing");
  return self->destination == NULL || _hotplug_host_uri_is_plain (self->destination)
         || _hotplug_manifest_refuse (error, self->annotations,
                                      "the annotation " DESTINATION " is a host, as in " HOTPLUG_HOST_URI_FORM);
}

/**
 * hotplug_migration_request_new_from_manifest:
 * @manifest: an object of kind `VirtualMachineInstanceMigration`
 * @error: return location for a #GError
 *
 * Reads what a `VirtualMachineInstanceMigration` (`kubevirt.io/v1`) asks for. KubeVirt looks for a node itself; here
 * the destination is the libvirt URI in the annotation `libhotplug/destination`, or said by whoever carries the request
 * out. The annotation only names a host: `qemu+ssh://[USER@]HOST[:PORT]/system`, or with `qemu+tls`, `qemu+tcp` or
 * `qemu`, or `/session`. A manifest may come from anybody, and libvirt's other URIs say what is run on the way.
 * `spec.priority`, all else of `metadata` and `status` are passed over; everything else is refused by its name.
 *
 * Returns: (transfer full): the request, or %NULL with %HOTPLUG_ERROR_MANIFEST; the message begins with the line
 *
 * Since: 0.1
 */
HotplugMigrationRequest *
hotplug_migration_request_new_from_manifest (HotplugManifest *manifest, GError **error)
{
  static const char *const versions[] = { "kubevirt.io/v1", "kubevirt.io/v1alpha3", NULL };

  g_return_val_if_fail (manifest != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  const HotplugManifestDocument *document = _hotplug_manifest_get_document (manifest);
  g_autoptr (HotplugMigrationRequest) self = g_atomic_rc_box_new0 (HotplugMigrationRequest);
  if (!_hotplug_manifest_check_kind (manifest, KIND, versions, error)
      || !_hotplug_manifest_take_fields (document, document->root, "", fields, self, error)
      || !check (self, hotplug_manifest_get_line (manifest), error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * hotplug_migration_request_ref:
 * @self: a request
 *
 * Returns: (transfer full): @self, with a reference more
 *
 * Since: 0.1
 */
HotplugMigrationRequest *
hotplug_migration_request_ref (HotplugMigrationRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HotplugMigrationRequest *self = data;

  g_free (self->name);
  g_free (self->vmi_name);
  g_free (self->destination);
}

/**
 * hotplug_migration_request_unref:
 * @self: (transfer full): a request
 *
 * Gives a reference back.
 *
 * Since: 0.1
 */
void
hotplug_migration_request_unref (HotplugMigrationRequest *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/**
 * hotplug_migration_request_get_name:
 * @self: a request
 *
 * Returns: (transfer none): what the migration itself is called
 *
 * Since: 0.1
 */
const char *
hotplug_migration_request_get_name (HotplugMigrationRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->name;
}

/**
 * hotplug_migration_request_get_vmi_name:
 * @self: a request
 *
 * Returns: (transfer none): the VMI that is to be migrated
 *
 * Since: 0.1
 */
const char *
hotplug_migration_request_get_vmi_name (HotplugMigrationRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->vmi_name;
}

/**
 * hotplug_migration_request_get_destination_uri:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the URI of the host that it is to go to, %NULL if the manifest does not say it
 *
 * Since: 0.1
 */
const char *
hotplug_migration_request_get_destination_uri (HotplugMigrationRequest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->destination;
}
