/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <hotplug/hotplug-error.h>
#include <hotplug/hotplug-network-attachment.h>

#include "manifest/hotplug-manifest-json-private.h"
#include "manifest/hotplug-manifest-object-private.h"

#define KIND "NetworkAttachmentDefinition"

/* A configuration of CNI, its first plugin's if it is a list. Texts are nullable. */
typedef struct
{
  char *version;
  char *name;
  char *type;
  char *bridge;
  gint64 mtu;
  gint64 vlan;
  gboolean spoof_check;
  gboolean hairpin;
  gboolean promiscuous;
  gboolean isolated;
  gboolean keeps_default_vlan;
} Config;

static void
clear_config (Config *self)
{
  g_free (self->version);
  g_free (self->name);
  g_free (self->type);
  g_free (self->bridge);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Config, clear_config)

#define AT(member) G_STRUCT_OFFSET (Config, member)

#define AT_RUN_TIME "it is told when a container starts"

/* What every plugin has: containernetworking/cni pkg/types/types.go NetConf, and of a list libcni/api.go. Addresses are
 * the guest's own matter, so what comes of ipam has no meaning here. */
#define COMMON                                                                                                         \
  { "cniVersion", HOTPLUG_FIELD_STRING, AT (version) }, { "name", HOTPLUG_FIELD_STRING, AT (name) },                   \
      { "type", HOTPLUG_FIELD_STRING, AT (type) }, { "capabilities", HOTPLUG_FIELD_IGNORED },                          \
      { "cniVersions", HOTPLUG_FIELD_IGNORED }, { "disableCheck", HOTPLUG_FIELD_IGNORED },                             \
      { "disableGC", HOTPLUG_FIELD_IGNORED }, { "dns", HOTPLUG_FIELD_IGNORED }, { "ipam", HOTPLUG_FIELD_IGNORED },     \
      { "loadOnlyInlinedPlugins", HOTPLUG_FIELD_IGNORED }, { "args", HOTPLUG_FIELD_REFUSED, 0, NULL, AT_RUN_TIME },    \
      { "prevResult", HOTPLUG_FIELD_REFUSED, 0, NULL, AT_RUN_TIME },                                                   \
  {                                                                                                                    \
    "runtimeConfig", HOTPLUG_FIELD_REFUSED, 0, NULL, AT_RUN_TIME                                                       \
  }

/* containernetworking/plugins plugins/main/bridge/bridge.go NetConf. The ignored ones give the bridge an address, need
 * an address of the container, or are about its end of the link, which here is the guest's. */
static const HotplugManifestField bridge_fields[] = {
  COMMON,
  { "bridge", HOTPLUG_FIELD_STRING, AT (bridge) },
  { "mtu", HOTPLUG_FIELD_INTEGER, AT (mtu) },
  { "vlan", HOTPLUG_FIELD_INTEGER, AT (vlan) },
  { "macspoofchk", HOTPLUG_FIELD_BOOLEAN, AT (spoof_check) },
  { "hairpinMode", HOTPLUG_FIELD_BOOLEAN, AT (hairpin) },
  { "promiscMode", HOTPLUG_FIELD_BOOLEAN, AT (promiscuous) },
  { "portIsolation", HOTPLUG_FIELD_BOOLEAN, AT (isolated) },
  { "preserveDefaultVlan", HOTPLUG_FIELD_BOOLEAN, AT (keeps_default_vlan) },
  { "disableContainerInterface", HOTPLUG_FIELD_IGNORED },
  { "enabledad", HOTPLUG_FIELD_IGNORED },
  { "forceAddress", HOTPLUG_FIELD_IGNORED },
  { "ipMasq", HOTPLUG_FIELD_IGNORED },
  { "ipMasqBackend", HOTPLUG_FIELD_IGNORED },
  { "isDefaultGateway", HOTPLUG_FIELD_IGNORED },
  { "isGateway", HOTPLUG_FIELD_IGNORED },
  { "vlanTrunk", HOTPLUG_FIELD_REFUSED, 0, NULL, "a port is in one VLAN, or in none" },
  { NULL },
};

