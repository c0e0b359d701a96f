/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/pair.h"

/* hotplugctl migrate, and create -f of a migration, between two hosts */

#define JOB_PATIENCE (30 * G_TIME_SPAN_SECOND)
#define MANIFEST                                                                                                       \
  "apiVersion: kubevirt.io/v1\nkind: VirtualMachineInstanceMigration\nmetadata:\n  name: migration-job\n%s%s%s"        \
  "spec:\n  vmiName: " PAIR_MACHINE "\n"

static Pair *pair;
static const char *hotplugctl;

/* What a run of it has said */
typedef struct
{
  int status;
  char *out;
  char *err;
} Said;

static void
clear_said (Said *self)
{
  g_free (self->out);
  g_free (self->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Said, clear_said)

static const char *
uri_of (guint host)
{
  return lab_daemon_uri (pair->daemons[host]);
}

static const char *
there (void)
{
  return uri_of (1 - pair->at);
}

/* On the host that the machine is on; @words: NULL-terminated */
static GSubprocess *
spawn (GSubprocessLauncher *launcher, const char *const *words)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;

  g_strv_builder_add_many (builder, hotplugctl, "-c", uri_of (pair->at), NULL);
  g_strv_builder_addv (builder, (const char **)words);
  g_auto (GStrv) argv = g_strv_builder_end (builder);
  GSubprocess *process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, &error);
  g_assert_no_error (error);
  return process;
}

static void
hear (GSubprocess *process, const char *input, Said *said)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, input, NULL, &said->out, &said->err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  said->status = g_subprocess_get_exit_status (process);
  g_test_message ("exit %d: %s%s", said->status, said->out, said->err != NULL ? said->err : "");
}

static void
run (const char *const *words, const char *input, Said *said)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = spawn (launcher, words);

  hear (process, input, said);
}

static void
assert_said (const char *said, const char *pattern)
{
  if (!g_regex_match_simple (pattern, said, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT))
    g_error ("\"%s\" is not like %s", said, pattern);
}

static void
assert_refused (const Said *said, int status, const char *pattern)
{
  g_assert_cmpint (said->status, ==, status);
  g_assert_cmpstr (said->out, ==, "");
  assert_said (said->err, pattern);
  pair_assert_place (pair);
}

/* It has gone to the other host */
static void
assert_moved (const Said *said)
{
  guint from = pair->at;

  g_assert_cmpint (said->status, ==, 0);
  pair_find (pair);
  g_assert_cmpuint (pair->at, ==, 1 - from);
  pair_assert_place (pair);
}

static void
test_refused (void)
{
  g_autofree char *manifest = g_strdup_printf (MANIFEST, "", "", "");
  g_auto (Said) unreachable = { 0 };
  g_auto (Said) unsaid = { 0 };
  g_auto (Said) unknown = { 0 };

  run ((const char *[]){ "migrate", PAIR_MACHINE, "--to=qemu+unix:///system?socket=/nowhere", NULL }, NULL,
       &unreachable);
  assert_refused (&unreachable, 1, "^hotplugctl: .*/nowhere");
  run ((const char *[]){ "create", "-f", "-", NULL }, manifest, &unsaid);
  assert_refused (&unsaid, 1,
                  "^hotplugctl: standard input: line 1: where VMI \"" PAIR_MACHINE
                  "\" shall go is not said: by --to=URI, or "
                  "by the annotation libhotplug/destination ");
  run ((const char *[]){ "migrate", "nobody", "--to", there (), NULL }, NULL, &unknown);
  assert_refused (&unknown, 1, "^hotplugctl: .*\"nobody\"");
}

static void
await_job (GSubprocess *process)
{
  g_autoptr (LabDomain) domain = lab_lookup (pair->connects[pair->at], PAIR_MACHINE);
  gint64 until = g_get_monotonic_time () + JOB_PATIENCE;
  virDomainJobInfo job;

  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, until);
      g_assert_nonnull (g_subprocess_get_identifier (process));
      g_usleep (10 * G_TIME_SPAN_MILLISECOND);
      g_assert_cmpint (virDomainGetJobInfo (domain, &job), ==, 0);
    }
  while (job.type != VIR_DOMAIN_JOB_UNBOUNDED || job.memProcessed == 0);
}

