/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hotplug/hotplug-error.h>

#include "storage/hotplug-file-private.h"

static char *
set_errno (GError **error, const char *path, int code)
{
  HotplugError as = code == ENOENT || code == ENOTDIR ? HOTPLUG_ERROR_NOT_FOUND
                    : code == EACCES || code == EPERM ? HOTPLUG_ERROR_PERMISSION
                                                      : HOTPLUG_ERROR_INVALID_ARGUMENT;

  g_set_error (error, HOTPLUG_ERROR, (int)as, "%s: %s", path, g_strerror (code));
  return NULL;
}

static char *
read_all (int fd, const char *path, gsize max, gsize *length, GError **error)
{
  g_autofree char *text = g_malloc (max + 2);
  gsize got = 0;

  while (got <= max)
    {
      ssize_t n = read (fd, text + got, max + 1 - got);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return set_errno (error, path, errno);
      if (n == 0)
        break;
      got += (gsize)n;
    }

  if (got > max)
    {
      g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s: more than %" G_GSIZE_FORMAT " bytes",
                   path, max);
      return NULL;
    }
  text[got] = '\0';
  *length = got;
  return g_realloc (g_steal_pointer (&text), got + 1);
}

/* O_NONBLOCK, since an open must not wait for a FIFO's other end */
char *
_hotplug_file_read (const char *path, gsize max, gsize *length, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat st;
  char *text = NULL;

  if (fd < 0)
    return set_errno (error, path, errno);

  if (fstat (fd, &st) != 0)
    set_errno (error, path, errno);
  else if (!S_ISREG (st.st_mode))
    g_set_error (error, HOTPLUG_ERROR, HOTPLUG_ERROR_INVALID_ARGUMENT, "%s: not a file", path);
  else
    text = read_all (fd, path, max, length, error);
  g_close (fd, NULL);
  return text;
}
