/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "network.h"

#include "table.h"

gboolean
network_is_kind (const char *word)
{
  static const char *const words[] = { "network", "networks", "net-attach-def", "net-attach-defs", "nad", "nads",
                                       "network-attachment-definition", "network-attachment-definitions", NULL };
  return g_strv_contains (words, word);
}

static char *
get_title (HotplugNetworkAttachment *attachment)
{
  const char *space = hotplug_network_attachment_get_namespace (attachment);
  const char *name = hotplug_network_attachment_get_name (attachment);

  return space != NULL ? g_strconcat (space, "/", name, NULL) : g_strdup (name);
}

/* 0 is none */
static char *
format_number (guint number)
{
  return number != 0 ? g_strdup_printf ("%u", number) : NULL;
}

static void
print_table (Hotplugctl *ctl, GPtrArray *attachments)
{
  static const char *const heading[] = { "NAME", "TYPE", "BRIDGE", "MTU", "VLAN", "MACSPOOFCHK" };
  g_autoptr (Table) table = table_new (G_N_ELEMENTS (heading));
  table_add_row (table, heading);

  for (guint i = 0; i < attachments->len; i++)
    {
      HotplugNetworkAttachment *attachment = g_ptr_array_index (attachments, i);
      g_autofree char *title = get_title (attachment);
      g_autofree char *mtu = format_number (hotplug_network_attachment_get_mtu (attachment));
      g_autofree char *vlan = format_number (hotplug_network_attachment_get_vlan (attachment));
      gboolean ovs = hotplug_network_attachment_get_plugin (attachment) == HOTPLUG_NETWORK_PLUGIN_OVS;
      const char *const cells[G_N_ELEMENTS (heading)] = {
        title,
        ovs ? "ovs" : "bridge",
        hotplug_network_attachment_get_bridge (attachment),
        mtu,
        vlan,
        hotplug_network_attachment_get_mac_spoof_check (attachment) ? "yes" : "no",
      };
      table_add_row (table, cells);
    }
  table_print (table, ctl->out);
}

static void
print_one (Hotplugctl *ctl, HotplugNetworkAttachment *attachment)
{
  g_autofree char *manifest = hotplug_network_attachment_to_manifest (attachment, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
}

static gboolean
get_one (Hotplugctl *ctl, HotplugHost *host, const char *name, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment
      = hotplug_host_get_network_attachment (host, name, ctl->cancellable, error);
  if (attachment == NULL)
    return FALSE;

  g_autoptr (GPtrArray) attachments = g_ptr_array_new ();
  g_ptr_array_add (attachments, attachment);
  if (ctl->manifest)
    print_one (ctl, attachment);
  else
    print_table (ctl, attachments);
  return TRUE;
}

gboolean
network_get (Hotplugctl *ctl, const char *name, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return FALSE;
  if (name != NULL)
    return get_one (ctl, host, name, error);

  g_autoptr (GPtrArray) attachments = hotplug_host_list_network_attachments (host, ctl->cancellable, error);
  if (attachments == NULL)
    return FALSE;

  if (!ctl->manifest)
    {
      print_table (ctl, attachments);
      return TRUE;
    }

  g_autofree char *manifest = hotplug_network_attachment_list_to_manifest (attachments, ctl->format);
  hotplugctl_print (ctl, "%s", manifest);
  return TRUE;
}

gboolean
network_create (Hotplugctl *ctl, HotplugNetworkAttachment *attachment, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL)
    return FALSE;

  g_autoptr (HotplugNetworkAttachment) made
      = hotplug_host_create_network_attachment (host, attachment, ctl->cancellable, error);
  if (made == NULL)
    return FALSE;

  if (ctl->manifest)
    {
      print_one (ctl, made);
      return TRUE;
    }

  g_autofree char *title = get_title (made);
  hotplugctl_print (ctl, "network attachment \"%s\" created: %s\n", title, hotplug_network_attachment_get_path (made));
  return TRUE;
}

gboolean
network_delete (Hotplugctl *ctl, const char *name, GError **error)
{
  HotplugHost *host = hotplugctl_get_host (ctl, error);
  if (host == NULL || !hotplug_host_delete_network_attachment (host, name, ctl->cancellable, error))
    return FALSE;

  if (!ctl->manifest)
    hotplugctl_print (ctl, "network attachment \"%s\" deleted\n", name);
  return TRUE;
}

/* With the namespace that is said there, or the default one: never one that is found elsewhere */
gboolean
network_delete_object (Hotplugctl *ctl, HotplugManifest *object, GError **error)
{
  g_autoptr (HotplugNetworkAttachment) attachment = hotplug_network_attachment_new_from_manifest (object, error);
  if (attachment == NULL)
    return FALSE;

  const char *space = hotplug_network_attachment_get_namespace (attachment);
  g_autofree char *name = g_strconcat (space != NULL ? space : "default", "/",
                                       hotplug_network_attachment_get_name (attachment), NULL);
  return network_delete (ctl, name, error);
}
