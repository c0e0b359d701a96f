/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "plan.h"

/* Of the arrays each is as long as @names, or NULL: the nth is the nth interface's. */
typedef struct
{
  char **names;
  char **networks;
  char **macs;
  char **boot_orders;
  char *state;
  char *queues;
  gboolean persist;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_strfreev (options->names);
  g_strfreev (options->networks);
  g_strfreev (options->macs);
  g_strfreev (options->boot_orders);
  g_free (options->state);
  g_free (options->queues);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

/* The names of these two, and that both are required, are those of virtctl 1.0 (kubevirt
 * pkg/virtctl/network/dynamicifaces.go). */
#define NETWORK "network-attachment-definition-name"
#define NAME "name"

static gboolean
check_lists (const Options *options, GError **error)
{
  const char *network = options->networks != NULL ? options->networks[0] : NULL;
  const char *name = options->names != NULL ? options->names[0] : NULL;

  return hotplugctl_require (NETWORK, "NAME", network, error) && hotplugctl_require (NAME, "NAME", name, error)
         && hotplugctl_check_list (NETWORK, options->networks, NAME, options->names, "interface", error)
         && hotplugctl_check_list ("mac", options->macs, NAME, options->names, "interface", error)
         && hotplugctl_check_list ("boot-order", options->boot_orders, NAME, options->names, "interface", error);
}

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { NETWORK, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->networks,
      "The network attachment that it is connected by, as get network shows it; required", "[NAMESPACE/]NAME" },
    { NAME, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->names,
      "What the VMI calls the interface; required; several go together", "NAME" },
    { "mac", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->macs, "Its MAC address; default: one that is made", "MAC" },
    { "state", 0, 0, G_OPTION_ARG_STRING, &options->state, "Its link: up or down; default: up", "STATE" },
    { "queues", 0, 0, G_OPTION_ARG_STRING, &options->queues, "How many pairs of queues it has; default: 1", "N" },
    { "boot-order", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->boot_orders,
      "When the firmware tries to boot from it, from 1", "N" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &options->persist, "Make it part of the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run, "Check everything, print the plan, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
  if (arguments == NULL || !check_lists (options, error))
    return NULL;
  return g_steal_pointer (&arguments);
}

static HotplugInterface *
make_one (Hotplugctl *ctl, const Options *options, guint i, GError **error)
{
  static const char *const states[] = { "up", "down", NULL };
  int state = HOTPLUG_INTERFACE_STATE_UP;
  guint queues = 0;
  guint boot_order = 0;

  if (!hotplugctl_parse_enum ("state", options->state, HOTPLUG_TYPE_INTERFACE_STATE, states, &state, error)
      || !hotplugctl_parse_number ("queues", options->queues, 1, &queues, error)
      || (options->boot_orders != NULL
          && !hotplugctl_parse_number ("boot-order", options->boot_orders[i], 1, &boot_order, error)))
    return NULL;

  return g_initable_new (HOTPLUG_TYPE_INTERFACE, ctl->cancellable, error,
                         "name", options->names[i],
                         "network", options->networks[i],
                         "mac", options->macs != NULL ? options->macs[i] : NULL,
                         "state", state,
                         "queues", queues,
                         "boot-order", boot_order,
                         NULL);
}

static GPtrArray *
make_interfaces (Hotplugctl *ctl, const Options *options, GError **error)
{
  g_autoptr (GPtrArray) interfaces = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; options->names[i] != NULL; i++)
    {
      HotplugInterface *interface = make_one (ctl, options, i, error);
      if (interface == NULL)
        return NULL;
      g_ptr_array_add (interfaces, interface);
    }
  return g_steal_pointer (&interfaces);
}

static void
print_added (Hotplugctl *ctl, HotplugVmi *vmi, HotplugInterfaceStatus *status, const char *network, gboolean persist)
{
  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_interface_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return;
    }

  hotplugctl_print (ctl, "interface \"%s\" added to VMI \"%s\": MAC %s, network %s",
                    hotplug_interface_status_get_name (status), hotplug_vmi_get_name (vmi),
                    hotplug_interface_status_get_mac (status), network);
  if (hotplug_interface_status_get_link_state (status) == HOTPLUG_INTERFACE_STATE_DOWN)
    hotplugctl_print (ctl, ", link down");
  if (persist)
    hotplugctl_print (ctl, ", persisted");
  hotplugctl_print (ctl, "\n");

  /* Why it is not there yet, or won't stay where it is */
  if (hotplug_interface_status_get_message (status) != NULL)
    hotplugctl_print (ctl, "%s\n", hotplug_interface_status_get_message (status));
}

gboolean
hotplugctl_addinterface (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);
  if (arguments == NULL)
    return FALSE;

  g_autoptr (GPtrArray) interfaces = make_interfaces (ctl, &options, error);
  g_autoptr (HotplugVmi) vmi = interfaces != NULL ? hotplugctl_get_vmi (ctl, arguments[0], error) : NULL;
  if (vmi == NULL)
    return FALSE;

  HotplugPlugFlags flags = options.persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (options.dry_run)
    {
      g_autoptr (HotplugPlan)
          plan = hotplug_vmi_plan_add_devices (vmi, NULL, interfaces, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }

  g_autoptr (GPtrArray) statuses = NULL;
  if (!hotplug_vmi_add_devices (vmi, NULL, interfaces, flags, NULL, &statuses, ctl->cancellable, error))
    return FALSE;
  for (guint i = 0; i < statuses->len; i++)
    {
      if (i > 0 && ctl->manifest && ctl->format == HOTPLUG_MANIFEST_FORMAT_YAML)
        hotplugctl_print (ctl, "---\n");
      print_added (ctl, vmi, g_ptr_array_index (statuses, i), options.networks[i], options.persist);
    }
  return TRUE;
}