/* k8snetworkplumbingwg/ovs-cni pkg/types/types.go NetConf. The ignored ones say how that plugin finds its daemon. */
static const HotplugManifestField ovs_fields[] = {
  COMMON,
  { "bridge", HOTPLUG_FIELD_STRING, AT (bridge) },
  { "mtu", HOTPLUG_FIELD_INTEGER, AT (mtu) },
  { "vlan", HOTPLUG_FIELD_INTEGER, AT (vlan) },
  { "link_state_check_interval", HOTPLUG_FIELD_IGNORED },
  { "link_state_check_retries", HOTPLUG_FIELD_IGNORED },
  { "socket_file", HOTPLUG_FIELD_IGNORED },
  { "configuration_path", HOTPLUG_FIELD_REFUSED, 0, NULL, "all is said here" },
  { "deviceID", HOTPLUG_FIELD_REFUSED, 0, NULL, "an interface is virtio, no device of the host" },
  { "ofport_request", HOTPLUG_FIELD_REFUSED, 0, NULL, "libvirt can't ask for a port's number" },
  { "trunk", HOTPLUG_FIELD_REFUSED, 0, NULL, "a port is in one VLAN, or in all" },
  { NULL },
};

static const HotplugManifestField list_fields[] = {
  { "cniVersion", HOTPLUG_FIELD_STRING, AT (version) },
  { "name", HOTPLUG_FIELD_STRING, AT (name) },
  { "plugins", HOTPLUG_FIELD_IGNORED }, /* looked at afterwards */
  { "cniVersions", HOTPLUG_FIELD_IGNORED },
  { "disableCheck", HOTPLUG_FIELD_IGNORED },
  { "disableGC", HOTPLUG_FIELD_IGNORED },
  { "loadOnlyInlinedPlugins", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

/* CNV's plugin is CNI's under another name: kubevirt/cluster-network-addons-operator */
static const struct
{
  const char *type;
  HotplugNetworkPlugin plugin;
  const HotplugManifestField *fields;
} plugins[] = {
  { "bridge", HOTPLUG_NETWORK_PLUGIN_BRIDGE, bridge_fields },
  { "cnv-bridge", HOTPLUG_NETWORK_PLUGIN_BRIDGE, bridge_fields },
  { "ovs", HOTPLUG_NETWORK_PLUGIN_OVS, ovs_fields },
};

/* A text that is being read, and what its fields are called in messages */
typedef struct
{
  const HotplugManifestDocument *document;
  const char *place; /* "" in a file */
  JsonNode *node;    /* the plugin's object */
  char *path;        /* and its name */
} Place;

static void
clear_place (Place *self)
{
  g_free (self->path);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, clear_place)

static guint
line_of (const Place *place, JsonNode *node)
{
  return _hotplug_manifest_document_line (place->document, node);
}

static char *
join (const char *path, const char *name)
{
  return *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);
}

/* 0.3.0 to 1.x, of which all say the same about these plugins: containernetworking/cni SPEC.md, its versions */
static gboolean
check_version (const Place *place, const char *version, GError **error)
{
  guint line = line_of (place, place->document->root);
  g_autofree char *path = join (place->place, "cniVersion");

  if (version == NULL)
    return _hotplug_manifest_refuse (error, line, "%s is missing", path);
  return g_regex_match_simple ("^(0\\.([3-9]|[1-9][0-9]+)|1\\.[0-9]+)\\.[0-9]+$", version, G_REGEX_DOLLAR_ENDONLY,
                               (GRegexMatchFlags)0)
         || _hotplug_manifest_refuse (error, line, "%s %s is not supported; 0.3.0 to 1.x are", path, version);
}

/* A list's first plugin is the one that connects; those behind it change what it has made for a container. */
static gboolean
find_plugin (Place *place, Config *config, GError **error)
{
  JsonNode *root = place->document->root;
  JsonNode *list = json_object_get_member (json_node_get_object (root), "plugins");

  place->node = root;
  place->path = g_strdup (place->place);
  if (list == NULL)
    return TRUE;
  if (!_hotplug_manifest_take_fields (place->document, root, place->place, list_fields, config, error))
    return FALSE;

  g_free (place->path);
  place->path = join (place->place, "plugins");
  if (!JSON_NODE_HOLDS_ARRAY (list) || json_array_get_length (json_node_get_array (list)) == 0)
    return _hotplug_manifest_refuse (error, line_of (place, list), "%s is a list of at least one plugin", place->path);

  g_autofree char *first = g_strconcat (place->path, "[0]", NULL);
  place->node = json_array_get_element (json_node_get_array (list), 0);
  g_free (place->path);
  place->path = g_steal_pointer (&first);
  return TRUE;
}

static gboolean
refuse_type (const Place *place, JsonNode *node, const char *path, GError **error)
{
  g_autoptr (GError) refused = NULL;

  _hotplug_manifest_refuse (&refused, line_of (place, node), "%s %s is not supported; bridge, cnv-bridge and ovs are",
                            path, json_node_get_string (node));
  g_set_error_literal (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NETWORK_UNSUPPORTED, refused->message);
  return FALSE;
}

/* Asked before anything else of a plugin, since its type says what it may have */
static gboolean
find_type (const Place *place, guint *which, GError **error)
{
  g_autofree char *path = join (place->path, "type");
  JsonNode *type = JSON_NODE_HOLDS_OBJECT (place->node)
                       ? json_object_get_member (json_node_get_object (place->node), "type")
                       : NULL;

  if (type == NULL || !JSON_NODE_HOLDS_VALUE (type) || json_node_get_value_type (type) != G_TYPE_STRING)
    return _hotplug_manifest_refuse (error, line_of (place, type != NULL ? type : place->node),
                                     "%s is missing, or no text", path);
  for (*which = 0; *which < G_N_ELEMENTS (plugins); (*which)++)
    {
      if (strcmp (plugins[*which].type, json_node_get_string (type)) == 0)
        return TRUE;
    }
  return refuse_type (place, type, path, error);
}

/* What would be another network than the one that is described */
static gboolean
check_options (const Place *place, const Config *config, GError **error)
{
  guint line = line_of (place, place->node);
  const char *unsupported = config->hairpin       ? "hairpinMode"
                            : config->promiscuous ? "promiscMode"
                            : config->isolated    ? "portIsolation"
                                                  : NULL;
  g_autofree char *path = join (place->path, unsupported != NULL ? unsupported : "preserveDefaultVlan");

  if (unsupported != NULL)
    return _hotplug_manifest_refuse (error, line, "%s is not supported: libvirt's ports are without it", path);
  if (!config->keeps_default_vlan && config->vlan == 0)
    return _hotplug_manifest_refuse (error, line, "%s is false, which is not supported without a vlan", path);
  return TRUE;
}

static gboolean
check_range (const Place *place, const char *name, gint64 value, gint64 min, gint64 max, GError **error)
{
  g_autofree char *path = join (place->path, name);

  return (value >= min && value <= max)
         || _hotplug_manifest_refuse (error, line_of (place, place->node),
                                      "%s %" G_GINT64_FORMAT " can't be: it is %" G_GINT64_FORMAT
                                      " to %" G_GINT64_FORMAT,
                                      path, value, min, max);
}

/* Into @config, and which row of plugins[] it is */
static gboolean
read_config (Place *place, Config *config, guint *which, GError **error)
{
  config->keeps_default_vlan = TRUE;
  if (!find_plugin (place, config, error) || !find_type (place, which, error))
    return FALSE;

  /* a list's own version and name are the ones that count: libcni gives them to its plugins */
  g_auto (Config) list = { 0 };
  list.version = place->node != place->document->root ? g_steal_pointer (&config->version) : NULL;
  list.name = place->node != place->document->root ? g_steal_pointer (&config->name) : NULL;
  if (!_hotplug_manifest_take_fields (place->document, place->node, place->path, plugins[*which].fields, config, error))
    return FALSE;
  if (place->node != place->document->root)
    {
      g_free (config->version);
      g_free (config->name);
      config->version = g_steal_pointer (&list.version);
      config->name = g_steal_pointer (&list.name);
    }

  /* 0 is none to CNI's bridge plugin; to Open vSwitch it is a VLAN, which libvirt's tag can't be told from none */
  JsonNode *vlan = json_object_get_member (json_node_get_object (place->node), "vlan");
  gboolean tagged = vlan != NULL && !JSON_NODE_HOLDS_NULL (vlan)
                    && plugins[*which].plugin == HOTPLUG_NETWORK_PLUGIN_OVS;
  return check_version (place, config->version, error)
         && check_range (place, "vlan", config->vlan, tagged ? 1 : 0, 4094, error)
         && check_range (place, "mtu", config->mtu, 0, G_MAXUINT16, error) && check_options (place, config, error);
}

/* @name: (nullable): where the configuration is not the one to say it */
static HotplugNetworkAttachment *
make (const HotplugManifestDocument *document, const char *where, const char *space, const char *name,
      const char *fallback, GError **error)
{
  g_auto (Place) place = { document, where, NULL, NULL };
  g_auto (Config) config = { 0 };
  guint which = 0;

  if (!read_config (&place, &config, &which, error))
    return NULL;

  guint line = line_of (&place, place.node);
  if (name == NULL && config.name != NULL && strchr (config.name, '/') != NULL)
    return _hotplug_manifest_refuse (error, line, "name has a /, which a name can't have"), NULL;
  if (name == NULL)
    name = config.name != NULL ? config.name : fallback;

  HotplugNetworkAttachment *self = g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, error, "name", name,
                                                   "namespace", space, "plugin", plugins[which].plugin, "bridge",
                                                   config.bridge, "mtu", (guint)config.mtu, "vlan", (guint)config.vlan,
                                                   "mac-spoof-check", config.spoof_check, NULL);
  if (self == NULL)
    g_prefix_error (error, "line %u: ", line);
  return self;
}

