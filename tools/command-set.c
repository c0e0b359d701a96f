/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "commands.h"
#include "plan.h"

/* As of addinterface */
#define NETWORK "network-attachment-definition-name"

typedef struct
{
  char *name;
  char *network;
  char *state;
  gboolean persist;
  gboolean dry_run;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->name);
  g_free (options->network);
  g_free (options->state);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name, "The interface, as the VMI calls it; required", "NAME" },
    { "state", 0, 0, G_OPTION_ARG_STRING, &options->state,
      "Its link: up or down; or absent, which unplugs it as removeinterface does", "STATE" },
    { NETWORK, 0, 0, G_OPTION_ARG_STRING, &options->network,
      "The network attachment that it is moved to, as get network shows it", "[NAMESPACE/]NAME" },
    { "persist", 0, 0, G_OPTION_ARG_NONE, &options->persist, "Change it in the VM's template too", NULL },
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &options->dry_run, "Check everything, print the plan, change nothing", NULL },
    G_OPTION_ENTRY_NULL
  };

  g_auto (GStrv) arguments = hotplugctl_parse (ctl, entries, 2, 2, argc, argv, error);
  if (arguments == NULL || !hotplugctl_require ("name", "NAME", options->name, error))
    return NULL;
  if (strcmp (arguments[0], "interface") != 0)
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "set interface is all there is, not set \"%s\"",
                   arguments[0]);
      return NULL;
    }
  if (options->state == NULL && options->network == NULL)
    {
      g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE,
                   "what is to be set is missing: --state=up|down|absent, --" NETWORK "=NAME, or both");
      return NULL;
    }
  return g_steal_pointer (&arguments);
}

static gboolean
print_set (Hotplugctl *ctl, HotplugVmi *vmi, HotplugInterfaceStatus *status, const Options *options)
{
  int state = (int)hotplug_interface_status_get_link_state (status);

  if (ctl->manifest)
    {
      g_autofree char *manifest = hotplug_interface_status_to_manifest (status, ctl->format);
      hotplugctl_print (ctl, "%s", manifest);
      return TRUE;
    }

  hotplugctl_print (ctl, "interface \"%s\" of VMI \"%s\" set: link %s", options->name, hotplug_vmi_get_name (vmi),
                    hotplugctl_enum_nick (HOTPLUG_TYPE_INTERFACE_STATE, state));
  if (options->network != NULL)
    hotplugctl_print (ctl, ", network %s", options->network);
  if (options->persist)
    hotplugctl_print (ctl, ", persisted");
  hotplugctl_print (ctl, "\n");
  if (hotplug_interface_status_get_message (status) != NULL)
    hotplugctl_print (ctl, "%s\n", hotplug_interface_status_get_message (status));
  return TRUE;
}

static HotplugNetworkAttachment *
find_network (Hotplugctl *ctl, HotplugVmi *vmi, const Options *options, GError **error)
{
  return options->network != NULL ? hotplug_host_get_network_attachment (hotplug_vmi_get_host (vmi), options->network,
                                                                         ctl->cancellable, error)
                                  : NULL;
}

gboolean
hotplugctl_set (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  static const char *const states[] = { "up", "down", "absent", NULL };
  int state = HOTPLUG_INTERFACE_STATE_UNCHANGED;
  g_autoptr (GError) failed = NULL;
  g_auto (Options) options = { NULL };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);

  if (arguments == NULL
      || !hotplugctl_parse_enum ("state", options.state, HOTPLUG_TYPE_INTERFACE_STATE, states, &state, error))
    return FALSE;

  g_autoptr (HotplugVmi) vmi = hotplugctl_get_vmi (ctl, arguments[1], error);
  g_autoptr (HotplugNetworkAttachment) network = vmi != NULL ? find_network (ctl, vmi, &options, error) : NULL;
  if (vmi == NULL || (options.network != NULL && network == NULL))
    return FALSE;

  HotplugInterfaceState wanted = (HotplugInterfaceState)state;
  HotplugPlugFlags flags = options.persist ? HOTPLUG_PLUG_PERSIST : HOTPLUG_PLUG_NONE;
  if (options.dry_run)
    {
      g_autoptr (HotplugPlan)
          plan = hotplug_vmi_plan_update_interface (vmi, options.name, wanted, network, flags, ctl->cancellable, error);
      return plan_print (ctl, plan);
    }

  const char *const names[] = { options.name, NULL };
  g_autofree char *returning = wanted == HOTPLUG_INTERFACE_STATE_ABSENT
                                   ? plan_tell_returning (ctl, vmi, NULL, names, flags)
                                   : NULL;
  g_autoptr (HotplugInterfaceStatus)
      status = hotplug_vmi_update_interface (vmi, options.name, wanted, network, flags, ctl->cancellable, &failed);
  if (failed != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failed));
      return FALSE;
    }
  if (status != NULL)
    return print_set (ctl, vmi, status, &options);
  return hotplugctl_print_change (ctl, vmi, "interface \"%s\" removed from VMI \"%s\"%s\n", options.name,
                                  hotplug_vmi_get_name (vmi), returning);
}
