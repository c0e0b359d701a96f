/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-enums-private.h"
#include "model/hotplug-network-attachment-private.h"

/* Configurations: CNI is containernetworking/cni SPEC.md, BRIDGE containernetworking/plugins plugins/main/bridge (its
 * README and bridge.go), OVS k8snetworkplumbingwg/ovs-cni docs/cni-plugin.md, NAD its client's
 * pkg/apis/k8s.cni.cncf.io/v1/types.go */

#define HEAD "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata:\n  name: net\n"
#define V "\"cniVersion\":\"0.3.1\","
#define B "{" V "\"type\":\"bridge\""
#define O "{" V "\"type\":\"ovs\",\"bridge\":\"br1\""

/* The example of KubeVirt's user guide, docs/network/hotplug_interfaces.md */
#define USER_GUIDE                                                                                                     \
  "apiVersion: \"k8s.cni.cncf.io/v1\"\n"                                                                               \
  "kind: NetworkAttachmentDefinition\n"                                                                                \
  "metadata:\n"                                                                                                        \
  "  name: new-fancy-net\n"                                                                                            \
  "spec:\n"                                                                                                            \
  "    config: '{\n"                                                                                                   \
  "      \"cniVersion\": \"0.3.1\",\n"                                                                                 \
  "      \"type\": \"bridge\",\n"                                                                                      \
  "      \"mtu\": 1300,\n"                                                                                             \
  "      \"name\":\"new-fancy-net\"\n"                                                                                 \
  "    }'\n"

static const struct
{
  const char *name;
  const char *text;
  const char *attachment; /* title, plugin, bridge, and what is not as usual */
} good_manifests[] = {
  { "user-guide", USER_GUIDE, "new-fancy-net bridge cni0 mtu=1300" },
  { "namespace", /* NAD: metadata is Kubernetes' */
    "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n"
    "metadata: {name: net, namespace: green, labels: {a: b}, annotations: {k8s.v1.cni.cncf.io/resourceName: x}}\n"
    "spec: {config: '" B ",\"name\":\"other\"}'}\nstatus: {}\n",
    "green/net bridge cni0" },
  { "json", /* NAD */
    "{\"apiVersion\":\"k8s.cni.cncf.io/v1\",\"kind\":\"NetworkAttachmentDefinition\",\"metadata\":{\"name\":\"net\"},"
    "\"spec\":{\"config\":\"{\\\"cniVersion\\\":\\\"0.3.1\\\",\\\"type\\\":\\\"bridge\\\",\\\"bridge\\\":\\\"br1\\\"}\"}}",
    "net bridge br1" },
  { "literal", HEAD "spec:\n  config: |\n    " B ",\n    \t\t\"bridge\": \"br1\"\n    }\n", "net bridge br1" },
  { "subdomain", /* Kubernetes: names of objects are DNS-1123 subdomains */
    "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: vlan.100}\n"
    "spec: {config: '" B "}'}\n",
    "vlan.100 bridge cni0" },
  { "cnv-list", /* OpenShift Virtualization: a NAD of a Linux bridge */
    HEAD "spec:\n  config: '{\"name\":\"a\",\"cniVersion\":\"0.3.1\",\"plugins\":[{\"type\":\"cnv-bridge\","
         "\"bridge\":\"br1\",\"ipam\":{},\"vlan\":100,\"macspoofchk\":true},{\"type\":\"cnv-tuning\"}]}'\n",
    "net bridge br1 vlan=100 macspoofchk" },
};

