/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "interrupt.h"

#define EXIT_USAGE 2

/* One more than letters in the longest name of a command */
#define COLUMNS_MAX 32

/* Sorted: this is the order of the help. */
static const HotplugctlCommand commands[] = {
  { "addinterface", "VMI", "Plug a network interface into a running VMI", hotplugctl_addinterface },
  { "addvolume", "VMI", "Plug a volume into a running VMI", hotplugctl_addvolume },
  { "budget", "[VMI]", "Show a VMI's PCI ports, and how many devices still fit", hotplugctl_budget },
  { "create", "datavolume NAME | -f FILE", "Make a data volume, or what a manifest describes", hotplugctl_create },
  { "delete", "datavolume|network NAME | -f FILE",
    "Delete a data volume and all that is on it, or a network attachment", hotplugctl_delete },
  { "eject", "VMI", "Take the medium out of a CD-ROM drive of a VMI", hotplugctl_eject },
  { "get", "vmi|datavolume|network [NAME]", "Show the VMIs, data volumes or network attachments of the host, or one",
    hotplugctl_get },
  { "insert", "VMI", "Put a medium into a CD-ROM drive of a VMI", hotplugctl_insert },
  { "migrate", "VMI", "Move a running VMI to another host while its guest runs", hotplugctl_migrate },
  { "removeinterface", "VMI", "Unplug a network interface from a running VMI", hotplugctl_removeinterface },
  { "removevolume", "VMI", "Unplug a volume from a running VMI", hotplugctl_removevolume },
  { "reserve", "VMI", "Add PCI ports to a VMI's template, for the next start", hotplugctl_reserve },
  { "restart", "VMI", "Stop a VMI and start it again, with its hotplugged volumes", hotplugctl_restart },
  { "set", "interface VMI", "Set the link of an interface of a VMI, or move it to another network", hotplugctl_set },
  { "start", "VMI", "Start a VMI, with its hotplugged volumes", hotplugctl_start },
  { "stop", "VMI", "Stop a VMI", hotplugctl_stop },
  { "topology", "[VMI]", "Draw a VMI's PCI buses, as text or as a picture", hotplugctl_topology },
  { "watch", "[VMI…]", "Plug volumes again into VMIs that others have started, until it is ended", hotplugctl_watch },
};

static const HotplugctlCommand *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_strcmp0 (commands[i].name, name) == 0)
        return &commands[i];
    }

  return NULL;
}

/* Levenshtein's: how many letters to add, drop or change to make @b of @a */
static guint
measure_distance (const char *a, const char *b)
{
  guint row[COLUMNS_MAX];
  gsize columns = MIN (strlen (b) + 1, COLUMNS_MAX);

  for (gsize j = 0; j < columns; j++)
    row[j] = (guint) j;

  for (gsize i = 1; a[i - 1] != '\0'; i++)
    {
      guint diagonal = row[0];
      row[0] = (guint) i;
      for (gsize j = 1; j < columns; j++)
        {
          guint changed = diagonal + (a[i - 1] != b[j - 1]);
          diagonal = row[j];
          row[j] = MIN (changed, MIN (row[j], row[j - 1]) + 1);
        }
    }

  return row[columns - 1];
}

static const HotplugctlCommand *
guess_command (const char *name)
{
  const HotplugctlCommand *best = NULL;
  gsize best_distance = strlen (name) / 2 + 1;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      gboolean begun = g_str_has_prefix (commands[i].name, name);
      guint distance = begun ? 0 : measure_distance (name, commands[i].name);
      if (distance < best_distance)
        {
          best = &commands[i];
          best_distance = distance;
        }
    }

  return best;
}

static void
set_unknown_command (const char *name, GError **error)
{
  const HotplugctlCommand *guess = guess_command (name);
  g_autofree char *hint = guess != NULL ? g_strdup_printf ("; did you mean \"%s\"?", guess->name) : g_strdup ("");
  g_set_error (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "unknown command \"%s\"%s", name, hint);
}

