/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <sys/file.h>
#include <unistd.h>

#include "base/hotplug-lock-private.h"

void
_hotplug_lock_close (int fd)
{
  flock (fd, LOCK_UN);
  close (fd);
}
