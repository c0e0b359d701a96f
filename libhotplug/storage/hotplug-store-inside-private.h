/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

#include "storage/hotplug-store-maker-private.h"
#include "storage/hotplug-store-private.h"

G_BEGIN_DECLS

/* Between the files of a store only */

#define HOTPLUG_STORE_IMAGE "disk.img"
#define HOTPLUG_STORE_RECORD "volume.conf"
#define HOTPLUG_STORE_PROGRESS "progress"
#define HOTPLUG_STORE_MAKER "maker"
/* Before it has even the name that says so: a directory of its own, whose maker is written down first */
#define HOTPLUG_STORE_SITE ".site-"
#define HOTPLUG_STORE_NEW ".new"
#define HOTPLUG_STORE_OLD ".old"

struct _HotplugStore
{
  char *name; /* nullable */
  char *path;
  int fd;
  gboolean shared;
  gboolean made; /* by us, just now */
  guint group;   /* of what is made in it, if it is shared */
};

/* Held between looking at names and changing them, never for long; -1 with an error */
int _hotplug_store_lock (HotplugStore *self, GError **error);

/* Whether the directory at @fd is being worked in, else takes it */
gboolean _hotplug_store_take_directory (int fd);

/* Whether a file in a volume's directory is one that we make */
gboolean _hotplug_store_is_ours (const char *entry);

/* Who makes what is in the directory at @fd; @host: see _hotplug_store_maker_judge () */
HotplugStoreMaker _hotplug_store_find_maker (int fd, char **host);

/* What a process of this host that was killed left: the store is locked */
void _hotplug_store_sweep (HotplugStore *self);

/* A directory, and the files in it that we made; FALSE if there are others, and so it stays. Nothing is followed. */
gboolean _hotplug_store_remove_directory (HotplugStore *self, const char *entry);

gboolean _hotplug_store_set_errno (HotplugStore *self, const char *entry, int code, GError **error);

G_END_DECLS