static char *
build_help (void)
{
  g_autoptr (GString) help = g_string_new ("Usage:\n  hotplugctl [-c URI] [-o table|json|yaml] COMMAND …\n\n");
  g_string_append (help, "Plug devices into the running machines of libvirt and QEMU.\n\nCommands:\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (help, "  %-16s %s\n", commands[i].name, commands[i].summary);

  g_string_append (help,
                   "\nOptions:\n"
                   "  -c, --connect=URI      The host, as a libvirt URI; default: $HOTPLUG_URI, then libvirt's own\n"
                   "  -o, --output=FORMAT    How to print: table, json or yaml\n"
                   "  -h, --help             Print this help, or that of a command: hotplugctl COMMAND --help\n"
                   "  --version              Print the version\n");
  return g_string_free (g_steal_pointer (&help), FALSE);
}

static gboolean
run_command (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  ctl->command = find_command (argv[0]);
  if (ctl->command != NULL)
    return ctl->command->run (ctl, argc, argv, error);

  if (g_strcmp0 (argv[0], "help") == 0)
    {
      char *help[] = { argv[1], (char *) "--help", NULL };
      if (argc > 1 && g_strcmp0 (argv[1], "help") != 0)
        return run_command (ctl, 2, help, error);

      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_HELP, "");
      return FALSE;
    }

  set_unknown_command (argv[0], error);
  return FALSE;
}

static gboolean
run (Hotplugctl *ctl, int argc, char **argv, GError **error)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    G_OPTION_ENTRY_NULL
  };

  if (!hotplugctl_parse_global (ctl, entries, &argc, &argv, error))
    return FALSE;

  if (version)
    {
      hotplugctl_print (ctl, "hotplugctl %s\n", hotplug_get_runtime_version ());
      return TRUE;
    }

  if (argc < 2)
    {
      g_set_error_literal (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_USAGE, "which command?");
      return FALSE;
    }

  return run_command (ctl, argc - 1, argv + 1, error);
}

/* As every filter: quiet and by the signal where nobody reads any more, and not without a word where a disk is full. */
static int
write_output (const char *text)
{
  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return EXIT_SUCCESS;

  int cause = errno;
  if (cause == EPIPE)
    {
      signal (SIGPIPE, SIG_DFL);
      raise (SIGPIPE);
    }
  fprintf (stderr, "hotplugctl: standard output: %s\n", g_strerror (cause));
  return EXIT_FAILURE;
}

/* A hypervisor's own words may be several lines. */
static char *
make_one_line (const char *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  g_auto (GStrv) lines = g_strsplit_set (g_strstrip (valid), "\r\n", -1);
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (*g_strstrip (lines[i]) != '\0')
        g_string_append_printf (line, "%s%s", line->len > 0 ? "; " : "", lines[i]);
    }

  return g_string_free (g_steal_pointer (&line), FALSE);
}

static int
report_error (Hotplugctl *ctl, const GError *error)
{
  if (g_error_matches (error, HOTPLUGCTL_ERROR, HOTPLUGCTL_ERROR_HELP))
    {
      g_autofree char *help = ctl->command == NULL ? build_help () : g_strdup (error->message);
      return write_output (help);
    }

  g_autofree char *line = make_one_line (error->message);
  if (error->domain == HOTPLUGCTL_ERROR || error->domain == G_OPTION_ERROR)
    {
      fprintf (stderr, "hotplugctl: %s (try \"hotplugctl%s%s --help\")\n", line, ctl->command != NULL ? " " : "",
               ctl->command != NULL ? ctl->command->name : "");
      return EXIT_USAGE;
    }

  fprintf (stderr, "hotplugctl: %s\n", line);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && interrupt_get_signal () != 0)
    return 128 + interrupt_get_signal ();
  return EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_set_prgname ("hotplugctl");
  g_log_writer_default_set_use_stderr (TRUE);
  signal (SIGPIPE, SIG_IGN);
  /* An embedded libvirt keeps a log, by default on standard error, where one line of ours is all that belongs. */
  g_setenv ("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);

  g_autoptr (Hotplugctl) ctl = hotplugctl_new ();
  g_autoptr (GError) error = NULL;
  interrupt_watch (ctl->cancellable);

  return run (ctl, argc, argv, &error) ? write_output (ctl->out->str) : report_error (ctl, error);
}
