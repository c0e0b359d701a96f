/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-network-attachment.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-members-private.h"

/* The least that reads 0.3.x reads this too: containernetworking/cni SPEC.md */
#define CNI_VERSION "0.3.1"

static char *
write_config (HotplugNetworkAttachment *attachment)
{
  JsonObject *config = json_object_new ();
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  int plugin = (int) hotplug_network_attachment_get_plugin (attachment);

  json_node_take_object (root, config);
  _hotplug_manifest_add_string (config, "cniVersion", CNI_VERSION);
  _hotplug_manifest_add_string (config, "name", hotplug_network_attachment_get_name (attachment));
  _hotplug_manifest_add_string (config, "type", _hotplug_enum_to_nick (HOTPLUG_TYPE_NETWORK_PLUGIN, plugin));
  _hotplug_manifest_add_string (config, "bridge", hotplug_network_attachment_get_bridge (attachment));
  _hotplug_manifest_add_number (config, "mtu", hotplug_network_attachment_get_mtu (attachment));
  _hotplug_manifest_add_number (config, "vlan", hotplug_network_attachment_get_vlan (attachment));
  if (hotplug_network_attachment_get_mac_spoof_check (attachment))
    json_object_set_boolean_member (config, "macspoofchk", TRUE);
  return json_to_string (root, FALSE);
}

static JsonObject *
build_attachment (HotplugNetworkAttachment *attachment)
{
  g_autofree char *config = write_config (attachment);
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "apiVersion", "k8s.cni.cncf.io/v1");
  _hotplug_manifest_add_string (object, "kind", "NetworkAttachmentDefinition");
  JsonObject *metadata = _hotplug_manifest_add_object (object, "metadata");
  _hotplug_manifest_add_string (metadata, "name", hotplug_network_attachment_get_name (attachment));
  _hotplug_manifest_add_string (metadata, "namespace", hotplug_network_attachment_get_namespace (attachment));
  _hotplug_manifest_add_string (_hotplug_manifest_add_object (object, "spec"), "config", config);
  return object;
}

/**
 * hotplug_network_attachment_to_manifest:
 * @self: a network attachment
 * @format: how to write it
 *
 * Writes @self as a `NetworkAttachmentDefinition`, whose `spec.config` has all that counts.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_network_attachment_to_manifest (HotplugNetworkAttachment *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (HOTPLUG_IS_NETWORK_ATTACHMENT (self), NULL);

  return _hotplug_manifest_object_to_string (build_attachment (self), format);
}

/**
 * hotplug_network_attachment_list_to_manifest:
 * @attachments: (element-type HotplugNetworkAttachment): network attachments
 * @format: how to write them
 *
 * Writes @attachments, in their order, as the items of a Kubernetes `List`; see
 * hotplug_network_attachment_to_manifest().
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_network_attachment_list_to_manifest (GPtrArray *attachments, HotplugManifestFormat format)
{
  g_return_val_if_fail (attachments != NULL, NULL);

  return _hotplug_manifest_list_to_string (attachments, (HotplugManifestBuild) build_attachment, format);
}
