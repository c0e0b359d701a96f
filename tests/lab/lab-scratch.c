/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <ftw.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "lab-private.h"

#define MEMORY_DIR "/dev/shm"
#define MEMORY_LEAST (1024 * 1024 * 1024ULL)

static GMutex lock;
static GPtrArray *dirs;
static pid_t owner;

/* reap reads the list when this process can't clean up after itself any more */
static void
tell_reap (const char *dir)
{
  const char *list = g_getenv ("LAB_SCRATCH");
  if (list == NULL)
    return;

  g_autofree char *line = g_strdup_printf ("%s\n", dir);
  int fd = open (list, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0 || write (fd, line, strlen (line)) < 0)
    g_error ("lab: %s: %s", list, g_strerror (errno));
  close (fd);
}

static char *
make_dir (const char *parent)
{
  char *dir = g_build_filename (parent, "lh-XXXXXX", NULL);
  if (g_mkdtemp_full (dir, 0755) == NULL)
    g_error ("lab: %s: %s", dir, g_strerror (errno));

  g_mutex_lock (&lock);
  if (dirs == NULL)
    {
      dirs = g_ptr_array_new_with_free_func (g_free);
      owner = getpid ();
      atexit (lab_cleanup);
    }
  g_ptr_array_add (dirs, g_strdup (dir));
  g_mutex_unlock (&lock);

  tell_reap (dir);
  return dir;
}

char *
lab_dir_new (void)
{
  return make_dir (g_get_tmp_dir ());
}

/* not in MEMORY_DIR: QEMU gets a /dev of its own, and libvirt can't carry a root below the old one into it */
char *
lab_root_new (void)
{
  return make_dir ("/tmp");
}

char *
lab_memory_dir_new (void)
{
  struct statvfs memory;
  gboolean room = statvfs (MEMORY_DIR, &memory) == 0
                  && (guint64) memory.f_bavail * memory.f_frsize >= MEMORY_LEAST
                  && access (MEMORY_DIR, W_OK) == 0;

  return make_dir (room ? MEMORY_DIR : "/tmp");
}

void
lab_cleanup (void)
{
  /* a forked child that exits must not tear down its parent's lab */
  if (dirs == NULL || owner != getpid ())
    return;

  lab_daemon_cleanup ();
  lab_embed_cleanup ();
  lab_target_cleanup ();
  lab_loop_cleanup ();

  g_mutex_lock (&lock);
  for (guint i = 0; i < dirs->len; i++)
    lab_remove_tree (dirs->pdata[i]);

  g_ptr_array_set_size (dirs, 0);
  g_mutex_unlock (&lock);
}

static int
remove_entry (const char *path, const struct stat *info G_GNUC_UNUSED, int type G_GNUC_UNUSED,
              struct FTW *where G_GNUC_UNUSED)
{
  remove (path);
  return 0;
}

void
lab_remove_tree (const char *dir)
{
  nftw (dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

void
lab_write_file (const char *dir, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (parent, 0755) < 0)
    g_error ("lab: %s: %s", parent, g_strerror (errno));
  if (!g_file_set_contents (path, content, -1, &error))
    g_error ("lab: %s", error->message);
}

static gboolean
is_qemu (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/exe", (int) pid);
  g_autofree char *exe = g_file_read_link (path, NULL);

  return exe != NULL && strstr (exe, "/qemu-") != NULL;
}

void
lab_machines_kill (const char *run_dir)
{
  g_autoptr (GDir) entries = g_dir_open (run_dir, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (run_dir, name, NULL);
      g_autofree char *text = NULL;
      if (!g_str_has_suffix (name, ".pid") || !g_file_get_contents (path, &text, NULL, NULL))
        continue;

      pid_t pid = (pid_t) g_ascii_strtoll (text, NULL, 10);
      /* the number may be another program's by now */
      if (pid > 1 && is_qemu (pid))
        kill (pid, SIGKILL);
    }
}