static void
test_interrupted (void)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process
      = spawn (launcher, (const char *[]){ "migrate", PAIR_MACHINE, "--to", there (), "--bandwidth=1Mi", NULL });
  g_auto (Said) interrupted = { 0 };
  g_auto (Said) late = { 0 };

  await_job (process);
  g_subprocess_send_signal (process, SIGINT);
  hear (process, NULL, &interrupted);
  assert_refused (&interrupted, 128 + SIGINT, "^hotplugctl: vmi \"" PAIR_MACHINE "\" stays on qemu.*cancelled\n$");

  run ((const char *[]){ "migrate", PAIR_MACHINE, "--to", there (), "--bandwidth=1Mi", "--timeout=1", NULL }, NULL,
       &late);
  assert_refused (&late, 1, "^hotplugctl: vmi \"" PAIR_MACHINE "\" was not migrated in time");
}

/* All that a terminal was given, whose other end nobody has any more */
static char *
read_terminal (int terminal)
{
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[1024];
  ssize_t n;

  while ((n = read (terminal, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  close (terminal);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_terminal (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_auto (Said) said = { 0 };
  int terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);

  g_assert_cmpint (terminal, >=, 0);
  g_assert_cmpint (grantpt (terminal) + unlockpt (terminal), ==, 0);
  g_subprocess_launcher_take_stderr_fd (launcher, open (ptsname (terminal), O_RDWR | O_NOCTTY | O_CLOEXEC));
  g_autoptr (GSubprocess) process
      = spawn (launcher, (const char *[]){ "migrate", PAIR_MACHINE, "--to", there (), "--bandwidth=32Mi", NULL });
  g_clear_object (&launcher);
  hear (process, NULL, &said);
  assert_moved (&said);
  assert_said (said.out, "^VMI \"" PAIR_MACHINE "\" migrated to qemu[^ ]+ in [0-9]+\\.[0-9] s, downtime [0-9]+ ms\n$");

  g_autofree char *bar = read_terminal (terminal);
  assert_said (bar, "\r" PAIR_MACHINE " \\[#*-+\\] +[0-9.]+% [0-9.]+[KMG]?i? of [0-9.]+[MG]i, [0-9.]+ s");
  g_assert_true (g_str_has_suffix (bar, "\r\033[K"));
}

/* The command line's destination counts, and not that of the annotation. */
static void
test_manifest (void)
{
  g_autofree char *elsewhere = g_strdup_printf (MANIFEST, "  annotations: {libhotplug/destination: '",
                                                "qemu+tcp://nowhere.invalid/system", "'}\n");
  g_autoptr (GError) error = NULL;
  g_auto (Said) said = { 0 };

  run ((const char *[]){ "-o", "yaml", "create", "-f", "-", "--to", there (), NULL }, elsewhere, &said);
  assert_moved (&said);
  assert_said (said.out, "\n  name: \"?migration-job\"?\n");
  assert_said (said.out, "\n  phase: \"?Succeeded\"?\n");
  assert_said (said.out, "\n    completed: true\n");
  assert_said (said.out, "\n    endTimestamp: \"?20[0-9-]+T[0-9:]+Z\"?\n");
  assert_said (said.out, "\n    downtimeMilliseconds: [1-9][0-9]*\n");

  /* what was printed takes it back, to whatever host is said: a socket's path is not for a manifest to say */
  g_assert_null (strstr (said.out, "libhotplug/destination"));
  g_auto (Said) again = { 0 };
  run ((const char *[]){ "create", "-f", "-", "--to", there (), NULL }, said.out, &again);
  assert_moved (&again);
  assert_said (again.out, "^VMI \"" PAIR_MACHINE "\" migrated to ");
}

int
main (int argc, char **argv)
{
  static const PairRow rows[] = {
    { "/migration-ctl/refused", test_refused },
    { "/migration-ctl/interrupted", test_interrupted },
    { "/migration-ctl/terminal", test_terminal },
    { "/migration-ctl/manifest", test_manifest },
  };

  hotplugctl = g_getenv ("HOTPLUGCTL") != NULL ? g_getenv ("HOTPLUGCTL") : "tools/hotplugctl";
  return pair_main (argc, argv, &pair, rows, G_N_ELEMENTS (rows));
}
