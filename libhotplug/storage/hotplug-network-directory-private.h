/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A directory of small files that say what networks there are. What is in them is not known here. */
typedef struct _HotplugNetworkDirectory HotplugNetworkDirectory;

typedef enum {
  HOTPLUG_NETWORK_DIRECTORY_READ,
  HOTPLUG_NETWORK_DIRECTORY_REMOVE, /* locked until it is closed, between processes */
  HOTPLUG_NETWORK_DIRECTORY_ADD,    /* the same, and made if it is not there */
} HotplugNetworkDirectoryUse;

typedef struct
{
  char *path;
  char *text; /* NULL: it can't be read, and @error says why */
  gsize length;
  GError *error;
} HotplugNetworkFile;

/* HOTPLUG_ERROR_NOT_FOUND if there is none, HOTPLUG_ERROR_PERMISSION if it can't be opened, or if everybody may write
 * in it */
HotplugNetworkDirectory *_hotplug_network_directory_open (const char *path, HotplugNetworkDirectoryUse use,
                                                          GError **error);
void _hotplug_network_directory_close (HotplugNetworkDirectory *self);

/* HotplugNetworkFile: those with one of the endings, sorted by name. Hidden ones are nobody's.
 * @endings: NULL-terminated */
GPtrArray *_hotplug_network_directory_read (HotplugNetworkDirectory *self, const char *const *endings, gsize max);

/* A new file, all of it or nothing. HOTPLUG_ERROR_EXISTS */
gboolean _hotplug_network_directory_add (HotplugNetworkDirectory *self, const char *entry, const char *text,
                                         GError **error);

/* HOTPLUG_ERROR_NOT_FOUND
 * @path: one that it has */
gboolean _hotplug_network_directory_remove (HotplugNetworkDirectory *self, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HotplugNetworkDirectory, _hotplug_network_directory_close)

G_END_DECLS
