/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"

typedef struct
{
  char *network;
  char *name;
  char *mac;
  char *state;
  char *queues;
  char *boot_order;
  gboolean persist;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->network);
  g_free (options->name);
  g_free (options->mac);
  g_free (options->state);
  g_free (options->queues);
  g_free (options->boot_order);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

/* The names of these two, and that both are required, are those of virtctl 1.0 (kubevirt pkg/virtctl/network/dynamicifaces.go). */
#define NETWORK "network-attachment-definition-name"
#define NAME "name"

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { NETWORK, 0, 0, G_OPTION_ARG_STRING, &options->network,
      "The network attachment that it is connected by, as get network shows it; required", "[NAMESPACE/]NAME" },
    { NAME, 0, 0, G_OPTION_ARG_STRING, &options->name, "What the VMI calls the interface; required", "NAME" },
    { "mac", 0, 0, G_OPTION_ARG_STRING, &options->mac, "Its MAC address; default: one that is made", "MAC" },
    { "state", 0, 0, G_OPTION_ARG_STRING, &options->state, "Its link: up or down; default: up", "STATE" },
    { "queues", 0, 0, G_OPTION_ARG_STRING, &options->queues, "How many pairs of queues it has; default: 1", "N" },
    { "boot-order", 0, 0, G_OPTION_ARG_STRING, &options->boot_order,
      "When the firmware tries to boot from it, from 1", "N" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &options->persist, "Make it part of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run, "Check everything, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require (NETWORK, "NAME", options->network, error)
      || !hotplugctl_require (NAME, "NAME", options->name, error))
    return NULL;
  return g_steal_pointer (&arguments);
}

static HotplugInterface *
make_interface (Hotplugctl *ctl, const Options *options, GError **error)
{
  static const char *const states[] = { "up", "down", NULL };
  int state = HOTPLUG_INTERFACE_STATE_UP;
  guint queues = 0;
  guint boot_order = 0;

  if (!hotplugctl_parse_enum ("state", options->state, HOTPLUG_TYPE_INTERFACE_STATE, states, &state, error)
      || !hotplugctl_parse_number ("queues", options->queues, 1, &queues, error)
      || !hotplugctl_parse_number ("boot-order", options->boot_order, 1, &boot_order, error))
    return NULL;

  return g_initable_new (HOTPLUG_TYPE_INTERFACE, ctl->cancellable, error,
                         "name", options->name,
                         "network", options->network,
                         "mac", options->mac,
                         "state", state,
                         "queues", queues,
                         "boot-order", boot_order,
                         NULL);
}

static void
print_added (Hotplugctl *ctl, HotplugVmi *vmi, HotplugInterfaceStatus *status, const Options *options)
{
  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_interface_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return;
    }

  hotplugctl_print (ctl, "interface \"%s\" %s to VMI \"%s\": MAC %s, network %s",
                    hotplug_interface_status_get_name (status), options->dry_run ? "would be added" : "added",
                    hotplug_vmi_get_name (vmi), hotplug_interface_status_get_mac (status), options->network);
  if (hotplug_interface_status_get_link_state (status) == HOTPLUG_INTERFACE_STATE_DOWN)
    hotplugctl_print (ctl, ", link down");
  if (options->persist)
    hotplugctl_print (ctl, ", persisted");
  hotplugctl_print (ctl, options->dry_run ? " (dry run: nothing was changed)\n" : "\n");

  /* Why it is not there yet, or won't stay where it is */
  if (hotplug_interface_status_get_message (status) != NULL && !options->dry_run)
    hotplugctl_print (ctl, "%s\n", hotplug_interface_status_get_message (status));
}

gboolean
hotplugctl_addinterface (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (HotplugInterface) interface = make_interface (ctl, &options, error);
  g_autoptr (HotplugVmi) vmi = interface != NULL ? hotplugctl_get_vmi (ctl, arguments[0], error) : NULL;
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = hotplugctl_plug_flags (options.persist, options.dry_run);
  g_autoptr (HotplugInterfaceStatus) status
      = hotplug_vmi_add_interface (vmi, interface, flags, ctl->cancellable, error);
  if (status == NULL)
    return FALSE;

  print_added (ctl, vmi, status, &options);
  return TRUE;
}
