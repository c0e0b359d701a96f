/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake/fake-connection.h"
#include "host/hotplug-peer-private.h"

G_BEGIN_DECLS

/* A fake host as one of the two of a migration. It looks at the real files, but for directories that are its own. */

typedef enum {
  FAKE_PEER_LEAVE_MARK,
  FAKE_PEER_FIND_MARK,
  FAKE_PEER_CLEAR_MARKS,
  FAKE_PEER_FIND_FILE,
  FAKE_PEER_FIND_LINK,
  FAKE_PEER_FIND_NETWORK,
  FAKE_PEER_N_CALLS,
} FakePeerCall;

/* It is called so; at first "fake://" and its directory */
void fake_peer_set_uri (FakeConnection *self, const char *uri);
/* What is below @path is its own there: another directory, below its own */
void fake_peer_hide (FakeConnection *self, const char *path);
char *fake_peer_map (FakeConnection *self, const char *path);
/* What it has of links, networks and storage pools can't be known */
void fake_peer_blind (FakeConnection *self);
/* Of a link, or a network of libvirt's; those that nothing was said of are seen */
void fake_peer_set_sight (FakeConnection *self, const char *name, HotplugSight sight);
/* The next such call does this: FAKE_REFUSES, FAKE_BREAKS_BEFORE */
void fake_peer_fail (FakeConnection *self, FakePeerCall call, FakeFault fault);
guint fake_peer_count (FakeConnection *self, FakePeerCall call);
/* The marks that it has, a name each */
GStrv fake_peer_list_marks (FakeConnection *self);

G_END_DECLS
