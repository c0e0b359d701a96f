/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake/fake-connection.h"
#include "host/hotplug-migration-private.h"

G_BEGIN_DECLS

/* A fake host as one end of a migration. Its URI is "fake://" and its directory, or any other scheme: that is one
 * host. */

/* What a migration that nobody saw the end of has left on its two hosts, as libvirt does */
typedef enum {
  FAKE_HALF_AWAITED,  /* it runs here, and stands half on the destination */
  FAKE_HALF_STANDING, /* it stands here, and nothing is there */
  FAKE_HALF_BOTH,     /* it stands here and there */
  FAKE_HALF_RUNNING,  /* it stands here, and runs there */
  FAKE_HALF_DEFINED,  /* it is stopped here, and runs there */
  FAKE_HALF_N,
} FakeHalf;

/* Both reach each other as these connections, and not by new ones, so that what they are told to do is done then,
 * too */
void fake_migrate_link (FakeConnection *self, FakeConnection *peer);
/* As libvirt hosts that are seen from one client: the locks are the client's */
void fake_migrate_share_runtime (FakeConnection *self, FakeConnection *peer);
/* How long a machine's memory takes that goes from here */
void fake_migrate_set_duration (FakeConnection *self, guint msec);
/* When all is done, and the call has not returned yet */
void fake_migrate_set_farewell (FakeConnection *self, FakeHook hook, gpointer user_data);
/* The template is left here: the daemon was killed before it was gone */
void fake_migrate_cut_undefine (FakeConnection *self);

/* Past the connections: what was done of it so far, of a machine that runs on @self, or stands still */
void fake_migrate_leave (FakeConnection *self, FakeConnection *destination, const char *uuid, FakeHalf half);

G_END_DECLS
