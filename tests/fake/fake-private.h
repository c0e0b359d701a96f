/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fake/fake-connection.h"

G_BEGIN_DECLS

struct _FakeConnection
{
  HotplugConnection parent_instance;

  char *directory;
  char *runtime; /* nullable: its own */
  GMainContext *events;
  GMainLoop *loop;
  GThread *thread;

  GMutex lock; /* over what follows */
  gboolean remote;
  gint64 patience;
  guint lent; /* how often it was given out as somebody's peer, who closes it as if it were his own */
  gboolean closed;
  gboolean connected;
  gboolean down;
  FakeGuest guest;
  guint delay_msec;
  gboolean obeys;
  char *job; /* nullable */
  char *agent;       /* nullable: what it answers */
  char *addresses[HOTPLUG_ADDRESS_SOURCE_ARP + 1];
  GPtrArray *given;  /* nullable: "SIDE XML" of each attach and update */
  GHashTable *asked; /* "UUID alias" of the removals that a guest has not answered */

  guint counts[FAKE_N_CALLS];
  FakeCall fault_call;
  guint fault_nth; /* 0: none */
  FakeFault fault;
  FakeCall hook_call;
  guint hook_nth;
  FakeHook hook;
  gpointer hook_data;
};

/* One call: counted, hooked, made to fail. The store is locked meanwhile. */
typedef struct
{
  FakeConnection *self;
  FakeFault fault;
  gboolean fails;
  int store;
} FakeTurn;

gboolean fake_begin (HotplugConnection *connection, FakeCall call, FakeTurn *turn, GError **error);
gboolean fake_end (FakeTurn *turn, gboolean done, GError **error);

/* What its guests tell, and what is known of them without asking: fake_connection_set_agent (), _set_addresses () */
void fake_addresses_init (HotplugConnectionClass *class);
void fake_addresses_clear (FakeConnection *self);

/* What fake_connection_set_job () says */
const char *fake_find_job (HotplugConnection *self, const char *uuid);
/* A live disk with a <mirror> has one */
HotplugBlockJob fake_find_block_job (HotplugConnection *self, const char *uuid, const char *target);

/* These two, and what fake_machine_pause () and fake_machine_save () have said */
void fake_state_init (HotplugConnectionClass *class);

/* What it is to another host, and its URI: fake-peer.h */
void fake_peer_init (HotplugConnectionClass *class);

/* What goes on between it and another: fake-migrate.h */
void fake_migrate_init (HotplugConnectionClass *class);

/* libvirt's networks */
GPtrArray *fake_networks_list (void);

/* Events, in a thread of their own: @func is one of those below */
void fake_queue (FakeConnection *self, guint delay_msec, GSourceFunc func, const char *uuid, const char *alias,
                 FakeGuest answer);
gboolean fake_tell_lost (gpointer data);
gboolean fake_tell_stopped (gpointer data);
gboolean fake_halt_later (gpointer data);
gboolean fake_answer_removal (gpointer data);

G_END_DECLS
