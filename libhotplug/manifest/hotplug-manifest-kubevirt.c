/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manifest/hotplug-manifest-kubevirt-private.h"
#include "manifest/hotplug-manifest-object-private.h"

#define KIND "KubeVirt"

/* What replaces HotplugVolumes since KubeVirt 1.6 (pkg/virt-config/featuregate/active.go); either opens the same
 * commands */
#define DECLARATIVE_VOLUMES "DeclarativeHotplugVolumes"

typedef struct
{
  guint configuration;
  guint developer;
  guint spec;
  char **gates;
} KubeVirt;

static void
clear (KubeVirt *self)
{
  g_strfreev (self->gates);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (KubeVirt, clear)

static const HotplugManifestField developer_fields[] = {
  { "featureGates", HOTPLUG_FIELD_STRINGS, G_STRUCT_OFFSET (KubeVirt, gates) },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField configuration_fields[] = {
  { "developerConfiguration", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (KubeVirt, developer), developer_fields },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField spec_fields[] = {
  { "configuration", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (KubeVirt, configuration), configuration_fields },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField fields[] = {
  { "spec", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (KubeVirt, spec), spec_fields },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static gboolean
take_gates (HotplugManifest *object, HotplugGateBits *gates, GError **error)
{
  const HotplugManifestDocument *document = _hotplug_manifest_get_document (object);
  g_auto (KubeVirt) read = { 0 };

  if (!_hotplug_manifest_take_fields (document, document->root, "", fields, &read, error))
    return FALSE;

  *gates = (HotplugGateBits)0;
  for (guint i = 0; read.gates != NULL && read.gates[i] != NULL; i++)
    *gates |= g_str_equal (read.gates[i], DECLARATIVE_VOLUMES) ? HOTPLUG_GATE_BIT_VOLUMES
                                                               : _hotplug_gate_from_name (read.gates[i]);
  return TRUE;
}

gboolean
_hotplug_manifest_read_gates (const char *text, gsize length, HotplugGateBits *gates, GError **error)
{
  static const char *const versions[] = { "kubevirt.io/v1", "kubevirt.io/v1alpha3", NULL };
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, (gssize)length, error);

  if (objects == NULL)
    return FALSE;
  if (objects->len != 1)
    return _hotplug_manifest_refuse (error, 1, "%u objects, not one of kind " KIND, objects->len);
  return _hotplug_manifest_check_kind (g_ptr_array_index (objects, 0), KIND, versions, error)
         && take_gates (g_ptr_array_index (objects, 0), gates, error);
}
