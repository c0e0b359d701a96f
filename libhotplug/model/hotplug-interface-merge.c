/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "base/hotplug-mac-private.h"
#include "model/hotplug-interface-status-private.h"

/* Whoever is in a guest can make as many as he likes. */
#define GUEST_ONLY_MAX 10

#define LOOPBACK "lo"
#define ZERO_MAC "00:00:00:00:00:00"

static void
clear_guest_nic (gpointer data)
{
  HotplugGuestNic *nic = data;

  g_free (nic->name);
  g_free (nic->mac);
  g_strfreev (nic->addresses);
}

GArray *
_hotplug_guest_nics_new (void)
{
  GArray *self = g_array_new (FALSE, TRUE, sizeof (HotplugGuestNic));

  g_array_set_clear_func (self, clear_guest_nic);
  return self;
}

static HotplugGuestNic *
find_guest_nic (const GArray *self, HotplugGuestNicSource source, const char *mac)
{
  for (guint i = 0; self != NULL && i < self->len; i++)
    {
      HotplugGuestNic *nic = &g_array_index (self, HotplugGuestNic, i);
      g_autofree char *own = nic->source == source ? _hotplug_mac_normalize (nic->mac) : NULL;
      if (own != NULL && strcmp (own, mac) == 0)
        return nic;
    }
  return NULL;
}

gboolean
_hotplug_guest_nics_tell_of (const GArray *self, HotplugGuestNicSource source, const char *mac)
{
  return find_guest_nic (self, source, mac) != NULL;
}

void
_hotplug_guest_nics_add_address (GArray *self, HotplugGuestNicSource source, const char *mac, const char *address)
{
  g_autofree char *normalized = _hotplug_mac_normalize (mac);
  HotplugGuestNic *nic = normalized != NULL ? find_guest_nic (self, source, normalized) : NULL;

  if (normalized == NULL || address == NULL)
    return;
  if (nic == NULL)
    {
      const HotplugGuestNic added = { .mac = g_steal_pointer (&normalized), .source = source };
      g_array_append_val (self, added);
      nic = &g_array_index (self, HotplugGuestNic, self->len - 1);
    }

  guint n_addresses = nic->addresses != NULL ? g_strv_length (nic->addresses) : 0;
  nic->addresses = g_renew (char *, nic->addresses, n_addresses + 2);
  nic->addresses[n_addresses] = g_strdup (address);
  nic->addresses[n_addresses + 1] = NULL;
}

/* An IPv4 address if there is one: KubeVirt pkg/virt-launcher/virtwrap/agent-poller/parsers.go */
static const char *
choose_address (const char *const *addresses)
{
  for (guint i = 0; addresses[i] != NULL; i++)
    {
      if (strchr (addresses[i], ':') == NULL)
        return addresses[i];
    }
  return addresses[0];
}

/* Where several of a guest's have one MAC address (a bridge and what it is over), the first with a name names it, and
 * the first with addresses gives them. What the agent says of addresses counts also if it has none: a lease may be of
 * yesterday. */
static void
fill (HotplugInterfaceStatusFields *fields, const HotplugGuestNic *guest)
{
  const char *const *addresses = (const char *const *)guest->addresses;

  if (guest->source == HOTPLUG_GUEST_NIC_AGENT)
    {
      fields->in_guest = TRUE;
      if (fields->interface_name == NULL)
        fields->interface_name = guest->name;
    }
  else if (fields->in_guest)
    return;

  if (fields->ip_addresses == NULL && addresses != NULL && addresses[0] != NULL)
    {
      fields->ip_addresses = addresses;
      if (fields->ip_address == NULL)
        fields->ip_address = choose_address (addresses);
    }
}

static gboolean
is_of_interest (const HotplugGuestNic *guest, const char *mac)
{
  return mac != NULL && strcmp (mac, ZERO_MAC) != 0 && g_strcmp0 (guest->name, LOOPBACK) != 0;
}

static HotplugInterfaceStatusFields *
find (GArray *all, const char *mac)
{
  for (guint i = 0; i < all->len; i++)
    {
      HotplugInterfaceStatusFields *fields = &g_array_index (all, HotplugInterfaceStatusFields, i);
      if (g_strcmp0 (fields->mac, mac) == 0)
        return fields;
    }
  return NULL;
}

static void
add_statuses (GPtrArray *statuses, const GArray *all, gboolean primary)
{
  for (guint i = 0; all->data != NULL && i < all->len; i++)
    {
      const HotplugInterfaceStatusFields *fields = &g_array_index (all, HotplugInterfaceStatusFields, i);
      if (fields->primary == primary)
        g_ptr_array_add (statuses, _hotplug_interface_status_new (fields));
    }
}

GPtrArray *
_hotplug_interface_statuses_merge (const HotplugInterfaceStatusFields *interfaces, guint n_interfaces,
                                   const GArray *guest)
{
  GPtrArray *statuses = g_ptr_array_new_with_free_func ((GDestroyNotify)hotplug_interface_status_unref);
  g_autoptr (GArray) all = g_array_new (FALSE, TRUE, sizeof (HotplugInterfaceStatusFields));
  g_autoptr (GStringChunk) macs = g_string_chunk_new (256);

  if (n_interfaces > 0)
    g_array_append_vals (all, interfaces, n_interfaces);
  for (guint i = 0; guest != NULL && i < guest->len; i++)
    {
      const HotplugGuestNic *nic = &g_array_index (guest, HotplugGuestNic, i);
      g_autofree char *mac = _hotplug_mac_normalize (nic->mac);
      HotplugInterfaceStatusFields *found = mac != NULL ? find (all, mac) : NULL;

      if (!is_of_interest (nic, mac))
        continue;
      if (found == NULL && nic->source == HOTPLUG_GUEST_NIC_AGENT && all->len < n_interfaces + GUEST_ONLY_MAX)
        {
          const HotplugInterfaceStatusFields only
              = { .mac = g_string_chunk_insert (macs, mac), .phase = HOTPLUG_INTERFACE_PHASE_READY };
          g_array_append_val (all, only);
          found = &g_array_index (all, HotplugInterfaceStatusFields, all->len - 1);
        }
      if (found != NULL)
        fill (found, nic);
    }

  add_statuses (statuses, all, TRUE);
  add_statuses (statuses, all, FALSE);
  return statuses;
}
