/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "manifest/hotplug-manifest-guest-private.h"
#include "model/hotplug-interface-status-private.h"
#include "storage/hotplug-neighbours-private.h"
#include "vmi/hotplug-report-private.h"

/* Whoever can't tell is passed over: a status is never refused for want of an address. */
static void
pass_over (HotplugSession *session, const char *whom, const GError *error)
{
  g_debug ("vmi \"%s\": no addresses from %s: %s", session->live->name, whom, error->message);
}

/* Only an agent that has opened its channel is asked: libvirt would wait for one that has not */
static GArray *
ask_agent (HotplugSession *session)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  GArray *nics = NULL;

  if (!session->live->agent || session->state != HOTPLUG_VMI_STATE_RUNNING)
    return _hotplug_guest_nics_new ();

  text = _hotplug_connection_read_guest_interfaces (session->connection, session->live->uuid, &error);
  nics = text != NULL ? _hotplug_manifest_read_guest_nics (text, &error) : NULL;
  if (nics != NULL)
    return nics;

  pass_over (session, "its guest agent", error);
  return _hotplug_guest_nics_new ();
}

static gboolean
is_network (const HotplugNic *nic)
{
  return g_strcmp0 (nic->type, "network") == 0;
}

/* QEMU's own network in user space has no neighbour on the host */
static gboolean
is_neighbour (const HotplugNic *nic)
{
  return g_strcmp0 (nic->type, "user") != 0;
}

/* Whether there is such an interface that nobody has told of yet */
static gboolean
lacks (HotplugSession *session, const GArray *nics, gboolean (*is_such) (const HotplugNic *nic))
{
  for (guint i = 0; i < session->live->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (session->live->nics, i);
      if (nic->mac != NULL && is_such (nic) && !_hotplug_guest_nics_tell_of (nics, HOTPLUG_GUEST_NIC_AGENT, nic->mac)
          && !_hotplug_guest_nics_tell_of (nics, HOTPLUG_GUEST_NIC_OBSERVED, nic->mac))
        return TRUE;
    }
  return FALSE;
}

/* libvirt 9.0.0 takes the end of the kernel's answer for a neighbour where both come in one message, as of Linux 6.18
 * (src/util/virarptable.c:87, MEASURED: "wrong nlmsg len"). The table of this machine can be read without it. */
static gboolean
read_neighbours (HotplugSession *session, GArray *nics)
{
  g_autoptr (GHashTable) macs = g_hash_table_new (g_str_hash, g_str_equal);

  if (!_hotplug_connection_is_local (session->connection))
    return FALSE;

  for (guint i = 0; i < session->live->nics->len; i++)
    {
      const HotplugNic *nic = g_ptr_array_index (session->live->nics, i);
      if (nic->mac != NULL)
        g_hash_table_add (macs, nic->mac);
    }
  return _hotplug_neighbours_read (HOTPLUG_NEIGHBOURS_PATH, macs, nics, NULL);
}

static void
observe (HotplugSession *session, HotplugAddressSource source, const char *whom, GArray *nics)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray)
      addresses = _hotplug_connection_list_addresses (session->connection, session->live->uuid, source, &error);
  g_autoptr (GArray) seen = _hotplug_guest_nics_new ();

  if (addresses == NULL)
    {
      if (source != HOTPLUG_ADDRESS_SOURCE_ARP || !read_neighbours (session, nics))
        pass_over (session, whom, error);
      return;
    }

  for (guint i = 0; i < addresses->len; i++)
    {
      const HotplugAddressText *text = g_ptr_array_index (addresses, i);
      _hotplug_guest_nics_add_address (seen, HOTPLUG_GUEST_NIC_OBSERVED, text->mac, text->address);
    }
  /* what leases tell of an interface is not mixed with what its neighbours know */
  if (seen->len > 0)
    g_array_append_vals (nics, seen->data, seen->len);
  /* which owns the strings now */
  g_array_set_clear_func (seen, NULL);
}

GArray *
_hotplug_report_look_into_guest (HotplugSession *session)
{
  if (session->live == NULL)
    return _hotplug_guest_nics_new ();

  GArray *nics = ask_agent (session);
  if (lacks (session, nics, is_network))
    observe (session, HOTPLUG_ADDRESS_SOURCE_LEASES, "leases", nics);
  if (lacks (session, nics, is_neighbour))
    observe (session, HOTPLUG_ADDRESS_SOURCE_ARP, "the host's ARP table", nics);
  return nics;
}
