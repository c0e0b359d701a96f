/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/major.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lab-private.h"

#define CONTROL "/dev/loop-control"
#define TRIES 100

static GMutex lock;
static GHashTable *loops; /* device -> its open descriptor */

char *
lab_image_new (const char *dir, const char *name, guint64 size)
{
  char *path = g_build_filename (dir, name, NULL);
  int fd = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

  if (fd < 0 || ftruncate (fd, (off_t) size) < 0)
    g_error ("lab: %s: %s", path, g_strerror (errno));
  close (fd);
  return path;
}

static int
free_loop (void)
{
  int control = open (CONTROL, O_RDWR | O_CLOEXEC);
  if (control < 0)
    return -1;

  int number = ioctl (control, LOOP_CTL_GET_FREE);
  int code = errno;
  close (control);
  errno = code;
  return number;
}

const char *
lab_missing_loop (void)
{
  return free_loop () < 0 ? "there are no loop devices (" CONTROL "), or not for this user" : NULL;
}

/* -1 with EBUSY if another program was faster */
static int
open_loop (const char *device, int number, const char *image)
{
  /* a container may have the kernel's loop devices and no names for them */
  if (mknod (device, S_IFBLK | 0660, makedev (LOOP_MAJOR, (unsigned) number)) < 0 && errno != EEXIST)
    return -1;

  int backing = open (image, O_RDWR | O_CLOEXEC);
  if (backing < 0)
    g_error ("lab: %s: %s", image, g_strerror (errno));

  int fd = open (device, O_RDWR | O_CLOEXEC);
  struct loop_config config = { .fd = (guint32) backing, .info.lo_flags = LO_FLAGS_AUTOCLEAR };
  g_strlcpy ((char *) config.info.lo_file_name, image, LO_NAME_SIZE);
  if (fd >= 0 && ioctl (fd, LOOP_CONFIGURE, &config) < 0)
    {
      int code = errno;
      close (fd);
      fd = -1;
      errno = code;
    }

  close (backing);
  return fd;
}

char *
lab_loop_attach (const char *image)
{
  for (int i = 0; i < TRIES; i++)
    {
      int number = free_loop ();
      if (number < 0)
        break;

      g_autofree char *device = g_strdup_printf ("/dev/loop%d", number);
      int fd = open_loop (device, number, image);
      if (fd < 0 && errno == EBUSY)
        continue;
      if (fd < 0)
        break;

      /* the device lives while somebody has it open: us, at least, so that it goes when we crash */
      g_mutex_lock (&lock);
      if (loops == NULL)
        loops = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      g_hash_table_insert (loops, g_strdup (device), GINT_TO_POINTER (fd));
      g_mutex_unlock (&lock);
      return g_steal_pointer (&device);
    }

  g_error ("lab: loop device for %s: %s", image, g_strerror (errno));
}

void
lab_loop_detach (const char *device)
{
  g_mutex_lock (&lock);
  gpointer fd;
  gboolean known = loops != NULL && g_hash_table_lookup_extended (loops, device, NULL, &fd);
  if (known)
    {
      ioctl (GPOINTER_TO_INT (fd), LOOP_CLR_FD);
      close (GPOINTER_TO_INT (fd));
      g_hash_table_remove (loops, device);
    }
  g_mutex_unlock (&lock);

  if (!known)
    g_error ("lab: %s is not the lab's", device);
}

void
lab_loop_cleanup (void)
{
  g_mutex_lock (&lock);
  GHashTableIter iter;
  gpointer fd;
  if (loops != NULL)
    {
      g_hash_table_iter_init (&iter, loops);
      while (g_hash_table_iter_next (&iter, NULL, &fd))
        close (GPOINTER_TO_INT (fd));
      g_hash_table_remove_all (loops);
    }
  g_mutex_unlock (&lock);
}
