/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* What one host of a migration is asked so that it is known what both have: each call is for one of the two. */

typedef enum {
  HOTPLUG_SIGHT_UNKNOWN, /* it can't be looked at, and that is no error */
  HOTPLUG_SIGHT_MISSING,
  HOTPLUG_SIGHT_ASLEEP, /* a network that is not active */
  HOTPLUG_SIGHT_SEEN,
} HotplugSight;

/* Of its errors only HOTPLUG_ERROR_CONNECTION is a sight's: what else keeps a host from looking makes it unknown. */
struct _HotplugPeerCalls
{
  char *(*dup_hostname) (HotplugConnection *self);
  gboolean (*leave_mark) (HotplugConnection *self, const char *name, const char *path, GError **error);
  gboolean (*find_mark) (HotplugConnection *self, const char *name, const char *path, HotplugSight *sight,
                         GError **error);
  gboolean (*clear_marks) (HotplugConnection *self, const char *prefix, GError **error);
  gboolean (*find_file) (HotplugConnection *self, const char *name, const char *path, HotplugSight *sight,
                         guint64 *capacity, GError **error);
  gboolean (*find_link) (HotplugConnection *self, const char *name, HotplugSight *sight, GError **error);
  gboolean (*find_network) (HotplugConnection *self, const char *name, HotplugSight *sight, GError **error);
};

/* What the host calls itself; NULL if that can't be had */
char *_hotplug_connection_dup_hostname (HotplugConnection *self);

/* Whose machines these are, the same by whatever URI: the host's name, and of a user's own daemon that user's too. NULL
 * for one whose runtime directory is its own, as an embedded driver's is. */
char *_hotplug_connection_dup_host (HotplugConnection *self);

/* Makes the directory @path, whose parent is there, under the host's storage pool @name, so that whoever finds the
 * pool later knows what to remove */
gboolean _hotplug_connection_leave_mark (HotplugConnection *self, const char *name, const char *path, GError **error);

/* Whether the directory @path is there, by a storage pool @name for as long as it takes */
gboolean _hotplug_connection_find_mark (HotplugConnection *self, const char *name, const char *path,
                                        HotplugSight *sight, GError **error);

/* Removes all such pools whose names begin so, with the directories that were made under them */
gboolean _hotplug_connection_clear_marks (HotplugConnection *self, const char *prefix, GError **error);

/* The same for a file, by a storage pool that is its directory: every file there is opened, so that it must not be one
 * of devices */
gboolean _hotplug_connection_find_file (HotplugConnection *self, const char *name, const char *path,
                                        HotplugSight *sight, guint64 *capacity, GError **error);

/* A link of the host's, such as a bridge */
gboolean _hotplug_connection_find_link (HotplugConnection *self, const char *name, HotplugSight *sight, GError **error);

/* A network of the hypervisor's */
gboolean _hotplug_connection_find_network (HotplugConnection *self, const char *name, HotplugSight *sight,
                                           GError **error);

G_END_DECLS
