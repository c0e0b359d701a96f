/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/hotplug-printable-private.h"
#include "manifest/hotplug-manifest-guest-private.h"
#include "manifest/hotplug-manifest-json-private.h"
#include "model/hotplug-interface-status-private.h"

/* Linux has 15 bytes, Windows what its user types. */
#define NAME_MAX_BYTES 64

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static JsonObject *
get_object (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* Windows says of a link-local one which link it is on (fe80::1%4), which is the guest's own number. */
static char *
dup_address (const char *text)
{
  guint8 octets[sizeof (struct in6_addr)];
  g_autofree char *bare = text != NULL ? g_strndup (text, strcspn (text, "%")) : NULL;

  if (bare != NULL && (inet_pton (AF_INET6, bare, octets) == 1 || inet_pton (AF_INET, text, octets) == 1))
    return g_steal_pointer (&bare);
  return NULL;
}

/* qapi's GuestIpAddress has the prefix in a member of its own, which KubeVirt's status leaves out. */
static void
add_addresses (HotplugGuestNic *nic, JsonArray *array)
{
  guint n_elements = array != NULL ? json_array_get_length (array) : 0;
  guint n_addresses = nic->addresses != NULL ? g_strv_length (nic->addresses) : 0;

  nic->addresses = g_renew (char *, nic->addresses, n_addresses + n_elements + 1);
  for (guint i = 0; i < n_elements; i++)
    {
      JsonObject *object = get_object (array, i);
      char *address = object != NULL ? dup_address (get_string (object, "ip-address")) : NULL;
      if (address != NULL)
        nic->addresses[n_addresses++] = address;
    }
  nic->addresses[n_addresses] = NULL;
}

/* An address with a label (eth0:1) is one more of the interface, as with libvirt 9.0.0 src/qemu/qemu_agent.c,
 * qemuAgentGetInterfaceAddresses (). */
static char *
name_of (const char *text)
{
  return text != NULL ? _hotplug_printable (text, (gssize)strcspn (text, ":"), NAME_MAX_BYTES) : NULL;
}

static HotplugGuestNic *
ensure (GArray *nics, GHashTable *by_name, JsonObject *object)
{
  g_autofree char *name = name_of (get_string (object, "name"));
  gpointer index = NULL;

  if (name != NULL && g_hash_table_lookup_extended (by_name, name, NULL, &index))
    return &g_array_index (nics, HotplugGuestNic, GPOINTER_TO_UINT (index));

  if (name != NULL)
    g_hash_table_insert (by_name, g_strdup (name), GUINT_TO_POINTER (nics->len));
  const HotplugGuestNic nic = { .name = g_steal_pointer (&name),
                                .mac = g_strdup (get_string (object, "hardware-address")),
                                .source = HOTPLUG_GUEST_NIC_AGENT };
  g_array_append_val (nics, nic);
  return &g_array_index (nics, HotplugGuestNic, nics->len - 1);
}

GArray *
_hotplug_manifest_read_guest_nics (const char *text, GError **error)
{
  g_autoptr (HotplugManifestDocument) document = _hotplug_manifest_read_json (text, strlen (text), NULL, 1, error);

  if (document == NULL)
    return NULL;

  g_autoptr (GArray) nics = _hotplug_guest_nics_new ();
  g_autoptr (GHashTable) by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  JsonArray *array = get_array (json_node_get_object (document->root), "return");
  if (array == NULL)
    {
      _hotplug_manifest_refuse (error, 1, "a guest agent's answer has no list");
      return NULL;
    }

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = get_object (array, i);
      if (object != NULL)
        add_addresses (ensure (nics, by_name, object), get_array (object, "ip-addresses"));
    }
  return g_steal_pointer (&nics);
}
