/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "base/hotplug-lock-private.h"
#include "host/hotplug-machine-lock-private.h"

#define RUNTIME_SUBDIRECTORY "libhotplug"

/* How long a waiter sleeps between two tries; it looks at its cancellable after each. Microseconds. */
#define WAIT_FIRST 200
#define WAIT_MAX 4000

/* The file begins with where the text stands, how long it is and what its sum is. A new text is written beside the one
 * that counts, and then the head is, which the kernel takes as a whole, also from who is killed meanwhile: at every
 * moment the one text counts or the other. Who peeks without the lock tells by the sum that it was written over. */
#define HEAD_SIZE 4096
#define HEAD_FORMAT "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %s\n"
#define PEEKS_MAX 100

/* What a text may be long: far more than all devices of a machine */
#define TEXT_MAX ((guint64) 64 * 1024 * 1024)

typedef struct
{
  guint64 offset;
  guint64 length;
  char sum[65];
} Head;

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

/* A name is somebody else's word: what is no file's name here goes by its sum. */
char *
_hotplug_runtime_directory_of (const char *directory, const char *host)
{
  g_autofree char *name = g_uri_escape_string (host, ":", FALSE);

  if (*name != '\0' && *name != '.' && strlen (name) <= NAME_MAX)
    return g_build_filename (directory, name, NULL);

  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, host, -1);
  return g_build_filename (directory, sum, NULL);
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

static gboolean
read_head (int fd, Head *head)
{
  char text[160] = { 0 };

  *head = (Head){ 0 };
  return pread (fd, text, sizeof text - 1, 0) > 0 && strchr (text, '\n') != NULL
         && sscanf (text, "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %64s", &head->offset, &head->length, head->sum)
                == 3
         && head->length <= TEXT_MAX;
}

static char *
read_body (int fd, const Head *head)
{
  g_autofree char *text = g_malloc0 (head->length + 1);

  if (pread (fd, text, head->length, (off_t) head->offset) != (ssize_t) head->length)
    return NULL;

  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) text, head->length);
  return strcmp (sum, head->sum) == 0 ? g_steal_pointer (&text) : NULL;
}

/* Its holder may write meanwhile: then there is a new text to be read. */
static char *
read_text (int fd)
{
  char *text = NULL;
  Head head;

  for (guint try = 0; text == NULL && try < PEEKS_MAX && read_head (fd, &head); try++)
    text = read_body (fd, &head);
  return text;
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
  _hotplug_lock_close (fd);
  return held;
}

void
_hotplug_machine_lock_give (HotplugMachineLock *self)
{
  _hotplug_lock_close (self->fd);
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

static gboolean
write_all (int fd, const char *text, gsize length, guint64 offset)
{
  for (gsize done = 0; done < length;)
    {
      ssize_t n = pwrite (fd, text + done, length - done, (off_t) (offset + done));
      if (n < 0 && errno != EINTR)
        return FALSE;
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

/* In front of the text that counts if there is room, else behind it */
static guint64
find_room (int fd, gsize length)
{
  Head head;

  if (!read_head (fd, &head) || HEAD_SIZE + length <= head.offset)
    return HEAD_SIZE;
  return MAX (HEAD_SIZE, head.offset + head.length);
}

gboolean
_hotplug_machine_lock_write (HotplugMachineLock *self, const char *text, GError **error)
{
  if (text == NULL)
    return ftruncate (self->fd, 0) == 0 || set_errno (error, "of the VMI", errno);

  gsize length = strlen (text);
  guint64 offset = find_room (self->fd, length);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, (gssize) length);
  g_autofree char *head = g_strdup_printf (HEAD_FORMAT, offset, (guint64) length, sum);
  if (write_all (self->fd, text, length, offset) && write_all (self->fd, head, strlen (head), 0)
      && ftruncate (self->fd, (off_t) (offset + length)) == 0)
    return TRUE;

  return set_errno (error, "of the VMI", errno);
}
