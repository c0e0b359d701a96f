/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "host/hotplug-connection-private.h"

G_BEGIN_DECLS

/* Machines that go from one host to another. A host whose machines can't refuses with
 * HOTPLUG_ERROR_INVALID_ARGUMENT. */

/* How far a machine's memory is. Bytes and milliseconds; what is not known is 0. */
typedef struct
{
  guint64 total;
  guint64 processed;
  guint64 remaining;
  guint elapsed;
  guint downtime; /* how long the guest stood still; while it still runs, how long it will */
} HotplugMigrationNumbers;

typedef void (*HotplugMigrationProgress) (const HotplugMigrationNumbers *numbers, gpointer data);

typedef struct
{
  HotplugConnection *destination;
  gboolean peer_to_peer; /* the hosts reach each other, and need us no more once it has begun */
  gboolean persistent;   /* its template goes with it, and is no longer here */
  gboolean shared;       /* that both hosts have its files was seen, whatever file system they are on */
  guint64 bandwidth;     /* bytes a second, in whole MiB; 0: as fast as it goes */
  gint64 until;          /* a monotonic time; 0: as long as it takes */
  const char *live;      /* nullable: what it is to be there: its XML, */
  const char *template;  /* nullable: and its template's; both as it is here, but for what is the host's */
  HotplugMigrationProgress progress; /* nullable: told in the caller's thread */
  gpointer data;
  GCancellable *cancellable;
} HotplugMigrationCall;

struct _HotplugMigrationCalls
{
  HotplugConnection *(*open_peer) (HotplugConnection *self, const char *uri);
  gboolean (*is_plain) (const char *uri); /* nullable: whether a stranger may have said it */
  gboolean (*migrate) (HotplugConnection *self, const char *uuid, const HotplugMigrationCall *call, GError **error);
  char *(*read_portable) (HotplugConnection *self, const char *uuid, HotplugSide side, GError **error);
  gboolean (*undefine) (HotplugConnection *self, const char *uuid, GError **error);
};

/* Another host of the same kind; not open yet, and to be closed, since what it hears keeps it otherwise.
 * HOTPLUG_ERROR_CONNECTION if it was only heard of, as in a machine's metadata, and the URI says more than a host: who
 * can write there is not to say what is run here. */
HotplugConnection *_hotplug_connection_open_peer (HotplugConnection *self, const char *uri, gboolean heard,
                                                  GError **error);
/* Until it is there, or stays: G_IO_ERROR_CANCELLED, HOTPLUG_ERROR_TIMEOUT. Of HOTPLUG_ERROR_CONNECTION it is not known
 * which. */
gboolean _hotplug_connection_migrate (HotplugConnection *self, const char *uuid, const HotplugMigrationCall *call,
                                      GError **error);
/* Its XML to be told to another host, with all passwords. Not for a log. */
char *_hotplug_connection_read_portable (HotplugConnection *self, const char *uuid, HotplugSide side, GError **error);
/* Forgets the template; of what belongs to it, the firmware's variables, nothing is deleted */
gboolean _hotplug_connection_undefine (HotplugConnection *self, const char *uuid, GError **error);

G_END_DECLS
