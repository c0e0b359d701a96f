/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "base/hotplug-enums-private.h"
#include "manifest/hotplug-manifest-interface-private.h"
#include "manifest/hotplug-manifest-members-private.h"
#include "model/hotplug-interface-status-private.h"

/* What KubeVirt has no field for */
#define OWN_FIELD "libhotplug"

static void
add_addresses (JsonObject *object, const char *const *addresses)
{
  if (addresses[0] == NULL)
    return;

  JsonArray *array = json_array_new ();
  for (guint i = 0; addresses[i] != NULL; i++)
    {
      g_autofree char *valid = g_utf8_make_valid (addresses[i], -1);
      json_array_add_string_element (array, valid);
    }
  json_object_set_array_member (object, "ipAddresses", array);
}

static const char *
link_word (const HotplugInterfaceStatusFields *fields)
{
  return _hotplug_enum_to_nick (HOTPLUG_TYPE_INTERFACE_STATE, (int)fields->link_state);
}

/* What only the guest knows has neither queues nor a link of the hypervisor's. */
static JsonObject *
build_status (HotplugInterfaceStatus *self)
{
  const HotplugInterfaceStatusFields *fields = _hotplug_interface_status_peek (self);
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "name", fields->name);
  _hotplug_manifest_add_string (object, "mac", fields->mac);
  _hotplug_manifest_add_string (object, "ipAddress", fields->ip_address);
  add_addresses (object, fields->ip_addresses);
  _hotplug_manifest_add_string (object, "interfaceName", fields->interface_name);
  _hotplug_manifest_add_string (object, "infoSource", hotplug_interface_status_get_info_source (self));
  if (fields->name == NULL)
    return object;

  _hotplug_manifest_add_number (object, "queueCount", fields->queue_count);
  _hotplug_manifest_add_string (object, "linkState", link_word (fields));

  JsonObject *own = _hotplug_manifest_add_object (object, OWN_FIELD);
  if (fields->hotplugged)
    {
      _hotplug_manifest_add_string (own, "phase",
                                    _hotplug_enum_to_nick (HOTPLUG_TYPE_INTERFACE_PHASE, (int)fields->phase));
      _hotplug_manifest_add_string (own, "reason", fields->reason);
      _hotplug_manifest_add_string (own, "message", fields->message);
    }
  _hotplug_manifest_add_string (own, "network", fields->network);
  _hotplug_manifest_add_string (own, "address", fields->address);
  _hotplug_manifest_add_string (own, "target", fields->tap);
  _hotplug_manifest_add_number (own, "mtu", fields->mtu);
  json_object_set_boolean_member (own, "persisted", fields->persisted);
  return object;
}

/* KubeVirt's Interface (api/core/v1/schema.go). Its binding says how a pod's network reaches the guest; of one that is
 * not ours nobody knows. Its state is left out where the link is up. */
static JsonObject *
build_interface (const HotplugInterfaceStatusFields *fields)
{
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "name", fields->name);
  _hotplug_manifest_add_string (object, "macAddress", fields->mac);
  _hotplug_manifest_add_string (object, "model", fields->model);
  if (fields->hotplugged)
    _hotplug_manifest_add_object (object, "bridge");
  _hotplug_manifest_add_number (object, "bootOrder", fields->boot_order);
  if (fields->link_state != HOTPLUG_INTERFACE_STATE_UP)
    _hotplug_manifest_add_string (object, "state", link_word (fields));
  return object;
}

/* The machine's own first one is to KubeVirt the pod's. */
static JsonObject *
build_network (const HotplugInterfaceStatusFields *fields)
{
  JsonObject *object = json_object_new ();

  _hotplug_manifest_add_string (object, "name", fields->name);
  if (fields->network != NULL)
    _hotplug_manifest_add_string (_hotplug_manifest_add_object (object, "multus"), "networkName", fields->network);
  else if (fields->primary)
    _hotplug_manifest_add_object (object, "pod");
  return object;
}

void
_hotplug_manifest_add_interfaces (HotplugVmiStatus *vmi, JsonObject *devices, JsonObject *spec)
{
  g_autoptr (GPtrArray) statuses = hotplug_vmi_status_list_interfaces (vmi);
  JsonArray *interfaces = json_array_new ();
  JsonArray *networks = json_array_new ();

  for (guint i = 0; i < statuses->len; i++)
    {
      const HotplugInterfaceStatusFields *fields = _hotplug_interface_status_peek (g_ptr_array_index (statuses, i));
      if (fields->name == NULL || fields->phase == HOTPLUG_INTERFACE_PHASE_FAILED)
        continue;
      json_array_add_object_element (interfaces, build_interface (fields));
      json_array_add_object_element (networks, build_network (fields));
    }
  if (json_array_get_length (interfaces) > 0)
    {
      json_object_set_array_member (devices, "interfaces", json_array_ref (interfaces));
      json_object_set_array_member (spec, "networks", json_array_ref (networks));
    }
  json_array_unref (interfaces);
  json_array_unref (networks);
}

void
_hotplug_manifest_add_interface_statuses (HotplugVmiStatus *vmi, JsonObject *status)
{
  g_autoptr (GPtrArray) statuses = hotplug_vmi_status_list_interfaces (vmi);

  if (statuses->len == 0)
    return;

  JsonArray *array = json_array_new ();
  for (guint i = 0; i < statuses->len; i++)
    json_array_add_object_element (array, build_status (g_ptr_array_index (statuses, i)));
  json_object_set_array_member (status, "interfaces", array);
}

/**
 * hotplug_interface_status_to_manifest:
 * @self: an interface status
 * @format: how to write it
 *
 * Writes @self as an entry of KubeVirt's `status.interfaces[]`: `name`, `mac`, `ipAddress`, `ipAddresses`,
 * `interfaceName`, `infoSource`, `queueCount` and `linkState`. What KubeVirt has no field for is in an object named
 * `libhotplug`: `network`, `address`, `target`, `mtu` and `persisted`, and of a hotplugged one `phase`, `reason` and
 * `message`. What is not known is left out; what only the guest knows has no such object.
 *
 * Returns: (transfer full): the manifest, UTF-8, with a newline at its end
 *
 * Since: 0.1
 */
char *
hotplug_interface_status_to_manifest (HotplugInterfaceStatus *self, HotplugManifestFormat format)
{
  g_return_val_if_fail (self != NULL, NULL);

  return _hotplug_manifest_object_to_string (build_status (self), format);
}
