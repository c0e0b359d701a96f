/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-qemu-img-private.h"

/* Of memory: twice what CDI lets it have (pkg/image/qemu.go), since its threads' stacks count too */
#define ADDRESS_SPACE (G_GUINT64_CONSTANT (2) << 30)

/* What qcow2 writes beside the data is less than this and a sixteenth of it */
#define OVERHEAD (G_GUINT64_CONSTANT (64) << 20)

#define WORDS_MAX 512

/* In the child, between fork and exec: only what is safe there */
static void
confine (gpointer data)
{
  const guint64 *file_size = data;
  const struct rlimit memory = { ADDRESS_SPACE, ADDRESS_SPACE };
  const struct rlimit file = { *file_size, *file_size };
  const struct rlimit core = { 0, 0 };

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  setrlimit (RLIMIT_AS, &memory);
  setrlimit (RLIMIT_FSIZE, &file);
  setrlimit (RLIMIT_CORE, &core);
}

/* "    (12.34/100%)", one after the other without a newline */
static void
tell_progress (const char *text, HotplugImageProgress progress, gpointer data)
{
  const char *open = strrchr (text, '(');

  if (progress != NULL && open != NULL && strstr (open, "/100%") != NULL)
    progress (g_ascii_strtod (open + 1, NULL), data);
}

static gboolean
follow (GSubprocess *process, HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  GInputStream *out = g_subprocess_get_stdout_pipe (process);
  char text[WORDS_MAX];
  gssize length = 0;

  while ((length = g_input_stream_read (out, text, sizeof text - 1, cancellable, error)) > 0)
    {
      text[length] = '\0';
      tell_progress (text, progress, data);
    }

  if (length < 0)
    g_subprocess_force_exit (process);
  return g_subprocess_wait (process, NULL, length < 0 ? NULL : error) && length == 0;
}

/* The last line of what it said, without its own name */
static char *
read_words (int fd)
{
  char text[WORDS_MAX] = { 0 };
  ssize_t length = pread (fd, text, sizeof text - 1, 0);

  if (length <= 0)
    return g_strdup ("no reason was given");

  g_autofree char *valid = g_utf8_make_valid (text, length);
  for (char *at = g_strstrip (valid); *at != '\0'; at++)
    {
      if (g_ascii_iscntrl (*at))
        *at = ' ';
    }
  return g_strdup (g_str_has_prefix (valid, "qemu-img: ") ? valid + strlen ("qemu-img: ") : valid);
}

static gboolean
check_exit (GSubprocess *process, const char *what, int words, GError **error)
{
  if (g_subprocess_get_successful (process))
    return TRUE;

  g_autofree char *said = read_words (words);
  gboolean locked = strstr (said, "Failed to get") != NULL && strstr (said, "lock") != NULL;
  if (g_subprocess_get_if_signaled (process))
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "%s: qemu-img was ended by signal %d", what,
                 g_subprocess_get_term_sig (process));
  else
    g_set_error (error, HOTPLUG_ERROR, locked ? HOTPLUG_ERROR_SOURCE_IN_USE : HOTPLUG_ERROR_FAILED, "%s: qemu-img: %s",
                 what, said);
  return FALSE;
}

static gboolean
set_spawn_error (const char *what, GError *cause, GError **error)
{
  gboolean missing = g_error_matches (cause, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);

  g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_FAILED, "%s: %s", what,
               missing ? "qemu-img is needed and not installed (Debian: qemu-utils)" : cause->message);
  g_error_free (cause);
  return FALSE;
}

gboolean
_hotplug_qemu_img_run (const char *const *arguments, const char *what, int from, int to, guint64 size,
                       HotplugImageProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  int words = memfd_create ("qemu-img", MFD_CLOEXEC);
  guint64 *file_size = g_new (guint64, 1);
  g_autoptr (GError) refused = NULL;

  /* Words of a language that is known, and one arena of memory instead of one a thread */
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C", TRUE);
  g_subprocess_launcher_setenv (launcher, "MALLOC_ARENA_MAX", "1", TRUE);
  g_subprocess_launcher_take_stderr_fd (launcher, fcntl (words, F_DUPFD_CLOEXEC, 0));
  if (from >= 0)
    g_subprocess_launcher_take_fd (launcher, fcntl (from, F_DUPFD_CLOEXEC, 0), HOTPLUG_QEMU_IMG_FROM_NUMBER);
  g_subprocess_launcher_take_fd (launcher, fcntl (to, F_DUPFD_CLOEXEC, 0), HOTPLUG_QEMU_IMG_TO_NUMBER);
  *file_size = size + size / 16 + OVERHEAD;
  g_subprocess_launcher_set_child_setup (launcher, confine, file_size, g_free);

  g_autoptr (GSubprocess) process = g_subprocess_launcher_spawnv (launcher, arguments, &refused);
  gboolean done = process != NULL
                      ? follow (process, progress, data, cancellable, error) && check_exit (process, what, words, error)
                      : set_spawn_error (what, g_steal_pointer (&refused), error);
  close (words);
  return done;
}
