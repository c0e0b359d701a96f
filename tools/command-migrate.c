/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commands.h"
#include "migration.h"

typedef struct
{
  char *to;
  char *bandwidth;
  char *timeout;
  gboolean peer_to_peer;
} Options;

static void
clear_options (Options *options)
{
  g_free (options->to);
  g_free (options->bandwidth);
  g_free (options->timeout);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, clear_options)

static char **
parse (Hotplugctl *ctl, Options *options, int argc, char **argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_STRING, &options->to, "The host that it goes to, as a libvirt URI; required", "URI" },
    { "peer-to-peer", 0, 0, G_OPTION_ARG_NONE, &options->peer_to_peer,
      "The VMI's host leads the other one, which it reaches under that URI", NULL },
    { "bandwidth", 0, 0, G_OPTION_ARG_STRING, &options->bandwidth,
      "How many bytes a second it may take, such as 64Mi; default: all there are", "QUANTITY" },
    { "timeout", 0, 0, G_OPTION_ARG_STRING, &options->timeout, "How long it may take; default: as long as it does",
      "SECONDS" },
    G_OPTION_ENTRY_NULL
  };

  return hotplugctl_parse (ctl, entries, 1, 1, argc, argv, error);
}

gboolean
hotplugctl_migrate (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  g_auto (Options) options = { NULL };
  Migration migration = { .timeout_msec = -1 };
  g_auto (GStrv) arguments = parse (ctl, &options, argc, argv, error);

  if (arguments == NULL || !hotplugctl_require ("to", "URI", options.to, error)
      || !migration_check_destination (options.to, error)
      || !hotplugctl_parse_seconds ("timeout", options.timeout, &migration.timeout_msec, error)
      || (options.bandwidth != NULL && !hotplug_quantity_parse (options.bandwidth, &migration.bandwidth, error)))
    return FALSE;

  migration.vmi = arguments[0];
  migration.to = options.to;
  migration.flags = options.peer_to_peer ? HOTPLUG_MIGRATE_PEER_TO_PEER : HOTPLUG_MIGRATE_NONE;
  return migration_run (ctl, &migration, error);
}
