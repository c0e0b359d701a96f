/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "host/hotplug-machine-lock-private.h"

#define RUNTIME_SUBDIRECTORY "libhotplug"

/* How long a waiter sleeps between two tries; it looks at its cancellable after each. Microseconds. */
#define WAIT_FIRST 200
#define WAIT_MAX 4000

/* Where what a holder left ends: without it it was killed while it wrote; what is behind it is older */
#define END_MARK "\n.\n"

/* Bytes that the kernel takes as a whole, also from who is killed meanwhile: a page */
#define WHOLE_WRITE 4096

struct _HotplugMachineLock
{
  int fd;
};

char *
_hotplug_runtime_directory (void)
{
  const char *named = g_getenv ("HOTPLUG_RUNTIME_DIR");

  if (named != NULL && g_path_is_absolute (named))
    return g_strdup (named);
  if (geteuid () == 0)
    return g_build_filename (RUNSTATEDIR, RUNTIME_SUBDIRECTORY, NULL);
  return g_build_filename (g_get_user_runtime_dir (), RUNTIME_SUBDIRECTORY, NULL);
}

/* The boot too: what was begun before it has no living client */
char *
_hotplug_runtime_client (void)
{
  g_autofree char *boot = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL))
    return g_strdup (g_get_host_name ());
  return g_strconcat (g_get_host_name (), " ", g_strstrip (boot), NULL);
}

static gboolean
set_errno (GError **error, const char *path, int code)
{
  g_set_error (error, HOTPLUG_ERROR, code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION : HOTPLUG_ERROR_FAILED,
               "lock file %s: %s", path, g_strerror (code));
  return FALSE;
}

static char *
read_text (int fd)
{
  struct stat st;

  if (fstat (fd, &st) != 0 || st.st_size == 0)
    return NULL;

  gsize length = (gsize) st.st_size;
  g_autofree char *text = g_malloc0 (length + 1);
  char *end = pread (fd, text, length, 0) == (ssize_t) length ? strstr (text, END_MARK) : NULL;
  if (end == NULL)
    return NULL;

  *end = '\0';
  return g_steal_pointer (&text);
}

/* Whether to wait for who has it now */
static gboolean
ask (int fd, HotplugMachineLockWait wait, gpointer data, GError **error)
{
  g_autofree char *text = wait != NULL ? read_text (fd) : NULL;

  return wait == NULL || wait (text, data, error);
}

static gboolean
wait_for_flock (int fd, const char *path, HotplugMachineLockWait wait, gpointer data, GCancellable *cancellable,
                GError **error)
{
  gulong sleep = WAIT_FIRST;

  while (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return set_errno (error, path, errno);
      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !ask (fd, wait, data, error))
        return FALSE;
      g_usleep (sleep);
      sleep = MIN (sleep * 2, WAIT_MAX);
    }
  return TRUE;
}

static char *
file_of (const char *directory, const char *uuid)
{
  return g_strconcat (directory, "/", uuid, NULL);
}

/* Each holder has an open file of its own, so flock() is between threads as it is between processes. The file is never
 * removed: a waiter might hold the old one. */
HotplugMachineLock *
_hotplug_machine_lock_take_or_leave (const char *directory, const char *uuid, HotplugMachineLockWait wait,
                                     gpointer data, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = file_of (directory, uuid);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0 && errno == ENOENT)
    {
      if (g_mkdir_with_parents (directory, 0700) != 0)
        {
          set_errno (error, directory, errno);
          return NULL;
        }
      fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    }

  if (fd < 0)
    {
      set_errno (error, path, errno);
      return NULL;
    }

  if (!wait_for_flock (fd, path, wait, data, cancellable, error))
    {
      g_close (fd, NULL);
      return NULL;
    }

  HotplugMachineLock *self = g_new0 (HotplugMachineLock, 1);
  self->fd = fd;
  return self;
}

HotplugMachineLock *
_hotplug_machine_lock_take (const char *directory, const char *uuid, GCancellable *cancellable, GError **error)
{
  return _hotplug_machine_lock_take_or_leave (directory, uuid, NULL, NULL, cancellable, error);
}

gboolean
_hotplug_machine_lock_is_held (const char *directory, const char *uuid)
{
  g_autofree char *path = file_of (directory, uuid);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return FALSE;

  /* shared: who asks at the same moment is no holder */
  gboolean held = flock (fd, LOCK_SH | LOCK_NB) != 0;
  g_close (fd, NULL);
  return held;
}

void
_hotplug_machine_lock_give (HotplugMachineLock *self)
{
  g_close (self->fd, NULL);
  g_free (self);
}

char *
_hotplug_machine_lock_read (HotplugMachineLock *self)
{
  return read_text (self->fd);
}

char *
_hotplug_machine_lock_peek (const char *directory, const char *uuid)
{
  g_autofree char *path = file_of (directory, uuid);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return NULL;

  char *text = read_text (fd);
  g_close (fd, NULL);
  return text;
}

gboolean
_hotplug_machine_lock_write (HotplugMachineLock *self, const char *text, GError **error)
{
  g_autofree char *marked = text != NULL ? g_strconcat (text, END_MARK, NULL) : NULL;
  gsize length = marked != NULL ? strlen (marked) : 0;

  /* what was there stands until the new text does; a mixture of both would be worse than nothing */
  if ((length <= WHOLE_WRITE || ftruncate (self->fd, 0) == 0)
      && (length == 0 || pwrite (self->fd, marked, length, 0) == (ssize_t) length)
      && ftruncate (self->fd, (off_t) length) == 0)
    return TRUE;

  return set_errno (error, "of the VMI", errno);
}
