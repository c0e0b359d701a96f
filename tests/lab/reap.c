/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * reap COMMAND…: runs a test program and leaves nothing of it behind.
 *
 * Daemons that the test started have no parent left: they become ours. A dead QEMU is then reaped at once (libvirt
 * waits for that, and where the init process is slow it waits for seconds), and what is alive when the test has ended
 * is killed. Directories that the test noted in the file $LAB_SCRATCH are removed, with the mounts and loop devices
 * below them. KVM is hidden from all that runs below.
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/loop.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRATCH "LAB_SCRATCH"
/* All directories of the lab are named so; nothing else is ever removed. */
#define LAB_DIR "/lh-"
#define SIGNALLED 128
#define KVM "/dev/kvm"

static volatile sig_atomic_t command = -1;
static volatile sig_atomic_t asked;

/* The second time the test gets no say in it. */
static void
forward (int number)
{
  if (command > 0)
    kill (command, asked++ == 0 ? number : SIGKILL);
}

static int
status_of (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : SIGNALLED + WTERMSIG (status);
}

static int
wait_for_command (void)
{
  while (true)
    {
      int status;
      pid_t pid = wait (&status);
      if (pid == command)
        return status_of (status);
      if (pid < 0 && errno != EINTR)
        return EXIT_FAILURE;
    }
}

static pid_t
parent_of (const char *pid)
{
  char path[64], line[512];
  snprintf (path, sizeof path, "/proc/%.16s/stat", pid);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return -1;

  /* the name in parentheses may hold anything, parentheses too */
  char *end = fgets (line, sizeof line, file) != NULL ? strrchr (line, ')') : NULL;
  int parent = -1;
  if (end != NULL)
    sscanf (end, ") %*c %d", &parent);
  fclose (file);
  return parent;
}

static void
kill_children (void)
{
  DIR *processes = opendir ("/proc");
  struct dirent *entry;

  while (processes != NULL && (entry = readdir (processes)) != NULL)
    {
      if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && parent_of (entry->d_name) == getpid ())
        kill (atoi (entry->d_name), SIGKILL);
    }
  if (processes != NULL)
    closedir (processes);
}

/* The children of a killed process become ours in turn, until there is none. */
static void
kill_descendants (void)
{
  while (true)
    {
      kill_children ();
      if (wait (NULL) < 0 && errno == ECHILD)
        return;
    }
}

static bool
is_below (const char *path, const char *dir)
{
  size_t length = strlen (dir);

  return strncmp (path, dir, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The last mount first: it may lie on an earlier one. */
static void
unmount_below (const char *dir)
{
  char line[8192], point[4096], last[4096];
  bool found = true;

  while (found)
    {
      FILE *mounts = fopen ("/proc/self/mountinfo", "re");
      found = false;
      while (mounts != NULL && fgets (line, sizeof line, mounts) != NULL)
        {
          if (sscanf (line, "%*d %*d %*s %*s %4095s", point) != 1 || !is_below (point, dir))
            continue;
          strcpy (last, point);
          found = true;
        }
      if (mounts != NULL)
        fclose (mounts);
      if (found && umount2 (last, MNT_DETACH) < 0)
        return;
    }
}

static void
detach_loop (const char *name, const char *dir)
{
  char path[300], backing[4096];
  snprintf (path, sizeof path, "/sys/block/%.255s/loop/backing_file", name);
  FILE *file = fopen (path, "re");
  if (file == NULL)
    return;

  char *line = fgets (backing, sizeof backing, file);
  fclose (file);
  if (line == NULL || !is_below (backing, dir))
    return;

  snprintf (path, sizeof path, "/dev/%.255s", name);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  ioctl (fd, LOOP_CLR_FD);
  close (fd);
}

static void
detach_loops_below (const char *dir)
{
  DIR *blocks = opendir ("/sys/block");
  struct dirent *entry;

  while (blocks != NULL && (entry = readdir (blocks)) != NULL)
    {
      if (strncmp (entry->d_name, "loop", 4) == 0)
        detach_loop (entry->d_name, dir);
    }
  if (blocks != NULL)
    closedir (blocks);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *where)
{
  (void) info;
  (void) type;
  (void) where;
  remove (path);
  return 0;
}

static void
clean_up (const char *list)
{
  char dir[4096];
  FILE *file = fopen (list, "re");

  while (file != NULL && fgets (dir, sizeof dir, file) != NULL)
    {
      dir[strcspn (dir, "\n")] = '\0';
      if (dir[0] != '/' || strstr (dir, LAB_DIR) == NULL || strstr (dir, "/..") != NULL)
        continue;
      unmount_below (dir);
      detach_loops_below (dir);
      nftw (dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    }
  if (file != NULL)
    fclose (file);
  unlink (list);
}

/*
 * The guests of the lab are emulated, and KVM only costs time: what libvirt knows of QEMU has the number of a
 * processor's APIC in it, and with a usable KVM it asks QEMU anew (0.6 s) whenever it runs on another processor than
 * the last time (libvirt 9.0, "host cpuid changed"). What nobody can write is not usable.
 */
static void
hide_kvm (const char *file)
{
  if (access (KVM, F_OK) < 0 || unshare (CLONE_NEWNS) < 0
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
      || mount (file, KVM, NULL, MS_BIND, NULL) < 0)
    return;
  if (mount (NULL, KVM, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
    umount (KVM);
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    {
      fprintf (stderr, "usage: reap COMMAND...\n");
      return 2;
    }

  char list[] = "/tmp/lh-scratch-XXXXXX";
  int fd = mkstemp (list);
  if (fd < 0 || prctl (PR_SET_CHILD_SUBREAPER, 1) < 0)
    {
      perror ("reap");
      return EXIT_FAILURE;
    }
  close (fd);
  setenv (SCRATCH, list, 1);
  hide_kvm (list);

  struct sigaction action = { .sa_handler = forward };
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGHUP, &action, NULL);

  command = fork ();
  if (command == 0)
    {
      execvp (argv[1], argv + 1);
      perror (argv[1]);
      _exit (127);
    }

  int status = command > 0 ? wait_for_command () : EXIT_FAILURE;
  kill_descendants ();
  clean_up (list);
  return status;
}
