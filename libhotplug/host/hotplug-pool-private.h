/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* The storage pools of a host: pools and volumes by their names, described by libvirt's XML. A host that has none
 * refuses with HOTPLUG_ERROR_INVALID_ARGUMENT; a pool that is not there or not active is
 * HOTPLUG_ERROR_SOURCE_NOT_READY, and the message has the cure. */

typedef enum {
  HOTPLUG_POOL_NONE = 0,
  HOTPLUG_POOL_PREALLOCATE = 1 << 0, /* of a format that has an inside: that too */
} HotplugPoolFlags;

/* Bytes on their way into a volume */
typedef struct
{
  guint64 offset; /* in the volume */
  guint64 length;
  guint64 room; /* that the pool must have free for it */
  /* Some of the next @length bytes; or none, with @hole, and as many zeros. -1 with an error ends it. */
  gssize (*read) (gpointer data, void *buffer, gsize length, gboolean *hole, GError **error);
  gpointer data;
} HotplugUpload;

struct _HotplugPoolCalls
{
  char *(*read) (HotplugConnection *self, const char *pool, GError **error);
  GStrv (*list) (HotplugConnection *self, const char *pool, GError **error);
  char *(*find) (HotplugConnection *self, const char *pool, const char *name, GError **error);
  char *(*find_at) (HotplugConnection *self, const char *path, GError **error);
  gboolean (*create) (HotplugConnection *self, const char *pool, const char *xml, HotplugPoolFlags flags,
                      GError **error);
  gboolean (*clone) (HotplugConnection *self, const char *pool, const char *xml, const char *from_pool,
                     const char *from_name, GError **error);
  gboolean (*remove) (HotplugConnection *self, const char *pool, const char *name, GError **error);
  char *(*download) (HotplugConnection *self, const char *pool, const char *name, gsize length, GError **error);
  gboolean (*upload) (HotplugConnection *self, const char *pool, const char *name, const HotplugUpload *upload,
                      GError **error);
};

/* The XML of a pool that is active */
char *_hotplug_connection_read_pool (HotplugConnection *self, const char *pool, GError **error);
/* The XML of each of its volumes */
GStrv _hotplug_connection_list_pool (HotplugConnection *self, const char *pool, GError **error);
/* The XML of one. HOTPLUG_ERROR_NOT_FOUND */
char *_hotplug_connection_find_pool_volume (HotplugConnection *self, const char *pool, const char *name,
                                            GError **error);
/* The XML of the one at @path of whatever active pool. HOTPLUG_ERROR_NOT_FOUND, also where there are no pools */
char *_hotplug_connection_find_volume_at (HotplugConnection *self, const char *path, GError **error);
/* HOTPLUG_ERROR_EXISTS */
gboolean _hotplug_connection_create_pool_volume (HotplugConnection *self, const char *pool, const char *xml,
                                                 HotplugPoolFlags flags, GError **error);
/* As a copy of another one of this host */
gboolean _hotplug_connection_clone_pool_volume (HotplugConnection *self, const char *pool, const char *xml,
                                                const char *from_pool, const char *from_name, GError **error);
/* HOTPLUG_ERROR_NOT_FOUND, HOTPLUG_ERROR_BUSY */
gboolean _hotplug_connection_remove_pool_volume (HotplugConnection *self, const char *pool, const char *name,
                                                 GError **error);
/* The text that a volume begins with, of at most @length bytes */
char *_hotplug_connection_download (HotplugConnection *self, const char *pool, const char *name, gsize length,
                                    GError **error);
gboolean _hotplug_connection_upload (HotplugConnection *self, const char *pool, const char *name,
                                     const HotplugUpload *upload, GError **error);

G_END_DECLS