/**
 * hotplug_network_attachment_new_from_config:
 * @text: JSON
 * @length: its bytes; -1 up to a NUL
 * @name: (nullable): what it is called if the text does not say it; may be `namespace/name`
 * @error: return location for a #GError
 *
 * Describes the network that a configuration of CNI describes: a single one (`.conf`), or a list's first plugin
 * (`.conflist`). Its `cniVersion` is 0.3.0 to 1.x; its `type` is `bridge`, `cnv-bridge` or `ovs`, and others are
 * refused by their name.
 *
 * Taken are `name`, `bridge`, `mtu`, `vlan` and, of a bridge, `macspoofchk`. What has no meaning for a guest is passed
 * over: `ipam`, `dns`, `capabilities`, `isGateway`, `isDefaultGateway`, `forceAddress`, `ipMasq`, `ipMasqBackend`,
 * `disableContainerInterface`, `enabledad`, and how `ovs` finds its daemon. `preserveDefaultVlan` is taken beside a
 * `vlan`: a port is in that VLAN alone. What would be another network is refused by its name: `vlanTrunk` and `trunk`,
 * `hairpinMode`, `promiscMode`, `portIsolation`, `deviceID`, `ofport_request`; and so is what is not known.
 *
 * Returns: (transfer full): the attachment, or %NULL with %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
 *   %HOTPLUG_ERROR_INVALID_NAME or %HOTPLUG_ERROR_INVALID_ARGUMENT; the message begins with the line
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_network_attachment_new_from_config (const char *text, gssize length, const char *name, GError **error)
{
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  gsize size = length >= 0 ? (gsize)length : strlen (text);
  g_autoptr (HotplugManifestDocument) document = _hotplug_manifest_read_json (text, size, NULL, 0, error);
  return document != NULL ? make (document, "", NULL, NULL, name, error) : NULL;
}

/* What a NetworkAttachmentDefinition has around its configuration */
typedef struct
{
  char *space;
  char *text;
  guint metadata;
  guint spec;
} Definition;

