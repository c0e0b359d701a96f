/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "oracle.h"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The PCI budget against the truth. Machines of random shape are foretold, defined, started paused and filled; what
 * libvirt and QEMU do is right. A process has one embedded root for ever, so that each worker is a process. The
 * output is TAP, a point for each machine. */

#define IMAGE_SIZE (64 * 1024)
#define WORKERS_MOST 8
#define LINES_MOST 20
#define MESSAGE_MOST (128 * 1024)

static int machines = 200;
static int seed = 1;
static int only = -1;
static int first = 0;
static int workers = 2;
static gboolean keep_going = FALSE;
static gboolean template_only = FALSE;
static gboolean talk = FALSE;
static gboolean whole = FALSE;

static const GOptionEntry entries[] = {
  { "machines", 0, 0, G_OPTION_ARG_INT, &machines, "How many; default: 200", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of which series; default: 1", "S" },
  { "first", 0, 0, G_OPTION_ARG_INT, &first, "Where in the series to begin; default: 0", "K" },
  { "only", 0, 0, G_OPTION_ARG_INT, &only, "That one alone", "K" },
  { "workers", 0, 0, G_OPTION_ARG_INT, &workers, "How many processes; default: 2", "N" },
  { "keep-going", 0, 0, G_OPTION_ARG_NONE, &keep_going, "Don't stop at the first mismatch", NULL },
  { "template", 0, 0, G_OPTION_ARG_NONE, &template_only, "Start no machine", NULL },
  { "whole", 0, 0, G_OPTION_ARG_NONE, &whole, "Don't make the XML of a mismatch smaller", NULL },
  { "talk", 0, 0, G_OPTION_ARG_NONE, &talk, "Tell of refused definitions too, and print the XML of --only", NULL },
  G_OPTION_ENTRY_NULL
};

/* What a worker sends of a machine, before the text */
typedef struct
{
  guint number;
  gboolean passed, skipped, refused, started, filled;
  guint plugged, recorded;
} Verdict;

typedef struct
{
  guint points, failed, skipped, refused, started, filled, plugged, recorded;
} Totals;

static void
say (int socket, const Verdict *verdict, const char *text)
{
  char message[sizeof *verdict + MESSAGE_MOST];
  gsize length = MIN (strlen (text), MESSAGE_MOST - 1);

  memcpy (message, verdict, sizeof *verdict);
  memcpy (message + sizeof *verdict, text, length);
  if (send (socket, message, sizeof *verdict + length, 0) < 0)
    g_error ("a worker can't answer: %s", g_strerror (errno));
}

static void
add_commented (GString *text, const char *lines, guint most)
{
  g_auto (GStrv) split = g_strsplit (lines, "\n", -1);
  guint length = g_strv_length (split);

  for (guint i = 0; i < MIN (length, most); i++)
    {
      if (*split[i] != '\0')
        g_string_append_printf (text, "# %s\n", split[i]);
    }
  if (length > most)
    g_string_append_printf (text, "# … and %u lines more\n", length - most);
}

static void
add_mismatch (GString *text, const OracleLab *lab, const OracleMachine *machine, const OracleAnswer *answer)
{
  g_autoptr (OracleMachine) smallest = whole ? oracle_machine_copy (machine)
                                             : oracle_shrink (lab, machine, answer->fault);
  g_auto (OracleAnswer) again = { .text = g_string_new (NULL), .remarks = g_string_new (NULL) };
  g_autofree char *xml = oracle_machine_xml (smallest);

  g_string_append_printf (text, "# repeat it with --seed=%d --only=%u\n", seed, machine->number);
  add_commented (text, answer->text->str, LINES_MOST);
  if (whole)
    return;
  oracle_examine (lab, smallest, answer->fault == ORACLE_LIVE, &again);
  g_string_append (text, "# the smallest machine that shows it:\n");
  add_commented (text, xml, G_MAXUINT);
  g_string_append (text, "# and what is wrong there:\n");
  add_commented (text, again.text->str, LINES_MOST);
}

static gboolean
examine (const OracleLab *lab, guint number, int socket)
{
  g_autoptr (OracleMachine) machine = oracle_machine_new ((guint)seed, number);
  g_autofree char *description = oracle_machine_describe (machine);
  g_autoptr (GString) text = g_string_new (description);
  g_autofree char *emulator = g_find_program_in_path (machine->board->emulator);
  Verdict verdict = { .number = number, .passed = TRUE };

  if (emulator == NULL)
    {
      verdict.skipped = TRUE;
      g_string_append_printf (text, " # SKIP there is no %s\n", machine->board->emulator);
      say (socket, &verdict, text->str);
      return TRUE;
    }

  g_auto (OracleAnswer) answer = { .text = g_string_new (NULL), .remarks = g_string_new (NULL) };
  g_autofree char *xml = oracle_machine_xml (machine);
  oracle_examine (lab, machine, !template_only, &answer);
  verdict.passed = answer.fault == ORACLE_OK;
  verdict.refused = answer.refused;
  verdict.started = answer.started;
  verdict.filled = answer.filled;
  verdict.plugged = answer.plugged;
  verdict.recorded = answer.recorded;
  if (answer.started)
    g_string_append_printf (text, ", %u plugged%s", answer.plugged, answer.filled ? "" : " and room for more");
  else if (answer.refused)
    g_string_append (text, ", refused");
  g_string_append_c (text, '\n');
  if (talk)
    add_commented (text, answer.remarks->str, LINES_MOST);
  if (talk && only >= 0)
    add_commented (text, xml, G_MAXUINT);
  if (!verdict.passed)
    add_mismatch (text, lab, machine, &answer);

  say (socket, &verdict, text->str);
  return verdict.passed || keep_going;
}

G_NORETURN static void
work (guint worker, int socket)
{
  /* what taints a machine is not of interest */
  g_setenv ("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", FALSE);
  lab_run_event_loop ();
  g_autofree char *image = lab_image_new (lab_embed_root (), "image", IMAGE_SIZE);
  g_autoptr (LabConnect) connect = lab_connect (lab_embed_uri ());
  g_autoptr (GError) error = NULL;
  g_autoptr (HotplugHost) host = hotplug_host_open (lab_embed_uri (), NULL, &error);
  g_assert_no_error (error);
  const OracleLab lab = { connect, host };
  guint end = (guint)(only >= 0 ? only + 1 : first + machines);

  for (guint i = (guint)(only >= 0 ? only : first) + worker; i < end; i += (guint)workers)
    {
      if (!examine (&lab, i, socket))
        break;
    }

  lab_cleanup ();
  _exit (EXIT_SUCCESS);
}

static void
count (Totals *totals, const Verdict *verdict, const char *text)
{
  totals->points++;
  totals->failed += !verdict->passed;
  totals->skipped += verdict->skipped;
  totals->refused += verdict->refused;
  totals->started += verdict->started;
  totals->filled += verdict->filled;
  totals->plugged += verdict->plugged;
  totals->recorded += verdict->recorded;
  printf ("%s %u - %s", verdict->passed ? "ok" : "not ok", totals->points, text);
}

static void
listen_to (int socket, Totals *totals)
{
  static char message[sizeof (Verdict) + MESSAGE_MOST + 1];
  ssize_t length;

  while ((length = recv (socket, message, sizeof message - 1, 0)) > 0 || (length < 0 && errno == EINTR))
    {
      if (length < (ssize_t)sizeof (Verdict))
        continue;
      Verdict verdict;
      memcpy (&verdict, message, sizeof verdict);
      message[length] = '\0';
      count (totals, &verdict, message + sizeof verdict);
      fflush (stdout);
    }
}

/* A worker that died says nothing itself */
static void
wait_for_workers (Totals *totals)
{
  int status;

  while (wait (&status) > 0 || errno == EINTR)
    {
      if (WIFEXITED (status) && WEXITSTATUS (status) == EXIT_SUCCESS)
        continue;
      totals->failed++;
      printf ("not ok %u - a worker ended with status 0x%x\n", ++totals->points, (guint)status);
    }
}

static void
read_arguments (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext)
      context = g_option_context_new ("- PCI budgets of random machines against libvirt and QEMU");

  const char *wanted = g_getenv ("HOTPLUG_TEST_MACHINES");

  if (wanted != NULL)
    machines = (int) g_ascii_strtoll (wanted, NULL, 10);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "oracle: %s\n", error->message);
      exit (2);
    }
  if (argc > 1 || machines < 1 || first < 0 || workers < 1 || workers > WORKERS_MOST)
    {
      fprintf (stderr, "oracle: 1 to %d workers, at least 1 machine, and nothing but options\n", WORKERS_MOST);
      exit (2);
    }
  if (only >= 0)
    workers = 1;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  read_arguments (argc, argv);

  const char *missing = lab_missing_qemu ();
  if (missing != NULL)
    {
      lab_skip (missing);
      return EXIT_SUCCESS;
    }

  int sockets[2];
  Totals totals = { 0 };
  gint64 begin = g_get_monotonic_time ();
  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
    g_error ("socketpair: %s", g_strerror (errno));
  for (guint i = 0; i < (guint)workers; i++)
    {
      pid_t pid = fork ();
      if (pid < 0)
        g_error ("fork: %s", g_strerror (errno));
      if (pid == 0)
        {
          close (sockets[0]);
          work (i, sockets[1]);
        }
    }

  close (sockets[1]);
  listen_to (sockets[0], &totals);
  wait_for_workers (&totals);
  printf ("1..%u\n", totals.points);
  printf ("# seed %d: %u machines, %u mismatches, %u skipped, %u refused by libvirt, %u started, %u filled, %u devices "
          "plugged, %u recorded, %.0f s\n",
          seed, totals.points, totals.failed, totals.skipped, totals.refused, totals.started, totals.filled,
          totals.plugged, totals.recorded, (double)(g_get_monotonic_time () - begin) / G_USEC_PER_SEC);
  return totals.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