static const struct
{
  const char *name;
  const char *text;
  const char *attachment;
} good_configs[] = {
  { "least", B "}", "file bridge cni0" },                     /* BRIDGE: bridge is optional */
  { "named", B ",\"name\":\"mynet\"}", "mynet bridge cni0" }, /* CNI: name */
  { "readme",
    "{\n\"cniVersion\": \"0.3.1\",\n\t\"name\": \"mynet\",\n\t\"type\": \"bridge\",\n\t\"bridge\": \"mynet0\","
    "\"isDefaultGateway\": true,\"forceAddress\": false,\"ipMasq\": true,\"ipam\": {\"type\": \"host-local\"}}\n",
    "mynet bridge mynet0" },                                                    /* BRIDGE: its example */
  { "disabled", B ",\"disableContainerInterface\":true}", "file bridge cni0" }, /* BRIDGE: its third example */
  { "options", B ",\"mtu\":9000,\"vlan\":4094,\"macspoofchk\":true}",
    "file bridge cni0 mtu=9000 vlan=4094 macspoofchk" },
  { "zeros", B ",\"mtu\":0,\"vlan\":0}", "file bridge cni0" }, /* BRIDGE: its Go zero values */
  { "off", B ",\"hairpinMode\":false,\"promiscMode\":false,\"portIsolation\":false}", "file bridge cni0" },
  { "default-vlan", B ",\"vlan\":5,\"preserveDefaultVlan\":false}", "file bridge cni0 vlan=5" },
  { "nulls", B ",\"vlan\":null,\"args\":null}", "file bridge cni0" },
  { "common", B ",\"capabilities\":{\"ips\":true},\"dns\":{},\"disableCheck\":true}", "file bridge cni0" },
  { "0.3.0", "{\"cniVersion\":\"0.3.0\",\"type\":\"bridge\"}", "file bridge cni0" }, /* CNI: released versions */
  { "0.4.0", "{\"cniVersion\":\"0.4.0\",\"type\":\"bridge\"}", "file bridge cni0" },
  { "1.0.0", "{\"cniVersion\":\"1.0.0\",\"type\":\"bridge\"}", "file bridge cni0" },
  { "1.1.0", "{\"cniVersion\":\"1.1.0\",\"type\":\"bridge\"}", "file bridge cni0" },
  { "ovs", O ",\"vlan\":100}", "file ovs br1 vlan=100" }, /* OVS: its first example */
  { "ovs-mtu", O ",\"mtu\":9000,\"socket_file\":\"/run/x\"}", "file ovs br1 mtu=9000" },
  { "list",
    "{\"cniVersion\":\"1.0.0\",\"name\":\"list\",\"plugins\":[{\"type\":\"ovs\",\"bridge\":\"br1\"},{\"x\":1}]}",
    "list ovs br1" }, /* CNI: its example of a list */
  { "list-names",
    "{\"cniVersion\":\"1.0.0\",\"plugins\":[{\"type\":\"bridge\",\"name\":\"in\",\"cniVersion\":\"0.1.0\"}]}",
    "file bridge cni0" }, /* CNI: a list's own ones count */
};

#define LIST(plugins) "{" V "\"plugins\":" plugins "}"

