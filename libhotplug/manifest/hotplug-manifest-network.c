/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <hotplug/hotplug-network-attachment.h>

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-private.h"

/* The least that reads 0.3.x reads this too: containernetworking/cni SPEC.md */
#define CNI_VERSION "0.3.1"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *name, guint value)
{
  if (value == 0)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static char *
write_config (HotplugNetworkAttachment *attachment)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "cniVersion", CNI_VERSION);
  add_string (builder, "name", hotplug_network_attachment_get_name (attachment));
  add_string (
      builder, "type",
      _hotplug_enum_to_nick (HOTPLUG_TYPE_NETWORK_PLUGIN, (int)hotplug_network_attachment_get_plugin (attachment)));
  add_string (builder, "bridge", hotplug_network_attachment_get_bridge (attachment));
  add_number (builder, "mtu", hotplug_network_attachment_get_mtu (attachment));
  add_number (builder, "vlan", hotplug_network_attachment_get_vlan (attachment));
  if (hotplug_network_attachment_get_mac_spoof_check (attachment))
    {
      json_builder_set_member_name (builder, "macspoofchk");
      json_builder_add_boolean_value (builder, TRUE);
    }
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

static void
add_attachment (JsonBuilder *builder, HotplugNetworkAttachment *attachment)
{
  g_autofree char *config = write_config (attachment);

  json_builder_begin_object (builder);
  add_string (builder, "apiVersion", "k8s.cni.cncf.io/v1");
  add_string (builder, "kind", "NetworkAttachmentDefinition");
  json_builder_set_member_name (builder, "metadata");
  json_builder_begin_object (builder);
  add_string (builder, "name", hotplug_network_attachment_get_name (attachment));
  add_string (builder, "namespace", hotplug_network_attachment_get_namespace (attachment));
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "spec");
  json_builder_begin_object (builder);
  add_string (builder, "config", config);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
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

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  add_attachment (builder, self);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}

/**
 * hotplug_network_attachment_list_to_manifest:
 * @attachments: (element-type HotplugNetworkAttachment): network attachments
 * @format: how to write them
 *
 * Writes @attachments, in their order, as the items of a Kubernetes `List`; see hotplug_network_attachment_to_manifest().
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_network_attachment_list_to_manifest (GPtrArray *attachments, HotplugManifestFormat format)
{
  g_return_val_if_fail (attachments != NULL, NULL);

  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_string (builder, "apiVersion", "v1");
  add_string (builder, "kind", "List");
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  for (guint i = 0; i < attachments->len; i++)
    add_attachment (builder, g_ptr_array_index (attachments, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  return _hotplug_manifest_to_string (root, format);
}
