/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lab-private.h"

#define TGTD "tgtd"
#define TGTADM "tgtadm"
/* Part of the socket's name only: it is in a directory of our own */
#define CONTROL "1"
#define NAME "iqn.2026-01.org.libhotplug.lab:target"
#define START_SECONDS 10
#define POLL_USEC (20 * 1000)
#define UNKNOWN "Unknown driver"

struct _LabTarget
{
  char *dir;
  guint port;
  GSubprocess *tgtd;
};

static GPtrArray *targets;

const char *
lab_missing_target (void)
{
  g_autofree char *tgtd = g_find_program_in_path (TGTD);
  g_autofree char *tgtadm = g_find_program_in_path (TGTADM);
  g_autofree char *said = NULL;

  if (geteuid () != 0)
    return "a SCSI target of one's own needs root";
  if (tgtd == NULL || tgtadm == NULL)
    return "there is no " TGTD " (package tgt)";
  /* the driver is a module in a package of its own */
  if (g_spawn_command_line_sync ("qemu-img info --image-opts driver=iscsi", NULL, &said, NULL, NULL)
      && strstr (said, UNKNOWN) == NULL)
    return NULL;
  return "QEMU has no iSCSI here (package qemu-block-extra)";
}

gboolean
lab_skip_without_target (void)
{
  const char *missing = lab_missing_target ();

  if (missing != NULL)
    g_test_skip (missing);
  return missing != NULL;
}

static GSubprocess *
spawn (LabTarget *target, GSubprocessFlags flags, const char *const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autofree char *socket = g_build_filename (target->dir, "control", NULL);
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "TGT_IPC_SOCKET", socket, TRUE);
  if (!(flags & G_SUBPROCESS_FLAGS_STDOUT_PIPE))
    {
      g_autofree char *log = g_build_filename (target->dir, "tgtd.out", NULL);
      g_subprocess_launcher_set_stdout_file_path (launcher, log);
    }
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (process == NULL)
    g_error ("lab: %s: %s", argv[0], error->message);
  return process;
}

/* What tgtadm says when all is well: nothing. NULL: then. */
static char *
ask (LabTarget *target, const char *request)
{
  g_autofree char *line = g_strdup_printf (TGTADM " -C " CONTROL " --lld iscsi %s", request);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GSubprocess) process = spawn (target, G_SUBPROCESS_FLAGS_STDOUT_PIPE, (const char *const *)argv);
  g_autoptr (GError) error = NULL;
  char *said = NULL;

  if (!g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, &error))
    g_error ("lab: %s: %s", line, error->message);
  if (!g_subprocess_get_successful (process))
    return said;
  g_free (said);
  return NULL;
}

static void
must (LabTarget *target, const char *request)
{
  g_autofree char *refusal = ask (target, request);

  if (refusal != NULL)
    g_error ("lab: " TGTADM " %s: %s", request, refusal);
}

/* In the foreground, so that it is a child of ours, and of reap's when we are gone */
static void
start (LabTarget *target)
{
  g_autofree char *portal = g_strdup_printf ("portal=127.0.0.1:%u", target->port);
  const char *const argv[] = { TGTD, "-f", "-C", CONTROL, "-t", "1", "--iscsi", portal, NULL };
  gint64 deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;

  target->tgtd = spawn (target, G_SUBPROCESS_FLAGS_NONE, argv);
  while (TRUE)
    {
      g_autofree char *refusal = ask (target, "--mode target --op new --tid 1 --targetname " NAME);
      if (refusal == NULL)
        break;
      if (g_subprocess_get_identifier (target->tgtd) == NULL || g_get_monotonic_time () >= deadline)
        g_error ("lab: " TGTD ": %s", refusal);
      g_usleep (POLL_USEC);
    }
  must (target, "--mode target --op bind --tid 1 --initiator-address 127.0.0.1");
}

LabTarget *
lab_target_new (void)
{
  LabTarget *target = g_new0 (LabTarget, 1);

  target->dir = lab_root_new ();
  target->port = lab_free_port ();
  if (targets == NULL)
    targets = g_ptr_array_new ();
  g_ptr_array_add (targets, target);
  start (target);
  return target;
}

char *
lab_target_add (LabTarget *target, guint lun, const char *image)
{
  g_autofree char *request = g_strdup_printf ("--mode logicalunit --op new --tid 1 --lun %u --backing-store %s", lun,
                                              image);

  must (target, request);
  return g_strdup_printf ("iscsi://127.0.0.1:%u/" NAME "/%u", target->port, lun);
}

void
lab_target_free (LabTarget *target)
{
  g_ptr_array_remove (targets, target);
  if (target->tgtd != NULL)
    {
      /* its own end waits for its initiators */
      g_subprocess_force_exit (target->tgtd);
      g_subprocess_wait (target->tgtd, NULL, NULL);
    }
  g_clear_object (&target->tgtd);
  lab_remove_tree (target->dir);
  g_free (target->dir);
  g_free (target);
}

void
lab_target_cleanup (void)
{
  while (targets != NULL && targets->len > 0)
    lab_target_free (targets->pdata[0]);
}