static const struct
{
  const char *name;
  const char *text;
  HotplugError code;
  const char *message;
} bad_configs[] = {
  { "macvlan", "{" V "\n\"type\":\"macvlan\"}", HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
    "line 2: type macvlan is not supported; bridge, cnv-bridge and ovs are" },
  { "sriov", LIST ("[{\"type\":\"sriov\"}]"), HOTPLUG_ERROR_NETWORK_UNSUPPORTED,
    "line 1: plugins[0].type sriov is not supported; bridge, cnv-bridge and ovs are" },
  { "no-type", "{" V "\"bridge\":\"br1\"}", HOTPLUG_ERROR_MANIFEST, "line 1: type is missing, or no text" },
  { "type-number", "{" V "\n\"type\":\n1}", HOTPLUG_ERROR_MANIFEST, "line 3: type is missing, or no text" },
  { "no-version", "{\"type\":\"bridge\"}", HOTPLUG_ERROR_MANIFEST, "line 1: cniVersion is missing" },
  { "0.2.0", "{\"cniVersion\":\"0.2.0\",\"type\":\"bridge\"}", HOTPLUG_ERROR_MANIFEST,
    "line 1: cniVersion 0.2.0 is not supported; 0.3.0 to 1.x are" },
  { "2.0.0", "{\"cniVersion\":\"2.0.0\",\"type\":\"bridge\"}", HOTPLUG_ERROR_MANIFEST,
    "line 1: cniVersion 2.0.0 is not supported; 0.3.0 to 1.x are" },
  { "version-word", "{\"cniVersion\":\"1.0\",\"type\":\"bridge\"}", HOTPLUG_ERROR_MANIFEST,
    "line 1: cniVersion 1.0 is not supported; 0.3.0 to 1.x are" },
  { "list-version", "{\"plugins\":[{" V "\"type\":\"bridge\"}]}", HOTPLUG_ERROR_MANIFEST,
    "line 1: cniVersion is missing" },
  { "list-empty", LIST ("[]"), HOTPLUG_ERROR_MANIFEST, "line 1: plugins is a list of at least one plugin" },
  { "list-object", LIST ("{}"), HOTPLUG_ERROR_MANIFEST, "line 1: plugins is a list of at least one plugin" },
  { "list-text", LIST ("[\"bridge\"]"), HOTPLUG_ERROR_MANIFEST, "line 1: plugins[0].type is missing, or no text" },
  { "unknown", B ",\"brigde\":\"br1\"}", HOTPLUG_ERROR_MANIFEST, "line 1: unknown field brigde; known there: " },
  { "unknown-ovs", O ",\"macspoofchk\":true}", HOTPLUG_ERROR_MANIFEST, "line 1: unknown field macspoofchk; known" },
  { "vlan-trunk", B ",\"vlanTrunk\":[{\"id\":1}]}", HOTPLUG_ERROR_MANIFEST,
    "line 1: vlanTrunk is not supported: a port" },
  { "trunk", O ",\"trunk\":[{\"id\":42}]}", HOTPLUG_ERROR_MANIFEST, "line 1: trunk is not supported: a port" },
  { "hairpin", B ",\"hairpinMode\":true}", HOTPLUG_ERROR_MANIFEST, "line 1: hairpinMode is not supported: " },
  { "promiscuous", B ",\"promiscMode\":true}", HOTPLUG_ERROR_MANIFEST, "line 1: promiscMode is not supported: " },
  { "isolated", B ",\"portIsolation\":true}", HOTPLUG_ERROR_MANIFEST, "line 1: portIsolation is not supported: " },
  { "no-default-vlan", B ",\"preserveDefaultVlan\":false}", HOTPLUG_ERROR_MANIFEST,
    "line 1: preserveDefaultVlan is false, which is not supported without a vlan" },
  { "args", B ",\"args\":{}}", HOTPLUG_ERROR_MANIFEST, "line 1: args is not supported: it is told when" },
  { "device", O ",\"deviceID\":\"0000:00:01.0\"}", HOTPLUG_ERROR_MANIFEST, "line 1: deviceID is not supported: " },
  { "vlan-high", B ",\"vlan\":4095}", HOTPLUG_ERROR_MANIFEST, "line 1: vlan 4095 can't be: it is 0 to 4094" },
  { "vlan-low", B ",\"vlan\":-1}", HOTPLUG_ERROR_MANIFEST, "line 1: vlan -1 can't be: it is 0 to 4094" },
  { "vlan-text", B ",\"vlan\":\"5\"}", HOTPLUG_ERROR_MANIFEST, "line 1: vlan is a whole number, not a text" },
  { "vlan-part", B ",\"vlan\":5.0}", HOTPLUG_ERROR_MANIFEST, "line 1: vlan is a whole number, not a number" },
  { "vlan-ovs", O ",\"vlan\":0}", HOTPLUG_ERROR_MANIFEST, "line 1: vlan 0 can't be: it is 1 to 4094" },
  { "mtu-huge", B ",\"mtu\":4294968796}", HOTPLUG_ERROR_MANIFEST, "line 1: mtu 4294968796 can't be: it is 0 to 65535" },
  { "mtu-low", B ",\"mtu\":67}", HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: network attachment \"file\": mtu 67 can't be" },
  { "spoof-text", B ",\"macspoofchk\":\"true\"}", HOTPLUG_ERROR_MANIFEST,
    "line 1: macspoofchk is true or false, not a text" },
  { "ovs-bridge", "{" V "\"type\":\"ovs\"}", HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: network attachment \"file\": no bridge is said" },
  { "bridge-long", B ",\"bridge\":\"sixteen-letters-\"}", HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: network attachment \"file\": bridge \"sixteen-letters-\" can't be" },
  { "bridge-slash", B ",\"bridge\":\"../br\"}", HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: network attachment \"file\": bridge" },
  { "bridge-empty", B ",\"bridge\":\"\"}", HOTPLUG_ERROR_INVALID_ARGUMENT,
    "line 1: network attachment \"file\": bridge" },
  { "name", B ",\"name\":\"My_Net\"}", HOTPLUG_ERROR_INVALID_NAME, "line 1: network attachment name \"My_Net\"" },
  { "name-slash", B ",\"name\":\"a/b\"}", HOTPLUG_ERROR_MANIFEST, "line 1: name has a /" },
};