static void
clear_definition (Definition *self)
{
  g_free (self->space);
  g_free (self->text);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Definition, clear_definition)

/* k8snetworkplumbingwg/network-attachment-definition-client pkg/apis/k8s.cni.cncf.io/v1/types.go */
static const HotplugManifestField metadata_fields[] = {
  { "namespace", HOTPLUG_FIELD_STRING, G_STRUCT_OFFSET (Definition, space) },
  { "generateName", HOTPLUG_FIELD_REFUSED },
  { "*", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static const HotplugManifestField spec_fields[] = {
  { "config", HOTPLUG_FIELD_STRING, G_STRUCT_OFFSET (Definition, text) },
  { NULL },
};

static const HotplugManifestField definition_fields[] = {
  { "apiVersion", HOTPLUG_FIELD_IGNORED },
  { "kind", HOTPLUG_FIELD_IGNORED },
  { "metadata", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (Definition, metadata), metadata_fields },
  { "spec", HOTPLUG_FIELD_OBJECT, G_STRUCT_OFFSET (Definition, spec), spec_fields },
  { "status", HOTPLUG_FIELD_IGNORED },
  { NULL },
};

static gboolean
read_definition (HotplugManifest *manifest, Definition *out, GError **error)
{
  static const char *const versions[] = { "k8s.cni.cncf.io/v1", NULL };
  const HotplugManifestDocument *document = _hotplug_manifest_get_document (manifest);
  const char *name = hotplug_manifest_get_name (manifest);
  guint line = hotplug_manifest_get_line (manifest);

  if (!_hotplug_manifest_check_kind (manifest, KIND, versions, error)
      || !_hotplug_manifest_take_fields (document, document->root, "", definition_fields, out, error))
    return FALSE;
  if (name == NULL)
    return _hotplug_manifest_refuse (error, line, "metadata.name is missing");
  if (strchr (name, '/') != NULL)
    return _hotplug_manifest_refuse (error, line, "metadata.name has a /; a namespace is metadata.namespace");
  return out->text != NULL
         || _hotplug_manifest_refuse (error, out->spec != 0 ? out->spec : line, "spec.config is missing");
}

/* Where the text of spec.config begins */
static guint
find_config_line (HotplugManifest *manifest)
{
  const HotplugManifestDocument *document = _hotplug_manifest_get_document (manifest);
  JsonObject *spec = json_object_get_object_member (json_node_get_object (document->root), "spec");

  return _hotplug_manifest_document_line (document, json_object_get_member (spec, "config"));
}

/**
 * hotplug_network_attachment_new_from_manifest:
 * @manifest: an object of kind `NetworkAttachmentDefinition`
 * @error: return location for a #GError
 *
 * Describes the network that a `NetworkAttachmentDefinition` (`k8s.cni.cncf.io/v1`) describes. Its `spec.config` is a
 * text with JSON, as hotplug_network_attachment_new_from_config() reads it; it is called what `metadata` says, whatever
 * the text says. All else of `metadata` is passed over, and so is `status`.
 *
 * Returns: (transfer full): the attachment, or %NULL with %HOTPLUG_ERROR_MANIFEST, %HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
 *   %HOTPLUG_ERROR_INVALID_NAME or %HOTPLUG_ERROR_INVALID_ARGUMENT; the message begins with the line of the manifest,
 *   and says the place in the text
 *
 * Since: 0.1
 */
HotplugNetworkAttachment *
hotplug_network_attachment_new_from_manifest (HotplugManifest *manifest, GError **error)
{
  g_auto (Definition) definition = { NULL };

  g_return_val_if_fail (manifest != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!read_definition (manifest, &definition, error))
    return NULL;

  const char *text = definition.text;
  g_autoptr (HotplugManifestDocument)
      document = _hotplug_manifest_read_json (text, strlen (text), "spec.config", find_config_line (manifest), error);
  return document != NULL
             ? make (document, "spec.config", definition.space, hotplug_manifest_get_name (manifest), NULL, error)
             : NULL;
}