static const struct
{
  const char *name;
  const char *text;
  HotplugError code;
  const char *message;
} bad_manifests[] = {
  { "kind", "apiVersion: k8s.cni.cncf.io/v1\nkind: Network\nmetadata: {name: a}\n", HOTPLUG_ERROR_MANIFEST,
    "line 1: kind is NetworkAttachmentDefinition, not Network" },
  { "version", "apiVersion: k8s.cni.cncf.io/v2\nkind: NetworkAttachmentDefinition\nmetadata: {name: a}\n",
    HOTPLUG_ERROR_MANIFEST, "line 1: apiVersion of a NetworkAttachmentDefinition is k8s.cni.cncf.io/v1, not" },
  { "no-name", "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nspec: {config: '{}'}\n",
    HOTPLUG_ERROR_MANIFEST, "line 1: metadata.name is missing" },
  { "slash", "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\nmetadata: {name: a/b}\n",
    HOTPLUG_ERROR_MANIFEST, "line 1: metadata.name has a /" },
  { "no-spec", HEAD, HOTPLUG_ERROR_MANIFEST, "line 1: spec.config is missing" },
  { "no-config", HEAD "spec: {}\n", HOTPLUG_ERROR_MANIFEST, "line 5: spec.config is missing" },
  { "object", HEAD "spec:\n  config: {type: bridge}\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: spec.config is a text, not an object" },
  { "empty", HEAD "spec:\n  config: ''\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: spec.config: JSON, line 1, column 1: a value is missing" },
  { "yaml-inside", HEAD "spec:\n  config: |\n    {type: bridge}\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: spec.config: JSON, line 1, column 2: a name in quotes is missing" },
  { "torn", HEAD "spec:\n  config: |\n    {\"type\": \"bridge\",\n     \"mtu\": 13x}\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: spec.config: JSON, line 2, column 11: a , or } is missing" },
  { "field", HEAD "spec:\n  config: '" B ",\"x\":1}'\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: unknown field spec.config.x; known" },
  { "in-list", HEAD "spec:\n  config: '" LIST ("[{\"type\":\"bridge\",\"vlan\":{}}]") "'\n", HOTPLUG_ERROR_MANIFEST,
    "line 6: spec.config.plugins[0].vlan is a whole number, not an object" },
  { "space",
    "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n"
    "metadata: {name: a, namespace: B}\nspec: {config: '" B "}'}\n",
    HOTPLUG_ERROR_INVALID_NAME, "line 4: namespace name \"B\"" },
  { "more", HEAD "spec: {config: '{}', more: 1}\n", HOTPLUG_ERROR_MANIFEST, "line 5: unknown field spec.more" },
};

static HotplugNetworkAttachment *
read_first (const char *text, GError **error)
{
  g_autoptr (GPtrArray) objects = hotplug_manifest_parse (text, -1, error);

  g_assert_no_error (*error);
  return hotplug_network_attachment_new_from_manifest (g_ptr_array_index (objects, 0), error);
}

static char *
describe (HotplugNetworkAttachment *attachment)
{
  g_autofree char *title = _hotplug_network_attachment_dup_title (attachment);
  g_autoptr (GString) out = g_string_new (title);

  g_string_append_printf (
      out, " %s %s",
      _hotplug_enum_to_nick (HOTPLUG_TYPE_NETWORK_PLUGIN, (int)hotplug_network_attachment_get_plugin (attachment)),
      hotplug_network_attachment_get_bridge (attachment));
  if (hotplug_network_attachment_get_mtu (attachment) != 0)
    g_string_append_printf (out, " mtu=%u", hotplug_network_attachment_get_mtu (attachment));
  if (hotplug_network_attachment_get_vlan (attachment) != 0)
    g_string_append_printf (out, " vlan=%u", hotplug_network_attachment_get_vlan (attachment));
  if (hotplug_network_attachment_get_mac_spoof_check (attachment))
    g_string_append (out, " macspoofchk");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
check_good (HotplugNetworkAttachment *attachment, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *described = describe (attachment);

  g_assert_cmpstr (described, ==, wanted);
  for (int format = HOTPLUG_MANIFEST_FORMAT_JSON; format <= HOTPLUG_MANIFEST_FORMAT_YAML; format++)
    {
      g_autofree char *written = hotplug_network_attachment_to_manifest (attachment, (HotplugManifestFormat)format);
      g_autoptr (HotplugNetworkAttachment) again = read_first (written, &error);
      g_assert_no_error (error);
      g_autofree char *same = describe (again);
      g_assert_cmpstr (same, ==, wanted);
    }
}

static void
test_good_manifest (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment = read_first (good_manifests[i].text, &error);

  g_assert_no_error (error);
  check_good (attachment, good_manifests[i].attachment);
}

static void
test_good_config (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) attachment
      = hotplug_network_attachment_new_from_config (good_configs[i].text, -1, "file", &error);

  g_assert_no_error (error);
  check_good (attachment, good_configs[i].attachment);
}

static void
check_bad (const GError *error, HotplugError code, const char *message)
{
  g_assert_error (error, HOTPLUG_ERROR, (int)code);
  if (!g_str_has_prefix (error->message, message))
    g_assert_cmpstr (error->message, ==, message);
  g_assert_null (strpbrk (error->message, "\n\r\x1b"));
}

static void
test_bad_config (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (hotplug_network_attachment_new_from_config (bad_configs[i].text, -1, "file", &error));
  check_bad (error, bad_configs[i].code, bad_configs[i].message);
}

static void
test_bad_manifest (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GError) error = NULL;

  g_assert_null (read_first (bad_manifests[i].text, &error));
  check_bad (error, bad_manifests[i].code, bad_manifests[i].message);
}

static void
test_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) plain = hotplug_network_attachment_new_for_bridge ("net", "br0", &error);
  g_assert_no_error (error);
  g_autoptr (HotplugNetworkAttachment) spaced = hotplug_network_attachment_new_for_bridge ("green/net", "br0", &error);
  g_assert_no_error (error);
  g_autofree char *bridge = NULL;
  guint vlan = 1;

  g_assert_null (hotplug_network_attachment_get_namespace (plain));
  g_assert_null (hotplug_network_attachment_get_path (plain));
  g_assert_cmpstr (hotplug_network_attachment_get_namespace (spaced), ==, "green");
  g_assert_cmpstr (hotplug_network_attachment_get_name (spaced), ==, "net");
  g_object_get (spaced, "bridge", &bridge, "vlan", &vlan, NULL);
  g_assert_cmpstr (bridge, ==, "br0");
  g_assert_cmpuint (vlan, ==, 0);

  g_assert_true (_hotplug_network_attachment_is (plain, NULL, "net"));
  g_assert_true (_hotplug_network_attachment_is (plain, "default", "net"));
  g_assert_false (_hotplug_network_attachment_is (plain, "green", "net"));
  g_assert_true (_hotplug_network_attachment_is (spaced, "green", "net"));
  g_assert_false (_hotplug_network_attachment_is (spaced, NULL, "net"));
}

/* Names: KubeVirt's multusNetwork.networkName, Kubernetes' DNS-1123 */
static const struct
{
  const char *name;
  const char *space;
  const char *rest; /* NULL: it is none */
} names[] = {
  { "net", NULL, "net" },
  { "default/net", "default", "net" },
  { "a.b", NULL, "a.b" },
  { "x/a.b-1", "x", "a.b-1" },
  { "", NULL, NULL },
  { "/net", NULL, NULL },
  { "x/", NULL, NULL },
  { "x/y/z", NULL, NULL },
  { "a..b", NULL, NULL },
  { ".a", NULL, NULL },
  { "Net", NULL, NULL },
  { "x.y/net", NULL, NULL }, /* a namespace is a label */
  { "../net", NULL, NULL },
};

static void
test_names (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *space = NULL;
      g_autofree char *name = NULL;
      gboolean split = _hotplug_network_name_split (names[i].name, &space, &name, &error);

      g_test_message ("%s", names[i].name);
      g_assert_cmpint (split, ==, names[i].rest != NULL);
      g_assert_cmpstr (name, ==, names[i].rest);
      g_assert_cmpstr (space, ==, names[i].space);
      if (!split)
        g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
    }

  g_autofree char *label = g_strnfill (63, 'a');
  g_autofree char *most = g_strdup_printf ("%s.%s.%s.%.61s", label, label, label, label);
  g_autofree char *more = g_strconcat (most, "a", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugNetworkAttachment) longest = hotplug_network_attachment_new_for_bridge (most, "br0", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hotplug_network_attachment_get_name (longest), ==, most);
  g_assert_null (hotplug_network_attachment_new_for_bridge (more, "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "a/net", "namespace", "b", NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "net", "vlan", 4095, NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "net", "mtu", 65536, NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (g_initable_new (HOTPLUG_TYPE_NETWORK_ATTACHMENT, NULL, &error, "name", "net", "plugin",
                                 HOTPLUG_NETWORK_PLUGIN_OVS, "bridge", "br0", "mac-spoof-check", TRUE, NULL));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_null (hotplug_network_attachment_new_for_bridge (NULL, "br0", &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_NAME);
}

static void
check_file (const char *directory, const char *name, const char *text, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (directory, name, NULL);

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_from_file (path, &error);
  g_remove (path);

  if (wanted == NULL)
    {
      g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_MANIFEST);
      g_assert_true (g_str_has_prefix (error->message, path));
      return;
    }
  g_assert_no_error (error);
  g_autofree char *described = describe (attachment);
  g_assert_cmpstr (described, ==, wanted);
  g_assert_cmpstr (hotplug_network_attachment_get_path (attachment), ==, path);
}

static void
test_file (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp (NULL, &error);

  g_assert_no_error (error);
  check_file (directory, "10-mynet.conf", B "}", "10-mynet bridge cni0");
  check_file (directory, "10-mynet.conf", B ",\"name\":\"mynet\"}", "mynet bridge cni0");
  check_file (directory, "a.conflist", LIST ("[{\"type\":\"bridge\"}]"), "a bridge cni0");
  check_file (directory, "a.yaml", USER_GUIDE, "new-fancy-net bridge cni0 mtu=1300");
  check_file (directory, "a.json", USER_GUIDE, "new-fancy-net bridge cni0 mtu=1300");
  check_file (directory, "a.yaml", USER_GUIDE "---\n" USER_GUIDE, NULL);
  check_file (directory, "a.yaml", "", NULL);
  check_file (directory, "a.conf", USER_GUIDE, NULL);
  g_rmdir (directory);

  g_assert_null (hotplug_network_attachment_new_from_file (directory, &error));
  g_assert_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_NOT_FOUND);
}

static void
test_list (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (list, hotplug_network_attachment_new_for_bridge ("b", "br0", &error));
  g_ptr_array_add (list, hotplug_network_attachment_new_for_bridge ("x/a", "br0", &error));
  g_ptr_array_add (list, hotplug_network_attachment_new_for_bridge ("a", "br0", &error));
  g_ptr_array_sort (list, _hotplug_network_attachment_compare);

  g_autofree char *text = hotplug_network_attachment_list_to_manifest (list, HOTPLUG_MANIFEST_FORMAT_YAML);
  const char *first = strstr (text, "name: a\n");
  const char *second = strstr (text, "namespace: x\n");
  const char *third = strstr (text, "name: b\n");
  g_assert_true (g_str_has_prefix (text, "apiVersion: v1\nkind: List\n"));
  g_assert_true (first != NULL && second != NULL && third != NULL && first < second && second < third);
}

#define ADD(table, path, function)                                                                                     \
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)                                                                     \
    {                                                                                                                  \
      g_autofree char *test = g_strconcat (path, table[i].name, NULL);                                                 \
      g_test_add_data_func (test, GSIZE_TO_POINTER (i), function);                                                     \
    }

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (good_manifests, "/network-attachment/manifest/good/", test_good_manifest)
  ADD (bad_manifests, "/network-attachment/manifest/bad/", test_bad_manifest)
  ADD (good_configs, "/network-attachment/config/good/", test_good_config)
  ADD (bad_configs, "/network-attachment/config/bad/", test_bad_config)
  g_test_add_func ("/network-attachment/new", test_new);
  g_test_add_func ("/network-attachment/names", test_names);
  g_test_add_func ("/network-attachment/refused", test_refused);
  g_test_add_func ("/network-attachment/file", test_file);
  g_test_add_func ("/network-attachment/list", test_list);
  return g_test_run ();
}
